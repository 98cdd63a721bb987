"""Guessing is slowed, and nobody but the one who guesses waits."""

from collections.abc import Iterator
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest

from helpline.service.entry import SignedIn
from helpline.service.throttle import FREE, wait_after
from helpline.store.schema import throttles
from tests.service.people import STEP, WRONG, Person, joined, refusal
from tests.world import DAY, HOUR, World, at_once, world

TOO_MANY = "Too many tries. Wait a minute."
MINUTE = timedelta(minutes=1)


@pytest.fixture
def here(tmp_path: Path, database_url: str) -> Iterator[World]:
    with world(tmp_path, database_url) as built:
        yield built


@pytest.fixture
def pema(here: World) -> Person:
    return joined(here, "Pema")


def guess(person: Person, times: int, **other: str) -> list[str]:
    job = partial(person.sign_in, password="a wrong password", **other)
    return [refusal(job) for _ in range(times)]


@pytest.mark.parametrize(
    ("failures", "seconds"),
    [(0, 0), (4, 0), (5, 30), (6, 60), (7, 120), (9, 480), (10, 900), (11, 900), (100, 900)],
)
def test_waits_double_up_to_a_quarter_of_an_hour(failures: int, seconds: int) -> None:
    assert wait_after(failures) == timedelta(seconds=seconds)


def test_after_five_tries_the_right_password_waits_too(pema: Person) -> None:
    assert guess(pema, FREE + 1) == [WRONG] * FREE + [TOO_MANY]
    assert refusal(pema.sign_in) == TOO_MANY
    pema.here.clock.move(STEP)
    assert pema.sign_in()


def test_a_try_during_the_wait_does_not_lengthen_it(pema: Person) -> None:
    guess(pema, FREE + 10)
    pema.here.clock.move(STEP)
    assert pema.sign_in()


def test_a_login_ends_the_count(pema: Person) -> None:
    guess(pema, FREE - 1)
    pema.sign_in()
    assert guess(pema, FREE) == [WRONG] * FREE


def test_nobody_else_is_kept_out(here: World, pema: Person) -> None:
    karma = joined(here, "Karma")
    guess(pema, 40)
    assert karma.sign_in()


def test_the_officers_own_device_is_never_kept_out(here: World, pema: Person) -> None:
    """Whoever guesses her name all day long does so from another device."""
    pema.device = pema.sign_in().device
    for _ in range(30):
        here.clock.move(MINUTE)
        guess(pema, 3, device="")
        signed_in = pema.sign_in()
        assert signed_in.officer.name == "Pema"


def test_a_known_device_is_slowed_by_its_own_tries_alone(here: World, pema: Person) -> None:
    pema.device = pema.sign_in().device
    here.clock.move(STEP)
    assert guess(pema, FREE + 1)[-1] == TOO_MANY
    assert Person(here, "Pema", pema.secret).sign_in()


def test_officers_share_a_computer(here: World, pema: Person) -> None:
    karma = joined(here, "Karma")
    shared = karma.sign_in(device=pema.sign_in().device).device
    here.clock.move(STEP)
    guess(pema, 10, device="")
    guess(karma, 10, device="")
    assert pema.sign_in(device=shared)
    assert karma.sign_in(device=shared)


def test_a_device_of_somebody_else_is_unknown(here: World, pema: Person) -> None:
    karma = joined(here, "Karma")
    karmas = karma.sign_in().device
    guess(pema, FREE)
    assert guess(pema, 1, device=karmas) == [TOO_MANY]


@pytest.mark.parametrize("cookie", ["", "x", "AAAA", "ཀ", "\ud83d", "A" * 4000, "W10=", "=="])
def test_a_made_up_device_is_unknown(pema: Person, cookie: str) -> None:
    guess(pema, FREE)
    assert guess(pema, 1, device=cookie) == [TOO_MANY]


def test_a_device_is_known_from_the_enrolment_on(here: World) -> None:
    person = Person(here, "Pema")
    token = here.runtime.accounts.invite(None, "Pema", here.clock())
    person.device = person.join(token).device
    guess(person, FREE + 1, device="")
    assert person.sign_in()


def test_twenty_officers_on_one_computer_are_remembered(here: World) -> None:
    devices = here.runtime.accounts.entry.devices
    cookie = ""
    for officer_id in range(1, 22):
        cookie = devices.remember(cookie, officer_id)
    assert [n for n in range(1, 22) if devices.known(cookie, n)] == list(range(2, 22))
    assert len({devices.known(cookie, n) for n in range(2, 22)}) == 1
    assert len(cookie) < 300


def test_an_unknown_name_is_slowed_with_the_same_words(pema: Person) -> None:
    assert guess(pema, FREE + 1, name="Nobody") == [WRONG] * FREE + [TOO_MANY]


def test_many_guesses_at_once_are_no_more_than_one_by_one(here: World, pema: Person) -> None:
    """The right one among twenty is found no more often than in a row of free tries."""
    wrong = partial(pema.sign_in, password="a wrong password")
    results = [str(result) for result in at_once([wrong] * 20)]
    assert results.count(WRONG) == FREE
    assert results.count(TOO_MANY) == 20 - FREE
    assert not any(isinstance(result, SignedIn) for result in results)


def test_a_clock_set_back_makes_nobody_wait_longer(here: World, pema: Person) -> None:
    guess(pema, FREE)
    here.clock.move(-HOUR)
    assert guess(pema, 1) == [WRONG]  # it may be tried; her codes of that hour are used
    assert guess(pema, 1) == [TOO_MANY]
    here.clock.move(HOUR + STEP)
    assert pema.sign_in()


def test_the_table_holds_nothing_that_was_typed(here: World, pema: Person) -> None:
    """Somebody types a password where the name belongs."""
    guess(pema, 1, name="my-secret-words")
    (row,) = here.rows(throttles)
    assert "secret" not in repr(row)
    assert len(str(row["key"])) == 66


def test_what_rested_for_a_day_is_forgotten(here: World, pema: Person) -> None:
    for name in ("x", "y", "z"):
        guess(pema, 1, name=name)
    here.clock.move(DAY + MINUTE)
    guess(pema, 1, name="other")
    assert len(here.rows(throttles)) == 1
