"""Joining, signing in and out as a person does it: by keyboard, without scripts, readable."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from helpline import runtime
from tests.web.officer import (
    ADMINISTRATOR,
    PASSWORD,
    Person,
    invited,
    new_name,
    now_code,
    recovery_of,
    signed_in,
)
from tests.web.site import Site

if TYPE_CHECKING:
    from playwright.sync_api import Browser as Chromium
    from playwright.sync_api import BrowserContext, Page

SIZES = [(360, 740), (1200, 900)]


@pytest.fixture
def plain(browser: "Chromium") -> Iterator["Page"]:
    """A browser that runs no scripts."""
    context = browser.new_context(java_script_enabled=False, viewport={"width": 360, "height": 740})
    yield context.new_page()
    context.close()


def enter(page: "Page", values: list[str]) -> None:
    """Types into the fields one after the other and presses Enter in the last."""
    for value in values[:-1]:
        page.keyboard.type(value)
        page.keyboard.press("Tab")
    page.keyboard.type(values[-1])
    with page.expect_navigation():
        page.keyboard.press("Enter")


def press(page: "Page", role: str, name: str) -> None:
    with page.expect_navigation():
        page.get_by_role(role, name=name, exact=True).press("Enter")  # type: ignore[arg-type]


def test_from_the_invitation_to_signing_out_by_keyboard_alone(here: Site, plain: "Page") -> None:
    name = new_name()
    plain.goto(here.base + invited(here, name))
    secret = plain.locator(".secret").inner_text().replace(" ", "")
    plain.get_by_label("Password", exact=True).focus()
    enter(plain, [PASSWORD, PASSWORD, now_code(secret)])
    codes = recovery_of(plain.content())
    assert len(codes) == 10
    press(plain, "link", "I have written them down")
    plain.get_by_label("Name").focus()
    enter(plain, [name, PASSWORD, codes[0]])
    plain.wait_for_url("**/console/desk/**")
    press(plain, "link", name)
    assert "Recovery codes left: 9" in plain.inner_text("main")
    press(plain, "button", "Sign out")
    assert "You are signed out." in plain.inner_text("main")
    plain.go_back()
    assert "Recovery codes left" not in plain.inner_text("main")


def test_the_qr_code_and_the_text_are_one_secret(here: Site, plain: "Page") -> None:
    path = invited(here, new_name())
    plain.goto(here.base + path)
    assert plain.locator(".picture svg").bounding_box()
    first = plain.locator(".secret").inner_text()
    assert len(first.replace(" ", "")) == 32


@pytest.fixture(scope="module")
def administrator(here: Site) -> Person:
    return signed_in(here, "Ugyen", ADMINISTRATOR)


def with_login(context: "BrowserContext", here: Site, person: Person) -> None:
    for name, value in person.browser.cookies.items():
        context.add_cookies(
            [
                {
                    "name": name,
                    "value": value,
                    "domain": "127.0.0.1",
                    "path": "/",
                    "secure": name.startswith("__Host-"),
                }
            ]
        )


@pytest.mark.parametrize("size", SIZES)
def test_the_pages_are_readable_by_everybody(
    here: Site, browser: "Chromium", administrator: Person, size: tuple[int, int]
) -> None:
    """WCAG as axe checks it; nothing is wider than the phone."""
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    someone = here.parts.accounts.one("bt-officer-one", runtime.now()).officer.id
    closed = ["/console/sign-in", invited(here, new_name())]
    opened = ["own", "accounts", "accounts/new", f"accounts/{someone}"]
    context = browser.new_context(viewport={"width": size[0], "height": size[1]})
    page = context.new_page()
    try:
        for path in [*closed, *(f"/console/{path}" for path in opened)]:
            if path.startswith("/console/own"):
                with_login(context, here, administrator)
            page.goto(here.base + path)
            assert page.url == here.base + path
            found = axe.run(page).response["violations"]
            assert [(v["id"], v["nodes"][0]["html"]) for v in found] == [], path
            assert page.evaluate("document.documentElement.scrollWidth") <= size[0]
    finally:
        context.close()
