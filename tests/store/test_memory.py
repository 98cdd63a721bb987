"""What is remembered of a phone: unreadable, never for long, and never waited for."""

import os
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

import pytest
from redis import Redis

from helpline.crypto import Keyring, Sealer, new_keyring
from helpline.redisd import EmbeddedRedis, stop
from helpline.store.memory import LANGUAGE_TTL, REPEATS_TTL, Memory, Spoken
from helpline.store.sessions import connect
from tests.private import PRIVATE_NUMBERS, PRIVATE_WORDS
from tests.world import NUMBER, frozen

pytestmark = pytest.mark.anyio

KEYRING = new_keyring(os.urandom)
OTHER = PRIVATE_NUMBERS[3]
DZONGKHA = Spoken("dz", "session:one")
PROMPTLY = 1.0  # seconds


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@asynccontextmanager
async def opened(url: str, ring: str = KEYRING) -> AsyncIterator[Memory]:
    redis = connect(url)
    try:
        yield Memory(redis, Sealer(Keyring.parse(ring), os.urandom))
    finally:
        await redis.aclose()


@pytest.fixture
async def memory(redis_url: str) -> AsyncIterator[Memory]:
    async with opened(redis_url) as remembering:
        yield remembering


@contextmanager
def promptly() -> Iterator[None]:
    began = time.monotonic()
    yield
    assert time.monotonic() - began < PROMPTLY


def stored(redis_url: str) -> dict[bytes, int]:
    """Every key in Redis, with the seconds until it is gone."""
    with Redis.from_url(redis_url) as client:
        return {bytes(key): int(client.ttl(key)) for key in client.keys("*")}


async def all_of_it(memory: Memory) -> None:
    """One of everything that is remembered."""
    await memory.speak("bt", NUMBER, DZONGKHA)
    await memory.in_dialogue("bt-ussd", NUMBER, "session:one", 600)
    await memory.repeats("bt-sms", NUMBER, PRIVATE_WORDS[1], "message-1")
    await memory.misses("bt", NUMBER, more=True)


class TestTheLanguage:
    async def test_what_was_spoken_is_remembered_with_its_session(self, memory: Memory) -> None:
        assert await memory.language("bt", NUMBER) is None
        await memory.speak("bt", NUMBER, DZONGKHA)
        assert await memory.language("bt", NUMBER) == DZONGKHA

    async def test_the_newest_counts(self, memory: Memory) -> None:
        await memory.speak("bt", NUMBER, DZONGKHA)
        await memory.speak("bt", NUMBER, Spoken("en", "session:two"))
        assert await memory.language("bt", NUMBER) == Spoken("en", "session:two")

    async def test_it_belongs_to_one_number_in_one_programme(self, memory: Memory) -> None:
        await memory.speak("bt", NUMBER, DZONGKHA)
        assert await memory.language("bt", OTHER) is None
        assert await memory.language("pk", NUMBER) is None

    async def test_it_is_forgotten_when_it_shall_be(self, memory: Memory) -> None:
        await memory.speak("bt", NUMBER, DZONGKHA)
        await memory.speak("bt", OTHER, DZONGKHA)
        await memory.forget_language("bt", NUMBER)
        assert await memory.language("bt", NUMBER) is None
        assert await memory.language("bt", OTHER) == DZONGKHA

    async def test_a_phone_without_a_number_leaves_nothing(
        self, memory: Memory, redis_url: str
    ) -> None:
        await memory.speak("bt", "", DZONGKHA)
        await memory.in_dialogue("bt-ussd", "", "session:one", 600)
        assert stored(redis_url) == {}


class TestTheDialogue:
    async def test_the_newest_session_of_the_channel_is_known(self, memory: Memory) -> None:
        assert await memory.dialogue("bt-ussd", NUMBER) == ""
        for session in ("session:one", "session:two"):
            await memory.in_dialogue("bt-ussd", NUMBER, session, 600)
        assert await memory.dialogue("bt-ussd", NUMBER) == "session:two"
        assert await memory.dialogue("bt-ussd", OTHER) == ""
        assert await memory.dialogue("bt-sms", NUMBER) == ""


class TestTheSameText:
    async def test_each_message_counts_once(self, memory: Memory) -> None:
        sent = ["one", "two", "two", "three", "one"]
        counted = [await memory.repeats("bt-sms", NUMBER, "hello", name) for name in sent]
        assert counted == [1, 2, 2, 3, 3]

    async def test_another_text_number_or_channel_counts_apart(self, memory: Memory) -> None:
        await memory.repeats("bt-sms", NUMBER, "hello", "one")
        for channel, number, text in (
            ("bt-sms", NUMBER, "hallo"),
            ("bt-sms", OTHER, "hello"),
            ("pk-sms", NUMBER, "hello"),
        ):
            assert await memory.repeats(channel, number, text, "two") == 1


class TestTheMisses:
    async def test_looking_counts_nothing(self, memory: Memory) -> None:
        assert [await memory.misses("bt", NUMBER) for _ in range(3)] == [0] * 3

    async def test_each_miss_counts_for_its_phone_in_its_programme(self, memory: Memory) -> None:
        counted = [await memory.misses("bt", NUMBER, more=True) for _ in range(3)]
        assert counted == [1, 2, 3]
        assert await memory.misses("bt", NUMBER) == 3
        assert await memory.misses("bt", OTHER) == 0
        assert await memory.misses("pk", NUMBER) == 0


async def test_safety_20_nothing_is_remembered_for_ever(memory: Memory, redis_url: str) -> None:
    await all_of_it(memory)
    left = {key.partition(b":")[0].decode(): ttl for key, ttl in stored(redis_url).items()}
    longest = {
        "language": LANGUAGE_TTL,
        "dialogue": 600,
        "repeats": REPEATS_TTL,
        "misses": REPEATS_TTL,
    }
    assert left.keys() == longest.keys()
    assert [kind for kind in left if not longest[kind] - 5 <= left[kind] <= longest[kind]] == []


async def test_safety_09_redis_holds_no_number_language_or_text(
    memory: Memory, redis_url: str
) -> None:
    await all_of_it(memory)
    with Redis.from_url(redis_url) as client:
        raw = b"".join(bytes(key) + bytes(client.dump(key) or b"") for key in client.keys("*"))
    clear = [NUMBER, NUMBER[1:], *PRIVATE_WORDS, "session:one", '"dz"', "bt-ussd", "bt-sms"]
    assert [word for word in clear if word.encode() in raw] == []


async def test_safety_09_a_key_cannot_be_guessed_from_the_number(redis_url: str) -> None:
    """There are only some ten million numbers: a plain hash of one is found in a second."""
    async with opened(redis_url) as memory, opened(redis_url, new_keyring(os.urandom)) as other:
        await all_of_it(memory)
        names = set(stored(redis_url))
        await all_of_it(other)
    assert len(names) == 4
    assert len(set(stored(redis_url)) - names) == 4


async def test_another_key_ring_reads_nothing(redis_url: str) -> None:
    async with opened(redis_url) as memory:
        await all_of_it(memory)
    async with opened(redis_url, new_keyring(os.urandom)) as stranger:
        assert await stranger.language("bt", NUMBER) is None
        assert await stranger.dialogue("bt-ussd", NUMBER) == ""


async def test_what_belongs_to_one_phone_cannot_be_given_to_another(
    memory: Memory, redis_url: str
) -> None:
    """Whoever can write to Redis cannot lead one caller into the dialogue of another."""
    await memory.in_dialogue("bt-ussd", NUMBER, "session:one", 600)
    (mine,) = stored(redis_url)
    await memory.in_dialogue("bt-ussd", OTHER, "session:two", 600)
    (theirs,) = stored(redis_url).keys() - {mine}
    with Redis.from_url(redis_url) as client:
        client.rename(mine, theirs)
    assert await memory.dialogue("bt-ussd", OTHER) == ""


@pytest.mark.parametrize("garbage", [b"", b"garbage", bytes(range(256)), b'{"session":"x"}'])
async def test_garbage_is_nothing_and_is_written_over(
    memory: Memory, redis_url: str, garbage: bytes
) -> None:
    await memory.speak("bt", NUMBER, DZONGKHA)
    await memory.in_dialogue("bt-ussd", NUMBER, "session:one", 600)
    with Redis.from_url(redis_url) as client:
        for key in client.keys("*"):
            client.set(key, garbage)
    assert await memory.language("bt", NUMBER) is None
    assert await memory.dialogue("bt-ussd", NUMBER) == ""
    await memory.speak("bt", NUMBER, DZONGKHA)
    assert await memory.language("bt", NUMBER) == DZONGKHA


async def nothing_and_promptly(memory: Memory) -> None:
    with promptly():
        assert await memory.language("bt", NUMBER) is None
    with promptly():
        assert await memory.dialogue("bt-ussd", NUMBER) == ""
    with promptly():
        assert await memory.repeats("bt-sms", NUMBER, "hello", "one") == 0
    for more in (True, False):
        with promptly():
            assert await memory.misses("bt", NUMBER, more=more) == 0
    with promptly():
        await memory.speak("bt", NUMBER, DZONGKHA)
    with promptly():
        await memory.in_dialogue("bt-ussd", NUMBER, "session:one", 600)
    with promptly():
        await memory.forget_language("bt", NUMBER)


async def test_a_redis_that_is_not_there_is_not_waited_for(tmp_path: Path) -> None:
    async with opened(f"unix://{tmp_path}/nobody.sock") as memory:
        await nothing_and_promptly(memory)


async def test_a_frozen_redis_is_not_waited_for(tmp_path: Path) -> None:
    redis = EmbeddedRedis(tmp_path)
    process = redis.start()
    try:
        async with opened(redis.url) as memory:
            await all_of_it(memory)
            with frozen(process.pid):
                await nothing_and_promptly(memory)
    finally:
        stop(process)
