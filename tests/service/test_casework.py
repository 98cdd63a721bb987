"""What officers do beside ringing: letting go, handing on, holding back, writing down, reading."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest

from helpline.core.callback import Attempted, Outcome, State
from helpline.core.errors import Refused
from helpline.core.facts import Age, Sex
from helpline.core.report import Priority
from helpline.service.casework import CaseWork
from helpline.service.desk import DeskService
from helpline.service.filing import Filed
from helpline.service.lines import QueueRow
from helpline.service.notes import LONGEST, Facts
from helpline.store import cases, officers, optouts
from helpline.store.officers import Officer
from helpline.store.schema import attempts, audit, outbox
from tests.private import PRIVATE_WORDS
from tests.world import (
    BUMTHANG,
    DAY,
    HAA,
    HOUR,
    NUMBER,
    PARO,
    START,
    THIMPHU,
    World,
    at_once,
    daily,
    raw_bytes,
    report,
    world,
)

MINUTE = timedelta(minutes=1)
ALL_DAY = daily(START, 24)
SAID = PRIVATE_WORDS[1]


@dataclass
class At:
    """The desk at Haa and one request there, in short words."""

    here: World
    filed: Filed

    @property
    def work(self) -> CaseWork:
        return self.here.runtime.casework

    @property
    def desk(self) -> DeskService:
        return self.here.runtime.desk

    @property
    def id(self) -> int:
        return self.here.callback(self.filed).id

    @property
    def holder(self) -> str:
        with self.here.record.reading() as connection:
            known = officers.names(connection)
        return known.get(self.here.callback(self.filed).lease_officer or 0, "")

    def who(self, name: str) -> Officer:
        return self.here.people[name]

    def claim(self, name: str) -> int:
        return self.desk.claim(HAA, self.who(name), self.id, self.here.clock()).fence

    def ring(self, name: str, fence: int | None = None) -> str:
        now = self.here.clock()
        return self.desk.attempt(HAA, self.who(name), self.id, fence, now).number

    def end(self, name: str, outcome: Attempted, fence: int | None = None) -> QueueRow:
        now = self.here.clock()
        return self.desk.record_attempt(HAA, self.who(name), self.id, outcome, fence, now)

    def release(self, name: str, fence: int | None = None) -> QueueRow:
        return self.work.release(HAA, self.who(name), self.id, fence, self.here.clock())

    def renew(self, name: str, fence: int | None = None) -> QueueRow:
        return self.work.renew(HAA, self.who(name), self.id, fence, self.here.clock())

    def hand_over(self, name: str, to: str, fence: int | None = None) -> QueueRow:
        now = self.here.clock()
        return self.work.hand_over(HAA, self.who(name), self.id, fence, to, now)

    def pass_on(self, name: str, to: str) -> QueueRow:
        return self.work.pass_on(HAA, self.who(name), self.id, to, self.here.clock())

    def note(self, name: str, text: str, note_id: str = "n1") -> None:
        self.work.add_note(HAA, self.who(name), self.id, note_id, text, self.here.clock())

    def story(self, name: str, reason: str = "callback") -> Mapping[str, object]:
        return self.work.story(HAA, self.who(name), self.id, reason, self.here.clock())

    def written(self, name: str = "Pema") -> list[tuple[str, str]]:
        notes, _ = self.work.notes(HAA, self.who(name), self.id, self.here.clock())
        return [(note["by"], note["text"]) for note in notes]

    def audited(self, action: str) -> list[tuple[object, object]]:
        rows = [row for row in self.here.rows(audit) if row["action"] == action]
        return [(row["actor"], row["detail"]) for row in rows]


@pytest.fixture
def here(tmp_path: Path, database_url: str) -> Iterator[World]:
    with world(tmp_path, database_url) as built:
        yield built


@pytest.fixture
def at(here: World) -> At:
    return At(here, here.file(report(windows=ALL_DAY)))


def refusal(job: Callable[[], object]) -> str:
    with pytest.raises(Refused) as refused:
        job()
    return str(refused.value)


class TestLettingGo:
    def test_gives_it_back_to_the_queue_with_its_deadline(self, at: At) -> None:
        fence, due = at.claim("Pema"), at.here.callback(at.filed).due_at
        line = at.release("Pema", fence)
        assert (line.state, line.lease_holder, line.due_at) == ("ready", "", due)
        assert at.claim("Karma") == fence + 1

    def test_is_for_who_holds_it(self, at: At) -> None:
        at.claim("Pema")
        assert refusal(partial(at.release, "Karma")) == f"Callback {at.id} is with Pema now."
        assert refusal(partial(at.release, "Wangmo")) == f"Callback {at.id} is with Pema now."

    def test_needs_the_newest_claim(self, at: At) -> None:
        old = at.claim("Pema")
        at.release("Pema", old)
        at.claim("Pema")
        said = f"Your claim of callback {at.id} is over; claim it again."
        assert refusal(partial(at.release, "Pema", old)) == said

    def test_a_running_attempt_is_ended_first(self, at: At) -> None:
        fence = at.claim("Pema")
        at.ring("Pema", fence)
        assert "does not fit" in refusal(partial(at.release, "Pema", fence))
        assert at.holder == "Pema"


class TestRenewing:
    def test_begins_the_lease_anew(self, at: At) -> None:
        fence = at.claim("Pema")
        at.here.clock.move(10 * MINUTE)
        assert at.renew("Pema", fence).lease_until == START + 25 * MINUTE
        at.here.clock.move(10 * MINUTE)
        assert at.renew("Pema", fence).fence == fence

    def test_comes_too_late_after_the_lease(self, at: At) -> None:
        fence = at.claim("Pema")
        at.here.clock.move(15 * MINUTE)
        said = f"Callback {at.id} is not yours now; claim it first."
        assert refusal(partial(at.renew, "Pema", fence)) == said

    def test_does_not_shorten_a_running_attempt(self, at: At) -> None:
        fence = at.claim("Pema")
        at.ring("Pema", fence)
        assert at.renew("Pema", fence).lease_until == START + HOUR

    def test_writing_something_down_renews_too(self, at: At) -> None:
        at.claim("Pema")
        at.here.clock.move(10 * MINUTE)
        at.note("Pema", "Rings back")
        assert at.here.callback(at.filed).lease_until == START + 25 * MINUTE


class TestHandingOver:
    def test_makes_it_the_colleagues(self, at: At) -> None:
        fence = at.claim("Pema")
        at.here.clock.move(10 * MINUTE)
        line = at.hand_over("Pema", "Karma", fence)
        assert (line.lease_holder, line.fence) == ("Karma", fence + 1)
        assert line.lease_until == START + 25 * MINUTE
        detail = {"desk": HAA, "fence": fence + 1, "to": "Karma"}
        assert at.audited("callback.handed_over") == [("Pema", detail)]

    def test_the_old_holder_cannot_act_any_more(self, at: At) -> None:
        old = at.claim("Pema")
        heirs = at.hand_over("Pema", "Karma", old).fence
        for job in (at.ring, at.release, at.renew):
            assert refusal(partial(job, "Pema", old)) == f"Callback {at.id} is with Karma now."
        back = at.hand_over("Karma", "Pema", heirs).fence
        assert refusal(partial(at.ring, "Pema", old)) == (
            f"Your claim of callback {at.id} is over; claim it again."
        )
        assert at.ring("Pema", back) == NUMBER

    def test_needs_the_newest_claim(self, at: At) -> None:
        old = at.claim("Pema")
        at.release("Pema", old)
        at.claim("Pema")
        said = f"Your claim of callback {at.id} is over; claim it again."
        assert refusal(partial(at.hand_over, "Pema", "Karma", old)) == said

    def test_stays_at_the_desk(self, at: At) -> None:
        at.claim("Pema")
        for name in ("Dorji", "Nobody"):
            said = f"{name} is not an officer of desk {HAA}."
            assert refusal(partial(at.hand_over, "Pema", name)) == said
        assert at.holder == "Pema"

    def test_a_disabled_colleague_takes_nothing(self, at: At) -> None:
        at.claim("Pema")
        with at.here.record.writing() as connection:
            officers.set_active(connection, at.who("Karma").id, False)
        said = f"Karma is not an officer of desk {HAA}."
        assert refusal(partial(at.hand_over, "Pema", "Karma")) == said

    def test_the_colleague_must_be_one_who_may_take_it(self, here: World) -> None:
        at = At(here, here.file(report(woman=True)))
        at.claim("Pema")
        said = f"Karma may not take callback {at.id}."
        assert refusal(partial(at.hand_over, "Pema", "Karma")) == said
        assert at.hand_over("Pema", "Wangmo").lease_holder == "Wangmo"

    def test_a_colleague_cannot_take_what_another_holds(self, at: At) -> None:
        at.claim("Pema")
        said = "A supervisor must decide this."
        assert refusal(partial(at.hand_over, "Karma", "Karma")) == said

    def test_a_supervisor_gives_it_to_a_colleague_or_takes_it(self, at: At) -> None:
        at.claim("Pema")
        assert at.hand_over("Wangmo", "Karma").lease_holder == "Karma"
        assert at.hand_over("Wangmo", "Wangmo").lease_holder == "Wangmo"
        assert [actor for actor, _ in at.audited("callback.handed_over")] == ["Wangmo"] * 2

    def test_what_nobody_holds_is_not_handed_over(self, at: At) -> None:
        said = f"Callback {at.id} is with nobody. It is:"
        assert refusal(partial(at.hand_over, "Wangmo", "Karma")).startswith(said)

    def test_a_running_attempt_keeps_its_time_and_its_heir_ends_it(self, at: At) -> None:
        """The line may still be open while the desk changes hands."""
        fence = at.claim("Pema")
        at.ring("Pema", fence)
        at.here.clock.move(5 * MINUTE)
        line = at.hand_over("Pema", "Karma", fence)
        assert (line.state, line.lease_until) == ("attempting", START + HOUR)
        said = f"Callback {at.id} is with Karma now."
        assert refusal(partial(at.end, "Pema", Attempted.BUSY, fence)) == said
        assert at.end("Karma", Attempted.REACHED_SAFE, line.fence).state == "reached"
        (attempt,) = at.here.rows(attempts)
        assert attempt["outcome"] == "reached_safe"

    def test_the_end_of_an_attempt_keeps_a_whole_lease(self, at: At) -> None:
        fence = at.claim("Pema")
        at.ring("Pema", fence)
        at.here.clock.move(55 * MINUTE)
        assert at.hand_over("Pema", "Karma", fence).lease_until == START + 70 * MINUTE

    def test_who_was_reached_may_be_handed_over(self, at: At) -> None:
        fence = at.claim("Pema")
        at.ring("Pema", fence)
        at.end("Pema", Attempted.REACHED_SAFE, fence)
        heirs = at.hand_over("Pema", "Karma", fence).fence
        now, karma = at.here.clock(), at.who("Karma")
        closed = at.desk.close(HAA, karma, at.id, Outcome.ADVISED, heirs, now)
        assert closed.state == "closed"

    def test_of_two_at_once_one_wins(self, at: At) -> None:
        fence = at.claim("Pema")
        jobs = [partial(at.hand_over, "Pema", to, fence) for to in ("Karma", "Wangmo")]
        results = at_once(jobs)
        assert sorted(type(result).__name__ for result in results) == ["QueueRow", "Refused"]
        assert at.here.callback(at.filed).fence == fence + 1


class TestPassingOn:
    def test_a_supervisor_gives_it_to_another_desk(self, at: At) -> None:
        line = at.pass_on("Wangmo", PARO)
        assert (line.desk, line.state, line.level) == (PARO, "ready", 0)
        assert at.desk.queue(HAA, START) == []
        detail = {"desk": HAA, "fence": 0, "to_desk": PARO}
        assert at.audited("callback.passed_on") == [("Wangmo", detail)]
        assert PARO in [row["desk"] for row in at.here.rows(outbox)]

    def test_an_officer_does_not(self, at: At) -> None:
        assert refusal(partial(at.pass_on, "Pema", PARO)) == "A supervisor must decide this."

    def test_a_supervisor_of_another_desk_does_not(self, here: World, at: At) -> None:
        now, wangmo = here.clock(), here.people["Wangmo"]
        job = partial(here.runtime.casework.pass_on, PARO, wangmo, at.id, HAA, now)
        assert refusal(job) == f"Wangmo is not an officer of desk {PARO}."

    @pytest.mark.parametrize("to", [HAA, "BT-GONE", "KH-CPU"])
    def test_only_another_desk_of_the_programme_takes_it(self, at: At, to: str) -> None:
        said = f"Desk {to} cannot take callback {at.id}."
        assert refusal(partial(at.pass_on, "Wangmo", to)) == said
        assert at.here.callback(at.filed).desk == HAA

    def test_any_desk_of_the_programme_does_where_somebody_works(self, at: At) -> None:
        said = f"Nobody works at desk {BUMTHANG} yet."
        assert refusal(partial(at.pass_on, "Wangmo", BUMTHANG)) == said
        with at.here.record.writing() as connection:
            officers.put(connection, "Tshering", woman=True, desks=[BUMTHANG])
        assert at.pass_on("Wangmo", BUMTHANG).desk == BUMTHANG

    def test_what_somebody_holds_is_not_given_away(self, at: At) -> None:
        at.claim("Pema")
        assert "cannot be given away now" in refusal(partial(at.pass_on, "Wangmo", PARO))
        assert at.here.callback(at.filed).desk == HAA

    def test_what_is_over_is_not_given_away(self, at: At) -> None:
        fence = at.claim("Pema")
        at.ring("Pema", fence)
        at.end("Pema", Attempted.DECLINED, fence)
        assert "cannot be given away now" in refusal(partial(at.pass_on, "Wangmo", PARO))

    def test_its_deadline_goes_with_it(self, at: At) -> None:
        due = at.here.callback(at.filed).due_at
        at.pass_on("Wangmo", PARO)
        assert at.here.callback(at.filed).due_at == due
        assert at.here.runtime.escalation.run(START + DAY) == 1
        assert at.here.callback(at.filed).desk == THIMPHU


class TestHolding:
    @pytest.fixture
    def review(self, at: At) -> At:
        fence = at.claim("Pema")
        at.ring("Pema", fence)
        at.end("Pema", Attempted.NUMBER_INVALID, fence)
        assert at.here.callback(at.filed).state is State.REVIEW
        return at

    def hold(self, at: At, name: str) -> QueueRow:
        return at.work.hold(HAA, at.who(name), at.id, at.here.clock())

    def test_a_supervisor_decides_that_nobody_rings(self, review: At) -> None:
        line = self.hold(review, "Wangmo")
        assert (line.state, line.due_at, line.overdue) == ("held", None, False)
        assert review.here.runtime.escalation.run(START + DAY) == 0

    def test_an_officer_does_not(self, review: At) -> None:
        assert refusal(partial(self.hold, review, "Pema")) == "A supervisor must decide this."

    def test_only_after_a_review(self, at: At) -> None:
        said = f"Callback {at.id} is not in review. It is:"
        assert refusal(partial(self.hold, at, "Wangmo")).startswith(said)


class TestNotes:
    def test_are_read_oldest_first(self, at: At) -> None:
        at.note("Pema", "  Rings at noon ", "n1")
        at.note("Karma", "Second", "n2")
        assert at.written() == [("Pema", "Rings at noon"), ("Karma", "Second")]
        assert [actor for actor, _ in at.audited("note.added")] == ["Pema", "Karma"]

    def test_a_form_that_was_sent_twice_is_one_note(self, at: At) -> None:
        at.note("Pema", "First")
        before = at.here.everything()
        at.note("Pema", "First")
        assert at.here.everything() == before

    def test_sent_at_once_is_one_note_and_none_is_lost(self, at: At) -> None:
        twice = [partial(at.note, "Pema", "Same", "n0")] * 2
        others = [partial(at.note, "Karma", f"Note {n}", f"n{n}") for n in (1, 2)]
        assert at_once([*twice, *others]) == [None] * 4
        assert sorted(text for _, text in at.written()) == ["Note 1", "Note 2", "Same"]

    @pytest.mark.parametrize("text", ["", "  \n ", "x" * (LONGEST + 1)])
    def test_have_a_length(self, at: At, text: str) -> None:
        assert refusal(partial(at.note, "Pema", text)) == "A note has 1 to 2000 letters."
        assert at.written() == []

    def test_may_be_as_long_as_allowed(self, at: At) -> None:
        at.note("Pema", "x" * LONGEST)
        assert at.written() == [("Pema", "x" * LONGEST)]

    def test_are_kept_also_from_who_holds_it_no_more(self, at: At) -> None:
        fence = at.claim("Pema")
        at.hand_over("Pema", "Karma", fence)
        at.note("Pema", "What I heard")
        assert at.written("Karma") == [("Pema", "What I heard")]
        assert at.holder == "Karma"

    def test_are_the_desks_alone(self, at: At) -> None:
        at.note("Pema", "Ours")
        said = f"Dorji is not an officer of desk {HAA}."
        assert refusal(partial(at.written, "Dorji")) == said
        assert refusal(partial(at.note, "Dorji", "Theirs")) == said

    def test_lie_sealed(self, at: At, database_url: str) -> None:
        at.note("Pema", SAID)
        sealed = at.here.case(at.filed).sealed_notes
        assert sealed and SAID.encode() not in sealed
        if database_url.startswith("sqlite"):
            assert SAID.encode() not in raw_bytes(database_url)
        assert all(SAID not in str(row) for row in at.here.rows(audit))

    def test_are_erased_with_the_case(self, at: At) -> None:
        at.note("Pema", SAID)
        at.work.set_facts(HAA, at.who("Pema"), at.id, Facts(Age.UNDER_18), START)
        with at.here.record.writing() as connection:
            cases.erase(connection, at.filed.case_id)
        said = f"The information of callback {at.id} was erased."
        assert at.work.notes(HAA, at.who("Pema"), at.id, START) == ((), Facts())
        assert refusal(partial(at.note, "Pema", "More")) == said
        facts = partial(at.work.set_facts, HAA, at.who("Pema"), at.id, Facts(Age.OLDER), START)
        assert refusal(facts) == said
        assert refusal(partial(at.story, "Pema")) == said


class TestFacts:
    def set(self, at: At, name: str, facts: Facts) -> None:
        at.work.set_facts(HAA, at.who(name), at.id, facts, at.here.clock())

    def read(self, at: At) -> Facts:
        return at.work.notes(HAA, at.who("Pema"), at.id, at.here.clock())[1]

    def test_are_unknown_until_written_down(self, at: At) -> None:
        assert self.read(at) == Facts(Age.UNKNOWN, Sex.UNKNOWN)

    def test_are_kept_beside_the_notes(self, at: At) -> None:
        facts = Facts(Age.UNDER_18, Sex.FEMALE)
        at.note("Pema", "First")
        self.set(at, "Pema", facts)
        at.note("Pema", "Second", "n2")
        assert self.read(at) == facts
        assert len(at.written()) == 2

    def test_may_be_put_right_and_the_log_says_by_whom_only(self, at: At) -> None:
        for name, age in (("Pema", Age.UNDER_18), ("Karma", Age.UNDER_26), ("Pema", Age.UNDER_26)):
            self.set(at, name, Facts(age))
        assert self.read(at) == Facts(Age.UNDER_26)
        detail = {"desk": HAA, "fence": 0}
        assert at.audited("facts.set") == [("Pema", detail), ("Karma", detail)]


class TestReadingTheStory:
    def test_gives_a_reason_that_is_logged(self, here: World) -> None:
        """SAFETY 23."""
        at = At(here, here.file(report(said=SAID)))
        told = at.story("Pema", "handover")["reports"]
        assert isinstance(told, list)
        assert [entry["said"] for entry in told] == [SAID]
        detail = {"reason": "handover", "desk": HAA, "fence": 0}
        assert at.audited("reveal.story") == [("Pema", detail)]

    @pytest.mark.parametrize("reason", ["", "curious", "CALLBACK", SAID])
    def test_the_reason_is_one_of_the_list(self, at: At, reason: str) -> None:
        said = "Say why you read this; the reason is logged."
        assert refusal(partial(at.story, "Pema", reason)) == said
        assert at.audited("reveal.story") == []

    def test_supervision_is_the_supervisors_reason(self, here: World) -> None:
        at = At(here, here.file(report(woman=True)))
        said = "A supervisor must decide this."
        assert refusal(partial(at.story, "Pema", "supervision")) == said
        assert at.story("Wangmo", "supervision")["reports"]

    def test_a_supervisor_reads_also_what_she_may_not_take(self, here: World) -> None:
        at = interviewers_case(here)
        assert at.story("Wangmo", "supervision")["reports"]
        assert "trained to interview children" in refusal(partial(at.story, "Wangmo"))

    def test_an_interviewers_case_is_hers_to_read(self, here: World) -> None:
        at = interviewers_case(here)
        for name in ("Pema", "Karma"):
            assert "trained to interview children" in refusal(partial(at.story, name))
        assert at.audited("reveal.story") == []
        with here.record.writing() as connection:
            officers.put(connection, "Pema", woman=True, interviewer=True)
        here.people["Pema"] = here.runtime.desk.officer(HAA, "Pema")
        assert at.story("Pema")["reports"]

    def test_a_womans_case_is_not_read_by_a_man(self, here: World) -> None:
        at = At(here, here.file(report(woman=True)))
        said = f"Callback {at.id} asks for a woman officer."
        assert refusal(partial(at.story, "Karma")) == said

    def test_it_is_the_desks_alone(self, at: At) -> None:
        said = f"Dorji is not an officer of desk {HAA}."
        assert refusal(partial(at.story, "Dorji")) == said


def interviewers_case(here: World) -> At:
    """A child's, from the programme that keeps such cases for trained officers, placed at Haa."""
    told = report(about="child", concern="sexual", priority=Priority.HIGH, windows=ALL_DAY)
    return At(here, here.file(replace(told, programme="kh")))


def test_safety_18_an_officer_is_told_that_a_phone_said_stop(here: World) -> None:
    filed = here.file(report())
    callback_id = here.callback(filed).id
    asks = here.runtime.casework.wants_no_texts
    assert not asks(HAA, here.people["Pema"], callback_id)
    with here.record.writing() as connection:
        numbers = here.runtime.sealer.blind_indexes(NUMBER)
        optouts.stop(connection, "bt-sms", numbers, here.clock())
    assert asks(HAA, here.people["Pema"], callback_id)
