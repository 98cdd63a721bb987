"""Deadlines: read from the record, so that they fire with every worker dead; each level once."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from sqlalchemy import Connection

from helpline import logs
from helpline.core.callback import State, settle
from helpline.core.errors import Refused
from helpline.core.matching import Team, rises, would_pass_unheard
from helpline.core.programme import Programme
from helpline.core.window import next_opening
from helpline.service.deadlines import Deadlines
from helpline.service.lines import needs_of
from helpline.service.moves import settled
from helpline.service.nudges import NEW, OVERDUE, Nudges
from helpline.service.roster import team_of
from helpline.store import audit, callbacks, cases, desks
from helpline.store.callbacks import CallbackRow
from helpline.store.desks import DeskRow
from helpline.store.record import Record


@dataclass
class Ladders:
    """The teams of desks and of those above them, each looked up once. A ladder whose desks lead
    in a circle ends where it began."""

    connection: Connection
    deadlines: Deadlines
    now: datetime
    _known: dict[str, list[tuple[str, Team]]] = field(default_factory=dict)

    def of(self, desk: str) -> list[tuple[str, Team]]:
        """Code and team of the desk and of those above it, the top one last."""
        if desk not in self._known:
            self._known[desk] = list(self._climb(desk))
        return self._known[desk]

    def _climb(self, desk: str) -> Iterator[tuple[str, Team]]:
        passed: set[str] = set()
        at: DeskRow | None = desks.get(self.connection, desk)
        while at is not None and at.code not in passed:
            passed.add(at.code)
            closed = self.deadlines.closed(at.programme, at.code, self.now)
            yield at.code, replace(team_of(self.connection, at.code, self.now), closed=closed)
            at = desks.get(self.connection, at.parent) if at.parent else None

    def above(self, desk: str) -> str:
        """The first desk above at which anybody works; "" when there is none: a request is never
        taken from who could take it to where nobody ever can. Where nobody works at all the next
        level's phone is told at least."""
        (_, team), *above = self.of(desk)
        staffed = [code for code, higher in above if higher.members]
        unstaffed = [] if team.members else [code for code, _ in above]
        return next(iter(staffed or unstaffed), "")


LATE, NOBODY = "overdue", "nobody_there"


@dataclass(frozen=True)
class Escalation:
    record: Record
    programmes: Mapping[str, Programme]
    nudges: Nudges
    deadlines: Deadlines

    def due(self, now: datetime) -> list[int]:
        """Ids of callbacks whose first response is overdue."""
        with self.record.reading() as connection:
            return callbacks.overdue(connection, now)

    def run(self, now: datetime) -> int:
        """Hands up everything overdue, and what nobody there may take; how many moved. Repeating
        it changes nothing."""
        raised = sum(self.check(callback_id, now) for callback_id in self.due(now))
        with self.record.reading() as connection:
            rising = callbacks.rising(connection)
            ladders = self._ladders(connection, now)
            rising = [one for one in rising if self._rises(connection, one, ladders)]
        return raised + sum(self._lift(callback_id, now) for callback_id in rising)

    def _ladders(self, connection: Connection, now: datetime) -> Ladders:
        return Ladders(connection, self.deadlines, now)

    def _rises(self, connection: Connection, callback_id: int, ladders: Ladders) -> bool:
        row = callbacks.get(connection, callback_id)
        if row is None or row.lease_officer is not None or row.state is not State.READY:
            return False
        (_, team), *higher = ladders.of(row.desk)
        needs, above = needs_of(row), [one for _, one in higher]
        return would_pass_unheard(needs, row.if_nobody, team, above) or rises(
            needs, row.priority, row.if_nobody, team, above
        )

    def _lift(self, callback_id: int, now: datetime) -> bool:
        """One level up at once, because nobody at the desk may take it now."""
        with self.record.writing() as connection:
            ladders = self._ladders(connection, now)
            if not self._rises(connection, callback_id, ladders):
                return False
            row = callbacks.get(connection, callback_id)
            assert row is not None
            self._hand_up(connection, row, ladders.above(row.desk), NOBODY, now)
            return True

    def check(self, callback_id: int, now: datetime) -> bool:
        """Hands one overdue callback one level up and tells both desks once."""
        with self.record.writing() as connection:
            row = callbacks.get(connection, callback_id)
            if row is None:
                return False
            row = settled(connection, row, now, self._programme(connection, row).rules)
            if row.lease_officer is not None or row.top_told or not row.is_overdue(now):
                return False
            self._raise(connection, row, now)
            return True

    def afresh(self, connection: Connection, row: CallbackRow, now: datetime) -> CallbackRow:
        """The row with a deadline from now on, after somebody decided about it."""
        programme = self._programme(connection, row).code
        opens = next_opening(row.windows, now)
        due = self.deadlines.first(programme, row.desk, row.priority, now, opens)
        return replace(row, due_at=due if row.windows else None, top_told=False)

    def _raise(self, connection: Connection, row: CallbackRow, now: datetime) -> None:
        self.nudges.post(connection, row, OVERDUE, now)
        above = self._ladders(connection, now).above(row.desk)
        if not above:  # nobody is left to hand it to: it stays overdue, and is said once
            callbacks.save(connection, replace(row, top_told=True))
            return
        self._hand_up(connection, row, above, LATE, now)

    def _hand_up(
        self, connection: Connection, row: CallbackRow, above: str, why: str, now: datetime
    ) -> None:
        programme = self._programme(connection, row).code
        opens = next_opening(row.windows, now) if why == NOBODY else None
        due = self.deadlines.first(programme, above, row.priority, now, opens)
        raised = replace(row, desk=above, level=row.level + 1, due_at=due, top_told=False)
        callbacks.save(connection, raised)
        audit.append(
            connection,
            at=now,
            actor="system",
            action="callback.escalated",
            subject=str(row.id),
            detail={
                "from_desk": row.desk,
                "to_desk": raised.desk,
                "level": raised.level,
                "reason": why,
            },
        )
        self.nudges.post(connection, raised, NEW, now)

    def settle(self, now: datetime) -> None:
        """Moves every callback that the clock asks to: leases that ended, windows that opened."""
        with self.record.reading() as connection:
            moving = [row.id for row in callbacks.unsettled(connection) if settle(row.clock, now)]
        for callback_id in moving:
            try:
                self._settle_one(callback_id, now)
            except Refused as stuck:  # one bad row must not stop the others
                logs.event("callback.stuck", callback=callback_id, reason=str(stuck))

    def _settle_one(self, callback_id: int, now: datetime) -> None:
        with self.record.writing() as connection:
            row = callbacks.get(connection, callback_id)
            if row is not None:
                settled(connection, row, now, self._programme(connection, row).rules)

    def _programme(self, connection: Connection, row: CallbackRow) -> Programme:
        return self.programmes[cases.get(connection, row.case_id).programme]
