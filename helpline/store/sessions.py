"""Sessions in Redis: sealed, with a time to live, and never waited for.

Redis may be gone, wiped or frozen: a read then finds nothing and a write is dropped, each within
the socket timeout, and the dialogue goes on from what the gateway sends.
"""

import hashlib
import time
from dataclasses import dataclass, field

from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from helpline.core.errors import SealBroken
from helpline.core.session import Session
from helpline.crypto import Sealer

TIMEOUT = 0.3  # seconds; redis-py's own defaults blocked a call for 58 s on a frozen server
USSD_TTL = 10 * 60  # seconds; networks end a session at about 180
SMS_TTL = 6 * 60 * 60
UNSAVED = 2000  # sessions
_GONE = (RedisError, OSError, TimeoutError)


def connect(url: str) -> "Redis":
    return Redis.from_url(
        url,
        socket_timeout=TIMEOUT,
        socket_connect_timeout=TIMEOUT,
        retry=Retry(NoBackoff(), 0),
        health_check_interval=0,
    )


@dataclass(frozen=True)
class SessionStore:
    """`_unsaved` keeps, in this process, the sessions that Redis would not take: an older one
    still in there must not be believed when it comes back."""

    redis: "Redis"
    sealer: Sealer
    _unsaved: dict[str, tuple[Session, float]] = field(default_factory=dict, repr=False)

    def key(self, channel: str, session: str, number: str) -> str:
        """Gateways reuse short session ids, so the number is part of it, as a keyed index: a plain
        hash of a phone number is guessed in a second."""
        name = f"{channel}|{session}|{self.sealer.blind_index(number)}".encode()
        return "session:" + hashlib.sha256(name).hexdigest()

    async def get(self, key: str) -> Session | None:
        if key in self._unsaved:
            session, until = self._unsaved[key]
            if time.monotonic() < until:
                return session
            del self._unsaved[key]
        try:
            stored = await self.redis.get(key)
            if stored is None:
                return None
            return Session.from_json(
                self.sealer.open_session(
                    key, stored if isinstance(stored, bytes) else stored.encode()
                )
            )
        except (*_GONE, SealBroken, ValueError, TypeError, KeyError):
            return None

    async def put(self, key: str, session: Session, ttl: int) -> bool:
        try:
            sealed = self.sealer.seal_session(key, session.to_json())
            await self.redis.set(key, sealed, ex=ttl)
        except _GONE:
            self._keep(key, session, ttl)
            return False
        self._unsaved.pop(key, None)
        return True

    def _keep(self, key: str, session: Session, ttl: int) -> None:
        self._unsaved.pop(key, None)
        self._unsaved[key] = (session, time.monotonic() + ttl)
        while len(self._unsaved) > UNSAVED:
            del self._unsaved[next(iter(self._unsaved))]

    async def forget(self, key: str) -> bool:
        """True when it is certain that nothing is left."""
        self._unsaved.pop(key, None)
        try:
            await self.redis.delete(key)
        except _GONE:
            return False
        return True

    async def alive(self) -> bool:
        try:
            return bool(await self.redis.ping())
        except _GONE:
            return False

    async def close(self) -> None:
        await self.redis.aclose()
