"""What officers do: see the queue, claim, ring inside the safe window, record, close.

Every rule is enforced here, below any screen: membership, lease and fence, the safe window, who
may take it. Every change and every reveal writes an audit row in the same transaction.
"""

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
from helpline.core.label import O_, Text
from helpline.core.matching import lacking
from helpline.core.officer_words import OUTCOMES
from helpline.core.programme import WAIT
from helpline.core.window import next_opening, open_now
from helpline.service.grip import (
    DECIDED,
    Grip,
    audit_reveal,
    check_suits,
    member,
    state_of,
    supervisor,
)
from helpline.service.lines import QueueRow, in_order, line, needs_of
from helpline.service.moves import end_attempt, move
from helpline.service.nudges import NEW
from helpline.service.roster import skills, team_of
from helpline.service.stories import NUMBER, STORY, words_of
from helpline.store import audit, callbacks, cases, desks, officers
from helpline.store.callbacks import CallbackRow
from helpline.store.officers import Officer


@dataclass(frozen=True, slots=True)
class Revealed:
    """The number, for one attempt inside the safe window, and what the call needs: the secret
    words that were agreed (SAFETY 6), and what to do when the line drops (SAFETY 4)."""

    row: QueueRow
    number: str
    words: tuple[str, ...] = ()
    if_call_drops: str = WAIT


@dataclass(frozen=True)
class DeskService:
    grip: Grip

    def queue(self, desk: str | None, now: datetime, *, closed: bool = False) -> list[QueueRow]:
        """The callbacks of a desk (None: all), what must be rung first on top."""
        self.grip.escalation.settle(now)
        self.grip.escalation.run(now)  # deadlines fire also with every worker dead
        with self.grip.record.reading() as connection:
            found = callbacks.of_desk(connection, desk, over=() if closed else TERMINAL)
            names = officers.names(connection)
            return in_order([line(connection, row, now, names) for row in found], now)

    def known(self, desk: str) -> None:
        """Refuses a desk that does not exist: an empty queue must never be a typing error."""
        with self.grip.record.reading() as connection:
            if desks.get(connection, desk) is None:
                raise Refused("There is no desk {desk}.", desk=desk)

    def officer(self, desk: str, name: str | None) -> Officer:
        """The desk's officer of that name; without a name the desk's first."""
        self.known(desk)
        with self.grip.record.reading() as connection:
            members = officers.of_desk(connection, desk)
        for one in members:
            if name in (None, one.name):
                return one
        if name:
            raise Refused("{name} is not an officer of desk {desk}.", name=name, desk=desk)
        raise Refused("No officer works at desk {desk}.", desk=desk)

    def claim(
        self, desk: str, officer: Officer, callback_id: int | None, now: datetime
    ) -> QueueRow:
        """Takes a callback for this officer under a lease; the next due one without an id.

        Of any number of simultaneous claims one wins; the others are told who has it.
        """
        if callback_id is None:
            callback_id = self._next(desk, officer, now)
        with self.grip.settled(now) as connection:
            row = self.grip.row(connection, desk, officer, callback_id)
            _check_claim(connection, row, officer, now)
            if row.state is State.CLAIMED:
                return line(connection, row, now)  # it is this officer's already
            lease = lease_for(row.priority, self.grip.rules(connection, row))
            row = replace(
                row, lease_officer=officer.id, lease_until=now + lease, fence=row.fence + 1
            )
            row = move(connection, row, Event.CLAIM, actor=officer.name, now=now)
            return line(connection, row, now)

    def _next(self, desk: str, officer: Officer, now: datetime) -> int:
        lines = self.queue(desk, now)
        with self.grip.record.reading() as connection:
            team = team_of(connection, desk, now).present
            for one in lines:
                row = callbacks.get(connection, one.id)
                if row is None or row.state is not State.READY:
                    continue
                if lacking(needs_of(row), skills(officer), team) is None:
                    return one.id
        raise Refused("Nothing is ready to be rung at this desk.")

    def attempt(
        self, desk: str, officer: Officer, callback_id: int | None, fence: int | None, now: datetime
    ) -> Revealed:
        """Begins an attempt and gives the number, audited, inside the safe window only."""
        with self.grip.settled(now) as connection:
            row = self._begun(connection, desk, officer, callback_id, fence, now)
            number = self.grip.open(connection, row, NUMBER)["number"]
            audit_reveal(connection, row, officer, NUMBER, "attempt", now)
            told = self.grip.open(connection, row, STORY)["reports"]
            assert isinstance(told, list)
            drops = [str(e["if_call_drops"]) for e in told if "if_call_drops" in e]
            words = tuple(sorted(words_of(told)))
            shown = line(connection, row, now)
            return Revealed(shown, str(number), words, drops[-1] if drops else WAIT)

    def _begun(
        self,
        connection: Connection,
        desk: str,
        officer: Officer,
        callback_id: int | None,
        fence: int | None,
        now: datetime,
    ) -> CallbackRow:
        row = self.grip.held(connection, desk, officer, callback_id, fence)
        check_suits(connection, row, officer, now)
        _check_window(row, now)
        if row.state not in (State.CLAIMED, State.ATTEMPTING):
            words = O_("Callback {id} is not rung now. It is: {state}.")
            raise Refused(words, id=row.id, state=state_of(row))
        if row.state is State.ATTEMPTING:
            return row
        callbacks.begin_attempt(connection, row, officer.id, now)
        lease = self.grip.rules(connection, row).lease_attempt
        row = replace(row, lease_until=now + lease)
        return move(connection, row, Event.ATTEMPT, actor=officer.name, now=now)

    def record_attempt(
        self,
        desk: str,
        officer: Officer,
        callback_id: int | None,
        outcome: Attempted,
        fence: int | None,
        now: datetime,
        *,
        unseen: bool = False,
    ) -> QueueRow:
        """Writes down how the attempt went; the outcome decides the next state and time.

        `unseen`: it is told afterwards, by somebody who rang without this system (a text from the
        duty phone); the attempt is then begun here, under the same rules, without the number.
        """
        with self.grip.settled(now) as connection:
            row = self.grip.held(connection, desk, officer, callback_id, fence)
            if unseen and row.state is State.CLAIMED:
                row = self._begun(connection, desk, officer, row.id, fence, now)
            if row.state is not State.ATTEMPTING:
                words = O_("No attempt is going on for callback {id}; begin one first.")
                raise Refused(words, id=row.id)
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
        rules = self.grip.rules(connection, row)
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
        with self.grip.settled(now) as connection:
            row = self.grip.held(connection, desk, officer, callback_id, fence, ending=True)
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
        with self.grip.settled(now) as connection:
            row = self.grip.row(connection, desk, officer, callback_id)
            if row.state not in DECIDED:
                words = O_("Callback {id} needs no reopening. It is: {state}.")
                raise Refused(words, id=row.id, state=state_of(row))
            supervisor(officer)
            event = opening(row.windows, now)
            if _stale(row, now) or event not in (Event.OPEN, Event.WAIT):
                raise Refused("Callback {id} has no safe time any more; close it.", id=row.id)
            escalation = self.grip.escalation
            row = escalation.afresh(connection, replace(row, attempts=0, next_at=None), now)
            row = move(connection, row, event, actor=officer.name, now=now)
            escalation.nudges.post(connection, row, NEW, now, again=True)
            return line(connection, row, now)

    def show(self, desk: str, officer: Officer, callback_id: int, now: datetime) -> QueueRow:
        with self.grip.settled(now) as connection:
            return line(connection, self.grip.row(connection, desk, officer, callback_id), now)

    def find(self, desk: str, code: str) -> int:
        """The callback of a case code (its hyphen is optional), at this desk only."""
        digits = code.replace("-", "")
        code = f"{digits[:4]}-{digits[4:]}"
        with self.grip.record.reading() as connection:
            case = cases.by_code(connection, code)
            row = callbacks.of_case(connection, case.id) if case else None
        if row is None or row.desk != desk:
            raise Refused("Desk {desk} has no case {code}.", desk=desk, code=code)
        return row.id

    def who(self, desk: str, officer: Officer) -> None:
        """Refuses whoever is not an officer of the desk."""
        with self.grip.record.reading() as connection:
            member(connection, desk, officer)


def _check_claim(connection: Connection, row: CallbackRow, officer: Officer, now: datetime) -> None:
    holder = row.lease_officer
    if holder is not None and holder != officer.id:
        who = officers.names(connection)[holder]
        raise Refused("Callback {id} is with {who} now.", id=row.id, who=who)
    if row.state is State.WAITING:
        raise _closed_now(row, now)
    check_suits(connection, row, officer, now)
    if row.state is State.HELD and not row.windows:
        raise Refused("Callback {id} is held: the person asked not to be called.", id=row.id)
    if row.state not in (State.READY, State.CLAIMED):
        words = O_("Callback {id} cannot be claimed. It is: {state}.")
        raise Refused(words, id=row.id, state=state_of(row))


def _stale(row: CallbackRow, now: datetime) -> bool:
    return row.consent_until is not None and row.consent_until <= now


def _check_window(row: CallbackRow, now: datetime) -> None:
    if _stale(row, now) or not open_now(row.windows, now):
        raise _closed_now(row, now)


def _closed_now(row: CallbackRow, now: datetime) -> Refused:
    at = next_opening(row.windows, max(now, row.next_at or now))
    if at is None or _stale(row, now):
        return Refused(
            "Callback {id} is outside its safe time, which does not come again.", id=row.id
        )
    words = O_("Callback {id} is outside its safe time. It begins at {at} UTC.")
    return Refused(words, id=row.id, at=f"{at:%Y-%m-%d %H:%M}")


def _check_close(row: CallbackRow, outcome: Outcome) -> None:
    """An outcome that says she was helped needs a call in which she was reached."""
    spoken = row.state in (State.ATTEMPTING, State.REACHED, State.REFERRED)
    if outcome in MEANS_REACHED and not spoken:
        words = O_(
            "Nobody was reached for callback {id}, so it cannot be closed as: {outcome}. "
            "Ring first, or close it with what is true."
        )
        raise Refused(words, id=row.id, outcome=Text(OUTCOMES[outcome]))
