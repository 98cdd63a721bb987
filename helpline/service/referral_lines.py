"""The lines of a list of referrals, for both sides, and who may look at one."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from helpline.core.access import Act, may
from helpline.core.referral import Field, ReferralState, is_live
from helpline.service.sharing import ended
from helpline.store import cases, officers
from helpline.store.callbacks import CallbackRow
from helpline.store.officers import Officer
from helpline.store.referrals import ReferralRow


@dataclass(frozen=True, slots=True)
class Sent:
    """A referral in a list, for both sides: nothing of the caller's. `ref` is the number that
    the partner's duty phone was told; `live`: the partner can read what was shared."""

    id: str
    ref: int
    from_desk: str
    to_desk: str
    officer: str
    state: ReferralState
    reason: str
    fields: tuple[Field, ...]
    live: bool
    consent_until: datetime
    created_at: datetime
    changed_at: datetime


def sent(connection: Connection, row: ReferralRow, callback: CallbackRow, now: datetime) -> Sent:
    case = cases.get(connection, row.case_id)
    return Sent(
        id=row.id,
        ref=callback.id,
        from_desk=row.from_desk,
        to_desk=row.to_desk,
        officer=officers.names(connection).get(row.officer_id, ""),
        state=row.state,
        reason=row.reason,
        fields=row.fields,
        live=is_live(row.state, row.consent_until, now) and not ended(case, callback),
        consent_until=row.consent_until,
        created_at=row.created_at,
        changed_at=row.changed_at,
    )


def receives_at(connection: Connection, desk: str, officer: Officer) -> bool:
    """Whether she reads what this desk is sent, as the record knows her now."""
    return any(
        member.id == officer.id and may(member.role, Act.RECEIVE)
        for member in officers.of_desk(connection, desk)
    )


def staffed(connection: Connection, desk: str) -> bool:
    """Whether anybody of the desk can read a referral."""
    return any(may(member.role, Act.RECEIVE) for member in officers.of_desk(connection, desk))
