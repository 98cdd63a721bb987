"""`helpline audit verify`: is the audit chain whole?"""

import argparse

from helpline.cli.common import Commands, opened
from helpline.store import audit


def register(commands: "Commands[argparse.ArgumentParser]") -> None:
    top = commands.add_parser("audit", help="check the audit log")
    actions = top.add_subparsers(required=True, metavar="ACTION")
    action = actions.add_parser("verify", help="check that no row was altered, moved or removed")
    action.set_defaults(run=run)


def run(_args: argparse.Namespace) -> int:
    with opened() as parts, parts.record.reading() as connection:
        count, fault = audit.verify(connection)
    if fault:
        print(f"The audit log is broken: {fault}. Keep this database and find out who wrote to it.")
        return 1
    print(f"The audit log is whole: {count} rows.")
    return 0
