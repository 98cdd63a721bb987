"""`helpline officers`: who works where."""

import argparse

from helpline.cli.common import Commands, opened
from helpline.core.errors import Refused
from helpline.store import officers


def register(commands: "Commands[argparse.ArgumentParser]") -> None:
    officers = commands.add_parser("officers", help="add officers to desks")
    add = officers.add_subparsers(required=True, metavar="ACTION").add_parser("add")
    add.add_argument("name", help="how the audit log names this officer")
    add.add_argument("--desk", action="append", required=True, metavar="CODE", help="repeatable")
    add.add_argument("--woman", action="store_true", help="may take requests for a woman")
    add.set_defaults(run=run_add)


def run_add(args: argparse.Namespace) -> int:
    if not args.name.isprintable() or not 1 <= len(args.name) <= 64:
        raise Refused("An officer's name has 1 to 64 letters.")
    with opened() as parts:
        for desk in args.desk:
            parts.desk.known(desk)
        with parts.record.writing() as connection:
            officers.put(connection, args.name, woman=args.woman, desks=args.desk)
    print(f"{args.name} works at {', '.join(args.desk)}.")
    return 0
