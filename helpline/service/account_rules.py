"""What an account may be, and who may change it: rules below every screen and command."""

import hashlib
from dataclasses import dataclass, fields

from sqlalchemy import Connection

from helpline import catalogue
from helpline.core.access import Act, Role, may
from helpline.core.errors import Refused
from helpline.store import accounts, desks, officers
from helpline.store.officers import Officer

OPERATOR = "operator"  # how the audit log names who types commands on the server
LONGEST_NAME = 64
CONSOLE = tuple(sorted(code for code in catalogue.LANGUAGES if "_" not in code))
SPOKEN = tuple(code for code in CONSOLE if code != "en")


@dataclass(frozen=True, slots=True)
class Profile:
    """What an administrator says of somebody."""

    role: Role = Role.OFFICER
    desks: tuple[str, ...] = ()
    woman: bool = False
    interviewer: bool = False
    speaks: tuple[str, ...] = ()
    language: str = "en"

    @property
    def version(self) -> str:
        """Changes with every field: a form that was opened on an older one is noticed."""
        said = [self.role.value, sorted(self.desks), self.woman, self.interviewer]
        whole = repr([*said, sorted(self.speaks), self.language])
        return hashlib.sha256(whole.encode()).hexdigest()[:16]

    def differs(self, other: "Profile") -> list[str]:
        """Names of the fields that differ."""
        return [f.name for f in fields(self) if getattr(self, f.name) != getattr(other, f.name)]


def profile_of(officer: Officer, its_desks: tuple[str, ...]) -> Profile:
    return Profile(
        role=officer.role,
        desks=tuple(sorted(its_desks)),
        woman=officer.woman,
        interviewer=officer.interviewer,
        speaks=tuple(sorted(officer.speaks)),
        language=officer.language,
    )


def check_name(connection: Connection, name: str) -> None:
    if not name.isprintable() or not 1 <= len(name) <= LONGEST_NAME or name != name.strip():
        raise Refused("An officer's name has 1 to 64 letters.")
    known = officers.called(connection, name)
    if known is not None:
        raise Refused("{name} has an account already.", name=known.name)
    if officers.folded(name) in (OPERATOR, "system", "caller"):
        raise Refused(
            "The audit log means somebody else by {name}. Choose another name.", name=name
        )


def check_profile(connection: Connection, profile: Profile) -> None:
    for desk in profile.desks:
        if desks.get(connection, desk) is None:
            raise Refused("There is no desk {desk}.", desk=desk)
    if profile.role is Role.ADMINISTRATOR and profile.desks:
        raise Refused("An administrator reads no case and has no desk.")
    if profile.role is not Role.ADMINISTRATOR and not profile.desks:
        raise Refused("Choose at least one desk.")
    for code in (*profile.speaks, profile.language):
        if code not in CONSOLE:
            raise Refused("There is no language {language}.", language=code)


def acting(connection: Connection, by: Officer | None) -> str:
    """The actor's name; Refused unless she is an administrator at this very moment. None is
    somebody at the server's own command line, who holds the key ring."""
    if by is None:
        return OPERATOR
    now = officers.get(connection, by.id)
    if now is None or not now.active or not may(now.role, Act.ACCOUNTS):
        raise Refused("Only an administrator may do this.")
    return now.name


def acting_on_reset(connection: Connection, by: Officer | None, officer: Officer) -> str:
    """A supervisor may reset who works at her desks alone: at night no administrator is there."""
    now = officers.get(connection, by.id) if by else None
    if now is None or not now.active or now.role is not Role.SUPERVISOR:
        return acting(connection, by)
    hers, theirs = (set(officers.desks_of(connection, one.id)) for one in (now, officer))
    if officer.role is not Role.OFFICER or not theirs or not theirs <= hers:
        raise Refused("Only an administrator may do this.")
    return now.name


def check_last(connection: Connection, officer: Officer) -> None:
    """Before somebody stops being an administrator: another one can sign in."""
    if officer.role is not Role.ADMINISTRATOR or not officer.active:
        return
    if not accounts.administrators(connection) - {officer.id}:
        raise Refused("{name} is the last administrator. Add another one first.", name=officer.name)


def existing(connection: Connection, name: str) -> Officer:
    officer = officers.called(connection, name)
    if officer is None:
        raise Refused("There is no account {name}.", name=name)
    return officer
