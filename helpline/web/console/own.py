"""One's own account: the language of the pages, one's logins, new recovery codes."""

from functools import partial
from http import HTTPStatus

from starlette.responses import Response

from helpline.core.access import Act
from helpline.core.errors import Refused
from helpline.core.label import O_
from helpline.service.patience import in_time
from helpline.service.visits import IDLED, OVER, SIGNED_OUT, alive
from helpline.store.logins import Login
from helpline.web.console.doors import GET, POST, Door
from helpline.web.console.sign_in import LANGUAGES
from helpline.web.console.visit import Visit, clock_of, go, page

NOTICES = {
    "language": O_("The language is changed."),
    "ended": O_("That login is ended."),
}
# NOTE: how a login came to its end
WHY = {
    SIGNED_OUT: O_("signed out"),
    IDLED: O_("nothing was done for 15 minutes"),
    OVER: O_("8 hours were over"),
}
ENDED = O_("ended for you")
HERE, ALIVE, LAPSED = O_("this login"), O_("signed in"), O_("over")
UNKNOWN = O_("unknown browser")


async def own(visit: Visit) -> Response:
    said = NOTICES.get(visit.request.query_params.get("said", ""))
    return await _own(visit, notice=visit.say(said) if said else "")


async def _own(visit: Visit, status: int = HTTPStatus.OK, **values: str) -> Response:
    accounts, officer = visit.parts.accounts, visit.officer
    logins = await in_time(partial(accounts.own.logins, officer, officer.name, visit.now))
    shown = {
        "languages": list(LANGUAGES.items()),
        "logins": login_rows(visit, logins),
        "left": await in_time(partial(accounts.own.recovery_left, officer)),
        **values,
    }
    return page(visit, "own.html", shown, status)


def login_rows(visit: Visit, logins: list[Login]) -> list[dict[str, object]]:
    clock = clock_of(visit)
    return [
        {
            "id": login.token_hash,
            "at": clock.moment(login.created_at),
            "browser": login.agent or visit.say(UNKNOWN),
            "alive": alive(login, visit.now),
            "here": login.token_hash == visit.signed_in.login.token_hash,
            "state": visit.say(_state(visit, login)),
        }
        for login in logins
    ]


def _state(visit: Visit, login: Login) -> str:
    if login.token_hash == visit.signed_in.login.token_hash:
        return HERE
    if alive(login, visit.now):
        return ALIVE
    return WHY.get(login.ended_why, ENDED) if login.ended_at else LAPSED


async def language(visit: Visit) -> Response:
    act = visit.parts.accounts.own.set_language
    await in_time(partial(act, visit.officer, visit.given("language"), visit.now))
    return go("/console/own", said="language")


async def end_login(visit: Visit) -> Response:
    act = partial(visit.parts.accounts.own.end_login, visit.officer, visit.officer.name)
    try:
        await in_time(partial(act, visit.given("login"), visit.now))
    except Refused as refused:
        return await _own(visit, HTTPStatus.CONFLICT, problem=visit.voice.say(refused.label))
    return go("/console/own", said="ended")


async def end_all(visit: Visit) -> Response:
    """This one as well: the next page is the form to sign in."""
    act = visit.parts.accounts.own.end_logins
    await in_time(partial(act, visit.officer, visit.officer.name, visit.now))
    return go("/console/sign-in", out="1")


async def recovery(visit: Visit) -> Response:
    """New recovery codes, once, in this answer."""
    act = visit.parts.accounts.own.renew_recovery
    try:
        fresh = await in_time(partial(act, visit.officer, visit.given("code"), visit.now))
    except Refused as refused:
        return await _own(visit, HTTPStatus.CONFLICT, problem=visit.voice.say(refused.label))
    return page(visit, "recovery.html", {"codes": fresh, "next": "/console/own"})


DOORS = [
    Door(GET, "/console/own", own, Act.OWN),
    Door(POST, "/console/own/language", language, Act.OWN),
    Door(POST, "/console/own/login", end_login, Act.OWN),
    Door(POST, "/console/own/logins", end_all, Act.OWN),
    Door(POST, "/console/own/recovery", recovery, Act.OWN),
]
