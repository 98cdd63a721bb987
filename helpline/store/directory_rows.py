"""The operator's rows of the directory: what was imported over the packaged tables.

Rows are added and changed, never deleted: cases refer to desks. The highest import is the
directory's revision.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, bindparam, func, insert, select, update

from helpline.store.schema import directory_imports as imports
from helpline.store.schema import directory_rows as stored

Cells = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class OwnRow:
    table: str
    key: str
    cells: Cells
    import_id: int


def revision(connection: Connection) -> int:
    """0 before the first import."""
    return connection.scalar(select(func.max(imports.c.id))) or 0


def rows(connection: Connection) -> list[OwnRow]:
    """All of them, each table's in the order in which they first came."""
    columns = (stored.c.table_name, stored.c.key, stored.c.cells, stored.c.import_id)
    found = select(*columns).order_by(stored.c.table_name, stored.c.position)
    return [OwnRow(*row) for row in connection.execute(found)]


def put(
    connection: Connection,
    table: str,
    changes: Mapping[str, Cells],
    *,
    at: datetime,
    actor: str,
    added: int,
) -> int:
    """One import inside `Record.writing()`: all rows by their keys. Gives its id.

    `added` of the rows are new to the directory; the packaged table may have the others.
    """
    noted = insert(imports).values(
        at=at, actor=actor, table_name=table, added=added, changed=len(changes) - added
    )
    number: int = connection.execute(noted.returning(imports.c.id)).scalar_one()
    ours = stored.c.table_name == table
    known = set(connection.scalars(select(stored.c.key).where(ours)))
    last = connection.scalar(select(func.max(stored.c.position)).where(ours)) or 0
    _update(connection, table, number, [(k, c) for k, c in changes.items() if k in known])
    new = [(k, c) for k, c in changes.items() if k not in known]
    _insert(connection, table, number, new, last + 1)
    return number


def _update(
    connection: Connection, table: str, number: int, changes: Iterable[tuple[str, Cells]]
) -> None:
    where = (stored.c.table_name == table, stored.c.key == bindparam("named"))
    values = [{"named": key, "cells": dict(cells)} for key, cells in changes]
    if values:
        connection.execute(update(stored).where(*where).values(import_id=number), values)


def _insert(
    connection: Connection,
    table: str,
    number: int,
    changes: Iterable[tuple[str, Cells]],
    position: int,
) -> None:
    values = [
        {
            "table_name": table,
            "key": key,
            "cells": dict(cells),
            "position": place,
            "import_id": number,
        }
        for place, (key, cells) in enumerate(changes, position)
    ]
    if values:
        connection.execute(insert(stored), values)
