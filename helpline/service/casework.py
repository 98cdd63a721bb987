"""What officers do beside ringing: read, write down, hand on, let go, hold back."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection

from helpline.core.callback import TERMINAL, Attempted, Event, Outcome, State, lease_for
from helpline.core.errors import Refused
from helpline.core.label import O_
from helpline.core.matching import lacking
from helpline.core.partners import only_receives
from helpline.core.reasons import Reason
from helpline.service.desk import DeskService
from helpline.service.grip import Grip, audit_reveal, check_suits, member, state_of, supervisor
from helpline.service.lines import QueueRow, line, needs_of
from helpline.service.moves import move
from helpline.service.notes import LONGEST, Facts, Note, Notes, note
from helpline.service.nudges import NEW
from helpline.service.roster import skills, team_of
from helpline.service.stories import STORY
from helpline.store import audit, callbacks, cases, desks, officers, optouts
from helpline.store.callbacks import CallbackRow
from helpline.store.officers import Officer

_WITH_HER = frozenset({State.CLAIMED, State.ATTEMPTING, State.REACHED, State.REFERRED})


@dataclass(frozen=True)
class CaseWork:
    grip: Grip

    def story(
        self, desk: str, officer: Officer, callback_id: int, reason: str, now: datetime
    ) -> Mapping[str, object]:
        """What was told, for an officer of the desk who may take it or supervises; with a reason
        from the list, in the audit log (SAFETY 23)."""
        if reason not in {known.value for known in Reason}:
            raise Refused("Say why you read this; the reason is logged.")
        with self.grip.settled(now) as connection:
            row = self.grip.row(connection, desk, officer, callback_id)
            if reason == Reason.SUPERVISION.value:
                supervisor(officer)
            else:
                check_suits(connection, row, officer, now)
            told = self.grip.open(connection, row, STORY)
            audit_reveal(connection, row, officer, STORY, reason, now)
            return told

    def notes(
        self, desk: str, officer: Officer, callback_id: int, now: datetime
    ) -> tuple[tuple[Note, ...], Facts]:
        """What colleagues wrote down; they read it with the story, under the same reveal."""
        with self.grip.record.reading() as connection:
            row = self.grip.row(connection, desk, officer, callback_id)
            case, notes = cases.get(connection, row.case_id), Notes(self.grip.sealer)
            return notes.read(case), notes.facts(case)

    def wants_no_texts(self, desk: str, officer: Officer, callback_id: int) -> bool:
        """Whether the caller's number said STOP on some channel (SAFETY 18)."""
        with self.grip.record.reading() as connection:
            row = self.grip.row(connection, desk, officer, callback_id)
            case = cases.get(connection, row.case_id)
            return bool(case.number_index) and optouts.anywhere(connection, case.number_index)

    def write_down(
        self,
        desk: str,
        officer: Officer,
        callback_id: int,
        outcome: Attempted,
        fence: int,
        note_id: str,
        text: str,
        now: datetime,
    ) -> QueueRow:
        """How the attempt went, with its note if there is one: both are kept, or neither."""
        with self.grip.settled(now) as connection:
            grip = self.grip.within(connection)
            calls = DeskService(grip)
            row = calls.record_attempt(desk, officer, callback_id, outcome, fence, now)
            if text.strip():
                CaseWork(grip).add_note(desk, officer, callback_id, note_id, text, now)
            return row

    def end(
        self,
        desk: str,
        officer: Officer,
        callback_id: int,
        outcome: Outcome,
        facts: Facts,
        fence: int,
        now: datetime,
    ) -> QueueRow:
        """Closes the case with what the statistics ask: both are kept, or neither."""
        with self.grip.settled(now) as connection:
            grip = self.grip.within(connection)
            CaseWork(grip).set_facts(desk, officer, callback_id, facts, now)
            return DeskService(grip).close(desk, officer, callback_id, outcome, fence, now)

    def add_note(
        self,
        desk: str,
        officer: Officer,
        callback_id: int,
        note_id: str,
        text: str,
        now: datetime,
    ) -> None:
        """Keeps a note with the case, also from who no longer holds it: nothing written is lost.
        A note of the same `note_id` is kept once."""
        if not text.strip() or len(text) > LONGEST:
            raise Refused("A note has 1 to {most} letters.", most=LONGEST)
        with self.grip.settled(now) as connection:
            row = self.grip.row(connection, desk, officer, callback_id)
            case = cases.get(connection, row.case_id)
            if not case.wrapped_key:
                raise Refused("The information of callback {id} was erased.", id=row.id)
            written = note(note_id, now, officer.name, text.strip())
            if Notes(self.grip.sealer).add(connection, case, written):
                self._audit(connection, row, officer, "note.added", now)
                self._renew(connection, row, officer, now)

    def set_facts(
        self, desk: str, officer: Officer, callback_id: int, facts: Facts, now: datetime
    ) -> None:
        """Age and sex, for the statistics alone: they change nothing of who may take it."""
        with self.grip.settled(now) as connection:
            row = self.grip.row(connection, desk, officer, callback_id)
            case = cases.get(connection, row.case_id)
            if not case.wrapped_key:
                raise Refused("The information of callback {id} was erased.", id=row.id)
            notes = Notes(self.grip.sealer)
            if notes.facts(case) == facts:
                return
            notes.set_facts(connection, case, facts)
            self._audit(connection, row, officer, "facts.set", now)
            self._renew(connection, row, officer, now)

    def release(
        self, desk: str, officer: Officer, callback_id: int | None, fence: int | None, now: datetime
    ) -> QueueRow:
        """Gives a claimed callback back to the queue; its deadline stands."""
        with self.grip.settled(now) as connection:
            row = self.grip.held(connection, desk, officer, callback_id, fence)
            row = replace(row, lease_officer=None, lease_until=None)
            row = move(connection, row, Event.RELEASE, actor=officer.name, now=now)
            return line(connection, row, now)

    def renew(
        self, desk: str, officer: Officer, callback_id: int, fence: int | None, now: datetime
    ) -> QueueRow:
        """Somebody works on it: the lease begins anew."""
        with self.grip.settled(now) as connection:
            row = self.grip.held(connection, desk, officer, callback_id, fence)
            return line(connection, self._renew(connection, row, officer, now), now)

    def _renew(
        self, connection: Connection, row: CallbackRow, officer: Officer, now: datetime
    ) -> CallbackRow:
        if row.state is not State.CLAIMED or row.lease_officer != officer.id:
            return row  # a running attempt has its hour
        lease = lease_for(row.priority, self.grip.rules(connection, row))
        row = replace(row, lease_until=now + lease)
        callbacks.save(connection, row)
        return row

    def hand_over(
        self,
        desk: str,
        officer: Officer,
        callback_id: int,
        fence: int | None,
        to: str,
        now: datetime,
    ) -> QueueRow:
        """Gives a callback to a colleague of the desk who may take it; from then on it is hers.
        A supervisor may give what another officer holds."""
        with self.grip.settled(now) as connection:
            row = self.grip.row(connection, desk, officer, callback_id)
            if row.lease_officer != officer.id:
                supervisor(officer)
            elif fence is not None and fence != row.fence:
                raise Refused("Your claim of callback {id} is over; claim it again.", id=row.id)
            if row.state not in _WITH_HER:
                words = O_("Callback {id} is with nobody. It is: {state}.")
                raise Refused(words, id=row.id, state=state_of(row))
            return line(connection, self._handed(connection, row, officer, to, now), now)

    def _handed(
        self, connection: Connection, row: CallbackRow, officer: Officer, to: str, now: datetime
    ) -> CallbackRow:
        heir = next((o for o in officers.of_desk(connection, row.desk) if o.name == to), None)
        if heir is None:
            raise Refused("{name} is not an officer of desk {desk}.", name=to, desk=row.desk)
        member(connection, row.desk, heir)
        there = team_of(connection, row.desk, now).present
        if lacking(needs_of(row), skills(heir), there) is not None:
            raise Refused("{name} may not take callback {id}.", name=to, id=row.id)
        lease = lease_for(row.priority, self.grip.rules(connection, row))
        if row.state is State.ATTEMPTING:  # the line may still be open
            assert row.lease_until is not None
            lease = max(lease, row.lease_until - now)
            callbacks.pass_attempt(connection, row, row.fence + 1)
        row = replace(row, lease_officer=heir.id, lease_until=now + lease, fence=row.fence + 1)
        callbacks.save(connection, row)
        self._audit(connection, row, officer, "callback.handed_over", now, to=heir.name)
        return row

    def pass_on(
        self, desk: str, officer: Officer, callback_id: int, to: str, now: datetime
    ) -> QueueRow:
        """A supervisor gives a callback that nobody works on to another desk of the programme."""
        supervisor(officer)
        with self.grip.settled(now) as connection:
            row = self.grip.row(connection, desk, officer, callback_id)
            if row.state in TERMINAL or row.lease_officer is not None:
                words = O_("Callback {id} cannot be given away now. It is: {state}.")
                raise Refused(words, id=row.id, state=state_of(row))
            target = desks.get(connection, to)
            programme = cases.get(connection, row.case_id).programme
            known = self.grip.escalation.deadlines.directory().desks.get(to)
            works = known is not None and not only_receives(known)
            if target is None or target.programme != programme or to == desk or not works:
                raise Refused("Desk {desk} cannot take callback {id}.", desk=to, id=row.id)
            if not team_of(connection, to, now).members:
                raise Refused("Nobody works at desk {desk} yet.", desk=to)
            passed = self.grip.escalation.afresh(connection, replace(row, desk=to), now)
            callbacks.save(connection, passed)
            self._audit(connection, row, officer, "callback.passed_on", now, to_desk=to)
            self.grip.escalation.nudges.post(connection, passed, NEW, now, again=True)
            return line(connection, passed, now)

    def hold(self, desk: str, officer: Officer, callback_id: int, now: datetime) -> QueueRow:
        """A supervisor decides after a review that nobody rings."""
        supervisor(officer)
        with self.grip.settled(now) as connection:
            row = self.grip.row(connection, desk, officer, callback_id)
            if row.state is not State.REVIEW:
                words = O_("Callback {id} is not in review. It is: {state}.")
                raise Refused(words, id=row.id, state=state_of(row))
            row = replace(row, due_at=None)
            row = move(connection, row, Event.HOLD, actor=officer.name, now=now)
            return line(connection, row, now)

    def _audit(
        self,
        connection: Connection,
        row: CallbackRow,
        officer: Officer,
        action: str,
        now: datetime,
        **detail: str,
    ) -> None:
        audit.append(
            connection,
            at=now,
            actor=officer.name,
            action=action,
            subject=str(row.id),
            detail={"desk": row.desk, "fence": row.fence, **detail},
        )
