"""Signing in: name, password and code; what is wrong is never told apart."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest
from argon2 import PasswordHasher

from helpline import runtime
from helpline.service.codes import code_of, step_of
from helpline.service.entry import SignedIn
from helpline.service.passwords import Passwords
from helpline.service.throttle import too_many
from helpline.store import accounts
from helpline.store.schema import logins, officers, recovery_codes, throttles
from tests.service.people import PASSWORD, STEP, WRONG, Person, audited, joined, refusal
from tests.world import HOUR, World, at_once, world

TRIES = 20


@pytest.fixture
def here(tmp_path: Path, database_url: str) -> Iterator[World]:
    with world(tmp_path, database_url) as built:
        yield built


@pytest.fixture
def pema(here: World) -> Person:
    return joined(here, "Pema")


class TestTheRightThree:
    def test_they_open_a_login(self, here: World, pema: Person) -> None:
        signed_in = pema.sign_in()
        assert signed_in.officer.name == "Pema"
        assert pema.signed_in(signed_in.token)
        assert audited(here, "login.begun") == [("Pema", "login.begun", "Pema")]

    @pytest.mark.parametrize("name", ["pema", "PEMA", "  Pema ", "Ｐｅｍａ"])
    def test_the_case_of_the_name_does_not_matter(self, pema: Person, name: str) -> None:
        assert pema.sign_in(name=name).officer.name == "Pema"

    @pytest.mark.parametrize("zero", ["០", "۰", "༠", "٠"])
    def test_a_code_may_be_typed_in_the_digits_of_any_keyboard(
        self, pema: Person, zero: str
    ) -> None:
        local = "".join(chr(ord(zero) + int(digit)) for digit in pema.code)
        assert pema.sign_in(code=f" {local[:3]} {local[3:]} ")

    def test_one_letter_in_two_codings_is_the_same_password(self, here: World) -> None:
        karma = Person(here, "Karma", password="Zoë's twelve apples")
        karma.join(here.runtime.accounts.invite(None, "Karma", here.clock()))
        assert karma.sign_in(password="Zoe\u0308's twelve apples")

    @pytest.mark.parametrize("steps", [-1, 0, 1])
    def test_a_clock_may_be_half_a_minute_wrong(self, pema: Person, steps: int) -> None:
        pema.here.clock.move(2 * STEP)
        at = step_of(pema.here.clock()) + steps
        assert pema.sign_in(code=code_of(pema.secret, at))

    @pytest.mark.parametrize("steps", [-2, 2])
    def test_but_not_a_minute(self, pema: Person, steps: int) -> None:
        pema.here.clock.move(3 * STEP)
        at = step_of(pema.here.clock()) + steps
        assert refusal(lambda: pema.sign_in(code=code_of(pema.secret, at))) == WRONG

    def test_no_token_password_or_secret_is_in_the_record(self, here: World, pema: Person) -> None:
        signed_in = pema.sign_in()
        stored = repr(here.everything())
        held = [signed_in.token, signed_in.device, PASSWORD, pema.secret, *pema.recovery]
        assert [secret for secret in held if secret in stored] == []

    def test_nor_in_what_python_prints(self, pema: Person) -> None:
        tried, signed_in = pema.trying(), pema.sign_in()
        shown = repr((tried, signed_in))
        held = [tried.password, tried.code, signed_in.token, signed_in.device]
        assert [secret for secret in held if secret in shown] == []


class TestWrong:
    @pytest.mark.parametrize(
        "wrong",
        [
            {"name": "Nobody"},
            {"name": ""},
            {"password": "tall pines in the evening"},
            {"password": ""},
            {"password": "x" * 10_000},
            {"code": "000000"},
            {"code": ""},
            {"code": "aaaa-aaaa-aaaa-aaaa"},
            {"code": "\ud83d"},
            {"name": "Karma"},  # exists and has never joined
        ],
    )
    def test_one_sentence_for_whatever_is_wrong(self, pema: Person, wrong: dict[str, str]) -> None:
        assert refusal(lambda: pema.sign_in(**wrong)) == WRONG

    def test_a_disabled_officer_reads_the_same(self, here: World, pema: Person) -> None:
        here.runtime.accounts.disable(None, "Pema", here.clock())
        assert refusal(pema.sign_in) == WRONG

    def test_an_unknown_name_takes_the_work_of_a_hash(
        self, pema: Person, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        verified: list[str] = []
        verify = PasswordHasher.verify

        def watched(self: PasswordHasher, hash: str, password: bytes) -> bool:
            verified.append(hash.rpartition("$")[0].rpartition("$")[0])
            return bool(verify(self, hash, password))

        monkeypatch.setattr(PasswordHasher, "verify", watched)
        for name in ("Nobody", "Karma", "Pema"):
            assert refusal(lambda name=name: pema.sign_in(name=name, code="1")) == WRONG  # type: ignore[misc]
        assert verified == ["$argon2id$v=19$m=19456,t=2,p=1"] * 3

    def test_a_wrong_try_is_audited_only_for_somebody_who_exists(
        self, here: World, pema: Person
    ) -> None:
        assert refusal(lambda: pema.sign_in(code="000000"))
        assert refusal(lambda: pema.sign_in(name="my-secret-words"))
        assert audited(here, "login.failed") == [("Pema", "login.failed", "Pema")]
        assert "my-secret-words" not in repr(here.everything())

    def test_a_wrong_password_leaves_the_code_unused(self, pema: Person) -> None:
        assert refusal(lambda: pema.sign_in(password="something else here"))
        assert pema.sign_in()


class TestACodeWorksOnce:
    def test_the_second_use_is_refused(self, pema: Person) -> None:
        pema.sign_in()
        assert refusal(pema.sign_in) == WRONG
        pema.here.clock.move(STEP)
        assert pema.sign_in()

    def test_the_code_of_the_enrolment_is_used(self, pema: Person) -> None:
        pema.here.clock.move(-STEP)
        assert refusal(pema.sign_in) == WRONG

    def test_an_older_code_is_refused_after_a_newer_one(self, pema: Person) -> None:
        now = pema.here.clock.move(4 * STEP)
        pema.sign_in()
        before = code_of(pema.secret, step_of(now) - 1)
        assert refusal(lambda: pema.sign_in(code=before)) == WRONG

    def test_a_used_code_stays_used_when_the_clock_is_set_back(self, pema: Person) -> None:
        code = pema.code
        pema.sign_in()
        pema.here.clock.move(-HOUR)
        assert refusal(pema.sign_in) == WRONG
        assert refusal(lambda: pema.sign_in(code=code)) == WRONG
        pema.here.clock.move(HOUR)
        assert refusal(lambda: pema.sign_in(code=code)) == WRONG

    def test_of_twenty_uses_at_once_one_opens_a_login(self, here: World, pema: Person) -> None:
        results = at_once([pema.sign_in] * TRIES)
        assert sum(isinstance(result, SignedIn) for result in results) == 1
        assert len(here.rows(logins)) == 1

    def test_also_in_two_processes(self, here: World, pema: Person) -> None:
        other = runtime.build(here.runtime.config, clock=here.clock)
        doors = [here.runtime.accounts.entry, other.accounts.entry]
        try:
            tried = pema.trying()
            jobs = [partial(door.sign_in, tried, here.clock()) for door in doors * 2]
            results = at_once(jobs)
        finally:
            other.close()
        assert sum(isinstance(result, SignedIn) for result in results) == 1


class TestRecoveryCodes:
    def test_each_opens_one_login(self, here: World, pema: Person) -> None:
        assert len(set(pema.recovery)) == 10
        for code in pema.recovery[:2]:
            assert pema.sign_in(code=code)
            assert refusal(lambda code=code: pema.sign_in(code=code)) == WRONG  # type: ignore[misc]
        assert len(audited(here, "recovery.used")) == 2
        assert here.runtime.accounts.own.recovery_left(pema.officer) == 8

    @pytest.mark.parametrize(
        "typed",
        [
            str.upper,
            lambda code: code.replace("-", ""),
            lambda code: code.replace("-", " "),
            lambda code: code.replace("1", "l").replace("0", "O"),
        ],
    )
    def test_case_hyphens_and_lookalikes_do_not_matter(self, pema: Person, typed: object) -> None:
        assert callable(typed)
        assert pema.sign_in(code=typed(pema.recovery[0]))

    def test_of_twenty_uses_at_once_one_opens_a_login(self, here: World, pema: Person) -> None:
        job = partial(pema.sign_in, code=pema.recovery[0])
        results = at_once([job] * TRIES)
        assert sum(isinstance(result, SignedIn) for result in results) == 1

    def test_new_ones_need_a_fresh_code_and_void_the_old(self, here: World, pema: Person) -> None:
        own = here.runtime.accounts.own
        assert refusal(lambda: own.renew_recovery(pema.officer, "000000", here.clock()))
        fresh = own.renew_recovery(pema.officer, pema.code, here.clock())
        assert refusal(lambda: own.renew_recovery(pema.officer, pema.code, here.clock()))
        assert refusal(lambda: pema.sign_in(code=pema.recovery[0])) == WRONG
        assert pema.sign_in(code=fresh[0])
        assert audited(here, "recovery.made") == [("Pema", "recovery.made", "Pema")]

    def test_they_cannot_be_asked_for_by_guessing(self, here: World, pema: Person) -> None:
        def guess() -> object:
            return here.runtime.accounts.own.renew_recovery(pema.officer, "1", here.clock())

        said = [refusal(guess) for _ in range(6)]
        assert said[4].startswith("The code is not right.")
        assert said[5] == "Too many tries. Wait a minute."

    def test_only_their_hashes_are_stored(self, here: World, pema: Person) -> None:
        stored = [str(row["code_hash"]) for row in here.rows(recovery_codes)]
        assert len(stored) == 10
        assert {len(code_hash) for code_hash in stored} == {64}


class TestPasswords:
    @pytest.mark.parametrize(
        ("password", "words"),
        [
            ("eleven char", "A password has 12 to 200 characters."),
            ("x" * 201, "A password has 12 to 200 characters."),
            ("i am PEMA and fine", "Choose a password without your name in it."),
            ("Password1234", "Too many people use this password."),
            ("aaaabbbbcccc", "Too many people use this password."),
        ],
    )
    def test_what_is_easy_to_guess_is_refused(self, here: World, password: str, words: str) -> None:
        person = Person(here, "Pema", password=password)
        token = here.runtime.accounts.invite(None, "Pema", here.clock())
        assert refusal(lambda: person.join(token)).startswith(words)

    @pytest.mark.parametrize("password", ["twelve chars", "ཁྱིམ་ནང་གི་ཀུ་ཤུ་ཚོས་གཞི་", "x1y2z3" * 33])
    def test_length_counts_in_any_script(self, here: World, password: str) -> None:
        person = Person(here, "Pema", password=password)
        person.join(here.runtime.accounts.invite(None, "Pema", here.clock()))
        assert person.sign_in()

    def test_a_hash_of_other_parameters_is_made_anew_at_the_next_login(
        self, here: World, pema: Person
    ) -> None:
        weak = Passwords(PasswordHasher(time_cost=1, memory_cost=1024, parallelism=1))
        with here.record.writing() as connection:
            accounts.set_password(connection, pema.officer.id, weak.hash(PASSWORD))
        pema.sign_in()
        (row,) = [row for row in here.rows(officers) if row["name"] == "Pema"]
        assert str(row["password_hash"]).startswith("$argon2id$v=19$m=19456,t=2,p=1$")
        here.clock.move(STEP)
        assert pema.sign_in()

    def test_a_crowd_is_sent_away_instead_of_filling_the_memory(self) -> None:
        """More than may stand in line, all at once: some are told to come back."""
        passwords = Passwords()
        results = at_once([partial(passwords.right, "", "x")] * 60)
        refused = [str(result) for result in results if result is not False]
        assert set(refused) <= {"Too many people sign in at this moment. Try again in a minute."}
        assert passwords.right("", "x") is False


def test_a_password_that_was_changed_while_it_was_weighed_opens_nothing(
    here: World, pema: Person
) -> None:
    """Reset between the look at the hash and the login: the login does not come to be."""
    door = here.runtime.accounts.entry
    weighed = door._weigh(pema.trying(), here.clock())
    here.runtime.accounts.reset(None, "Pema", here.clock())
    with here.record.writing() as connection:
        assert door._settle(connection, weighed, pema.trying(), here.clock()) is None
    assert here.rows(logins) == []
    assert len(here.rows(throttles)) == 1


def test_every_wait_is_told_in_a_sentence_that_is_long_enough() -> None:
    said = {
        timedelta(seconds=30): "Wait a minute",
        timedelta(minutes=1): "Wait a minute",
        timedelta(minutes=4): "Wait 5 minutes",
        timedelta(minutes=15): "Wait 15 minutes",
    }
    for wait, words in said.items():
        assert words in str(too_many(wait))


def test_a_try_without_its_fields_shows_nothing(pema: Person) -> None:
    assert PASSWORD not in repr(replace(pema.trying(), name="x"))
