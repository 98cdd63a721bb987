"""Referrals to partners and sub-desks: with consent, only the agreed fields, taken back at once.

A partner sees what its own desk was sent, while the consent holds, and nothing of the queue.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection

from helpline.core.access import Act, may
from helpline.core.callback import Event as Moved
from helpline.core.callback import State
from helpline.core.directory import Desk, Directory
from helpline.core.errors import Refused
from helpline.core.label import O_
from helpline.core.partners import partners_of
from helpline.core.referral import (
    BY_DESK,
    Consent,
    Event,
    Field,
    ReferralState,
    Revoked,
    check_note,
    in_order,
)
from helpline.service.grip import Grip, check_suits, member, state_of
from helpline.service.moves import move
from helpline.service.receiving import Receiving
from helpline.service.referral_lines import Sent as Sent
from helpline.service.referral_lines import sent, staffed
from helpline.service.revoking import change
from helpline.service.sharing import Sharing
from helpline.store import audit, callbacks, cases, referrals
from helpline.store.callbacks import CallbackRow
from helpline.store.cases import CaseRow
from helpline.store.officers import Officer
from helpline.store.referrals import ReferralRow

_ID = re.compile("[0-9a-f]{32}")


@dataclass(frozen=True, slots=True)
class Asked:
    """A form that was sent. `referral_id` was made with the form: twice sent, once stored.

    `days` is how long the partner may read; `consent` None: nobody said how she agreed.
    """

    referral_id: str
    to_desk: str
    fields: tuple[Field, ...]
    note: str
    days: int
    consent: Consent | None


@dataclass(frozen=True)
class Referring:
    grip: Grip
    directory: Callable[[], Directory]

    @property
    def partner(self) -> Receiving:
        """What the other side may do."""
        return Receiving(self.grip, self.directory)

    @property
    def _sharing(self) -> Sharing:
        return Sharing(self.grip.sealer)

    def partners(self, desk: str) -> tuple[Desk, ...]:
        """Those to which this desk may refer and where somebody can read it."""
        with self.grip.record.reading() as connection:
            found = partners_of(self.directory(), desk)
            return tuple(one for one in found if staffed(connection, one.code))

    def refer(
        self, desk: str, officer: Officer, callback_id: int, asked: Asked, now: datetime
    ) -> Sent:
        """Shares the agreed fields with a partner. Repeating the same form changes nothing."""
        with self.grip.settled(now) as connection:
            callback = self.grip.row(connection, desk, officer, callback_id)
            case = cases.get(connection, callback.case_id)
            if known := referrals.get(connection, asked.referral_id):
                if known.case_id != case.id:
                    raise Refused("This form belongs to another case. Open it again.")
                return sent(connection, known, callback, now)
            if not may(officer.role, Act.REVIEW):
                check_suits(connection, callback, officer, now)
            self._check(connection, callback, case, asked, now)
            row = self._row(callback, case, officer, asked, now)
            referrals.put(connection, row)
            if callback.state is State.REACHED:
                callback = move(connection, callback, Moved.REFER, actor=officer.name, now=now)
            _audit_sent(connection, row, callback, officer, asked, now)
            self.grip.escalation.nudges.refer(connection, row, callback.id, now)
            return sent(connection, row, callback, now)

    def of_case(self, desk: str, officer: Officer, callback_id: int, now: datetime) -> list[Sent]:
        """The case's referrals for its desk, the newest first."""
        with self.grip.record.reading() as connection:
            callback = self.grip.row(connection, desk, officer, callback_id)
            found = referrals.of_case(connection, callback.case_id)
            return [sent(connection, row, callback, now) for row in found]

    def revoke(
        self, desk: str, officer: Officer, referral_id: str, reason: Revoked, now: datetime
    ) -> Sent:
        """At once: from here on the partner sees nothing of it."""
        if reason not in BY_DESK:
            raise Refused("Choose why it is taken back.")
        with self.grip.settled(now) as connection:
            member(connection, desk, officer)
            row = referrals.get(connection, referral_id)
            callback = callbacks.of_case(connection, row.case_id) if row else None
            if row is None or callback is None or desk not in (row.from_desk, callback.desk):
                raise Refused("Desk {desk} has no such referral.", desk=desk)
            why = reason.value
            row = change(connection, row, Event.REVOKE, why, actor=officer.name, now=now)
            return sent(connection, row, callback, now)

    def _check(
        self,
        connection: Connection,
        callback: CallbackRow,
        case: CaseRow,
        asked: Asked,
        now: datetime,
    ) -> None:
        if not _ID.fullmatch(asked.referral_id):
            raise Refused("Open the form again and send it once more.")
        if callback.state not in (State.REACHED, State.REFERRED):
            words = O_("Talk with the person first. Callback {id} is: {state}.")
            raise Refused(words, id=callback.id, state=state_of(callback))
        self._check_consent(case, asked)
        self._check_partner(connection, callback.desk, asked.to_desk)
        if not asked.fields:
            raise Refused("Choose at least one thing to share.")
        check_note(asked.fields, asked.note)
        if asked.days not in self.grip.rules(connection, callback).referral_days:
            raise Refused("Choose how long the partner may read this.")
        if referrals.live_at(referrals.of_case(connection, case.id), asked.to_desk, now):
            raise Refused("This partner has the case already. Take that referral back first.")

    def _check_consent(self, case: CaseRow, asked: Asked) -> None:
        """Nothing is shared that the person did not agree to (SAFETY 11)."""
        if not case.wrapped_key:
            raise Refused("The information of this case was erased.")
        if asked.consent is None:
            raise Refused("Nothing is shared without consent. Ask the person, then say how.")
        if asked.consent is Consent.REPORT and not self._sharing.consented(case):
            raise Refused("The person did not agree on the phone. Ask in the call.")

    def _check_partner(self, connection: Connection, desk: str, to_desk: str) -> None:
        if to_desk not in {one.code for one in partners_of(self.directory(), desk)}:
            raise Refused("This is no partner of your desk. Choose one of the list.")
        if not staffed(connection, to_desk):
            raise Refused("Nobody of this partner reads referrals here. Call them.")

    def _row(
        self, callback: CallbackRow, case: CaseRow, officer: Officer, asked: Asked, now: datetime
    ) -> ReferralRow:
        assert asked.consent is not None
        return ReferralRow(
            id=asked.referral_id,
            case_id=case.id,
            from_desk=callback.desk,
            to_desk=asked.to_desk,
            officer_id=officer.id,
            state=ReferralState.SENT,
            reason="",
            fields=in_order(asked.fields),
            sealed=self._sharing.seal(asked.referral_id, case, asked.note, asked.consent),
            consent_until=now + timedelta(days=asked.days),
            created_at=now,
            changed_at=now,
        )


def _audit_sent(
    connection: Connection,
    row: ReferralRow,
    callback: CallbackRow,
    officer: Officer,
    asked: Asked,
    now: datetime,
) -> None:
    """Without the case code: a partner's supervisor reads this row, and the code with a phone is
    the person's own way in."""
    assert asked.consent is not None
    detail: dict[str, str | int | bool] = {
        "row": callback.id,
        "from_desk": row.from_desk,
        "to_desk": row.to_desk,
        "fields": ",".join(field.value for field in row.fields),
        "until": row.consent_until.isoformat(),
        "reason": asked.consent.value,
    }
    audit.append(
        connection,
        at=now,
        actor=officer.name,
        action="referral.sent",
        subject=row.id,
        detail=detail,
    )
