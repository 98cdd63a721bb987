"""Turns by SMS: each message taken once, its answer durable with it, and silence when asked for."""

import json
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import anyio
import pytest
from redis import Redis
from sqlalchemy import update

from helpline.core.errors import HelplineError, RecordUnavailable
from helpline.core.label import Text
from helpline.core.message import MO, Receipt, ReceiptState
from helpline.core.neutral import telling
from helpline.runtime import new_id
from helpline.service.dialogue import Step
from helpline.service.messages import (
    ANSWERED_WITHIN,
    SAME_TEXT,
    START_WORDS,
    STOP_WORDS,
    STOPPED,
    Messenger,
)
from helpline.service.remembering import GUESSES
from helpline.service.stories import Entry, Stories
from helpline.store import cases, outbox
from helpline.store.schema import outbox as outbox_table
from tests.private import PRIVATE_NUMBERS, PRIVATE_WORDS
from tests.service.test_receive import FILED, NO_CALL, REPORT, locked
from tests.world import NUMBER, World, world

pytestmark = pytest.mark.anyio

A_MOMENT = timedelta(seconds=7)
OTHER_NUMBER = PRIVATE_NUMBERS[3]
STORY = PRIVATE_WORDS[1]  # long enough to be told, not mistyped
FILING = REPORT[FILED - 1]  # the safe time


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@dataclass
class Phone:
    here: World
    messenger: Messenger
    redis_url: str
    number: str = NUMBER
    delivering: bool = True

    def deliver(self) -> None:
        """The provider takes what waits; only then is a key an answer to it."""
        with self.here.record.writing() as connection:
            waiting = outbox_table.c.state == outbox.PENDING
            connection.execute(update(outbox_table).where(waiting).values(state=outbox.SENT))

    async def send(
        self, words: str, *, provider_id: str = "", number: str | None = None
    ) -> Step | None:
        mo = MO(
            self.number if number is None else number, words, provider_id=provider_id or new_id()
        )
        channel = self.here.runtime.channels["bt-sms"]
        if self.delivering and words.casefold() not in STOP_WORDS:
            self.deliver()
        return await self.messenger.receive(channel, mo, self.here.clock.move(A_MOMENT))

    async def say(self, words: str) -> Step:
        step = await self.send(words)
        assert step is not None
        return step

    def letters(self) -> list[dict[str, str]]:
        """What waits to be sent to callers, opened."""
        sealer = self.here.runtime.sealer
        rows = [
            row
            for row in self.here.rows(outbox_table)
            if row["kind"] == "mt" and row["sealed"] is not None
        ]
        return [
            json.loads(sealer.open_session(str(row["once"]), bytes(row["sealed"])))  # type: ignore[call-overload]
            for row in rows
        ]

    def lose_redis(self) -> None:
        with Redis.from_url(self.redis_url) as client:
            client.flushall()

    def callback(self) -> dict[str, object]:
        (row,) = self.here.everything()["callbacks"]
        return row

    def told(self, step: Step) -> Entry:
        """The one entry of the request that this dialogue filed."""
        with self.here.record.reading() as connection:
            case = cases.by_code(connection, step.session.code)
        assert case is not None
        (entry,) = Stories(self.here.runtime.sealer).read(case)
        return entry

    def an_hour_without_repeats(self) -> None:
        """The texts that it sent before count no more; all else is still remembered."""
        with Redis.from_url(self.redis_url) as client:
            for name in client.keys("repeats:*"):
                client.delete(name)

    def count(self, table: str) -> int:
        return len(self.here.everything()[table])


@asynccontextmanager
async def phone_of(here: World, redis_url: str) -> AsyncIterator[Phone]:
    sessions = here.runtime.session_store()
    try:
        yield Phone(here, here.runtime.messenger(sessions, here.runtime.players()), redis_url)
    finally:
        await sessions.close()


@pytest.fixture
def here(tmp_path: Path, database_url: str, redis_url: str) -> Iterator[World]:
    with world(tmp_path, database_url, redis_url=redis_url) as built:
        yield built


@pytest.fixture
async def phone(here: World, redis_url: str) -> AsyncIterator[Phone]:
    async with phone_of(here, redis_url) as texting:
        yield texting


async def after(phone: Phone, *inputs: str) -> Step:
    """Any first message, then the inputs one by one."""
    step = await phone.say("hello")
    for words in inputs:
        step = await phone.say(words)
    return step


async def to_the_window(phone: Phone) -> Step:
    """Up to the question whose answer files."""
    return await after(phone, *REPORT[: FILED - 1])


async def done(phone: Phone) -> Step:
    """A whole report; in SMS a story may be told before the end."""
    return await after(phone, *REPORT, "1")


class TestTheScreenSheHasSeen:
    async def test_safety_01_a_key_does_not_answer_a_screen_that_was_not_sent(
        self, phone: Phone
    ) -> None:
        phone.delivering = False
        first = await phone.say("hello")
        again = await phone.say("1")
        assert (again.screen, again.text) == (first.screen, first.text)
        assert len(phone.letters()) == 1  # the older copy will not be sent any more
        phone.deliver()
        assert (await phone.say("3")).screen == "home"

    async def test_safety_03_a_late_key_is_asked_for_again(self, phone: Phone) -> None:
        """A gateway that could not reach us repeats a message for twelve hours."""
        await to_the_window(phone)
        phone.here.clock.move(timedelta(hours=5))
        assert (await phone.say(FILING)).screen == "window"
        assert phone.count("cases") == 0
        assert (await phone.say(FILING)).screen == "concern"

    @pytest.mark.parametrize(("early", "screen"), [(A_MOMENT * 2, "concern"), (A_MOMENT, "window")])
    async def test_safety_03_half_an_hour_is_late(
        self, phone: Phone, early: timedelta, screen: str
    ) -> None:
        await to_the_window(phone)
        phone.here.clock.move(ANSWERED_WITHIN - early)
        assert (await phone.say(FILING)).screen == screen


class TestAMessage:
    async def test_any_first_word_shows_the_first_screen(self, phone: Phone) -> None:
        assert (await phone.say("1")).screen == "language"

    async def test_its_answer_waits_in_the_outbox_sealed(self, phone: Phone) -> None:
        step = await phone.say("hello")
        (row,) = phone.here.rows(outbox_table)
        assert (row["kind"], row["state"], row["channel"]) == ("mt", outbox.PENDING, "bt-sms")
        assert NUMBER[1:] not in repr(row)
        assert phone.letters() == [{"number": NUMBER, "text": step.text}]

    async def test_a_report_is_filed_and_confirmed(self, phone: Phone) -> None:
        assert (await to_the_window(phone)).screen == "window"
        await phone.say(FILING)
        (case,) = phone.here.everything()["cases"]
        for key in (*REPORT[FILED:], "1"):
            step = await phone.say(key)
        assert step.screen == "done"
        assert str(case["code"]) in step.text
        assert case["channel"] == "bt-sms"
        assert phone.callback()["desk"] == "BT-WCPD-22"

    async def test_the_message_after_the_last_screen_begins_again(self, phone: Phone) -> None:
        """At home: the language of the dialogue before is known."""
        await done(phone)
        assert (await phone.say("1")).screen == "home"

    async def test_message_answer_and_case_are_one_transaction(self, phone: Phone) -> None:
        """The provider repeats what was not stored: then nothing of it may be there."""
        await to_the_window(phone)
        before = phone.here.everything()
        with phone.here.record.engine.begin() as connection:
            connection.exec_driver_sql("ALTER TABLE outbox RENAME TO away")
        with pytest.raises(HelplineError):
            await phone.send(FILING, provider_id="last")
        with phone.here.record.engine.begin() as connection:
            connection.exec_driver_sql("ALTER TABLE away RENAME TO outbox")
        assert phone.here.everything() == before
        step = await phone.send(FILING, provider_id="last")
        assert step is not None
        assert step.screen == "concern"


class TestARepeatedMessage:
    async def test_is_taken_once_and_answered_once(self, phone: Phone) -> None:
        await phone.send("hello", provider_id="one")
        phone.deliver()
        before = phone.here.everything()
        assert await phone.send("hello", provider_id="one") is None
        assert phone.here.everything() == before

    async def test_also_after_redis_was_lost_and_hours_later(self, phone: Phone) -> None:
        await to_the_window(phone)
        await phone.send(FILING, provider_id="last")
        phone.lose_redis()
        phone.here.clock.move(timedelta(hours=12))
        assert await phone.send(FILING, provider_id="last") is None
        assert phone.count("cases") == 1

    async def test_also_when_both_arrive_at_once(self, phone: Phone) -> None:
        steps: list[Step | None] = []

        async def deliver() -> None:
            steps.append(await phone.send("hello", provider_id="one"))

        async with anyio.create_task_group() as group:
            for _ in range(8):
                group.start_soon(deliver)
        assert len([step for step in steps if step is not None]) == 1
        assert len(phone.letters()) == 1


class TestAStaleSession:
    async def test_when_the_session_is_lost_the_dialogue_begins_again(self, phone: Phone) -> None:
        await phone.say("hello")
        await phone.say("3")
        phone.lose_redis()
        assert (await phone.say("1")).screen == "language"

    async def test_a_session_that_missed_a_turn_is_not_believed(self, phone: Phone) -> None:
        """The phone shows the newest answer; an older session would misread its key."""
        await phone.say("hello")
        with Redis.from_url(phone.redis_url) as client:
            (name,) = client.keys("session:*")
            old = bytes(client.get(name) or b"")
            await phone.say("3")
            client.set(name, old)  # that turn's session was never written
        assert (await phone.say("1")).screen == "home"
        assert phone.count("cases") == 0


class TestStop:
    @pytest.mark.parametrize("word", sorted(STOP_WORDS))
    async def test_safety_18_each_word_of_the_carriers_stops(self, phone: Phone, word: str) -> None:
        step = await phone.say(f" {word.upper()}\n")
        assert step.screen == "stopped"
        assert phone.count("opt_outs") == 1

    async def test_safety_19_the_answer_names_nothing(self, phone: Phone) -> None:
        await phone.say("hello")
        await phone.say("3")
        step = await phone.say("STOP")
        assert step.text == STOPPED
        assert telling(step.text, "en") == []

    async def test_safety_19_afterwards_nothing_is_answered(self, phone: Phone) -> None:
        await phone.say("STOP")
        answers = len(phone.letters())
        for words in ("hello", "1", "STOP", "stop", "3"):
            assert await phone.send(words) is None
        assert len(phone.letters()) == answers

    async def test_safety_19_answers_still_waiting_are_not_sent(self, phone: Phone) -> None:
        await phone.say("hello")
        stopped = await phone.say("STOP")
        assert [letter["text"] for letter in phone.letters()] == [stopped.text]

    async def test_safety_19_the_case_stays_open(self, phone: Phone) -> None:
        await done(phone)
        before = phone.here.everything()["callbacks"]
        await phone.say("STOP")
        assert phone.here.everything()["callbacks"] == before

    @pytest.mark.parametrize("word", sorted(START_WORDS))
    async def test_safety_18_start_lets_the_person_return(self, phone: Phone, word: str) -> None:
        await phone.say("STOP")
        assert (await phone.say(word)).screen == "language"
        assert phone.count("opt_outs") == 0
        assert (await phone.say("3")).screen == "home"

    async def test_it_stops_this_number_only(self, phone: Phone) -> None:
        await phone.say("STOP")
        phone.number = OTHER_NUMBER
        assert (await phone.say("hello")).screen == "language"

    async def test_safety_09_the_list_of_opt_outs_holds_no_number(self, phone: Phone) -> None:
        await phone.say("STOP")
        assert NUMBER[1:] not in repr(phone.here.everything())

    async def test_stop_within_a_sentence_is_no_stop(self, phone: Phone) -> None:
        await phone.say("please make it stop")
        assert phone.count("opt_outs") == 0


class TestSafety13:
    async def test_safety_13_99_shows_the_decoy_and_forgets(self, phone: Phone) -> None:
        await to_the_window(phone)
        step = await phone.say("99")
        assert step.text == "Weather service: no news today. Thank you."
        after_it = await phone.say("1")
        assert (after_it.screen, dict(after_it.session.answers)) == ("home", {})
        assert phone.count("cases") == 0


class TestAKeyword:
    @pytest.mark.parametrize(
        ("words", "screen", "language"),
        [
            ("REPORT", "about", "en"),
            ("call-me", "language", ""),
            ("callme", "about", "en"),
            ("desk", "region", "en"),
            ("DESK Punakha", "desk", "en"),
            ("desk: punakha.", "desk", "en"),
            ("rights", "rights", "en"),
            ("case", "my_case", "en"),
            ("Rogram", "about", "dz_Latn"),
            ("letshen", "region", "dz_Latn"),
            ("ཐོབ་དབང་", "rights", "dz"),
            ("ཞུ་ཨང་།", "my_case", "dz"),
            ("madad", "language", ""),
            ("reporting", "language", ""),
        ],
    )
    async def test_leads_straight_there_in_its_language(
        self, phone: Phone, words: str, screen: str, language: str
    ) -> None:
        step = await phone.say(words)
        assert (step.screen, step.session.language) == (screen, language)

    async def test_safety_17_the_emergency_number_comes_first(self, phone: Phone) -> None:
        step = await phone.say("report")
        assert step.text.startswith("In danger now? Call 113.")

    async def test_with_a_request_number_the_word_is_asked_for(self, phone: Phone) -> None:
        code = (await done(phone)).session.code
        assert (await phone.say(f"CASE {code}")).screen == "my_word"

    async def test_works_in_the_middle_of_a_dialogue(self, phone: Phone) -> None:
        await to_the_window(phone)
        step = await phone.say("rights")
        assert (step.screen, phone.count("cases")) == ("rights", 0)

    async def test_a_place_can_be_typed(self, phone: Phone) -> None:
        step = await after(phone, *REPORT[:7], "Punakha")
        assert (step.screen, phone.callback()["desk"]) == ("caller", "BT-WCPD-23")


class TestWhatSheWrites:
    """Free text joins the report once sharing is agreed, and is kept nowhere else."""

    async def test_safety_11_a_first_message_in_her_own_words_joins_the_report(
        self, phone: Phone
    ) -> None:
        await phone.say(STORY)
        for key in REPORT[:-2]:
            step = await phone.say(key)
        assert (phone.told(step)["said"], phone.told(step)["consented"]) == ("", False)
        step = await phone.say("1")
        assert (phone.told(step)["said"], phone.told(step)["consented"]) == (STORY, True)

    async def test_safety_11_without_her_yes_no_word_of_it_is_kept(self, phone: Phone) -> None:
        await phone.say(STORY)
        for key in (*REPORT[:-2], "2", "1"):
            step = await phone.say(key)
        assert step.screen == "done"  # no story is asked for either
        entry = phone.told(step) if step.session.code else {}
        assert (entry.get("said"), entry.get("consented")) == ("", False)

    async def test_the_story_screen_asks_for_one_more_text(self, phone: Phone) -> None:
        story = await after(phone, *REPORT)
        assert story.screen == "story"
        step = await phone.say(STORY)
        assert (step.screen, phone.told(step)["said"]) == ("done", STORY)

    async def test_all_that_she_writes_is_kept_in_its_order(self, phone: Phone) -> None:
        await phone.say(STORY)
        for key in REPORT:
            await phone.say(key)
        step = await phone.say(PRIVATE_WORDS[4])
        assert phone.told(step)["said"] == f"{STORY}\n{PRIVATE_WORDS[4]}"

    async def test_safety_01_without_call_and_consent_nothing_is_kept(self, phone: Phone) -> None:
        await phone.say(STORY)
        for key in (*NO_CALL[:-2], "2"):
            step = await phone.say(key)
        assert (step.screen, phone.count("cases")) == ("not_sent", 0)

    async def test_a_slip_of_the_finger_is_no_story(self, phone: Phone) -> None:
        step = await after(phone, *REPORT[:-3], "ok", *REPORT[-3:-1])
        assert phone.told(step)["said"] == ""

    async def test_safety_09_no_word_of_it_lies_in_clear(self, phone: Phone) -> None:
        await phone.say(STORY)
        for key in (*REPORT, PRIVATE_WORDS[4]):
            await phone.say(key)
        stored = repr(phone.here.everything())
        with Redis.from_url(phone.redis_url) as client:
            for name in client.keys("session:*"):
                stored += repr(client.get(name))
        assert [word for word in (STORY, PRIVATE_WORDS[4], NUMBER[1:]) if word in stored] == []


class TestTheSameTextAgainAndAgain:
    """The third of one text within an hour may come from a machine: two must not talk for ever."""

    async def test_the_third_gets_no_answer(self, phone: Phone) -> None:
        answers = [await phone.send("Thank you!") for _ in range(SAME_TEXT + 2)]
        assert [step is not None for step in answers] == [True, True, False, False, False]
        assert phone.count("outbox") == SAME_TEXT - 1

    @pytest.mark.parametrize("words", ["thank you", " THANK  YOU. ", "Thank you\n"])
    async def test_its_dress_does_not_matter(self, phone: Phone, words: str) -> None:
        for _ in range(SAME_TEXT - 1):
            await phone.say("Thank you!")
        assert await phone.send(words) is None

    async def test_a_key_is_always_answered(self, phone: Phone) -> None:
        for _ in range(SAME_TEXT + 2):
            await phone.say("1")

    async def test_other_words_are_answered(self, phone: Phone) -> None:
        for words in ("hello", "hello there", "hello again", "hello?", "hallo"):
            await phone.say(words)

    async def test_another_number_is_answered(self, phone: Phone) -> None:
        for _ in range(SAME_TEXT):
            await phone.send("hello")
        phone.number = OTHER_NUMBER
        assert (await phone.say("hello")).screen == "language"

    async def test_a_repeated_delivery_is_not_another_text(self, phone: Phone) -> None:
        for _ in range(SAME_TEXT + 2):
            await phone.send("hello", provider_id="one")
        await phone.say("hello")

    async def test_her_key_still_answers_the_last_screen(self, phone: Phone) -> None:
        for _ in range(SAME_TEXT):
            await phone.send("hello")
        assert (await phone.say("3")).screen == "home"

    async def test_safety_19_stop_is_obeyed_however_often_it_was_sent(self, phone: Phone) -> None:
        for _ in range(SAME_TEXT):
            await phone.say("STOP")
            await phone.say("START")
        assert phone.count("opt_outs") == 0


class TestTheRememberedLanguage:
    async def test_a_new_dialogue_begins_at_home(self, phone: Phone) -> None:
        await after(phone, "3")
        with Redis.from_url(phone.redis_url) as client:
            for name in client.keys("session:*"):
                client.delete(name)
        step = await phone.say("good evening")
        assert (step.screen, step.session.language) == ("home", "en")

    async def test_stop_is_answered_in_it(self, phone: Phone) -> None:
        await after(phone, "1")
        voice = phone.here.runtime.content.voices["dz"]
        assert (await phone.say("STOP")).text == voice.say(Text(STOPPED))


class TestMyRequest:
    async def opened(self, phone: Phone, code: str, *inputs: str) -> Step:
        step = await phone.say(f"CASE {code}")
        for words in inputs:
            step = await phone.say(words)
        return step

    async def code(self, phone: Phone) -> str:
        return (await after(phone, *REPORT[:-1], "sparrow", "1")).session.code

    async def test_safety_06_number_and_word_open_it(self, phone: Phone) -> None:
        code = await self.code(phone)
        step = await self.opened(phone, code, "Sparrow")
        assert step.text.startswith("We have your request. We will call you.")

    async def test_safety_11_it_can_be_withdrawn(self, phone: Phone) -> None:
        code = await self.code(phone)
        assert (await self.opened(phone, code, "sparrow", "2")).screen == "case_stopped"
        assert phone.callback()["state"] == "withdrawn"

    async def test_safety_20_erasing_takes_the_marks_of_its_messages_along(
        self, phone: Phone
    ) -> None:
        code = await self.code(phone)
        assert (await self.opened(phone, code, "sparrow", "3", "1")).screen == "case_erased"
        filings = [row for row in phone.here.everything()["dedupe"] if row["case_id"]]
        assert {row["number_index"] for row in filings} == {""}

    async def test_safety_06_a_phone_that_guesses_finds_nothing_any_more(
        self, phone: Phone
    ) -> None:
        code = await self.code(phone)
        for guess in range(GUESSES):
            phone.an_hour_without_repeats()
            step = await self.opened(phone, code, f"word{guess}")
            assert step.screen == "case"
            await phone.say("99")
        phone.an_hour_without_repeats()
        step = await self.opened(phone, code, "sparrow")
        assert step.text.startswith("We did not find this number and word.")


async def test_safety_15_another_word_makes_it_another_persons_request(phone: Phone) -> None:
    """Two women share a phone: the second learns her own number and not the first's."""
    first = await after(phone, *REPORT[:-1], "sparrow", "1")
    await phone.say("good evening")
    second = first
    for words in (*REPORT[1:-1], "river", "1"):
        second = await phone.say(words)
    assert (first.screen, second.screen) == ("done", "done")
    assert first.session.code != second.session.code
    assert second.session.code in second.text
    assert first.session.code not in second.text
    assert phone.count("callbacks") == 2


async def test_a_sender_that_is_not_a_phone_is_not_answered(phone: Phone) -> None:
    before = phone.here.everything()
    assert await phone.send("STOP", number="") is None
    assert await phone.send("Your balance is low", number="") is None
    assert phone.here.everything() == before


async def test_safety_24_when_the_record_is_away_the_provider_must_send_it_again(
    phone: Phone,
) -> None:
    await to_the_window(phone)
    with locked(phone.here), pytest.raises(RecordUnavailable):
        await phone.send(FILING, provider_id="last")
    step = await phone.send(FILING, provider_id="last")
    assert step is not None
    assert step.screen == "concern"
    assert phone.count("cases") == 1


async def test_a_receipt_for_an_unknown_message_changes_nothing(phone: Phone) -> None:
    await phone.say("hello")
    before = phone.here.everything()
    channel = phone.here.runtime.channels["bt-sms"]
    for provider_id in ("ATXid_9", ""):
        receipt = Receipt(provider_id, ReceiptState.DELIVERED, "Success")
        await phone.messenger.receipt(channel, receipt)
    assert phone.here.everything() == before
