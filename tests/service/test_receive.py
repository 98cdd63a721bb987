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

from helpline.core.effects import TellReport
from helpline.core.message import MO, SessionEnd
from helpline.redisd import EmbeddedRedis, stop
from helpline.service.dialogue import Step
from helpline.service.receive import Receiver
from helpline.service.remembering import GUESSES
from helpline.service.stories import Entry, Stories
from helpline.store import cases, optouts
from tests.private import PRIVATE_NUMBERS, PRIVATE_WORDS
from tests.world import DAY, HAA, NUMBER, PARO, START, World, frozen, world

pytestmark = pytest.mark.anyio

# English, get help, me, not in danger, now | more, law, South, Dagana, anyone, yes, no word
REPORT = ("3", "1", "1", "2", "1", "8", "2", "3", "1", "2", "1", "1")
FILED = 5  # inputs until the safe time is agreed; from then on a callback is queued
# English, get help, me, in danger, yes call me | South, Dagana
DANGER = ("3", "1", "1", "1", "1", "3", "1")
NO_CALL = (*REPORT[:4], "5", "8", "1", "3", "1", "1", "1")
ANOTHER = (*REPORT[:2], "3", "2", "1", *REPORT[4:])  # about a child, whose notice is confirmed
FIND = ("3", "2", "3", "1")
OTHER_NUMBER = PRIVATE_NUMBERS[3]
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

    async def go_on(self, *inputs: str, after: int) -> list[Step]:
        """The inputs that follow the first `after` of them."""
        histories = ["*".join(inputs[:count]) for count in range(after + 1, len(inputs) + 1)]
        return [await self.send(history) for history in histories]

    async def hang_up(self, *, complete: bool = False) -> None:
        channel = self.here.runtime.channels["bt-ussd"]
        end = SessionEnd(self.session, self.number, complete)
        await self.receiver.ended(channel, end, self.here.clock())

    def lose_redis(self) -> None:
        with Redis.from_url(self.redis_url) as client:
            client.flushall()

    def lose_session(self) -> None:
        """Its time was over, or it was pushed out: what is remembered of the phone stays."""
        with Redis.from_url(self.redis_url) as client:
            for name in client.keys("session:*"):
                client.delete(name)

    async def call_again_with(self, history: str) -> Step:
        """A new call whose first request brings a whole history, as a long dial string does."""
        self.session = f"ATUid_1{len(history)}"
        return await self.send(history)

    async def call_again(self, number: int = 2) -> Step:
        """A new call of the same phone: its first screen."""
        self.session = f"ATUid_{number}"
        return await self.send("")

    def callback(self) -> dict[str, object]:
        (row,) = self.here.everything()["callbacks"]
        return row

    def told(self, step: Step) -> list[Entry]:
        with self.here.record.reading() as connection:
            case = cases.by_code(connection, step.session.code)
        assert case is not None
        return Stories(self.here.runtime.sealer).read(case)

    def cases(self) -> int:
        return len(self.here.everything()["cases"])


@asynccontextmanager
async def phone_of(here: World, redis_url: str) -> AsyncIterator[Phone]:
    sessions = here.runtime.session_store()
    try:
        yield Phone(here, here.runtime.receiver(sessions, here.runtime.players()), redis_url)
    finally:
        await sessions.close()


@pytest.fixture
def database_url(tmp_path: Path) -> str:
    """Dialogues touch the record through the services whose own tests run on both databases."""
    return f"sqlite:///{tmp_path / 'helpline.db'}"


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

    async def test_the_safe_time_queues_a_callback_before_anything_is_told(
        self, phone: Phone
    ) -> None:
        *_, concern = await phone.dial(*REPORT[:FILED])
        row = phone.callback()
        assert concern.screen == "concern"
        assert concern.text.startswith("We will call you. What is happening?")
        assert (row["state"], row["priority"]) == ("ready", "high")
        assert row["desk"] == "BT-WCPU-THIMPHU"

    async def test_each_later_answer_joins_it(self, phone: Phone) -> None:
        *_, done = await phone.dial(*REPORT)
        row = phone.callback()
        (told,) = phone.told(done)
        expected = {"about": "me", "concern": "law", "place": "BT-22", "consented": True}
        assert {name: told[name] for name in expected} == expected
        assert (row["desk"], row["priority"], row["woman"]) == ("BT-WCPD-22", "normal", False)

    async def test_the_secret_word_is_sealed_with_it(self, phone: Phone) -> None:
        *_, done = await phone.dial(*REPORT[:-1], "Sparrow")
        (told,) = phone.told(done)
        assert (done.screen, told["code_word"]) == ("done", "sparrow")

    async def test_safety_01_before_the_safe_time_nothing_touches_the_record(
        self, phone: Phone
    ) -> None:
        before = phone.here.everything()
        await phone.dial(*REPORT[: FILED - 1])
        assert phone.here.everything() == before

    @pytest.mark.parametrize(("key", "agreed"), [("1", True), ("2", False)])
    async def test_safety_11_others_may_be_told_only_when_she_says_so(
        self, phone: Phone, key: str, agreed: bool
    ) -> None:
        *_, word = await phone.dial(*REPORT[:-2], key)
        (told,) = phone.told(word)
        assert (word.screen, told["consented"]) == ("word", agreed)
        assert phone.callback()["state"] == "ready"

    async def test_safety_14_not_my_local_desk_goes_to_the_desk_above(self, phone: Phone) -> None:
        *_, caller = await phone.dial(*REPORT[:7], "1", "2")
        assert (caller.screen, phone.callback()["desk"]) == ("caller", HAA)
        (again,) = await phone.go_on(*REPORT[:7], "1", "2", "3", after=9)
        assert (again.screen, phone.callback()["desk"]) == ("caller", PARO)
        assert again.text.startswith("Another desk will call.")

    async def test_a_typed_place_is_as_good_as_a_chosen_one(self, phone: Phone) -> None:
        *_, caller = await phone.dial(*REPORT[:7], " dagana ")
        assert (caller.screen, phone.callback()["desk"]) == ("caller", "BT-WCPD-22")

    async def test_in_danger_the_callback_is_asked_for_before_the_place(self, phone: Phone) -> None:
        await phone.dial(*DANGER[:5])
        (callback,) = phone.here.everything()["callbacks"]
        assert (callback["priority"], callback["desk"]) == ("danger", "BT-WCPU-THIMPHU")
        *_, done = await phone.go_on(*DANGER, after=5)
        (callback,) = phone.here.everything()["callbacks"]
        assert callback["desk"] == "BT-WCPD-22"
        assert done.screen == "danger_done"

    async def test_safety_01_do_not_call_me_is_stored_as_held(self, phone: Phone) -> None:
        before = phone.here.everything()
        *_, consent = await phone.dial(*NO_CALL[:-2])
        assert (consent.screen, phone.here.everything()) == ("consent", before)
        *_, done = await phone.go_on(*NO_CALL, after=len(NO_CALL) - 2)
        assert (done.screen, phone.callback()["state"]) == ("done_no_call", "held")

    async def test_safety_01_without_call_and_consent_nothing_is_sent_or_kept(
        self, phone: Phone
    ) -> None:
        before = phone.here.everything()
        *_, end = await phone.dial(*NO_CALL[:-2], "2")
        assert (end.screen, end.ends) == ("not_sent", True)
        assert phone.here.everything() == before

    async def test_safety_10_finding_a_desk_stores_nothing(self, phone: Phone) -> None:
        before = phone.here.everything()
        *_, desk = await phone.dial(*FIND)
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
    # From the second input on: before it, a first "3" alone is what *1098*3# would send.
    @pytest.mark.parametrize("inputs", [REPORT, DANGER, NO_CALL, ANOTHER, FIND])
    async def test_is_found_again_at_every_step(
        self, phone: Phone, inputs: tuple[str, ...]
    ) -> None:
        """The session is lost before each input: the same screens, the same single case."""
        smooth = await phone.dial(*inputs)
        phone.lose_redis()
        phone.session = "ATUid_2"
        lossy = await phone.dial(*inputs[:1])
        for count in range(2, len(inputs) + 1):
            phone.lose_session()
            lossy.append(await phone.send("*".join(inputs[:count])))
        assert [step.text for step in lossy] == [step.text for step in smooth]
        assert [step.ends for step in lossy] == [step.ends for step in smooth]
        assert phone.cases() == (0 if inputs is FIND else 1)

    @pytest.mark.parametrize("inputs", [REPORT, DANGER])
    async def test_after_the_answer_gives_the_same_answer(
        self, phone: Phone, inputs: tuple[str, ...]
    ) -> None:
        """The answer was lost on its way; the gateway asks again, from another machine.

        What was filed is found; an answer that was told since is asked for once more, because
        nothing says any more how this call began.
        """
        for count in range(2, len(inputs) + 1):
            phone.lose_redis()
            phone.session = f"ATUid_{count}"
            *_, before, first = await phone.dial(*inputs[:count])
            told = any(isinstance(effect, TellReport) for effect in first.effects)
            phone.lose_redis()
            again = await phone.send("*".join(inputs[:count]))
            assert again.text == (before if told else first).text
        assert phone.cases() == 1

    @pytest.mark.parametrize(
        ("inputs", "asked"),
        [(REPORT[:FILED], "window"), (DANGER[:5], "danger_call"), (NO_CALL[:-1], "consent")],
    )
    async def test_safety_01_a_filing_is_asked_for_again_when_nothing_is_remembered(
        self, phone: Phone, inputs: tuple[str, ...], asked: str
    ) -> None:
        """A remembered language skips a question: then every key would mean the next one."""
        await phone.dial(*inputs[:-1])
        phone.lose_redis()
        step = await phone.send("*".join(inputs))
        assert (step.screen, phone.cases()) == (asked, 0)
        again = await phone.send("*".join((*inputs, inputs[-1])))
        assert again.session.code in {row["code"] for row in phone.here.everything()["cases"]}
        assert phone.cases() == 1

    async def test_safety_01_a_remembered_language_never_files_by_guessing(
        self, phone: Phone
    ) -> None:
        """The call began at home; walked from the language question, its keys would say more."""
        await phone.dial("3")
        await phone.hang_up(complete=True)
        await phone.call_again()
        phone.lose_redis()
        step = await phone.send("*".join(REPORT[:FILED]))
        assert (step.screen, phone.cases()) == ("window", 0)

    async def test_minutes_later_still_shows_what_was_said_then(self, phone: Phone) -> None:
        evening = (*REPORT[:4], "4", *REPORT[5:])
        *_, done = await phone.dial(*evening)
        assert "today, evening" in done.text
        phone.lose_session()
        phone.here.clock.move(timedelta(minutes=9))
        assert (await phone.send("*".join(evening))).text == done.text

    async def test_a_history_that_no_person_typed_starts_again(self, phone: Phone) -> None:
        assert (await phone.send("*".join("3" * 61))).screen == "language"
        assert phone.cases() == 0

    async def test_a_lost_wrong_key_never_files_by_guessing(self, phone: Phone) -> None:
        """`7*1` may be one wrong input or two answers; the question is asked once more."""
        *_, window = await phone.dial(*REPORT[:4])
        phone.lose_session()
        step = await phone.send("*".join((*REPORT[:4], "7", "1")))
        assert step.screen == window.screen == "window"
        assert phone.cases() == 0


class TestAStarInsideAnInput:
    async def test_is_one_wrong_input(self, phone: Phone) -> None:
        await phone.dial("3")
        step = await phone.send("3*3*4")
        assert (step.screen, step.wrong) == ("home", True)
        assert (await phone.send("3*3*4*1")).screen == "about"

    async def test_a_history_that_does_not_continue_starts_again(self, phone: Phone) -> None:
        await phone.dial(*REPORT[:4])
        step = await phone.send("3*2")
        assert (step.screen, step.session.language) == ("home", "en"), "its language is known"
        assert phone.cases() == 0


class TestAReplayChangesNothing:
    async def test_a_late_copy_of_an_old_answer_takes_nothing_back(self, phone: Phone) -> None:
        *_, done = await phone.dial(*REPORT)
        before = phone.here.everything()
        await phone.send("*".join(REPORT[:6]))
        assert phone.here.everything() == before
        assert (await phone.send("*".join(REPORT))).text == done.text

    async def test_safety_06_a_dialled_history_opens_no_request(self, phone: Phone) -> None:
        *_, done = await phone.dial(*REPORT[:-1], "tiger")
        code = done.session.code
        for guess in ("lion", "tiger"):
            step = await phone.call_again_with(f"3*4*{code}*{guess}*2")
            assert step.screen != "case_stopped"
        assert phone.callback()["state"] == "ready"

    async def test_safety_01_a_doubtful_one_calls_for_nobody_else(self, phone: Phone) -> None:
        await phone.dial(*REPORT)
        phone.session = "ATUid_2"
        await phone.dial(*REPORT[1:6])  # begins at home: the language is known
        cases = phone.cases()
        phone.lose_redis()
        await phone.send("*".join((*REPORT[1:6], "3")))
        assert phone.cases() == cases


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
        assert phone.cases() == int(count >= FILED)

    async def test_safety_13_asking_again_shows_the_decoy_again(self, phone: Phone) -> None:
        await phone.dial(*REPORT[:6])
        history = "*".join((*REPORT[:6], "9"))
        first = await phone.send(history)
        assert (await phone.send(history)).text == first.text
        phone.lose_redis()
        assert (await phone.send(history)).text == first.text

    @pytest.mark.parametrize("count", [2, FILED, len(REPORT) - 1])
    async def test_safety_13_dialling_again_offers_nothing_of_before(
        self, phone: Phone, count: int
    ) -> None:
        await phone.dial(*REPORT[:count], "9")
        await phone.hang_up()
        first = await phone.call_again()
        assert first.screen == "home"
        assert dict(first.session.answers) == {}

    async def test_safety_13_before_the_safe_time_nothing_is_filed(self, phone: Phone) -> None:
        await phone.dial(*REPORT[: FILED - 1], "9")
        await phone.hang_up()
        assert phone.cases() == 0

    async def test_safety_13_what_was_agreed_before_it_stands(self, phone: Phone) -> None:
        """Somebody came in: the call that she asked for must still come."""
        await phone.dial(*REPORT[:8], "9")
        assert phone.callback()["state"] == "ready"


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
        await phone.dial(*REPORT[: FILED - 1])
        with outage(phone.here):
            began = time.monotonic()
            step = await phone.send("*".join(REPORT[:FILED]))
            assert time.monotonic() - began < 4.5
        assert step.screen == "not_saved"
        assert step.ends
        assert step.text == "Sorry, we could not save this. Please call 113."
        assert phone.cases() == 0

    @pytest.mark.parametrize("count", [FILED, FILED + 2, len(REPORT) - 1])
    async def test_safety_24_asking_again_succeeds_once_it_is_back(
        self, phone: Phone, count: int
    ) -> None:
        """The safe time, a later answer, the last one: each is shown as done when it is."""
        await phone.dial(*REPORT[: count - 1])
        with locked(phone.here):
            assert (await phone.send("*".join(REPORT[:count]))).screen == "not_saved"
        step = await phone.send("*".join(REPORT[:count]))
        assert step.screen in ("concern", "region", "word")
        assert code_in(step) == phone.here.everything()["cases"][0]["code"]
        assert phone.cases() == 1

    async def test_safety_24_also_when_the_session_was_lost(self, phone: Phone) -> None:
        await phone.dial(*REPORT[: FILED - 1])
        with locked(phone.here):
            phone.lose_session()
            assert (await phone.send("*".join(REPORT[:FILED]))).screen == "not_saved"
        assert (await phone.send("*".join(REPORT[:FILED]))).screen == "concern"
        assert phone.cases() == 1

    async def test_all_other_screens_go_on(self, phone: Phone) -> None:
        with locked(phone.here):
            *_, step = await phone.dial(*REPORT[: FILED - 1])
        assert step.screen == "window"

    async def test_the_end_of_a_session_needs_no_record(self, phone: Phone) -> None:
        await phone.dial(*REPORT[:-1])
        with locked(phone.here):
            await phone.hang_up()
            await phone.hang_up(complete=True)
        assert phone.cases() == 1


class TestADroppedLine:
    @pytest.mark.parametrize("count", range(FILED, len(REPORT) + 1))
    async def test_after_the_safe_time_was_agreed_the_callback_stands(
        self, phone: Phone, count: int
    ) -> None:
        """Filed when the time was agreed: the end of the line has nothing left to do."""
        await phone.dial(*REPORT[:count])
        before = phone.here.everything()
        await phone.hang_up()
        await phone.hang_up()
        assert phone.here.everything() == before
        assert phone.callback()["state"] == "ready"

    @pytest.mark.parametrize("count", range(FILED))
    async def test_safety_01_before_it_files_nothing(self, phone: Phone, count: int) -> None:
        await phone.dial(*REPORT[:count])
        await phone.hang_up()
        assert phone.cases() == 0

    async def test_safety_01_do_not_call_me_files_nothing(self, phone: Phone) -> None:
        await phone.dial(*NO_CALL[:-2])
        await phone.hang_up()
        assert phone.cases() == 0

    async def test_safety_17_danger_stands_before_its_place_is_known(self, phone: Phone) -> None:
        await phone.dial(*DANGER[:5])
        await phone.hang_up()
        row = phone.callback()
        assert (row["state"], row["priority"]) == ("ready", "danger")

    async def test_an_unknown_concern_counts_as_high(self, phone: Phone) -> None:
        await phone.dial(*REPORT[:FILED])
        await phone.hang_up()
        assert phone.callback()["priority"] == "high"

    async def test_safety_11_it_is_not_consent_to_share(self, phone: Phone) -> None:
        *_, consent = await phone.dial(*REPORT[:-2])
        await phone.hang_up()
        assert [told["consented"] for told in phone.told(consent)] == [False]

    async def test_safety_20_a_complete_session_is_forgotten(self, phone: Phone) -> None:
        await phone.dial(*REPORT[:-1])
        await phone.hang_up(complete=True)
        key = phone.receiver.sessions.key("bt-ussd", phone.session, NUMBER)
        assert await phone.receiver.sessions.get(key) is None


class TestDiallingAgain:
    @pytest.mark.parametrize("count", range(2, len(REPORT)))
    async def test_a_call_that_was_cut_off_can_be_gone_on_with(
        self, phone: Phone, count: int
    ) -> None:
        *_, last = await phone.dial(*REPORT[:count])
        await phone.hang_up()
        asked = await phone.call_again()
        assert asked.screen == "resume"
        assert asked.text.startswith("In danger now? Call 113.")
        there = await phone.send("1")
        assert (there.screen, there.session.answers) == (last.screen, last.session.answers)

    async def test_going_on_tells_the_same_request(self, phone: Phone) -> None:
        await phone.dial(*REPORT[:7])
        await phone.hang_up()
        await phone.call_again()
        *_, done = [
            await phone.send("*".join(("1", *REPORT[7:count])))
            for count in range(7, len(REPORT) + 1)
        ]
        assert (done.screen, phone.cases()) == ("done", 1)
        assert [told["place"] for told in phone.told(done)] == ["BT-22"]

    async def test_starting_again_takes_no_answer_along(self, phone: Phone) -> None:
        await phone.dial(*REPORT[:4])
        await phone.hang_up()
        await phone.call_again()
        home = await phone.send("2")
        assert (home.screen, dict(home.session.answers), home.session.code) == ("home", {}, "")

    async def test_when_it_is_cut_off_again_it_is_offered_again(self, phone: Phone) -> None:
        *_, last = await phone.dial(*REPORT[:8])
        for call in (2, 3):
            await phone.hang_up()
            assert (await phone.call_again(call)).screen == "resume"
            assert (await phone.send("1")).screen == last.screen

    @pytest.mark.parametrize("inputs", [REPORT, DANGER, NO_CALL, (), ("3",), ("3", "1", "00")])
    async def test_nothing_is_offered_after_an_end_or_before_a_beginning(
        self, phone: Phone, inputs: tuple[str, ...]
    ) -> None:
        await phone.dial(*inputs)
        await phone.hang_up()
        assert (await phone.call_again()).screen == ("home" if inputs else "language")

    async def test_a_complete_call_is_not_offered(self, phone: Phone) -> None:
        await phone.dial(*REPORT[:6])
        await phone.hang_up(complete=True)
        assert (await phone.call_again()).screen == "home"

    async def test_safety_15_another_phone_is_offered_nothing(self, phone: Phone) -> None:
        await phone.dial(*REPORT[:6])
        await phone.hang_up()
        phone.number = OTHER_NUMBER
        assert (await phone.call_again()).screen == "language"


class TestTheRememberedLanguage:
    async def test_the_next_call_begins_at_home(self, phone: Phone) -> None:
        await phone.dial("2")
        await phone.hang_up(complete=True)
        home = await phone.call_again()
        assert (home.screen, home.session.language) == ("home", "dz_Latn")

    async def test_it_can_be_forgotten(self, phone: Phone) -> None:
        await phone.dial("3", "5", "8", "1")
        await phone.hang_up(complete=True)
        assert (await phone.call_again()).screen == "language"

    async def test_without_redis_it_is_asked_again(self, phone: Phone) -> None:
        await phone.dial("3")
        phone.lose_redis()
        assert (await phone.call_again()).screen == "language"

    async def test_a_language_that_is_already_known_begins_at_home(self, phone: Phone) -> None:
        channel = phone.here.runtime.channels["bt-ussd"]
        mo = MO(NUMBER, "", "ATUid_9", cumulative=True)
        step = await phone.receiver.turn(channel, mo, START, language="dz")
        assert (step.screen, step.session.language) == ("home", "dz")


SHORTCUTS = {"1": "about", "2": "region", "3": "rights", "4": "my_case"}


class TestADialledShortcut:
    """`*1098*2#`: the first text of an unknown session is a shortcut's number."""

    @pytest.mark.parametrize(("code", "screen"), SHORTCUTS.items())
    async def test_safety_17_it_leads_there_with_the_emergency_number_first(
        self, phone: Phone, code: str, screen: str
    ) -> None:
        await phone.dial("3")
        await phone.hang_up(complete=True)
        phone.session = "ATUid_2"
        step = await phone.send(code)
        assert step.screen == screen
        assert step.text.startswith("In danger now? Call 113. ")

    @pytest.mark.parametrize(("code", "screen"), SHORTCUTS.items())
    async def test_an_unknown_language_is_asked_for_first(
        self, phone: Phone, code: str, screen: str
    ) -> None:
        first = await phone.send(code)
        assert first.screen == "language"
        assert "113" in first.text
        step = await phone.send(f"{code}*3")
        assert (step.screen, step.session.language) == (screen, "en")

    async def test_it_goes_before_a_call_that_was_cut_off(self, phone: Phone) -> None:
        await phone.dial(*REPORT[:6])
        await phone.hang_up()
        phone.session = "ATUid_2"
        assert (await phone.send("2")).screen == "region"

    async def test_another_number_is_no_shortcut(self, phone: Phone) -> None:
        assert (await phone.send("7")).screen == "language"


class TestSendMeThisBySms:
    def letters(self, phone: Phone) -> list[str]:
        return [str(r["channel"]) for r in phone.here.everything()["outbox"] if r["kind"] == "mt"]

    async def test_one_text_is_queued_after_a_yes(self, phone: Phone) -> None:
        *_, sure = await phone.dial(*FIND, "2")
        assert (sure.screen, self.letters(phone)) == ("text_sure", [])
        step = await phone.send("*".join((*FIND, "2", "1")))
        assert (step.screen, step.text) == ("texted", "OK. The SMS is on its way.")
        assert self.letters(phone) == ["bt-sms"]

    async def test_safety_07_the_same_input_sends_no_second(self, phone: Phone) -> None:
        *_, step = await phone.dial(*FIND, "2", "1")
        assert (await phone.send("*".join((*FIND, "2", "1")))).text == step.text
        phone.lose_session()
        assert (await phone.send("*".join((*FIND, "2", "1")))).text == step.text
        assert len(self.letters(phone)) == 1

    async def test_a_no_leads_back_to_the_desk(self, phone: Phone) -> None:
        *_, desk = await phone.dial(*FIND)
        *_, back = await phone.go_on(*FIND, "2", "2", after=len(FIND))
        assert (back.screen, back.text) == ("desk", desk.text)
        assert self.letters(phone) == []

    async def test_safety_19_where_stop_was_said_the_screen_says_no(self, phone: Phone) -> None:
        with phone.here.record.writing() as connection:
            numbers = phone.here.runtime.sealer.blind_indexes(NUMBER)
            optouts.stop(connection, "bt-sms", numbers, START)
        *_, step = await phone.dial(*FIND, "2", "1")
        assert step.text == "We cannot send an SMS to this phone."
        assert self.letters(phone) == []

    async def test_ask_for_a_call_begins_a_request(self, phone: Phone) -> None:
        *_, step = await phone.dial(*FIND, "3")
        assert step.screen == "about"


class TestMyRequest:
    async def request(self, phone: Phone, word: str = "sparrow") -> str:
        *_, done = await phone.dial(*REPORT[:-1], word)
        await phone.hang_up(complete=True)
        phone.session = "ATUid_2"
        return done.session.code

    async def opened(self, phone: Phone, code: str, word: str, *then: str) -> Step:
        """From home of a phone whose language is remembered."""
        *_, step = await phone.dial("4", code, word, *then)
        return step

    @pytest.mark.parametrize("typed", ["{0}{1}", "{0}-{1}", "{0} {1}"])
    async def test_safety_06_number_and_word_open_it(self, phone: Phone, typed: str) -> None:
        code = await self.request(phone)
        step = await self.opened(phone, typed.format(*code.split("-")), "SPARROW")
        assert step.text.startswith("We have your request. We will call you.")

    @pytest.mark.parametrize("word", ["river", "1"])
    async def test_safety_06_the_number_without_the_word_opens_nothing(
        self, phone: Phone, word: str
    ) -> None:
        code = await self.request(phone)
        step = await self.opened(phone, code, word)
        assert step.text.startswith("We did not find this number and word.")
        assert "Erase" not in step.text

    async def test_a_mistyped_number_is_asked_for_again(self, phone: Phone) -> None:
        code = await self.request(phone)
        wrong = f"{code[:-1]}{(int(code[-1]) + 1) % 10}"
        *_, step = await phone.dial("4", wrong)
        assert (step.screen, step.wrong) == ("my_case", True)

    async def test_safety_11_do_not_call_me_ends_it_at_once(self, phone: Phone) -> None:
        code = await self.request(phone)
        step = await self.opened(phone, code, "sparrow", "2")
        assert (step.screen, phone.callback()["state"]) == ("case_stopped", "withdrawn")

    async def test_safety_02_the_time_can_be_changed(self, phone: Phone) -> None:
        code = await self.request(phone)
        step = await self.opened(phone, code, "sparrow", "1", "4")
        assert step.text == "OK. We will call you today, evening."
        assert phone.callback()["state"] in ("ready", "waiting")

    async def test_safety_20_it_can_be_erased_and_the_language_with_it(self, phone: Phone) -> None:
        code = await self.request(phone)
        step = await self.opened(phone, code, "sparrow", "3", "1")
        assert (step.screen, phone.callback()["state"]) == ("case_erased", "erased")
        assert (await phone.call_again(3)).screen == "language"

    async def test_the_same_change_again_shows_the_same_bytes(self, phone: Phone) -> None:
        code = await self.request(phone)
        inputs = ("4", code, "sparrow", "1", "4")
        step = await self.opened(phone, code, "sparrow", "1", "4")
        before = phone.here.everything()
        assert (await phone.send("*".join(inputs))).text == step.text
        assert phone.here.everything() == before

    async def test_a_change_that_comes_too_late_shows_the_request_again(self, phone: Phone) -> None:
        """It was closed while she looked at it: nothing may claim that it was changed."""
        code = await self.request(phone)
        await self.opened(phone, code, "sparrow", "1")
        with phone.here.record.engine.begin() as connection:
            connection.execute(text("UPDATE callbacks SET state = 'closed'"))
        step = await phone.send("*".join(("4", code, "sparrow", "1", "4")))
        assert step.screen == "case"
        assert step.text.startswith("Work on your request has ended.")

    async def test_safety_06_a_phone_that_guesses_finds_nothing_any_more(
        self, phone: Phone
    ) -> None:
        code = await self.request(phone)
        for call in range(GUESSES):
            phone.session = f"guess_{call}"
            await self.opened(phone, code, f"word{call}")
            await phone.hang_up(complete=True)
        phone.session = "ATUid_3"
        step = await self.opened(phone, code, "sparrow")
        assert step.text.startswith("We did not find this number and word.")
        phone.number, phone.session = OTHER_NUMBER, "ATUid_4"
        *_, step = await phone.dial("3", "4", code, "sparrow")
        assert step.text.startswith("We have your request.")


class TestSessionIds:
    async def test_two_phones_with_one_session_id_are_two_dialogues(self, phone: Phone) -> None:
        await phone.dial(*REPORT)
        phone.number = OTHER_NUMBER
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
                assert (step.screen, phone.cases()) == ("concern", 1)
    finally:
        stop(process)


async def test_safety_09_what_is_kept_in_redis_says_nothing(phone: Phone) -> None:
    await phone.dial(*REPORT[:-1], PRIVATE_WORDS[0])
    with Redis.from_url(phone.redis_url) as client:
        stored = b"".join(bytes(name) + bytes(client.get(name) or b"") for name in client.keys("*"))
    clear = (NUMBER[1:], "3*1*1", "BT-22", "Dagana", PRIVATE_WORDS[0])
    assert [w for w in clear if w.encode() in stored] == []
