"""Accounts: who has one, what an administrator may change, and one's own.

`by` is who acts; None is the command line of the server. Every change is checked again inside its
own transaction, so that two administrators, or one who was disabled meanwhile, do no harm.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from helpline.core.errors import Refused
from helpline.crypto import Sealer
from helpline.service.account_rules import (
    Profile,
    acting,
    acting_on_reset,
    check_last,
    check_name,
    check_profile,
    existing,
    profile_of,
)
from helpline.service.codes import Random, SecondFactor, code_of, step_of
from helpline.service.entry import Entry
from helpline.service.joining import Joining
from helpline.service.own_account import OwnAccount
from helpline.service.passwords import Passwords
from helpline.service.throttle import Devices, Throttle
from helpline.service.visits import Visits
from helpline.store import accounts, audit, invites, officers
from helpline.store.officers import Officer
from helpline.store.record import Record


@dataclass(frozen=True, slots=True)
class Account:
    """One row of the list. `invited` is until when an invitation is open."""

    officer: Officer
    profile: Profile
    joined: bool
    invited: datetime | None


@dataclass(frozen=True)
class Accounts:
    record: Record
    visits: Visits
    factor: SecondFactor
    entry: Entry
    joining: Joining
    own: OwnAccount

    def everybody(self, now: datetime) -> list[Account]:
        with self.record.reading() as connection:
            joined, waiting = accounts.joined(connection), invites.waiting(connection, now)
            return [
                Account(
                    officer,
                    profile_of(officer, officers.desks_of(connection, officer.id)),
                    officer.id in joined,
                    waiting.get(officer.id),
                )
                for officer in officers.everybody(connection)
            ]

    def one(self, name: str, now: datetime) -> Account:
        """Refused when nobody has that name."""
        with self.record.reading() as connection:
            officer = existing(connection, name)
        return next(found for found in self.everybody(now) if found.officer.id == officer.id)

    def add(self, by: Officer | None, name: str, profile: Profile, now: datetime) -> Officer:
        with self.record.writing() as connection:
            actor = acting(connection, by)
            check_name(connection, name)
            check_profile(connection, profile)
            officers.put(
                connection,
                name,
                woman=profile.woman,
                desks=profile.desks,
                role=profile.role,
                interviewer=profile.interviewer,
                speaks=profile.speaks,
                language=profile.language,
            )
            officer = existing(connection, name)
            detail = {"role": profile.role.value, "desk": ",".join(profile.desks)}
            _audit(connection, actor, "account.added", officer, now, **detail)
            return officer

    def change(
        self, by: Officer | None, name: str, profile: Profile, seen: str, now: datetime
    ) -> None:
        """`seen` is the version that the form was opened on."""
        with self.record.writing() as connection:
            actor, officer = acting(connection, by), existing(connection, name)
            before = profile_of(officer, officers.desks_of(connection, officer.id))
            if before.version != seen:
                raise Refused("Somebody else changed this account meanwhile. Look at it again.")
            check_profile(connection, profile)
            if profile.role is not before.role:
                if by is not None and by.id == officer.id:
                    raise Refused("Nobody changes her own role. Ask another administrator.")
                check_last(connection, officer)
            self._set(connection, officer, profile)
            if changed := before.differs(profile):
                detail = {"role": profile.role.value, "desk": ",".join(profile.desks)}
                detail["fields"] = ",".join(changed)
                _audit(connection, actor, "account.changed", officer, now, **detail)

    def _set(self, connection: Connection, officer: Officer, profile: Profile) -> None:
        officers.set_desks(connection, officer.id, profile.desks)
        accounts.set_profile(
            connection,
            officer.id,
            woman=profile.woman,
            role=profile.role,
            interviewer=profile.interviewer,
            speaks=profile.speaks,
            language=profile.language,
        )

    def invite(self, by: Officer | None, name: str, now: datetime) -> str:
        """The token of an invitation for somebody who has not joined yet."""
        with self.record.writing() as connection:
            actor, officer = acting(connection, by), existing(connection, name)
            _active(officer)
            if accounts.credentials(connection, officer.id).joined:
                raise Refused("{name} has joined. Reset the account instead.", name=officer.name)
            _audit(connection, actor, "account.invited", officer, now)
            return self.joining.invite(connection, officer, now)

    def reset(self, by: Officer | None, name: str, now: datetime) -> str:
        """Password, second factor, recovery codes and logins are void at once; a new token."""
        with self.record.writing() as connection:
            officer = existing(connection, name)
            actor = acting_on_reset(connection, by, officer)
            _active(officer)
            accounts.put(connection, officer.id, accounts.NONE)
            accounts.set_recovery(connection, officer.id, ())
            self.visits.end_all(connection, officer, "reset", now)
            _audit(connection, actor, "account.reset", officer, now)
            return self.joining.invite(connection, officer, now)

    def disable(self, by: Officer | None, name: str, now: datetime) -> None:
        """Ends every login at once. Twice is as good as once."""
        with self.record.writing() as connection:
            actor, officer = acting(connection, by), existing(connection, name)
            if not officer.active:
                return
            check_last(connection, officer)
            officers.set_active(connection, officer.id, False)
            invites.void(connection, officer.id, now)
            self.visits.end_all(connection, officer, "disabled", now)
            _audit(connection, actor, "account.disabled", officer, now)

    def enable(self, by: Officer | None, name: str, now: datetime) -> None:
        with self.record.writing() as connection:
            actor, officer = acting(connection, by), existing(connection, name)
            if not officer.active:
                officers.set_active(connection, officer.id, True)
                _audit(connection, actor, "account.enabled", officer, now)

    def code(self, name: str, now: datetime) -> str:
        """A code that opens this account now, or in the next step if this one's was used."""
        with self.record.writing() as connection:
            officer = existing(connection, name)
            known = accounts.credentials(connection, officer.id)
            if not known.joined:
                raise Refused("{name} has not joined yet.", name=officer.name)
            step = max(step_of(now), known.totp_step + 1)
            if step > step_of(now) + 1:
                raise Refused("The next codes were used already. Wait half a minute.")
            _audit(connection, acting(connection, None), "code.shown", officer, now)
            return code_of(self.factor.secret(officer.id, known), step)


def accounts_of(
    record: Record, sealer: Sealer, visits: Visits, random: Random, token: Callable[[], str]
) -> Accounts:
    passwords, factor, devices = Passwords(), SecondFactor(sealer, random), Devices(sealer, token)
    throttle = Throttle(sealer)
    entry = Entry(record, visits, passwords, factor, throttle, devices)
    joining = Joining(record, sealer, visits, passwords, factor, devices, token)
    own = OwnAccount(record, visits, factor, throttle)
    return Accounts(record, visits, factor, entry, joining, own)


def _active(officer: Officer) -> None:
    if not officer.active:
        raise Refused("{name} is disabled. Enable the account first.", name=officer.name)


def _audit(
    connection: Connection,
    actor: str,
    action: str,
    officer: Officer,
    now: datetime,
    **detail: str,
) -> None:
    audit.append(
        connection, at=now, actor=actor, action=action, subject=officer.name, detail=detail
    )
