"""Shifts in the record: who is on at which desk, and from when to when."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, insert, select, update

from helpline.store.schema import duty_holders, officers, shifts

LATELY = timedelta(days=7)  # a desk that planned no shift for longer than this keeps no roster


@dataclass(frozen=True, slots=True)
class Shift:
    id: int
    officer_id: int
    desk: str
    starts_at: datetime
    ends_at: datetime


def put(
    connection: Connection, officer_id: int, desk: str, starts_at: datetime, ends_at: datetime
) -> bool:
    """False when a shift of this officer begins there at that moment already."""
    same = select(shifts.c.id).where(
        shifts.c.officer_id == officer_id, shifts.c.desk == desk, shifts.c.starts_at == starts_at
    )
    if connection.scalar(same) is not None:
        return False
    row = {"officer_id": officer_id, "desk": desk, "starts_at": starts_at, "ends_at": ends_at}
    connection.execute(insert(shifts).values(row))
    return True


def between(connection: Connection, desk: str, since: datetime, until: datetime) -> list[Shift]:
    """Those that touch this time, in order; officers who were disabled have none."""
    query = (
        select(shifts)
        .join(officers, officers.c.id == shifts.c.officer_id)
        .where(
            shifts.c.desk == desk,
            officers.c.active,
            shifts.c.ends_at > since,
            shifts.c.starts_at < until,
        )
        .order_by(shifts.c.starts_at, shifts.c.officer_id)
    )
    return [Shift(**row._mapping) for row in connection.execute(query)]


def on_now(connection: Connection, desk: str, now: datetime) -> list[int]:
    """Ids of the officers who are on shift at this moment."""
    found = between(connection, desk, now, now + timedelta(microseconds=1))
    return list(dict.fromkeys(shift.officer_id for shift in found))


def names_on(connection: Connection, now: datetime) -> list[tuple[str, str]]:
    """Desk and name of everybody who is on shift at this moment, anywhere."""
    query = (
        select(shifts.c.desk, officers.c.name)
        .join(officers, officers.c.id == shifts.c.officer_id)
        .where(officers.c.active, shifts.c.starts_at <= now, shifts.c.ends_at > now)
        .distinct()
        .order_by(shifts.c.desk, officers.c.name)
    )
    return [(row.desk, row.name) for row in connection.execute(query)]


def rostered(connection: Connection, desk: str, now: datetime) -> bool:
    """Whether the desk keeps shifts: one is planned, or was until lately."""
    query = select(shifts.c.id).where(shifts.c.desk == desk, shifts.c.ends_at > now - LATELY)
    return connection.scalar(query.limit(1)) is not None


def next_start(connection: Connection, desk: str, now: datetime) -> datetime | None:
    found = between(connection, desk, now, now + LATELY)
    return min((shift.starts_at for shift in found), default=None)


def get(connection: Connection, shift_id: int) -> Shift | None:
    row = connection.execute(select(shifts).where(shifts.c.id == shift_id)).one_or_none()
    return None if row is None else Shift(**row._mapping)


def finish(connection: Connection, shift_id: int, at: datetime) -> None:
    connection.execute(update(shifts).where(shifts.c.id == shift_id).values(ends_at=at))


def remove(connection: Connection, shift_id: int) -> None:
    connection.execute(delete(shifts).where(shifts.c.id == shift_id))


def holder(connection: Connection, desk: str) -> int | None:
    """Who has the desk's duty phone in hand."""
    return connection.scalar(select(duty_holders.c.officer_id).where(duty_holders.c.desk == desk))


def hold(connection: Connection, desk: str, officer_id: int | None) -> None:
    """None: nobody does."""
    connection.execute(delete(duty_holders).where(duty_holders.c.desk == desk))
    if officer_id is not None:
        row = {"desk": desk, "officer_id": officer_id}
        connection.execute(insert(duty_holders).values(row))
