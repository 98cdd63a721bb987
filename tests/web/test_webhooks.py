"""The webhooks over real HTTP: what is refused, what is answered, and what survives trouble."""

import json
import os
import re
import signal
import socket
import sqlite3
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlencode, urlsplit

import httpx2
import pytest
from sqlalchemy import select

from helpline.config import Config
from helpline.gateways.base import MAX_BODY
from helpline.redisd import EmbeddedRedis, stop
from helpline.service.stories import NUMBER as NUMBER_FIELD
from helpline.store import cases, outbox
from helpline.store.schema import outbox as outbox_table
from tests.private import PRIVATE_NUMBERS, PRIVATE_WORDS
from tests.servers import wait_until
from tests.web.site import FORM, PUBLIC, Fields, Site, refused, signature, site, ussd

NUMBER = PRIVATE_NUMBERS[0]
WORDS = PRIVATE_WORDS[2]
CODE = re.compile(r"\d{4}-\d{4}")
EMERGENCY = {"bt": "113", "pk": "15", "kh": "117"}
FILING = "3*1*1*1*1"  # English, help, me, in danger now, call me: filed
WAITING = "3*1*1*2*1"  # English, help, me, no danger, call me now: filed
SMS: Fields = [
    ("date", "2026-09-29 12:00:00"),
    ("from", NUMBER),
    ("id", "ATXid_in_1"),
    ("linkId", ""),
    ("text", WORDS),
    ("to", "15005550006"),
    ("cost", "0"),
    ("networkCode", "99999"),
]
TWILIO: Fields = [  # 20 fields, those without a value too: the signature covers them
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
    ("Body", WORDS),
    ("FromCountry", "BT"),
    ("To", "+15005550006"),
    ("MessagingServiceSid", ""),
    ("ToZip", ""),
    ("NumSegments", "1"),
    ("MessageSid", "SM1"),
    ("AccountSid", "AC" + "0" * 32),
    ("From", NUMBER),
    ("ApiVersion", "2010-04-01"),
]


DIALLED = urlencode(ussd("", number=NUMBER)).encode()


def encoded(fields: Fields) -> bytes:
    return urlencode(fields).encode()


def having(fields: Fields, **changed: str) -> Fields:
    return [(key, changed.get(key, value)) for key, value in fields]


def without(fields: Fields, key: str) -> Fields:
    return [(name, value) for name, value in fields if name != key]


def one_off(secret: str) -> str:
    return secret[:-1] + ("0" if secret[-1] != "0" else "1")


@dataclass(frozen=True)
class Wrong:
    """A request that must be refused with `status`; the rest of it is as it should be."""

    status: int
    channel: str = "bt-ussd"
    endpoint: str = "inbound"
    body: bytes | Callable[[], Iterator[bytes]] = DIALLED
    method: str = "POST"
    content_type: str = FORM
    address: Callable[[str], str] = lambda url: url
    headers: Callable[[Site, str], dict[str, str]] = field(default=lambda _site, _url: {})


def in_chunks(body: bytes) -> Callable[[], Iterator[bytes]]:
    """Sent without a content-length."""
    return lambda: iter([body[at : at + 1000] for at in range(0, len(body), 1000)])


def padded(size: int) -> bytes:
    body = encoded([*SMS, ("filler", "")])
    return body + b"x" * (size - len(body))


def sign(
    fields: Fields, *, url: Callable[[str], str] = lambda url: url, altered: bool = False
) -> Callable[[Site, str], dict[str, str]]:
    """The signature over `fields` and the given form of the URL, by the channel's own token."""

    def headers(here: Site, address: str) -> dict[str, str]:
        made = signature(here.token("bt-twilio"), url(address), fields)
        return {"x_twilio_signature": one_off(made[:-1]) + "=" if altered else made}

    return headers


def secret_changed(change: Callable[[str], str]) -> Callable[[str], str]:
    def address(url: str) -> str:
        head, secret, endpoint = url.rsplit("/", 2)
        return f"{head}/{change(secret)}/{endpoint}"

    return address


def call(
    here: Site,
    history: str,
    *,
    session: str,
    number: str,
    channel: str = "bt-ussd",
    after: str = "",
) -> list[httpx2.Response]:
    """Every turn of a session up to `history`, as the gateway sends them; `after`: those before."""
    typed = history.split("*")
    begun = len(after.split("*")) + 1 if after else 0
    histories = ["*".join(typed[:count]) for count in range(begun, len(typed) + 1)]
    return [here.dial(text, session=session, number=number, channel=channel) for text in histories]


U = ussd("", number=NUMBER)
TW, SIM = "bt-twilio", "bt-sim"
REFUSED = {
    # the address
    "unknown channel": Wrong(404, address=lambda url: url.replace("bt-ussd", "bt-nobody")),
    "unknown webhook": Wrong(404, address=lambda url: url.replace("inbound", "outbound")),
    "a webhook of another gateway": Wrong(
        404, address=lambda url: url.replace("inbound", "status")
    ),
    "wrong path secret": Wrong(403, address=secret_changed(lambda secret: "0" * len(secret))),
    "secret one character off": Wrong(403, address=secret_changed(one_off)),
    "secret cut short": Wrong(403, address=secret_changed(lambda secret: secret[:-1])),
    "secret in capitals": Wrong(403, address=secret_changed(lambda secret: f"{secret.upper()}X")),
    "secret not ASCII": Wrong(403, address=secret_changed(lambda secret: secret + "%E0%BD%80")),
    "no path secret": Wrong(
        403, address=lambda url: "/".join([*url.split("/")[:-2], url.split("/")[-1]])
    ),
    "a path secret where it signs": Wrong(
        404, channel=TW, address=lambda url: url.replace("/inbound", "/secret/inbound")
    ),
    # the method
    "GET": Wrong(405, method="GET"),
    "PUT": Wrong(405, method="PUT"),
    "GET of a signed one": Wrong(405, channel=TW, method="GET"),
    # the body
    "JSON": Wrong(400, content_type="application/json", body=b"{}"),
    "multipart": Wrong(400, content_type="multipart/form-data; boundary=x"),
    "no content type": Wrong(400, content_type=""),
    "empty body": Wrong(400, body=b""),
    "truncated percent escape": Wrong(400, body=encoded(U) + b"%E0%B"),
    "not a percent escape": Wrong(400, body=encoded(U) + b"%ZZ"),
    "invalid UTF-8": Wrong(400, body=encoded(U) + b"%E0%BD"),
    "raw bytes": Wrong(400, body=encoded(U) + b"\xe0\xbd\x80"),
    "no text": Wrong(400, body=encoded(without(U, "text"))),
    "no number": Wrong(400, body=encoded(without(U, "phoneNumber"))),
    "no session": Wrong(400, body=encoded(without(U, "sessionId"))),
    "empty session": Wrong(400, body=encoded(having(U, sessionId=""))),
    "not a number": Wrong(400, body=encoded(having(U, phoneNumber="nobody"))),
    "text twice": Wrong(400, body=encoded([*U, ("text", WORDS)])),
    "number twice": Wrong(400, body=encoded([*U, ("phoneNumber", NUMBER)])),
    "65 fields": Wrong(400, body=encoded([*U, *((f"f{n}", "") for n in range(60))])),
    "16 KiB and one byte": Wrong(413, channel="bt-sms", body=padded(MAX_BODY + 1)),
    "the same in chunks": Wrong(413, channel="bt-sms", body=in_chunks(padded(MAX_BODY + 1))),
    "1 MiB": Wrong(413, channel="bt-sms", body=padded(1024 * 1024)),
    "SMS without an id": Wrong(400, channel="bt-sms", body=encoded(without(SMS, "id"))),
    "end event without a number": Wrong(
        400, endpoint="events", body=encoded([("sessionId", "ATUid_1"), ("status", "Success")])
    ),
    "simulator without a session": Wrong(400, channel=SIM, body=encoded([("number", NUMBER)])),
    # the signature
    "unsigned": Wrong(403, channel=TW, body=encoded(TWILIO)),
    "empty signature": Wrong(
        403, channel=TW, body=encoded(TWILIO), headers=lambda _s, _u: {"x_twilio_signature": ""}
    ),
    "altered signature": Wrong(
        403, channel=TW, body=encoded(TWILIO), headers=sign(TWILIO, altered=True)
    ),
    "altered field": Wrong(
        403, channel=TW, body=encoded(having(TWILIO, Body="x")), headers=sign(TWILIO)
    ),
    "empty fields dropped": Wrong(
        403, channel=TW, body=encoded([f for f in TWILIO if f[1]]), headers=sign(TWILIO)
    ),
    "signed for plain http": Wrong(
        403,
        channel=TW,
        body=encoded(TWILIO),
        headers=sign(TWILIO, url=lambda url: url.replace("https", "http")),
    ),
    "signed for another channel": Wrong(
        403,
        channel=TW,
        body=encoded(TWILIO),
        headers=sign(TWILIO, url=lambda url: url.replace("bt-", "pk-")),
    ),
    "signed for the report webhook": Wrong(
        403,
        channel=TW,
        body=encoded(TWILIO),
        headers=sign(TWILIO, url=lambda url: url.replace("inbound", "status")),
    ),
    "a query added": Wrong(
        403,
        channel=TW,
        body=encoded(TWILIO),
        address=lambda url: f"{url}?a=1",
        headers=sign(TWILIO, url=lambda url: url.removesuffix("?a=1")),
    ),
    "signed but incomplete": Wrong(
        400,
        channel=TW,
        body=encoded(without(TWILIO, "MessageSid")),
        headers=sign(without(TWILIO, "MessageSid")),
    ),
    "signed but repeated": Wrong(
        400,
        channel=TW,
        body=encoded([*TWILIO, ("From", NUMBER)]),
        headers=sign([*TWILIO, ("From", NUMBER)]),
    ),
}


class TestRefusals:
    @pytest.mark.parametrize("wrong", REFUSED.values(), ids=REFUSED.keys())
    def test_it_is_refused_and_leaves_nothing_but_one_log_line(
        self, here: Site, wrong: Wrong, caplog: pytest.LogCaptureFixture
    ) -> None:
        before = here.counts()
        url = wrong.address(here.url(wrong.channel, wrong.endpoint))
        answer = here.post(
            url,
            wrong.body() if callable(wrong.body) else wrong.body,
            method=wrong.method,
            content_type=wrong.content_type,
            **wrong.headers(here, url),
        )
        assert (answer.status_code, answer.content) == (wrong.status, b"")
        self.check_trace(here, wrong.status, before, caplog)

    def check_trace(
        self, here: Site, status: int, before: dict[str, int], caplog: pytest.LogCaptureFixture
    ) -> None:
        assert here.counts() == before
        assert here.redis.keys("*") == []
        (line,) = refused(caplog)
        fields = vars(line)["fields"]
        assert fields["status"] == status
        assert fields.keys() == {"channel", "status", "reason"}
        said = f"{line.getMessage()} {vars(line)}"
        for content in (*here.secrets(), WORDS, NUMBER[1:], "ATUid_1", "ATXid", "SM1"):
            assert content not in said

    @pytest.mark.parametrize("sent", [0, 1, 100])
    def test_a_body_that_stops_short_has_no_effect(
        self, here: Site, sent: int, caplog: pytest.LogCaptureFixture
    ) -> None:
        before = here.counts()
        body = encoded(ussd(FILING, number=NUMBER))
        path = urlsplit(here.url("bt-ussd")).path
        address = urlsplit(here.base)
        head = (
            f"POST {path} HTTP/1.1\r\nHost: x\r\nContent-Type: {FORM}\r\n"
            f"Content-Length: {len(body)}\r\n\r\n"
        )
        with socket.create_connection((str(address.hostname), address.port or 0)) as raw:
            raw.sendall(head.encode() + body[:sent])
            raw.shutdown(socket.SHUT_WR)
            raw.settimeout(10)
            while raw.recv(4096):
                pass
        assert wait_until(lambda: bool(refused(caplog)), 5)
        self.check_trace(here, 400, before, caplog)

    def test_exactly_16_kib_is_taken(self, here: Site) -> None:
        body = padded(MAX_BODY).replace(b"ATXid_in_1", b"ATXid_16_k")
        assert here.post(here.url("bt-sms"), body).status_code == 200

    def test_a_signature_header_that_comes_twice_is_refused(self, here: Site) -> None:
        url = here.url(TW)
        made = signature(here.token(TW), url, TWILIO)
        headers = [("content-type", FORM), ("x-twilio-signature", made)]
        twice = [*headers, ("x-twilio-signature", "x")]
        answer = here.client.post(here.here(url), content=encoded(TWILIO), headers=twice)
        assert answer.status_code == 400


class TestRecordedBodies:
    """GATEWAYS 9.1."""

    @pytest.mark.parametrize(
        ("programme", "key", "script"),
        [
            ("bt", "1", r"[\u0F00-\u0FFF]"),
            ("pk", "1", r"[\u0600-\u06FF]"),
            ("kh", "1", r"[\u1780-\u17FF]"),
            ("bt", "2", r"[A-Za-z]"),
            ("bt", "3", r"[A-Za-z]"),
            ("pk", "2", r"[A-Za-z]"),
            ("kh", "2", r"[A-Za-z]"),
        ],
    )
    def test_safety_17_a_ussd_screen_begins_with_con_and_holds_the_emergency_number(
        self, here: Site, programme: str, key: str, script: str
    ) -> None:
        number = dict(zip(EMERGENCY, PRIVATE_NUMBERS, strict=False))[programme]
        for text in ("", key):
            answer = here.dial(text, session="S", number=number, channel=f"{programme}-ussd")
            assert answer.status_code == 200
            assert answer.headers["content-type"] == "text/plain; charset=utf-8"
            assert answer.text.startswith("CON ")
            assert EMERGENCY[programme] in answer.text.splitlines()[0]
            assert re.search(script, answer.text)

    def test_a_deep_dial_is_answered(self, here: Site) -> None:
        answer = here.dial("1*2", session="deep", number=NUMBER)
        assert answer.status_code == 200
        assert answer.text.startswith("CON ")

    def test_the_network_code_may_be_missing(self, here: Site) -> None:
        body = without(ussd("", number=NUMBER), "networkCode")
        assert here.post(here.url("bt-ussd"), body).text.startswith("CON ")

    @pytest.mark.parametrize(("status", "left"), [("Success", 0), ("Failed", 0), ("Incomplete", 1)])
    def test_the_end_event_forgets_a_session_unless_it_was_cut_off(
        self, here: Site, status: str, left: int
    ) -> None:
        here.dial("", session="over", number=NUMBER)
        assert here.sessions() == 1
        event = [
            ("date", "2026-09-29 12:00:00"),
            ("sessionId", "over"),
            ("serviceCode", "*384*1098#"),
            ("networkCode", "99999"),
            ("phoneNumber", NUMBER),
            ("status", status),
            ("cost", "KES 0"),
            ("durationInMillis", "12345"),
            ("hopsCount", "3"),
            ("hopsMetadata", "menu|view"),
            ("input", f"1*{WORDS}"),
            ("lastAppResponse", f"CON {WORDS}"),
        ]
        answer = here.post(here.url("bt-ussd", "events"), event)
        assert (answer.status_code, answer.content) == (200, b"")
        assert here.sessions() == left

    def test_a_message_that_comes_twice_is_answered_once(self, here: Site) -> None:
        def posted() -> int:
            with here.parts.record.reading() as connection:
                once = outbox_table.c.once == "mt|bt-sms|ATXid_twice"
                return len(connection.execute(select(outbox_table.c.id).where(once)).all())

        body = having(SMS, id="ATXid_twice")
        for _ in range(3):
            answer = here.post(here.url("bt-sms"), body)
            assert (answer.status_code, answer.content) == (200, b"")
            assert posted() == 1

    def test_a_message_that_comes_at_the_same_moment_is_answered_once(self, here: Site) -> None:
        before = here.counts()
        body = having(SMS, id="ATXid_at_once")
        with ThreadPoolExecutor(8) as pool:
            answers = pool.map(lambda _: here.post(here.url("bt-sms"), body).status_code, range(8))
            assert set(answers) == {200}
        after = here.counts()
        assert after["outbox"] == before["outbox"] + 1
        assert after["dedupe"] == before["dedupe"] + 1

    def test_a_twilio_message_with_empty_fields_is_taken(self, here: Site) -> None:
        before = here.counts()
        assert len(TWILIO) == 20
        answer = here.signed(TWILIO)
        assert answer.status_code == 200
        assert answer.headers["content-type"] == "text/xml; charset=utf-8"
        assert answer.text.endswith("<Response></Response>")
        assert here.counts()["outbox"] == before["outbox"] + 1

    def test_an_unknown_parameter_that_is_signed_is_no_reason_to_refuse(self, here: Site) -> None:
        body = [*having(TWILIO, MessageSid="SM2"), ("NewIn2031", ""), ("NewIn2032", WORDS)]
        assert here.signed(body).status_code == 200

    @pytest.mark.parametrize(
        ("channel", "fields", "receipt"),
        [
            ("bt-sms", [("id", "P1"), ("status", "Success"), ("phoneNumber", NUMBER)], "Success"),
            (
                "bt-sms",
                [
                    ("id", "P1"),
                    ("status", "Failed"),
                    ("phoneNumber", NUMBER),
                    ("networkCode", "63902"),
                    ("failureReason", "UserInBlackList"),
                    ("retryCount", "0"),
                ],
                "Failed",
            ),
            ("bt-sms", [("id", "P1"), ("status", "NewIn2031")], "NewIn2031"),
            ("bt-twilio", [("MessageSid", "P1"), ("MessageStatus", "delivered")], "delivered"),
        ],
    )
    def test_a_delivery_report_is_written_to_its_message(
        self, here: Site, channel: str, fields: Fields, receipt: str
    ) -> None:
        def report(provider_id: str) -> int:
            named = [(key, provider_id if value == "P1" else value) for key, value in fields]
            if channel == "bt-twilio":
                return here.signed(named, endpoint="status").status_code
            return here.post(here.url(channel, "status"), named).status_code

        provider_id = f"P-{channel}-{receipt}"
        if channel == "bt-twilio":
            here.signed(having(TWILIO, MessageSid=provider_id))
        else:
            here.post(here.url(channel), having(SMS, id=provider_id))
        with here.parts.record.writing() as connection:
            once = outbox_table.c.once == f"mt|{channel}|{provider_id}"
            row = connection.execute(select(outbox_table.c.id).where(once)).scalar_one()
            outbox.finish(connection, row, outbox.SENT, provider_id)
        assert report(provider_id) == 200
        with here.parts.record.reading() as connection:
            query = select(outbox_table.c.receipt_raw).where(outbox_table.c.id == row)
            assert connection.execute(query).scalar_one() == receipt

    def test_a_delivery_report_of_an_unknown_message_changes_nothing(self, here: Site) -> None:
        before = here.counts()
        body = [("id", "ATXid_unknown"), ("status", "Success"), ("phoneNumber", NUMBER)]
        assert here.post(here.url("bt-sms", "status"), body).status_code == 200
        assert here.counts() == before


class TestRotation:
    CHANNELS = """
[[channel]]
name = "bt-ussd"
gateway = "africastalking-ussd"
programme = "bt"
address = "*1098#"
secrets = [{path}]

[[channel]]
name = "bt-twilio"
gateway = "twilio-sms"
programme = "bt"
address = "+15005550006"
account = "AC00000000000000000000000000000001"
secrets = [{token}]
"""
    OLD, NEW = "old-0123456789-0123456789", "new-0123456789-0123456789"

    @pytest.mark.parametrize(
        ("live", "believed"),
        [
            ((OLD,), {OLD: True, NEW: False}),
            ((NEW, OLD), {OLD: True, NEW: True}),
            ((NEW,), {OLD: False, NEW: True}),
        ],
        ids=["before", "during", "after"],
    )
    def test_both_live_secrets_are_accepted_and_the_removed_one_is_refused(
        self, tmp_path: Path, redis_url: str, live: tuple[str, ...], believed: dict[str, bool]
    ) -> None:
        listed = ", ".join(f'"{secret}"' for secret in live)
        table = self.CHANNELS.format(path=listed, token=listed)
        with site(tmp_path, redis_url, table) as here:
            for secret, yes in believed.items():
                path = f"{PUBLIC}/hooks/bt-ussd/{secret}/inbound"
                status = 200 if yes else 403
                assert here.post(path, ussd("", number=NUMBER)).status_code == status
                url = here.url(TW)
                made = signature(secret, url, TWILIO)
                signed = here.post(url, TWILIO, x_twilio_signature=made)
                assert signed.status_code == status
            assert live[0] in here.url("bt-ussd")  # the newest is the one to paste


class TestTheSameBytes:
    def test_a_turn_that_comes_twice_gets_the_same_answer(self, here: Site) -> None:
        for text in ("", "3", "3*1", "3*1*1"):
            first = here.dial(text, session="same", number=NUMBER)
            again = here.dial(text, session="same", number=NUMBER)
            assert (again.status_code, again.content) == (200, first.content)

    def test_a_filing_turn_that_comes_twice_files_once(self, here: Site) -> None:
        number = "+97510020001"
        before = here.counts()
        *_, first = call(here, f"{FILING}*1*2", session="file", number=number)
        assert CODE.search(first.text)
        again = here.dial(f"{FILING}*1*2", session="file", number=number)
        assert again.content == first.content
        here.redis.flushall()  # the session is lost: the history is walked again
        replayed = here.dial(f"{FILING}*1*2", session="file", number=number)
        # What was filed is found; the place, told since, is asked for once more.
        assert replayed.text.startswith("CON In which district")
        after = here.counts()
        assert (after["cases"], after["callbacks"]) == (
            before["cases"] + 1,
            before["callbacks"] + 1,
        )

    def test_a_filing_turn_that_comes_at_the_same_moment_files_once(self, here: Site) -> None:
        number = "+97510020002"
        call(here, FILING.removesuffix("*1"), session="race", number=number)
        before = here.counts()
        with ThreadPoolExecutor(8) as pool:
            turn = [pool.submit(here.dial, FILING, session="race", number=number) for _ in range(8)]
            bodies = {done.result().content for done in turn}
        assert len(bodies) == 1
        assert here.counts()["cases"] == before["cases"] + 1

    def test_a_lost_session_asks_the_last_question_again_and_files_nothing_by_itself(
        self, here: Site
    ) -> None:
        number = "+97510020003"
        before = here.counts()["cases"]
        *_, asked = call(here, WAITING.removesuffix("*1"), session="lost", number=number)
        here.redis.flushall()
        again = here.dial(WAITING, session="lost", number=number)
        assert again.content == asked.content
        assert here.counts()["cases"] == before
        filed = here.dial(f"{WAITING}*1", session="lost", number=number)
        assert filed.text.startswith("CON We will call you. What is happening?")
        assert here.counts()["cases"] == before + 1


SHORTCUTS = {"1": "Who needs help?", "2": "Where are you?", "3": "What do you want to know?"}
SHORTCUTS |= {"4": "Type your request number."}
ENGLISH = "3"


class TestTheNextCall:
    """What a call leaves for the next one from the same phone."""

    def test_a_call_that_was_cut_off_can_be_gone_on_with(self, here: Site) -> None:
        number = "+97510050001"
        *_, asked = call(here, "3*1*1", session="cut", number=number)
        again = here.dial("", session="cut-2", number=number)
        assert again.text.splitlines()[:3] == [
            "CON In danger now? Call 113.",
            "1 Continue",
            "2 Start again",
        ]
        assert here.dial("1", session="cut-2", number=number).content == asked.content

    @pytest.mark.parametrize(
        "history", [f"{FILING}*1*2", "3*1*1*9", "3"], ids=["end", "hide key", "at home"]
    )
    def test_safety_13_nothing_is_offered_of_a_call_that_ended_was_hidden_or_had_not_begun(
        self, here: Site, history: str
    ) -> None:
        number = f"+975100500{len(history):02}"
        call(here, history, session="over", number=number)
        again = here.dial("", session="over-2", number=number)
        assert again.text.startswith("CON In danger now? Call 113.\n1 Get help\n")

    def test_the_language_is_remembered_until_the_caller_has_it_forgotten(self, here: Site) -> None:
        number = "+97510050002"
        question = here.dial("", session="lang", number=number)
        home = here.dial(ENGLISH, session="lang", number=number)
        assert here.dial("", session="lang-2", number=number).content == home.content
        *_, more = call(here, "5*8", session="lang-2", number=number)
        assert "1 Forget my language" in more.text
        forgotten = here.dial("5*8*1", session="lang-2", number=number)
        assert forgotten.content == question.content
        assert here.dial("", session="lang-3", number=number).content == question.content

    @pytest.mark.parametrize(("dialled", "question"), SHORTCUTS.items())
    def test_safety_17_a_dialled_shortcut_shows_the_emergency_number_and_its_screen(
        self, here: Site, dialled: str, question: str
    ) -> None:
        """*1098*2# comes as a first input `2`; an unknown language is asked for first."""
        number = f"+9751005010{dialled}"
        asked = here.dial(dialled, session="short", number=number)
        assert asked.text.splitlines()[0] == "CON ཉེན་ཁ Danger: 113"
        shown = here.dial(f"{dialled}*{ENGLISH}", session="short", number=number)
        assert shown.text.startswith(f"CON {question}")
        call_again = here.dial(dialled, session="short-2", number=number)
        assert call_again.text.startswith(f"CON In danger now? Call 113. {question}")


class TestTexts:
    @staticmethod
    def send(here: Site, text: str, number: str, message: str) -> str | None:
        """The answer that waits for this message, None when it gets none."""
        once = f"mt|bt-sms|{message}"
        changed = {"from": number, "id": message, "text": text}
        body = [(key, changed.get(key, value)) for key, value in SMS]
        assert here.post(here.url("bt-sms"), body).status_code == 200
        query = select(outbox_table.c.sealed).where(outbox_table.c.once == once)
        with here.parts.record.reading() as connection:
            sealed = connection.execute(query).scalar_one_or_none()
        if sealed is None:
            return None
        return str(json.loads(here.parts.sealer.open_session(once, sealed))["text"])

    @pytest.mark.parametrize(
        ("text", "question"),
        [
            ("report", "Who needs help?"),
            ("DESK", "Where are you?"),
            ("desk Punakha", "Women and Child Protection Desk, Punakha."),
            ("Rights.", "What do you want to know?"),
            ("request", "Type your request number."),
        ],
    )
    def test_safety_17_a_keyword_leads_straight_on_with_the_emergency_number_first(
        self, here: Site, text: str, question: str
    ) -> None:
        number = f"+975100502{ord(text[-2]) % 100:02}"
        said = self.send(here, text, number, f"ATXid_word_{text}")
        assert said is not None
        assert said.startswith(f"In danger now? Call 113. {question}"), said

    def test_the_third_same_text_within_an_hour_gets_no_answer(self, here: Site) -> None:
        """It may come from a machine that answers us."""
        number = "+97510050300"
        said = [self.send(here, "out of office", number, f"ATXid_loop_{n}") for n in range(4)]
        assert [bool(answer) for answer in said] == [True, True, False, False]
        assert self.send(here, "report", number, "ATXid_loop_other")

    def test_safety_19_the_desk_by_sms_names_no_desk_and_goes_once(self, here: Site) -> None:
        def texts() -> list[str]:
            query = select(outbox_table.c.once, outbox_table.c.sealed)
            with here.parts.record.reading() as connection:
                rows = connection.execute(query.where(outbox_table.c.once.like("desk|%"))).all()
            opened = [here.parts.sealer.open_session(once, sealed) for once, sealed in rows]
            return [str(json.loads(letter)["text"]) for letter in opened]

        number = "+97510050400"
        screens = call(here, "3*2*1*5", session="note", number=number)
        assert "Send me this by SMS" in screens[-1].text
        key = next(line.split()[0] for line in screens[-1].text.splitlines() if "by SMS" in line)
        history = f"3*2*1*5*{key}*1"
        first = call(here, history, session="note", number=number, after="3*2*1*5")[-1]
        assert first.text == "END OK. The SMS is on its way."
        assert here.dial(history, session="note", number=number).content == first.content
        (note,) = texts()
        assert note.startswith("Thimphu: phone ")


Trouble = Callable[[Config], AbstractContextManager[None]]


@contextmanager
def locked(config: Config) -> Iterator[None]:
    """Somebody else is writing to the record and does not end."""
    path = config.data / "helpline.sqlite3"
    with closing(sqlite3.connect(path, isolation_level=None, timeout=5)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield
        other.execute("ROLLBACK")


@contextmanager
def table_lost(config: Config) -> Iterator[None]:
    path = config.data / "helpline.sqlite3"
    with closing(sqlite3.connect(path, isolation_level=None, timeout=5)) as other:
        other.execute("ALTER TABLE dedupe RENAME TO lost")
        yield
        other.execute("ALTER TABLE lost RENAME TO dedupe")


@contextmanager
def emptied(config: Config) -> Iterator[None]:
    """The folder of another disk, say: a database file without a single table."""
    path = config.data / "helpline.sqlite3"
    before = path.read_bytes()
    path.write_bytes(b"")
    yield
    path.write_bytes(before)


@contextmanager
def overwritten(config: Config) -> Iterator[None]:
    """Another program wrote over the database file."""
    path = config.data / "helpline.sqlite3"
    before = path.read_bytes()
    path.write_bytes(b"\0" * len(before))
    yield
    path.write_bytes(before)


class TestWithoutTheRecord:
    @pytest.mark.parametrize("trouble", [locked, table_lost])
    @pytest.mark.parametrize("programme", ["bt", "pk", "kh"])
    @pytest.mark.parametrize("danger", ["1", "2"], ids=["danger", "window"])
    def test_safety_24_a_request_that_cannot_be_stored_is_not_confirmed(
        self, here: Site, programme: str, trouble: Trouble, danger: str
    ) -> None:
        name = repr(trouble).split()[1]
        language = {"bt": "3", "pk": "3", "kh": "2"}[programme]
        turn = {"session": f"no-{name}-{danger}", "channel": f"{programme}-ussd"}
        number = {"bt": "+97510040", "pk": "+923800040", "kh": "+85520040"}[programme]
        number += {"locked": "01", "table_lost": "02"}[name] + danger
        asked = f"{language}*1*1*{danger}"
        *_, screen = call(here, asked, number=number, **turn)
        assert screen.text.startswith("CON ")
        before = here.counts()
        with trouble(here.parts.config):
            began = time.monotonic()
            answer = here.dial(f"{asked}*1", number=number, **turn)
            assert time.monotonic() - began < 5
        assert answer.status_code == 200
        assert answer.text.startswith("END ")
        assert EMERGENCY[programme] in answer.text
        assert not CODE.search(answer.text)
        assert here.counts() == before
        later = here.dial(f"{asked}*1", number=number, **turn)  # the gateway asks again
        assert later.text.startswith("CON ")
        assert here.counts()["cases"] == before["cases"] + 1

    @pytest.mark.parametrize("trouble", [locked, table_lost])
    def test_a_message_is_not_taken_so_that_the_gateway_sends_it_again(
        self, here: Site, trouble: Trouble
    ) -> None:
        before, name = here.counts(), repr(trouble).split()[1]
        sms = having(SMS, id=f"ATXid_{name}")
        twilio = having(TWILIO, MessageSid=f"SM_{name}")
        with trouble(here.parts.config):
            answers = [here.post(here.url("bt-sms"), sms), here.signed(twilio)]
        for answer in answers:
            assert (answer.status_code, answer.content) == (503, b"")
            assert answer.headers["retry-after"] == "60"
        assert here.counts() == before
        assert here.post(here.url("bt-sms"), sms).status_code == 200
        assert here.counts()["outbox"] == before["outbox"] + 1

    def test_a_turn_that_files_nothing_needs_no_record(self, here: Site) -> None:
        with locked(here.parts.config):
            for text in ("", "3", "3*1", "3*1*1"):
                assert here.dial(text, session="idle", number=NUMBER).text.startswith("CON ")

    def test_a_record_that_was_overwritten_still_gives_the_emergency_number(
        self, own_site: Site
    ) -> None:
        own_site.parts.record.engine.dispose()
        with overwritten(own_site.parts.config):
            answer = own_site.dial(FILING, session="broken", number=NUMBER)
            sms = own_site.post(own_site.url("bt-sms"), SMS)
        assert answer.status_code == 200
        assert answer.text.startswith("END ")
        assert "113" in answer.text
        assert sms.status_code == 503


class TestWithoutRedis:
    @pytest.fixture
    def hung(self, tmp_path: Path) -> Iterator[tuple[Site, int]]:
        """A web process with a Redis of its own, and that server's pid."""
        server = EmbeddedRedis(tmp_path / "redis")
        process = server.start()
        try:
            with site(tmp_path / "data", server.url) as running:
                yield running, process.pid
        finally:
            stop(process)

    @pytest.mark.parametrize(
        ("dialled", "frozen"),
        [
            pytest.param(("", "3"), ("3*1", "3*1*1"), id="a call that began before"),
            pytest.param((), ("", "3", "3*1", "3*1*1"), id="a call that began meanwhile"),
        ],
    )
    def test_a_frozen_redis_is_not_waited_for(
        self, hung: tuple[Site, int], dialled: tuple[str, ...], frozen: tuple[str, ...]
    ) -> None:
        here, pid = hung
        for text in dialled:
            assert here.dial(text, session="frozen", number=NUMBER).text.startswith("CON ")
        os.kill(pid, signal.SIGSTOP)
        try:
            for text in frozen:
                began = time.monotonic()
                answer = here.dial(text, session="frozen", number=NUMBER)
                assert time.monotonic() - began < 2
                assert answer.text.startswith("CON ")
            state = here.client.get(f"{here.base}/readyz")
        finally:
            os.kill(pid, signal.SIGCONT)
        assert (state.status_code, state.json()["redis"]) == (200, False)
        assert wait_until(lambda: bool(here.client.get(f"{here.base}/readyz").json()["redis"]), 5)
        *_, filed = call(here, f"{FILING}*1*2", session="frozen", number=NUMBER, after="3*1*1")
        assert CODE.search(filed.text)

    def test_no_redis_at_all(self, tmp_path: Path) -> None:
        with site(tmp_path / "data", f"unix://{tmp_path}/nobody.sock") as here:
            state = here.client.get(f"{here.base}/readyz")
            assert state.status_code == 200
            assert state.json() == {"ready": True, "record": True, "redis": False}
            *screens, done = call(here, f"{FILING}*1*2", session="none", number=NUMBER)
            assert all(screen.text.startswith("CON ") for screen in screens)
            assert done.text.startswith("END ")
            assert CODE.search(done.text)


NOT_SAVED = "could not save"
HINTS = ("Please choose one of the numbers on the screen.", "Not found. Choose a number")
ANSWERS = {  # what a screen begins with and the key that is pressed there
    "ཉེན་ཁ Danger: 113": ENGLISH,
    "In danger now? Call 113.\n1 Get help": "1",
    "In danger now? Call 113.\n1 Continue": "1",
    "Who needs help?": "1",
    "Is anyone in danger now?": "1",
    "Call 113 now. May we call you": "1",
    "We will call you soon. Where": "1",
    "In which district": "2",
}
FILING_INPUTS = ("", *FILING.split("*"))  # the last of them files


class TestManyCallers:
    """Half of them on a gateway without a history: only the session knows where they are."""

    CALLERS = 200
    MOST = 12  # screens; a person gives up

    @staticmethod
    def number(caller: int) -> str:
        return f"+9751003{caller:04d}"

    def ring(self, here: Site, caller: int) -> list[str]:
        """The screens of one call, up to the last or to an honest "could not save"."""
        session, number = f"S{caller // 10}", self.number(caller)  # gateways reuse short ids
        screens, typed = list[str](), [""]
        while len(screens) < self.MOST:
            if caller % 2:
                answer = here.dial("*".join(typed[1:]), session=session, number=number)
                screens.append(answer.text.partition(" ")[2])
            else:
                form = [("session", session), ("number", number), ("text", typed[-1])]
                screens.append(here.post(here.url("bt-sim"), form).text)
            if NOT_SAVED in screens[-1] or CODE.search(screens[-1]):
                break
            typed.append(self.key(screens[-1]))
        return screens

    def key(self, screen: str) -> str:
        """What a person presses who reads the screen, also one that is shown once more."""
        if screen.startswith(HINTS):  # it stands in the question's place
            return "1"
        keys = [key for said, key in ANSWERS.items() if screen.startswith(said)]
        assert len(keys) == 1, screen
        return keys[0]

    def owner(self, here: Site, code: str) -> str:
        with here.parts.record.reading() as connection:
            case = cases.by_code(connection, code)
        assert case is not None
        assert case.sealed_number is not None
        stored = here.parts.sealer.open(case.id, NUMBER_FIELD, case.wrapped_key, case.sealed_number)
        return str(stored["number"])

    def codes(self, here: Site, calls: Mapping[int, list[str]]) -> dict[int, str]:
        """The case code that each caller was told, which must be their own case's."""
        told = {
            caller: code
            for caller, screens in calls.items()
            for screen in screens
            for code in CODE.findall(screen)
        }
        for caller, code in told.items():
            assert self.owner(here, code) == self.number(caller)
        return told

    def test_of_200_at_once_each_is_stored_or_told_the_truth_and_sees_only_their_own(
        self, own_site: Site
    ) -> None:
        """However slow the disk: who reads "could not save" is not stored, and may ring again."""
        everybody = range(self.CALLERS)
        with ThreadPoolExecutor(self.CALLERS) as pool:
            rung = pool.map(lambda caller: self.ring(own_site, caller), everybody)
            calls = dict(zip(everybody, rung, strict=True))
        told = self.codes(own_site, calls)
        refused = [caller for caller in everybody if caller not in told]
        assert all(NOT_SAVED in calls[caller][-1] for caller in refused)
        # Who was refused only where the place is asked had been told before: "we will call you".
        filed = [caller for caller, screens in calls.items() if len(screens) > len(FILING_INPUTS)]
        assert own_site.counts()["cases"] == len(filed) > 0
        assert len({tuple(calls[caller][:-1]) for caller in told}) == 1
        again = self.codes(own_site, {n: self.ring(own_site, n) for n in refused})
        assert sorted(again) == refused
        assert own_site.counts()["cases"] == self.CALLERS


class TestPages:
    def get(self, here: Site, path: str) -> httpx2.Response:
        return here.client.get(f"{here.base}{path}")

    def test_it_is_healthy(self, here: Site) -> None:
        answer = self.get(here, "/healthz")
        assert (answer.status_code, answer.text) == (200, "ok\n")

    def test_it_is_ready(self, here: Site) -> None:
        answer = self.get(here, "/readyz")
        assert answer.status_code == 200
        assert answer.json() == {"ready": True, "record": True, "redis": True}

    @pytest.mark.parametrize("trouble", [emptied, overwritten])
    def test_it_is_not_ready_when_no_report_can_be_stored(
        self, own_site: Site, trouble: Trouble
    ) -> None:
        own_site.parts.record.engine.dispose()
        with trouble(own_site.parts.config):
            answer = self.get(own_site, "/readyz")
            own_site.parts.record.engine.dispose()
        assert answer.status_code == 503
        assert answer.json() == {"ready": False, "record": False, "redis": True}
        assert self.get(own_site, "/readyz").status_code == 200

    def test_the_front_page_names_the_channels_and_no_secret(self, here: Site) -> None:
        page = self.get(here, "/")
        assert page.status_code == 200
        for name in here.parts.channels:
            assert f"<li>{name}: " in page.text
        for secret in here.secrets():
            assert secret not in page.text
        assert PUBLIC not in page.text

    def test_its_headers_allow_nothing_that_it_does_not_need(self, here: Site) -> None:
        headers = self.get(here, "/").headers
        assert headers["content-security-policy"].startswith("default-src 'none'")
        assert headers["referrer-policy"] == "no-referrer"
        assert headers["x-content-type-options"] == "nosniff"

    @pytest.mark.parametrize("path", ["/", "/healthz", "/readyz", "/nothing"])
    def test_no_answer_says_which_server_it_is(self, here: Site, path: str) -> None:
        assert "server" not in self.get(here, path).headers

    def test_no_webhook_answer_is_kept_by_a_cache(self, here: Site) -> None:
        taken = here.dial("", session="cache", number=NUMBER)
        refused_one = here.post(here.url(TW), TWILIO)
        assert {taken.headers["cache-control"], refused_one.headers["cache-control"]} == {
            "no-store"
        }

    @pytest.mark.parametrize("path", ["/hooks", "/hooks/", "/hooks/bt-ussd", "/docs", "/metrics"])
    def test_there_is_nothing_else(self, here: Site, path: str) -> None:
        assert self.get(here, path).status_code == 404

    def test_the_stub_providers_answer_only_with_the_simulator(
        self, tmp_path: Path, redis_url: str, here: Site
    ) -> None:
        sent = here.client.post(
            f"{here.base}/stub/africastalking/version1/messaging",
            data={"to": "+97510000001", "message": "ok"},
        )
        assert sent.status_code == 201
        assert self.get(here, "/stub/inbox").json()[-1]["text"] == "ok"
        with site(tmp_path, redis_url, simulator=False) as real:
            assert self.get(real, "/stub/inbox").status_code == 404
            assert json.dumps([*real.parts.channels]).count("-sim") == 0
