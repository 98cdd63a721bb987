"""How often a blind key failed, and until when it waits."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, insert, select

from helpline.store.schema import throttles


@dataclass(frozen=True, slots=True)
class Throttled:
    key: str
    failures: int
    until: datetime


def get(connection: Connection, key: str) -> Throttled | None:
    row = connection.execute(select(throttles).where(throttles.c.key == key)).one_or_none()
    return None if row is None else Throttled(**row._mapping)


def put(connection: Connection, row: Throttled) -> None:
    clear(connection, row.key)
    values = {"key": row.key, "failures": row.failures, "until": row.until}
    connection.execute(insert(throttles).values(values))


def clear(connection: Connection, key: str) -> None:
    connection.execute(delete(throttles).where(throttles.c.key == key))


def forget(connection: Connection, before: datetime) -> None:
    """Those whose wait ended before: typed names must not pile up."""
    connection.execute(delete(throttles).where(throttles.c.until < before))
