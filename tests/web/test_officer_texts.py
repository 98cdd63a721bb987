"""Officers' commands as the gateways post them: in each language of each programme, over HTTP."""

import json
from collections.abc import Iterator
from datetime import timedelta

import pytest

from flows import PROGRAMMES
from helpline import runtime
from helpline.catalogue import voices
from helpline.core.callback import State
from helpline.core.neutral import telling
from helpline.core.officer_texts import NOTED, WORDS, Order, answer
from helpline.core.report import Priority, Report
from helpline.core.window import Window
from helpline.service.filing import Origin
from helpline.store import callbacks, desks, officers, outbox
from helpline.store.schema import outbox as outbox_rows
from tests.private import PRIVATE_NUMBERS, PRIVATE_WORDS
from tests.web.site import Site

PHONES = {"bt": "+97510600042", "pk": "+923800600042", "kh": "+85520600042"}
# As a gateway may write them: with country code, with a plain plus, in national form.
WRITTEN = {"bt": "97510600042", "pk": "+923800600042", "kh": "020 600042"}
CALLERS = dict(zip(("bt", "pk", "kh"), PRIVATE_NUMBERS, strict=False))
SPOKEN = [(code, language.code) for code, p in PROGRAMMES.items() for language in p.languages]
_IDS = iter(range(10_000))


class Post:
    """One programme's desk with a duty phone in Night's hand."""

    def __init__(self, site: Site, programme: str) -> None:
        self.site, self.programme, self.parts = site, programme, site.parts
        known = self.parts.content.directory.desks.values()
        self.desk = next(d for d in known if d.programme == programme and d.verified)

    def staff(self, language: str) -> None:
        with self.parts.record.writing() as connection:
            phone = PHONES[self.programme]
            desks.set_duty_phone(connection, self.desk.code, phone, language)
            officers.put(connection, f"Night {self.programme}", woman=True, desks=[self.desk.code])
        night = self.parts.desk.officer(self.desk.code, f"Night {self.programme}")
        self.parts.roster.take_phone(self.desk.code, night, runtime.now())

    def file(self) -> int:
        """A request of its own, ready to be called; its short number."""
        now, hour = runtime.now(), timedelta(hours=1)
        told = Report(
            programme=self.programme,
            desk=self.desk.code,
            place=self.desk.place,
            about=f"me {next(_IDS)}",
            concern="other",
            priority=Priority.NORMAL,
            windows=(Window(now - hour, now + hour, daily=True),),
            woman=False,
            consented=True,
            language="en",
            code_word="",
            said=PRIVATE_WORDS[1],
        )
        caller = CALLERS[self.programme]
        origin = Origin(f"{self.programme}-ussd", runtime.new_id(), caller)
        with self.parts.record.writing() as connection:
            filed = self.parts.filing.file_in(connection, origin, told, now)
            return callbacks.of_case(connection, filed.case_id).id

    def text(self, words: str, *, message: str = "", number: str = "") -> str:
        """Posts one message; what is to be sent for it, "" for nothing."""
        message = message or f"ATXid_officer_{next(_IDS)}"
        channel = f"{self.programme}-sms"
        fields = [
            ("date", "2026-09-29 12:00:00"),
            ("from", number or WRITTEN[self.programme]),
            ("id", message),
            ("linkId", ""),
            ("text", words),
            ("to", "15005550006"),
        ]
        assert self.site.post(self.site.url(channel), fields).status_code == 200
        once = f"mt|{channel}|{message}"
        with self.parts.record.reading() as connection:
            query = outbox_rows.select().where(outbox_rows.c.once == once)
            row = connection.execute(query).mappings().one_or_none()
        if row is None:
            return ""
        assert row["state"] == outbox.PENDING
        return str(json.loads(self.parts.sealer.open_session(once, row["sealed"]))["text"])

    def state(self, ref: int) -> State:
        with self.parts.record.reading() as connection:
            row = callbacks.get(connection, ref)
        assert row is not None
        return row.state


@pytest.fixture(params=SPOKEN, ids="-".join)
def spoken(here: Site, request: pytest.FixtureRequest) -> Iterator[tuple[Post, str]]:
    programme, language = request.param
    post = Post(here, programme)
    post.staff(language)
    yield post, language


def test_every_word_of_the_language_works_the_queue(spoken: tuple[Post, str]) -> None:
    post, language = spoken
    after = {
        Order.TAKE: State.CLAIMED,
        Order.NO_ANSWER: State.WAITING,
        Order.DONE: State.REACHED,
        Order.LATER: State.READY,
    }
    take = WORDS[Order.TAKE][language][0]
    for order in Order:
        for word in WORDS[order][language]:
            ref = post.file()
            if order is not Order.TAKE:
                post.text(f"{take} {ref}")
            told = post.text(f"{word} {ref}")
            assert post.state(ref) is after[order]
            assert str(ref) in told
            assert telling(told, language) == []
            if order is not Order.TAKE:
                assert told == voices()[language].say(answer(NOTED, ref))


def test_the_same_message_twice_acts_once(here: Site) -> None:
    post = Post(here, "bt")
    post.staff("en")
    ref = post.file()
    first = post.text(f"TAKE {ref}", message="ATXid_twice")
    before = here.counts()
    assert post.text(f"TAKE {ref}", message="ATXid_twice") == first
    assert here.counts() == before


def test_another_number_gets_a_screen_and_changes_nothing(here: Site) -> None:
    post = Post(here, "bt")
    post.staff("en")
    ref = post.file()
    assert "1" in post.text(f"TAKE {ref}", number=PRIVATE_NUMBERS[3])
    assert post.state(ref) is State.READY
