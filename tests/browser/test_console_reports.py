"""The figures in a real browser: on a small phone, by keyboard, in both directions of writing."""

from collections.abc import Iterator
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from helpline import runtime
from helpline.core.access import Role
from helpline.core.suppression import HIDDEN, Cell, Shown
from helpline.service.filing import Origin
from helpline.store import officers
from helpline.web.charts import Chart, bars
from tests.browser.signed_in import OVERFLOW, signed_in, violations
from tests.web.site import Site
from tests.world import HAA, report

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

BARS = (
    ("گھر میں تشدد", Cell(120)),
    ("شارجہ اور ایک بہت لمبا نام جو دو سطروں کا ہو", HIDDEN),
    ("پارو", Cell(31, Shown.AT_LEAST)),
    ("ہا", Cell(0)),
)


@pytest.fixture(scope="module")
def filled(here: Site) -> Site:
    """Eleven requests of last month."""
    zone = here.parts.content.programmes["bt"].zone
    last = runtime.now().astimezone(zone).replace(day=1, hour=12) - timedelta(days=5)
    for at in range(11):
        told = report(about=str(at), concern="home" if at < 9 else "sexual")
        origin = Origin("bt-ussd", runtime.new_id(), "+97510600001")
        with here.parts.record.writing() as connection:
            here.parts.filing.file_in(connection, origin, told, last)
    return here


@pytest.fixture
def dema(browser: "Browser", filled: Site) -> Iterator["Page"]:
    """A supervisor with the smallest phone."""
    with filled.parts.record.writing() as connection:
        officers.put(connection, "Dema", woman=True, desks=[HAA], role=Role.SUPERVISOR)
        officer = officers.named(connection, "Dema")
    assert officer is not None
    with signed_in(browser, filled, officer) as page:
        yield page


@pytest.mark.parametrize("by", ["concern", "district", "age", "category"])
def test_a_small_phone_shows_it_whole(dema: "Page", filled: Site, by: str) -> None:
    complaints: list[str] = []
    dema.on("console", lambda said: complaints.append(said.text))
    dema.goto(f"{filled.base}/console/reports?by={by}")
    assert dema.evaluate(OVERFLOW) == 0
    assert dema.locator("svg.chart").bounding_box()["width"] <= 360  # type: ignore[index]
    assert violations(dema) == []
    assert complaints == []


def test_another_table_is_chosen_by_keyboard_alone(dema: "Page", filled: Site) -> None:
    dema.goto(f"{filled.base}/console/reports")
    dema.get_by_label("Count by").focus()
    dema.keyboard.press("D")  # District
    dema.keyboard.press("Tab")
    dema.keyboard.press("Enter")
    dema.wait_for_url("**by=district**")
    assert "Requests by district" in dema.inner_text("#figures")


def test_a_file_comes_as_a_file(dema: "Page", filled: Site) -> None:
    dema.goto(f"{filled.base}/console/reports?by=age")
    with dema.expect_download() as coming:
        dema.get_by_role("link", name="This table as CSV").click()
    assert coming.value.suggested_filename.endswith("-age.csv")


@pytest.mark.parametrize("rtl", [False, True])
def test_the_words_of_a_chart_stay_within_it(page: "Page", filled: Site, *, rtl: bool) -> None:
    page.set_viewport_size({"width": 360, "height": 740})
    page.goto(f"{filled.base}/desks")
    page.set_content(bars(Chart("a", "t", "d", BARS, rtl=rtl)))
    frame = page.locator("svg").bounding_box()
    assert frame is not None
    for text in page.locator("svg text").all():
        box = text.bounding_box()
        assert box is not None
        assert frame["x"] <= box["x"]
        assert box["x"] + box["width"] <= frame["x"] + frame["width"]
