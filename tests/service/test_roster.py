"""Shifts by a click and by a plan, the duty phone, and whom it wakes."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

import pytest

from helpline.core.access import Role
from helpline.core.errors import Refused
from helpline.core.report import Priority
from helpline.service.filing import STILL_TELLING
from helpline.service.roster import LONGEST, ONE_CLICK, WEEKS, Roster
from helpline.store import officers, shifts
from helpline.store.officers import Officer
from helpline.store.schema import audit, outbox
from helpline.store.schema import shifts as shift_table
from tests.world import DAY, HAA, HOUR, PARO, START, World, at_once, report, world

MINUTE, WEEK = timedelta(minutes=1), timedelta(days=7)
EVENING = START + 10 * HOUR


@pytest.fixture
def here(tmp_path: Path, database_url: str) -> Iterator[World]:
    with world(tmp_path, database_url) as built:
        yield built


@pytest.fixture
def roster(here: World) -> Roster:
    return here.runtime.roster


@pytest.fixture
def pema(here: World) -> Officer:
    return here.people["Pema"]


@pytest.fixture
def wangmo(here: World) -> Officer:
    return here.people["Wangmo"]


def audited(here: World) -> list[tuple[object, ...]]:
    return [(row["actor"], row["action"], row["subject"]) for row in here.rows(audit)]


def refusal(job: Callable[[], object]) -> str:
    with pytest.raises(Refused) as refused:
        job()
    return str(refused.value)


def names(found: list[Officer]) -> list[str]:
    return [officer.name for officer in found]


def disable(here: World, officer: Officer) -> None:
    with here.record.writing() as connection:
        officers.set_active(connection, officer.id, False)


class TestOneClick:
    def test_begins_a_shift_that_ends_by_itself(self, roster: Roster, pema: Officer) -> None:
        roster.begin(HAA, pema, START)
        assert names(roster.on_now(HAA, START)) == ["Pema"]
        assert names(roster.on_now(HAA, START + ONE_CLICK - MINUTE)) == ["Pema"]
        assert roster.on_now(HAA, START + ONE_CLICK) == []

    def test_a_double_click_is_one_shift(self, here: World, roster: Roster, pema: Officer) -> None:
        for n in range(2):
            roster.begin(HAA, pema, START + n * timedelta(seconds=1))
        assert len(here.rows(shift_table)) == 1
        assert audited(here) == [("Pema", "shift.begun", "Pema")]

    def test_two_clicks_at_once_are_one_shift(
        self, here: World, roster: Roster, pema: Officer
    ) -> None:
        at_once([partial(roster.begin, HAA, pema, START)] * 4)
        assert len(here.rows(shift_table)) == 1

    def test_within_a_planned_shift_changes_nothing(
        self, here: World, roster: Roster, pema: Officer, wangmo: Officer
    ) -> None:
        roster.plan(HAA, wangmo, pema.id, [START], 8 * HOUR, START)
        before = here.everything()
        roster.begin(HAA, pema, START + HOUR)
        assert here.everything() == before

    def test_ends_it_and_hands_back_the_phone(
        self, here: World, roster: Roster, pema: Officer
    ) -> None:
        roster.begin(HAA, pema, START)
        roster.take_phone(HAA, pema, START)
        roster.end(HAA, pema, START + HOUR)
        assert roster.on_now(HAA, START + HOUR) == []
        assert roster.phone_holder(HAA) is None
        assert audited(here) == [
            ("Pema", "shift.begun", "Pema"),
            ("Pema", "phone.taken", "Pema"),
            ("Pema", "shift.ended", "Pema"),
        ]

    def test_ending_twice_is_ending_once(self, here: World, roster: Roster, pema: Officer) -> None:
        roster.begin(HAA, pema, START)
        for n in (1, 2):
            roster.end(HAA, pema, START + n * HOUR)
        (shift,) = roster.planned(HAA, START, START + DAY)
        assert shift.ends_at == START + HOUR
        assert [action for _, action, _ in audited(here)] == ["shift.begun", "shift.ended"]

    def test_the_end_of_one_leaves_the_others_and_what_is_planned(
        self, here: World, roster: Roster, pema: Officer, wangmo: Officer
    ) -> None:
        karma = here.people["Karma"]
        roster.begin(HAA, pema, START)
        roster.begin(HAA, karma, START)
        roster.take_phone(HAA, karma, START)
        roster.plan(HAA, wangmo, pema.id, [START + DAY], HOUR, START)
        roster.end(HAA, pema, START + HOUR)
        assert names(roster.on_now(HAA, START + HOUR)) == ["Karma"]
        assert roster.phone_holder(HAA) == karma.id
        assert names(roster.on_now(HAA, START + DAY)) == ["Pema"]

    def test_only_officers_of_the_desk_have_shifts_there(
        self, here: World, roster: Roster, pema: Officer
    ) -> None:
        for act in (roster.begin, roster.end, roster.take_phone):
            assert refusal(partial(act, PARO, pema, START)) == (
                f"Pema is not an officer of desk {PARO}."
            )
            assert refusal(partial(act, "BT-GONE", pema, START)) == "There is no desk BT-GONE."
        disable(here, pema)
        assert "not an officer" in refusal(partial(roster.begin, HAA, pema, START))
        assert here.rows(shift_table) == []


class TestAPlan:
    def test_repeats_each_week(
        self, here: World, roster: Roster, pema: Officer, wangmo: Officer
    ) -> None:
        starts = [EVENING + n * WEEK for n in range(WEEKS)]
        assert roster.plan(HAA, wangmo, pema.id, starts, 8 * HOUR, START) == WEEKS
        for at in (EVENING, EVENING + (WEEKS - 1) * WEEK):
            assert names(roster.on_now(HAA, at)) == ["Pema"]
        assert audited(here) == [("Wangmo", "shift.planned", "Pema")]

    def test_planned_again_adds_only_what_is_new(
        self, here: World, roster: Roster, pema: Officer, wangmo: Officer
    ) -> None:
        plan = partial(roster.plan, HAA, wangmo, pema.id)
        assert plan([EVENING], HOUR, START) == 1
        assert plan([EVENING], HOUR, START) == 0
        assert plan([EVENING, EVENING + WEEK], HOUR, START) == 1
        assert len(here.rows(shift_table)) == len(audited(here)) == 2

    @pytest.mark.parametrize(
        ("starts", "lasts", "said"),
        [
            ([EVENING], 14 * MINUTE, "A shift lasts between 15 minutes and 24 hours."),
            ([EVENING], LONGEST + MINUTE, "A shift lasts between 15 minutes and 24 hours."),
            ([EVENING], -HOUR, "A shift lasts between 15 minutes and 24 hours."),
            ([EVENING] * (WEEKS + 1), HOUR, "A plan repeats at most 26 times."),
            ([START - DAY - MINUTE], HOUR, "A shift begins today or within a year."),
            ([START + 367 * DAY], HOUR, "A shift begins today or within a year."),
        ],
    )
    def test_has_bounds(
        self,
        here: World,
        roster: Roster,
        pema: Officer,
        wangmo: Officer,
        starts: list[datetime],
        lasts: timedelta,
        said: str,
    ) -> None:
        assert refusal(partial(roster.plan, HAA, wangmo, pema.id, starts, lasts, START)) == said
        assert here.rows(shift_table) == []

    @pytest.mark.parametrize("lasts", [15 * MINUTE, LONGEST])
    def test_may_touch_its_bounds(
        self, roster: Roster, pema: Officer, wangmo: Officer, lasts: timedelta
    ) -> None:
        starts = [START - DAY, START + 366 * DAY]
        assert roster.plan(HAA, wangmo, pema.id, starts, lasts, START) == 2

    def test_is_for_officers_of_the_desk(
        self, here: World, roster: Roster, pema: Officer, wangmo: Officer
    ) -> None:
        said = f"This officer does not work at desk {HAA}."
        plan = partial(roster.plan, HAA, wangmo)
        for officer_id in (here.people["Dorji"].id, 10**6):
            assert refusal(partial(plan, officer_id, [EVENING], HOUR, START)) == said
        disable(here, pema)
        assert refusal(partial(plan, pema.id, [EVENING], HOUR, START)) == said

    def test_of_a_disabled_officer_counts_no_more(
        self, roster: Roster, here: World, pema: Officer, wangmo: Officer
    ) -> None:
        roster.plan(HAA, wangmo, pema.id, [START], HOUR, START)
        disable(here, pema)
        assert roster.on_now(HAA, START) == []
        assert roster.planned(HAA, START, START + DAY) == []
        assert roster.on_shift_at([HAA], START) == {}
        assert roster.team(HAA, START).present == ()


class TestTakingBack:
    @pytest.mark.parametrize(
        ("now", "left"),
        [
            pytest.param(START, [], id="planned"),
            pytest.param(EVENING, [], id="just beginning"),
            pytest.param(EVENING + HOUR, [EVENING + HOUR], id="going on"),
            pytest.param(EVENING + 8 * HOUR, [EVENING + 8 * HOUR], id="over"),
        ],
    )
    def test_a_shift_ends_or_never_was(
        self,
        here: World,
        roster: Roster,
        pema: Officer,
        wangmo: Officer,
        now: datetime,
        left: list[datetime],
    ) -> None:
        roster.plan(HAA, wangmo, pema.id, [EVENING], 8 * HOUR, START)
        (shift,) = roster.planned(HAA, START, START + DAY)
        for _ in range(2):
            roster.remove(HAA, wangmo, shift.id, now)
        assert [s.ends_at for s in roster.planned(HAA, START, START + DAY)] == left
        removed = [row for row in audited(here) if row[1] == "shift.removed"]
        assert removed == (
            [] if now == EVENING + 8 * HOUR else [("Wangmo", "shift.removed", "Pema")]
        )

    def test_reaches_only_its_own_desk(
        self, roster: Roster, here: World, pema: Officer, wangmo: Officer
    ) -> None:
        roster.plan(HAA, wangmo, pema.id, [EVENING], HOUR, START)
        (shift,) = roster.planned(HAA, START, START + DAY)
        before = here.everything()
        roster.remove(PARO, wangmo, shift.id, START)
        roster.remove(HAA, wangmo, shift.id + 1, START)
        assert here.everything() == before


class TestTheTeam:
    def test_without_shifts_everybody_is_there(self, roster: Roster) -> None:
        team = roster.team(HAA, START)
        assert not team.rostered
        assert len(team.present) == 3

    def test_with_shifts_only_who_is_on(self, roster: Roster, pema: Officer) -> None:
        roster.begin(HAA, pema, START)
        assert [skills.woman for skills in roster.team(HAA, START).present] == [True]
        assert roster.team(HAA, START + ONE_CLICK).present == ()

    def test_a_desk_that_stopped_planning_keeps_no_roster(
        self, roster: Roster, pema: Officer
    ) -> None:
        roster.begin(HAA, pema, START)
        ended = START + ONE_CLICK
        assert roster.team(HAA, ended + shifts.LATELY - MINUTE).rostered
        assert not roster.team(HAA, ended + shifts.LATELY).rostered

    def test_who_may_not_work_there_is_no_member(self, roster: Roster, here: World) -> None:
        with here.record.writing() as connection:
            officers.put(connection, "Admin", woman=True, desks=[HAA], role=Role.ADMINISTRATOR)
        assert names(roster.members(HAA)) == ["Karma", "Pema", "Wangmo"]
        assert len(roster.team(HAA, START).members) == 3

    def test_names_are_said_for_the_desks_that_are_asked(
        self, roster: Roster, here: World, pema: Officer
    ) -> None:
        for name, desk in (("Karma", HAA), ("Pema", HAA), ("Dorji", PARO)):
            roster.begin(desk, here.people[name], START)
        assert roster.on_shift_at([HAA], START) == {HAA: ["Karma", "Pema"]}

    def test_the_phone_goes_from_hand_to_hand(
        self, roster: Roster, here: World, pema: Officer
    ) -> None:
        karma = here.people["Karma"]
        roster.take_phone(HAA, pema, START)
        roster.take_phone(HAA, karma, START)
        assert roster.phone_holder(HAA) == karma.id
        roster.end(HAA, pema, START)
        assert roster.phone_holder(HAA) == karma.id


class TestTheDutyPhone:
    """It is quiet while the roster says that nobody is on shift."""

    def told_at(self, here: World, priority: Priority = Priority.DANGER) -> object:
        here.file(report(priority=priority))
        (row,) = here.rows(outbox)
        assert row["valid_until"] == row["due_at"] + 12 * HOUR  # type: ignore[operator]
        return row["due_at"]

    def test_without_shifts_it_is_told_at_once(self, here: World) -> None:
        assert self.told_at(here) == START

    def test_a_shift_that_begins_while_the_caller_still_tells_counts(
        self, here: World, roster: Roster, pema: Officer, wangmo: Officer
    ) -> None:
        roster.plan(HAA, wangmo, pema.id, [START + 2 * MINUTE], HOUR, START)
        assert self.told_at(here, Priority.HIGH) == START + STILL_TELLING

    def test_with_somebody_on_shift_it_is_told_at_once(
        self, here: World, roster: Roster, pema: Officer
    ) -> None:
        roster.begin(HAA, pema, START - HOUR)
        assert self.told_at(here) == START

    @pytest.mark.parametrize("priority", [Priority.HIGH, Priority.NORMAL])
    def test_with_nobody_on_shift_it_is_told_when_the_next_begins(
        self, here: World, roster: Roster, pema: Officer, wangmo: Officer, priority: Priority
    ) -> None:
        starts = [EVENING + DAY, EVENING]
        roster.plan(HAA, wangmo, pema.id, starts, 8 * HOUR, START)
        assert self.told_at(here, priority) == EVENING

    def test_with_no_shift_ahead_it_is_told_at_once(
        self, here: World, roster: Roster, pema: Officer
    ) -> None:
        """Else nobody would ever hear of it."""
        roster.begin(HAA, pema, START - DAY)
        assert self.told_at(here) == START

    def test_a_disabled_officers_shift_is_not_waited_for(
        self, here: World, roster: Roster, pema: Officer, wangmo: Officer
    ) -> None:
        roster.plan(HAA, wangmo, pema.id, [EVENING], HOUR, START)
        disable(here, pema)
        assert self.told_at(here) == START
