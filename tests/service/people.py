"""Somebody with an account: joins, reads her app, signs in, in short words."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta

import pytest

from helpline.core.access import Role
from helpline.core.errors import Refused
from helpline.service.account_rules import Profile
from helpline.service.codes import code_of, step_of
from helpline.service.entry import SignedIn, Try
from helpline.service.joining import Enrolled, Enrolment
from helpline.store import officers
from helpline.store.officers import Officer
from helpline.store.schema import audit
from tests.world import HAA, World

PASSWORD = "tall pines in the morning"
WRONG = "Name, password or code is wrong."
STEP = timedelta(seconds=30)


def refusal(job: Callable[[], object]) -> str:
    with pytest.raises(Refused) as refused:
        job()
    return str(refused.value)


def audited(here: World, *actions: str) -> list[tuple[object, ...]]:
    """Actor, action and subject of these actions, in order."""
    rows = [(row["actor"], row["action"], row["subject"]) for row in here.rows(audit)]
    return [row for row in rows if row[1] in actions]


@dataclass
class Person:
    """`device` is the cookie of her browser; each `code` is one that was not used yet."""

    here: World
    name: str
    secret: str = ""
    password: str = PASSWORD
    device: str = ""
    recovery: tuple[str, ...] = field(default=())

    @property
    def officer(self) -> Officer:
        with self.here.record.reading() as connection:
            found = officers.named(connection, self.name)
        assert found is not None
        return found

    @property
    def code(self) -> str:
        return code_of(self.secret, step_of(self.here.clock()))

    def join(self, token: str) -> Enrolled:
        joining, now = self.here.runtime.accounts.joining, self.here.clock()
        began = joining.begin(token, now)
        self.secret = began.secret
        form = Enrolment(self.password, self.password, began.sealed, self.code)
        enrolled = joining.enrol(token, form, now)
        self.recovery = enrolled.recovery
        self.here.clock.move(STEP)  # the first code is used
        return enrolled

    def trying(self, **other: str) -> Try:
        fields = {"name": self.name, "password": self.password, "device": self.device}
        return Try(**{**fields, "code": self.code, "agent": "Firefox", **other})

    def sign_in(self, **other: str) -> SignedIn:
        return self.here.runtime.accounts.entry.sign_in(self.trying(**other), self.here.clock())

    def signed_in(self, token: str) -> bool:
        return self.here.runtime.visits.look(token, self.here.clock()) is not None


def joined(here: World, name: str, profile: Profile | None = None) -> Person:
    """Somebody who has joined; a new account when a profile is given. Half a minute passes."""
    accounts, now = here.runtime.accounts, here.clock()
    if profile is not None:
        accounts.add(None, name, profile, now)
    person = Person(here, name)
    person.join(accounts.invite(None, name, now))
    return person


def administrator(here: World, name: str = "Ugyen") -> Person:
    return joined(here, name, Profile(role=Role.ADMINISTRATOR))


def supervisor(here: World, name: str = "Deki") -> Person:
    return joined(here, name, Profile(role=Role.SUPERVISOR, desks=(HAA,), woman=True))
