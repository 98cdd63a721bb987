"""Deadlines: one level at a time, told once, from the record alone and never from a worker."""

from collections.abc import Iterator
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest

from helpline.core.callback import Attempted, State
from helpline.core.report import Priority
from helpline.service.filing import Filed
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
    assert escalations(here) == [{"from_desk": HAA, "to_desk": PARO, "level": 1}]


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
