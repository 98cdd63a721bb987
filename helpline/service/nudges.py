"""Tells a desk's duty phone that something waits: neutral words, once per callback and level."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection

from helpline.core.label import N_
from helpline.core.report import Priority
from helpline.service.revoking import TOLD, told_once
from helpline.store import desks, outbox, shifts
from helpline.store.callbacks import CallbackRow
from helpline.store.referrals import ReferralRow

VALID = timedelta(hours=12)
NEW, OVERDUE = "nudge", "overdue"
# NOTE: {ref} is a short number that opens nothing by itself. Anyone may see this phone.
WORDS = {
    NEW: N_("New request {ref}. Please check."),
    OVERDUE: N_("Request {ref} is still waiting. Please check."),
    TOLD: N_("New request {ref}. Please check."),
}


def _quiet_until(connection: Connection, desk: str, at: datetime, now: datetime) -> datetime:
    """Where a roster says that nobody is on shift, the duty phone hears of it when the next shift
    begins; without any shift ahead at once, for then nobody would ever hear of it."""
    if shifts.on_now(connection, desk, at) or not shifts.rostered(connection, desk, now):
        return at
    return shifts.next_start(connection, desk, at) or at


@dataclass(frozen=True)
class Nudges:
    """`channels` names, per programme, the channel that can text a duty phone."""

    channels: Mapping[str, str]

    def post(
        self,
        connection: Connection,
        row: CallbackRow,
        kind: str,
        now: datetime,
        *,
        due_at: datetime | None = None,
        again: bool = False,
    ) -> None:
        """Queues the text for the callback's desk, unless it was told before or has no phone.

        What is overdue by another deadline, or comes `again` after a decision, is told once more.
        In danger no phone is quiet.
        """
        once = f"{kind}|{row.id}|{row.level}|{row.desk}|{row.priority.value}|{row.fence}"
        if (kind == OVERDUE or again) and row.due_at is not None:
            once = f"{once}|{row.due_at:%Y%m%d%H%M%S}"
        at = due_at or now
        if row.priority is not Priority.DANGER:
            at = _quiet_until(connection, row.desk, at, now)
        posting = self._posting(connection, row.id, row.desk, kind, once, now, at)
        if posting is None:
            return
        if not outbox.put(connection, posting):
            outbox.revive(connection, posting)

    def refer(
        self, connection: Connection, row: ReferralRow, callback_id: int, now: datetime
    ) -> None:
        """Queues the text for the partner's duty phone, once per referral."""
        once = told_once(row)
        at = _quiet_until(connection, row.to_desk, now, now)
        posting = self._posting(connection, callback_id, row.to_desk, TOLD, once, now, at)
        if posting is not None:
            outbox.put(connection, posting)

    def returned(
        self, connection: Connection, row: ReferralRow, callback: CallbackRow, now: datetime
    ) -> None:
        """The partner did not take it on: the desk must do something else."""
        once = f"{OVERDUE}|{told_once(row)}"
        at = _quiet_until(connection, callback.desk, now, now)
        posting = self._posting(connection, callback.id, callback.desk, OVERDUE, once, now, at)
        if posting is not None:
            outbox.put(connection, posting)

    def _posting(
        self,
        connection: Connection,
        ref: int,
        code: str,
        kind: str,
        once: str,
        now: datetime,
        at: datetime,
    ) -> outbox.Posting | None:
        """None where nobody can be told: no phone, or no channel that texts."""
        desk = desks.get(connection, code)
        if desk is None or not desk.duty_phone or desk.programme not in self.channels:
            return None
        return outbox.Posting(
            kind=kind,
            once=once,
            urgent=True,
            channel=self.channels[desk.programme],
            due_at=at,
            valid_until=at + VALID,
            created_at=now,
            callback_id=ref,
            desk=code,
        )
