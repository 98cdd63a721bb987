"""What officers do: see the queue, claim, ring inside the safe window, record, close.

Every rule is enforced here, below any screen: membership, lease and fence, the safe window.
Every change and every reveal writes an audit row in the same transaction.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
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
    lease_for,
    opening,
)
from helpline.core.errors import Refused
from helpline.core.programme import Programme, Rules
from helpline.core.window import open_now
from helpline.crypto import Sealer
from helpline.service.escalate import Escalation
from helpline.service.lines import QueueRow, in_order, line, opens
from helpline.service.moves import end_attempt, move
from helpline.service.stories import NUMBER, STORY
from helpline.store import audit, callbacks, cases, desks, officers
from helpline.store.callbacks import CallbackRow
from helpline.store.officers import Officer
from helpline.store.record import Record

_ANYONES = frozenset({State.REVIEW, State.HELD, State.REACHED, State.REFERRED})


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
        self.escalation.settle(now)
        self.escalation.run(now)  # deadlines fire also with every worker dead
        with self.record.reading() as connection:
            found = callbacks.of_desk(connection, desk, over=() if closed else TERMINAL)
            return in_order([line(connection, row, now) for row in found], now)

    def known(self, desk: str) -> None:
        """Refuses a desk that does not exist: an empty queue must never be a typing error."""
        with self.record.reading() as connection:
            if desks.get(connection, desk) is None:
                raise Refused(f"There is no desk {desk}.")

    def officer(self, desk: str, name: str | None) -> Officer:
        """The desk's officer of that name; without a name the desk's first."""
        self.known(desk)
        with self.record.reading() as connection:
            members = officers.of_desk(connection, desk)
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
            callback_id = self._next(desk, officer, now)
        with self._settled(now) as connection:
            row = self._row(connection, desk, officer, callback_id)
            _check_claim(connection, row, officer, now)
            if row.state is State.CLAIMED:
                return line(connection, row, now)  # it is this officer's already
            lease = lease_for(row.priority, self._rules(connection, row))
            row = replace(
                row, lease_officer=officer.id, lease_until=now + lease, fence=row.fence + 1
            )
            row = move(connection, row, Event.CLAIM, actor=officer.name, now=now)
            return line(connection, row, now)

    def _next(self, desk: str, officer: Officer, now: datetime) -> int:
        for row in self.queue(desk, now):
            if row.state == State.READY.value and (officer.woman or not row.woman):
                return row.id
        raise Refused("Nothing is ready to be rung at this desk.")

    def attempt(
        self, desk: str, officer: Officer, callback_id: int | None, fence: int | None, now: datetime
    ) -> Revealed:
        """Begins an attempt and gives the number, audited, inside the safe window only."""
        with self._settled(now) as connection:
            row = self._held(connection, desk, officer, callback_id, fence)
            _check_woman(row, officer)
            stale = row.consent_until is not None and row.consent_until <= now
            if stale or not open_now(row.windows, now):
                raise Refused(f"Callback {row.id} is outside its safe window. {opens(row, now)}")
            if row.state not in (State.CLAIMED, State.ATTEMPTING):
                raise Refused(f"Callback {row.id} is {row.state.value} and is not rung now.")
            if row.state is State.CLAIMED:
                callbacks.begin_attempt(connection, row, officer.id, now)
                lease = self._rules(connection, row).lease_attempt
                row = replace(row, lease_until=now + lease)
                row = move(connection, row, Event.ATTEMPT, actor=officer.name, now=now)
            number = self._open(connection, row, NUMBER)["number"]
            _audit_reveal(connection, row, officer, NUMBER, "attempt", now)
            return Revealed(line(connection, row, now), str(number))

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
        with self._settled(now) as connection:
            row = self._held(connection, desk, officer, callback_id, fence)
            if row.state is not State.ATTEMPTING:
                raise Refused(f"No attempt is going on for callback {row.id}; begin one first.")
            row = self._end_attempt(connection, row, officer, outcome, now)
            if row.state is State.WITHDRAWN:
                cases.close(connection, row.case_id, Outcome.WITHDRAWN.value, now)
            return line(connection, row, now)

    def _end_attempt(
        self,
        connection: Connection,
        row: CallbackRow,
        officer: Officer,
        outcome: Attempted,
        now: datetime,
    ) -> CallbackRow:
        rules = self._rules(connection, row)
        return end_attempt(connection, row, outcome, now, rules, actor=officer.name)

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
        with self._settled(now) as connection:
            row = self._held(connection, desk, officer, callback_id, fence, ending=True)
            _check_close(row, outcome)
            if row.state is State.ATTEMPTING and outcome in MEANS_REACHED:
                row = self._end_attempt(connection, row, officer, Attempted.REACHED_SAFE, now)
            row = replace(row, lease_officer=None, lease_until=None, due_at=None)
            row = move(connection, row, Event.CLOSE, actor=officer.name, now=now)
            cases.close(connection, row.case_id, outcome.value, now)
            audit.append(
                connection,
                at=now,
                actor=officer.name,
                action="case.closed",
                subject=cases.get(connection, row.case_id).code,
                detail={"outcome": outcome.value, "desk": row.desk},
            )
            return line(connection, row, now)

    def reopen(self, desk: str, officer: Officer, callback_id: int, now: datetime) -> QueueRow:
        """After a review: three more attempts at the times she agreed to, while those hold."""
        with self._settled(now) as connection:
            row = self._row(connection, desk, officer, callback_id)
            if row.state not in (State.REVIEW, State.HELD):
                raise Refused(f"Callback {row.id} is {row.state.value} and needs no reopening.")
            stale = row.consent_until is not None and row.consent_until <= now
            event = opening(row.windows, now)
            if stale or event not in (Event.OPEN, Event.WAIT):
                raise Refused(f"Callback {row.id} has no safe time any more; close it.")
            row = replace(row, attempts=0, next_at=None)
            row = move(connection, row, event, actor=officer.name, now=now)
            return line(connection, row, now)

    def story(
        self, desk: str, officer: Officer, callback_id: int, reason: str, now: datetime
    ) -> Mapping[str, object]:
        """What was told, for an officer of the desk, with a reason in the audit log (SAFETY 23)."""
        if not reason.strip():
            raise Refused("Say why you read this; the reason is logged.")
        with self._settled(now) as connection:
            row = self._row(connection, desk, officer, callback_id)
            told = self._open(connection, row, STORY)
            _audit_reveal(connection, row, officer, STORY, reason, now)
            return told

    def show(self, desk: str, officer: Officer, callback_id: int, now: datetime) -> QueueRow:
        with self._settled(now) as connection:
            return line(connection, self._row(connection, desk, officer, callback_id), now)

    def find(self, desk: str, code: str) -> int:
        """The callback of a case code (its hyphen is optional), at this desk only."""
        digits = code.replace("-", "")
        code = f"{digits[:4]}-{digits[4:]}"
        with self.record.reading() as connection:
            case = cases.by_code(connection, code)
            row = callbacks.of_case(connection, case.id) if case else None
        if row is None or row.desk != desk:
            raise Refused(f"Desk {desk} has no case {code}.")
        return row.id

    @contextmanager
    def _settled(self, now: datetime) -> Iterator[Connection]:
        """A transaction after the clock had its say; a refusal must not undo that."""
        self.escalation.settle(now)
        with self.record.writing() as connection:
            yield connection

    def _row(
        self, connection: Connection, desk: str, officer: Officer, callback_id: int
    ) -> CallbackRow:
        """The desk's callback, for an officer of the desk only."""
        if officer.id not in {member.id for member in officers.of_desk(connection, desk)}:
            raise Refused(f"{officer.name} is not an officer of desk {desk}.")
        row = callbacks.get(connection, callback_id)
        if row is None or row.desk != desk:
            raise Refused(f"Desk {desk} has no callback {callback_id}.")
        return row

    def _held(
        self,
        connection: Connection,
        desk: str,
        officer: Officer,
        callback_id: int | None,
        fence: int | None,
        *,
        ending: bool = False,
    ) -> CallbackRow:
        """The callback that this officer holds; an expired or older claim cannot act."""
        if callback_id is None:
            callback_id = self._holding(connection, desk, officer)
        row = self._row(connection, desk, officer, callback_id)
        free = ending and row.state in _ANYONES
        if row.lease_officer != officer.id and not free:
            raise Refused(_not_yours(row))
        if fence is not None and fence != row.fence:
            raise Refused(f"Your claim of callback {row.id} is over; claim it again.")
        return row

    def _holding(self, connection: Connection, desk: str, officer: Officer) -> int:
        for row in callbacks.of_desk(connection, desk, over=TERMINAL):
            if row.lease_officer == officer.id:
                return row.id
        raise Refused(f"{officer.name} holds no callback at desk {desk}.")

    def _rules(self, connection: Connection, row: CallbackRow) -> Rules:
        return self.programmes[cases.get(connection, row.case_id).programme].rules

    def _open(self, connection: Connection, row: CallbackRow, field: str) -> Mapping[str, object]:
        case = cases.get(connection, row.case_id)
        sealed = case.sealed_number if field == NUMBER else case.sealed_story
        if sealed is None or not case.wrapped_key:
            raise Refused(f"The information of callback {row.id} was erased.")
        return self.sealer.open(case.id, field, case.wrapped_key, sealed)


def _check_claim(connection: Connection, row: CallbackRow, officer: Officer, now: datetime) -> None:
    holder = row.lease_officer
    if holder is not None and holder != officer.id:
        raise Refused(f"Callback {row.id} is with {officers.names(connection)[holder]} now.")
    if row.state is State.WAITING:
        raise Refused(f"Callback {row.id} is outside its safe window. {opens(row, now)}")
    _check_woman(row, officer)
    if row.state is State.HELD and not row.windows:
        raise Refused(f"Callback {row.id} is held: the person asked not to be called.")
    if row.state not in (State.READY, State.CLAIMED):
        raise Refused(f"Callback {row.id} is {row.state.value} and cannot be claimed.")


def _not_yours(row: CallbackRow) -> str:
    if row.state in (State.READY, State.CLAIMED, State.ATTEMPTING, State.REACHED):
        return f"Callback {row.id} is not yours now; claim it first."
    return f"Callback {row.id} is {row.state.value}; there is nothing to do for you now."


def _check_close(row: CallbackRow, outcome: Outcome) -> None:
    """An outcome that says she was helped needs a call in which she was reached."""
    spoken = row.state in (State.ATTEMPTING, State.REACHED, State.REFERRED)
    if outcome in MEANS_REACHED and not spoken:
        raise Refused(
            f"Callback {row.id} is {row.state.value}: nobody was reached, so it cannot be closed "
            f"as {outcome.value}. Ring first, or close it with what is true."
        )


def _check_woman(row: CallbackRow, officer: Officer) -> None:
    """A hard rule: never substituted in silence."""
    if row.woman and not officer.woman:
        raise Refused(f"Callback {row.id} asks for a woman officer.")


def _audit_reveal(
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
