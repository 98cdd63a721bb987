"""One web process for a module of tests, and one of its own for a test that breaks things."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from helpline.redisd import EmbeddedRedis
from tests.web.site import Site, site


@pytest.fixture(scope="module")
def shared_site(
    tmp_path_factory: pytest.TempPathFactory, redis_server: EmbeddedRedis
) -> Iterator[Site]:
    with site(tmp_path_factory.mktemp("site"), redis_server.url) as running:
        yield running


@pytest.fixture
def here(shared_site: Site) -> Site:
    """The module's web process, without a session from an earlier test."""
    shared_site.redis.flushall()
    return shared_site


@pytest.fixture
def own_site(tmp_path: Path, redis_url: str) -> Iterator[Site]:
    """A web process that the test may break."""
    with site(tmp_path / "data", redis_url) as running:
        yield running
