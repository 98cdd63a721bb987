"""One request of one officer: who asks, in which language, what was sent, how it is answered."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http import HTTPStatus
from pathlib import Path
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from helpline.core.access import Act, may
from helpline.core.errors import RefusedRequest
from helpline.core.label import Label, Text, Voice
from helpline.core.programme import Programme
from helpline.gateways.base import Form
from helpline.runtime import Content, Runtime
from helpline.service.visits import Visitor
from helpline.store.officers import Officer

HEADERS = {
    "content-security-policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; "
        "img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'self'; "
        "frame-ancestors 'none'"
    ),
    "cache-control": "no-store",
    "cross-origin-opener-policy": "same-origin",
    "permissions-policy": "camera=(), microphone=(), geolocation=()",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
}
_TEMPLATES = Path(__file__).parent.parent / "templates"
_PAGES = Environment(
    loader=FileSystemLoader(_TEMPLATES),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
    auto_reload=False,
)
_ID = re.compile(r"[0-9]{1,15}")
_TAGS = {"dz": "dz", "ur": "ur", "km": "km", "en": "en"}


@dataclass(frozen=True)
class Visit:
    """`voice` says the console's words, `caller_voice` those of callers' screens (concerns ...).

    `visitor` is None at doors that need no login. `form` holds what was posted.
    """

    parts: Runtime
    request: Request
    now: datetime
    voice: Voice
    caller_voice: Voice
    clock: Callable[[], datetime]
    visitor: Visitor | None = None
    form: Form = field(default_factory=lambda: Form([]))

    @property
    def content(self) -> Content:
        return self.parts.content

    @property
    def officer(self) -> Officer:
        return self.signed_in.officer

    @property
    def signed_in(self) -> Visitor:
        assert self.visitor is not None, "this door needs a login"
        return self.visitor

    @property
    def desk(self) -> str:
        """The desk in the path; the guard has checked that it is within reach."""
        return str(self.request.path_params["desk"])

    @property
    def number(self) -> int:
        """The callback's id in the path."""
        return self.id_of("callback")

    def id_of(self, name: str) -> int:
        """A number of the path; what is none, or too large for a row, is no page."""
        given = str(self.request.path_params[name])
        if not _ID.fullmatch(given):
            raise RefusedRequest(HTTPStatus.NOT_FOUND, f"no {name} has this number")
        return int(given)

    def may(self, act: Act) -> bool:
        return self.visitor is not None and may(self.officer.role, act)

    def say(self, words: str, **values: Label | int) -> str:
        """Values keep their own direction within words that run from right to left."""
        given = {name: str(v) if isinstance(v, int) else v for name, v in values.items()}
        if self.voice.rtl:
            said = {name: self.voice.say(value) for name, value in given.items()}
            given = {name: f"\u2068{value}\u2069" for name, value in said.items()}
        return self.voice.say(Text(words, given))

    def programme_of(self, desk: str) -> Programme:
        """Also of a desk that left the directory: its code begins with the country's."""
        known = self.content.directory.desks.get(desk)
        programmes = self.content.programmes
        code = known.programme if known else desk[:2].lower()
        return programmes.get(code) or next(iter(programmes.values()))

    def zone_of(self, desk: str) -> ZoneInfo:
        return self.programme_of(desk).zone if desk else ZoneInfo("UTC")

    def desk_name(self, desk: str) -> str:
        """As the directory calls it in English; else its kind and place in the page's language."""
        known = self.content.directory.desks.get(desk)
        if known is None:
            return desk
        kind = self.content.programmes[known.programme].desk_kinds.get(known.kind)
        language = self.voice.language
        if language == "en" or kind is None or not known.public:
            return known.name
        place = self.content.directory.places[known.place].name
        return f"{self.caller_voice.say(Text(kind))}, {place.in_language(language)}"

    def given(self, name: str, *, limit: int = 200) -> str:
        """A field of the form, "" when it is not there. Refuses one that is repeated or long."""
        given = self.form.one(name, default="", limit=4 * limit).replace("\r\n", "\n").strip()
        if len(given) > limit:
            raise RefusedRequest(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"field {name} is too long")
        return given

    def choice(self, name: str, options: type, *, default: str = "") -> str:
        """A field that must be one of an Enum's values; refuses (400) anything else."""
        value = self.given(name) or default
        if value not in {option.value for option in options}:  # type: ignore[attr-defined]
            raise RefusedRequest(HTTPStatus.BAD_REQUEST, f"field {name} is none of its choices")
        return value


def page(
    visit: Visit, template: str, values: Mapping[str, object] | None = None, status: int = 200
) -> Response:
    """A whole page, or a part of one for `templates/console/_*.html`."""
    words = _PAGES.get_template(f"console/{template}").render({**_frame(visit), **(values or {})})
    return HTMLResponse(words, status_code=status, headers=HEADERS)


def go(path: str, **query: str) -> Response:
    """Post-redirect-get. `query` may hold ids and choices, nothing that was typed."""
    target = f"{path}?{urlencode(query)}" if query else path
    return RedirectResponse(target, status_code=HTTPStatus.SEE_OTHER, headers=HEADERS)


def _frame(visit: Visit) -> dict[str, object]:
    """What every template has."""
    visitor, language = visit.visitor, visit.voice.language
    return {
        "visit": visit,
        "_": visit.say,
        "tag": _TAGS.get(language, "en"),
        "dir": "rtl" if visit.voice.rtl else "ltr",
        "officer": visitor.officer if visitor else None,
        "desks": visitor.desks if visitor else (),
        "token": visitor.login.form_token if visitor else "",
        "acts": {act.value: visit.may(act) for act in Act},
        "leave": f"/weather?{urlencode({'lang': language})}",
        "clock": clock_of(visit),
        "notice": "",
        "problem": "",
    }


def clock_of(visit: Visit) -> "Clock":
    desks = visit.visitor.desks if visit.visitor else ()
    zone = visit.zone_of(visit.request.path_params.get("desk") or (desks[0] if desks else ""))
    return Clock(zone, visit.now)


@dataclass(frozen=True, slots=True)
class Clock:
    """Moments on the desk's own clock, as short text in Latin digits."""

    zone: ZoneInfo
    now: datetime

    def time(self, at: datetime) -> str:
        return f"{at.astimezone(self.zone):%H:%M}"

    def day(self, at: datetime) -> str:
        return f"{at.astimezone(self.zone):%d.%m.}"

    def moment(self, at: datetime) -> str:
        """The time alone today, else with its day."""
        same = at.astimezone(self.zone).date() == self.now.astimezone(self.zone).date()
        return self.time(at) if same else f"{self.day(at)} {self.time(at)}"

    def iso(self, at: datetime) -> str:
        return at.astimezone(UTC).isoformat(timespec="seconds")
