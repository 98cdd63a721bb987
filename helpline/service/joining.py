"""Opening an account by invitation: an address of use once, a password, a second factor."""

import base64
import binascii
import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import Connection

from helpline.core.errors import Refused, SealBroken
from helpline.crypto import Sealer
from helpline.service import codes, passwords
from helpline.service.codes import SecondFactor
from helpline.service.passwords import Passwords
from helpline.service.throttle import Devices
from helpline.service.visits import Visits
from helpline.store import accounts, audit, invites, officers
from helpline.store.accounts import Credentials
from helpline.store.invites import Invite
from helpline.store.officers import Officer
from helpline.store.record import Record

VALID = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Beginning:
    """A fresh secret to be shown, and sealed for the form that brings it back."""

    officer: Officer
    secret: str = field(repr=False)
    uri: str = field(repr=False)
    sealed: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Enrolment:
    """What the form held: the password twice, the sealed secret, the app's first code."""

    password: str = field(repr=False)
    again: str = field(repr=False)
    sealed: str = field(repr=False)
    code: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Enrolled:
    """Recovery codes, to be shown once; `device` is the cookie of a known device."""

    officer: Officer
    recovery: tuple[str, ...] = field(repr=False)
    device: str = field(repr=False)


@dataclass(frozen=True)
class Joining:
    """`token` gives a secret of at least 128 bits as URL-safe text."""

    record: Record
    sealer: Sealer
    visits: Visits
    passwords: Passwords
    factor: SecondFactor
    devices: Devices
    token: Callable[[], str]

    def invite(self, connection: Connection, officer: Officer, now: datetime) -> str:
        """A token that opens the account once within 24 hours; older ones are void."""
        token = self.token()
        invites.void(connection, officer.id, now)
        invites.put(connection, Invite(_hash(token), officer.id, now, now + VALID))
        return token

    def look(self, token: str, now: datetime) -> Officer:
        """Whose invitation this is. Refused, in one sentence, when it opens nothing."""
        with self.record.reading() as connection:
            return _invited(connection, token, now)

    def begin(self, token: str, now: datetime, sealed: str = "") -> Beginning:
        """A fresh secret, or the one of the form that was sent with something wrong in it."""
        officer = self.look(token, now)
        secret = self._unsealed(token, sealed) if sealed else codes.new_secret(self.factor.random)
        carried = self.sealer.seal_session(_bound(token), secret.encode("ascii"))
        again = base64.urlsafe_b64encode(carried).decode("ascii")
        return Beginning(officer, secret, codes.uri(secret, officer.name), again)

    def enrol(self, token: str, form: Enrolment, now: datetime) -> Enrolled:
        """Sets password and second factor, ends every login, uses the invitation up."""
        officer = self.look(token, now)
        if form.password != form.again:
            raise Refused("The two passwords are not the same. Type them again.")
        passwords.check(form.password, officer.name)
        secret = self._unsealed(token, form.sealed)
        step = codes.step_matching(secret, form.code, now)
        if step is None:
            raise Refused("The code is not right. Wait for the next one and type it.")
        password_hash = self.passwords.hash(form.password)
        with self.record.writing() as connection:
            officer = _invited(connection, token, now)
            if not invites.use(connection, _hash(token), now):
                raise _over()
            fresh = Credentials(password_hash, self.factor.sealed(officer.id, secret), step)
            recovery = self._open(connection, officer, fresh, now)
        return Enrolled(officer, recovery, self.devices.remember("", officer.id))

    def found(
        self, connection: Connection, officer: Officer, password: str, secret: str, now: datetime
    ) -> None:
        """Opens an account without an invitation: for a demo that makes its own officers."""
        sealed = self.factor.sealed(officer.id, secret)
        self._open(connection, officer, Credentials(self.passwords.hash(password), sealed), now)

    def _open(
        self, connection: Connection, officer: Officer, fresh: Credentials, now: datetime
    ) -> tuple[str, ...]:
        accounts.put(connection, officer.id, fresh)
        self.visits.end_all(connection, officer, "enrolled", now)
        audit.append(
            connection,
            at=now,
            actor=officer.name,
            action="account.enrolled",
            subject=officer.name,
        )
        return self.factor.renew_recovery(connection, officer.id)

    def _unsealed(self, token: str, sealed: str) -> str:
        try:
            carried = base64.urlsafe_b64decode(sealed.encode("ascii"))
            return self.sealer.open_session(_bound(token), carried).decode("ascii")
        except (binascii.Error, ValueError, SealBroken):
            raise Refused("This form is not of this invitation. Open its address again.") from None


def _invited(connection: Connection, token: str, now: datetime) -> Officer:
    invite = invites.get(connection, _hash(token))
    officer = officers.get(connection, invite.officer_id) if invite else None
    if invite is None or not invite.open(now) or officer is None or not officer.active:
        raise _over()
    return officer


def _over() -> Refused:
    return Refused("This invitation is not valid any more. Ask for a new one.")


def _bound(token: str) -> str:
    return f"enrol|{_hash(token)}"


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()
