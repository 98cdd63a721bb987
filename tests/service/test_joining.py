"""An invitation opens an account once; nothing of the account is known before."""

import re
from collections.abc import Iterator
from datetime import timedelta
from functools import partial
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from helpline.service import codes
from helpline.service.codes import code_of, step_of
from helpline.service.joining import Enrolled, Enrolment
from helpline.store.schema import invites, officers
from tests.service.people import PASSWORD, Person, audited, joined, refusal
from tests.world import DAY, HOUR, World, at_once, world

OVER = "This invitation is not valid any more. Ask for a new one."


@pytest.fixture
def here(tmp_path: Path, database_url: str) -> Iterator[World]:
    with world(tmp_path, database_url) as built:
        yield built


@pytest.fixture
def token(here: World) -> str:
    return here.runtime.accounts.invite(None, "Pema", here.clock())


def look(here: World, token: str) -> str:
    return here.runtime.accounts.joining.look(token, here.clock()).name


def test_it_says_whose_it_is(here: World, token: str) -> None:
    assert look(here, token) == "Pema"
    assert re.fullmatch(r"[A-Za-z0-9_-]{22,}", token)


def test_it_is_stored_as_a_hash(here: World, token: str) -> None:
    assert token not in repr(here.everything())
    assert audited(here, "account.invited") == [("operator", "account.invited", "Pema")]


def test_it_lasts_for_a_day(here: World, token: str) -> None:
    here.clock.move(DAY - timedelta(seconds=1))
    assert look(here, token) == "Pema"
    here.clock.move(timedelta(seconds=1))
    assert refusal(lambda: look(here, token)) == OVER


def test_it_works_once(here: World, token: str) -> None:
    Person(here, "Pema").join(token)
    assert refusal(lambda: look(here, token)) == OVER
    assert refusal(lambda: Person(here, "Pema").join(token)) == OVER


def test_a_newer_one_voids_it(here: World, token: str) -> None:
    newer = here.runtime.accounts.invite(None, "Pema", here.clock())
    assert refusal(lambda: look(here, token)) == OVER
    assert look(here, newer) == "Pema"


def test_a_disabled_officer_has_none(here: World, token: str) -> None:
    here.runtime.accounts.disable(None, "Pema", here.clock())
    assert refusal(lambda: look(here, token)) == OVER
    here.runtime.accounts.enable(None, "Pema", here.clock())
    assert refusal(lambda: look(here, token)) == OVER


@pytest.mark.parametrize("made_up", ["", "x" * 32, "\ud83d", "ཀ"])
def test_a_made_up_one_reads_as_an_old_one(here: World, token: str, made_up: str) -> None:
    assert refusal(lambda: look(here, made_up)) == OVER


def test_of_many_uses_at_once_one_opens_the_account(here: World, token: str) -> None:
    joining, now = here.runtime.accounts.joining, here.clock()
    forms = []
    for _ in range(8):
        began = joining.begin(token, now)
        code = code_of(began.secret, step_of(now))
        forms.append((began.secret, Enrolment(PASSWORD, PASSWORD, began.sealed, code)))
    results = at_once([partial(joining.enrol, token, form, now) for _, form in forms])
    (won,) = [n for n, result in enumerate(results) if isinstance(result, Enrolled)]
    assert {str(r) for r in results if not isinstance(r, Enrolled)} == {OVER}
    pema = Person(here, "Pema", forms[won][0])
    here.clock.move(timedelta(seconds=30))
    assert pema.sign_in()


class TestTheSecret:
    def test_it_is_in_the_address_for_the_app(self, here: World, token: str) -> None:
        began = here.runtime.accounts.joining.begin(token, here.clock())
        address = urlsplit(began.uri)
        assert (address.scheme, address.netloc) == ("otpauth", "totp")
        told = parse_qs(address.query)
        assert told == {"secret": [began.secret], "issuer": ["Console"], **_rest(told)}
        assert len(began.secret) == 32

    def test_its_picture_is_a_plain_svg(self, here: World, token: str) -> None:
        began = here.runtime.accounts.joining.begin(token, here.clock())
        picture = codes.qr(began.uri)
        assert picture.startswith("<svg ")
        assert "style" not in picture
        assert began.secret not in picture

    def test_it_is_not_in_the_record_before_the_enrolment(self, here: World, token: str) -> None:
        before = here.everything()
        here.runtime.accounts.joining.begin(token, here.clock())
        assert here.everything() == before

    def test_it_comes_back_sealed_and_only_to_its_own_invitation(
        self, here: World, token: str
    ) -> None:
        joining, now = here.runtime.accounts.joining, here.clock()
        other = here.runtime.accounts.invite(None, "Karma", now)
        began = joining.begin(token, now)
        assert began.secret not in began.sealed
        assert joining.begin(token, now, began.sealed).secret == began.secret
        words = "This form is not of this invitation. Open its address again."
        for sealed in (began.sealed, "x", "ཀ", "AAAA"):
            assert refusal(lambda sealed=sealed: joining.begin(other, now, sealed)) == words  # type: ignore[misc]

    def test_it_lies_sealed_for_its_officer(self, here: World, token: str) -> None:
        pema = Person(here, "Pema")
        pema.join(token)
        rows = {row["name"]: row for row in here.rows(officers)}
        assert pema.secret.encode() not in bytes(rows["Pema"]["sealed_totp"])  # type: ignore[call-overload]
        assert rows["Karma"]["sealed_totp"] is None


class TestWhatTheFormRefuses:
    def test_two_passwords_that_differ(self, here: World, token: str) -> None:
        words = "The two passwords are not the same. Type them again."
        assert _enrol(here, token, again=PASSWORD + "x") == words

    def test_a_wrong_code(self, here: World, token: str) -> None:
        words = "The code is not right. Wait for the next one and type it."
        assert _enrol(here, token, code="000000") == words

    def test_afterwards_the_invitation_still_works(self, here: World, token: str) -> None:
        _enrol(here, token, code="000000")
        assert here.rows(invites)[0]["used_at"] is None
        assert Person(here, "Pema").join(token)


def test_joining_again_after_a_reset_ends_every_login(here: World) -> None:
    pema = joined(here, "Pema")
    before = pema.sign_in()
    token = here.runtime.accounts.reset(None, "Pema", here.clock())
    assert not pema.signed_in(before.token)
    old = pema.recovery
    pema.join(token)
    assert refusal(lambda: pema.sign_in(code=old[0]))
    assert pema.sign_in()


def test_the_clock_may_go_back_during_an_invitation(here: World, token: str) -> None:
    here.clock.move(-HOUR)
    assert look(here, token) == "Pema"


def _enrol(here: World, token: str, **other: str) -> str:
    joining, now = here.runtime.accounts.joining, here.clock()
    began = joining.begin(token, now)
    code = code_of(began.secret, step_of(now))
    fields = {"password": PASSWORD, "again": PASSWORD, "sealed": began.sealed, "code": code}
    return refusal(lambda: joining.enrol(token, Enrolment(**{**fields, **other}), now))


def _rest(told: dict[str, list[str]]) -> dict[str, list[str]]:
    """An app's defaults may be said as well."""
    return {name: told[name] for name in ("algorithm", "digits", "period") if name in told}
