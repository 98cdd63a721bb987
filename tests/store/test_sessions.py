"""Sessions in Redis: unreadable there, and never waited for when it is gone or frozen."""

import os
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import replace
from pathlib import Path
from subprocess import Popen

import pytest
from hypothesis import given
from hypothesis import strategies as st
from redis import Redis

from helpline.core.session import Session
from helpline.crypto import Keyring, Sealer, new_keyring
from helpline.redisd import EmbeddedRedis, stop
from helpline.store.sessions import SMS_TTL, UNSAVED, USSD_TTL, SessionStore, connect
from tests.private import PRIVATE_WORDS
from tests.world import NUMBER, frozen

pytestmark = pytest.mark.anyio

KEYRING = new_keyring(os.urandom)
KEY = "session:one"
SESSION = Session(
    flow="help",
    version=1,
    screen="district",
    language="dz",
    answers={"about": "me", "district": "BT-13", "words": PRIVATE_WORDS[1]},
    trail=("home", "about"),
    keys={"1": "choice:0"},
    history=f"1*{PRIVATE_WORDS[2]}",
    text="Where is help needed?",
    filings=1,
    code="1234-5678",
)
PROMPTLY = 1.0  # seconds


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


def sealer(ring: str = KEYRING) -> Sealer:
    return Sealer(Keyring.parse(ring), os.urandom)


@asynccontextmanager
async def opened(url: str, ring: str = KEYRING) -> AsyncIterator[SessionStore]:
    store = SessionStore(connect(url), sealer(ring))
    try:
        yield store
    finally:
        await store.close()


@pytest.fixture
async def store(redis_url: str) -> AsyncIterator[SessionStore]:
    async with opened(redis_url) as opened_store:
        yield opened_store


@contextmanager
def own_redis(folder: Path) -> Iterator[tuple[Popen[bytes], EmbeddedRedis]]:
    """A server that may be frozen or killed: no other test uses it."""
    redis = EmbeddedRedis(folder)
    process = redis.start()
    try:
        yield process, redis
    finally:
        stop(process)


@contextmanager
def promptly() -> Iterator[None]:
    began = time.monotonic()
    yield
    assert time.monotonic() - began < PROMPTLY


async def test_what_was_put_is_got(store: SessionStore) -> None:
    assert await store.put(KEY, SESSION, USSD_TTL)
    assert await store.get(KEY) == SESSION


async def test_nothing_is_got_from_an_empty_store(store: SessionStore) -> None:
    assert await store.get(KEY) is None


async def test_a_forgotten_session_is_gone(store: SessionStore) -> None:
    await store.put(KEY, SESSION, USSD_TTL)
    assert await store.forget(KEY)
    assert await store.get(KEY) is None
    assert await store.forget(KEY)


@pytest.mark.parametrize("ttl", [USSD_TTL, SMS_TTL])
async def test_safety_20_an_unfinished_session_ends_by_itself(
    store: SessionStore, redis_url: str, ttl: int
) -> None:
    await store.put(KEY, SESSION, ttl)
    with Redis.from_url(redis_url) as client:
        assert ttl - 5 <= client.ttl(KEY) <= ttl


async def test_safety_09_redis_holds_no_word_number_or_answer_in_clear(
    store: SessionStore, redis_url: str
) -> None:
    await store.put(KEY, SESSION, USSD_TTL)
    with Redis.from_url(redis_url) as client:
        (name,) = client.keys("*")
        stored = bytes(name) + bytes(client.get(name) or b"")
    clear = [*PRIVATE_WORDS, NUMBER, NUMBER[1:], "ATUid_1", "district", "BT-13", "1234-5678"]
    assert [word for word in clear if word.encode() in stored] == []


async def test_the_same_session_is_sealed_differently_each_time(
    store: SessionStore, redis_url: str
) -> None:
    with Redis.from_url(redis_url) as client:
        seen = set()
        for _ in range(3):
            await store.put(KEY, SESSION, USSD_TTL)
            seen.add(bytes(client.get(KEY) or b""))
    assert len(seen) == 3


async def test_a_session_sealed_with_another_key_is_no_session(redis_url: str) -> None:
    async with opened(redis_url) as store:
        await store.put(KEY, SESSION, USSD_TTL)
    async with opened(redis_url, new_keyring(os.urandom)) as stranger:
        assert await stranger.get(KEY) is None


async def test_a_session_moved_under_another_name_is_no_session(
    store: SessionStore, redis_url: str
) -> None:
    """Whoever can write to Redis cannot give one caller the session of another."""
    other = "session:another"
    await store.put(KEY, SESSION, USSD_TTL)
    with Redis.from_url(redis_url) as client:
        client.rename(KEY, other)
    assert await store.get(other) is None


GARBAGE = [
    pytest.param(b"", id="empty"),
    pytest.param(b"garbage", id="words"),
    pytest.param(bytes(range(256)), id="bytes"),
    pytest.param(b"\x01" + bytes(40), id="zeros"),
    pytest.param(SESSION.to_json(), id="in clear"),
    pytest.param(sealer().seal_session(KEY, b"null"), id="sealed null"),
    pytest.param(sealer().seal_session(KEY, b"[1]"), id="sealed list"),
    pytest.param(sealer().seal_session(KEY, b"{}"), id="sealed nothing"),
    pytest.param(sealer().seal_session(KEY, b"\xff\xfe"), id="sealed noise"),
    pytest.param(sealer().seal_session(KEY, b'{"trail":[],"news":1}'), id="sealed other version"),
    pytest.param(sealer().seal_session(KEY, SESSION.to_json()[:-1]), id="sealed half"),
]


@pytest.mark.parametrize("stored", GARBAGE)
async def test_garbage_is_no_session(store: SessionStore, redis_url: str, stored: bytes) -> None:
    with Redis.from_url(redis_url) as client:
        client.set(KEY, stored)
    assert await store.get(KEY) is None
    assert await store.put(KEY, SESSION, USSD_TTL)
    assert await store.get(KEY) == SESSION


async def test_another_kind_of_key_is_no_session(store: SessionStore, redis_url: str) -> None:
    with Redis.from_url(redis_url) as client:
        client.lpush(KEY, "1")
    assert await store.get(KEY) is None


async def test_a_frozen_redis_is_given_up_at_once_and_nothing_is_lost(tmp_path: Path) -> None:
    with own_redis(tmp_path) as (process, redis):
        async with opened(redis.url) as store:
            await store.put(KEY, SESSION, USSD_TTL)
            later = replace(SESSION, screen="window")
            with frozen(process.pid):
                with promptly():
                    assert await store.get(KEY) is None
                with promptly():
                    assert not await store.put(KEY, later, USSD_TTL)
                with promptly():
                    assert await store.get(KEY) == later
                with promptly():
                    assert not await store.alive()
            assert await store.get(KEY) == later  # the older one is still in Redis
            assert await store.put(KEY, later, USSD_TTL)
        async with opened(redis.url) as another:
            assert await another.get(KEY) == later


async def test_a_frozen_redis_is_given_up_at_once_by_a_new_process(tmp_path: Path) -> None:
    with own_redis(tmp_path) as (process, redis), frozen(process.pid):
        async with opened(redis.url) as store:
            with promptly():
                assert await store.get(KEY) is None
            with promptly():
                assert not await store.put(KEY, SESSION, USSD_TTL)


async def test_a_killed_redis_is_given_up_at_once_and_nothing_is_lost(tmp_path: Path) -> None:
    with own_redis(tmp_path) as (process, redis):
        async with opened(redis.url) as store:
            await store.put(KEY, SESSION, USSD_TTL)
            process.kill()
            process.wait()
            later = replace(SESSION, screen="window")
            with promptly():
                assert await store.get(KEY) is None
            with promptly():
                assert not await store.put(KEY, later, USSD_TTL)
            with promptly():
                assert await store.get(KEY) == later
            with promptly():
                assert not await store.forget(KEY)
            assert await store.get(KEY) is None


async def test_only_so_many_unsaved_sessions_are_kept(tmp_path: Path) -> None:
    """A Redis that stays away does not fill this process's memory; the oldest go first."""
    async with opened(f"unix://{tmp_path}/nobody.sock") as store:
        for number in range(UNSAVED + 3):
            await store.put(f"session:{number}", SESSION, USSD_TTL)
        assert await store.get("session:2") is None
        assert await store.get("session:3") == SESSION
        assert await store.get(f"session:{UNSAVED + 2}") == SESSION


async def test_a_key_is_another_for_another_channel_session_or_number(store: SessionStore) -> None:
    other = "+97510000012"
    names = [("a", "b", NUMBER), ("a", "b", other), ("a", "d", NUMBER), ("d", "b", NUMBER)]
    assert len({store.key(*name) for name in names}) == len(names)


async def test_a_key_cannot_be_guessed_from_the_number(store: SessionStore) -> None:
    """There are only some ten million numbers: a plain hash of one is found in a second."""
    stranger = SessionStore(store.redis, Sealer(Keyring.parse(new_keyring(os.urandom)), os.urandom))
    assert stranger.key("bt-sms", "", NUMBER) != store.key("bt-sms", "", NUMBER)


words = st.text(st.characters(exclude_categories=["Cs"]))


@given(st.dictionaries(words, words), st.lists(words), words, words, st.booleans(), st.integers(0))
def test_a_session_is_serialised_without_loss(
    answers: dict[str, str], trail: list[str], history: str, text: str, ends: bool, filings: int
) -> None:
    session = Session(
        "help",
        1,
        "home",
        answers=answers,
        trail=tuple(trail),
        history=history,
        text=text,
        ends=ends,
        filings=filings,
    )
    assert Session.from_json(session.to_json()) == session
