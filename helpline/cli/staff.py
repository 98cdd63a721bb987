"""`helpline officers` and `helpline desks`: who works where, and which phone a desk answers."""

import argparse

from helpline.catalogue import LANGUAGES
from helpline.cli.common import Commands, as_json, opened
from helpline.core.errors import Refused
from helpline.gateways.base import e164
from helpline.store import desks


def register(commands: "Commands[argparse.ArgumentParser]") -> None:
    officers = commands.add_parser("officers", help="add officers to desks")
    add = officers.add_subparsers(required=True, metavar="ACTION").add_parser("add")
    add.add_argument("name", help="how the audit log names this officer")
    add.add_argument("--desk", action="append", required=True, metavar="CODE", help="repeatable")
    add.add_argument("--woman", action="store_true", help="may take requests for a woman")
    add.set_defaults(run=run_add)
    actions = commands.add_parser("desks", help="list desks, set their duty phones")
    kinds = actions.add_subparsers(required=True, metavar="ACTION")
    listing = kinds.add_parser("list", help="codes, officers, whether a duty phone is set")
    listing.add_argument("--programme", choices=("bt", "pk", "kh"))
    listing.add_argument("--json", action="store_true", help="JSON for machines")
    listing.set_defaults(run=run_list)
    phone = kinds.add_parser("duty-phone", help="the office's phone that gets neutral texts")
    phone.add_argument("desk", metavar="CODE")
    phone.add_argument("number", help="with its country code, such as +97510000098.")
    phone.add_argument("language", choices=LANGUAGES)
    phone.set_defaults(run=run_phone)


def run_add(args: argparse.Namespace) -> int:
    if not args.name.isprintable() or not 1 <= len(args.name) <= 64:
        raise Refused("An officer's name has 1 to 64 letters.")
    with opened() as parts:
        for desk in args.desk:
            parts.desk.known(desk)
        with parts.record.writing() as connection:
            desks.put_officer(connection, args.name, woman=args.woman, desks=args.desk)
    print(f"{args.name} works at {', '.join(args.desk)}.")
    return 0


def run_list(args: argparse.Namespace) -> int:
    with opened() as parts, parts.record.reading() as connection:
        rows = [
            {
                "code": desk.code,
                "programme": desk.programme,
                "parent": desk.parent,
                "officers": [o.name for o in desks.officers_of(connection, desk.code)],
                "duty_phone": bool(desk.duty_phone),
            }
            for desk in desks.all_desks(connection)
            if args.programme in (None, desk.programme)
        ]
    if args.json:
        print(as_json(rows))
        return 0
    for row in rows:
        officers = row["officers"]
        assert isinstance(officers, list)
        phone = "duty phone" if row["duty_phone"] else "no duty phone"
        print(f"{row['code']:<24} {phone:<14} {', '.join(officers) or 'no officers'}")
    return 0


def run_phone(args: argparse.Namespace) -> int:
    number = e164(args.number, "ZZ") if args.number.startswith("+") else ""
    if not number:
        raise Refused("Give the number with its country code, such as +97510000098.")
    with opened() as parts:
        parts.desk.known(args.desk)
        with parts.record.writing() as connection:
            desks.set_duty_phone(connection, args.desk, number, args.language)
    print(f"{args.desk} will be told on that phone, in {args.language}.")
    return 0
