"""`helpline officers`: who works where, and who may sign in."""

import argparse
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from helpline import runtime
from helpline.cli.common import Commands, as_json, opened
from helpline.core.access import Role
from helpline.runtime import Runtime
from helpline.service.account_rules import CONSOLE, SPOKEN, Profile
from helpline.service.accounts import Account
from helpline.service.visits import alive

CODE_HELP = (
    "print an officer's current 6-digit code, for machines that set up demos; whoever runs "
    "commands here holds the key ring anyway, and the audit log names it"
)


def register(commands: "Commands[argparse.ArgumentParser]") -> None:
    top = commands.add_parser("officers", help="accounts of officers: add, invite, disable, list")
    actions = top.add_subparsers(required=True, metavar="ACTION")
    _add(actions)
    _change(actions)
    _list(actions)
    _named(actions, "invite", "print an address that opens the account once", run_invite)
    actions.choices["invite"].add_argument(
        "--reset", action="store_true", help="also of somebody who joined: all else is void at once"
    )
    _named(actions, "disable", "end every login at once and let nobody in", run_disable)
    _named(actions, "enable", "let a disabled officer in again", run_enable)
    _named(actions, "code", CODE_HELP, run_code)
    _named(actions, "logins", "the logins of the last 90 days", run_logins)
    _named(actions, "end-logins", "end every login of an officer at once", run_end_logins)


def _named(
    actions: "Commands[argparse.ArgumentParser]",
    name: str,
    words: str,
    run: Callable[[argparse.Namespace], int],
) -> None:
    action = actions.add_parser(name, help=words, description=words)
    action.add_argument("name", help="the officer's name")
    action.set_defaults(run=run)


def _profile(action: argparse.ArgumentParser) -> None:
    """Options that were not given are None, so that a change leaves the rest as it is."""
    yes_no = argparse.BooleanOptionalAction
    action.add_argument("--desk", action="append", metavar="CODE", help="repeatable")
    action.add_argument("--role", choices=[role.value for role in Role])
    action.add_argument("--woman", action=yes_no, help="may take requests for a woman")
    action.add_argument("--interviewer", action=yes_no, help="trained to interview children")
    action.add_argument("--speaks", action="append", choices=SPOKEN, help="repeatable")
    action.add_argument("--language", choices=CONSOLE, help="of the console's pages")


def _add(actions: "Commands[argparse.ArgumentParser]") -> None:
    action = actions.add_parser("add", help="a new account; an administrator has no desk")
    action.add_argument("name", help="how the audit log names this officer")
    _profile(action)
    action.set_defaults(run=run_add)


def _change(actions: "Commands[argparse.ArgumentParser]") -> None:
    action = actions.add_parser("change", help="what is given replaces what was said before")
    action.add_argument("name", help="the officer's name")
    _profile(action)
    action.set_defaults(run=run_change)


def _list(actions: "Commands[argparse.ArgumentParser]") -> None:
    action = actions.add_parser("list", help="every account")
    action.add_argument("--json", action="store_true", help="JSON for machines")
    action.set_defaults(run=run_list)


def run_add(args: argparse.Namespace) -> int:
    with opened() as parts:
        parts.accounts.add(None, args.name, _told(args, Profile()), runtime.now())
    print(f"{args.name} {_place(args.desk or ())}.")
    return 0


def run_change(args: argparse.Namespace) -> int:
    with opened() as parts:
        now = runtime.now()
        before = parts.accounts.one(args.name, now)
        said = _told(args, before.profile)
        parts.accounts.change(None, before.officer.name, said, before.profile.version, now)
    print(f"{before.officer.name} {_place(said.desks)}.")
    return 0


def _told(args: argparse.Namespace, before: Profile) -> Profile:
    names = {"desks": "desk", "woman": "woman", "interviewer": "interviewer", "speaks": "speaks"}
    names |= {"role": "role", "language": "language"}
    given = {field: getattr(args, name) for field, name in names.items()}
    said = {field: value for field, value in given.items() if value is not None}
    for field in ("desks", "speaks"):
        if field in said:
            said[field] = tuple(dict.fromkeys(said[field]))
    if "role" in said:
        said["role"] = Role(said["role"])
    return replace(before, **said)


def _place(desks: "tuple[str, ...] | list[str]") -> str:
    return f"works at {', '.join(desks)}" if desks else "has an account without a desk"


def run_list(args: argparse.Namespace) -> int:
    with opened() as parts:
        found = parts.accounts.everybody(runtime.now())
    if args.json:
        print(as_json([_as_row(account) for account in found]))
        return 0
    for account in found:
        row = _as_row(account)
        print(f"{row['name']}  {row['role']}  {row['state']}  {', '.join(account.profile.desks)}")
    if not found:
        print("There is no account; `helpline officers add NAME --role administrator` makes one.")
    return 0


def _as_row(account: Account) -> dict[str, object]:
    said = account.profile
    return {
        "name": account.officer.name,
        "role": said.role.value,
        "state": _state(account),
        "desks": said.desks,
        "woman": said.woman,
        "interviewer": said.interviewer,
        "speaks": said.speaks,
        "language": said.language,
    }


def _state(account: Account) -> str:
    if not account.officer.active:
        return "disabled"
    if account.joined:
        return "joined"
    return "invited" if account.invited else "not invited"


def run_invite(args: argparse.Namespace) -> int:
    with opened() as parts:
        give = parts.accounts.reset if args.reset else parts.accounts.invite
        token = give(None, args.name, runtime.now())
        print(f"{parts.config.public_base_url}/console/join/{token}")
    print(f"Give this address to {args.name}: it is valid for 24 hours and works once.")
    return 0


def _done(
    args: argparse.Namespace, act: Callable[[Runtime, str, datetime], object], words: str
) -> int:
    with opened() as parts:
        act(parts, args.name, runtime.now())
    print(f"{args.name} {words}")
    return 0


def run_disable(args: argparse.Namespace) -> int:
    words = "is disabled; every login has ended."
    return _done(args, lambda parts, name, now: parts.accounts.disable(None, name, now), words)


def run_enable(args: argparse.Namespace) -> int:
    words = "is enabled."
    return _done(args, lambda parts, name, now: parts.accounts.enable(None, name, now), words)


def run_end_logins(args: argparse.Namespace) -> int:
    words = "is signed out everywhere."
    act = lambda parts, name, now: parts.accounts.own.end_logins(None, name, now)  # noqa: E731
    return _done(args, act, words)


def run_code(args: argparse.Namespace) -> int:
    with opened() as parts:
        print(parts.accounts.code(args.name, runtime.now()))
    return 0


def run_logins(args: argparse.Namespace) -> int:
    now = runtime.now()
    with opened() as parts:
        found = parts.accounts.own.logins(None, args.name, now)
    for login in found:
        state = "signed in" if alive(login, now) else login.ended_why or "over"
        print(f"{login.created_at:%Y-%m-%d %H:%M} UTC  {login.agent or 'unknown'}  {state}")
    if not found:
        print("No logins in the last 90 days.")
    return 0
