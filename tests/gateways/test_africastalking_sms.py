"""Africa's Talking SMS: recorded bodies in, and the real SDK out to a local server."""

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from time import monotonic

import pytest

from helpline.core.errors import GatewayError, RefusedRequest
from helpline.core.message import MO, MT, Receipt, ReceiptState
from helpline.gateways.africastalking_sms import GATEWAY, send
from helpline.gateways.base import MAX_SMS, Answer, Channel
from tests.gateways.provider_stub import (
    AT_KEY,
    SECRETS,
    Manner,
    Provider,
    Received,
    Reply,
    at_reply,
    channel,
    nobody_accepts,
    nobody_listens,
    posted,
    provider,
    told,
)
from tests.private import PRIVATE_NUMBERS, PRIVATE_WORDS, traces

NUMBER = "+97510000011"
MESSAGE = (
    b"date=2017-05-03T06%3A04%3A45Z&from=%2B97510000011&id=ATXid_1&linkId=L1&to=1098"
    b"&cost=None&networkCode=63902&text="
)
REPORT = (
    b"id=ATXid_1&status=Failed&phoneNumber=%2B97510000011&networkCode=63902"
    b"&failureReason=UserInBlackList&retryCount=0"
)
INBOUND, STATUS = GATEWAY.parsers["inbound"], GATEWAY.parsers["status"]
REAL = MT(number=PRIVATE_NUMBERS[0], text=PRIVATE_WORDS[2])


@pytest.fixture
def stub(monkeypatch: pytest.MonkeyPatch) -> Iterator[Provider]:
    monkeypatch.setenv("NO_PROXY", "*")
    with provider(at_reply()) as running:
        yield running


def line(api_base: str = "", **options: str) -> Channel:
    settings = {"account": "sandbox", "api_key": AT_KEY, "api_base": api_base, **options}
    return channel("africastalking-sms", secrets=("path-secret",), **settings)


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
    ("body", "number", "text"),
    [
        pytest.param(MESSAGE + b"help+me", NUMBER, "help me", id="recorded"),
        pytest.param(MESSAGE, NUMBER, "", id="empty text"),
        pytest.param(MESSAGE.replace(b"T06%3A04%3A45Z", b"+06%3A04%3A45"), NUMBER, "", id="date"),
        pytest.param(MESSAGE.replace(b"linkId=L1&", b""), NUMBER, "", id="no link id"),
        pytest.param(MESSAGE.replace(b"%2B97510000011", b"21622"), "", "", id="short code"),
        pytest.param(MESSAGE.replace(b"%2B97510000011", b"MTN-INFO"), "", "", id="alphabetic"),
        pytest.param(MESSAGE.replace(b"%2B97510000011", b""), "", "", id="empty sender"),
        pytest.param(MESSAGE.replace(b"%2B975", b""), NUMBER, "", id="national number"),
        pytest.param(MESSAGE + b"x" * 5000, NUMBER, "x" * MAX_SMS, id="long text is cut"),
        pytest.param(MESSAGE + b"&new=1&new=2", NUMBER, "", id="unknown field, repeated"),
        pytest.param(MESSAGE + b"+a%0D%0Ab%00+", NUMBER, " a\r\nb\x00 ", id="text as it came"),
    ],
)
def test_inbound(body: bytes, number: str, text: str) -> None:
    assert INBOUND(line(), posted(body)) == MO(number, text, provider_id="ATXid_1")


@pytest.mark.parametrize("number", PRIVATE_NUMBERS)
@pytest.mark.parametrize("word", PRIVATE_WORDS)
def test_inbound_in_every_script(number: str, word: str) -> None:
    fields = [("date", "x"), ("from", number), ("id", "7"), ("text", word), ("to", "1098")]
    assert INBOUND(line(), posted(fields)) == MO(number, word, provider_id="7")


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"", id="empty"),
        pytest.param(MESSAGE.replace(b"from=%2B97510000011&", b""), id="no sender"),
        pytest.param(MESSAGE.replace(b"%2B97510000011", b"x" * 65), id="long sender"),
        pytest.param(MESSAGE.replace(b"&id=ATXid_1", b""), id="no id"),
        pytest.param(MESSAGE.replace(b"ATXid_1", b""), id="empty id"),
        pytest.param(MESSAGE.replace(b"ATXid_1", b"x" * 129), id="long id"),
        pytest.param(MESSAGE.replace(b"&text=", b""), id="no text"),
        pytest.param(MESSAGE + b"&text=my-secret-words", id="two texts"),
        pytest.param(MESSAGE + b"&id=1", id="two ids"),
        pytest.param(MESSAGE + b"&to=1", id="two receivers"),
        pytest.param(MESSAGE + b"&linkId=1", id="two link ids"),
        pytest.param(MESSAGE + b"my-secret-words%ff", id="not utf-8"),
    ],
)
def test_inbound_refused(body: bytes) -> None:
    with pytest.raises(RefusedRequest) as refused:
        INBOUND(line(), posted(body))
    assert refused.value.status == 400
    assert traces(told(refused.value)) == []


@pytest.mark.parametrize(
    ("status", "state"),
    [
        ("Sent", ReceiptState.SENT),
        ("Submitted", ReceiptState.SENT),
        ("Buffered", ReceiptState.SENT),
        ("Rejected", ReceiptState.FAILED),
        ("Failed", ReceiptState.FAILED),
        ("AbsentSubscriber", ReceiptState.FAILED),
        ("Expired", ReceiptState.FAILED),
        ("Success", ReceiptState.DELIVERED),
        ("Teleported", ReceiptState.UNKNOWN),
        ("", ReceiptState.UNKNOWN),
    ],
)
def test_status(status: str, state: ReceiptState) -> None:
    body = REPORT.replace(b"Failed", status.encode())
    expected = Receipt("ATXid_1", state, raw=status, reason="UserInBlackList")
    assert STATUS(line(), posted(body)) == expected


def test_status_without_a_reason_or_with_odd_long_words() -> None:
    short = b"id=ATXid_1&status=Success&phoneNumber=%2B97510000011"
    expected = Receipt("ATXid_1", ReceiptState.DELIVERED, "Success")
    assert STATUS(line(), posted(short)) == expected
    odd = b"id=1&status=" + b"S" * 900 + b"&failureReason=" + b"%1b" + b"R" * 900
    assert STATUS(line(), posted(odd)) == Receipt("1", ReceiptState.UNKNOWN, "S" * 64, "R" * 63)


@pytest.mark.parametrize(
    "body",
    [
        REPORT.replace(b"id=ATXid_1&", b""),
        REPORT.replace(b"&status=Failed", b""),
        REPORT.replace(b"ATXid_1", b"x" * 129),
        REPORT + b"&status=Success",
        REPORT + b"&id=ATXid_2",
        REPORT + b"&phoneNumber=1",
        REPORT + b"&failureReason=" + b"x",
    ],
)
def test_status_refused(body: bytes) -> None:
    with pytest.raises(RefusedRequest) as refused:
        STATUS(line(), posted(body))
    assert traces(told(refused.value)) == []


def test_render_says_nothing() -> None:
    assert GATEWAY.render(Answer("ignored", ends=False)).body == b""


@pytest.mark.parametrize("text", PRIVATE_WORDS)
def test_send(stub: Provider, text: str) -> None:
    assert send(line(stub.url + "/", sender="HELPLINE"), MT(NUMBER, text)) == "ATXid_1"
    (request,) = stub.received
    assert request.path == "/version1/messaging"
    assert request.headers["apikey"] == AT_KEY
    assert request.form == {
        "username": ["sandbox"],
        "to": [NUMBER],
        "message": [text],
        "bulkSMSMode": ["1"],
        "from": ["HELPLINE"],
    }


@pytest.mark.parametrize("options", [{}, {"sender": ""}])
def test_send_without_a_sender_names_none(stub: Provider, options: dict[str, str]) -> None:
    send(line(stub.url, **options), REAL)
    assert "from" not in stub.received[0].form


def test_two_accounts_in_one_process_do_not_mix(stub: Provider) -> None:
    for account in ("one", "two", "one"):
        send(line(stub.url, account=account), REAL)
    assert [request.one("username") for request in stub.received] == ["one", "two", "one"]


@pytest.mark.parametrize("code", [100, 101, 102])
@pytest.mark.parametrize("kind", ["application/json", "application/json; charset=utf-8", "x/y"])
def test_accepted_whatever_the_content_type(stub: Provider, code: int, kind: str) -> None:
    stub.reply = at_reply(code, content_type=kind)
    assert send(line(stub.url), REAL) == "ATXid_1"


@pytest.mark.parametrize("kind", ["application/json", "application/json; charset=utf-8"])
@pytest.mark.parametrize(
    ("code", "retryable", "reason"),
    [
        (401, False, "RiskHold"),
        (402, False, "InvalidSenderId"),
        (403, False, "InvalidPhoneNumber"),
        (405, False, "InsufficientBalance"),
        (406, False, "opted out"),
        (409, False, "DoNotDisturbRejection"),
        (500, True, "InternalServerError"),
        (501, True, "GatewayError"),
        (502, False, "RejectedByGateway"),
        (777, False, "not accepted"),
        ("101", False, "not accepted"),
        ([101], False, "not accepted"),
        (None, False, "not accepted"),
    ],
)
def test_http_201_that_holds_a_refusal(
    stub: Provider, code: object, retryable: bool, reason: str, kind: str
) -> None:
    stub.reply = at_reply(code, content_type=kind)
    error = refusal(line(stub.url))
    assert error.retryable is retryable
    assert reason in str(error)


@pytest.mark.parametrize(
    "answer",
    [
        "",
        "my-secret-words",
        "null",
        "[]",
        "{}",
        '{"SMSMessageData": null}',
        '{"SMSMessageData": {"Message": "InvalidSenderId", "Recipients": []}}',
        '{"SMSMessageData": {"Recipients": {}}}',
        '{"SMSMessageData": {"Recipients": ["+97510000001"]}}',
        '{"SMSMessageData": {"Recipients": [{"statusCode": 101}]}}',
        '{"SMSMessageData": {"Recipients": [{"statusCode": 101, "messageId": ""}]}}',
    ],
)
@pytest.mark.parametrize("kind", ["application/json", "application/json; charset=utf-8"])
def test_an_answer_that_is_not_understood_is_final(stub: Provider, answer: str, kind: str) -> None:
    stub.reply = replying(Reply(201, answer, kind))
    assert not refusal(line(stub.url)).retryable


@pytest.mark.parametrize("status", [400, 401, 404, 429, 500, 503])
def test_an_http_error_is_final_for_the_sdk_hides_which(stub: Provider, status: int) -> None:
    stub.reply = replying(Reply(status, f"{REAL.number} {REAL.text} {AT_KEY}", "text/plain"))
    error = refusal(line(stub.url))
    assert (str(error), error.retryable) == ("africastalking: HTTP error", False)


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
        {"api_key": ""},
        {"timeout": "soon"},
        {"api_key": f"{AT_KEY}\n"},
        {"api_key": f"{AT_KEY}ཨ"},
        {"api_key": "wrong"},
        {"api_base": "nonsense"},
    ],
)
def test_wrong_settings_are_final_and_not_quoted(stub: Provider, options: dict[str, str]) -> None:
    assert not refusal(line(**{"api_base": stub.url, **options})).retryable


def test_what_is_no_number_is_not_sent(stub: Provider) -> None:
    assert not refusal(line(stub.url), replace(REAL, number="97510000001")).retryable
    assert stub.received == []


def test_too_late_is_not_sent(stub: Provider) -> None:
    now = datetime.now(UTC)
    assert not refusal(line(stub.url), replace(REAL, valid_until=now)).retryable
    assert stub.received == []
    assert send(line(stub.url), replace(REAL, valid_until=now + timedelta(hours=1))) == "ATXid_1"


def test_a_huge_id_is_bounded(stub: Provider) -> None:
    recipient = {"statusCode": 101, "messageId": "x" * 5000}
    answer = json.dumps({"SMSMessageData": {"Recipients": [recipient]}})
    stub.reply = replying(Reply(201, answer))
    assert send(line(stub.url), REAL) == "x" * 128


def replying(reply: Reply) -> Callable[[Received], Reply]:
    return lambda request: reply
