"""Whatever a webhook is sent, it answers as its wire demands and never with an error of its own."""

import asyncio
from collections.abc import Iterator
from urllib.parse import quote, quote_from_bytes, urlencode

import httpx2
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from helpline.gateways import GATEWAYS
from helpline.gateways.simulator import MAX_INPUT
from helpline.redisd import EmbeddedRedis
from helpline.runtime import Runtime
from helpline.service import webhooks
from helpline.web.app import create
from tests.web.site import FORM, PUBLIC, Fields, prepare, signature

HOOKS = [
    (channel, endpoint)
    for channel, endpoints in {
        "bt-ussd": ("inbound", "events"),
        "kh-sms": ("inbound", "status"),
        "pk-twilio": ("inbound", "status"),
        "bt-sim": ("inbound",),
    }.items()
    for endpoint in endpoints
]
KNOWN = {
    "sessionId", "phoneNumber", "serviceCode", "networkCode", "text", "status", "id", "from", "to",
    "date", "linkId", "cost", "failureReason", "MessageSid", "From", "To", "Body", "MessageStatus",
    "ErrorCode", "session", "number",
}  # fmt: skip
ALLOWED = {200, 400, 403, 404, 405, 413}
NUMBERS = {"bt": "+97510000001", "pk": "+923800000001", "kh": "+85520000001"}
FUZZ = settings(
    max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)

texts = st.text(max_size=60)
keys = st.sampled_from(sorted(KNOWN)) | texts
values = st.sampled_from([*NUMBERS.values(), "1", "9", "", "Incomplete", "sent"]) | texts
forms = st.lists(st.tuples(keys, values), max_size=12)
WORDS = ["report", "desk Punakha", "case 0000-0000", "0000 0000", "Haa", "blue cow", "x" * 1700]
keyed = [*"0123456789", "00", "*", "#", "", "99", "stop", "༡", "១", "۱", *WORDS]
typed = st.sampled_from(keyed) | texts
histories = st.lists(typed, max_size=15).map("*".join) | st.text(max_size=4100)
hooks = st.sampled_from(HOOKS)


class Wire:
    """The application itself, on one event loop, with its real Redis and record.

    Not a dataclass: Hypothesis would print every screen of every language.
    """

    def __init__(self, parts: Runtime, client: httpx2.AsyncClient, runner: asyncio.Runner) -> None:
        self.parts, self.client, self.runner = parts, client, runner

    def url(self, channel: str, endpoint: str) -> str:
        configured = self.parts.channels[channel]
        return webhooks.urls(configured, GATEWAYS[configured.gateway], PUBLIC)[endpoint]

    def send(
        self, hook: tuple[str, str], body: bytes, *, method: str = "POST", kind: str = FORM
    ) -> httpx2.Response:
        request = self.client.request(
            method, self.url(*hook), content=body, headers={b"content-type": kind.encode()}
        )
        return self.runner.run(request)

    def fill(self, hook: tuple[str, str], fields: Fields) -> httpx2.Response:
        """A form, signed where that is asked for, so that what is behind is reached."""
        url, body = self.url(*hook), urlencode(fields).encode()
        made = signature(self.parts.channels[hook[0]].secrets[0], url, fields)
        headers = {"content-type": FORM, "x-twilio-signature": made}
        return self.runner.run(self.client.post(url, content=body, headers=headers))


@pytest.fixture(scope="module")
def wire(tmp_path_factory: pytest.TempPathFactory, redis_server: EmbeddedRedis) -> Iterator[Wire]:
    parts = prepare(tmp_path_factory.mktemp("fuzz"), redis_server.url)
    app = create(parts)
    transport = httpx2.ASGITransport(app=app, raise_app_exceptions=True)
    client = httpx2.AsyncClient(transport=transport)
    with asyncio.Runner() as runner:
        living = app.router.lifespan_context(app)
        runner.run(living.__aenter__())
        yield Wire(parts, client, runner)
        runner.run(client.aclose())
        runner.run(living.__aexit__(None, None, None))


def check(hook: tuple[str, str], answer: httpx2.Response) -> None:
    assert answer.status_code in ALLOWED
    if answer.status_code == 200 and hook == ("bt-ussd", "inbound"):
        check_screen(answer.content)
    if answer.status_code != 200:
        assert answer.content == b""


def check_screen(body: bytes) -> None:
    """What Africa's Talking demands: no white space before, and never empty."""
    verb, _, text = body.decode().partition(" ")
    assert verb in ("CON", "END")
    assert text.strip()


@FUZZ
@given(
    hooks, st.binary(max_size=400), st.sampled_from([FORM, "application/json", "", "ཀ", FORM * 9])
)
@example(("bt-ussd", "inbound"), b"%", FORM)
@example(("bt-ussd", "inbound"), b"&&==&", FORM)
@example(("bt-ussd", "inbound"), b"\xff\xfe\x00", FORM)
@example(("kh-sms", "inbound"), b"text=%00&id=1&from=%2B85520000001", FORM)
def test_any_bytes(wire: Wire, hook: tuple[str, str], body: bytes, kind: str) -> None:
    check(hook, wire.send(hook, body, kind=kind))


@FUZZ
@given(hooks, forms)
@example(("bt-ussd", "inbound"), [("sessionId", "\ud7ff"), ("phoneNumber", "+" * 32)])
@example(("kh-sms", "inbound"), [("id", "1"), ("from", "+855 20 000 001"), ("text", "\0")])
def test_any_form(wire: Wire, hook: tuple[str, str], fields: list[tuple[str, str]]) -> None:
    check(hook, wire.fill(hook, fields))


@FUZZ
@given(texts.filter(bool), histories)
@example("S", "*")
@example("S", "*" * 4000)
@example("S", "*".join("1" * 60))
@example("S", "*".join("1" * 61))
@example("S", "3*" * 1000)
@example("S", "9*9*9")
@example("S", "1*\0*1")
def test_any_history_of_a_session(wire: Wire, session: str, text: str) -> None:
    fields = [("sessionId", session), ("serviceCode", "*1098#"), ("text", text)]
    fields.append(("phoneNumber", NUMBERS["bt"]))
    answer = wire.fill(("bt-ussd", "inbound"), fields)
    assert answer.status_code in (200, 400)
    if answer.status_code == 200:
        check_screen(answer.content)


@FUZZ
@given(st.lists(typed, min_size=1, max_size=9))
@example(["3", "1", "1", "2", "1", "1", "Haa", "3", "2", "1", "blue cow"])  # to the end
@example(["3", "2", "Haa", "1", "1", "1", "2", "1"])  # a desk, another one, ask for a call
@example(["3", "4", "0000-0000", "1", "1", "4", "0000 0000", "no word"])  # no such request
@example(["4", "3", "0000 0000", "blue cow"])  # a dialled shortcut
def test_any_dialogue_turn_by_turn(wire: Wire, inputs: list[str]) -> None:
    """Each turn also fits one USSD string: 160 septets or 70 UCS-2 units."""
    session = f"turns-{hash(tuple(inputs))}"
    for count in range(len(inputs) + 1):
        fields = [
            ("sessionId", session),
            ("serviceCode", "*1098#"),
            ("phoneNumber", NUMBERS["bt"]),
            ("text", "*".join(inputs[:count])),
        ]
        answer = wire.fill(("bt-ussd", "inbound"), fields)
        assert answer.status_code == 200
        check_screen(answer.content)
        text = answer.text[4:]
        assert wire.parts.channels["bt-ussd"].budget.fits(text)


@FUZZ
@given(st.lists(st.sampled_from(keyed), max_size=9))
@example(["3", "1", "1", "1", "1"])
def test_any_dialogue_of_a_gateway_without_a_history(wire: Wire, inputs: list[str]) -> None:
    session = f"S-{hash(tuple(inputs))}"
    for text in ("", *inputs):
        fields = [("session", session), ("number", NUMBERS["bt"]), ("text", text)]
        answer = wire.fill(("bt-sim", "inbound"), fields)
        assert answer.status_code == (200 if len(text) <= MAX_INPUT else 400)
        if answer.status_code == 200:
            assert wire.parts.channels["bt-sim"].budget.fits(answer.text)
            assert answer.text.strip()


@FUZZ
@given(st.sampled_from(["kh-sms", "pk-twilio"]), texts.filter(str.isprintable).filter(bool), typed)
def test_any_message(wire: Wire, channel: str, provider_id: str, text: str) -> None:
    number = NUMBERS[channel[:2]]
    fields = {
        "kh-sms": [("id", provider_id), ("from", number), ("text", text)],
        "pk-twilio": [("MessageSid", provider_id), ("From", number), ("Body", text)],
    }[channel]
    assert wire.fill((channel, "inbound"), fields).status_code == 200


@FUZZ
@given(st.text(max_size=30), st.binary(max_size=30), st.sampled_from(["GET", "POST", "HEAD", "X"]))
def test_any_path(wire: Wire, channel: str, secret: bytes, method: str) -> None:
    path = f"/hooks/{quote(channel, safe='')}/{quote_from_bytes(secret, safe='')}/inbound"
    answer = wire.runner.run(wire.client.request(method, f"{PUBLIC}{path}", content=b""))
    assert answer.status_code in {403, 404, 405}


@FUZZ
@given(hooks, st.sampled_from(["GET", "HEAD", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE"]))
def test_any_method(wire: Wire, hook: tuple[str, str], method: str) -> None:
    assert wire.send(hook, b"", method=method).status_code == 405
