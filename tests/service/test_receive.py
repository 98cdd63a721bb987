"""Turns on a screen channel: whatever happens to Redis or the record, one report and true words."""

import sqlite3
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractContextManager, asynccontextmanager, closing, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest
from redis import Redis
from sqlalchemy import make_url, text

from helpline.core.errors import RecordUnavailable
from helpline.core.message import MO, SessionEnd
from helpline.redisd import EmbeddedRedis, stop
from helpline.service.dialogue import Step
from helpline.service.receive import Receiver
from tests.world import DAY, NUMBER, START, World, frozen, world

pytestmark = pytest.mark.anyio

# English, get help, me, not in danger, 8 more, law, South, Dagana, now, anyone, I agree
REPORT = ("3", "1", "1", "2", "8", "1", "3", "1", "1", "1", "1")
# English, get help, me, in danger, yes call me | South, Dagana
DANGER = ("3", "1", "1", "1", "1", "3", "1")
NO_CALL = (*REPORT[:8], "5", "1")
ANOTHER = (*REPORT[:2], "3", "2", "1", *REPORT[4:])  # about a child, whose notice is confirmed
A_MOMENT = timedelta(seconds=7)


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@dataclass
class Phone:
    """One phone in one USSD session of a gateway that sends the whole history each time."""

    here: World
    receiver: Receiver
    redis_url: str
    session: str = "ATUid_1"
    number: str = NUMBER

    async def send(self, history: str) -> Step:
        channel = self.here.runtime.channels["bt-ussd"]
        mo = MO(self.number, history, self.session, cumulative=True)
        return await self.receiver.turn(channel, mo, self.here.clock.move(A_MOMENT))

    async def dial(self, *inputs: str) -> list[Step]:
        """All screens from the first on, one input after the other."""
        histories = ["*".join(inputs[:count]) for count in range(len(inputs) + 1)]
        return [await self.send(history) for history in histories]

    async def hang_up(self, *, complete: bool = False) -> None:
        channel = self.here.runtime.channels["bt-ussd"]
        end = SessionEnd(self.session, self.number, complete)
        await self.receiver.ended(channel, end, self.here.clock())

    def lose_redis(self) -> None:
        with Redis.from_url(self.redis_url) as client:
            client.flushall()

    def cases(self) -> int:
        return len(self.here.everything()["cases"])

    def keys_left(self) -> list[object]:
        with Redis.from_url(self.redis_url) as client:
            return list(client.keys("*"))


@asynccontextmanager
async def phone_of(here: World, redis_url: str) -> AsyncIterator[Phone]:
    sessions = here.runtime.session_store()
    try:
        yield Phone(here, here.runtime.receiver(sessions, here.runtime.players()), redis_url)
    finally:
        await sessions.close()


@pytest.fixture
def here(tmp_path: Path, database_url: str, redis_url: str) -> Iterator[World]:
    with world(tmp_path, database_url, redis_url=redis_url) as built:
        yield built


@pytest.fixture
async def phone(here: World, redis_url: str) -> AsyncIterator[Phone]:
    async with phone_of(here, redis_url) as dialling:
        yield dialling


def code_in(step: Step) -> str:
    return step.session.code


class TestAReport:
    async def test_is_filed_once_and_confirmed_with_its_code(self, phone: Phone) -> None:
        *_, done = await phone.dial(*REPORT)
        (case,) = phone.here.everything()["cases"]
        assert (done.screen, done.ends) == ("done", True)
        assert str(case["code"]) in done.text

    async def test_before_the_last_yes_nothing_touches_the_record(self, phone: Phone) -> None:
        before = phone.here.everything()
        await phone.dial(*REPORT[:-1])
        assert phone.here.everything() == before

    async def test_in_danger_the_callback_is_asked_for_before_the_place(self, phone: Phone) -> None:
        await phone.dial(*DANGER[:5])
        (callback,) = phone.here.everything()["callbacks"]
        assert (callback["priority"], callback["desk"]) == ("danger", "BT-WCPU-THIMPHU")
        *_, done = await phone.dial(*DANGER)
        (callback,) = phone.here.everything()["callbacks"]
        assert callback["desk"] == "BT-WCPD-22"
        assert done.screen == "danger_done"

    async def test_safety_01_do_not_call_me_is_stored_as_held(self, phone: Phone) -> None:
        *_, done = await phone.dial(*NO_CALL)
        (callback,) = phone.here.everything()["callbacks"]
        assert (done.screen, callback["state"]) == ("done_no_call", "held")

    async def test_safety_10_finding_a_desk_stores_nothing(self, phone: Phone) -> None:
        before = phone.here.everything()
        *_, desk = await phone.dial("3", "2", "3", "1")
        assert desk.screen == "desk"
        assert phone.here.everything() == before


class TestTheSameTextAgain:
    @pytest.mark.parametrize("inputs", [REPORT, DANGER, NO_CALL])
    async def test_gives_the_same_bytes_at_every_step(
        self, phone: Phone, inputs: tuple[str, ...]
    ) -> None:
        for count in range(len(inputs) + 1):
            history = "*".join(inputs[:count])
            first, again = await phone.send(history), await phone.send(history)
            assert (again.text, again.ends) == (first.text, first.ends)
        assert phone.cases() == 1

    async def test_a_wrong_key_counts_once(self, phone: Phone) -> None:
        await phone.dial("3")
        first = await phone.send("3*77")
        assert first.wrong
        assert (await phone.send("3*77")).text == first.text
        assert (await phone.send("3*77*1")).screen == "about"


class TestALostSession:
    @pytest.mark.parametrize("inputs", [REPORT, DANGER, NO_CALL, ANOTHER])
    async def test_is_found_again_at_every_step(
        self, phone: Phone, inputs: tuple[str, ...]
    ) -> None:
        """Redis is emptied before each input: the same screens, the same single case."""
        smooth = await phone.dial(*inputs)
        phone.session = "ATUid_2"
        lossy: list[Step] = []
        for count in range(len(inputs) + 1):
            phone.lose_redis()
            lossy.append(await phone.send("*".join(inputs[:count])))
        assert [step.text for step in lossy] == [step.text for step in smooth]
        assert [step.ends for step in lossy] == [step.ends for step in smooth]
        assert phone.cases() == 1

    @pytest.mark.parametrize("inputs", [REPORT, DANGER])
    async def test_after_the_answer_gives_the_same_answer(
        self, phone: Phone, inputs: tuple[str, ...]
    ) -> None:
        """The answer was lost on its way; the gateway asks again, from another machine."""
        for count in range(len(inputs) + 1):
            history = "*".join(inputs[:count])
            first = await phone.send(history)
            phone.lose_redis()
            assert (await phone.send(history)).text == first.text
        assert phone.cases() == 1

    async def test_minutes_later_still_shows_what_was_said_then(self, phone: Phone) -> None:
        evening = (*REPORT[:8], "4", "1", "1")
        *_, done = await phone.dial(*evening)
        assert "today, evening" in done.text
        phone.lose_redis()
        phone.here.clock.move(timedelta(minutes=9))
        assert (await phone.send("*".join(evening))).text == done.text

    async def test_a_history_that_no_person_typed_starts_again(self, phone: Phone) -> None:
        assert (await phone.send("*".join("3" * 61))).screen == "language"
        assert phone.cases() == 0

    async def test_a_lost_wrong_key_never_files_by_guessing(self, phone: Phone) -> None:
        """`1*1` may be one wrong input or two answers; the question is asked once more."""
        *_, consent = await phone.dial(*REPORT[:-1])
        phone.lose_redis()
        step = await phone.send("*".join((*REPORT[:-1], "7", "1")))
        assert step.screen == consent.screen
        assert phone.cases() == 0


class TestAStarInsideAnInput:
    async def test_is_one_wrong_input(self, phone: Phone) -> None:
        await phone.dial("3")
        step = await phone.send("3*3*4")
        assert (step.screen, step.wrong) == ("home", True)
        assert (await phone.send("3*3*4*1")).screen == "about"

    async def test_a_history_that_does_not_continue_starts_again(self, phone: Phone) -> None:
        await phone.dial(*REPORT[:5])
        step = await phone.send("3*2")
        assert step.screen == "language"
        assert phone.cases() == 0


class TestTheHideKey:
    @pytest.mark.parametrize("count", range(1, len(REPORT)))
    async def test_safety_13_it_shows_the_decoy_on_every_screen_and_forgets(
        self, phone: Phone, count: int
    ) -> None:
        await phone.dial(*REPORT[:count])
        step = await phone.send("*".join((*REPORT[:count], "9")))
        assert (step.text, step.ends) == ("Weather service: no news today. Thank you.", True)
        key = phone.receiver.sessions.key("bt-ussd", phone.session, NUMBER)
        stored = await phone.receiver.sessions.get(key)
        assert stored is not None
        assert (dict(stored.answers), stored.trail, stored.code) == ({}, (), "")
        assert phone.cases() == 0

    async def test_safety_13_asking_again_shows_the_decoy_again(self, phone: Phone) -> None:
        await phone.dial(*REPORT[:6])
        history = "*".join((*REPORT[:6], "9"))
        first = await phone.send(history)
        assert (await phone.send(history)).text == first.text
        phone.lose_redis()
        assert (await phone.send(history)).text == first.text

    async def test_safety_13_dialling_again_offers_nothing_of_before(self, phone: Phone) -> None:
        await phone.dial(*REPORT[:6], "9")
        phone.session = "ATUid_2"
        (first,) = await phone.dial()
        assert first.screen == "language"

    async def test_safety_13_hanging_up_after_it_files_nothing(self, phone: Phone) -> None:
        await phone.dial(*REPORT[:-1], "9")
        await phone.hang_up()
        assert phone.cases() == 0


Outage = Callable[[World], AbstractContextManager[None]]


@contextmanager
def locked(here: World) -> Iterator[None]:
    """SQLite: another process writes and does not end. PostgreSQL: it takes no connection."""
    url = here.record.engine.url
    if here.record.dialect == "sqlite":
        with closing(sqlite3.connect(url.database or "", isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            yield
        return
    admin = make_url(url).set(drivername="postgresql", database="postgres")
    plain = admin.render_as_string(hide_password=False)
    with psycopg.connect(plain, autocommit=True) as server:
        server.execute(f"ALTER DATABASE {url.database} ALLOW_CONNECTIONS false".encode())
        server.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s",
            [url.database],
        )
        yield
        server.execute(f"ALTER DATABASE {url.database} ALLOW_CONNECTIONS true".encode())


@contextmanager
def no_table(here: World) -> Iterator[None]:
    """A migration gone wrong, or half a restore."""
    with here.record.engine.begin() as connection:
        connection.execute(text("ALTER TABLE dedupe RENAME TO away"))
    yield
    with here.record.engine.begin() as connection:
        connection.execute(text("ALTER TABLE away RENAME TO dedupe"))


class TestARecordThatRefuses:
    @pytest.mark.parametrize("outage", [locked, no_table])
    async def test_safety_24_the_screen_says_so_and_ends_with_the_emergency_number(
        self, phone: Phone, outage: Outage
    ) -> None:
        await phone.dial(*REPORT[:-1])
        with outage(phone.here):
            began = time.monotonic()
            step = await phone.send("*".join(REPORT))
            assert time.monotonic() - began < 4.5
        assert step.screen == "not_saved"
        assert step.ends
        assert step.text == "Sorry, we could not save this. Please call 113."
        assert phone.cases() == 0

    async def test_safety_24_asking_again_succeeds_once_it_is_back(self, phone: Phone) -> None:
        await phone.dial(*REPORT[:-1])
        with locked(phone.here):
            await phone.send("*".join(REPORT))
        done = await phone.send("*".join(REPORT))
        assert done.screen == "done"
        assert code_in(done) in done.text
        assert phone.cases() == 1

    async def test_safety_24_also_when_the_session_was_lost(self, phone: Phone) -> None:
        await phone.dial(*REPORT[:-1])
        with locked(phone.here):
            phone.lose_redis()
            assert (await phone.send("*".join(REPORT))).screen == "not_saved"
        assert (await phone.send("*".join(REPORT))).screen == "done"

    async def test_all_other_screens_go_on(self, phone: Phone) -> None:
        with locked(phone.here):
            *_, step = await phone.dial(*REPORT[:-1])
        assert step.screen == "consent"

    async def test_the_end_of_a_session_is_refused_so_that_it_is_said_again(
        self, phone: Phone
    ) -> None:
        await phone.dial(*REPORT[:-1])
        with locked(phone.here), pytest.raises(RecordUnavailable):
            await phone.hang_up()
        await phone.hang_up()
        assert phone.cases() == 1


class TestADroppedLine:
    async def test_after_the_safe_time_was_agreed_it_is_filed_once(self, phone: Phone) -> None:
        await phone.dial(*REPORT[:-1])
        await phone.hang_up()
        await phone.hang_up()
        (case,) = phone.here.everything()["cases"]
        (callback,) = phone.here.everything()["callbacks"]
        assert (callback["state"], callback["desk"]) == ("ready", "BT-WCPD-22")
        assert phone.keys_left() == []
        assert case["outcome"] == ""

    @pytest.mark.parametrize("count", range(9))
    async def test_safety_01_before_it_files_nothing(self, phone: Phone, count: int) -> None:
        await phone.dial(*REPORT[:count])
        await phone.hang_up()
        assert phone.cases() == 0
        assert phone.keys_left() == []

    async def test_safety_01_do_not_call_me_files_nothing(self, phone: Phone) -> None:
        await phone.dial(*NO_CALL[:-1])
        await phone.hang_up()
        assert phone.cases() == 0

    async def test_a_complete_session_files_nothing_more(self, phone: Phone) -> None:
        await phone.dial(*REPORT[:-1])
        await phone.hang_up(complete=True)
        assert phone.cases() == 0

    @pytest.mark.parametrize("inputs", [REPORT, DANGER, DANGER[:5]])
    async def test_after_the_report_it_files_nothing_more(
        self, phone: Phone, inputs: tuple[str, ...]
    ) -> None:
        await phone.dial(*inputs)
        before = phone.here.everything()
        await phone.hang_up()
        assert phone.here.everything() == before

    async def test_safety_11_it_is_not_consent_to_share(self, phone: Phone) -> None:
        await phone.dial(*REPORT[:-1])
        await phone.hang_up()
        tashi = phone.here.people["Tashi"]
        told = phone.here.runtime.desk.story("BT-WCPD-22", tashi, 1, "call", START)
        reports = told["reports"]
        assert isinstance(reports, list)
        assert [one["consented"] for one in reports] == [False]


class TestSessionIds:
    async def test_two_phones_with_one_session_id_are_two_dialogues(self, phone: Phone) -> None:
        await phone.dial(*REPORT)
        phone.number = "+97510000002"
        *_, done = await phone.dial(*REPORT)
        assert done.screen == "done"
        assert phone.cases() == 2

    @pytest.mark.parametrize("later", [timedelta(minutes=3), 7 * DAY])
    async def test_safety_24_an_id_that_the_network_uses_again_is_a_new_report(
        self, phone: Phone, later: timedelta
    ) -> None:
        """Nobody is told "we will call you" on the strength of an older report."""
        *_, first = await phone.dial(*REPORT)
        phone.here.clock.move(later)
        if later >= DAY:
            phone.lose_redis()
        *_, second = await phone.dial(*ANOTHER)
        assert code_in(second) != code_in(first)
        assert phone.cases() == 2


async def test_a_frozen_redis_costs_less_than_two_seconds(
    tmp_path: Path, database_url: str
) -> None:
    redis = EmbeddedRedis(tmp_path / "redis")
    process = redis.start()
    try:
        with world(tmp_path, database_url, redis_url=redis.url) as here, frozen(process.pid):
            async with phone_of(here, redis.url) as phone:
                for count in range(len(REPORT) + 1):
                    began = time.monotonic()
                    step = await phone.send("*".join(REPORT[:count]))
                    assert time.monotonic() - began < 2
                assert step.screen == "done"
                assert phone.cases() == 1
    finally:
        stop(process)


async def test_a_redis_that_comes_back_with_old_sessions_is_not_believed(
    tmp_path: Path, database_url: str
) -> None:
    redis = EmbeddedRedis(tmp_path / "redis")
    process = redis.start()
    try:
        with world(tmp_path, database_url, redis_url=redis.url) as here:
            async with phone_of(here, redis.url) as phone:
                await phone.dial(*REPORT[:3])
                with frozen(process.pid):
                    await phone.send("*".join(REPORT[:4]))
                step = await phone.send("*".join(REPORT[:5]))
                assert (step.screen, step.session.page) == ("concern", 1)
    finally:
        stop(process)


async def test_safety_09_what_is_kept_in_redis_says_nothing(phone: Phone) -> None:
    await phone.dial(*REPORT[:-1])
    with Redis.from_url(phone.redis_url) as client:
        stored = b"".join(bytes(name) + bytes(client.get(name) or b"") for name in client.keys("*"))
    assert [w for w in (NUMBER[1:], "3*1*1", "BT-22", "Dagana") if w.encode() in stored] == []
