"""Desks and officers in the record: who may work which queue, and which phone is told."""

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import Connection, insert, select, update

from helpline.core.directory import Desk
from helpline.store.schema import desks, memberships, officers


@dataclass(frozen=True, slots=True)
class DeskRow:
    code: str
    programme: str
    parent: str
    duty_phone: str
    duty_language: str


@dataclass(frozen=True, slots=True)
class Officer:
    id: int
    name: str
    woman: bool


def put_desks(connection: Connection, directory: Iterable[Desk]) -> None:
    """Adds the directory's desks and refreshes their ladder; duty phones stay as they are."""
    known = set(connection.scalars(select(desks.c.code)))
    for desk in directory:
        if desk.code in known:
            connection.execute(
                update(desks).where(desks.c.code == desk.code).values(parent=desk.parent)
            )
            continue
        connection.execute(
            insert(desks).values(
                code=desk.code,
                programme=desk.programme,
                parent=desk.parent,
                duty_phone="",
                duty_language="en",
            )
        )


def set_duty_phone(connection: Connection, code: str, phone: str, language: str) -> None:
    connection.execute(
        update(desks).where(desks.c.code == code).values(duty_phone=phone, duty_language=language)
    )


def get(connection: Connection, code: str) -> DeskRow | None:
    row = connection.execute(select(desks).where(desks.c.code == code)).one_or_none()
    return None if row is None else DeskRow(**row._mapping)


def all_desks(connection: Connection) -> list[DeskRow]:
    return [
        DeskRow(**row._mapping) for row in connection.execute(select(desks).order_by(desks.c.code))
    ]


def put_officer(connection: Connection, name: str, *, woman: bool, desks: Iterable[str]) -> None:
    """Adds an officer, or only the memberships that are missing."""
    found = connection.scalar(select(officers.c.id).where(officers.c.name == name))
    if found is None:
        row = insert(officers).values(name=name, woman=woman, active=True)
        found = connection.execute(row.returning(officers.c.id)).scalar_one()
    held = set(
        connection.scalars(select(memberships.c.desk).where(memberships.c.officer_id == found))
    )
    for desk in set(desks) - held:
        connection.execute(insert(memberships).values(officer_id=found, desk=desk))


def officers_of(connection: Connection, desk: str) -> list[Officer]:
    """The active officers of a desk, by name."""
    rows = connection.execute(
        select(officers.c.id, officers.c.name, officers.c.woman)
        .join(memberships, memberships.c.officer_id == officers.c.id)
        .where(memberships.c.desk == desk, officers.c.active)
        .order_by(officers.c.name)
    )
    return [Officer(*row) for row in rows]


def officer(connection: Connection, officer_id: int) -> Officer:
    found = select(officers.c.id, officers.c.name, officers.c.woman)
    return Officer(*connection.execute(found.where(officers.c.id == officer_id)).one())


def names(connection: Connection) -> dict[int, str]:
    return {row.id: row.name for row in connection.execute(select(officers.c.id, officers.c.name))}
