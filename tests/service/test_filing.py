"""Filing a report: all of it or nothing, once for each input, and one callback per person."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import select, text

from helpline.core.callback import Attempted, State
from helpline.core.errors import HelplineError
from helpline.core.report import Priority
from helpline.service.filing import STILL_TELLING, Origin
from helpline.store import audit
from helpline.store.schema import audit_head, outbox
from tests.private import PRIVATE_NUMBERS, PRIVATE_WORDS
from tests.world import (
    DAY,
    DUTY,
    HAA,
    HOUR,
    NUMBER,
    PARO,
    START,
    World,
    at_once,
    daily,
    open_for,
    raw_bytes,
    report,
    world,
)

NEVER = ()  # "do not call me"
TOMORROW = open_for(start=START + DAY)
AFTERNOON = daily(START + 2 * HOUR, 5)
OTHER_NUMBER = PRIVATE_NUMBERS[3]


@pytest.fixture
def here(tmp_path: Path, database_url: str) -> Iterator[World]:
    with world(tmp_path, database_url) as built:
        yield built


class TestOneTransaction:
    def test_a_report_stores_case_callback_nudge_audit_and_key(self, here: World) -> None:
        filed = here.file(report(), input_id="one")
        stored = here.everything()
        (case,), (callback,) = stored["cases"], stored["callbacks"]
        assert (case["id"], case["code"]) == (filed.case_id, filed.code)
        assert (callback["desk"], callback["state"]) == (HAA, "ready")
        assert [row["desk"] for row in stored["outbox"]] == [HAA]
        assert [row["action"] for row in stored["audit"]] == ["case.filed", "callback.open"]
        assert [row["provider_id"] for row in stored["dedupe"]] == ["one"]

    def test_when_the_audit_row_cannot_be_written_nothing_is_stored(self, here: World) -> None:
        with here.record.engine.begin() as connection:
            # the next row's number is taken by a stranger: the very last insert fails
            connection.execute(
                text(
                    "INSERT INTO audit (seq, at, actor, action, subject, detail, previous, hash)"
                    " VALUES (2, '2031-01-01', 'x', 'x', 'x', '{}', 'x', 'x')"
                )
            )
        before = here.everything()
        with pytest.raises(HelplineError):
            here.file(report())
        assert here.everything() == before

    def test_the_audit_chain_is_whole_after_many_reports(self, here: World) -> None:
        for about in ("me", "adult", "child"):
            here.file(report(about=about))
        with here.record.reading() as connection:
            assert audit.verify(connection) == (6, "")


class TestTheSameInput:
    def test_twice_gives_the_same_code_and_one_case(self, here: World) -> None:
        first = here.file(report(), input_id="one")
        after_once = here.everything()
        here.clock.move(timedelta(minutes=9))
        assert here.file(report(), input_id="one") == first
        assert here.everything() == after_once

    def test_from_twenty_threads_files_one_case(self, here: World) -> None:
        filed = at_once([partial(here.file, report(), input_id="one")] * 20)
        assert len({str(one) for one in filed}) == 1
        stored = here.everything()
        assert [len(stored[table]) for table in ("cases", "callbacks", "outbox")] == [1, 1, 1]

    def test_from_twenty_callers_at_once_files_twenty_cases(self, here: World) -> None:
        jobs = [partial(here.file, report(), number=f"+9751060{n:04}") for n in range(20)]
        codes = {getattr(one, "code", one) for one in at_once(jobs)}
        assert len(codes) == 20
        with here.record.reading() as connection:
            assert audit.verify(connection) == (40, "")

    def test_on_another_channel_is_another_input(self, here: World) -> None:
        here.file(report(), input_id="one")
        with here.record.writing() as connection:
            origin = Origin("bt-sms", "one", NUMBER, inbox=True)
            here.runtime.filing.file_in(connection, origin, report(), START)
        assert len(here.everything()["dedupe"]) == 2
        assert len(here.everything()["cases"]) == 1  # the same person: joined


class TestARepeatRequest:
    @pytest.mark.parametrize("later", [timedelta(minutes=1), 47 * HOUR, 48 * HOUR])
    def test_within_48_hours_joins(self, here: World, later: timedelta) -> None:
        first = here.file(report(windows=AFTERNOON))
        here.clock.move(later)
        again = here.file(report(windows=AFTERNOON))
        assert (again.case_id, again.code) == (first.case_id, first.code)
        assert len(here.everything()["callbacks"]) == 1

    def test_after_48_hours_is_a_new_case(self, here: World) -> None:
        first = here.file(report(windows=AFTERNOON))
        here.clock.move(48 * HOUR + timedelta(seconds=1))
        assert here.file(report(windows=AFTERNOON)).case_id != first.case_id

    def test_after_the_case_was_closed_is_a_new_case(self, here: World) -> None:
        first = here.file(report())
        with here.record.engine.begin() as connection:
            connection.execute(text("UPDATE callbacks SET state = 'closed'"))
        assert here.file(report()).case_id != first.case_id

    def test_raises_the_priority_and_keeps_both_times(self, here: World) -> None:
        filed = here.file(report(windows=AFTERNOON))
        here.file(report(priority=Priority.DANGER))
        row = here.callback(filed)
        assert row.priority is Priority.DANGER
        assert row.windows == (*AFTERNOON, *open_for())
        assert row.state is State.READY
        assert row.due_at == START + timedelta(minutes=5)

    def test_never_lowers_the_priority(self, here: World) -> None:
        filed = here.file(report(priority=Priority.DANGER))
        here.file(report())
        row = here.callback(filed)
        assert row.priority is Priority.DANGER
        assert row.due_at == START + timedelta(minutes=5)

    def test_tells_the_desk_again_only_when_it_became_more_urgent(self, here: World) -> None:
        here.file(report())
        here.file(report(concern="law"))
        assert len(here.rows(outbox)) == 1
        here.file(report(priority=Priority.DANGER))
        assert len(here.rows(outbox)) == 2

    def test_keeps_what_was_told_each_time(self, here: World) -> None:
        """Each dialogue has its own entry: its later answers renew that one alone."""
        filed = here.file(report(concern="other"))
        for concern in ("other", "law"):
            here.clock.move(timedelta(minutes=1))
            here.file(report(concern=concern))
        told = here.runtime.casework.story(
            HAA, here.people["Pema"], here.callback(filed).id, "callback", START
        )
        reports = told["reports"]
        assert isinstance(reports, list)
        assert [one["concern"] for one in reports] == ["other", "other", "law"]
        assert len({one["at"] for one in reports}) == 3

    def test_by_another_number_is_another_case(self, here: World) -> None:
        first = here.file(report())
        assert here.file(report(), number=OTHER_NUMBER).case_id != first.case_id

    def test_a_woman_officer_once_asked_for_stays_asked_for(self, here: World) -> None:
        filed = here.file(report(woman=True))
        here.file(report(woman=False))
        assert here.callback(filed).woman


def test_safety_15_two_people_of_one_number_are_two_cases_with_their_own_rules(
    here: World,
) -> None:
    me = here.file(report(about="me", windows=NEVER))
    child = here.file(report(about="child", priority=Priority.HIGH))
    assert me.case_id != child.case_id
    assert here.callback(me).state is State.HELD
    assert here.callback(child).state is State.READY
    assert here.case(me).number_index == here.case(child).number_index
    assert here.case(me).person_index != here.case(child).person_index


class TestSafety01:
    """No contact unless the person said so; their latest word counts."""

    def test_safety_01_without_a_safe_time_nobody_may_ring(self, here: World) -> None:
        filed = here.file(report(windows=NEVER))
        row = here.callback(filed)
        assert (row.state, row.windows, row.due_at) == (State.HELD, (), None)
        assert here.case(filed).safe_contact_confirmed_at is None

    @pytest.mark.parametrize("state", ["ready", "waiting", "claimed", "review"])
    def test_safety_01_a_later_no_call_stops_the_callback(self, here: World, state: str) -> None:
        filed = here.file(report(windows=TOMORROW if state == "waiting" else None))
        if state == "claimed":
            here.claim("Pema", filed)
        if state == "review":
            with here.record.engine.begin() as connection:
                connection.execute(text("UPDATE callbacks SET state = 'review'"))
        assert here.callback(filed).state.value == state
        here.file(report(concern="law", windows=NEVER))
        row = here.callback(filed)
        assert (row.state, row.windows, row.due_at) == (State.HELD, (), None)
        assert (row.lease_officer, row.lease_until) == (None, None)
        assert here.case(filed).safe_contact_confirmed_at is None

    def test_safety_01_a_no_call_with_the_same_answers_takes_the_consent_back(
        self, here: World
    ) -> None:
        filed = here.file(report())
        here.file(report(windows=NEVER))
        assert here.callback(filed).state is State.HELD
        assert here.case(filed).safe_contact_confirmed_at is None

    def test_safety_01_after_no_call_a_new_safe_time_opens_it_again(self, here: World) -> None:
        filed = here.file(report(windows=NEVER))
        here.clock.move(HOUR)
        here.file(report(windows=open_for(start=START + HOUR)))
        assert here.callback(filed).state is State.READY
        assert here.callback(filed).windows == open_for(start=START + HOUR)

    def test_safety_03_the_same_answers_again_renew_the_consent(self, here: World) -> None:
        filed = here.file(report())
        assert here.case(filed).safe_contact_confirmed_at == START
        here.clock.move(HOUR)
        here.file(report(windows=open_for(start=START + HOUR)))
        assert here.case(filed).safe_contact_confirmed_at == START + HOUR

    def test_safety_01_a_no_call_during_the_ringing_is_the_last_attempt(self, here: World) -> None:
        filed = here.file(report())
        line = here.claim("Pema", filed)
        desk, pema = here.runtime.desk, here.people["Pema"]
        desk.attempt(HAA, pema, line.id, line.fence, START)
        here.file(report(windows=NEVER))
        desk.record_attempt(HAA, pema, line.id, Attempted.NO_ANSWER, line.fence, START)
        assert here.callback(filed).state is State.REVIEW


class TestDangerJoinsACaseThatIsUnderWay:
    """Whatever became of the first request: a call for help now can be answered now."""

    def ring(self, here: World, outcome: Attempted) -> None:
        filed = here.file(report(windows=daily(START, 2)))
        line = here.claim("Pema", filed)
        desk, pema = here.runtime.desk, here.people["Pema"]
        desk.attempt(HAA, pema, line.id, line.fence, START)
        desk.record_attempt(HAA, pema, line.id, outcome, line.fence, START)

    @pytest.mark.parametrize(
        "outcome",
        [
            pytest.param(Attempted.NO_ANSWER, id="missed"),
            pytest.param(Attempted.NUMBER_INVALID, id="in review"),
            pytest.param(Attempted.REACHED_SAFE, id="reached"),
        ],
    )
    def test_safety_17_danger_can_be_claimed_at_once(self, here: World, outcome: Attempted) -> None:
        self.ring(here, outcome)
        now = here.clock.move(timedelta(minutes=30))
        soon = open_for(start=now)
        filed = here.file(report(priority=Priority.DANGER, windows=soon))
        assert here.callback(filed).state is State.READY
        assert here.claim("Pema", filed).state == "claimed"

    @pytest.mark.parametrize("outcome", [Attempted.NUMBER_INVALID, Attempted.REACHED_SAFE])
    def test_safety_17_unanswered_danger_is_handed_up(
        self, here: World, outcome: Attempted
    ) -> None:
        self.ring(here, outcome)
        now = here.clock.move(timedelta(minutes=30))
        filed = here.file(report(priority=Priority.DANGER, windows=open_for(start=now)))
        here.runtime.escalation.run(now + timedelta(minutes=5))
        assert here.callback(filed).desk == PARO


class TestTheNudge:
    """The duty phone is told once; the queue shows the request at once in any case."""

    @pytest.mark.parametrize("priority", [Priority.HIGH, Priority.NORMAL])
    def test_waits_until_the_caller_had_time_to_say_where(
        self, here: World, priority: Priority
    ) -> None:
        here.file(report(priority=priority))
        assert [row["due_at"] for row in here.rows(outbox)] == [START + STILL_TELLING]

    def test_safety_17_danger_is_told_at_once(self, here: World) -> None:
        here.file(report(priority=Priority.DANGER))
        assert [row["due_at"] for row in here.rows(outbox)] == [START]

    def test_safety_17_danger_that_joins_a_request_is_told_at_once(self, here: World) -> None:
        here.file(report())
        now = here.clock.move(timedelta(minutes=1))
        here.file(report(priority=Priority.DANGER))
        assert [row["due_at"] for row in here.rows(outbox)] == [START + STILL_TELLING, now]

    @pytest.mark.parametrize("priority", [Priority.HIGH, Priority.NORMAL])
    def test_the_queue_does_not_wait(self, here: World, priority: Priority) -> None:
        filed = here.file(report(priority=priority))
        assert [row.id for row in here.runtime.desk.queue(HAA, START)] == [here.callback(filed).id]


@pytest.mark.parametrize("priority", list(Priority))
def test_the_deadline_counts_from_the_first_safe_moment(here: World, priority: Priority) -> None:
    filed = here.file(report(priority=priority, windows=TOMORROW))
    expected = {
        Priority.DANGER: START + timedelta(minutes=5),
        Priority.HIGH: START + DAY + HOUR,
        Priority.NORMAL: START + 2 * DAY,
    }
    assert here.callback(filed).due_at == expected[priority]


def test_safety_09_number_and_story_are_sealed_apart(here: World) -> None:
    case = here.case(here.file(report()))
    sealer = here.runtime.sealer
    assert case.sealed_number is not None
    assert case.sealed_story is not None
    number = sealer.open(case.id, "number", case.wrapped_key, case.sealed_number)
    story = sealer.open(case.id, "story", case.wrapped_key, case.sealed_story)
    assert number == {"number": NUMBER}
    assert NUMBER[1:] not in str(story)


def test_safety_09_no_row_holds_the_number_or_the_story_in_clear(here: World) -> None:
    here.file(report(concern=PRIVATE_WORDS[1], code_word=PRIVATE_WORDS[0]))
    filed = here.file(report(said=PRIVATE_WORDS[2], priority=Priority.DANGER))
    here.tell(filed, report(said=PRIVATE_WORDS[3]))
    stored = repr(here.everything())
    assert [w for w in (NUMBER[1:], *PRIVATE_WORDS, "'me'", "BT-13'") if w in stored] == []


def test_safety_09_the_database_file_and_its_log_hold_nothing_in_clear(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'helpline.db'}"
    with world(tmp_path, url) as here:
        secret = report(place="BT-13-SECRET", code_word=PRIVATE_WORDS[0])
        here.file(replace(secret, concern=PRIVATE_WORDS[1]))
        filed = here.file(replace(secret, said=PRIVATE_WORDS[2], windows=NEVER))
        here.tell(filed, replace(secret, said=PRIVATE_WORDS[4], windows=NEVER))
        raw = raw_bytes(url)
        clear = [NUMBER, NUMBER[1:], NUMBER[4:], *PRIVATE_WORDS, "BT-13-SECRET", "concern"]
        assert b"audit_head" in raw
        assert DUTY[HAA].encode() in raw  # the search does find what is there in clear
        assert [word for word in clear if word.encode() in raw] == []
        assert [word for word in clear if word.encode("utf-16-le") in raw] == []


def test_known_tells_what_an_input_filed(here: World) -> None:
    origin = Origin("bt-ussd", "one", NUMBER)
    assert here.runtime.filing.known(origin, START) is None
    filed = here.file(report(), input_id="one")
    assert here.runtime.filing.known(origin, START) == filed


def test_the_case_code_is_the_only_thing_a_caller_needs(here: World) -> None:
    codes = [here.file(report(), number=f"+9751060{n:04}").code for n in range(30)]
    assert len(set(codes)) == 30
    assert all(len(code) == 9 and code[4] == "-" for code in codes)


def test_the_head_of_the_audit_chain_moves_with_each_row(here: World) -> None:
    here.file(report())
    with here.record.reading() as connection:
        assert connection.scalar(select(audit_head.c.seq)) == 2
