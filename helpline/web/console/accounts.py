"""Accounts, for administrators: who has one, what may be changed of it, invitations, logins."""

from collections.abc import Callable
from functools import partial
from http import HTTPStatus

from starlette.responses import Response

from helpline.core.access import Act, Role
from helpline.core.errors import Refused, RefusedRequest
from helpline.core.label import O_
from helpline.core.officer_words import ROLES
from helpline.service.account_rules import SPOKEN, Profile
from helpline.service.accounts import Account
from helpline.service.patience import in_time
from helpline.store.logins import Login
from helpline.web.console.doors import GET, POST, Door
from helpline.web.console.own import login_rows
from helpline.web.console.sign_in import LANGUAGES
from helpline.web.console.visit import Visit, clock_of, go, page

_HERE = "/console/accounts"
_ONE = _HERE + "/{officer}"
NOTICES = {
    "changed": O_("The account is changed."),
    "disabled": O_("The account is disabled. Every login has ended."),
    "enabled": O_("The account is enabled."),
    "ended": O_("Every login has ended."),
}
DISABLED, JOINED = O_("disabled"), O_("has joined")
# NOTE: state of an account: may open it until a time of day
INVITED = O_("invited until {time}")
NOT_INVITED = O_("not invited")


async def everybody(visit: Visit) -> Response:
    found = await in_time(partial(visit.parts.accounts.everybody, visit.now))
    return page(visit, "accounts.html", {"rows": [row_of(visit, account) for account in found]})


def row_of(visit: Visit, account: Account) -> dict[str, object]:
    return {
        "id": account.officer.id,
        "name": account.officer.name,
        "role": visit.say(ROLES[account.profile.role]),
        "active": account.officer.active,
        "joined": account.joined,
        "state": _state(visit, account),
        "desks": [visit.desk_name(desk) for desk in account.profile.desks],
    }


def _state(visit: Visit, account: Account) -> str:
    if not account.officer.active:
        return visit.say(DISABLED)
    if account.joined:
        return visit.say(JOINED)
    if account.invited:
        return visit.say(INVITED, time=clock_of(visit).moment(account.invited))
    return visit.say(NOT_INVITED)


async def _account(visit: Visit) -> Account:
    found = await in_time(partial(visit.parts.accounts.everybody, visit.now))
    wanted = visit.id_of("officer")
    for account in found:
        if account.officer.id == wanted:
            return account
    raise RefusedRequest(HTTPStatus.NOT_FOUND, "no such account")


async def one(visit: Visit) -> Response:
    said = NOTICES.get(visit.request.query_params.get("said", ""))
    return await _show(visit, await _account(visit), notice=visit.say(said) if said else "")


async def _show(
    visit: Visit,
    account: Account,
    status: int = HTTPStatus.OK,
    *,
    kept: Profile | None = None,
    address: str = "",
    logins: list[Login] | None = None,
    **values: str,
) -> Response:
    """`address` and `logins` are shown in the answer to the form that asked for them."""
    shown = {
        "row": row_of(visit, account),
        "here": f"{_HERE}/{account.officer.id}",
        "version": account.profile.version,
        "herself": account.officer.id == visit.officer.id,
        "address": address,
        "logins": None if logins is None else login_rows(visit, logins),
        **_choices(visit, kept or account.profile),
        **values,
    }
    return page(visit, "account.html", shown, status)


def _choices(visit: Visit, profile: Profile) -> dict[str, object]:
    """`programmes` holds, for each, its desks, and how many of them are chosen."""
    directory = visit.content.directory
    programmes = []
    for programme in visit.content.programmes.values():
        own = [desk for desk in directory.desks.values() if desk.programme == programme.code]
        desks = sorted((desk.name, desk.code, desk.code in profile.desks) for desk in own)
        chosen = sum(desk[2] for desk in desks)
        programmes.append({"name": programme.name, "desks": desks, "chosen": chosen})
    return {
        "profile": profile,
        "programmes": programmes,
        "roles": [(role.value, visit.say(words)) for role, words in ROLES.items()],
        "languages": list(LANGUAGES.items()),
        "spoken": [(code, LANGUAGES[code], code in profile.speaks) for code in SPOKEN],
    }


async def new(visit: Visit) -> Response:
    return _new(visit, Profile())


def _new(visit: Visit, profile: Profile, status: int = HTTPStatus.OK, **values: str) -> Response:
    shown = {"name": "", **_choices(visit, profile), **values}
    return page(visit, "account_new.html", shown, status)


def _given(visit: Visit) -> Profile:
    return Profile(
        role=Role(visit.choice("role", Role)),
        desks=tuple(dict.fromkeys(visit.form.getlist("desk"))),
        woman=visit.given("woman") == "yes",
        interviewer=visit.given("interviewer") == "yes",
        speaks=tuple(dict.fromkeys(visit.form.getlist("speaks"))),
        language=visit.given("language"),
    )


async def add(visit: Visit) -> Response:
    name, profile = visit.given("name"), _given(visit)
    try:
        act = partial(visit.parts.accounts.add, visit.officer, name, profile, visit.now)
        officer = await in_time(act)
    except Refused as refused:
        said = visit.voice.say(refused.label)
        return _new(visit, profile, HTTPStatus.CONFLICT, problem=said, name=name)
    return go(f"{_HERE}/{officer.id}")


async def change(visit: Visit) -> Response:
    account, profile, seen = await _account(visit), _given(visit), visit.given("version")
    accounts, name = visit.parts.accounts, account.officer.name
    try:
        await in_time(partial(accounts.change, visit.officer, name, profile, seen, visit.now))
    except Refused as refused:
        said = visit.voice.say(refused.label)
        return await _show(visit, account, HTTPStatus.CONFLICT, kept=profile, problem=said)
    return go(f"{_HERE}/{account.officer.id}", said="changed")


async def invite(visit: Visit) -> Response:
    """The address, once, in this answer."""
    return await _invited(visit, visit.parts.accounts.invite)


async def reset(visit: Visit) -> Response:
    return await _invited(visit, visit.parts.accounts.reset)


async def _invited(visit: Visit, give: Callable[..., str]) -> Response:
    account = await _account(visit)
    try:
        token = await in_time(partial(give, visit.officer, account.officer.name, visit.now))
    except Refused as refused:
        return await _refused(visit, account, refused)
    return await _show(visit, await _account(visit), address=address_of(visit, token))


def address_of(visit: Visit, token: str) -> str:
    return f"{visit.parts.config.public_base_url}/console/join/{token}"


async def _refused(visit: Visit, account: Account, refused: Refused) -> Response:
    problem = visit.voice.say(refused.label)
    return await _show(visit, account, HTTPStatus.CONFLICT, problem=problem)


async def _done(visit: Visit, act: Callable[..., object], said: str) -> Response:
    account = await _account(visit)
    try:
        await in_time(partial(act, visit.officer, account.officer.name, visit.now))
    except Refused as refused:
        return await _refused(visit, account, refused)
    return go(f"{_HERE}/{account.officer.id}", said=said)


async def disable(visit: Visit) -> Response:
    return await _done(visit, visit.parts.accounts.disable, "disabled")


async def enable(visit: Visit) -> Response:
    return await _done(visit, visit.parts.accounts.enable, "enabled")


async def end_logins(visit: Visit) -> Response:
    return await _done(visit, visit.parts.accounts.own.end_logins, "ended")


async def logins(visit: Visit) -> Response:
    """Behind a button: that somebody looked is written down."""
    account = await _account(visit)
    act = visit.parts.accounts.own.logins
    found = await in_time(partial(act, visit.officer, account.officer.name, visit.now))
    return await _show(visit, account, logins=found)


async def end_login(visit: Visit) -> Response:
    account, act = await _account(visit), visit.parts.accounts.own.end_login
    name, login = account.officer.name, visit.given("login")
    try:
        await in_time(partial(act, visit.officer, name, login, visit.now))
    except Refused as refused:
        return await _refused(visit, account, refused)
    return await logins(visit)


DOORS = [
    Door(GET, _HERE, everybody, Act.ACCOUNTS),
    Door(GET, f"{_HERE}/new", new, Act.ACCOUNTS),
    Door(POST, f"{_HERE}/new", add, Act.ACCOUNTS),
    Door(GET, _ONE, one, Act.ACCOUNTS),
    Door(POST, f"{_ONE}/change", change, Act.ACCOUNTS),
    Door(POST, f"{_ONE}/invite", invite, Act.ACCOUNTS),
    Door(POST, f"{_ONE}/reset", reset, Act.ACCOUNTS),
    Door(POST, f"{_ONE}/disable", disable, Act.ACCOUNTS),
    Door(POST, f"{_ONE}/enable", enable, Act.ACCOUNTS),
    Door(POST, f"{_ONE}/logins", logins, Act.ACCOUNTS),
    Door(POST, f"{_ONE}/login", end_login, Act.ACCOUNTS),
    Door(POST, f"{_ONE}/end-logins", end_logins, Act.ACCOUNTS),
]
