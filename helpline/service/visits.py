"""Who is signed in: begun, looked up and ended in the record, at once on every process."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection

from helpline.store import audit, logins, officers
from helpline.store.logins import Login
from helpline.store.officers import Officer
from helpline.store.record import Record

IDLE = timedelta(minutes=15)
LONGEST = timedelta(hours=8)
_NOTICED = timedelta(seconds=30)  # how exact `seen_at` is: not every look is a write
SIGNED_OUT, IDLED, OVER, ENDED = "signed_out", "idle", "too_long", "ended"


@dataclass(frozen=True, slots=True)
class Visitor:
    """An officer who is signed in, and the desks where she works, as of now."""

    officer: Officer
    desks: tuple[str, ...]
    login: Login


@dataclass(frozen=True)
class Visits:
    """`token` gives a secret of at least 128 bits as URL-safe text."""

    record: Record
    token: Callable[[], str]

    def begin(self, connection: Connection, officer: Officer, agent: str, now: datetime) -> str:
        """A new login inside a writing transaction; its token, which is stored nowhere."""
        token = self.token()
        login = Login(_hash(token), officer.id, self.token(), agent[:80], now, now, now + LONGEST)
        logins.put(connection, login)
        _audited(connection, officer, "login.begun", now, agent=agent[:80])
        return token

    def look(self, token: str, now: datetime, *, active: bool = True) -> Visitor | None:
        """Who this token belongs to; None when it is over. `active`: somebody did something, so
        the idle time begins anew (a page that refreshes by itself is nobody)."""
        with self.record.reading() as connection:
            login = logins.get(connection, _hash(token))
            if login is None or login.ended_at is not None:
                return None
            officer = officers.get(connection, login.officer_id)
            desks = officers.desks_of(connection, login.officer_id)
        assert officer is not None
        if why := _over(login, officer, now):
            self.end(login, why, now)
            return None
        if active and now - login.seen_at >= _NOTICED:
            with self.record.writing() as connection:
                logins.seen(connection, login.token_hash, now)
        return Visitor(officer, desks, login)

    def end(self, login: Login, why: str, now: datetime) -> None:
        with self.record.writing() as connection:
            officer = officers.get(connection, login.officer_id)
            assert officer is not None
            if logins.end(connection, login.token_hash, now, why):
                _audited(connection, officer, "login.ended", now, reason=why)

    def end_all(self, connection: Connection, officer: Officer, why: str, now: datetime) -> int:
        """Every login of this officer, at once, inside a writing transaction."""
        ended = logins.end_all(connection, officer.id, now, why)
        if ended:
            _audited(connection, officer, "login.ended", now, reason=why)
        return ended


def alive(login: Login, now: datetime) -> bool:
    """Whether it still opens pages, as far as time and its own end tell."""
    return login.ended_at is None and now < login.until and now - login.seen_at < IDLE


def _over(login: Login, officer: Officer, now: datetime) -> str:
    """Why it is over; a clock set back ends nothing and lengthens nothing beyond `until`."""
    if not officer.active:
        return ENDED
    if now >= login.until:
        return OVER
    return IDLED if now - login.seen_at >= IDLE else ""


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _audited(
    connection: Connection, officer: Officer, action: str, now: datetime, **detail: str
) -> None:
    audit.append(
        connection, at=now, actor=officer.name, action=action, subject=officer.name, detail=detail
    )
