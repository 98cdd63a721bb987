"""Ends referrals: with the case in one transaction, so that a partner sees nothing from then on."""

from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection

from helpline.core.referral import LIVE, Event, Revoked, step
from helpline.store import audit, outbox, referrals
from helpline.store.referrals import ReferralRow

TOLD = "referral"  # the kind of text that tells a partner's duty phone


def told_once(row: ReferralRow) -> str:
    """The name of that text: one per referral, for ever."""
    return f"{TOLD}|{row.id}"


def change(
    connection: Connection,
    row: ReferralRow,
    event: Event,
    reason: str = "",
    *,
    actor: str,
    now: datetime,
) -> ReferralRow:
    """The one way a referral changes state: by the core's table, with one audit row each."""
    moved = replace(row, state=step(row.state, event), reason=reason, changed_at=now)
    if moved.state not in LIVE:
        moved = referrals.without_note(moved)
        outbox.withhold(connection, told_once(row))
    referrals.save(connection, moved)
    detail = {"from": row.state.value, "to": moved.state.value}
    detail |= {"from_desk": row.from_desk, "to_desk": row.to_desk}
    if reason:
        detail["reason"] = reason
    audit.append(
        connection,
        at=now,
        actor=actor,
        action=f"referral.{event.value}",
        subject=row.id,
        detail=detail,
    )
    return moved


def revoke_of_case(
    connection: Connection, case_id: str, reason: Revoked, *, actor: str, now: datetime
) -> None:
    """Everything that is shared of this case, at once (SAFETY 11). Repeatable."""
    for row in referrals.of_case(connection, case_id):
        if row.state in LIVE:
            change(connection, row, Event.REVOKE, reason.value, actor=actor, now=now)
