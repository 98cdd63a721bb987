"""Africa's Talking USSD, by its recorded bodies."""

import pytest

from helpline.core.errors import RefusedRequest
from helpline.core.message import MO, SessionEnd
from helpline.gateways.africastalking_ussd import GATEWAY, MAX_HISTORY
from helpline.gateways.base import Answer, Channel
from tests.gateways.provider_stub import channel, posted, told
from tests.private import PRIVATE_NUMBERS, PRIVATE_WORDS, traces

NUMBER = "+97510000011"
FIRST = (
    b"sessionId=ATUid_1&serviceCode=%2A384%2A1098%23&phoneNumber=%2B97510000011"
    b"&networkCode=99999&text="
)
END = (
    b"date=2026-09-29+12%3A00%3A00&sessionId=ATUid_1&serviceCode=%2A384%2A1098%23"
    b"&networkCode=99999&phoneNumber=%2B97510000011&status=Incomplete&cost=KES+0.1"
    b"&durationInMillis=12345&hopsCount=3&hopsMetadata=menu%7Cview"
    b"&input=1%2Amy-secret-words&lastAppResponse=CON+my-secret-words"
)
INBOUND, EVENTS = GATEWAY.parsers["inbound"], GATEWAY.parsers["events"]


@pytest.fixture
def line() -> Channel:
    return channel("africastalking-ussd")


def mo(text: str, number: str = NUMBER) -> MO:
    return MO(number=number, text=text, session="ATUid_1", provider_id="", cumulative=True)


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        pytest.param(FIRST, mo(""), id="first"),
        pytest.param(FIRST + b"1%2A2", mo("1*2"), id="second answer"),
        pytest.param(FIRST + b"1*2", mo("1*2"), id="star not escaped"),
        pytest.param(FIRST + b"1%2A3%2A4%23", mo("1*3*4#"), id="star and hash typed"),
        pytest.param(FIRST + b"1%2A+2+", mo("1* 2 "), id="blanks kept"),
        pytest.param(FIRST + b"x" * MAX_HISTORY, mo("x" * MAX_HISTORY), id="longest"),
        pytest.param(FIRST.replace(b"&networkCode=99999", b""), mo(""), id="no network code"),
        pytest.param(b"new=thing&" + FIRST + b"1", mo("1"), id="unknown field"),
        pytest.param(FIRST.replace(b"%2B", b"+"), mo(""), id="plus not escaped"),
        pytest.param(FIRST.replace(b"%2B975", b""), mo(""), id="national number"),
        pytest.param(
            FIRST.replace(b"97510000011", b"97510000001"),
            mo("", "+97510000001"),
            id="another country",
        ),
    ],
)
def test_inbound(line: Channel, body: bytes, expected: MO) -> None:
    assert INBOUND(line, posted(body)) == expected


@pytest.mark.parametrize("word", PRIVATE_WORDS)
@pytest.mark.parametrize("number", PRIVATE_NUMBERS)
def test_inbound_in_every_script(line: Channel, word: str, number: str) -> None:
    fields = [("sessionId", "ATUid_1"), ("serviceCode", "*1#"), ("phoneNumber", number)]
    assert INBOUND(line, posted([*fields, ("text", f"1*{word}")])) == mo(f"1*{word}", number)


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"", id="empty"),
        pytest.param(FIRST.replace(b"sessionId=ATUid_1&", b""), id="no session"),
        pytest.param(FIRST.replace(b"ATUid_1", b""), id="empty session"),
        pytest.param(FIRST.replace(b"ATUid_1", b"x" * 129), id="long session"),
        pytest.param(FIRST.replace(b"ATUid_1", b"a%0Ab"), id="session of two lines"),
        pytest.param(FIRST.replace(b"&phoneNumber=%2B97510000011", b""), id="no number"),
        pytest.param(FIRST.replace(b"%2B97510000011", b""), id="empty number"),
        pytest.param(FIRST.replace(b"%2B97510000011", b"HELPLINE"), id="a word as number"),
        pytest.param(FIRST.replace(b"%2B97510000011", b"1098"), id="a short code as number"),
        pytest.param(FIRST.replace(b"&serviceCode=%2A384%2A1098%23", b""), id="no code"),
        pytest.param(FIRST.replace(b"&text=", b""), id="no text"),
        pytest.param(FIRST + b"x" * (MAX_HISTORY + 1), id="long text"),
        pytest.param(FIRST + b"&text=1", id="two texts"),
        pytest.param(FIRST + b"&sessionId=ATUid_2", id="two sessions"),
        pytest.param(FIRST + b"&phoneNumber=%2B97510000011", id="two numbers"),
        pytest.param(FIRST + b"&serviceCode=1", id="two codes"),
        pytest.param(FIRST + b"&networkCode=1", id="two networks"),
        pytest.param(FIRST + b"my-secret-words%ff", id="not utf-8"),
        pytest.param(FIRST + b"%2", id="half an escape"),
    ],
)
def test_inbound_refused(line: Channel, body: bytes) -> None:
    with pytest.raises(RefusedRequest) as refused:
        INBOUND(line, posted(body))
    assert refused.value.status == 400
    assert traces(told(refused.value)) == []


@pytest.mark.parametrize(
    ("status", "complete"),
    [
        ("Incomplete", False),
        ("Success", True),
        ("Failed", True),
        ("", True),
        ("Something+new", True),
    ],
)
def test_events(line: Channel, status: str, complete: bool) -> None:
    body = END.replace(b"Incomplete", status.encode())
    assert EVENTS(line, posted(body)) == SessionEnd("ATUid_1", NUMBER, complete)


def test_events_reads_only_what_it_needs(line: Channel) -> None:
    body = b"sessionId=ATUid_1&phoneNumber=%2B97510000011&status=Incomplete&input=1&input=2"
    assert EVENTS(line, posted(body)) == SessionEnd("ATUid_1", NUMBER, complete=False)


@pytest.mark.parametrize(
    "body",
    [
        END.replace(b"&status=Incomplete", b""),
        END.replace(b"sessionId=ATUid_1&", b""),
        END.replace(b"%2B97510000011", b"x"),
        END.replace(b"ATUid_1", b"x" * 129),
        END.replace(b"Incomplete", b"x" * 2001),
        END + b"&status=Success",
    ],
)
def test_events_refused(line: Channel, body: bytes) -> None:
    with pytest.raises(RefusedRequest) as refused:
        EVENTS(line, posted(body))
    assert traces(told(refused.value)) == []


@pytest.mark.parametrize(
    ("answer", "body"),
    [
        (Answer("1. Yes\n2. No", ends=False), "CON 1. Yes\n2. No"),
        (Answer("Thank you", ends=True), "END Thank you"),
        (Answer("\n Hello ", ends=False), "CON Hello "),
        (Answer("", ends=True), "END ..."),
        (Answer(" \n", ends=False), "CON ..."),
        *[(Answer(word, ends=False), f"CON {word}") for word in PRIVATE_WORDS],
    ],
)
def test_render(answer: Answer, body: str) -> None:
    rendered = GATEWAY.render(answer)
    assert rendered.body.decode("utf-8") == body
    assert rendered.content_type == "text/plain; charset=utf-8"
    assert rendered.headers == ()
