"""What is read of many cases at once, to be counted."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, func, select

from helpline.core.callback import Attempted
from helpline.core.referral import ReferralState
from helpline.core.report import Priority
from helpline.core.window import Window
from helpline.store.callbacks import read_windows
from helpline.store.cases import CaseRow
from helpline.store.schema import attempts, callbacks, cases, referrals

# Refused, or taken back: nobody was helped by it.
_NOT_REFERRED = (ReferralState.REJECTED.value, ReferralState.REVOKED.value)
_SPOKEN = (Attempted.REACHED_SAFE.value, Attempted.REACHED_UNSAFE.value)


@dataclass(frozen=True, slots=True)
class Counted:
    """A case, still sealed, and what its callback came to."""

    case: CaseRow
    priority: Priority
    windows: tuple[Window, ...]
    attempts: int
    first_attempt_at: datetime | None
    reached: bool
    referred: bool


def of_scope(
    connection: Connection,
    programme: str,
    desks: Collection[str] | None,
    filed: tuple[datetime, datetime],
) -> list[Counted]:
    """The cases of a programme from one moment to before another, in their order; or only those
    whose callback is now at one of these desks."""
    first_try = func.min(attempts.c.started_at)
    begun = select(attempts.c.callback_id, first_try).group_by(attempts.c.callback_id)
    tried: dict[int, datetime] = {row[0]: row[1] for row in connection.execute(begun)}
    spoken = set(
        connection.scalars(select(attempts.c.callback_id).where(attempts.c.outcome.in_(_SPOKEN)))
    )
    taken = select(referrals.c.case_id).where(referrals.c.state.not_in(_NOT_REFERRED))
    handed_on = set(connection.scalars(taken.distinct()))
    found = []
    for row in connection.execute(_query(programme, desks, filed)).mappings():
        callback = row["callback_id"]
        found.append(
            Counted(
                case=CaseRow(**{column.name: row[column.name] for column in cases.c}),
                priority=Priority(row["callback_priority"]),
                windows=read_windows(row["callback_windows"]),
                attempts=row["callback_attempts"],
                first_attempt_at=tried.get(callback),
                reached=callback in spoken,
                referred=row["id"] in handed_on,
            )
        )
    return found


def _query(
    programme: str, desks: Collection[str] | None, filed: tuple[datetime, datetime]
) -> "Select[*tuple[Any, ...]]":
    of_callback = (callbacks.c.id, callbacks.c.priority, callbacks.c.windows, callbacks.c.attempts)
    query = (
        select(*cases.c, *(column.label(f"callback_{column.name}") for column in of_callback))
        .join(callbacks, callbacks.c.case_id == cases.c.id)
        .where(cases.c.programme == programme)
        .where(cases.c.created_at >= filed[0], cases.c.created_at < filed[1])
        .order_by(cases.c.created_at, cases.c.id)
    )
    return query if desks is None else query.where(callbacks.c.desk.in_(sorted(desks)))


def first(connection: Connection, programme: str) -> datetime | None:
    """When the programme's first case was filed."""
    query = select(cases.c.created_at).where(cases.c.programme == programme)
    return connection.scalar(query.order_by(cases.c.created_at).limit(1))
