"""A browser of somebody who is signed in: real pages, a login that the record knows."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from helpline import runtime
from helpline.store.officers import Officer
from helpline.web.console.cookies import LOGIN, name_of
from tests.web.site import Site

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

PHONE = (360, 740)
OVERFLOW = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


@contextmanager
def signed_in(
    browser: "Browser", here: Site, officer: Officer, *, size: tuple[int, int] = PHONE
) -> "Iterator[Page]":
    """A page of the officer's; whatever it did, nothing in the console complained of it."""
    with here.parts.record.writing() as connection:
        token = here.parts.visits.begin(connection, officer, "test", runtime.now())
    context = browser.new_context(viewport={"width": size[0], "height": size[1]})
    name = name_of(LOGIN, here.parts)
    context.add_cookies(
        [{"name": name, "value": token, "domain": "127.0.0.1", "path": "/", "secure": True}]
    )
    page = context.new_page()
    complaints: list[str] = []
    page.on("console", lambda said: complaints.append(said.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    yield page
    context.close()
    assert complaints == []


def violations(page: "Page") -> list[str]:
    """What axe finds against WCAG 2.2 A and AA, one line each."""
    from axe_playwright_python.sync_playwright import Axe

    tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
    found = Axe().run(page, options={"runOnly": tags}).response["violations"]
    return [f"{one['id']}: {one['nodes'][0]['html'][:160]}" for one in found]
