"""Slows down guessing of one name without ever locking its officer out, or anybody else.

After OWASP's "device cookies": failures count per name and device. A device where that officer has
signed in before counts by itself; all others share one count of that name. Who guesses a name from
elsewhere therefore slows only other unknown devices.
"""

import base64
import binascii
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection

from helpline.core.errors import Refused, SealBroken
from helpline.crypto import Sealer
from helpline.store import throttles
from helpline.store.officers import folded
from helpline.store.throttles import Throttled

FREE = 5  # failures that cost no wait but the last
FIRST, MOST = timedelta(seconds=30), timedelta(minutes=15)
FORGOTTEN = timedelta(days=1)  # after the last wait
OFFICERS = 20  # who may share one known device
_MINUTE = timedelta(minutes=1)


def wait_after(failures: int) -> timedelta:
    if failures < FREE:
        return timedelta(0)
    return min(FIRST * (1 << min(failures - FREE, 10)), MOST)


def too_many(wait: timedelta) -> Refused:
    """Says a time that is long enough, in a few fixed sentences."""
    if wait <= _MINUTE:
        return Refused("Too many tries. Wait a minute.")
    if wait <= 5 * _MINUTE:
        return Refused("Too many tries. Wait 5 minutes.")
    return Refused("Too many tries. Wait 15 minutes.")


@dataclass(frozen=True)
class Throttle:
    """Every method but `key` is inside a transaction."""

    sealer: Sealer

    def key(self, name: str, device: str) -> str:
        """Blind: somebody may type a password where the name belongs."""
        return self.sealer.blind_text("throttle", f"{device}\n{folded(name)}")

    def wait(self, connection: Connection, key: str, now: datetime) -> timedelta:
        """How long it still lasts; zero when it may be tried."""
        row = throttles.get(connection, key)
        if row is None or row.until <= now:
            return timedelta(0)
        left = row.until - now
        # Longer than it ever began: the clock was set back. Nobody waits for that.
        return left if left <= wait_after(row.failures) else timedelta(0)

    def failed(self, connection: Connection, key: str, now: datetime) -> None:
        throttles.forget(connection, now - FORGOTTEN)
        row = throttles.get(connection, key)
        failures = min(1 + (row.failures if row else 0), 100)
        throttles.put(connection, Throttled(key, failures, now + wait_after(failures)))

    def clear(self, connection: Connection, key: str) -> None:
        throttles.clear(connection, key)


@dataclass(frozen=True)
class Devices:
    """A sealed cookie: the device's random name and who has signed in there, by id."""

    sealer: Sealer
    token: Callable[[], str]

    def known(self, cookie: str, officer_id: int) -> str:
        """The device's name when this officer has signed in there before, else ""."""
        name, ids = self._read(cookie)
        return name if officer_id in ids else ""

    def remember(self, cookie: str, officer_id: int) -> str:
        """The cookie to set after this officer signed in; officers may share a computer."""
        name, ids = self._read(cookie)
        kept = [known for known in ids if known != officer_id][1 - OFFICERS :]
        content = json.dumps([name or self.token(), [*kept, officer_id]]).encode("ascii")
        sealed = self.sealer.seal_session("device", content)
        return base64.urlsafe_b64encode(sealed).decode("ascii")

    def _read(self, cookie: str) -> tuple[str, list[int]]:
        try:
            sealed = base64.urlsafe_b64decode(cookie.encode("ascii"))
            name, ids = json.loads(self.sealer.open_session("device", sealed))
        except (binascii.Error, ValueError, SealBroken):
            return "", []
        return str(name), list(ids)
