"""The public pages at `/desks`: where verified desks are, a search, and a page to print.

Nothing here is stored or logged of who looks (SAFETY 10). What is typed comes in a body, never in
an address, and is gone with the answer.
"""

import logging
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from http import HTTPStatus
from pathlib import Path

import anyio.to_thread
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.routing import Route

from helpline.core.errors import RefusedRequest
from helpline.core.label import Text
from helpline.core.search import Found
from helpline.gateways.base import Channel
from helpline.logs import event
from helpline.runtime import Content
from helpline.web import desk_words, desks_poster, wire
from helpline.web import desks_views as views
from helpline.web.desks_reader import Reader, country_view, frame, programme_frame, reader

HEADERS = {
    "content-security-policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; "
        "img-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    ),
    "cache-control": "no-store",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
}
MAX_BODY = 4 * 1024  # bytes; percent-encoded, that is still 450 letters of any script
Answer = Callable[[Request], Awaitable[Response]]

_PAGES = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
    auto_reload=False,
)


def _page(template: str, values: Mapping[str, object], status: int = 200) -> Response:
    words = _PAGES.get_template(template).render(values)
    return HTMLResponse(words, status_code=status, headers=HEADERS)


@dataclass(frozen=True)
class Desks:
    """`content` is asked for at every request: an operator may have imported other desks."""

    content: Callable[[], Content]
    channels: Iterable[Channel]
    clock: Callable[[], datetime]

    def routes(self) -> list[Route]:
        return [
            self._route("/weather", self.decoy),
            self._route("/desks", self.programmes),
            self._route("/desks/{programme}", self.desks),
            self._route("/desks/{programme}", self.search, "POST"),
            self._route("/desks/{programme}/poster/{district}", self.poster),
            self._route("/desks/{rest:path}", self.nowhere),
        ]

    def _route(self, path: str, answer: Answer, method: str = "GET") -> Route:
        return Route(path, partial(self._serve, answer), methods=[method])

    async def decoy(self, request: Request) -> Response:
        """As dull as what the hide key shows (SAFETY 13), and without a way back."""
        content = self.content()
        voice = content.voices.get(_language(request), content.voices["en"])
        said = voice.say(Text(content.flow.decoy))
        return _page("decoy.html", {**frame(voice, said), "said": said})

    async def programmes(self, _request: Request) -> Response:
        return self._programmes()

    async def desks(self, request: Request) -> Response:
        """The list, or with `place` the desks near a place of the public gazetteer."""
        one = self._reader(request)
        code = request.query_params.get("place", "")
        if not code:
            return _list(one)
        if code not in one.places:
            raise RefusedRequest(HTTPStatus.NOT_FOUND, "no such place")
        return _found(one, Found(code))

    async def search(self, request: Request) -> Response:
        one = self._reader(request)
        given = await wire.read(request.scope, request.receive, "", MAX_BODY)
        text = given.form().one("place", limit=MAX_BODY)
        find = one.script.directory.index.find
        return _found(one, await anyio.to_thread.run_sync(find, text, one.programme.country))

    async def poster(self, request: Request) -> Response:
        one, district = self._reader(request), request.path_params["district"]
        if not views.is_district(one, district):
            raise RefusedRequest(HTTPStatus.NOT_FOUND, "no such district")
        reached = desks_poster.addresses(self.channels, one.programme.code)
        page = desks_poster.poster(one, district, reached, self.content().voices["en"])
        head = programme_frame(one, f"/poster/{district}")
        return _page("poster.html", {**head, **page})

    async def nowhere(self, _request: Request) -> Response:
        raise RefusedRequest(HTTPStatus.NOT_FOUND, "no such page")

    def _reader(self, request: Request) -> Reader:
        content, programme = self.content(), request.path_params["programme"]
        if programme not in content.programmes:
            raise RefusedRequest(HTTPStatus.NOT_FOUND, "no such programme")
        return reader(content, programme, _language(request), self.clock())

    def _programmes(self, wrong: int = 0) -> Response:
        content = self.content()
        voice = content.voices["en"]
        values = {
            **frame(voice, voice.say(Text(desk_words.WORDS["help"]))),
            "countries": [country_view(content, known) for known in content.programmes.values()],
            "notice": voice.say(Text(desk_words.WRONG[wrong])) if wrong else "",
        }
        return _page("programmes.html", values, wrong or 200)

    def _refusal(self, request: Request, status: int) -> Response:
        """A whole page all the same: who mistyped an address may need the number on it."""
        try:
            one = self._reader(request)
        except (RefusedRequest, KeyError):  # KeyError: the address names no programme
            return self._programmes(status)
        return _list(one, one.say(desk_words.WRONG[status]), status)

    async def _serve(self, answer: Answer, request: Request) -> Response:
        try:
            return await answer(request)
        except RefusedRequest as refused:
            return self._refusal(request, refused.status)
        except Exception as broken:  # its words may hold what was typed
            event("desks.failed", level=logging.ERROR, error=type(broken).__name__)
            known = self.content().programmes.values()
            words = "".join(f"{programme.greeting}\n" for programme in known)
            return PlainTextResponse(words, status_code=500, headers=HEADERS)


def _language(request: Request) -> str:
    return request.query_params.get("lang", "")


def _list(one: Reader, notice: str = "", status: int = 200) -> Response:
    return _page("desks.html", {**programme_frame(one), **_nothing(one), "notice": notice}, status)


def _nothing(one: Reader) -> dict[str, object]:
    """The list and the map, without anything searched."""
    return {
        "regions": views.regions(one),
        "map": views.drawn(one),
        "near": None,
        "candidates": [],
        "abroad": None,
    }


def _found(one: Reader, found: Found) -> Response:
    """One place, several to choose from, or a kind word; the list follows in any case."""
    if found.candidates:
        which = views.candidates(one, found.candidates)
        return _result(one, candidates=which)
    country = one.places.country_of(found.place) if found.place else ""
    if country == one.programme.country:
        return _result(one, found.place, near=views.nearest_to(one, found.place))
    if country in one.script.abroad:
        return _result(one, found.place, abroad=views.abroad(one, found.place))
    return _list(one, one.say(desk_words.NOT_FOUND))


def _result(one: Reader, place: str = "", **shown: object) -> Response:
    head = programme_frame(one, place=place)
    return _page("desks.html", {**head, **_nothing(one), "notice": "", **shown})


def desks(
    content: Callable[[], Content], channels: Iterable[Channel], clock: Callable[[], datetime]
) -> Desks:
    return Desks(content, tuple(channels), clock)
