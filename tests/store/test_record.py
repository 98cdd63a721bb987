"""The record when the disk, the lock or the server says no: quickly, and without a value."""

import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from traceback import format_exception

import psycopg
import pytest
from sqlalchemy import insert, make_url, select, text
from sqlalchemy.exc import SQLAlchemyError

from helpline.core.errors import HelplineError, RecordUnavailable
from helpline.store.record import DEADLINE, WAIT, Record
from helpline.store.schema import audit, audit_head, desks
from tests.gateways.provider_stub import nobody_accepts, nobody_listens
from tests.world import NUMBER, empty_record

SOON = WAIT + 0.5  # seconds
DESK = {"code": "BT-1", "programme": "bt", "parent": "", "duty_phone": "", "duty_language": "en"}


@pytest.fixture
def record(database_url: str) -> Iterator[Record]:
    with empty_record(database_url) as opened:
        yield opened


@pytest.fixture
def sqlite(tmp_path: Path) -> Iterator[Record]:
    with empty_record(f"sqlite:///{tmp_path / 'helpline.db'}") as opened:
        yield opened


@contextmanager
def within(seconds: float) -> Iterator[None]:
    began = time.monotonic()
    yield
    assert time.monotonic() - began < seconds


def write(record: Record, **changes: str) -> None:
    with record.writing() as connection:
        connection.execute(insert(desks).values({**DESK, **changes}))


def stored(record: Record) -> list[str]:
    with record.reading() as connection:
        return list(connection.scalars(select(desks.c.code)))


@contextmanager
def another_writer(url: str) -> Iterator[None]:
    """Somebody else holds the lock that a writer needs, and does not let go."""
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite":
        with closing(sqlite3.connect(parsed.database or "", isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            yield
            other.execute("ROLLBACK")
        return
    plain = parsed.set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(plain) as held:
        held.execute("SELECT id FROM audit_head FOR UPDATE")
        yield
        held.rollback()


def test_what_was_written_is_there(record: Record) -> None:
    write(record)
    assert stored(record) == ["BT-1"]


def test_a_block_that_fails_leaves_nothing(record: Record) -> None:
    with pytest.raises(ZeroDivisionError), record.writing() as connection:
        connection.execute(insert(desks).values(DESK))
        _ = 1 // 0
    assert stored(record) == []


def test_a_locked_record_is_given_up_in_time(record: Record, database_url: str) -> None:
    with another_writer(database_url):
        with within(SOON), pytest.raises(RecordUnavailable):
            write(record)
        assert stored(record) == []  # reading goes on
    write(record)
    assert stored(record) == ["BT-1"]


def test_a_read_only_database_is_unavailable(record: Record, database_url: str) -> None:
    with _read_only(record, database_url) as locked:
        with pytest.raises(RecordUnavailable):
            write(locked)
        assert stored(locked) == []
    write(record)
    assert stored(record) == ["BT-1"]


@contextmanager
def _read_only(record: Record, url: str) -> Iterator[Record]:
    """File rights do not stop root, so SQLite is told by its own switch."""
    if record.dialect == "sqlite":
        path = make_url(url).database
        locked = Record(f"sqlite:///file:{path}?mode=ro&uri=true")
        try:
            yield locked
        finally:
            locked.close()
        return
    name = make_url(url).database
    with record.engine.connect() as connection:
        connection.execute(text(f"ALTER DATABASE {name} SET default_transaction_read_only = on"))
        connection.commit()
    record.close()
    try:
        yield record
    finally:
        with record.engine.connect() as connection:
            connection.execute(text("SET TRANSACTION READ WRITE"))
            connection.execute(text(f"ALTER DATABASE {name} RESET default_transaction_read_only"))
            connection.commit()
        record.close()


def test_a_full_disk_is_unavailable(sqlite: Record) -> None:
    with sqlite.engine.connect() as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
        connection.exec_driver_sql(f"PRAGMA max_page_count={pages}")
    with pytest.raises(RecordUnavailable):
        for number in range(2000):
            write(sqlite, code=f"{number:060}")
    assert len(stored(sqlite)) < 2000


def test_a_folder_that_is_not_there_is_unavailable(tmp_path: Path) -> None:
    with closing(Record(f"sqlite:///{tmp_path / 'none' / 'helpline.db'}")) as record:
        with pytest.raises(RecordUnavailable):
            stored(record)
        assert not record.alive()


def test_nobody_listens_at_the_postgresql_port() -> None:
    address = nobody_listens().removeprefix("http://")
    with closing(Record(f"postgresql+psycopg://helpline:pw@{address}/helpline")) as record:
        with within(SOON), pytest.raises(RecordUnavailable) as refused:
            write(record)
        assert not record.alive()
    assert "pw" not in str(refused.value)


def test_a_postgresql_that_does_not_accept_is_given_up_in_time() -> None:
    with nobody_accepts() as url:
        address = url.removeprefix("http://")
        with (
            closing(Record(f"postgresql+psycopg://helpline:pw@{address}/helpline")) as record,
            within(SOON + 1),
            pytest.raises(RecordUnavailable),
        ):
            write(record)


ON_POSTGRESQL = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)


@ON_POSTGRESQL
def test_connections_cut_by_the_server_are_replaced(record: Record) -> None:
    """A restart of PostgreSQL costs no report: the pool finds out before it uses a connection."""
    write(record)
    url = record.engine.url.set(drivername="postgresql")
    with psycopg.connect(url.render_as_string(hide_password=False), autocommit=True) as other:
        other.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE pid <> pg_backend_pid() AND datname = current_database()"
        )
    write(record, code="BT-2")
    assert sorted(stored(record)) == ["BT-1", "BT-2"]


@ON_POSTGRESQL
def test_a_connection_cut_in_mid_transaction_stores_nothing(record: Record) -> None:
    with pytest.raises(RecordUnavailable), record.writing() as connection:
        connection.execute(insert(desks).values(DESK))
        connection.execute(text("SELECT pg_terminate_backend(pg_backend_pid())"))
    assert stored(record) == []


def test_sqlite_is_durable_and_wipes_what_it_deletes(sqlite: Record) -> None:
    with sqlite.reading() as connection:
        found = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar_one()
            for name in ("journal_mode", "synchronous", "foreign_keys", "secure_delete")
        }
    assert found == {
        "journal_mode": "wal",
        "synchronous": 2,  # FULL
        "foreign_keys": 1,
        "secure_delete": 1,
    }


BAD_ROWS = [
    pytest.param(insert(desks).values({**DESK, "duty_phone": None, "parent": NUMBER}), id="null"),
    pytest.param(insert(desks).values({**DESK, "code": NUMBER}), id="twice"),
    pytest.param(insert(audit_head).values(id=NUMBER, seq=1, hash=""), id="wrong type"),
]


@pytest.mark.parametrize("statement", BAD_ROWS)
def test_an_exception_holds_no_value(record: Record, statement: object) -> None:
    """Neither SQLAlchemy's own words nor what the server adds to them (DETAIL: Key (...)=...)."""
    write(record, code=NUMBER)
    with pytest.raises((SQLAlchemyError, HelplineError)) as broken, record.writing() as connection:
        connection.execute(statement)  # type: ignore[call-overload]
        connection.execute(insert(audit_head).values(id="a", seq="b", hash=""))
    assert NUMBER.lstrip("+") not in "".join(format_exception(broken.value))


def test_a_refusal_names_the_kind_of_failure_only(record: Record, database_url: str) -> None:
    with (
        another_writer(database_url),
        pytest.raises(RecordUnavailable) as refused,
        record.writing() as connection,
    ):
        connection.execute(insert(audit).values(seq=1, subject=NUMBER))
    assert str(refused.value).isidentifier()


def test_safety_24_what_comes_too_late_is_not_stored(record: Record) -> None:
    """The caller has read "could not save" by then, and that must stay true."""
    mark = DEADLINE.set(time.monotonic() + 0.2)
    try:
        with pytest.raises(RecordUnavailable), record.writing() as connection:
            connection.execute(insert(desks).values(DESK))
            DEADLINE.set(time.monotonic() - 0.1)  # the work took longer than it may
    finally:
        DEADLINE.reset(mark)
    assert stored(record) == []
