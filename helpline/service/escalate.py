"""Deadlines: read from the record, so that they fire with every worker dead; each level once."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection

from helpline import logs
from helpline.core.callback import due_at, settle
from helpline.core.errors import Refused
from helpline.core.programme import Programme
from helpline.service.moves import settled
from helpline.service.nudges import NEW, OVERDUE, Nudges
from helpline.store import audit, callbacks, cases, desks
from helpline.store.callbacks import CallbackRow
from helpline.store.record import Record


@dataclass(frozen=True)
class Escalation:
    record: Record
    programmes: Mapping[str, Programme]
    nudges: Nudges

    def due(self, now: datetime) -> list[int]:
        """Ids of callbacks whose first response is overdue."""
        with self.record.reading() as connection:
            return callbacks.overdue(connection, now)

    def run(self, now: datetime) -> int:
        """Hands up everything overdue; how many moved. Repeating it changes nothing."""
        return sum(self.check(callback_id, now) for callback_id in self.due(now))

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

    def _raise(self, connection: Connection, row: CallbackRow, now: datetime) -> None:
        self.nudges.post(connection, row, OVERDUE, now)
        desk = desks.get(connection, row.desk)
        above = desk.parent if desk else ""
        rules = self._programme(connection, row).rules
        if not above:  # nobody is left to hand it to: it stays overdue, and is said once
            callbacks.save(connection, replace(row, top_told=True))
            return
        due = due_at(row.priority, rules, now, None)
        raised = replace(row, desk=above, level=row.level + 1, due_at=due)
        callbacks.save(connection, raised)
        audit.append(
            connection,
            at=now,
            actor="system",
            action="callback.escalated",
            subject=str(row.id),
            detail={"from_desk": row.desk, "to_desk": raised.desk, "level": raised.level},
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
