"""What the simulator page may send: JSON from the page itself, bounded and checked by name.

A refusal is a sentence for the person at the page and holds nothing of what was sent.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from starlette.requests import Request

from helpline.core.errors import RefusedRequest
from helpline.core.programme import Programme
from helpline.gateways.base import MAX_SMS
from helpline.web import wire

# Beginnings that no operator of the country has, with room for six digits: these cannot ring.
PREFIXES = {"bt": "+97510", "pk": "+923800", "kh": "+85520"}
MAX_HISTORY = 4000  # characters of joined inputs, as the USSD gateway takes
_PHONE = re.compile(r"[1-9][0-9]{5}")
_ID = re.compile(r"[A-Za-z0-9-]{1,64}")


@dataclass(frozen=True, slots=True)
class Asked:
    """One request of the page. `session` is a USSD session's id or the id of one text;
    `text` is the whole history of a USSD session, or one text."""

    programme: str
    number: str = field(repr=False)
    session: str = ""
    text: str = field(default="", repr=False)
    language: str = ""


async def read(request: Request, programmes: Mapping[str, Programme], *needs: str) -> Asked:
    """Raises RefusedRequest for anything that the page itself would never send."""
    _same_site(request)
    body = (await wire.read(request.scope, request.receive, "")).body
    given = _fields(body, {"programme", "phone", *needs})
    programme = programmes.get(given["programme"])
    if programme is None:
        raise RefusedRequest(400, "There is no such programme.")
    if not _PHONE.fullmatch(given["phone"]):
        raise RefusedRequest(400, "A phone is six digits, the first not 0.")
    if "session" in needs and not _ID.fullmatch(given["session"]):
        raise RefusedRequest(400, "A session is 1 to 64 letters, digits or hyphens.")
    language = given.get("language", "")
    if language and not programme.speaks(language):
        raise RefusedRequest(400, "The programme does not speak this language.")
    return Asked(
        programme=programme.code,
        number=PREFIXES[programme.code] + given["phone"],
        session=given.get("session", ""),
        text=given.get("text", ""),
        language=language,
    )


def _same_site(request: Request) -> None:
    """Another site's page must not play a caller with the visitor's browser. JSON alone makes a
    browser ask first (CORS), and nothing here ever says yes."""
    headers = request.headers
    site, origin = headers.get("sec-fetch-site"), headers.get("origin")
    if site is None and origin is not None:  # over plain HTTP browsers say only the origin
        site = "same-origin" if _host(origin) == headers.get("host") else "cross-site"
    if site not in (None, "same-origin"):
        raise RefusedRequest(403, "Only the simulator page may ask this.")
    kind = headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/json":
        raise RefusedRequest(415, "The request is not JSON.")


def _host(origin: str) -> str:
    try:
        return urlsplit(origin).netloc
    except ValueError:  # such as an IPv6 address without its bracket
        return ""


def _fields(body: bytes, needed: set[str]) -> dict[str, str]:
    """Exactly `needed`, all of them texts that UTF-8 can carry."""
    try:
        given = json.loads(body)
    except (ValueError, RecursionError):
        raise RefusedRequest(400, "The request is not JSON.") from None
    if not isinstance(given, dict):
        raise RefusedRequest(400, "The request is not a JSON object.")
    fields = {name: value for name, value in given.items() if isinstance(value, str)}
    if given.keys() != needed or fields.keys() != needed:
        names = ", ".join(sorted(needed))
        raise RefusedRequest(400, f"The request needs exactly these texts: {names}.")
    limit = MAX_HISTORY if "language" in needed else MAX_SMS
    if len(fields.get("text", "")) > limit:
        raise RefusedRequest(400, f"The text is longer than {limit} characters.")
    if any("\ud800" <= letter <= "\udfff" for value in fields.values() for letter in value):
        raise RefusedRequest(400, "The text holds half a letter.")
    return fields
