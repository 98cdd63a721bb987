"""A login ends by itself, by its officer and by others, at once on every process."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from helpline import runtime
from helpline.service.visits import IDLE, LONGEST, SIGNED_OUT, Visitor, alive
from helpline.store import officers
from helpline.store.schema import logins
from tests.service.people import audited
from tests.world import HAA, HOUR, World, world

SECOND = timedelta(seconds=1)


@pytest.fixture
def here(tmp_path: Path, database_url: str) -> Iterator[World]:
    with world(tmp_path, database_url) as built:
        yield built


@pytest.fixture
def token(here: World) -> str:
    with here.record.writing() as connection:
        return here.runtime.visits.begin(connection, here.people["Pema"], "Firefox", here.clock())


def look(here: World, token: str, *, active: bool = True) -> Visitor | None:
    return here.runtime.visits.look(token, here.clock(), active=active)


def test_it_tells_who_it_is_and_where_she_works(here: World, token: str) -> None:
    visitor = look(here, token)
    assert visitor is not None
    assert (visitor.officer.name, visitor.desks) == ("Pema", (HAA,))
    assert visitor.login.form_token not in ("", token)


@pytest.mark.parametrize("made_up", ["", "x" * 32, "ཀ"])
def test_a_made_up_token_is_nobody(here: World, token: str, made_up: str) -> None:
    assert look(here, made_up) is None


def test_its_token_is_not_in_the_record(here: World, token: str) -> None:
    assert token not in repr(here.everything())


def test_after_a_quarter_of_an_hour_without_a_deed_it_is_over(here: World, token: str) -> None:
    here.clock.move(IDLE - SECOND)
    assert look(here, token)
    here.clock.move(IDLE)
    assert look(here, token) is None
    assert audited(here, "login.ended") == [("Pema", "login.ended", "Pema")]
    assert here.rows(logins)[0]["ended_why"] == "idle"


def test_every_deed_begins_the_quarter_anew(here: World, token: str) -> None:
    for _ in range(10):
        here.clock.move(IDLE - SECOND)
        assert look(here, token)


def test_a_page_that_refreshes_by_itself_is_no_deed(here: World, token: str) -> None:
    for _ in range(14):
        here.clock.move(timedelta(minutes=1))
        assert look(here, token, active=False)
    here.clock.move(timedelta(minutes=1))
    assert look(here, token, active=False) is None


def test_after_eight_hours_it_is_over_whatever_is_done(here: World, token: str) -> None:
    for _ in range(48 - 1):
        here.clock.move(timedelta(minutes=10))
        assert look(here, token)
    here.clock.move(timedelta(minutes=10))
    assert look(here, token) is None
    assert here.rows(logins)[0]["ended_why"] == "too_long"


def test_what_is_over_stays_over_when_the_clock_is_set_back(here: World, token: str) -> None:
    here.clock.move(IDLE)
    assert look(here, token) is None
    here.clock.move(-IDLE)
    assert look(here, token) is None


def test_a_clock_set_back_an_hour_lengthens_nothing(here: World, token: str) -> None:
    """Idle counts from the last deed as it was written, the end stays where it was."""
    until = here.rows(logins)[0]["until"]
    here.clock.move(HOUR // 6)
    assert look(here, token)
    here.clock.move(-HOUR)
    assert look(here, token)
    (row,) = here.rows(logins)
    assert row["until"] == until
    here.clock.move(LONGEST)
    assert look(here, token) is None


def test_signing_out_is_seen_by_another_process_at_once(here: World, token: str) -> None:
    other = runtime.build(here.runtime.config, clock=here.clock)
    try:
        visitor = other.visits.look(token, here.clock())
        assert visitor is not None
        here.runtime.visits.end(visitor.login, SIGNED_OUT, here.clock())
        assert other.visits.look(token, here.clock()) is None
    finally:
        other.close()


def test_what_an_administrator_changes_counts_at_the_next_look(here: World, token: str) -> None:
    pema = here.people["Pema"]
    with here.record.writing() as connection:
        officers.set_desks(connection, pema.id, ["BT-WCPD-33"])
    visitor = look(here, token)
    assert visitor is not None
    assert visitor.desks == ("BT-WCPD-33",)
    with here.record.writing() as connection:
        officers.set_active(connection, pema.id, False)
    assert look(here, token) is None


def test_a_login_is_alive_until_it_ends_or_idles(here: World, token: str) -> None:
    visitor = look(here, token)
    assert visitor is not None
    assert alive(visitor.login, here.clock())
    assert not alive(visitor.login, here.clock() + IDLE)
    assert not alive(visitor.login, visitor.login.until)
