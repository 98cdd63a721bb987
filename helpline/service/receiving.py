"""The partner's side of referrals: what its own desk was sent, while the consent holds."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from helpline.core.directory import Directory
from helpline.core.errors import Refused
from helpline.core.label import O_
from helpline.core.referral import Event, Field, Rejected, Why
from helpline.service.grip import Grip
from helpline.service.referral_lines import Sent, receives_at, sent
from helpline.service.revoking import change
from helpline.service.sharing import Sharing, Source, check_dial, check_readable, ended
from helpline.store import audit, callbacks, cases, referrals
from helpline.store.officers import Officer
from helpline.store.referrals import ReferralRow


@dataclass(frozen=True, slots=True)
class Opened:
    """What was shared, by field in order. `number`: it was agreed, and is asked for apart."""

    line: Sent
    shared: Mapping[Field, object]
    number: bool


@dataclass(frozen=True)
class Receiving:
    grip: Grip
    directory: Callable[[], Directory]

    def inbox(self, desk: str, officer: Officer, now: datetime) -> list[Sent]:
        """What this desk was sent and may still see, the newest first."""
        with self.grip.record.reading() as connection:
            if not receives_at(connection, desk, officer):
                words = O_("{name} is not an officer of desk {desk}.")
                raise Refused(words, name=officer.name, desk=desk)
            found: list[Sent] = []
            for row in referrals.to_desk(connection, desk, now):
                source = _source(connection, row)
                if not ended(source.case, source.callback):
                    found.append(sent(connection, row, source.callback, now))
            return found

    def look(self, referral_id: str, officer: Officer, now: datetime) -> Sent:
        """The referral's line alone, for somebody of the desk that it was sent to."""
        with self.grip.record.reading() as connection:
            source = self._received(connection, referral_id, officer)
            return sent(connection, source.row, source.callback, now)

    def open(self, referral_id: str, officer: Officer, reason: Why, now: datetime) -> Opened:
        """Exactly what was shared, as the case has it now; audited with its reason (SAFETY 23)."""
        with self.grip.record.writing() as connection:
            source = self._readable(connection, referral_id, officer, now)
            shared = Sharing(self.grip.sealer).shared(source, self.directory(), now)
            _audit_reveal(connection, source, officer, "referral", reason, now)
            line = sent(connection, source.row, source.callback, now)
            return Opened(line, shared, Field.NUMBER in source.row.fields)

    def number(self, referral_id: str, officer: Officer, reason: Why, now: datetime) -> str:
        """The number, if it was shared, inside the safe window only; audited (SAFETY 2, 23)."""
        with self.grip.record.writing() as connection:
            source = self._readable(connection, referral_id, officer, now)
            check_dial(source, officer, now)
            number = Sharing(self.grip.sealer).number(source)
            _audit_reveal(connection, source, officer, "number", reason, now)
            return number

    def accept(self, referral_id: str, officer: Officer, now: datetime) -> Sent:
        return self._answer(referral_id, officer, Event.ACCEPT, "", now)

    def reject(self, referral_id: str, officer: Officer, reason: Rejected, now: datetime) -> Sent:
        """The desk that sent it is told to look."""
        return self._answer(referral_id, officer, Event.REJECT, reason.value, now)

    def done(self, referral_id: str, officer: Officer, now: datetime) -> Sent:
        return self._answer(referral_id, officer, Event.FINISH, "", now)

    def _answer(
        self, referral_id: str, officer: Officer, event: Event, reason: str, now: datetime
    ) -> Sent:
        with self.grip.record.writing() as connection:
            source = self._readable(connection, referral_id, officer, now)
            row = change(connection, source.row, event, reason, actor=officer.name, now=now)
            if event is Event.REJECT:
                self.grip.escalation.nudges.returned(connection, row, source.callback, now)
            return sent(connection, row, source.callback, now)

    def _received(self, connection: Connection, referral_id: str, officer: Officer) -> Source:
        row = referrals.get(connection, referral_id)
        if row is None or not receives_at(connection, row.to_desk, officer):
            raise Refused("Your desk has no such referral.")
        return _source(connection, row)

    def _readable(
        self, connection: Connection, referral_id: str, officer: Officer, now: datetime
    ) -> Source:
        source = self._received(connection, referral_id, officer)
        check_readable(source, now)
        return source


def _source(connection: Connection, row: ReferralRow) -> Source:
    case = cases.get(connection, row.case_id)
    return Source(row, case, callbacks.of_case(connection, case.id))


def _audit_reveal(
    connection: Connection,
    source: Source,
    officer: Officer,
    field: str,
    reason: Why,
    now: datetime,
) -> None:
    audit.append(
        connection,
        at=now,
        actor=officer.name,
        action=f"reveal.{field}",
        subject=str(source.callback.id),
        detail={"reason": reason.value, "desk": source.row.to_desk, "referral": source.row.id},
    )
