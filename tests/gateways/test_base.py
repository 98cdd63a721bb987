"""The parts every gateway is made of, and the registry of the gateways."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

import pytest
import requests

from helpline.core.errors import GatewayError, RefusedRequest
from helpline.core.message import MT, Kind
from helpline.gateways import GATEWAYS
from helpline.gateways.base import (
    MAX_FIELDS,
    MAX_ID,
    MAX_WORD,
    Form,
    bounded_id,
    caller_number,
    e164,
    never_sent,
    option,
    provider_word,
    same_secret,
    seconds_left,
    send_timeout,
)
from tests.gateways.provider_stub import (
    FORM,
    channel,
    nobody_accepts,
    nobody_listens,
    posted,
    provider,
    told,
    twilio_reply,
)
from tests.private import PRIVATE_NUMBERS, PRIVATE_WORDS, traces


class TestForm:
    def test_keeps_order_repeats_and_empty_values(self) -> None:
        form = posted(b"b=2&a=&b=1&c=+x").form()
        assert list(form) == ["b", "a", "c"]
        assert form.getlist("b") == ["2", "1"]
        assert form.getlist("a") == [""]
        assert form.getlist("c") == [" x"]
        assert form.getlist("absent") == []

    @pytest.mark.parametrize("word", PRIVATE_WORDS)
    def test_reads_every_script(self, word: str) -> None:
        assert posted([("text", word)]).form().one("text") == word

    def test_content_type_may_carry_a_charset_and_capitals(self) -> None:
        wire = posted(b"a=1", content_type="Application/X-WWW-Form-Urlencoded; charset=utf-8")
        assert wire.form().one("a") == "1"

    @pytest.mark.parametrize("kind", ["", "application/json", "multipart/form-data", f"x{FORM}"])
    def test_refuses_what_is_not_a_form(self, kind: str) -> None:
        with pytest.raises(RefusedRequest) as refused:
            posted(b"a=1", content_type=kind).form()
        assert refused.value.status == 400

    @pytest.mark.parametrize(
        "ending",
        [
            pytest.param(b"%ff", id="not utf-8"),
            pytest.param(b"%e0%bd", id="half a letter"),
            pytest.param(b"%ed%a0%80", id="a surrogate"),
            pytest.param(b"%c0%80", id="overlong"),
            pytest.param(b"%4", id="half an escape"),
            pytest.param(b"%zz", id="no escape"),
            pytest.param("ཨ".encode(), id="raw bytes"),
            pytest.param(b"&naked", id="no equals sign"),
            pytest.param(b"&", id="empty field"),
            pytest.param(b"&x=" * MAX_FIELDS, id="too many fields"),
        ],
    )
    def test_refuses_bad_encoding_without_quoting_it(self, ending: bytes) -> None:
        body = b"number=%2B97510000001&text=my-secret-words" + ending
        with pytest.raises(RefusedRequest) as refused:
            posted(body).form()
        assert refused.value.status == 400
        assert traces(told(refused.value)) == []

    def test_one_refuses_missing_repeated_and_long(self) -> None:
        form = Form([("twice", "1"), ("twice", "1"), ("long", "x" * 11)])
        for key in ("absent", "twice", "long"):
            with pytest.raises(RefusedRequest, match=key) as refused:
                form.one(key, limit=10)
            assert refused.value.status == 400
        assert form.one("absent", default="") == ""
        assert form.one("long", limit=11) == "x" * 11

    def test_one_refuses_a_repeated_field_that_has_a_default(self) -> None:
        with pytest.raises(RefusedRequest):
            Form([("a", ""), ("a", "")]).one("a", default="")

    def test_once(self) -> None:
        form = Form([("a", "1"), ("b", "1"), ("b", "2")])
        form.once("a", "absent")
        with pytest.raises(RefusedRequest, match="b is repeated"):
            form.once("a", "b")


NUMBERS: Mapping[tuple[str, str], str] = {
    ("+97510000000", "BT"): "+97510000000",
    ("+97510000000", "KH"): "+97510000000",
    ("97510000000", "BT"): "+97510000000",
    ("10000000", "BT"): "+97510000000",
    (" 97510000011", "BT"): "+97510000011",  # a plus sign that came unescaped
    ("1000 00-11", "BT"): "+97510000011",
    ("+1 (500) 555-0006", "KH"): "+15005550006",
    ("0380 0000001", "PK"): "+923800000001",
    ("020 000 001", "KH"): "+85520000001",
}


@pytest.mark.parametrize(("given", "number"), NUMBERS.items())
def test_e164(given: tuple[str, str], number: str) -> None:
    assert e164(*given) == number


@pytest.mark.parametrize(
    "value",
    [
        "",
        " ",
        "+",
        "1098",
        "21622",
        "HELPLINE",
        "800-HELPLINE",  # libphonenumber would read the keypad's digits
        "+975HELPLINE",
        "+97510000000;ext=5",
        "tel:+97510000000",
        "+97510000000\n+97510000000",
        "+9751000000000000000",
        "༡༧༠༠༠༠༠༠",
        "*384#",
        "whatsapp:+15005550006",
    ],
)
@pytest.mark.parametrize("region", ["BT", "PK", "KH", "BT", "US"])
def test_what_is_no_phone_is_empty(value: str, region: str) -> None:
    assert e164(value, region) == ""


def test_a_caller_must_have_a_phone() -> None:
    form = Form([("good", "+97510000011"), ("word", "HELPLINE"), ("long", "+" + "1" * 40)])
    assert caller_number(form, "good", channel("x")) == "+97510000011"
    for key in ("word", "long", "absent"):
        with pytest.raises(RefusedRequest):
            caller_number(form, key, channel("x"))


@pytest.mark.parametrize("value", ["", "x" * (MAX_ID + 1), "a\nb", "a\x00", "\u202ea"])
def test_what_is_no_id_is_refused(value: str) -> None:
    with pytest.raises(RefusedRequest):
        bounded_id(value, "sessionId")


def test_ids_and_words() -> None:
    assert bounded_id("x" * MAX_ID, "id") == "x" * MAX_ID
    assert provider_word("Odd\x1b[2JNew\r\nState") == "Odd[2JNewState"
    assert provider_word("x" * 5000) == "x" * MAX_WORD


def test_every_live_secret_is_the_same_secret() -> None:
    rotating = channel("x", secrets=("old", "nëw"))
    assert same_secret(rotating, "old")
    assert same_secret(rotating, "nëw")
    assert not same_secret(rotating, "ol")
    assert not same_secret(rotating, "")
    assert not same_secret(channel("x", secrets=()), "")


def test_nothing_secret_in_the_repr_of_a_channel() -> None:
    shown = repr(channel("x", secrets=("hidden-one",), api_key="hidden-two"))
    assert "hidden" not in shown


def test_timeout_and_options() -> None:
    assert send_timeout(channel("x")) == 9.0
    assert send_timeout(channel("x", timeout="0.5")) == 0.5
    for bad in ("0", "-1", "nan", "inf", "soon", "61"):
        with pytest.raises(GatewayError):
            send_timeout(channel("x", timeout=bad))
    assert option(channel("x", account="a"), "account") == "a"
    for missing in (channel("x"), channel("x", account="")):
        with pytest.raises(GatewayError, match="account"):
            option(missing, "account")


def test_seconds_left() -> None:
    now = datetime.now(UTC)
    assert seconds_left(MT(PRIVATE_NUMBERS[0], "hello")) is None
    left = seconds_left(MT(PRIVATE_NUMBERS[0], "hello", now + timedelta(minutes=10)))
    assert left in range(590, 601)
    with pytest.raises(GatewayError, match="expired") as late:
        seconds_left(MT(PRIVATE_NUMBERS[0], "hello", now))
    assert not late.value.retryable


class TestNeverSent:
    def test_true_when_no_connection_was_made(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("NO_PROXY", "*")
        with nobody_accepts() as full:
            for url in (nobody_listens(), full, "http://nowhere.invalid"):
                assert never_sent(self.failure(url))

    def test_true_when_the_proxy_is_away(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.delenv("NO_PROXY", raising=False)
        monkeypatch.delenv("no_proxy", raising=False)
        monkeypatch.setenv("http_proxy", nobody_listens())
        assert never_sent(self.failure("http://nowhere.invalid"))

    def test_false_once_the_request_may_have_arrived(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("NO_PROXY", "*")
        with provider(twilio_reply()) as stub:
            for stub.manner in ("hang", "drop", "cut"):
                assert not never_sent(self.failure(stub.url))
        assert not never_sent(ValueError())

    def failure(self, url: str) -> requests.RequestException:
        with pytest.raises(requests.RequestException) as failed:
            requests.post(url, data={"a": "1"}, timeout=0.2)
        return failed.value


def test_the_registry_names_every_gateway_once() -> None:
    assert {name: gateway.name for name, gateway in GATEWAYS.items()} == {
        name: name
        for name in ("africastalking-ussd", "africastalking-sms", "twilio-sms", "simulator")
    }
    for gateway in GATEWAYS.values():
        assert "inbound" in gateway.parsers
        assert (gateway.send is not None) == (gateway.kind is Kind.SMS)
    assert [name for name, gateway in GATEWAYS.items() if gateway.authentic] == ["twilio-sms"]
