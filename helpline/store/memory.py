"""What is remembered of a phone between dialogues, under its blind index and never for long.

The language that it chose, the dialogue that it was in, how often it sent the same text. All of it
lies sealed in Redis and may vanish: then it is asked again.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass

from redis.asyncio import Redis
from redis.exceptions import RedisError

from helpline.core.errors import SealBroken
from helpline.crypto import Sealer

LANGUAGE_TTL = 180 * 24 * 60 * 60  # seconds
REPEATS_TTL = 60 * 60
_GONE = (RedisError, OSError, TimeoutError)


@dataclass(frozen=True, slots=True)
class Spoken:
    """The language a phone chose, and the key of the session in which it did."""

    language: str
    session: str


@dataclass(frozen=True)
class Memory:
    redis: "Redis"
    sealer: Sealer

    async def language(self, programme: str, number: str) -> Spoken | None:
        stored = await self._get(self._key("language", programme, number))
        return Spoken(stored["language"], stored["session"]) if stored else None

    async def speak(self, programme: str, number: str, spoken: Spoken) -> None:
        if number:
            value = {"language": spoken.language, "session": spoken.session}
            await self._put(self._key("language", programme, number), value, LANGUAGE_TTL)

    async def forget_language(self, programme: str, number: str) -> None:
        await self._drop(self._key("language", programme, number))

    async def dialogue(self, channel: str, number: str) -> str:
        """The key of the phone's newest session on the channel, "" when there is none."""
        stored = await self._get(self._key("dialogue", channel, number))
        return stored["session"] if stored else ""

    async def in_dialogue(self, channel: str, number: str, session: str, ttl: int) -> None:
        if number:
            await self._put(self._key("dialogue", channel, number), {"session": session}, ttl)

    async def repeats(self, channel: str, number: str, text: str, message: str) -> int:
        """How many messages of this text the number has sent within the hour, this one included.

        One message counts once, however often it is delivered. 0 when Redis is gone.
        """
        key = self._key("repeats", f"{channel}|{text}", number)
        try:
            async with self.redis.pipeline(transaction=False) as pipe:
                pipe.sadd(key, message)
                pipe.expire(key, REPEATS_TTL)
                pipe.scard(key)
                return int((await pipe.execute())[2])
        except _GONE:
            return 0

    async def misses(self, programme: str, number: str, *, more: bool = False) -> int:
        """How often this phone asked for a request that it could not open, within the hour."""
        key = self._key("misses", programme, number)
        try:
            if not more:
                return int(await self.redis.get(key) or 0)
            async with self.redis.pipeline(transaction=False) as pipe:
                pipe.incr(key)
                pipe.expire(key, REPEATS_TTL)
                return int((await pipe.execute())[0])
        except _GONE:
            return 0

    def _key(self, kind: str, scope: str, number: str) -> str:
        name = f"{kind}|{scope}|{self.sealer.blind_index(number)}".encode()
        return f"{kind}:" + hashlib.sha256(name).hexdigest()

    async def _get(self, key: str) -> Mapping[str, str] | None:
        try:
            stored = await self.redis.get(key)
            if stored is None:
                return None
            sealed = stored if isinstance(stored, bytes) else stored.encode()
            found: Mapping[str, str] = json.loads(self.sealer.open_session(key, sealed))
        except (*_GONE, SealBroken, ValueError):
            return None
        return found

    async def _put(self, key: str, value: Mapping[str, str], ttl: int) -> None:
        sealed = self.sealer.seal_session(key, json.dumps(value).encode())
        try:
            await self.redis.set(key, sealed, ex=ttl)
        except _GONE:
            return  # it is asked again

    async def _drop(self, key: str) -> None:
        try:
            await self.redis.delete(key)
        except _GONE:
            return
