"""What administrators may change, at once everywhere, and what nobody can do to herself."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

from helpline import runtime
from helpline.core.access import Role
from helpline.runtime import Runtime
from helpline.service.account_rules import Profile
from helpline.service.accounts import Accounts
from helpline.service.codes import step_of
from helpline.store.officers import Officer
from helpline.store.schema import audit, logins, memberships
from tests.service.people import (
    STEP,
    WRONG,
    Person,
    administrator,
    audited,
    joined,
    refusal,
    supervisor,
)
from tests.world import DAY, HAA, PARO, World, at_once, world

ONLY = "Only an administrator may do this."
AT_HAA = Profile(desks=(HAA,))


@pytest.fixture
def here(tmp_path: Path, database_url: str) -> Iterator[World]:
    with world(tmp_path, database_url) as built:
        yield built


@pytest.fixture
def ugyen(here: World) -> Person:
    return administrator(here)


@contextmanager
def second_process(here: World) -> Iterator[Runtime]:
    other = runtime.build(here.runtime.config, clock=here.clock)
    try:
        yield other
    finally:
        other.close()


class TestAdding:
    def test_a_profile_is_kept(self, here: World, ugyen: Person) -> None:
        said = Profile(
            role=Role.SUPERVISOR,
            desks=(HAA, PARO),
            woman=True,
            interviewer=True,
            speaks=("dz",),
            language="dz",
        )
        here.runtime.accounts.add(ugyen.officer, "Lhamo", said, here.clock())
        account = here.runtime.accounts.one("lhamo", here.clock())
        assert account.profile == replace(said, desks=tuple(sorted(said.desks)))
        assert (account.joined, account.invited) == (False, None)
        assert ("Ugyen", "account.added", "Lhamo") in audited(here, "account.added")

    @pytest.mark.parametrize(
        ("name", "profile", "words"),
        [
            ("", AT_HAA, "An officer's name has 1 to 64 letters."),
            ("x" * 65, AT_HAA, "An officer's name has 1 to 64 letters."),
            ("a\nb", AT_HAA, "An officer's name has 1 to 64 letters."),
            (" a", AT_HAA, "An officer's name has 1 to 64 letters."),
            ("PEMA", AT_HAA, "Pema has an account already."),
            ("System", AT_HAA, "The audit log means somebody else by System."),
            ("Lhamo", Profile(), "Choose at least one desk."),
            ("Lhamo", Profile(desks=("NOPE",)), "There is no desk NOPE."),
            ("Lhamo", replace(AT_HAA, speaks=("xx",)), "There is no language xx."),
            ("Lhamo", replace(AT_HAA, language="xx"), "There is no language xx."),
            (
                "Lhamo",
                replace(AT_HAA, role=Role.ADMINISTRATOR),
                "An administrator reads no case and has no desk.",
            ),
        ],
    )
    def test_what_cannot_be_is_refused(
        self, here: World, name: str, profile: Profile, words: str
    ) -> None:
        accounts = here.runtime.accounts
        assert refusal(lambda: accounts.add(None, name, profile, here.clock())).startswith(words)

    def test_one_name_is_given_once_also_by_two_at_once(self, here: World) -> None:
        accounts, now = here.runtime.accounts, here.clock()
        names = ["Lhamo", "lhamo", "LHAMO", "lHAMO"]
        results = at_once([partial(accounts.add, None, name, AT_HAA, now) for name in names])
        assert sum(isinstance(result, Officer) for result in results) == 1


class TestChanging:
    def test_everything_but_the_name_may_change(self, here: World, ugyen: Person) -> None:
        accounts, now = here.runtime.accounts, here.clock()
        said = Profile(desks=(PARO,), interviewer=True, speaks=("dz", "km"), language="dz")
        accounts.change(ugyen.officer, "Pema", said, version(here, "Pema"), now)
        assert accounts.one("Pema", now).profile == said

    def test_a_form_opened_on_something_older_changes_nothing(
        self, here: World, ugyen: Person
    ) -> None:
        accounts, now = here.runtime.accounts, here.clock()
        seen = version(here, "Pema")
        accounts.change(None, "Pema", replace(AT_HAA, interviewer=True), seen, now)
        words = "Somebody else changed this account meanwhile. Look at it again."
        assert refusal(lambda: accounts.change(None, "Pema", AT_HAA, seen, now)) == words

    def test_of_two_changes_at_once_one_is_made(self, here: World) -> None:
        accounts, now, seen = here.runtime.accounts, here.clock(), version(here, "Pema")
        wanted = [Profile(desks=(PARO,)), Profile(desks=(HAA, PARO))]
        results = at_once([partial(accounts.change, None, "Pema", w, seen, now) for w in wanted])
        assert sum(result is None for result in results) == 1

    def test_the_audit_log_names_what_was_changed(self, here: World) -> None:
        accounts, now = here.runtime.accounts, here.clock()
        accounts.change(None, "Pema", Profile(desks=(PARO,)), version(here, "Pema"), now)

        (row,) = [row for row in here.rows(audit) if row["action"] == "account.changed"]
        assert row["detail"] == {"role": "officer", "desk": PARO, "fields": "desks,woman"}

    def test_nobody_changes_her_own_role(self, here: World, ugyen: Person) -> None:
        administrator(here, "Namgay")
        accounts, now = here.runtime.accounts, here.clock()
        seen = version(here, "Ugyen")
        words = "Nobody changes her own role. Ask another administrator."
        assert refusal(lambda: accounts.change(ugyen.officer, "Ugyen", AT_HAA, seen, now)) == words

    def test_a_role_counts_at_the_very_next_act(self, here: World, ugyen: Person) -> None:
        namgay = administrator(here, "Namgay")
        before, now = namgay.officer, here.clock()
        accounts = here.runtime.accounts
        accounts.change(ugyen.officer, "Namgay", AT_HAA, version(here, "Namgay"), now)
        assert refusal(lambda: accounts.disable(before, "Pema", now)) == ONLY


class TestWhoMay:
    ACTS: tuple[Callable[[Accounts, Officer, World], object], ...] = (
        lambda a, by, here: a.add(by, "Lhamo", AT_HAA, here.clock()),
        lambda a, by, here: a.change(by, "Karma", AT_HAA, version(here, "Karma"), here.clock()),
        lambda a, by, here: a.invite(by, "Karma", here.clock()),
        lambda a, by, here: a.disable(by, "Karma", here.clock()),
        lambda a, by, here: a.enable(by, "Karma", here.clock()),
        lambda a, by, here: a.own.logins(by, "Karma", here.clock()),
        lambda a, by, here: a.own.end_logins(by, "Karma", here.clock()),
    )

    @pytest.mark.parametrize("act", ACTS)
    def test_only_an_administrator_may(
        self, here: World, act: Callable[[Accounts, Officer, World], object]
    ) -> None:
        accounts = here.runtime.accounts
        accounts.add(None, "Ugyen", Profile(role=Role.ADMINISTRATOR), here.clock())
        accounts.add(None, "Deki", Profile(role=Role.SUPERVISOR, desks=(HAA,)), here.clock())
        before = here.everything()
        for name in ("Pema", "Deki"):
            by = Person(here, name).officer
            assert refusal(lambda by=by: act(accounts, by, here)) == ONLY  # type: ignore[misc]
        assert here.everything() == before
        act(accounts, Person(here, "Ugyen").officer, here)

    @pytest.mark.parametrize("act", ACTS)
    def test_nor_one_who_was_disabled_a_moment_ago(
        self, here: World, act: Callable[[Accounts, Officer, World], object]
    ) -> None:
        accounts = here.runtime.accounts
        accounts.add(None, "Ugyen", Profile(role=Role.ADMINISTRATOR), here.clock())
        joined(here, "Namgay", Profile(role=Role.ADMINISTRATOR))
        before = Person(here, "Ugyen").officer
        accounts.disable(None, "Ugyen", here.clock())
        assert refusal(lambda: act(accounts, before, here)) == ONLY

    def test_a_supervisor_resets_the_officers_of_her_desks_alone(self, here: World) -> None:
        deki = supervisor(here)
        accounts, now = here.runtime.accounts, here.clock()
        accounts.add(None, "Lhamo", Profile(role=Role.SUPERVISOR, desks=(HAA,)), now)
        assert accounts.reset(deki.officer, "Pema", now)
        assert ("Deki", "account.reset", "Pema") in audited(here, "account.reset")
        for name in ("Dorji", "Lhamo", "Deki"):  # of another desk, or no officer
            assert refusal(lambda name=name: accounts.reset(deki.officer, name, now)) == ONLY  # type: ignore[misc]

    def test_an_officer_resets_nobody(self, here: World) -> None:
        accounts, pema = here.runtime.accounts, Person(here, "Pema").officer
        for name in ("Karma", "Pema"):
            assert refusal(lambda name=name: accounts.reset(pema, name, here.clock())) == ONLY  # type: ignore[misc]


class TestAtOnce:
    """Seen by another process on the same database, at its next look."""

    @pytest.mark.parametrize(
        "act",
        [
            lambda accounts, now: accounts.disable(None, "Pema", now),
            lambda accounts, now: accounts.reset(None, "Pema", now),
            lambda accounts, now: accounts.own.end_logins(None, "Pema", now),
        ],
    )
    def test_every_login_ends_everywhere(
        self, here: World, act: Callable[[Accounts, object], object]
    ) -> None:
        pema = joined(here, "Pema")
        tokens = [pema.sign_in().token, pema.sign_in(code=pema.recovery[0]).token]
        with second_process(here) as other:
            assert all(other.visits.look(token, here.clock()) for token in tokens)
            act(here.runtime.accounts, here.clock())
            assert not any(other.visits.look(token, here.clock()) for token in tokens)
        assert all(row["ended_at"] == here.clock() for row in here.rows(logins))

    def test_a_reset_voids_password_code_and_recovery_codes(self, here: World) -> None:
        pema = joined(here, "Pema")
        here.runtime.accounts.reset(None, "Pema", here.clock())
        for code in (pema.code, pema.recovery[0]):
            assert refusal(lambda code=code: pema.sign_in(code=code)) == WRONG  # type: ignore[misc]

    def test_who_has_joined_is_not_invited_but_reset(self, here: World) -> None:
        joined(here, "Pema")
        words = "Pema has joined. Reset the account instead."
        assert refusal(lambda: here.runtime.accounts.invite(None, "Pema", here.clock())) == words

    def test_an_enabled_officer_signs_in_as_before(self, here: World) -> None:
        pema, accounts = joined(here, "Pema"), here.runtime.accounts
        for _ in range(2):
            accounts.disable(None, "Pema", here.clock())
        for act in (accounts.invite, accounts.reset):
            words = "Pema is disabled. Enable the account first."
            assert refusal(lambda act=act: act(None, "Pema", here.clock())) == words  # type: ignore[misc]
        assert refusal(pema.sign_in) == WRONG
        for _ in range(2):
            accounts.enable(None, "Pema", here.clock())
        assert pema.sign_in()
        assert len(audited(here, "account.disabled", "account.enabled")) == 2


class TestTheLastAdministrator:
    LAST = "Ugyen is the last administrator. Add another one first."

    def test_she_is_neither_disabled_nor_given_another_role(
        self, here: World, ugyen: Person
    ) -> None:
        accounts, now = here.runtime.accounts, here.clock()
        assert refusal(lambda: accounts.disable(ugyen.officer, "Ugyen", now)) == self.LAST
        seen = version(here, "Ugyen")
        assert refusal(lambda: accounts.change(None, "Ugyen", AT_HAA, seen, now)) == self.LAST

    def test_somebody_who_never_joined_does_not_stand_in_for_her(
        self, here: World, ugyen: Person
    ) -> None:
        accounts, now = here.runtime.accounts, here.clock()
        accounts.add(None, "Namgay", Profile(role=Role.ADMINISTRATOR), now)
        assert refusal(lambda: accounts.disable(ugyen.officer, "Ugyen", now)) == self.LAST

    def test_two_who_disable_each_other_at_once_leave_one(self, here: World, ugyen: Person) -> None:
        namgay = administrator(here, "Namgay")
        accounts, now = here.runtime.accounts, here.clock()
        with second_process(here) as other:
            results = at_once(
                [
                    partial(accounts.disable, ugyen.officer, "Namgay", now),
                    partial(other.accounts.disable, namgay.officer, "Ugyen", now),
                ]
            )
        assert sum(result is None for result in results) == 1
        active = [name for name in ("Ugyen", "Namgay") if Person(here, name).officer.active]
        assert len(active) == 1


class TestLogins:
    def test_they_are_listed_with_the_newest_first(self, here: World) -> None:
        pema = joined(here, "Pema")
        pema.sign_in(agent="Firefox")
        here.clock.move(STEP)
        pema.sign_in(agent="Chrome")
        found = here.runtime.accounts.own.logins(pema.officer, "Pema", here.clock())
        assert [login.agent for login in found] == ["Chrome", "Firefox"]
        assert audited(here, "login.listed") == []
        here.clock.move(91 * DAY)
        assert here.runtime.accounts.own.logins(pema.officer, "Pema", here.clock()) == []

    def test_who_looks_at_anothers_is_written_down(self, here: World, ugyen: Person) -> None:
        here.runtime.accounts.own.logins(ugyen.officer, "Pema", here.clock())
        assert audited(here, "login.listed") == [("Ugyen", "login.listed", "Pema")]

    def test_one_is_ended_and_the_others_stay(self, here: World) -> None:
        pema, own = joined(here, "Pema"), here.runtime.accounts.own
        kept = pema.sign_in().token
        here.clock.move(STEP)
        lost = pema.sign_in().token
        newest = own.logins(pema.officer, "Pema", here.clock())[0]
        for _ in range(2):
            own.end_login(pema.officer, "Pema", newest.token_hash, here.clock())
        assert (pema.signed_in(kept), pema.signed_in(lost)) == (True, False)
        assert len(audited(here, "login.ended")) == 1

    def test_nobody_ends_the_login_of_another(self, here: World, ugyen: Person) -> None:
        pema, karma, own = joined(here, "Pema"), joined(here, "Karma"), here.runtime.accounts.own
        token = pema.sign_in().token
        (login,) = own.logins(pema.officer, "Pema", here.clock())
        for name, words in (("Karma", "There is no such login."), ("Pema", ONLY)):
            end = partial(own.end_login, karma.officer, name, login.token_hash, here.clock())
            assert refusal(end) == words
        assert pema.signed_in(token)
        own.end_login(ugyen.officer, "Pema", login.token_hash, here.clock())
        assert not pema.signed_in(token)


class TestCodesForMachines:
    def test_each_call_gives_one_that_works_now(self, here: World) -> None:
        pema, accounts = joined(here, "Pema"), here.runtime.accounts
        for _ in range(2):
            assert pema.sign_in(code=accounts.code("pema", here.clock()))
        words = "The next codes were used already. Wait half a minute."
        assert refusal(lambda: accounts.code("Pema", here.clock())) == words
        assert len(audited(here, "code.shown")) == 2

    def test_who_has_not_joined_has_none(self, here: World) -> None:
        words = "Pema has not joined yet."
        assert refusal(lambda: here.runtime.accounts.code("Pema", here.clock())) == words
        assert step_of(here.clock()) > 0


def test_one_chooses_ones_own_language(here: World) -> None:
    pema, own = Person(here, "Pema"), here.runtime.accounts.own
    own.set_language(pema.officer, "dz", here.clock())
    assert pema.officer.language == "dz"
    assert refusal(lambda: own.set_language(pema.officer, "fr", here.clock()))


def test_who_is_added_again_never_loses_a_desk(here: World) -> None:
    before = here.rows(memberships)
    assert refusal(lambda: here.runtime.accounts.add(None, "Pema", AT_HAA, here.clock()))
    assert here.rows(memberships) == before


def version(here: World, name: str) -> str:
    return here.runtime.accounts.one(name, here.clock()).profile.version
