"""The life of a callback against a model: histories of officers, callers and clocks, at random.

Each history works on one callback among those of earlier ones, in any order that people and
networks may come up with. `HELPLINE_HISTORIES` sets how many; scripts/soak tries a thousand.
"""

import os
import shutil
import tempfile
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from sqlalchemy import select

from helpline.core.callback import (
    TERMINAL,
    TRANSITIONS,
    UNANSWERED,
    Attempted,
    Event,
    Outcome,
    State,
)
from helpline.core.effects import ChangeTime, Erase, FindCase, Withdraw
from helpline.core.errors import Refused
from helpline.core.report import Priority
from helpline.core.window import Window, next_opening, open_now
from helpline.service.filing import Filed
from helpline.store.callbacks import CallbackRow
from helpline.store.schema import attempts, audit
from tests.world import DAY, HAA, HOUR, PARO, START, THIMPHU, World, report, world

HISTORIES, STEPS = int(os.environ.get("HELPLINE_HISTORIES", "30")), 50
STAFF = {"Pema": HAA, "Karma": HAA, "Wangmo": HAA, "Dorji": PARO, "Sonam": THIMPHU}
LADDER = (HAA, PARO, THIMPHU)
WITH_SOMEBODY = frozenset({State.CLAIMED, State.ATTEMPTING, State.REACHED, State.REFERRED})
MINUTE = timedelta(minutes=1)

people = st.sampled_from(sorted(STAFF))
minutes = st.integers(1, 90)
windows = st.sampled_from(
    [
        ((0, 1, False),),  # now
        ((0, 3, True),),
        ((2, 2, True),),
        ((6, 4, True), (1, 1, False)),
        ((30, 2, True),),
        (),  # do not call
    ]
)


def at(now: datetime, hours: "tuple[tuple[int, int, bool], ...]") -> tuple[Window, ...]:
    return tuple(
        Window(now + begin * HOUR, now + (begin + lasts) * HOUR, daily)
        for begin, lasts, daily in hours
    )


class Shared:
    """One helpline for all histories: its set-up costs more than a history."""

    world: World
    count = 0


class Life(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        Shared.count += 1
        self.here = Shared.world
        self.here.clock.move(DAY)
        self.number = f"+97510{Shared.count:06d}"
        self.fences: list[int] = []
        self.top_fence = 0
        self.ended: State | None = None
        self.steps = 0
        self.filed = self._file(at(self.here.clock.now, ((0, 3, True),)), Priority.HIGH, False)
        self.first_audit = self._last_audit()

    # What people do

    def _file(self, when: tuple[Window, ...], priority: Priority, woman: bool) -> Filed:
        asked = report(windows=when, priority=priority, woman=woman)
        return self.here.file(asked, number=self.number)

    @property
    def row(self) -> CallbackRow:
        return self.here.callback(self.filed)

    def _try(self, act: Callable[[], object]) -> object | None:
        """What the act gave; None when the rules refused it, which changes nothing."""
        try:
            return act()
        except Refused:
            return None

    @precondition(lambda self: self.row.state not in TERMINAL)
    @rule(hours=windows, priority=st.sampled_from(Priority), woman=st.booleans())
    def the_caller_asks_again(
        self, hours: "tuple[tuple[int, int, bool], ...]", priority: Priority, woman: bool
    ) -> None:
        again = self._file(at(self.here.clock.now, hours), priority, woman)
        if again.case_id != self.filed.case_id:  # after 48 hours it is a case of its own
            self._finish()
            self.filed, self.ended, self.top_fence, self.fences = again, None, 0, []

    @rule(hours=windows)
    def the_caller_changes_the_time(self, hours: "tuple[tuple[int, int, bool], ...]") -> None:
        mine = FindCase("bt", self.filed.code, "")
        self.here.carry(ChangeTime(mine, at(self.here.clock.now, hours)), number=self.number)

    @precondition(lambda self: self.steps > STEPS // 2)
    @rule(how=st.sampled_from([Withdraw, Erase]), sure=st.integers(0, 3))
    def the_caller_stops_it(self, how: "type[Withdraw] | type[Erase]", sure: int) -> None:
        if not sure:
            mine = FindCase("bt", self.filed.code, "")
            self.here.carry(how(mine), number=self.number)

    @rule(by=minutes)
    def time_passes(self, by: int) -> None:
        self.here.clock.move(by * MINUTE)

    @precondition(lambda self: self.steps % 9 == 0)
    @rule(days=st.integers(1, 8))
    def days_pass(self, days: int) -> None:
        self.here.clock.move(days * DAY)

    @rule()
    def the_relay_looks(self) -> None:
        now = self.here.clock.now
        self.here.runtime.escalation.settle(now)
        self.here.runtime.escalation.run(now)
        row = self.row
        late = row.is_overdue(now) and row.lease_officer is None and not row.top_told
        assert not late, "an overdue callback is handed up at the first look"

    @rule(who=people, on=st.booleans())
    def a_shift_changes(self, who: str, on: bool) -> None:
        roster, officer = self.here.runtime.roster, self.here.people[who]
        (roster.begin if on else roster.end)(STAFF[who], officer, self.here.clock.now)

    @rule(who=people)
    def an_officer_claims(self, who: str) -> None:
        before = self.row
        officer, desk = self.here.people[who], STAFF[who]
        claim = self.here.runtime.desk.claim
        line = self._try(lambda: claim(desk, officer, before.id, self.here.clock.now))
        if line is not None:
            row = self.row
            assert (row.lease_officer, row.state) == (officer.id, State.CLAIMED)
            assert officer.woman or not row.woman
            assert row.desk == desk
            self.fences.append(row.fence)

    def _holder(self, else_: str) -> str:
        """Who has it, so that histories get somewhere; else somebody."""
        names = {officer.id: name for name, officer in self.here.people.items()}
        return names.get(self.row.lease_officer or 0, else_)

    @precondition(lambda self: self.row.state is State.WAITING)
    @rule()
    def the_safe_time_comes(self) -> None:
        opens = next_opening(self.row.windows, max(self.here.clock.now, self.row.next_at or START))
        if opens is not None:
            self.here.clock.move(max(opens - self.here.clock.now, MINUTE))

    @precondition(lambda self: self.row.state in (State.READY, State.WAITING))
    @rule(who=people)
    def somebody_who_may_claims(self, who: str) -> None:
        ours = [name for name, desk in STAFF.items() if desk == self.row.desk] or [who]
        self.an_officer_claims(sorted(ours)[len(who) % len(ours)])

    @precondition(lambda self: self.row.state is State.CLAIMED)
    @rule(who=people)
    def the_holder_rings(self, who: str) -> None:
        self._ring(self._holder(who), stale=False)

    @precondition(lambda self: self.row.state is State.ATTEMPTING)
    @rule(who=people, outcome=st.sampled_from(Attempted))
    def the_holder_writes_it_down(self, who: str, outcome: Attempted) -> None:
        self.an_officer_writes_it_down(self._holder(who), outcome)

    @rule(who=people, stale=st.booleans())
    def an_officer_rings(self, who: str, stale: bool) -> None:
        self._ring(who, stale=stale)

    def _ring(self, who: str, *, stale: bool) -> None:
        officer, desk, now = self.here.people[who], STAFF[who], self.here.clock.now
        row = self.row
        fence = row.fence - 1 if stale else row.fence
        ring = self.here.runtime.desk.attempt
        shown = self._try(lambda: ring(desk, officer, row.id, fence, now))
        if shown is None:
            return
        row = self.row
        assert not stale, "an old claim never shows a number"
        assert open_now(row.windows, now), "never outside the window"
        assert row.consent_until is None or now < row.consent_until
        assert (row.lease_officer, row.state) == (officer.id, State.ATTEMPTING)
        assert officer.woman or not row.woman

    @rule(who=people, outcome=st.sampled_from(Attempted))
    def an_officer_writes_it_down(self, who: str, outcome: Attempted) -> None:
        record, row = self.here.runtime.desk.record_attempt, self.row
        args = (STAFF[who], self.here.people[who], row.id, outcome, row.fence)
        self._try(lambda: record(*args, self.here.clock.now))

    @rule(who=people, outcome=st.sampled_from(Outcome))
    def an_officer_closes(self, who: str, outcome: Outcome) -> None:
        close, row = self.here.runtime.desk.close, self.row
        args = (STAFF[who], self.here.people[who], row.id, outcome, row.fence)
        self._try(lambda: close(*args, self.here.clock.now))

    @rule(who=people, what=st.sampled_from(["release", "renew", "reopen", "hold", "pass_on"]))
    def an_officer_decides(self, who: str, what: str) -> None:
        officer, desk, row, now = self.here.people[who], STAFF[who], self.row, self.here.clock.now
        work, service = self.here.runtime.casework, self.here.runtime.desk
        acts: dict[str, Callable[[], object]] = {
            "release": lambda: work.release(desk, officer, row.id, row.fence, now),
            "renew": lambda: work.renew(desk, officer, row.id, row.fence, now),
            "reopen": lambda: service.reopen(desk, officer, row.id, now),
            "hold": lambda: work.hold(desk, officer, row.id, now),
            "pass_on": lambda: work.pass_on(desk, officer, row.id, PARO, now),
        }
        self._try(acts[what])

    @rule(who=people, to=people)
    def an_officer_hands_over(self, who: str, to: str) -> None:
        hand, row = self.here.runtime.casework.hand_over, self.row
        args = (STAFF[who], self.here.people[who], row.id, row.fence, to)
        if self._try(lambda: hand(*args, self.here.clock.now)) is not None:
            assert self.row.lease_officer == self.here.people[to].id
            assert self.here.people[to].woman or not self.row.woman

    # What must hold at every moment

    @invariant()
    def it_is_in_one_state_and_with_one_officer_at_most(self) -> None:
        self.steps += 1
        row = self.row
        assert isinstance(row.state, State)
        assert row.lease_officer is None or row.state in WITH_SOMEBODY
        assert (row.lease_officer is None) == (row.lease_until is None)
        going = select(attempts).where(attempts.c.callback_id == row.id, attempts.c.outcome == "")
        running = self.here.rows(going)
        assert len(running) <= 1
        if row.state is State.ATTEMPTING:
            (one,) = running
            assert one["fence"] == row.fence

    @invariant()
    def claims_are_numbered_upwards_and_the_end_is_the_end(self) -> None:
        row = self.row
        assert row.fence >= self.top_fence
        self.top_fence = row.fence
        assert self.ended is None or row.state in (self.ended, State.ERASED)
        self.ended = row.state if row.state in TERMINAL else None

    @invariant()
    def nothing_can_be_forgotten(self) -> None:
        """Whatever waits for an officer has a deadline; what has none is nobody's to ring."""
        row = self.row
        if row.state in UNANSWERED:
            assert row.due_at is not None
        assert row.attempts <= self.here.runtime.content.programmes["bt"].rules.attempts

    @invariant()
    def every_move_is_in_the_table_and_in_the_log(self) -> None:
        moves = [m for m in self._audit() if str(m["action"]).removeprefix("callback.") in EVENTS]
        for move in moves:
            event = Event(str(move["action"]).removeprefix("callback."))
            detail = move["detail"]
            assert isinstance(detail, dict)
            known = TRANSITIONS[State(detail["from"]), event]
            assert known is State(detail["to"])
        self.first_audit = self._last_audit()

    def _audit(self) -> list[dict[str, object]]:
        query = select(audit).where(
            audit.c.seq > self.first_audit, audit.c.subject == str(self.row.id)
        )
        return self.here.rows(query)

    def _last_audit(self) -> int:
        return self.here.record.changes()

    def teardown(self) -> None:
        self._finish()

    def _finish(self) -> None:
        """Leaves nothing open behind, so that each history is about one callback."""
        mine = FindCase("bt", self.filed.code, "")
        self.here.carry(Withdraw(mine), number=self.number)


EVENTS = frozenset(event.value for event in Event)


def test_whatever_happens_the_rules_hold() -> None:
    folder = Path(tempfile.mkdtemp(dir="/dev/shm" if Path("/dev/shm").is_dir() else None))
    try:
        with world(folder, f"sqlite:///{folder / 'life.db'}") as built:
            Shared.world = built
            machine = Life.TestCase
            machine.settings = settings(
                max_examples=HISTORIES, stateful_step_count=STEPS, deadline=None
            )
            machine("runTest").debug()
    finally:
        shutil.rmtree(folder, ignore_errors=True)
