"""`helpline desks`: which there are, what is known of one, which is nearest, what phone rings."""

import argparse
import io
import sys
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

from helpline import runtime
from helpline.catalogue import LANGUAGES
from helpline.cli.common import Commands, as_json, opened
from helpline.config import Config
from helpline.core.directory import Directory
from helpline.core.errors import Refused
from helpline.core.nearest import MOST
from helpline.gateways.base import e164
from helpline.service import known
from helpline.service.nearby import LONGEST, Nearby, Told, refused
from helpline.store import desks, officers
from helpline.store.record import Record

PROGRAMMES = ("bt", "pk", "kh")
MOST_ASKED = 50
_LINE = 4 * LONGEST + 2  # bytes: the longest line of UTF-8 that can be a query


def register(commands: "Commands[argparse.ArgumentParser]") -> None:
    actions = commands.add_parser("desks", help="list, show and find desks, set duty phones")
    kinds = actions.add_subparsers(required=True, metavar="ACTION")
    listing = kinds.add_parser("list", help="codes, officers, whether a duty phone is set")
    listing.add_argument("--programme", choices=PROGRAMMES)
    listing.add_argument("--json", action="store_true", help="JSON for machines")
    listing.set_defaults(run=run_list)
    showing = kinds.add_parser("show", help="all that is known of one desk")
    showing.add_argument("desk", metavar="CODE")
    showing.add_argument("--json", action="store_true", help="JSON for machines")
    showing.set_defaults(run=run_show)
    _register_nearest(kinds)
    phone = kinds.add_parser("duty-phone", help="the office's phone that gets neutral texts")
    phone.add_argument("desk", metavar="CODE")
    phone.add_argument("number", help="with its country code, such as +97510000098.")
    phone.add_argument("language", choices=LANGUAGES)
    phone.set_defaults(run=run_phone)


def _register_nearest(kinds: "Commands[argparse.ArgumentParser]") -> None:
    near = kinds.add_parser("nearest", help="the desks to go to from a place")
    near.add_argument("--programme", choices=PROGRAMMES, help="default: that of the place")
    asked = near.add_mutually_exclusive_group(required=True)
    asked.add_argument("--query", metavar="PLACE", help="in any spelling")
    asked.add_argument("--batch", metavar="FILE", help="a query a line (-: standard input)")
    near.add_argument("--limit", type=_count, default=MOST, help=f"desks (default {MOST})")
    near.add_argument("--json", action="store_true", help="JSON for machines; a batch always is")
    near.set_defaults(run=run_nearest)


def _count(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= MOST_ASKED:
        raise argparse.ArgumentTypeError(f"a number from 1 to {MOST_ASKED}")
    return int(text)


def run_list(args: argparse.Namespace) -> int:
    rows = [row for row in _rows() if args.programme in (None, row["programme"])]
    if args.json:
        print(as_json(rows))
        return 0
    for row in rows:
        print(_listed(row))
    return 0


def _listed(row: Told) -> str:
    officers = row["officers"]
    assert isinstance(officers, list)
    phone = "duty phone" if row["duty_phone"] else "no duty phone"
    checked = "" if row["verified"] else "  (not verified)"
    return f"{row['code']:<24} {phone:<14} {', '.join(officers) or 'no officers'}{checked}"


def run_show(args: argparse.Namespace) -> int:
    row = next((row for row in _rows() if row["code"] == args.desk), None)
    if row is None:
        raise Refused(f"There is no desk {args.desk}.")
    print(as_json(row) if args.json else "\n".join(_readable(row)))
    return 0


def _rows() -> Iterator[Told]:
    """What the directory and, once it is set up, the record know of each desk."""
    config, now = Config.from_env(), runtime.now()
    content = runtime.stored_content(config)
    nearby = Nearby(content.directory, content.programmes)
    for told in _worked(config) or _unworked(content.directory):
        yield {**told, **_known(nearby, str(told["code"]), now)}


def _worked(config: Config) -> list[Told]:
    """The desks of the record, with who works there; none before `helpline init`."""
    record = Record(config.database_url)
    try:
        if known.absent(record):
            return []
        with record.reading() as connection:
            return [
                {
                    "code": row.code,
                    "programme": row.programme,
                    "parent": row.parent,
                    "officers": [o.name for o in officers.of_desk(connection, row.code)],
                    "duty_phone": bool(row.duty_phone),
                }
                for row in desks.all_desks(connection)
            ]
    finally:
        record.close()


def _unworked(directory: Directory) -> list[Told]:
    return [
        {
            "code": desk.code,
            "programme": desk.programme,
            "parent": desk.parent,
            "officers": [],
            "duty_phone": False,
        }
        for desk in sorted(directory.desks.values(), key=lambda desk: desk.code)
    ]


def _known(nearby: Nearby, code: str, now: datetime) -> Told:
    desk = nearby.directory.desks.get(code)
    if desk is None:  # the operator's rows could not be used; `doctor` says so
        return {"name": "", "verified": False}
    return {
        "name": desk.name,
        "kind": desk.kind,
        "place": desk.place,
        "serves": list(desk.serves),
        **nearby.answering(desk, now),
        "public": desk.public,
        "verified": desk.verified,
        "source": desk.source,
        "source_date": desk.source_date,
    }


def _readable(row: Told) -> Iterator[str]:
    for name, value in row.items():
        yield f"{name:<12} {_word(value)}".rstrip()


def _word(value: object) -> str:
    match value:
        case None:
            return "not known"
        case bool():
            return "yes" if value else "no"
        case list():
            return ", ".join(value)
        case _:
            return str(value)


def run_nearest(args: argparse.Namespace) -> int:
    content = runtime.stored_content(Config.from_env())
    nearby = Nearby(content.directory, content.programmes)
    programme, now = args.programme or "", runtime.now()
    if args.batch is None:
        told = nearby.look_up(args.query, programme, now, args.limit)
        print(as_json(told) if args.json else "\n".join(_answer(told, nearby)))
        return 1 if "error" in told else 0
    with _batch(args.batch) as lines:
        for query in _queries(lines):
            found = (
                nearby.look_up(query, programme, now, args.limit)
                if isinstance(query, str)
                else query
            )
            print(as_json(found), flush=True)
    return 0


def _batch(name: str) -> BinaryIO:
    if name == "-":
        return getattr(sys.stdin, "buffer", None) or io.BytesIO(sys.stdin.read().encode())
    try:
        return Path(name).open("rb")
    except OSError as broken:
        raise Refused(f"{name} cannot be read: {broken.strerror}.") from None


def _queries(lines: BinaryIO) -> Iterator[str | Told]:
    """Each line, or what is wrong with it; a line of any length costs the same memory."""
    while line := lines.readline(_LINE):
        if not line.endswith(b"\n") and len(line) == _LINE:
            while (more := lines.readline(_LINE)) and not more.endswith(b"\n"):
                pass
            yield refused(None, f"longer than {LONGEST} characters")
            continue
        try:
            yield line.decode("utf-8").rstrip("\r\n")
        except UnicodeDecodeError:
            yield refused(None, "not UTF-8")


def _answer(told: Told, nearby: Nearby) -> Iterator[str]:
    if "error" in told:
        yield f"{told['error']}."
    elif told["place"]:
        place = told["place"]
        assert isinstance(place, dict)
        yield f"{place['name']}, {_name(nearby, place['district'])} ({place['code']})"
    elif told["candidates"]:
        yield "Which of these?"
    else:
        yield "No such place is known."
    if told.get("abroad"):
        yield f"  abroad: the emergency number there is {told['emergency']}"
    for code in _codes(told, "candidates"):
        district = nearby.directory.places.district_of(code)
        yield f"  {code}: {_name(nearby, code)}, {_name(nearby, district)}"
    yield from _desk_lines(told)


def _name(nearby: Nearby, code: str) -> str:
    return nearby.directory.places[code].name.en


def _codes(told: Told, field: str) -> list[str]:
    listed = told.get(field, [])
    assert isinstance(listed, list)
    return [one["code"] for one in listed]


def _desk_lines(told: Told) -> Iterator[str]:
    listed = told.get("desks", [])
    assert isinstance(listed, list)
    for desk in listed:
        far = "" if desk["distance_km"] is None else f", {desk['distance_km']} km"
        own = ", answers for it" if desk["jurisdiction"] else ""
        phone = f", phone {desk['phone']}" if desk["phone"] else ""
        state = {True: ", open now", False: ", closed now", None: ""}[desk["open_now"]]
        yield f"  {desk['code']}: {desk['name']}{far}{own}{phone}{state}"


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
