"""Real servers for the tests, one of each per test process, and the watch over private words."""

import logging
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import pytest
from hypothesis import settings
from redis import Redis
from sqlalchemy import URL

from helpline.redisd import EmbeddedRedis, running
from tests import servers
from tests.private import traces

# The gate tries the same examples each time; scripts/soak tries many new ones.
EXAMPLES = os.environ.get("HELPLINE_EXAMPLES", "")
settings.register_profile(
    "helpline", max_examples=int(EXAMPLES or 60), derandomize=not EXAMPLES, deadline=None
)
settings.load_profile("helpline")

CAPTURES = ("capsys", "capsysbinary", "capteesys", "capfdbinary", "capfd")
PHASES: tuple[Literal["setup", "call", "teardown"], ...] = ("setup", "call", "teardown")


@pytest.fixture(scope="session")
def redis_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedRedis]:
    with running(tmp_path_factory.mktemp("redis")) as server:
        yield server


@pytest.fixture
def redis_url(redis_server: EmbeddedRedis) -> str:
    with Redis.from_url(redis_server.url) as client:
        client.flushall()
    return redis_server.url


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[URL]:
    with servers.postgres() as url:
        yield url


@pytest.fixture(scope="session")
def postgres_url(postgres_server: URL) -> str:
    return servers.text(postgres_server)


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A fresh, empty database; dropped with its connections when the test ends."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'helpline.db'}"
        return
    with servers.fresh_database(request.getfixturevalue("postgres_server")) as url:
        yield servers.text(url)


@pytest.fixture(autouse=True)
def no_private_words(
    request: pytest.FixtureRequest,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[None]:
    """Fails a test whose output or logs hold a test caller's number or words.

    What the test itself reads from its capture fixture is searched as well.
    """
    if request.node.get_closest_marker("shows_private"):
        yield
        return
    for name in ("helpline", "workers", "flows"):
        caplog.set_level(logging.DEBUG, logger=name)
    written: list[str] = []
    capture = request.getfixturevalue(_capture_of(request))
    read = capture.readouterr

    def readouterr() -> tuple[str | bytes, str | bytes]:
        result: tuple[str | bytes, str | bytes] = read()
        written.extend(_as_text(part) for part in result)
        return result

    monkeypatch.setattr(capture, "readouterr", readouterr)
    yield
    readouterr()
    for phase in PHASES:
        written += [_everything_in(record) for record in caplog.get_records(phase)]
    found = sorted({trace for part in written for trace in traces(part)})
    if found:
        pytest.fail(f"private words in the output or logs of this test: {found}", pytrace=False)


def _capture_of(request: pytest.FixtureRequest) -> str:
    """pytest allows one capture fixture for a test: the one that the test asks for, or capfd."""
    return next((name for name in CAPTURES if name in request.fixturenames), "capfd")


def _as_text(part: str | bytes) -> str:
    return part if isinstance(part, str) else part.decode("utf-8", "replace")


def _everything_in(record: logging.LogRecord) -> str:
    """Message, traceback and every field, also those that no formatter prints today."""
    return f"{logging.Formatter().format(record)} {vars(record)}"
