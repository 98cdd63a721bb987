"""The directory that this deployment knows: the packaged tables and the operator's rows."""

import logging
from collections.abc import Iterable
from datetime import date
from pathlib import Path

from sqlalchemy import Connection

from helpline import directory
from helpline.core.directory import Directory
from helpline.core.errors import ContentError, RecordFault, RecordUnavailable
from helpline.directory import Tables
from helpline.directory.tables import COLUMNS, Row
from helpline.logs import event
from helpline.store import directory_rows
from helpline.store.directory_rows import OwnRow
from helpline.store.record import Record


def revision_of(record: Record) -> int:
    """The number of the newest import, 0 without one."""
    with record.reading() as connection:
        return directory_rows.revision(connection)


def tables_of(record: Record) -> Tables:
    """All tables as they stand now. Raises RecordUnavailable where the record has no such rows."""
    with record.reading() as connection:
        return tables_in(connection)


def tables_in(connection: Connection) -> Tables:
    # The revision first: rows of a newer import are then read again, never taken for the old ones.
    tables = Tables(directory.packaged().rows, directory_rows.revision(connection))
    return _over(tables, directory_rows.rows(connection))


def own_tables(record: Record) -> Tables:
    """The operator's rows alone."""
    with record.reading() as connection:
        return _over(nothing(), directory_rows.rows(connection))


def _over(tables: Tables, own: list[OwnRow]) -> Tables:
    for name in directory.NAMES:
        tables = tables.with_rows(name, rows_of(own, name))
    return tables


def nothing() -> Tables:
    """No row in any table."""
    return Tables({name: {} for name in directory.NAMES})


def rows_of(own: Iterable[OwnRow], table: str) -> list[Row]:
    """With every column that the table has today; a fault names the import that brought it."""
    columns = COLUMNS[table]
    return [
        Row(f"import {row.import_id}", {c: row.cells.get(c, "") for c in columns})
        for row in own
        if row.table == table
    ]


def absent(record: Record) -> bool:
    """A database file that is not there yet; looking into it would make one."""
    place = record.engine.url
    return record.dialect == "sqlite" and not Path(place.database or "").is_file()


def in_use(record: Record, packaged: Directory) -> Directory:
    """The directory to answer with, whatever happens: the packaged one, with an error in the log,
    where the record does not give its rows or they do not agree any more."""
    try:
        if absent(record):
            raise RecordUnavailable("there is no database")
        return directory_of(record) if revision_of(record) else packaged
    except (RecordUnavailable, RecordFault, ContentError) as fault:
        event("directory.packaged", level=logging.ERROR, error=type(fault).__name__)
        return packaged


def directory_of(record: Record) -> Directory:
    """Raises RecordUnavailable, and ContentError when the rows do not agree any more."""
    return directory.build(tables_of(record), today=date.max)
