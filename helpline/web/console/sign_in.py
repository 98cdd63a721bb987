"""Signing in and out, and joining by an invitation. A refused form comes back without secrets."""

from functools import partial
from http import HTTPStatus

from starlette.responses import Response

from helpline.core.errors import Refused
from helpline.core.label import O_
from helpline.service import codes
from helpline.service.entry import Try
from helpline.service.joining import Enrolled, Enrolment
from helpline.service.patience import in_time
from helpline.service.visits import SIGNED_OUT
from helpline.web.console import cookies
from helpline.web.console.browsers import kind_of
from helpline.web.console.doors import GET, POST, Door
from helpline.web.console.visit import Visit, go, page

LONGEST = 1000  # characters of a field that is typed here; a password has at most 200
NOTICES = {
    "over": O_("Your login is over. Sign in again."),
    "out": O_("You are signed out."),
}
# As their readers write them: whoever cannot read this page must find her own.
LANGUAGES = {"en": "English", "dz": "རྫོང་ཁ", "ur": "اردو", "km": "ខ្មែរ"}


async def form(visit: Visit) -> Response:
    if visit.visitor is not None:
        return go("/console")
    said = [words for name, words in NOTICES.items() if name in visit.request.query_params]
    return _form(visit, notice=visit.say(said[0]) if said else "")


def _form(visit: Visit, status: int = HTTPStatus.OK, **values: str) -> Response:
    shown = {"languages": LANGUAGES, "name": "", **values}
    return page(visit, "sign_in.html", shown, status)


async def sign_in(visit: Visit) -> Response:
    tried = Try(
        name=_typed(visit, "name"),
        password=_typed(visit, "password"),
        code=_typed(visit, "code"),
        device=cookies.read(visit, cookies.DEVICE),
        agent=kind_of(visit.request.headers.get("user-agent", "")),
    )
    try:
        signed_in = await in_time(partial(visit.parts.accounts.entry.sign_in, tried, visit.now))
    except Refused as refused:
        said = visit.voice.say(refused.label)
        return _form(visit, HTTPStatus.CONFLICT, problem=said, name=tried.name)
    answer = go("/console")
    cookies.put(answer, visit, cookies.LOGIN, signed_in.token)
    cookies.put(answer, visit, cookies.DEVICE, signed_in.device, cookies.DEVICE_AGE)
    return answer


async def sign_out(visit: Visit) -> Response:
    """Also when the login is over already: the button always leads out."""
    if visit.visitor is not None:
        login = visit.visitor.login
        await in_time(partial(visit.parts.visits.end, login, SIGNED_OUT, visit.now))
    answer = go("/console/sign-in", out="1")
    cookies.remove(answer, visit, cookies.LOGIN)
    return answer


async def invitation(visit: Visit) -> Response:
    return await _invitation(visit)


async def _invitation(
    visit: Visit, *, sealed: str = "", problem: str = "", status: int = HTTPStatus.OK
) -> Response:
    """The same secret again after a refusal: the app has it already."""
    joining, token = visit.parts.accounts.joining, _token(visit)
    began = await in_time(partial(joining.begin, token, visit.now, sealed))
    values = {
        "name": began.officer.name,
        "here": f"/console/join/{token}",
        "picture": codes.qr(began.uri),
        "secret": _in_groups(began.secret),
        "sealed": began.sealed,
        "languages": LANGUAGES,
        "problem": problem,
    }
    return page(visit, "join.html", values, status)


async def join(visit: Visit) -> Response:
    """The recovery codes, once, in this answer."""
    form = Enrolment(
        password=_typed(visit, "password"),
        again=_typed(visit, "again"),
        sealed=_typed(visit, "sealed"),
        code=_typed(visit, "code"),
    )
    act = partial(visit.parts.accounts.joining.enrol, _token(visit), form, visit.now)
    try:
        enrolled: Enrolled = await in_time(act)
    except Refused as refused:
        said = visit.voice.say(refused.label)
        conflict = HTTPStatus.CONFLICT
        return await _invitation(visit, sealed=form.sealed, problem=said, status=conflict)
    values = {"codes": enrolled.recovery, "next": "/console/sign-in"}
    answer = page(visit, "recovery.html", values)
    cookies.put(answer, visit, cookies.DEVICE, enrolled.device, cookies.DEVICE_AGE)
    return answer


def _typed(visit: Visit, name: str) -> str:
    """As it was typed: a password may begin with a blank."""
    return visit.form.one(name, default="", limit=LONGEST)


def _token(visit: Visit) -> str:
    return str(visit.request.path_params["invitation"])


def _in_groups(secret: str) -> str:
    return " ".join(secret[at : at + 4] for at in range(0, len(secret), 4))


DOORS = [
    Door(GET, "/console/sign-in", form, None),
    Door(POST, "/console/sign-in", sign_in, None),
    Door(POST, "/console/sign-out", sign_out, None),
    Door(GET, "/console/join/{invitation}", invitation, None),
    Door(POST, "/console/join/{invitation}", join, None),
]
