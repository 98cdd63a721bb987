"""Twilio SMS: official signatures and recorded bodies in, the real client out to a local server."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from time import monotonic

import pytest
from starlette.datastructures import FormData
from twilio.request_validator import RequestValidator  # type: ignore[import-untyped]

from helpline.core.errors import GatewayError, RefusedRequest
from helpline.core.message import MO, MT, Receipt, ReceiptState
from helpline.gateways.base import MAX_SMS, Answer, Channel, Wire
from helpline.gateways.twilio_sms import GATEWAY, authentic, send
from tests.gateways.provider_stub import (
    PUBLIC_URL,
    SECRETS,
    TWILIO_ACCOUNT,
    TWILIO_TOKEN,
    Manner,
    Provider,
    Received,
    Reply,
    channel,
    nobody_accepts,
    nobody_listens,
    posted,
    provider,
    told,
    twilio_reply,
)
from tests.private import PRIVATE_NUMBERS, PRIVATE_WORDS, traces

Fields = list[tuple[str, str]]
SIGNED = "x_twilio_signature"
SETTINGS = "x_twilio_webhooks_signature_settings"
SHA256 = "key=webhooks_sharedkey_1,algorithm=HMAC_SHA256"
NUMBER = "+15005550006"
MESSAGE: Fields = [  # the order and the empty fields of a recorded one
    ("ToCountry", "US"),
    ("ToState", ""),
    ("SmsMessageSid", "SM1"),
    ("NumMedia", "0"),
    ("ToCity", ""),
    ("FromZip", ""),
    ("SmsSid", "SM1"),
    ("FromState", ""),
    ("SmsStatus", "received"),
    ("FromCity", ""),
    ("Body", "ཀ help "),
    ("FromCountry", "US"),
    ("To", "+15005550006"),
    ("MessagingServiceSid", "MG1"),
    ("ToZip", ""),
    ("NumSegments", "1"),
    ("MessageSid", "SM1"),
    ("AccountSid", TWILIO_ACCOUNT),
    ("From", NUMBER),
    ("ApiVersion", "2010-04-01"),
]
INBOUND, STATUS = GATEWAY.parsers["inbound"], GATEWAY.parsers["status"]
REAL = MT(number=PRIVATE_NUMBERS[0], text=PRIVATE_WORDS[2])


@pytest.fixture
def stub(monkeypatch: pytest.MonkeyPatch) -> Iterator[Provider]:
    monkeypatch.setenv("NO_PROXY", "*")
    with provider(twilio_reply()) as running:
        yield running


def line(api_base: str = "", **options: str) -> Channel:
    settings = {"account": TWILIO_ACCOUNT, "api_base": api_base, **options}
    return channel("twilio-sms", secrets=(TWILIO_TOKEN,), **settings)


def having(**changed: str) -> Fields:
    return [(key, changed.get(key, value)) for key, value in MESSAGE]


def without(key: str) -> Fields:
    return [(name, value) for name, value in MESSAGE if name != key]


def signature(
    fields: Fields, *, token: str = TWILIO_TOKEN, url: str = PUBLIC_URL, algorithm: str = ""
) -> str:
    """What Twilio would send, by its own library over Starlette's form (not over ours)."""
    official = RequestValidator(token).compute_signature(
        url, FormData([*fields]), algorithm or None
    )
    return str(official)


def signed(fields: Fields, url: str = PUBLIC_URL) -> Wire:
    return posted(fields, url=url, **{SIGNED: signature(fields, url=url)})


def refusal(where: Channel, mt: MT = REAL) -> GatewayError:
    """The error that sending raises, after a look that it betrays nothing."""
    with pytest.raises(GatewayError) as failed:
        send(where, mt)
    assert traces(told(failed.value)) == []
    assert not any(secret in told(failed.value) for secret in SECRETS)
    assert failed.value.__cause__ is None
    assert failed.value.__context__ is None
    return failed.value


@pytest.mark.parametrize(
    "fields",
    [
        pytest.param(MESSAGE, id="recorded"),
        pytest.param([*MESSAGE, ("Unseen", "b"), ("Unseen", "a")], id="unknown, repeated"),
        pytest.param([*MESSAGE, ("Unseen", "a"), ("Unseen", "a")], id="same value twice"),
        pytest.param([*MESSAGE, ("Ünseen key", "&=+%")], id="odd key"),
        pytest.param(having(Body=""), id="empty body"),
        pytest.param(having(Body="  two  blanks \r\n"), id="white space kept"),
        *[
            pytest.param(having(Body=word), id=f"script {at}")
            for at, word in enumerate(PRIVATE_WORDS)
        ],
    ],
)
def test_authentic(fields: Fields) -> None:
    assert authentic(line(), signed(fields))


@pytest.mark.parametrize(
    ("shown", "believed", "answer"),
    [
        (PUBLIC_URL, PUBLIC_URL, True),
        (f"{PUBLIC_URL}?a=1&b=%20", f"{PUBLIC_URL}?a=1&b=%20", True),
        (PUBLIC_URL, PUBLIC_URL.replace(".org/", ".org:443/"), True),
        (PUBLIC_URL, f"{PUBLIC_URL}/", False),
        (PUBLIC_URL, f"{PUBLIC_URL}?a=1", False),
        (PUBLIC_URL, PUBLIC_URL.replace("https", "http"), False),
        (PUBLIC_URL, PUBLIC_URL.replace("one", "two"), False),
        (PUBLIC_URL, PUBLIC_URL.replace("example", "evil"), False),
    ],
)
def test_the_url_is_signed_too(shown: str, believed: str, answer: bool) -> None:
    wire = posted(MESSAGE, url=believed, **{SIGNED: signature(MESSAGE, url=shown)})
    assert authentic(line(), wire) is answer


@pytest.mark.parametrize(
    "fields",
    [
        pytest.param(having(Body="ཀ help"), id="trimmed"),
        pytest.param(having(From="+97510000009"), id="other sender"),
        pytest.param([field for field in MESSAGE if field[1]], id="empty fields dropped"),
        pytest.param([*MESSAGE, ("Extra", "1")], id="field added"),
        pytest.param([*MESSAGE, ("Body", "more")], id="value added"),
        pytest.param(without("ApiVersion"), id="field removed"),
        pytest.param([], id="nothing"),
    ],
)
def test_altered_fields_are_not_authentic(fields: Fields) -> None:
    assert not authentic(line(), posted(fields, **{SIGNED: signature(MESSAGE)}))


@pytest.mark.parametrize("header", ["", " ", "x", "ཨ", signature(MESSAGE).lower()])
def test_a_wrong_or_empty_signature_is_not_authentic(header: str) -> None:
    assert not authentic(line(), posted(MESSAGE, **{SIGNED: header}))


def test_no_signature_is_not_authentic() -> None:
    assert not authentic(line(), posted(MESSAGE))
    assert not authentic(line(), posted(MESSAGE, **{SETTINGS: SHA256}))


@pytest.mark.parametrize(
    ("settings", "algorithm", "answer"),
    [
        (SHA256, "HMAC_SHA256", True),
        ("algorithm = hmac_sha256 ,key=k", "HMAC_SHA256", True),
        ("key=k", "HMAC_SHA1", True),
        ("", "HMAC_SHA1", True),
        ("key=k,algorithm=HMAC_SHA1", "HMAC_SHA1", True),
        (SHA256, "HMAC_SHA1", False),
        ("key=k", "HMAC_SHA256", False),
        ("algorithm=NONE", "HMAC_SHA1", False),
        ("algorithm=HMAC_MD5\r\nforged log line", "HMAC_SHA1", False),
    ],
)
def test_the_named_algorithm_is_used(
    settings: str, algorithm: str, answer: bool, caplog: pytest.LogCaptureFixture
) -> None:
    made = signature(MESSAGE, algorithm=algorithm)
    wire = posted(MESSAGE, **{SIGNED: made, SETTINGS: settings})
    assert authentic(line(), wire) is answer
    assert caplog.records == []  # the library would log the header of an unbelieved request


def test_every_live_token_is_tried_but_never_an_empty_one() -> None:
    wire = signed(MESSAGE)
    assert authentic(channel("twilio-sms", secrets=("older", TWILIO_TOKEN)), wire)
    assert authentic(channel("twilio-sms", secrets=(TWILIO_TOKEN, "newer")), wire)
    assert not authentic(channel("twilio-sms", secrets=("older",)), wire)
    assert not authentic(channel("twilio-sms", secrets=()), wire)
    forged = posted(MESSAGE, **{SIGNED: signature(MESSAGE, token="")})
    assert not authentic(channel("twilio-sms", secrets=("", TWILIO_TOKEN)), forged)


@pytest.mark.parametrize("key", ["bodySHA256", "body%53HA256", "bodysha256"])
def test_a_signed_json_request_is_not_authentic(key: str) -> None:
    assert not authentic(line(), signed(MESSAGE, url=f"{PUBLIC_URL}?{key}=00"))


@pytest.mark.parametrize(
    "wire",
    [
        posted(b"{}", content_type="application/json", x_twilio_signature="x"),
        posted(b"Body=%ff", x_twilio_signature="x"),
        posted(b"Body=1", content_type="", x_twilio_signature=signature([])),
    ],
)
def test_what_is_no_form_is_not_authentic(wire: Wire) -> None:
    assert not authentic(line(), wire)


@pytest.mark.parametrize(
    ("fields", "number", "text"),
    [
        pytest.param(MESSAGE, NUMBER, "ཀ help ", id="recorded"),
        pytest.param(having(Body=""), NUMBER, "", id="empty"),
        pytest.param(having(Body="x" * 5000), NUMBER, "x" * MAX_SMS, id="cut"),
        pytest.param(having(From="CHEAPLOANS", Body="x"), "", "x", id="alphabetic"),
        pytest.param(having(From="21622", Body="x"), "", "x", id="short code"),
        pytest.param(having(From="", Body="x"), "", "x", id="no sender"),
        pytest.param(
            [*having(Body="x"), ("New", ""), ("New", "")], NUMBER, "x", id="unknown field"
        ),
    ],
)
def test_inbound(fields: Fields, number: str, text: str) -> None:
    assert INBOUND(line(), posted(fields)) == MO(number, text, provider_id="SM1")


@pytest.mark.parametrize("number", PRIVATE_NUMBERS)
@pytest.mark.parametrize("word", PRIVATE_WORDS)
def test_inbound_in_every_script(number: str, word: str) -> None:
    wire = signed(having(From=number, Body=word))
    assert authentic(line(), wire)
    assert INBOUND(line(), wire) == MO(number, word, provider_id="SM1")


@pytest.mark.parametrize(
    "fields",
    [
        pytest.param([], id="nothing"),
        pytest.param(without("MessageSid"), id="no id"),
        pytest.param(having(MessageSid=""), id="empty id"),
        pytest.param(having(MessageSid="x" * 129), id="long id"),
        pytest.param(without("From"), id="no sender"),
        pytest.param(having(From="x" * 65), id="long sender"),
        pytest.param(without("Body"), id="no body"),
        *[
            pytest.param([*MESSAGE, (key, "my-secret-words")], id=f"two of {key}")
            for key in ("MessageSid", "From", "To", "Body")
        ],
    ],
)
def test_inbound_refused_even_when_signed(fields: Fields) -> None:
    wire = signed(fields)
    with pytest.raises(RefusedRequest) as refused:
        INBOUND(line(), wire)
    assert refused.value.status == 400
    assert traces(told(refused.value)) == []


@pytest.mark.parametrize(
    ("status", "state"),
    [
        ("accepted", ReceiptState.ACCEPTED),
        ("queued", ReceiptState.ACCEPTED),
        ("sending", ReceiptState.ACCEPTED),
        ("sent", ReceiptState.SENT),
        ("undelivered", ReceiptState.FAILED),
        ("failed", ReceiptState.FAILED),
        ("canceled", ReceiptState.FAILED),
        ("delivered", ReceiptState.DELIVERED),
        ("read", ReceiptState.DELIVERED),
        ("teleported", ReceiptState.UNKNOWN),
        ("", ReceiptState.UNKNOWN),
    ],
)
def test_status(status: str, state: ReceiptState) -> None:
    fields = [("MessageSid", "SM1"), ("MessageStatus", status), ("RawDlrDoneDate", "2611221200")]
    assert STATUS(line(), posted(fields)) == Receipt("SM1", state, status)
    coded = [*fields, ("ErrorCode", "30003")]
    assert STATUS(line(), posted(coded)) == Receipt("SM1", state, status, "30003")


def test_reports_in_the_wrong_order_never_go_back() -> None:
    ranks = [
        STATUS(line(), posted([("MessageSid", "SM1"), ("MessageStatus", status)]))
        for status in ("queued", "sending", "sent", "undelivered", "delivered")
    ]
    states = [rank.state for rank in ranks if isinstance(rank, Receipt)]
    assert states == sorted(states)
    assert max(reversed(states)) is ReceiptState.DELIVERED


@pytest.mark.parametrize(
    "fields",
    [
        [("MessageStatus", "sent")],
        [("MessageSid", "SM1")],
        [("MessageSid", "SM1"), ("MessageStatus", "sent"), ("MessageStatus", "failed")],
        [("MessageSid", "SM1"), ("MessageSid", "SM2"), ("MessageStatus", "sent")],
        [("MessageSid", "SM1"), ("MessageStatus", "sent"), ("ErrorCode", ""), ("ErrorCode", "1")],
        [("MessageSid", "x" * 129), ("MessageStatus", "sent")],
    ],
)
def test_status_refused(fields: Fields) -> None:
    with pytest.raises(RefusedRequest):
        STATUS(line(), posted(fields))


def test_render_says_nothing() -> None:
    rendered = GATEWAY.render(Answer("ignored", ends=False))
    assert rendered.body == b'<?xml version="1.0" encoding="UTF-8"?><Response></Response>'
    assert rendered.content_type.startswith("text/xml")


@pytest.mark.parametrize("text", PRIVATE_WORDS)
def test_send(stub: Provider, text: str) -> None:
    assert send(line(stub.url), MT(NUMBER, text)) == "SM1"
    (request,) = stub.received
    assert request.form == {"To": [NUMBER], "From": ["+15005550006"], "Body": [text]}


def test_send_by_a_messaging_service_and_with_a_report(stub: Provider) -> None:
    where = line(stub.url, messaging_service="MG1", status_callback="https://help.example.org/s")
    send(where, REAL)
    (request,) = stub.received
    assert "From" not in request.form
    assert request.one("MessagingServiceSid") == "MG1"
    assert request.one("StatusCallback") == "https://help.example.org/s"


def test_the_sending_token_may_differ_from_the_signing_ones(stub: Provider) -> None:
    where = replace(line(stub.url, auth_token=TWILIO_TOKEN), secrets=("shared-key",))
    assert send(where, REAL) == "SM1"


def test_the_environment_moves_nothing(stub: Provider, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TWILIO_REGION", "au1")
    monkeypatch.setenv("TWILIO_EDGE", "sydney")
    assert send(line(stub.url), REAL) == "SM1"


@pytest.mark.parametrize(("ahead", "at_most"), [(600, 600), (36_000 * 3, 36_000)])
def test_validity(stub: Provider, ahead: int, at_most: int) -> None:
    until = datetime.now(UTC) + timedelta(seconds=ahead)
    send(line(stub.url), replace(REAL, valid_until=until))
    assert at_most - 30 < int(stub.received[0].one("ValidityPeriod")) <= at_most


def test_too_late_is_not_sent(stub: Provider) -> None:
    assert not refusal(line(stub.url), replace(REAL, valid_until=datetime.now(UTC))).retryable
    assert stub.received == []


@pytest.mark.parametrize(
    ("status", "code", "retryable", "reason"),
    [
        (400, 21610, False, "opted out"),
        (400, 21211, False, "code 21211"),
        (401, 20003, False, "code 20003"),
        (404, 20404, False, "HTTP 404"),
        (429, 20429, True, "HTTP 429"),
        (429, 21611, True, "HTTP 429"),
        (500, 20500, False, "HTTP 500"),
        (503, 20503, False, "HTTP 503"),
        (302, 0, False, "HTTP 302"),
    ],
)
def test_refusals(stub: Provider, status: int, code: int, retryable: bool, reason: str) -> None:
    stub.reply = twilio_reply(status, code)
    error = refusal(line(stub.url))
    assert error.retryable is retryable
    assert reason in str(error)
    assert len(stub.received) == 1


@pytest.mark.parametrize(
    ("answer", "retryable"),
    [
        (Reply(500, "my-secret-words", "text/html"), False),
        (Reply(429, "my-secret-words", "text/html"), True),
        (Reply(400, '{"code": "my-secret-words", "message": "my-secret-words"}'), False),
        (
            Reply(429, '{"type": "t", "title": "my-secret-words", "status": 429, "code": 20429}'),
            True,
        ),
        (Reply(400, '{"type": "t", "title": "x", "status": "+97510000001", "code": []}'), False),
        (Reply(201, ""), False),
        (Reply(201, "my-secret-words"), False),
        (Reply(201, "[]"), False),
        (Reply(201, "null"), False),
        (Reply(201, "{}"), False),
        (Reply(201, '{"sid": 5}'), False),
    ],
)
def test_answers_of_other_shapes(stub: Provider, answer: Reply, retryable: bool) -> None:
    stub.reply = replying(answer)
    assert refusal(line(stub.url)).retryable is retryable


@pytest.mark.parametrize("manner", ["hang", "drop", "cut"])
def test_what_may_have_been_sent_is_final(stub: Provider, manner: Manner) -> None:
    stub.manner = manner
    began = monotonic()
    assert not refusal(line(stub.url, timeout="0.3")).retryable
    assert monotonic() - began < 5  # a gateway left to its defaults waits for 9 s or for ever
    assert len(stub.received) == 1


def test_what_was_never_sent_may_be_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_PROXY", "*")
    with nobody_accepts() as full:
        for url in (nobody_listens(), full, "http://nowhere.invalid"):
            assert refusal(line(url, timeout="0.3")).retryable


@pytest.mark.parametrize(
    "options",
    [
        {"account": ""},
        {"timeout": "soon"},
        {"auth_token": "wrong"},
        {"auth_token": f"{TWILIO_TOKEN}ཨ"},
        {"api_base": "nonsense"},
    ],
)
def test_wrong_settings_are_final_and_not_quoted(stub: Provider, options: dict[str, str]) -> None:
    assert not refusal(line(**{"api_base": stub.url, **options})).retryable


def test_no_token_at_all_is_a_wrong_setting(stub: Provider) -> None:
    assert "auth_token" in str(refusal(replace(line(stub.url), secrets=())))
    assert stub.received == []


def replying(reply: Reply) -> Callable[[Received], Reply]:
    return lambda request: reply
