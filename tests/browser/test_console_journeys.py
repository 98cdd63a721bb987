"""One report of each of the five systems, from the phone to its closed case, in a real browser.

The caller and the officer use the same language. Every page is checked with axe, fits a phone of
360 pixels and complains of nothing. With `HELPLINE_SHOTS` in the environment a picture of each page
is kept in that folder.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from helpline import runtime
from helpline.core.access import Role
from helpline.core.callback import State
from helpline.core.message import Kind
from helpline.core.text import Budget
from helpline.store import callbacks, cases, officers
from helpline.store.callbacks import CallbackRow
from helpline.store.officers import Officer
from helpline.store.schema import cases as case_table
from tests.browser.handset import Handset
from tests.browser.signed_in import OVERFLOW, signed_in, violations
from tests.flows.transcripts import Header, walked
from tests.web.site import Site

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

SHOTS = os.environ.get("HELPLINE_SHOTS", "")


@dataclass(frozen=True)
class Journey:
    """`way` is the caller's, in the English words of the choices; `partner` who is told, if any."""

    name: str
    language: str
    way: str
    desk: str
    partner: str = ""
    outcome: str = "advised"
    skills: Mapping[str, bool] = field(default_factory=dict)

    @property
    def programme(self) -> str:
        return self.desk[:2].lower()


JOURNEYS = [
    Journey(
        "Women and Child Protection Desk, Bhutan",
        "dz",
        "Get help / Me / No / now / Violence at home / West / Haa / A woman / Wait for a woman / "
        "Yes / type apple",
        "BT-WCPD-13",
        outcome="visited_desk",
    ),
    Journey(
        "counter-trafficking procedure, with a partner agency",
        "en",
        "Get help / Another adult / No / now / Forced work or trafficking / Forced work / "
        "type Samtse / Anyone / Yes / No word",
        "BT-WCPD-14",
        partner="BT-RENEW-DAMPHU",
        outcome="referred",
    ),
    Journey(
        "gender facilitation desk of a smart police station, Quetta",
        "ur",
        "Get help / Me / No / now / Threats by phone or online / Quetta / Airport / A woman / "
        "A woman elsewhere / Yes / No word",
        "PK-GFD-QTA-AIRPORT",
    ),
    Journey(
        "Child Protection Unit and its Education sub-desk, Rajanpur",
        "ur",
        "Get help / A child / No / Continue / now / Child hurt or neglected / Rajanpur / Anyone / "
        "Yes / No word",
        "PK-CPU-RAJANPUR",
        partner="PK-CPU-RAJANPUR-EDU",
        outcome="referred",
    ),
    Journey(
        "Child Protection Unit with its interviewers, Cambodia",
        "km",
        "Get help / A child / No / Continue / now / Sexual abuse / type Kampong Thom / "
        "A woman / A woman elsewhere / Yes / type 5566",
        "KH-CPU",
        outcome="service_received",
        skills={"interviewer": True},
    ),
]


def keys_of(journey: Journey) -> list[str]:
    """What the caller presses, found by walking the same dialogue beside the phone."""
    zone = runtime.content().programmes[journey.programme].zone
    now = runtime.now().astimezone(zone)
    way, budget = tuple(journey.way.split(" / ")), Budget()
    header = Header("", journey.programme, Kind.USSD, (journey.language,), now, budget, way)
    lines = walked(header, journey.language).lines
    return [line.removeprefix("> ") for line in lines if line.startswith("> ")]


def dial(phone: Handset, here: Site, journey: Journey) -> CallbackRow:
    """The whole call on the phone's page; the callback that it left."""
    before = set(_codes(here))
    phone.page.set_viewport_size({"width": 360, "height": 740})
    phone.open(journey.programme).dial()
    for key in keys_of(journey):
        phone.send(key)
    (code,) = set(_codes(here)) - before
    with here.parts.record.reading() as connection:
        case = cases.by_code(connection, code)
        assert case is not None
        return callbacks.of_case(connection, case.id)


def _codes(here: Site) -> list[str]:
    with here.parts.record.reading() as connection:
        return list(connection.scalars(select(case_table.c.code)))


def enrol(here: Site, name: str, desk: str, language: str, role: Role, **can: bool) -> Officer:
    with here.parts.record.writing() as connection:
        officers.put(
            connection,
            name,
            woman=True,
            desks=[desk],
            role=role,
            language=language,
            interviewer=can.get("interviewer", False),
        )
        found = officers.named(connection, name)
    assert found is not None
    return found


@dataclass
class Desk:
    """An officer's phone, one callback on it."""

    page: "Page"
    here: Site
    journey: Journey
    row: CallbackRow
    shots: int = 0

    @property
    def path(self) -> str:
        return f"{self.here.base}/console/desk/{self.journey.desk}/callback/{self.row.id}"

    def look(self, name: str) -> None:
        """Whoever uses it can: axe, the width of a phone, and a picture for people."""
        assert violations(self.page) == []
        assert self.page.evaluate(OVERFLOW) == 0, f"{name} is wider than a phone"
        if SHOTS:
            Path(SHOTS).mkdir(exist_ok=True)
            self.shots += 1
            file = f"{self.journey.desk}-{self.journey.language}-{self.shots}-{name}.png"
            self.page.screenshot(path=Path(SHOTS) / file, full_page=True)

    def press(self, form: str) -> None:
        self.page.locator(f"form[action$='/{form}'] button").first.click()

    def state(self) -> State:
        with self.here.parts.record.reading() as connection:
            row = callbacks.get(connection, self.row.id)
        assert row is not None
        return row.state


@pytest.mark.parametrize("journey", JOURNEYS, ids=lambda journey: journey.desk)
def test_from_the_phone_to_the_closed_case(
    browser: "Browser", phone: Handset, here: Site, journey: Journey
) -> None:
    row = dial(phone, here, journey)
    assert (row.desk, row.state) == (journey.desk, State.READY)
    assert row.interviewer == journey.skills.get("interviewer", False)
    name = f"Officer of {journey.desk}"
    officer = enrol(here, name, journey.desk, journey.language, Role.SUPERVISOR, **journey.skills)
    with signed_in(browser, here, officer) as page:
        desk = Desk(page, here, journey, row)
        ring(desk)
        if journey.partner:
            refer(desk, journey.partner)
            receive(browser, here, journey, row)
        close(desk)
        oversee(desk)
    assert desk.state() is State.CLOSED


def ring(desk: Desk) -> None:
    """Shift, queue, claim, number, story, and how it went."""
    page = desk.page
    page.goto(f"{desk.here.base}/console/desk/{desk.journey.desk}")
    page.locator("button[value=begin]").click()
    desk.look("queue")
    assert len(page.content().encode()) <= 60_000
    page.locator(f"form[action$='/callback/{desk.row.id}/claim'] button").click()
    desk.look("claimed")
    desk.press("attempt")
    number = page.locator("p.number a").inner_text()
    assert number.startswith("+")
    desk.look("number")
    page.locator("form[action$='/story'] select").select_option("callback")
    desk.press("story")
    assert number not in page.content()
    desk.look("story")
    page.locator("input[name=outcome][value=reached_safe]").check()
    page.locator("form[action$='/outcome'] textarea").fill("Safe at her sister's.")
    desk.press("outcome")
    assert desk.state() is State.REACHED


def refer(desk: Desk, partner: str) -> None:
    page = desk.page
    page.locator("details summary").click()
    form = page.locator("form[action$='/refer']")
    form.locator("select[name=to]").select_option(partner)
    form.locator("select[name=days] option").nth(1).evaluate("o => o.selected = true")
    form.locator("input[name=consent]").first.check()
    desk.look("refer")
    form.locator("button.main").click()
    assert desk.state() is State.REFERRED
    desk.look("referred")


def receive(browser: "Browser", here: Site, journey: Journey, row: CallbackRow) -> None:
    """The partner reads what was shared, no more, and takes it on."""
    who = f"Partner at {journey.partner}"
    partner = enrol(here, who, journey.partner, journey.language, Role.PARTNER)
    with signed_in(browser, here, partner) as page:
        seen = Desk(page, here, journey, row)
        page.goto(f"{here.base}/console")
        seen.look("partner-list")
        page.locator("main a[href*='/console/referrals/']").first.click()
        seen.look("partner-one")
        page.locator("form[action$='/open'] select").first.select_option(index=1)
        page.locator("form[action$='/open'] button").click()
        assert "+" not in page.locator("dl").first.inner_text()
        seen.look("partner-opened")
        page.locator("form[action$='/accept'] button").click()
        page.locator("main a[href*='/console/referrals/']").first.click()
        page.locator("form[action$='/done'] button").click()


def close(desk: Desk) -> None:
    page = desk.page
    page.goto(desk.path)
    desk.look("reached")
    form = page.locator("form[action$='/close']")
    form.locator("select[name=outcome]").select_option(desk.journey.outcome)
    form.locator("select[name=age]").select_option("26-59")
    form.locator("select[name=sex]").select_option("female")
    desk.press("close")
    assert page.locator("[role=status]").is_visible()
    desk.look("closed")


def oversee(desk: Desk) -> None:
    """What a supervisor has beside the queue, in this language."""
    base = desk.here.base
    paths = {
        "board": "/console/board",
        "roster": f"/console/desk/{desk.journey.desk}/roster",
        "log": "/console/audit",
        "figures": "/console/reports",
        "own": "/console/own",
    }
    for name, path in paths.items():
        desk.page.goto(f"{base}{path}")
        desk.look(name)
