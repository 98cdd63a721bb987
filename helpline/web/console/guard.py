"""Lets in who may come in: login, act, desk, form token; and turns every failure into a page."""

import hmac
import logging
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from http import HTTPStatus

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from helpline import catalogue
from helpline.core.access import Act, may
from helpline.core.errors import RecordUnavailable, Refused, RefusedRequest
from helpline.core.label import O_, Voice
from helpline.gateways.base import Form
from helpline.logs import event
from helpline.runtime import Runtime
from helpline.service.patience import in_time
from helpline.web import wire
from helpline.web.console import cookies
from helpline.web.console.doors import POST, Door
from helpline.web.console.visit import HEADERS, Visit, go, page

MAX_BODY = 32 * 1024  # bytes; a note of 2,000 letters, percent-encoded, is 18 KiB
SIGN_IN = "/console/sign-in"

WRONG = {
    400: O_("This form was not understood. Go back and try again."),
    403: O_("You may not open this page."),
    404: O_("This page is not there."),
    409: O_("This was not done."),
    413: O_("This text is too long. Make it shorter."),
    500: O_("Something went wrong here. Open the request again and look before you repeat it."),
    503: O_("The record does not answer. Nothing was changed. Try again in a minute."),
}
_OURS = ("same-origin", "none")
OLD_FORM = O_("This form is from an earlier login. Nothing was changed. Send it again.")


@dataclass(frozen=True)
class Guard:
    parts: Runtime
    clock: Callable[[], datetime]
    voices: Mapping[str, Voice]

    def routes(self, doors: Iterable[Door]) -> list[Route]:
        return [Route(d.path, partial(self.serve, d), methods=[d.method]) for d in doors]

    async def serve(self, door: Door, request: Request) -> Response:
        visit = self._visit(request, "")
        try:
            visit = await self._known(door, visit)
            visit = await self._checked(door, visit)
            if visit.visitor is None and door.act is not None:
                return _to_sign_in(visit)
            return await door.answer(visit)
        except RefusedRequest as refused:
            return _wrong(visit, refused.status)
        except Refused as refused:
            said = visit.voice.say(refused.label)
            return page(visit, "wrong.html", {"problem": said}, HTTPStatus.CONFLICT)
        except RecordUnavailable:
            return _wrong(visit, HTTPStatus.SERVICE_UNAVAILABLE)
        except Exception as broken:  # its words may hold what was typed
            event("console.failed", level=logging.ERROR, error=type(broken).__name__)
            return _wrong(visit, HTTPStatus.INTERNAL_SERVER_ERROR)

    def _visit(self, request: Request, language: str) -> Visit:
        asked = language or request.query_params.get("lang", "")
        voice = self.voices.get(asked, self.voices["en"])
        callers = self.parts.content.voices[voice.language]
        return Visit(self.parts, request, self.clock(), voice, callers, self.clock)

    async def _known(self, door: Door, visit: Visit) -> Visit:
        """With who is signed in, if anybody, in her language."""
        token = cookies.read(visit, cookies.LOGIN)
        if not token:
            return visit
        look = partial(self.parts.visits.look, token, visit.now, active=not door.quiet)
        visitor = await in_time(look)
        if visitor is None:
            return visit
        spoken = self._visit(visit.request, visitor.officer.language)
        return replace(spoken, visitor=visitor, now=visit.now)

    async def _checked(self, door: Door, visit: Visit) -> Visit:
        if door.act is not None and visit.visitor is not None:
            self._check(door, door.act, visit)
        if door.method == POST:
            _check_origin(visit)
            visit = replace(visit, form=await _form(visit.request))
            if visit.visitor is not None:
                _check_token(visit)
        return visit

    def _check(self, door: Door, act: Act, visit: Visit) -> None:
        if not may(visit.officer.role, act):
            raise RefusedRequest(HTTPStatus.FORBIDDEN, "the role may not")
        desk = visit.request.path_params.get("desk")
        if desk is not None and desk not in visit.signed_in.desks:
            raise RefusedRequest(HTTPStatus.FORBIDDEN, "not at this desk")


async def _form(request: Request) -> Form:
    return (await wire.read(request.scope, request.receive, "", MAX_BODY)).form()


def _check_origin(visit: Visit) -> None:
    """A form of another site is refused; browsers send one of these with every POST."""
    headers = visit.request.headers
    host = headers.get("origin", "").partition("://")[2]
    ours = ("", headers.get("host", ""), visit.parts.config.public_base_url.partition("://")[2])
    if headers.get("sec-fetch-site", "same-origin" if host in ours else "") not in _OURS:
        raise RefusedRequest(HTTPStatus.FORBIDDEN, "the form is of another site")


def _check_token(visit: Visit) -> None:
    given = visit.given("token")
    if not hmac.compare_digest(given.encode(), visit.signed_in.login.form_token.encode()):
        raise Refused(OLD_FORM)


def _wrong(visit: Visit, status: int) -> Response:
    try:
        said = visit.say(WRONG.get(status, WRONG[500]))
        return page(visit, "wrong.html", {"problem": said}, status)
    except Exception:  # even the page of errors may be what is broken
        return PlainTextResponse(WRONG[500], status_code=500, headers=HEADERS)


def _to_sign_in(visit: Visit) -> Response:
    if visit.request.headers.get("hx-request"):
        headers = {**HEADERS, "hx-redirect": SIGN_IN}  # a part of a page cannot hold the form
        return Response(status_code=HTTPStatus.UNAUTHORIZED, headers=headers)
    return go(SIGN_IN, over="1") if cookies.read(visit, cookies.LOGIN) else go(SIGN_IN)


def voices() -> Mapping[str, Voice]:
    return catalogue.voices(catalogue.OFFICERS.languages, catalogue.OFFICERS)
