"""What officers do: see the queue, claim, ring inside the safe window, record, close.

Every rule is enforced here, below any screen: membership, lease and fence, the safe window.
Every change and every reveal writes an audit row in the same transaction.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection

from helpline.core.callback import (
    MEANS_REACHED,
    TERMINAL,
    Attempted,
    Event,
    Outcome,
    State,
    after_attempt,
    lease_for,
    next_window_after,
)
from helpline.core.errors import Refused
from helpline.core.programme import Programme
from helpline.core.window import Window, next_opening, open_now
from helpline.crypto import Sealer
from helpline.service.escalate import Escalation
from helpline.service.filing import NUMBER, STORY
from helpline.service.moves import move, settled
from helpline.store import audit, callbacks, cases, desks
from helpline.store.callbacks import CallbackRow
from helpline.store.desks import Officer
from helpline.store.record import Record


@dataclass(frozen=True, slots=True)
class QueueRow:
    """One line of a desk's queue: nothing of the caller's."""

    id: int
    case_code: str
    desk: str
    state: str
    priority: str
    due_at: datetime | None
    window: Window | None
    lease_holder: str
    overdue: bool
    attempts: int
    fence: int
    woman: bool


@dataclass(frozen=True, slots=True)
class Revealed:
    """The number, for one attempt inside the safe window."""

    row: QueueRow
    number: str


@dataclass(frozen=True)
class DeskService:
    record: Record
    sealer: Sealer
    programmes: Mapping[str, Programme]
    escalation: Escalation

    def queue(self, desk: str | None, now: datetime, *, closed: bool = False) -> list[QueueRow]:
        """The callbacks of a desk (None: all), what must be rung first on top."""
        self.escalation.run(now)  # deadlines fire also with every worker dead
        with self.record.writing() as connection:
            over = () if closed else TERMINAL
            found = callbacks.of_desk(connection, desk, over=over)
            rows = [settled(connection, row, now) for row in found]
            lines = [self._line(connection, row, now) for row in rows]
        ready = {State.READY.value: 0, State.CLAIMED.value: 1, State.ATTEMPTING.value: 1}
        last = datetime.max.replace(tzinfo=now.tzinfo)
        order = {"danger": 0, "high": 1, "normal": 2}
        return sorted(
            lines,
            key=lambda r: (ready.get(r.state, 2), order[r.priority], r.due_at or last, r.id),
        )

    def officer(self, desk: str, name: str | None) -> Officer:
        """The desk's officer of that name; without a name the desk's first."""
        with self.record.reading() as connection:
            if desks.get(connection, desk) is None:
                raise Refused(f"There is no desk {desk}.")
            members = desks.officers_of(connection, desk)
        for member in members:
            if name in (None, member.name):
                return member
        who = f"{name} is not an officer of" if name else "No officer works at"
        raise Refused(f"{who} desk {desk}.")

    def claim(
        self, desk: str, officer: Officer, callback_id: int | None, now: datetime
    ) -> QueueRow:
        """Takes a callback for this officer under a lease; the next due one without an id.

        Of any number of simultaneous claims one wins; the others are told who has it.
        """
        if callback_id is None:
            callback_id = self._next(desk, now)
        with self.record.writing() as connection:
            row = self._row(connection, desk, callback_id, now)
            self._check_claim(connection, row, officer, now)
            if row.state is State.CLAIMED:
                return self._line(connection, row, now)  # it is this officer's already
            lease = lease_for(row.priority, self._rules(connection, row).rules)
            row = replace(
                row, lease_officer=officer.id, lease_until=now + lease, fence=row.fence + 1
            )
            row = move(connection, row, Event.CLAIM, actor=officer.name, now=now)
            return self._line(connection, row, now)

    def _next(self, desk: str, now: datetime) -> int:
        for line in self.queue(desk, now):
            if line.state == State.READY.value:
                return line.id
        raise Refused("Nothing is ready to be rung at this desk.")

    def _check_claim(
        self, connection: Connection, row: CallbackRow, officer: Officer, now: datetime
    ) -> None:
        holder = row.lease_officer
        if holder is not None and holder != officer.id:
            name = desks.names(connection)[holder]
            raise Refused(f"Callback {row.id} is with {name} now.")
        if row.state is State.WAITING:
            raise Refused(f"Callback {row.id} is outside its safe window. {_opens(row, now)}")
        if row.woman and not officer.woman:
            raise Refused(f"Callback {row.id} asks for a woman officer.")
        if row.state not in (State.READY, State.CLAIMED):
            raise Refused(f"Callback {row.id} is {row.state.value} and cannot be claimed.")

    def attempt(
        self, desk: str, officer: Officer, callback_id: int | None, fence: int | None, now: datetime
    ) -> Revealed:
        """Begins an attempt and gives the number, once and audited, inside the safe window only."""
        with self.record.writing() as connection:
            row = self._held(connection, desk, officer, callback_id, fence, now)
            if not open_now(row.windows, now):
                raise Refused(f"Callback {row.id} is outside its safe window. {_opens(row, now)}")
            if row.state is not State.ATTEMPTING:
                callbacks.begin_attempt(connection, row, officer.id, now)
                # A call takes longer than a lease for urgent claims: nobody may ring meanwhile.
                lease = self._rules(connection, row).rules.lease
                row = replace(row, lease_until=now + lease)
                row = move(connection, row, Event.ATTEMPT, actor=officer.name, now=now)
            number = self._open(connection, row, NUMBER)["number"]
            self._audit_reveal(connection, row, officer, NUMBER, "attempt", now)
            return Revealed(self._line(connection, row, now), str(number))

    def record_attempt(
        self,
        desk: str,
        officer: Officer,
        callback_id: int | None,
        outcome: Attempted,
        fence: int | None,
        now: datetime,
    ) -> QueueRow:
        """Writes down how the attempt went; the outcome decides the next state and time."""
        with self.record.writing() as connection:
            row = self._held(connection, desk, officer, callback_id, fence, now)
            if row.state is not State.ATTEMPTING:
                raise Refused(f"No attempt is going on for callback {row.id}; begin one first.")
            row = self._finish_attempt(connection, row, officer, outcome, now)
            return self._line(connection, row, now)

    def _finish_attempt(
        self,
        connection: Connection,
        row: CallbackRow,
        officer: Officer,
        outcome: Attempted,
        now: datetime,
    ) -> CallbackRow:
        callbacks.end_attempt(connection, row, outcome.value, now)
        rules = self._rules(connection, row).rules
        later = next_window_after(row.windows, now)
        count = row.attempts + 1
        event = after_attempt(outcome, count, rules, again=later is not None)
        row = replace(row, attempts=count)
        if event is not Event.REACH:
            row = replace(row, lease_officer=None, lease_until=None)
        if event is Event.MISS:
            row = replace(row, next_at=later, due_at=later and later + rules.due_high)
        return move(connection, row, event, actor=officer.name, now=now)

    def close(
        self,
        desk: str,
        officer: Officer,
        callback_id: int | None,
        outcome: Outcome,
        fence: int | None,
        now: datetime,
    ) -> QueueRow:
        """Ends the case. From a running attempt, an outcome of help given means: reached."""
        with self.record.writing() as connection:
            row = self._held(connection, desk, officer, callback_id, fence, now, ending=True)
            if row.state is State.ATTEMPTING and outcome in MEANS_REACHED:
                row = self._finish_attempt(connection, row, officer, Attempted.REACHED_SAFE, now)
            row = replace(row, lease_officer=None, lease_until=None, due_at=None)
            row = move(connection, row, Event.CLOSE, actor=officer.name, now=now)
            cases.close(connection, row.case_id, outcome.value, now)
            code = cases.get(connection, row.case_id).code
            detail = {"outcome": outcome.value, "desk": row.desk}
            audit.append(
                connection,
                at=now,
                actor=officer.name,
                action="case.closed",
                subject=code,
                detail=detail,
            )
            return self._line(connection, row, now)

    def story(
        self, desk: str, officer: Officer, callback_id: int, reason: str, now: datetime
    ) -> Mapping[str, object]:
        """What was told, for an officer of the desk, with a reason in the audit log (SAFETY 23)."""
        with self.record.writing() as connection:
            row = self._row(connection, desk, callback_id, now)
            told = self._open(connection, row, STORY)
            self._audit_reveal(connection, row, officer, STORY, reason, now)
            return told

    def show(self, desk: str, callback_id: int, now: datetime) -> QueueRow:
        with self.record.writing() as connection:
            return self._line(connection, self._row(connection, desk, callback_id, now), now)

    def find(self, desk: str, code: str) -> int:
        """The callback of a case code, at this desk only."""
        with self.record.reading() as connection:
            case = cases.by_code(connection, code)
            row = callbacks.of_case(connection, case.id) if case else None
        if row is None or row.desk != desk:
            raise Refused(f"Desk {desk} has no case {code}.")
        return row.id

    def _row(
        self, connection: Connection, desk: str, callback_id: int, now: datetime
    ) -> CallbackRow:
        row = callbacks.get(connection, callback_id)
        if row is None or row.desk != desk:
            raise Refused(f"Desk {desk} has no callback {callback_id}.")
        return settled(connection, row, now)

    def _held(
        self,
        connection: Connection,
        desk: str,
        officer: Officer,
        callback_id: int | None,
        fence: int | None,
        now: datetime,
        *,
        ending: bool = False,
    ) -> CallbackRow:
        """The callback that this officer holds; an expired or older claim cannot act."""
        if callback_id is None:
            callback_id = self._holding(connection, desk, officer)
        row = self._row(connection, desk, callback_id, now)
        free = ending and row.state in (State.REVIEW, State.HELD)
        if row.lease_officer != officer.id and not free:
            raise Refused(f"Callback {row.id} is not yours now; claim it first.")
        if fence is not None and fence != row.fence:
            raise Refused(f"Your claim of callback {row.id} is over; claim it again.")
        return row

    def _holding(self, connection: Connection, desk: str, officer: Officer) -> int:
        for row in callbacks.of_desk(connection, desk, over=TERMINAL):
            if row.lease_officer == officer.id:
                return row.id
        raise Refused(f"{officer.name} holds no callback at desk {desk}.")

    def _rules(self, connection: Connection, row: CallbackRow) -> Programme:
        return self.programmes[cases.get(connection, row.case_id).programme]

    def _open(self, connection: Connection, row: CallbackRow, field: str) -> Mapping[str, object]:
        case = cases.get(connection, row.case_id)
        sealed = case.sealed_number if field == NUMBER else case.sealed_story
        if sealed is None or not case.wrapped_key:
            raise Refused(f"The information of callback {row.id} was erased.")
        return self.sealer.open(case.id, field, case.wrapped_key, sealed)

    def _audit_reveal(
        self,
        connection: Connection,
        row: CallbackRow,
        officer: Officer,
        field: str,
        reason: str,
        now: datetime,
    ) -> None:
        audit.append(
            connection,
            at=now,
            actor=officer.name,
            action=f"reveal.{field}",
            subject=str(row.id),
            detail={"reason": reason, "desk": row.desk, "fence": row.fence},
        )

    def _line(self, connection: Connection, row: CallbackRow, now: datetime) -> QueueRow:
        holder = desks.names(connection).get(row.lease_officer or 0, "")
        return QueueRow(
            id=row.id,
            case_code=cases.get(connection, row.case_id).code,
            desk=row.desk,
            state=row.state.value,
            priority=row.priority.value,
            due_at=row.due_at,
            window=_window(row, now),
            lease_holder=holder,
            overdue=row.due_at is not None and row.due_at <= now,
            attempts=row.attempts,
            fence=row.fence,
            woman=row.woman,
        )


def _window(row: CallbackRow, now: datetime) -> Window | None:
    """The safe window that is open, else the next one."""
    current = [w.current(now) for w in row.windows if w.opens(now) is not None]
    return min(current, key=lambda w: w.start, default=None)


def _opens(row: CallbackRow, now: datetime) -> str:
    at = next_opening(row.windows, now)
    return f"It opens at {at:%Y-%m-%d %H:%M} UTC." if at else "It does not open again."
