"""Opens the SQL record and gives transactions: nothing is acknowledged before it is on disk."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from sqlite3 import Connection as SqliteConnection
from threading import Lock
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, make_url, select
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from helpline.core.errors import RecordFault, RecordUnavailable
from helpline.store.schema import audit_head

QUEUE_WAIT = 10.0  # seconds a writer stands in line behind others of its process
WAIT = 2.0  # seconds a caller's turn may wait for the record before it says "not saved"
_WRITE = "helpline_write"
# By when (time.monotonic) the work of this thread must be committed; web turns set it.
DEADLINE: ContextVar[float | None] = ContextVar("DEADLINE", default=None)


def _left() -> float:
    deadline = DEADLINE.get()
    return QUEUE_WAIT if deadline is None else deadline - time.monotonic()


class Record:
    """The SQL record. Every method blocks; web code calls it in a thread."""

    def __init__(self, url: str) -> None:
        self.engine = open_engine(url)
        self._turn = Lock()  # the databases' own waiting is unfair: of 200 at once a third gave up
        self._writing = self.engine.execution_options(**{_WRITE: True})

    @property
    def dialect(self) -> str:
        return self.engine.dialect.name

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A connection for reading; raises RecordUnavailable instead of driver errors."""
        with _guarded(), self.engine.connect() as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """One transaction: all of it is durable when the block has ended, or none of it.

        Writers take turns on both databases: SQLite by BEGIN IMMEDIATE, PostgreSQL by the lock on
        the head of the audit chain, which every change needs anyway.
        """
        with self._my_turn(), _guarded(), self._writing.begin() as connection:
            if self.dialect != "sqlite":
                connection.execute(select(audit_head.c.id).with_for_update())
            yield connection
            if _left() <= 0:  # the caller was told "not saved": let it be true
                raise RecordUnavailable("the writer's time is over")

    @contextmanager
    def _my_turn(self) -> Iterator[None]:
        """This process's writers stand in line; across processes the database's own lock serves."""
        if not self._turn.acquire(timeout=max(0.0, min(QUEUE_WAIT, _left()))):
            raise RecordUnavailable("too many writers")
        try:
            yield
        finally:
            self._turn.release()

    def changes(self) -> int:
        """How many changes the record has seen: the length of the audit chain."""
        with self.reading() as connection:
            return int(connection.scalar(select(audit_head.c.seq)) or 0)

    def alive(self) -> bool:
        """Whether a report could be stored: the database answers and has its schema."""
        try:
            with self.reading() as connection:
                return connection.scalar(select(audit_head.c.seq)) is not None
        except (RecordUnavailable, RecordFault):
            return False

    def close(self) -> None:
        self.engine.dispose()


@contextmanager
def _guarded() -> Iterator[None]:
    """Driver errors end here: PostgreSQL's own words quote the row (`Key (code)=(...)`)."""
    try:
        yield
    except DBAPIError as broken:
        name = type(broken.orig).__name__
        if broken.connection_invalidated or _is_outage(broken):
            raise RecordUnavailable(name) from None
        raise RecordFault(name) from None
    except SQLAlchemyError as broken:
        if "Timeout" in type(broken).__name__:
            raise RecordUnavailable(type(broken).__name__) from None
        raise


_OUTAGES = {"OperationalError", "InterfaceError", "InternalError", "UndefinedTable"}


def _is_outage(broken: DBAPIError) -> bool:
    """Locked, full, unreachable, read-only or empty; anything else is a fault of ours."""
    orig = type(broken.orig)
    no_database = orig.__name__ == "DatabaseError"  # SQLite: "file is not a database"
    return no_database or any(kind.__name__ in _OUTAGES for kind in orig.__mro__)


# A server that swallows packets: libpq gives up instead of waiting for the kernel to.
_NO_BLACK_HOLE = {
    "keepalives_idle": 2,
    "keepalives_interval": 1,
    "keepalives_count": 3,
    "tcp_user_timeout": 4000,
}


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
        connect_args={"connect_timeout": int(WAIT), "options": options, **_NO_BLACK_HOLE},
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
