"""Opens the SQL record and gives transactions: nothing is acknowledged before it is on disk."""

from collections.abc import Iterator
from contextlib import contextmanager
from sqlite3 import Connection as SqliteConnection
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, make_url, select, text
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from helpline.core.errors import RecordUnavailable
from helpline.store.schema import audit_head

WAIT = 2.0  # seconds a caller's turn may wait for the record before it says "not saved"
_WRITE = "helpline_write"


class Record:
    """The SQL record. Every method blocks; web code calls it in a thread."""

    def __init__(self, url: str) -> None:
        self.engine = open_engine(url)
        self._writing = self.engine.execution_options(**{_WRITE: True})

    @property
    def dialect(self) -> str:
        return self.engine.dialect.name

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A connection for reading; raises RecordUnavailable instead of driver errors."""
        with _unavailable(), self.engine.connect() as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """One transaction: all of it is durable when the block has ended, or none of it.

        Writers take turns on both databases: SQLite by BEGIN IMMEDIATE, PostgreSQL by the lock on
        the head of the audit chain, which every change needs anyway.
        """
        with _unavailable(), self._writing.begin() as connection:
            if self.dialect != "sqlite":
                connection.execute(select(audit_head.c.id).with_for_update())
            yield connection

    def alive(self) -> bool:
        try:
            with self.reading() as connection:
                connection.execute(text("SELECT 1"))
        except RecordUnavailable:
            return False
        return True

    def close(self) -> None:
        self.engine.dispose()


@contextmanager
def _unavailable() -> Iterator[None]:
    try:
        yield
    except DBAPIError as broken:
        if broken.connection_invalidated or _is_outage(broken):
            raise RecordUnavailable(type(broken.orig).__name__) from None
        raise
    except SQLAlchemyError as broken:
        if "Timeout" in type(broken).__name__:
            raise RecordUnavailable(type(broken).__name__) from None
        raise


def _is_outage(broken: DBAPIError) -> bool:
    """Locked, full, unreachable or read-only: the caller is told; anything else is our fault."""
    names = {kind.__name__ for kind in type(broken.orig).__mro__}
    return bool(names & {"OperationalError", "InterfaceError", "InternalError"})


def open_engine(url: str) -> Engine:
    """An engine whose errors never hold row values (`hide_parameters`)."""
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite":
        engine = create_engine(parsed, hide_parameters=True, connect_args={"timeout": WAIT})
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
        return engine
    milliseconds = int(WAIT * 1000)
    options = f"-c statement_timeout={milliseconds} -c lock_timeout={milliseconds}"
    return create_engine(
        parsed,
        hide_parameters=True,
        pool_pre_ping=True,
        pool_timeout=WAIT,
        connect_args={"connect_timeout": int(WAIT), "options": options},
    )


def _prepare_sqlite(connection: SqliteConnection, _record: Any) -> None:  # noqa: ANN401
    connection.isolation_level = None  # we say BEGIN ourselves, see below
    for pragma in (
        "journal_mode=WAL",
        "synchronous=FULL",
        "foreign_keys=ON",
        "secure_delete=ON",
        f"busy_timeout={int(WAIT * 1000)}",
    ):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Connection) -> None:
    """Writers take the lock at once: two of them can then never deadlock half-way."""
    write = connection.get_execution_options().get(_WRITE)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if write else "BEGIN")
