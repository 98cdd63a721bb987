"""Signing in: name, password and code together, one sentence for whatever of them is wrong."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import Connection

from helpline.core.errors import Refused
from helpline.service.codes import SecondFactor
from helpline.service.passwords import Passwords
from helpline.service.throttle import Devices, Throttle, too_many
from helpline.service.visits import Visits
from helpline.store import accounts, audit, officers
from helpline.store.accounts import Credentials
from helpline.store.officers import Officer
from helpline.store.record import Record


@dataclass(frozen=True, slots=True)
class Try:
    """What the form held. `code` is of the app or a recovery code; `device` the device's cookie."""

    name: str
    password: str = field(repr=False)
    code: str = field(repr=False)
    device: str = field(default="", repr=False)
    agent: str = ""


@dataclass(frozen=True, slots=True)
class SignedIn:
    """`token` and `device` are cookies and are stored nowhere."""

    officer: Officer
    token: str = field(repr=False)
    device: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class _Weighed:
    """What is known of a try before anything is written."""

    officer: Officer | None
    known: Credentials
    key: str  # of the throttle
    right: bool = False  # the password is
    rehashed: str = field(default="", repr=False)


@dataclass(frozen=True)
class Entry:
    record: Record
    visits: Visits
    passwords: Passwords
    factor: SecondFactor
    throttle: Throttle
    devices: Devices

    def sign_in(self, tried: Try, now: datetime) -> SignedIn:
        """Refused with the same words, after the same work, whatever was wrong."""
        weighed = self._weigh(tried, now)
        with self.record.writing() as connection:
            # Again: of many tries at once only the first ones were still free.
            wait = self.throttle.wait(connection, weighed.key, now)
            signed_in = None if wait else self._settle(connection, weighed, tried, now)
        if wait:
            raise too_many(wait)
        if signed_in is None:
            raise Refused("Name, password or code is wrong.")
        return signed_in

    def _weigh(self, tried: Try, now: datetime) -> _Weighed:
        with self.record.reading() as connection:
            officer = officers.called(connection, tried.name)
            known = accounts.credentials(connection, officer.id) if officer else accounts.NONE
            device = self.devices.known(tried.device, officer.id) if officer else ""
            key = self.throttle.key(tried.name, device)
            wait = self.throttle.wait(connection, key, now)
        if wait > timedelta(0):
            raise too_many(wait)
        right = self.passwords.right(known.password_hash, tried.password)
        stale = right and self.passwords.stale(known.password_hash)
        rehashed = self.passwords.hash(tried.password) if stale else ""
        return _Weighed(officer, known, key, right, rehashed)

    def _settle(
        self, connection: Connection, weighed: _Weighed, tried: Try, now: datetime
    ) -> SignedIn | None:
        officer = weighed.officer
        if officer is None or not self._opens(connection, weighed, tried, now):
            self.throttle.failed(connection, weighed.key, now)
            if officer is not None:
                _audited(connection, officer, "login.failed", now)
            return None
        self.throttle.clear(connection, weighed.key)
        if weighed.rehashed:
            accounts.set_password(connection, officer.id, weighed.rehashed)
        token = self.visits.begin(connection, officer, tried.agent, now)
        return SignedIn(officer, token, self.devices.remember(tried.device, officer.id))

    def _opens(self, connection: Connection, weighed: _Weighed, tried: Try, now: datetime) -> bool:
        """Whether all three are right as of now; only then the code is used up."""
        assert weighed.officer is not None
        officer = officers.get(connection, weighed.officer.id)
        known = accounts.credentials(connection, weighed.officer.id)
        unchanged = known.joined and known.password_hash == weighed.known.password_hash
        if officer is None or not officer.active or not unchanged or not weighed.right:
            return False
        if self.factor.use_code(connection, officer.id, known, tried.code, now):
            return True
        if self.factor.use_recovery(connection, officer.id, tried.code, now):
            _audited(connection, officer, "recovery.used", now)
            return True
        return False


def _audited(connection: Connection, officer: Officer, action: str, now: datetime) -> None:
    audit.append(connection, at=now, actor=officer.name, action=action, subject=officer.name)
