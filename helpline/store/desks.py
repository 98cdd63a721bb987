"""Desks in the record: their ladder, and which phone is told."""

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import Connection, insert, select, update

from helpline.core.directory import Desk
from helpline.store.schema import desks


@dataclass(frozen=True, slots=True)
class DeskRow:
    code: str
    programme: str
    parent: str
    duty_phone: str
    duty_language: str


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
