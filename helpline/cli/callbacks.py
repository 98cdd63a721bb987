"""`helpline callbacks`: a desk's queue in the terminal."""

import argparse
import re
from dataclasses import asdict
from datetime import UTC

from helpline import runtime
from helpline.cli.common import Commands, as_json, opened
from helpline.core.callback import Attempted, Outcome
from helpline.core.errors import Refused
from helpline.core.reasons import Reason
from helpline.core.window import Window
from helpline.runtime import Runtime
from helpline.service.lines import QueueRow

_CODE, _ID = re.compile(r"[0-9]{4}-?[0-9]{4}"), re.compile(r"[0-9]{1,7}")
REASONS = tuple(reason.value for reason in Reason)


def register(commands: "Commands[argparse.ArgumentParser]") -> None:
    top = commands.add_parser("callbacks", help="work a desk's queue of callbacks")
    actions = top.add_subparsers(required=True, metavar="ACTION")
    _list(actions)
    _show(actions)
    _claim(actions)
    _attempt(actions)
    _close(actions)
    _reopen(actions)


def _common(action: argparse.ArgumentParser, *, which: bool = True) -> None:
    if which:
        action.add_argument(
            "which",
            nargs="?",
            metavar="ID",
            help="callback id or case code; left out: the next due one, or the one you hold",
        )
    action.add_argument("--desk", required=which, metavar="CODE", help="the desk's code")
    action.add_argument("--json", action="store_true", help="JSON for machines")


def _acting(action: argparse.ArgumentParser) -> None:
    action.add_argument(
        "--officer", metavar="NAME", help="who acts; left out: the desk's first officer"
    )
    action.add_argument("--fence", type=int, help="number of your claim, to be sure it still holds")


def _list(actions: "Commands[argparse.ArgumentParser]") -> None:
    action = actions.add_parser("list", help="what waits at a desk, the next call first")
    _common(action, which=False)
    action.add_argument("--officer", metavar="NAME", help="who asks; must belong to the desk")
    action.add_argument("--all", action="store_true", help="closed ones too")
    action.set_defaults(run=run_list)


def run_list(args: argparse.Namespace) -> int:
    with opened() as parts:
        if args.desk is not None:
            parts.desk.known(args.desk)
            if args.officer is not None:
                parts.desk.officer(args.desk, args.officer)
        rows = parts.desk.queue(args.desk, runtime.now(), closed=args.all)
    if args.json:
        print(as_json([as_row(row) for row in rows]))
        return 0
    for row in rows:
        print(as_line(row, parts))
    if not rows:
        print("Nothing waits.")
    return 0


def _show(actions: "Commands[argparse.ArgumentParser]") -> None:
    action = actions.add_parser("show", help="one callback; with a reason, what was told")
    _common(action)
    _acting(action)
    action.add_argument("--reason", choices=REASONS, help="why you read the story; it is logged")
    action.set_defaults(run=run_show)


def run_show(args: argparse.Namespace) -> int:
    with opened() as parts:
        now = runtime.now()
        officer = parts.desk.officer(args.desk, args.officer)
        callback_id = _id(parts, args)
        if callback_id is None:
            raise Refused("Say which callback: give its id or case code.")
        row = parts.desk.show(args.desk, officer, callback_id, now)
        shown: dict[str, object] = as_row(row)
        if args.reason:
            story = parts.casework.story(args.desk, officer, callback_id, args.reason, now)
            shown["story"] = story["reports"]
    if args.json:
        print(as_json(shown))
        return 0
    print(as_line(row, parts))
    for told in shown.get("story", ()):  # type: ignore[attr-defined]
        print("  " + ", ".join(f"{key}: {value}" for key, value in told.items()))
    return 0


def _claim(actions: "Commands[argparse.ArgumentParser]") -> None:
    action = actions.add_parser("claim", help="take a callback; nobody else can then ring")
    _common(action)
    _acting(action)
    action.set_defaults(run=run_claim)


def run_claim(args: argparse.Namespace) -> int:
    with opened() as parts:
        officer = parts.desk.officer(args.desk, args.officer)
        row = parts.desk.claim(args.desk, officer, _id(parts, args), runtime.now())
    return _print(args, row, parts)


def _attempt(actions: "Commands[argparse.ArgumentParser]") -> None:
    action = actions.add_parser(
        "attempt", help="begin a call (shows the number), or with --outcome write down how it went"
    )
    _common(action)
    _acting(action)
    action.add_argument("--outcome", choices=[outcome.value for outcome in Attempted])
    action.set_defaults(run=run_attempt)


def run_attempt(args: argparse.Namespace) -> int:
    with opened() as parts:
        now = runtime.now()
        officer = parts.desk.officer(args.desk, args.officer)
        which = _id(parts, args)
        if args.outcome:
            outcome = Attempted(args.outcome)
            row = parts.desk.record_attempt(args.desk, officer, which, outcome, args.fence, now)
            return _print(args, row, parts)
        revealed = parts.desk.attempt(args.desk, officer, which, args.fence, now)
    if args.json:
        print(as_json({**as_row(revealed.row), "number": revealed.number}))
        return 0
    print(as_line(revealed.row, parts))
    print(f"Call {revealed.number} now. This was logged.")
    return 0


def _close(actions: "Commands[argparse.ArgumentParser]") -> None:
    action = actions.add_parser("close", help="end the case")
    _common(action)
    _acting(action)
    action.add_argument(
        "--outcome",
        choices=[outcome.value for outcome in Outcome],
        default=Outcome.ADVISED.value,
        help="what came of it (default: advised)",
    )
    action.set_defaults(run=run_close)


def run_close(args: argparse.Namespace) -> int:
    with opened() as parts:
        officer = parts.desk.officer(args.desk, args.officer)
        which, outcome = _id(parts, args), Outcome(args.outcome)
        row = parts.desk.close(args.desk, officer, which, outcome, args.fence, runtime.now())
    return _print(args, row, parts)


def _reopen(actions: "Commands[argparse.ArgumentParser]") -> None:
    action = actions.add_parser("reopen", help="after a review: let it be rung again")
    _common(action)
    _acting(action)
    action.set_defaults(run=run_reopen)


def run_reopen(args: argparse.Namespace) -> int:
    with opened() as parts:
        officer = parts.desk.officer(args.desk, args.officer)
        callback_id = _id(parts, args)
        if callback_id is None:
            raise Refused("Say which callback: give its id or case code.")
        row = parts.desk.reopen(args.desk, officer, callback_id, runtime.now())
        return _print(args, row, parts)


def _id(parts: Runtime, args: argparse.Namespace) -> int | None:
    """A callback's id from what was typed: an id, or a case code with or without its hyphen."""
    if args.which is None:
        return None
    if _CODE.fullmatch(args.which):
        return parts.desk.find(args.desk, args.which)
    if not _ID.fullmatch(args.which):
        raise Refused("A callback is named by its id (17) or its case code (4821-7736).")
    return int(args.which)


def _print(args: argparse.Namespace, row: QueueRow, parts: Runtime) -> int:
    print(as_json(as_row(row)) if args.json else as_line(row, parts))
    return 0


def as_row(row: QueueRow) -> dict[str, object]:
    times = ("due_at", "created_at", "lease_until")
    said = {**asdict(row), "window": _window(row.window)}
    return {**said, **{name: _time(getattr(row, name)) for name in times}}


def _time(at: object) -> str | None:
    return None if at is None else at.isoformat()  # type: ignore[attr-defined]


def _window(window: Window | None) -> dict[str, object] | None:
    if window is None:
        return None
    return {
        "start": window.start.isoformat(),
        "end": window.end.isoformat(),
        "daily": window.daily,
    }


def as_line(row: QueueRow, parts: Runtime) -> str:
    """One readable line; times on the clock of the desk's country."""
    desk = parts.content.directory.desks.get(row.desk)
    zone = parts.content.programmes[desk.programme].zone if desk else UTC
    window, due = "no call", "-"
    if row.window is not None:
        start, end = row.window.start.astimezone(zone), row.window.end.astimezone(zone)
        window = f"{start:%d.%m. %H:%M}-{end:%H:%M}"
    if row.due_at is not None:
        due = f"{row.due_at.astimezone(zone):%d.%m. %H:%M}"
    marks = [row.lease_holder, "OVERDUE" if row.overdue else "", "woman" if row.woman else ""]
    rest = "  ".join(filter(None, marks))
    return (
        f"{row.id:>5}  {row.case_code}  {row.desk:<22} {row.state:<10} {row.priority:<7} "
        f"due {due:<13} window {window:<19} {rest}"
    ).rstrip()
