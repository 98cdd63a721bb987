"""Referrals in the record: who was sent what, by name of field; the note only sealed."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert, select, update

from helpline.core.referral import LIVE, Field, ReferralState, in_order
from helpline.store.schema import referrals


@dataclass(frozen=True, slots=True)
class ReferralRow:
    """A referral. `reason` says why it was rejected or revoked, "" until then."""

    id: str
    case_id: str
    from_desk: str
    to_desk: str
    officer_id: int
    state: ReferralState
    reason: str
    fields: tuple[Field, ...]
    sealed: bytes | None
    consent_until: datetime
    created_at: datetime
    changed_at: datetime


def _values(row: ReferralRow) -> dict[str, object]:
    values = {name: getattr(row, name) for name in ReferralRow.__dataclass_fields__}
    values["state"] = row.state.value
    values["fields"] = [field.value for field in in_order(row.fields)]
    return values


def _row(found: Mapping[Any, Any]) -> ReferralRow:
    fields = in_order(Field(name) for name in found["fields"])
    return ReferralRow(**{**found, "state": ReferralState(found["state"]), "fields": fields})


def put(connection: Connection, row: ReferralRow) -> None:
    connection.execute(insert(referrals).values(_values(row)))


def save(connection: Connection, row: ReferralRow) -> None:
    connection.execute(update(referrals).where(referrals.c.id == row.id).values(_values(row)))


def get(connection: Connection, referral_id: str) -> ReferralRow | None:
    found = connection.execute(select(referrals).where(referrals.c.id == referral_id))
    row = found.mappings().one_or_none()
    return None if row is None else _row(row)


def of_case(connection: Connection, case_id: str) -> list[ReferralRow]:
    """The newest first."""
    query = select(referrals).where(referrals.c.case_id == case_id)
    newest = query.order_by(referrals.c.created_at.desc(), referrals.c.id)
    return [_row(row) for row in connection.execute(newest).mappings()]


def to_desk(connection: Connection, desk: str, now: datetime) -> list[ReferralRow]:
    """What this desk was sent and is still agreed to, the newest first; nothing revoked."""
    query = select(referrals).where(
        referrals.c.to_desk == desk,
        referrals.c.state != ReferralState.REVOKED.value,
        referrals.c.consent_until > now,
    )
    newest = query.order_by(referrals.c.created_at.desc(), referrals.c.id)
    return [_row(row) for row in connection.execute(newest).mappings()]


def live_at(rows: Iterable[ReferralRow], desk: str, now: datetime) -> bool:
    """Whether one of these is with that desk now."""
    ours = (row for row in rows if row.to_desk == desk)
    return any(row.state in LIVE and now < row.consent_until for row in ours)


def without_note(row: ReferralRow) -> ReferralRow:
    return replace(row, sealed=None)
