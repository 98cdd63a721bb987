"""A headless Chromium for a module of tests; without one they are skipped and say so.

For a module and no longer: while Playwright runs, its event loop is in the way of other tests'.
"""

import shutil
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from helpline.cli import seed
from helpline.redisd import EmbeddedRedis
from tests.browser.handset import Handset
from tests.web.site import Site, site

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]


@pytest.fixture(scope="module")
def browser() -> Iterator["Browser"]:
    driver = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    path = shutil.which("chromium")
    if path is None:
        pytest.skip("no chromium is installed: the pages were not tried in a browser")
    with driver.sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield running
        running.close()


@pytest.fixture(scope="module")
def here(
    browser: "Browser",
    tmp_path_factory: pytest.TempPathFactory,
    redis_server: EmbeddedRedis,
) -> Iterator[Site]:
    """Asks for the browser first, so that nothing is started where there is none."""
    with site(tmp_path_factory.mktemp("site"), redis_server.url) as running:
        seed.seed(running.parts.config)
        yield running


@pytest.fixture
def page(browser: "Browser") -> Iterator["Page"]:
    context = browser.new_context(viewport={"width": 1200, "height": 1000})
    yield context.new_page()
    context.close()


@pytest.fixture
def phone(page: "Page", here: Site) -> Iterator[Handset]:
    """The page; whatever it did, it asked nobody but us and had nothing to complain of."""
    handset = Handset(page, here.base)
    yield handset
    assert handset.complaints == []
    assert [url for url in handset.requests if not url.startswith(f"{here.base}/")] == []
