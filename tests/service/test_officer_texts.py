"""Officers without data: the duty phone's texts work the queue, and tell nothing to an onlooker."""

from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import anyio
import pytest
from sqlalchemy import update

from helpline.catalogue import voices
from helpline.core import officer_texts as texts
from helpline.core.callback import Attempted, State
from helpline.core.errors import HelplineError
from helpline.core.message import MO
from helpline.core.neutral import telling
from helpline.core.officer_texts import WORDS, Order, answer
from helpline.core.report import Priority
from helpline.service.duty_phone import HEARD, SILENCED
from helpline.service.filing import Filed
from helpline.store import audit, callbacks, desks, officers, shifts
from helpline.store.schema import attempts
from helpline.store.schema import audit as audit_rows
from helpline.store.schema import officers as officer_rows
from helpline.store.schema import outbox as outbox_rows
from tests.private import PRIVATE_WORDS
from tests.service.test_messages import Phone, phone_of
from tests.service.test_receive import locked
from tests.world import DUTY, HAA, NUMBER, PARO, START, World, daily, open_for, report, world

pytestmark = pytest.mark.anyio

MINUTE = timedelta(minutes=1)
SPOKEN = ("en", "dz", "dz_Latn")  # in Bhutan
TAKEN = "yours until"


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@dataclass
class Desk:
    """The duty phone of Haa, in Pema's hand, and the requests that wait there."""

    phone: Phone

    @property
    def here(self) -> World:
        return self.phone.here

    async def text(self, words: str, *, provider_id: str = "", number: str = DUTY[HAA]) -> str:
        """What the phone is told, "" for nothing; an officer's command never is a screen."""
        before = len(self.phone.letters())
        step = await self.phone.send(words, provider_id=provider_id, number=number)
        assert step is None
        new = self.phone.letters()[before:]
        assert {letter["number"] for letter in new} <= {number}
        assert len(new) <= 1
        return new[0]["text"] if new else ""

    def file(self, **said: object) -> int:
        """A new request; its short number."""
        filed = self.here.file(report(**said), number=NUMBER)  # type: ignore[arg-type]
        return self.id(filed)

    def id(self, filed: Filed) -> int:
        return self.here.callback(filed).id

    def row(self, ref: int) -> callbacks.CallbackRow:
        with self.here.record.reading() as connection:
            row = callbacks.get(connection, ref)
        assert row is not None
        return row

    def holder(self, ref: int) -> str:
        with self.here.record.reading() as connection:
            return officers.names(connection).get(self.row(ref).lease_officer or 0, "")

    def hold(self, name: str, desk: str = HAA) -> None:
        self.here.runtime.roster.take_phone(desk, self.here.people[name], self.here.clock())

    def tried(self) -> list[object]:
        return [row["outcome"] for row in self.here.rows(attempts)]

    def actions(self) -> list[tuple[object, object, object]]:
        rows = self.here.rows(audit_rows)
        return [(row["actor"], row["action"], row["subject"]) for row in rows]


@pytest.fixture
def here(tmp_path: Path, database_url: str, redis_url: str) -> Iterator[World]:
    with world(tmp_path, database_url, redis_url=redis_url) as built:
        yield built


@pytest.fixture
async def desk(here: World, redis_url: str) -> AsyncIterator[Desk]:
    async with phone_of(here, redis_url) as phone:
        made = Desk(phone)
        made.hold("Pema")
        yield made


def said(words: str, ref: int | str = "", time: str = "", language: str = "en") -> str:
    return voices()[language].say(answer(words, ref, time))


class TestTake:
    async def test_it_is_hers_until_the_lease_ends(self, desk: Desk) -> None:
        ref = desk.file()
        assert await desk.text(f"TAKE {ref}") == f"Request {ref} is yours until 10:15."
        assert (desk.row(ref).state, desk.holder(ref)) == (State.CLAIMED, "Pema")

    async def test_without_a_number_what_must_be_rung_first(self, desk: Desk) -> None:
        desk.file(about="me")
        urgent = desk.file(about="child", priority=Priority.DANGER)
        assert await desk.text("take") == f"Request {urgent} is yours until 10:02."

    async def test_without_a_number_again_it_is_the_same_one(self, desk: Desk) -> None:
        first, second = desk.file(), desk.file(about="child")
        answers = [await desk.text("TAKE") for _ in range(2)]
        assert answers == [said(texts.YOURS, first, "10:15")] * 2
        assert desk.row(second).state is State.READY

    async def test_two_requests_can_be_hers(self, desk: Desk) -> None:
        first, second = desk.file(), desk.file(about="child")
        for ref in (first, second):
            assert TAKEN in await desk.text(f"TAKE {ref}")

    async def test_with_nothing_ready_she_is_told(self, desk: Desk) -> None:
        desk.file(windows=())
        assert await desk.text("TAKE") == said(texts.NOTHING)

    async def test_what_a_colleague_has_stays_the_colleagues(self, desk: Desk) -> None:
        filed = desk.here.file(report())
        desk.here.claim("Karma", filed)
        ref = desk.id(filed)
        assert await desk.text(f"TAKE {ref}") == said(texts.COLLEAGUE, ref)
        assert desk.holder(ref) == "Karma"

    async def test_an_unknown_number_is_not_found(self, desk: Desk) -> None:
        for code in (77, 9999999, 0):
            assert await desk.text(f"TAKE {code}") == said(texts.UNKNOWN, code)

    async def test_safety_23_another_desks_number_is_not_found_either(self, desk: Desk) -> None:
        ref = desk.file(desk=PARO)
        for word in ("TAKE", "DONE", "LATER", "NO ANSWER"):
            assert await desk.text(f"{word} {ref}") == said(texts.UNKNOWN, ref)
        assert desk.row(ref).state is State.READY

    async def test_safety_02_not_outside_the_safe_time(self, desk: Desk) -> None:
        ref = desk.file(windows=open_for(start=START + timedelta(hours=3)))
        assert await desk.text(f"TAKE {ref}") == said(texts.NOT_NOW, ref)
        assert await desk.text("TAKE") == said(texts.NOTHING)

    async def test_a_woman_was_asked_for_and_he_is_none(self, desk: Desk) -> None:
        desk.hold("Karma")
        ref, other = desk.file(woman=True), desk.file(about="child")
        assert await desk.text(f"TAKE {ref}") == said(texts.OTHERS, ref)
        assert f"Request {other} is yours" in await desk.text("TAKE")

    async def test_safety_09_a_phones_number_is_never_said_back(self, desk: Desk) -> None:
        told = await desk.text(f"TAKE {NUMBER}")
        assert told == said(texts.HOW)
        assert NUMBER[1:] not in told


class TestTelling:
    async def test_no_answer_counts_as_an_attempt(self, desk: Desk) -> None:
        ref = desk.file(windows=daily(START, 1))
        await desk.text("TAKE")
        assert await desk.text("NO ANSWER") == said(texts.NOTED, ref)
        assert (desk.row(ref).state, desk.row(ref).attempts) == (State.WAITING, 1)
        assert desk.tried() == [Attempted.NO_ANSWER.value]

    async def test_done_means_reached_and_ends_nothing(self, desk: Desk) -> None:
        ref = desk.file()
        await desk.text(f"TAKE {ref}")
        assert await desk.text(f"DONE {ref}") == said(texts.NOTED, ref)
        row = desk.row(ref)
        assert (row.state, row.attempts) == (State.REACHED, 1)
        assert desk.holder(ref) == "Pema"

    async def test_later_gives_it_back(self, desk: Desk) -> None:
        ref = desk.file()
        await desk.text("TAKE")
        assert await desk.text("LATER") == said(texts.NOTED, ref)
        assert (desk.row(ref).state, desk.holder(ref)) == (State.READY, "")

    @pytest.mark.parametrize("word", ["NO ANSWER", "DONE", "LATER"])
    async def test_nothing_in_hand(self, desk: Desk, word: str) -> None:
        ref = desk.file()
        assert await desk.text(word) == said(texts.NONE_HELD)
        assert await desk.text(f"{word} {ref}") == said(texts.NOT_YOURS, ref)
        assert desk.tried() == []

    async def test_with_two_in_hand_nothing_is_guessed(self, desk: Desk) -> None:
        first, second = desk.file(), desk.file(about="child")
        for ref in (first, second):
            await desk.text(f"TAKE {ref}")
        assert await desk.text("DONE") == said(texts.HOW)
        assert await desk.text(f"DONE {second}") == said(texts.NOTED, second)
        assert desk.row(first).state is State.CLAIMED

    async def test_once_the_lease_is_over_it_is_not_hers(self, desk: Desk) -> None:
        ref = desk.file()
        await desk.text("TAKE")
        desk.here.clock.move(16 * MINUTE)
        assert await desk.text("DONE") == said(texts.NONE_HELD)
        assert await desk.text(f"DONE {ref}") == said(texts.NOT_YOURS, ref)
        assert desk.tried() == []

    async def test_once_a_colleague_took_it_it_is_not_hers(self, desk: Desk) -> None:
        filed = desk.here.file(report())
        ref = desk.id(filed)
        await desk.text("TAKE")
        desk.here.clock.move(16 * MINUTE)
        desk.here.claim("Karma", filed)
        assert await desk.text(f"DONE {ref}") == said(texts.COLLEAGUE, ref)
        assert (desk.holder(ref), desk.tried()) == ("Karma", [])

    async def test_safety_02_a_call_outside_the_safe_time_is_not_taken(self, desk: Desk) -> None:
        ref = desk.file(windows=open_for(0.2))
        await desk.text("TAKE")
        desk.here.clock.move(13 * MINUTE)
        assert await desk.text("DONE") == said(texts.NOT_NOW, ref)
        assert desk.tried() == []

    async def test_a_call_that_began_in_the_console_is_ended_first(self, desk: Desk) -> None:
        ref = desk.file()
        await desk.text("TAKE")
        now = desk.here.clock()
        desk.here.runtime.desk.attempt(HAA, desk.here.people["Pema"], ref, None, now)
        for word in ("TAKE", "LATER", f"LATER {ref}"):
            assert await desk.text(word) == said(texts.FINISH, ref)
        assert await desk.text("DONE") == said(texts.NOTED, ref)
        assert desk.tried() == [Attempted.REACHED_SAFE.value]

    async def test_a_no_call_takes_the_claim_away(self, desk: Desk) -> None:
        ref = desk.file()
        await desk.text("TAKE")
        desk.file(windows=())
        assert await desk.text(f"DONE {ref}") == said(texts.NOT_NOW, ref)
        assert desk.tried() == []


class TestWords:
    @pytest.mark.parametrize("language", SPOKEN)
    async def test_each_language_of_the_programme_acts(self, desk: Desk, language: str) -> None:
        ref = desk.file(windows=daily(START, 1))
        acts = (Order.TAKE, Order.LATER, Order.TAKE, Order.NO_ANSWER)
        states = []
        for order in acts:
            await desk.text(f"{WORDS[order][language][0]} {ref}")
            states.append(desk.row(ref).state)
        assert states == [State.CLAIMED, State.READY, State.CLAIMED, State.WAITING]

    async def test_the_answer_is_in_the_desks_language(self, desk: Desk) -> None:
        for language in (*SPOKEN, "ur", "ur_Latn", "km", "xx"):
            with desk.here.record.writing() as connection:
                desks.set_duty_phone(connection, HAA, DUTY[HAA], language)
            known = "en" if language == "xx" else language
            assert await desk.text("TAKE 404") == said(texts.UNKNOWN, 404, language=known)

    async def test_a_language_of_another_programme_is_not_understood(self, desk: Desk) -> None:
        desk.file()
        step = await desk.phone.send("قبول 1", number=DUTY[HAA])
        assert step is not None
        assert step.screen == "language"


class TestWhoActs:
    async def test_nobody_holds_the_phone(self, desk: Desk) -> None:
        ref = desk.file()
        with desk.here.record.writing() as connection:
            shifts.hold(connection, HAA, None)
        for words in ("TAKE", f"TAKE {ref}", "DONE", "TAKE 1 2", "TAKE 404"):
            assert await desk.text(words) == said(texts.TAKE_PHONE)
        assert desk.row(ref).state is State.READY

    async def test_a_holder_who_was_disabled(self, desk: Desk) -> None:
        ref = desk.file()
        with desk.here.record.writing() as connection:
            officers.set_active(connection, desk.here.people["Pema"].id, False)
        assert await desk.text(f"TAKE {ref}") == said(texts.TAKE_PHONE)

    async def test_a_holder_who_works_elsewhere_now(self, desk: Desk) -> None:
        ref = desk.file()
        with desk.here.record.writing() as connection:
            officers.set_desks(connection, desk.here.people["Pema"].id, [PARO])
        assert await desk.text(f"TAKE {ref}") == said(texts.TAKE_PHONE)

    @pytest.mark.parametrize("role", ["administrator", "partner"])
    async def test_a_holder_whose_role_is_another_now(self, desk: Desk, role: str) -> None:
        ref = desk.file()
        with desk.here.record.writing() as connection:
            ours = officer_rows.c.name == "Pema"
            connection.execute(update(officer_rows).where(ours).values(role=role))
        assert await desk.text(f"TAKE {ref}") == said(texts.TAKE_PHONE)

    async def test_the_next_holder_acts_in_her_own_name(self, desk: Desk) -> None:
        ref = desk.file()
        await desk.text("TAKE")
        desk.hold("Wangmo")
        assert await desk.text(f"DONE {ref}") == said(texts.COLLEAGUE, ref)

    async def test_safety_23_the_log_names_holder_and_phone(self, desk: Desk) -> None:
        ref = desk.file()
        await desk.text("TAKE")
        acted = desk.actions()[-2:]
        assert acted == [
            ("Pema", "callback.claim", str(ref)),
            ("Pema", "phone.told", str(ref)),
        ]
        with desk.here.record.reading() as connection:
            assert audit.verify(connection)[1] == ""

    async def test_what_changes_nothing_is_not_in_the_log(self, desk: Desk) -> None:
        desk.file()
        await desk.text("TAKE")
        before = desk.actions()
        for words in ("TAKE", "TAKE 404", "TAKE 1 2"):
            await desk.text(words)
        assert desk.actions() == before

    async def test_from_any_other_number_a_command_is_a_callers_text(self, desk: Desk) -> None:
        ref = desk.file()
        step = await desk.phone.send(f"TAKE {ref}", number=NUMBER)
        assert step is not None
        assert step.screen == "language"
        assert desk.row(ref).state is State.READY

    async def test_a_stored_number_in_national_form_is_the_same_phone(self, desk: Desk) -> None:
        with desk.here.record.writing() as connection:
            desks.set_duty_phone(connection, HAA, DUTY[HAA].removeprefix("+975"), "en")
        assert TAKEN in await desk.text(f"TAKE {desk.file()}")


class TestOnePhoneForTwoDesks:
    @pytest.fixture
    def shared(self, desk: Desk) -> Desk:
        """The phone of Haa serves Paro as well, where Dorji has it in hand."""
        with desk.here.record.writing() as connection:
            desks.set_duty_phone(connection, PARO, DUTY[HAA], "dz")
        desk.hold("Dorji", PARO)
        return desk

    async def test_the_number_names_the_desk(self, shared: Desk) -> None:
        here, there = shared.file(), shared.file(about="child", desk=PARO)
        assert await shared.text(f"TAKE {there}") == said(texts.YOURS, there, "10:15", "dz")
        assert await shared.text(f"TAKE {here}") == said(texts.YOURS, here, "10:15")
        assert (shared.holder(here), shared.holder(there)) == ("Pema", "Dorji")

    async def test_without_a_number_the_most_urgent_of_both(self, shared: Desk) -> None:
        shared.file()
        there = shared.file(about="child", desk=PARO, priority=Priority.HIGH)
        await shared.text("TAKE")
        assert shared.holder(there) == "Dorji"

    async def test_without_a_number_only_desks_whose_holder_is_known(self, shared: Desk) -> None:
        with shared.here.record.writing() as connection:
            shifts.hold(connection, PARO, None)
        here = shared.file()
        there = shared.file(about="child", desk=PARO, priority=Priority.HIGH)
        assert await shared.text("TAKE") == said(texts.YOURS, here, "10:15")
        assert await shared.text(f"TAKE {there}") == said(texts.TAKE_PHONE, language="dz")

    async def test_what_is_in_hand_is_found_at_either_desk(self, shared: Desk) -> None:
        there = shared.file(desk=PARO)
        await shared.text(f"TAKE {there}")
        assert await shared.text("DONE") == said(texts.NOTED, there, language="dz")


class TestOnce:
    @pytest.mark.parametrize("word", ["TAKE", "NO ANSWER", "DONE", "LATER"])
    async def test_a_message_that_is_delivered_again_acts_once(self, desk: Desk, word: str) -> None:
        desk.file(windows=daily(START, 1))
        desk.file(about="child")
        if word != "TAKE":
            await desk.text("TAKE")
        await desk.text(word, provider_id="one")
        desk.phone.deliver()
        before = desk.here.everything()
        assert await desk.text(word, provider_id="one") == ""
        assert desk.here.everything() == before

    async def test_also_when_both_arrive_at_once(self, desk: Desk) -> None:
        ref = desk.file(windows=daily(START, 1))
        await desk.text("TAKE")

        async def deliver() -> None:
            await desk.phone.send("NO ANSWER", provider_id="one", number=DUTY[HAA])

        async with anyio.create_task_group() as group:
            for _ in range(6):
                group.start_soon(deliver)
        assert (desk.row(ref).attempts, len(desk.tried())) == (1, 1)

    @pytest.mark.parametrize("word", ["NO ANSWER", "DONE"])
    @pytest.mark.parametrize("named", [True, False])
    async def test_told_twice_it_counts_once(self, desk: Desk, word: str, named: bool) -> None:
        ref = desk.file(windows=daily(START, 1))
        await desk.text("TAKE")
        words = f"{word} {ref}" if named else word
        answers = [await desk.text(words) for _ in range(3)]
        assert answers == [said(texts.NOTED, ref)] * 3
        assert (desk.row(ref).attempts, len(desk.tried())) == (1, 1)

    async def test_in_the_next_safe_time_a_miss_is_not_noted_unseen(self, desk: Desk) -> None:
        ref = desk.file(windows=daily(START, 1))
        await desk.text("TAKE")
        await desk.text("NO ANSWER")
        desk.here.clock.move(timedelta(days=1))
        assert await desk.text(f"NO ANSWER {ref}") == said(texts.NOT_YOURS, ref)

    async def test_effect_answer_and_mark_are_one_transaction(self, desk: Desk) -> None:
        """The gateway repeats what was not stored: then nothing of it may be there."""
        ref = desk.file(windows=daily(START, 1))
        await desk.text("TAKE")
        before = desk.here.everything()
        with desk.here.record.engine.begin() as connection:
            connection.exec_driver_sql("ALTER TABLE outbox RENAME TO away")
        with pytest.raises(HelplineError):
            await desk.phone.messenger.receive(
                desk.here.runtime.channels["bt-sms"], _mo("NO ANSWER", "one"), desk.here.clock()
            )
        with desk.here.record.engine.begin() as connection:
            connection.exec_driver_sql("ALTER TABLE away RENAME TO outbox")
        assert desk.here.everything() == before
        assert await desk.text("NO ANSWER", provider_id="one") == said(texts.NOTED, ref)
        assert desk.tried() == ["no_answer"]

    async def test_safety_24_with_the_record_away_it_comes_again(self, desk: Desk) -> None:
        ref = desk.file()
        with locked(desk.here), pytest.raises(HelplineError):
            await desk.phone.messenger.receive(
                desk.here.runtime.channels["bt-sms"], _mo("TAKE", "one"), desk.here.clock()
            )
        assert f"Request {ref} is yours" in await desk.text("TAKE", provider_id="one")

    async def test_of_two_phones_at_once_one_wins(self, desk: Desk) -> None:
        """The phone of Paro serves Haa as well: each has its own holder, one callback."""
        refs = [desk.file(about=who) for who in ("me", "child")]
        other = DUTY[PARO]
        with desk.here.record.writing() as connection:
            desks.set_duty_phone(connection, PARO, other, "en")

        async def take(number: str, ref: int) -> None:
            await desk.phone.send(f"TAKE {ref}", number=number)

        async with anyio.create_task_group() as group:
            for number in (DUTY[HAA], other):
                for ref in refs:
                    group.start_soon(take, number, ref)
        assert [desk.holder(ref) for ref in refs] == ["Pema", "Pema"]
        told = [letter["text"] for letter in desk.phone.letters() if letter["number"] == other]
        assert told == [said(texts.TAKE_PHONE)] * 2


def _mo(words: str, provider_id: str) -> MO:
    return MO(DUTY[HAA], words, provider_id=provider_id)


class TestSomebodyElseOnThatPhone:
    async def test_what_is_no_command_reaches_the_dialogue(self, desk: Desk) -> None:
        for words in (PRIVATE_WORDS[1], PRIVATE_WORDS[2], "hello", "rogram", "later he hits me"):
            step = await desk.phone.send(words, number=DUTY[HAA])
            assert step is not None
            assert step.text

    async def test_a_command_does_not_disturb_a_dialogue(self, desk: Desk) -> None:
        ref = desk.file()
        for words in ("hello", "3"):
            last = await desk.phone.send(words, number=DUTY[HAA])
        assert last is not None
        assert last.screen == "home"
        assert TAKEN in await desk.text(f"TAKE {ref}")
        step = await desk.phone.send("1", number=DUTY[HAA])
        assert step is not None
        assert step.screen == "about"

    async def test_many_commands_are_all_answered(self, desk: Desk) -> None:
        for _ in range(5):
            assert await desk.text("TAKE") == said(texts.NOTHING)


class TestStop:
    @pytest.mark.parametrize("word", ["STOP", "End"])
    async def test_safety_18_a_carriers_word_still_stops(self, desk: Desk, word: str) -> None:
        desk.file()
        step = await desk.phone.send(word, number=DUTY[HAA])
        assert step is not None
        assert step.screen == "stopped"
        assert desk.here.runtime.officer_texts.silenced(HAA)

    async def test_safety_19_no_nudge_goes_there_any_more(self, desk: Desk) -> None:
        await desk.phone.send("STOP", number=DUTY[HAA])
        desk.file()
        row = desk.here.rows(outbox_rows)[-1]
        assert row["kind"] == "nudge"
        desk.here.clock.now = row["due_at"]  # type: ignore[assignment]
        assert desk.here.runtime.delivery.do(int(str(row["id"]))) == "failed"

    async def test_safety_19_a_command_still_counts_and_gets_no_answer(self, desk: Desk) -> None:
        ref = desk.file()
        await desk.phone.send("STOP", number=DUTY[HAA])
        assert await desk.text(f"TAKE {ref}") == ""
        assert desk.holder(ref) == "Pema"

    async def test_the_desk_reads_it_in_its_log(self, desk: Desk) -> None:
        silenced = desk.here.runtime.officer_texts.silenced
        assert not silenced(HAA)
        for word in ("STOP", "STOP", "START", "START"):
            await desk.phone.send(word, number=DUTY[HAA])
        marks = [row for row in desk.actions() if str(row[1]) in (SILENCED, HEARD)]
        assert marks == [("system", SILENCED, HAA), ("system", HEARD, HAA)]
        assert not silenced(HAA)

    async def test_a_callers_stop_is_in_no_desks_log(self, desk: Desk) -> None:
        before = desk.actions()
        await desk.phone.send("STOP")
        assert desk.actions() == before
        assert [desk.here.runtime.officer_texts.silenced(code) for code in DUTY] == [False] * 3

    async def test_a_desk_without_a_phone_or_unknown_is_not_silenced(self, desk: Desk) -> None:
        for code in ("BT-WCPD-33", "nowhere"):
            assert not desk.here.runtime.officer_texts.silenced(code)


async def test_safety_05_the_outbox_holds_no_private_word(desk: Desk) -> None:
    filed = desk.here.file(report(said=PRIVATE_WORDS[1], windows=daily(START, 1)))
    ref, code = desk.id(filed), filed.code
    for words in (f"TAKE {ref}", "LATER", "TAKE", "NO ANSWER", "DONE", "TAKE 404", "TAKE"):
        told = await desk.text(words)
        assert telling(told, "en") == []
        private = (NUMBER[1:], code, code.replace("-", ""), "Pema", HAA, PRIVATE_WORDS[1])
        assert [word for word in private if word in told] == []
    rows = repr(desk.here.rows(outbox_rows))
    assert [word for word in (NUMBER[1:], DUTY[HAA][1:], "Request") if word in rows] == []
    assert all(row["urgent"] for row in desk.here.rows(outbox_rows))
