"""What every gateway is made of: the wire request, a channel's settings, and the functions.

A gateway turns a provider's request into the words of `helpline.core.message` and back; provider
words end here. It decides nothing about the conversation.
"""

import hmac
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from urllib.parse import parse_qsl

import phonenumbers
import requests
from urllib3.exceptions import NewConnectionError

from helpline.core.errors import GatewayError, RefusedRequest
from helpline.core.message import MO, MT, Kind, Receipt, SessionEnd
from helpline.core.text import Budget

MAX_BODY = 16 * 1024  # bytes; the longest recorded body is under 4 KiB
MAX_FIELDS = 64
MAX_ID = 128  # characters of a provider's session or message id
MAX_WORD = 64  # characters kept of a provider's status or error word
MAX_SMS = 1600  # characters kept of one incoming SMS; Twilio's own limit of a body
_BROKEN_ESCAPE = re.compile(rb"%(?![0-9A-Fa-f]{2})")
# Letters are refused: libphonenumber would dial an alphabetic sender by its keypad letters.
_PHONE = re.compile(r"\+?[0-9 ().-]+")


class Form:
    """The fields of a form body, in order, repeated keys kept: a signature covers all of them."""

    def __init__(self, pairs: list[tuple[str, str]]) -> None:
        self._pairs = pairs

    def __iter__(self) -> Iterator[str]:
        return iter(dict.fromkeys(key for key, _ in self._pairs))

    def getlist(self, key: str) -> list[str]:
        return [value for name, value in self._pairs if name == key]

    def once(self, *keys: str) -> None:
        """Refuses (400) a repetition of any of `keys`, for fields that are known but not read."""
        for key in keys:
            if len(self.getlist(key)) > 1:
                raise RefusedRequest(400, f"field {key} is repeated")

    def one(self, key: str, *, default: str | None = None, limit: int = 2000) -> str:
        """The single value of `key`. Refuses (400) a repeated, over-long or missing field."""
        self.once(key)
        values = self.getlist(key)
        if not values:
            if default is None:
                raise RefusedRequest(400, f"field {key} is missing")
            return default
        if len(values[0]) > limit:
            raise RefusedRequest(400, f"field {key} is too long")
        return values[0]


@dataclass(frozen=True, slots=True)
class Wire:
    """One request as it came: `url` is the public one, `headers` have lower-case names."""

    method: str
    url: str
    headers: Mapping[str, str]
    body: bytes

    def form(self) -> Form:
        """The body as a form; refuses (400) anything that is not exactly one."""
        kind = self.headers.get("content-type", "").partition(";")[0].strip().lower()
        if kind != "application/x-www-form-urlencoded":
            raise RefusedRequest(400, "body is not a form")
        if _BROKEN_ESCAPE.search(self.body):
            raise RefusedRequest(400, "body is badly encoded")
        pairs = _pairs(self.body)
        if pairs is None:
            raise RefusedRequest(400, "body is badly encoded")
        return Form(pairs)


def _pairs(body: bytes) -> list[tuple[str, str]] | None:
    """The form's pairs or None. The library's errors quote the body, so none leaves from here."""
    try:
        return parse_qsl(
            body.decode("ascii"),
            keep_blank_values=True,
            strict_parsing=True,
            encoding="utf-8",
            errors="strict",
            max_num_fields=MAX_FIELDS,
        )
    except ValueError:
        return None


@dataclass(frozen=True, slots=True)
class Channel:
    """One number or service code on one gateway; all of it is configuration.

    `secrets` are the live path secrets of an unsigned gateway (two during a rotation) or the
    signing tokens of a signed one. `region` is the ISO country used for national numbers.
    `options` are the gateway's own (account, api_base ...) and never reach a log.
    """

    name: str
    gateway: str
    programme: str
    address: str
    region: str
    budget: Budget
    secrets: tuple[str, ...] = field(repr=False)
    options: Mapping[str, str] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True)
class Answer:
    """What the phone shall show: text that already fits, and whether the session ends."""

    text: str
    ends: bool


@dataclass(frozen=True, slots=True)
class WireAnswer:
    body: bytes
    content_type: str = "text/plain; charset=utf-8"
    headers: tuple[tuple[str, str], ...] = ()


Parser = Callable[[Channel, Wire], MO | SessionEnd | Receipt]


@dataclass(frozen=True, slots=True)
class Gateway:
    """One provider adapter.

    `parsers` maps each webhook it has (`inbound`, `events`, `status`) to its parser; a parser
    raises RefusedRequest. `authentic` is given for gateways that sign (it sees the whole request);
    the others are believed by the secret in their path. `send` hands one MT to the provider and
    returns the provider's id; it blocks (workers only) and raises GatewayError.
    """

    name: str
    kind: Kind
    parsers: Mapping[str, Parser]
    render: Callable[[Answer], WireAnswer]
    authentic: Callable[[Channel, Wire], bool] | None = None
    send: Callable[[Channel, MT], str] | None = None


def same_secret(channel: Channel, given: str) -> bool:
    """Constant-time comparison with every live secret of the channel."""
    matches = [hmac.compare_digest(live.encode(), given.encode()) for live in channel.secrets]
    return any(matches)


def bounded_id(value: str, name: str) -> str:
    """A provider's id: 1 to MAX_ID printable characters, else 400."""
    if not value or len(value) > MAX_ID or not value.isprintable():
        raise RefusedRequest(400, f"field {name} is not an id")
    return value


def provider_word(value: str) -> str:
    """A provider's status or error word as it came, cut to MAX_WORD printable characters."""
    return "".join(letter for letter in value[:MAX_WORD] if letter.isprintable())


def e164(value: str, region: str) -> str:
    """The number as E.164 with its plus sign, national forms read in `region`; "" if not a phone.

    A short code, an alphabetic sender and a number without its area code are not phones.
    """
    if not _PHONE.fullmatch(value.strip()):
        return ""
    try:
        parsed = phonenumbers.parse(value, region)
    except phonenumbers.NumberParseException:
        return ""
    reason = phonenumbers.is_possible_number_with_reason(parsed)
    if reason != phonenumbers.ValidationResult.IS_POSSIBLE:
        return ""
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)


def caller_number(form: Form, key: str, channel: Channel) -> str:
    """The caller's number from a field that must hold a phone; 400 otherwise."""
    number = e164(form.one(key, limit=32), channel.region)
    if not number:
        raise RefusedRequest(400, f"field {key} is not a phone number")
    return number


def option(channel: Channel, name: str) -> str:
    """An option that sending needs; GatewayError (final) names it when it is not set."""
    value = channel.options.get(name, "")
    if not value:
        raise GatewayError(f"channel option {name} is not set", retryable=False)
    return value


def send_timeout(channel: Channel) -> float:
    """Seconds to wait for the provider: the option `timeout`, above 0 and up to 60."""
    try:
        seconds = float(channel.options.get("timeout", "9"))
    except ValueError:
        seconds = 0.0
    if not 0 < seconds <= 60:
        raise GatewayError("channel option timeout is not 0 to 60 seconds", retryable=False)
    return seconds


def seconds_left(mt: MT) -> int | None:
    """Whole seconds in which the MT may still be sent, None without a limit.

    GatewayError (final) once it is over: a late message may meet the wrong reader.
    """
    if mt.valid_until is None:
        return None
    left = int((mt.valid_until - datetime.now(UTC)).total_seconds())
    if left < 1:
        raise GatewayError("expired before it was sent", retryable=False)
    return left


def never_sent(failure: Exception) -> bool:
    """Whether the request certainly did not leave: no connection was made, for whatever reason."""
    if isinstance(failure, requests.ConnectTimeout | requests.exceptions.ProxyError):
        return True
    wrapped = failure.args[0] if failure.args else None
    return isinstance(getattr(wrapped, "reason", None), NewConnectionError)
