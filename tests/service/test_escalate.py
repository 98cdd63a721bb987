"""Deadlines: one level at a time, told once, from the record alone and never from a worker."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

import pytest

from helpline.core.callback import Attempted, State
from helpline.core.directory import Directory
from helpline.core.hours import parse_hours
from helpline.core.matching import NEXT, WAIT
from helpline.core.report import Priority
from helpline.service.filing import Filed
from helpline.store import officers, shifts
from helpline.store.schema import audit, outbox
from tests.world import (
    DAY,
    HAA,
    HOUR,
    PARO,
    START,
    THIMPHU,
    World,
    at_once,
    daily,
    open_for,
    report,
    world,
)

MINUTE = timedelta(minutes=1)
FIRST_DUE = {Priority.DANGER: 5 * MINUTE, Priority.HIGH: HOUR, Priority.NORMAL: DAY}
ALL_DAY = daily(START, 24)


@pytest.fixture
def here(tmp_path: Path, database_url: str) -> Iterator[World]:
    with world(tmp_path, database_url) as built:
        yield built


@pytest.fixture
def danger(here: World) -> Filed:
    return here.file(report(priority=Priority.DANGER, windows=ALL_DAY))


def posted(here: World) -> list[tuple[object, object]]:
    return [(row["kind"], row["desk"]) for row in here.rows(outbox)]


def escalations(here: World) -> list[object]:
    return [r["detail"] for r in here.rows(audit) if r["action"] == "callback.escalated"]


@pytest.mark.parametrize("priority", list(Priority))
def test_overdue_is_handed_one_level_up_when_its_time_is_over(
    here: World, priority: Priority
) -> None:
    filed = here.file(report(priority=priority, windows=ALL_DAY))
    run = here.runtime.escalation.run
    assert run(START + FIRST_DUE[priority] - timedelta(microseconds=1)) == 0
    assert here.callback(filed).desk == HAA
    now = START + FIRST_DUE[priority]
    assert run(now) == 1
    row = here.callback(filed)
    assert (row.desk, row.level, row.due_at) == (PARO, 1, now + FIRST_DUE[priority])
    climbed = {"from_desk": HAA, "to_desk": PARO, "level": 1, "reason": "overdue"}
    assert escalations(here) == [climbed]


def test_both_desks_are_told_once(here: World, danger: Filed) -> None:
    now = START + 5 * MINUTE
    for _ in range(3):
        here.runtime.escalation.run(now)
    assert posted(here) == [("nudge", HAA), ("overdue", HAA), ("nudge", PARO)]


def test_a_long_outage_climbs_one_level_at_a_run(here: World, danger: Filed) -> None:
    """Each desk gets its own five minutes, however late the first one is."""
    now = START + 3 * HOUR
    assert here.runtime.escalation.run(now) == 1
    assert here.runtime.escalation.run(now) == 0
    assert here.callback(danger).desk == PARO


def test_many_processes_at_once_hand_it_up_once(here: World, danger: Filed) -> None:
    now = START + 5 * MINUTE
    moved = at_once([partial(here.runtime.escalation.run, now)] * 8)
    assert sorted(map(str, moved)) == ["0"] * 7 + ["1"]
    assert here.callback(danger).level == 1


def test_with_every_worker_dead_looking_at_the_queue_hands_it_up(
    here: World, danger: Filed
) -> None:
    now = START + 5 * MINUTE
    assert here.runtime.desk.queue(HAA, now) == []
    (line,) = here.runtime.desk.queue(PARO, now)
    assert (line.case_code, line.priority) == (danger.code, "danger")


def test_the_top_of_the_ladder_stops(here: World, danger: Filed) -> None:
    moved = [here.runtime.escalation.run(START + n * 5 * MINUTE) for n in range(1, 9)]
    assert moved == [1, 1, 1, 0, 0, 0, 0, 0]
    row = here.callback(danger)
    assert (row.desk, row.top_told, row.state) == (THIMPHU, True, State.READY)
    assert row.is_overdue(START + DAY)  # and still says so


def test_at_the_top_the_desk_is_told_once_that_it_is_overdue(here: World) -> None:
    here.file(report(priority=Priority.DANGER, windows=ALL_DAY, desk=THIMPHU))
    here.runtime.escalation.run(START + 5 * MINUTE)
    assert posted(here) == [("nudge", THIMPHU), ("overdue", THIMPHU)]


def test_a_claimed_one_is_not_taken_away(here: World, danger: Filed) -> None:
    here.clock.move(4 * MINUTE)
    here.claim("Pema", danger)
    assert here.runtime.escalation.run(START + 5 * MINUTE) == 0
    assert here.callback(danger).desk == HAA
    assert posted(here) == [("nudge", HAA)]


def test_a_claim_that_expired_does_not_protect_it(here: World, danger: Filed) -> None:
    here.clock.move(4 * MINUTE)
    here.claim("Pema", danger)
    assert here.runtime.escalation.run(START + 6 * MINUTE) == 1
    assert (here.callback(danger).desk, here.callback(danger).lease_officer) == (PARO, None)


@pytest.mark.parametrize("outcome", [Attempted.REACHED_SAFE, Attempted.DECLINED])
def test_an_answered_one_is_not_handed_up(here: World, danger: Filed, outcome: Attempted) -> None:
    line = here.claim("Pema", danger)
    desk, pema = here.runtime.desk, here.people["Pema"]
    desk.attempt(HAA, pema, line.id, line.fence, START)
    desk.record_attempt(HAA, pema, line.id, outcome, line.fence, START)
    assert here.runtime.escalation.run(START + DAY) == 0


def test_an_attempt_that_was_left_open_is_handed_up_in_the_end(here: World, danger: Filed) -> None:
    """An officer's browser died in mid-call: nobody may wait for it for ever."""
    line = here.claim("Pema", danger)
    here.runtime.desk.attempt(HAA, here.people["Pema"], line.id, line.fence, START)
    for _ in range(2):  # the first look ends the claim, the next finds it overdue
        here.runtime.desk.queue(None, START + HOUR)
    assert here.callback(danger).desk == PARO


def test_safety_01_who_asked_not_to_be_called_is_not_handed_up(here: World) -> None:
    here.file(report(windows=()))
    assert here.runtime.escalation.run(START + 10 * DAY) == 0


def test_safety_02_waiting_for_the_safe_time_is_not_overdue(here: World) -> None:
    filed = here.file(report(priority=Priority.HIGH, windows=open_for(4, start=START + 6 * HOUR)))
    assert here.runtime.escalation.run(START + 7 * HOUR - MINUTE) == 0
    assert here.runtime.escalation.run(START + 7 * HOUR) == 1
    assert here.callback(filed).desk == PARO


def test_danger_raised_by_a_repeat_request_runs_on_its_own_deadline(here: World) -> None:
    here.file(report(windows=ALL_DAY))
    here.clock.move(HOUR)
    filed = here.file(report(priority=Priority.DANGER, windows=ALL_DAY))
    assert here.runtime.escalation.run(START + HOUR + 5 * MINUTE) == 1
    assert here.callback(filed).desk == PARO


def test_due_names_what_is_overdue_and_moves_nothing(here: World, danger: Filed) -> None:
    callback_id = here.callback(danger).id
    assert here.runtime.escalation.due(START + 5 * MINUTE) == [callback_id]
    assert here.callback(danger).level == 0


# Before the deadline: what nobody there may take

CPU, PHNOM_PENH = "KH-CPU", "KH-AHTJP-12"
NOBODY = {"from_desk": HAA, "to_desk": PARO, "level": 1, "reason": "nobody_there"}


def shift(here: World, name: str, desk: str, at: datetime = START, hours: float = 8) -> None:
    with here.record.writing() as connection:
        shifts.put(connection, here.people[name].id, desk, at, at + hours * HOUR)


def rostered(here: World, desk: str = HAA, *, name: str = "Karma") -> None:
    """The desk keeps shifts: this officer's begins in the evening, and nobody is there now."""
    shift(here, name, desk, START + 10 * HOUR)


class TestDangerWithNobodyThere:
    def test_goes_up_at_once_and_once(self, here: World) -> None:
        rostered(here)
        danger = here.file(report(priority=Priority.DANGER, windows=ALL_DAY))
        moved = [here.runtime.escalation.run(START) for _ in range(3)]
        assert (moved, here.callback(danger).desk) == ([1, 0, 0], PARO)
        assert escalations(here) == [NOBODY]
        assert here.callback(danger).due_at == START + 5 * MINUTE
        assert posted(here) == [("nudge", HAA), ("nudge", PARO)]

    def test_many_processes_at_once_hand_it_up_once(self, here: World) -> None:
        rostered(here)
        here.file(report(priority=Priority.DANGER, windows=ALL_DAY))
        moved = at_once([partial(here.runtime.escalation.run, START)] * 4)
        assert sorted(map(str, moved)) == ["0"] * 3 + ["1"]
        assert escalations(here) == [NOBODY]

    def test_looking_at_the_queue_is_enough(self, here: World) -> None:
        rostered(here)
        here.file(report(priority=Priority.DANGER, windows=ALL_DAY))
        assert here.runtime.desk.queue(HAA, START) == []
        assert len(here.runtime.desk.queue(PARO, START)) == 1

    def test_passes_a_desk_where_nobody_is_either(self, here: World) -> None:
        rostered(here)
        rostered(here, PARO, name="Dorji")
        danger = here.file(report(priority=Priority.DANGER, windows=ALL_DAY))
        moved = [here.runtime.escalation.run(START) for _ in range(3)]
        assert (moved, here.callback(danger).desk) == ([1, 1, 0], THIMPHU)

    def test_stays_visible_where_nobody_is_above_either(self, here: World) -> None:
        for name, desk in (("Karma", HAA), ("Dorji", PARO), ("Sonam", THIMPHU)):
            rostered(here, desk, name=name)
        danger = here.file(report(priority=Priority.DANGER, windows=ALL_DAY))
        assert here.runtime.escalation.run(START) == 0
        assert here.callback(danger).desk == HAA
        assert here.runtime.escalation.run(START + 5 * MINUTE) == 1  # but is not forgotten

    def test_waits_for_its_deadline_where_somebody_is_on_shift(self, here: World) -> None:
        shift(here, "Karma", HAA)
        danger = here.file(report(priority=Priority.DANGER, windows=ALL_DAY))
        assert here.runtime.escalation.run(START + 5 * MINUTE - MINUTE) == 0
        assert here.runtime.escalation.run(START + 5 * MINUTE) == 1
        assert here.callback(danger).desk == PARO

    def test_goes_up_when_the_last_shift_ends(self, here: World) -> None:
        shift(here, "Karma", HAA, START - 8 * HOUR, 8.05)  # three minutes of it are left
        danger = here.file(report(priority=Priority.DANGER, windows=ALL_DAY))
        assert here.runtime.escalation.run(START + 2 * MINUTE) == 0
        assert here.runtime.escalation.run(START + 3 * MINUTE) == 1
        assert here.callback(danger).desk == PARO

    def test_without_a_roster_everybody_of_the_desk_counts_as_there(self, here: World) -> None:
        here.file(report(priority=Priority.DANGER, windows=ALL_DAY))
        assert here.runtime.escalation.run(START + 4 * MINUTE) == 0

    def test_what_somebody_holds_stays_with_her(self, here: World, danger: Filed) -> None:
        here.claim("Pema", danger)
        rostered(here)
        assert here.runtime.escalation.run(START + MINUTE) == 0

    def test_who_is_not_in_danger_waits_for_the_shift(self, here: World) -> None:
        rostered(here)
        here.file(report(priority=Priority.HIGH, windows=ALL_DAY))
        assert here.runtime.escalation.run(START + HOUR - MINUTE) == 0


class TestAWomanAskedFor:
    def file(self, here: World, if_nobody: str) -> Filed:
        asked = report(priority=Priority.HIGH, windows=ALL_DAY, woman=True)
        return here.file(replace(asked, if_nobody=if_nobody))

    def test_next_goes_up_where_none_is_there_and_one_is_above(self, here: World) -> None:
        shift(here, "Karma", HAA)
        asked = self.file(here, NEXT)
        moved = [here.runtime.escalation.run(START) for _ in range(3)]
        row = here.callback(asked)
        # Only Dorji is at Paro, so it goes on to Sonam at Thimphu.
        assert (moved, row.desk, row.level) == ([1, 1, 0], THIMPHU, 2)
        assert posted(here) == [("nudge", HAA), ("nudge", PARO), ("nudge", THIMPHU)]

    def test_next_stays_with_a_woman_on_shift(self, here: World) -> None:
        shift(here, "Pema", HAA)
        self.file(here, NEXT)
        assert here.runtime.escalation.run(START) == 0

    def test_next_stays_where_no_woman_is_above(self, here: World) -> None:
        shift(here, "Karma", HAA)
        rostered(here, THIMPHU, name="Sonam")
        asked = self.file(here, NEXT)
        assert here.runtime.escalation.run(START) == 0
        assert here.callback(asked).desk == HAA

    @pytest.mark.parametrize("if_nobody", [WAIT, ""])
    def test_wait_never_goes_up_before_its_deadline(self, here: World, if_nobody: str) -> None:
        shift(here, "Karma", HAA)
        asked = self.file(here, if_nobody)
        for minutes in (0, 30, 59):
            assert here.runtime.escalation.run(START + minutes * MINUTE) == 0
        assert here.runtime.escalation.run(START + HOUR) == 1
        assert here.callback(asked).desk == PARO

    def test_the_choice_may_be_made_after_it_was_filed(self, here: World) -> None:
        shift(here, "Karma", HAA)
        asked = report(priority=Priority.HIGH, windows=ALL_DAY, woman=True)
        filed = here.file(asked)
        assert here.runtime.escalation.run(START) == 0
        here.tell(filed, replace(asked, if_nobody=NEXT))
        assert here.runtime.escalation.run(START) == 1


class TestAChildInterviewersCase:
    """Cambodia keeps children's sexual abuse cases for trained officers."""

    def file(self, here: World) -> Filed:
        told = report(about="child", concern="sexual", priority=Priority.HIGH, windows=ALL_DAY)
        return here.file(replace(told, programme="kh", desk=PHNOM_PENH, place="KH-12"))

    def staff(self, here: World, name: str, desk: str, *, interviewer: bool) -> None:
        with here.record.writing() as connection:
            officers.put(connection, name, woman=True, desks=[desk], interviewer=interviewer)

    def test_goes_up_to_the_unit_where_an_interviewer_is(self, here: World) -> None:
        self.staff(here, "Dara", PHNOM_PENH, interviewer=False)
        self.staff(here, "Bopha", CPU, interviewer=True)
        filed = self.file(here)
        assert here.callback(filed).interviewer
        assert [here.runtime.escalation.run(START) for _ in range(2)] == [1, 0]
        assert here.callback(filed).desk == CPU
        (only,) = escalations(here)
        assert only == {
            "from_desk": PHNOM_PENH,
            "to_desk": CPU,
            "level": 1,
            "reason": "nobody_there",
        }

    def test_stays_visible_where_nobody_above_is_trained(self, here: World) -> None:
        self.staff(here, "Dara", PHNOM_PENH, interviewer=False)
        self.staff(here, "Bopha", CPU, interviewer=False)
        self.file(here)
        assert here.runtime.escalation.run(START) == 0
        assert len(here.runtime.desk.queue(PHNOM_PENH, START)) == 1

    def test_stays_with_the_desks_own_interviewer(self, here: World) -> None:
        self.staff(here, "Dara", PHNOM_PENH, interviewer=True)
        self.staff(here, "Bopha", CPU, interviewer=True)
        self.file(here)
        assert here.runtime.escalation.run(START) == 0


def test_no_loop_tells_a_phone_twice(here: World) -> None:
    """Everything that goes up, at once and late, looked at over and over for two days."""
    rostered(here)
    asked = report(about="child", priority=Priority.HIGH, windows=ALL_DAY, woman=True)
    here.file(report(about="me", priority=Priority.DANGER, windows=ALL_DAY))
    here.file(replace(asked, if_nobody=NEXT))
    here.file(report(about="adult", windows=ALL_DAY))
    for hours in range(48):
        for _ in range(2):
            here.runtime.escalation.run(START + hours * HOUR)
            here.runtime.escalation.settle(START + hours * HOUR)
    told = [(r["kind"], r["desk"], r["callback_id"]) for r in here.rows(outbox)]
    assert len(told) == len(set(told))


class TestAClosedDesk:
    """A safe time that begins when the desk has closed would pass unheard."""

    @pytest.mark.parametrize(
        ("hours", "above", "ends_at"),
        [
            ("Mon-Fri 09:00-17:00", "", HAA),  # 10:00 in Thimphu: it is open
            ("Mon-Fri 12:00-17:00", "", PARO),  # closed, and nothing is known of the desk above
            ("Mon-Fri 12:00-17:00", "24/7", PARO),
            ("Mon-Fri 12:00-17:00", "Mon-Fri 12:00-17:00", THIMPHU),
            ("", "", HAA),
        ],
    )
    def test_what_is_safe_now_goes_to_the_first_desk_that_is_open(
        self, here: World, hours: str, above: str, ends_at: str
    ) -> None:
        content = here.runtime.content
        desks = dict(content.directory.desks)
        for code, said in ((HAA, hours), (PARO, above), (THIMPHU, "24/7")):
            desks[code] = replace(desks[code], hours=parse_hours(said))
        directory = Directory(content.directory.places, desks)
        here.runtime.saying.content = replace(content, directory=directory)
        filed = here.file(report())
        for _ in range(3):
            here.runtime.escalation.run(here.clock())
        assert here.callback(filed).desk == ends_at

    def test_where_all_are_closed_it_stays(self, here: World) -> None:
        content = here.runtime.content
        closed = parse_hours("Mon-Fri 12:00-17:00")
        desks = {code: replace(d, hours=closed) for code, d in content.directory.desks.items()}
        directory = Directory(content.directory.places, desks)
        here.runtime.saying.content = replace(content, directory=directory)
        filed = here.file(report())
        assert here.runtime.escalation.run(here.clock()) == 0
        assert here.callback(filed).desk == HAA


class TestNobodyAbove:
    def test_danger_is_never_handed_to_desks_without_officers(self, here: World) -> None:
        """It stays where somebody can still take it, overdue, and that is said once."""
        with here.record.writing() as connection:
            for name in ("Dorji", "Sonam"):
                officers.set_active(connection, here.people[name].id, False)
        filed = here.file(report(priority=Priority.DANGER, windows=open_for(3)))
        for _ in range(5):
            here.clock.move(timedelta(minutes=6))
            here.runtime.escalation.run(here.clock())
        row = here.callback(filed)
        assert (row.desk, row.level, row.top_told) == (HAA, 0, True)
        assert here.claim("Pema", filed).state == "claimed"

    def test_a_level_without_officers_is_passed_over(self, here: World) -> None:
        with here.record.writing() as connection:
            officers.set_active(connection, here.people["Dorji"].id, False)
        filed = here.file(report(priority=Priority.DANGER, windows=open_for(3)))
        here.clock.move(timedelta(minutes=6))
        here.runtime.escalation.run(here.clock())
        assert here.callback(filed).desk == THIMPHU

    def test_in_danger_no_phone_is_quiet(self, here: World) -> None:
        """Also where the roster says that nobody is on shift, at any desk."""
        tomorrow = here.clock() + timedelta(hours=15)
        roster = here.runtime.roster
        for name, desk in (("Pema", HAA), ("Dorji", PARO), ("Sonam", THIMPHU)):
            lasts = timedelta(hours=8)
            officer = here.people[name]
            roster.plan(desk, officer, officer.id, [tomorrow], lasts, here.clock())
        here.file(report(priority=Priority.DANGER, windows=open_for(3)))
        assert {row["due_at"] for row in here.rows(outbox)} == {here.clock()}
