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
from helpline.core.message import MO, Receipt, ReceiptState
from helpline.core.neutral import telling
from helpline.runtime import new_id
from helpline.service.dialogue import Step
from helpline.service.messages import START_WORDS, STOP_WORDS, STOPPED, Messenger
from helpline.store import outbox
from helpline.store.schema import outbox as outbox_table
from tests.service.test_receive import REPORT, locked
from tests.world import NUMBER, World, world

pytestmark = pytest.mark.anyio

A_MOMENT = timedelta(seconds=7)


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


async def to_the_consent(phone: Phone) -> Step:
    """Any first message, then the answers of a report up to its last question."""
    step = await phone.say("help")
    for key in REPORT[:-1]:
        step = await phone.say(key)
    return step


class TestTheScreenSheHasSeen:
    async def test_safety_01_a_key_does_not_answer_a_screen_that_was_not_sent(
        self, phone: Phone
    ) -> None:
        phone.delivering = False
        first = await phone.say("help")
        again = await phone.say("1")
        assert (again.screen, again.text) == (first.screen, first.text)
        assert len(phone.letters()) == 1  # the older copy will not be sent any more
        phone.deliver()
        assert (await phone.say("3")).screen == "home"

    async def test_safety_03_a_late_key_is_asked_for_again(self, phone: Phone) -> None:
        """A gateway that could not reach us repeats a message for twelve hours."""
        await to_the_consent(phone)
        phone.here.clock.move(timedelta(hours=5))
        assert (await phone.say(REPORT[-1])).screen == "consent"
        assert phone.count("cases") == 0
        assert (await phone.say(REPORT[-1])).screen == "done"


class TestAMessage:
    async def test_any_first_word_shows_the_first_screen(self, phone: Phone) -> None:
        assert (await phone.say("1")).screen == "language"

    async def test_its_answer_waits_in_the_outbox_sealed(self, phone: Phone) -> None:
        step = await phone.say("help")
        (row,) = phone.here.rows(outbox_table)
        assert (row["kind"], row["state"], row["channel"]) == ("mt", outbox.PENDING, "bt-sms")
        assert NUMBER[1:] not in repr(row)
        assert phone.letters() == [{"number": NUMBER, "text": step.text}]

    async def test_a_report_is_filed_and_confirmed(self, phone: Phone) -> None:
        assert (await to_the_consent(phone)).screen == "consent"
        done = await phone.say(REPORT[-1])
        (case,) = phone.here.everything()["cases"]
        assert done.screen == "done"
        assert str(case["code"]) in done.text
        assert case["channel"] == "bt-sms"

    async def test_the_message_after_the_last_screen_begins_again(self, phone: Phone) -> None:
        await to_the_consent(phone)
        await phone.say(REPORT[-1])
        assert (await phone.say("1")).screen == "language"

    async def test_message_answer_and_case_are_one_transaction(self, phone: Phone) -> None:
        """The provider repeats what was not stored: then nothing of it may be there."""
        await to_the_consent(phone)
        before = phone.here.everything()
        with phone.here.record.engine.begin() as connection:
            connection.exec_driver_sql("ALTER TABLE outbox RENAME TO away")
        with pytest.raises(HelplineError):
            await phone.send(REPORT[-1], provider_id="last")
        with phone.here.record.engine.begin() as connection:
            connection.exec_driver_sql("ALTER TABLE away RENAME TO outbox")
        assert phone.here.everything() == before
        step = await phone.send(REPORT[-1], provider_id="last")
        assert step is not None
        assert step.screen == "done"


class TestARepeatedMessage:
    async def test_is_taken_once_and_answered_once(self, phone: Phone) -> None:
        await phone.send("help", provider_id="one")
        phone.deliver()
        before = phone.here.everything()
        assert await phone.send("help", provider_id="one") is None
        assert phone.here.everything() == before

    async def test_also_after_redis_was_lost_and_hours_later(self, phone: Phone) -> None:
        await to_the_consent(phone)
        await phone.send(REPORT[-1], provider_id="last")
        phone.lose_redis()
        phone.here.clock.move(timedelta(hours=12))
        assert await phone.send(REPORT[-1], provider_id="last") is None
        assert phone.count("cases") == 1

    async def test_also_when_both_arrive_at_once(self, phone: Phone) -> None:
        steps: list[Step | None] = []

        async def deliver() -> None:
            steps.append(await phone.send("help", provider_id="one"))

        async with anyio.create_task_group() as group:
            for _ in range(8):
                group.start_soon(deliver)
        assert len([step for step in steps if step is not None]) == 1
        assert len(phone.letters()) == 1


class TestAStaleSession:
    async def test_when_the_session_is_lost_the_dialogue_begins_again(self, phone: Phone) -> None:
        await phone.say("help")
        await phone.say("3")
        phone.lose_redis()
        assert (await phone.say("1")).screen == "language"

    async def test_a_session_that_missed_a_turn_is_not_believed(self, phone: Phone) -> None:
        """The phone shows the newest answer; an older session would misread its key."""
        await phone.say("help")
        with Redis.from_url(phone.redis_url) as client:
            (name,) = client.keys("*")
            old = bytes(client.get(name) or b"")
            await phone.say("3")
            client.set(name, old)  # that turn's session was never written
        assert (await phone.say("1")).screen == "language"
        assert phone.count("cases") == 0


class TestStop:
    @pytest.mark.parametrize("word", sorted(STOP_WORDS))
    async def test_safety_18_each_word_of_the_carriers_stops(self, phone: Phone, word: str) -> None:
        step = await phone.say(f" {word.upper()}\n")
        assert step.screen == "stopped"
        assert phone.count("opt_outs") == 1

    async def test_safety_19_the_answer_names_nothing(self, phone: Phone) -> None:
        await phone.say("help")
        await phone.say("3")
        step = await phone.say("STOP")
        assert step.text == STOPPED
        assert telling(step.text, "en") == []

    async def test_safety_19_afterwards_nothing_is_answered(self, phone: Phone) -> None:
        await phone.say("STOP")
        answers = len(phone.letters())
        for words in ("help", "1", "STOP", "stop", "3"):
            assert await phone.send(words) is None
        assert len(phone.letters()) == answers

    async def test_safety_19_answers_still_waiting_are_not_sent(self, phone: Phone) -> None:
        await phone.say("help")
        stopped = await phone.say("STOP")
        assert [letter["text"] for letter in phone.letters()] == [stopped.text]

    async def test_safety_19_the_case_stays_open(self, phone: Phone) -> None:
        await to_the_consent(phone)
        await phone.say(REPORT[-1])
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
        phone.number = "+97510000002"
        assert (await phone.say("help")).screen == "language"

    async def test_safety_09_the_list_of_opt_outs_holds_no_number(self, phone: Phone) -> None:
        await phone.say("STOP")
        assert NUMBER[1:] not in repr(phone.here.everything())

    async def test_stop_within_a_sentence_is_no_stop(self, phone: Phone) -> None:
        await phone.say("please make it stop")
        assert phone.count("opt_outs") == 0


class TestSafety13:
    async def test_safety_13_99_shows_the_decoy_and_forgets(self, phone: Phone) -> None:
        await to_the_consent(phone)
        step = await phone.say("99")
        assert step.text == "Weather service: no news today. Thank you."
        assert (await phone.say("1")).screen == "language"
        assert phone.count("cases") == 0


async def test_a_sender_that_is_not_a_phone_is_not_answered(phone: Phone) -> None:
    before = phone.here.everything()
    assert await phone.send("STOP", number="") is None
    assert await phone.send("Your balance is low", number="") is None
    assert phone.here.everything() == before


async def test_safety_24_when_the_record_is_away_the_provider_must_send_it_again(
    phone: Phone,
) -> None:
    await to_the_consent(phone)
    with locked(phone.here), pytest.raises(RecordUnavailable):
        await phone.send(REPORT[-1], provider_id="last")
    step = await phone.send(REPORT[-1], provider_id="last")
    assert step is not None
    assert step.screen == "done"
    assert phone.count("cases") == 1


async def test_a_receipt_for_an_unknown_message_changes_nothing(phone: Phone) -> None:
    await phone.say("help")
    before = phone.here.everything()
    channel = phone.here.runtime.channels["bt-sms"]
    for provider_id in ("ATXid_9", ""):
        receipt = Receipt(provider_id, ReceiptState.DELIVERED, "Success")
        await phone.messenger.receipt(channel, receipt)
    assert phone.here.everything() == before
