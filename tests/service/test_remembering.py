"""What one dialogue leaves for the next: only what helps, and gone when it shall be."""

from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from redis import Redis

from helpline.core.effects import ChangeTime, Erase, FindCase, Made
from helpline.core.engine import Turn
from helpline.core.message import MO, Kind
from helpline.core.play import Player
from helpline.core.predicates import WAITING
from helpline.core.session import Session
from helpline.core.text import Budget
from helpline.service.dialogue import Step
from helpline.service.remembering import GUESSES, RESUME, Remembering, allowed
from helpline.store.memory import Memory, Spoken
from helpline.store.sessions import connect
from tests.private import PRIVATE_NUMBERS
from tests.world import NUMBER, World, world

pytestmark = pytest.mark.anyio

KEY, OTHER = "session:one", PRIVATE_NUMBERS[3]
MINE = MO(NUMBER, "1", "ATUid_1")
ASKED = FindCase("bt", "1234-5678", "sparrow")


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def here(tmp_path: Path, redis_url: str) -> Iterator[World]:
    url = f"sqlite:///{tmp_path / 'helpline.db'}"  # the record is never asked here
    with world(tmp_path, url, redis_url=redis_url) as built:
        yield built


@pytest.fixture
async def remembering(here: World, redis_url: str) -> AsyncIterator[Remembering]:
    redis = connect(redis_url)
    try:
        yield Remembering(Memory(redis, here.runtime.sealer))
    finally:
        await redis.aclose()


def session(language: str = "", screen: str = "home", found: str = "") -> Session:
    return Session("help", 2, screen, language=language, found=found)


def step(now: Session, *effects: Made, ends: bool = False) -> Step:
    return Step(now, "", ends, now.screen, effects=effects)


def player(here: World, programme: str = "bt") -> Player:
    return here.runtime.content.player(programme, Kind.USSD, Budget())


class Dialogue:
    """One phone's turns on one channel."""

    def __init__(self, here: World, remembering: Remembering, mo: MO = MINE) -> None:
        self.channel, self.mo = here.runtime.channels["bt-ussd"], mo
        self.here, self.remembering = here, remembering

    async def turn(self, before: Session | None, now: Session) -> None:
        await self.remembering.after(self.channel, self.mo, KEY, before, step(now))

    async def language(self, programme: str = "bt") -> Spoken | None:
        return await self.remembering.language(
            self.channel, self.mo.number, player(self.here, programme)
        )


@pytest.fixture
def mine(here: World, remembering: Remembering) -> Dialogue:
    return Dialogue(here, remembering)


class TestTheLanguage:
    async def test_is_remembered_when_it_is_chosen(self, mine: Dialogue) -> None:
        await mine.turn(session(), session("dz"))
        assert await mine.language() == Spoken("dz", KEY)

    @pytest.mark.parametrize("before", [None, session("dz")], ids=["known before", "unchanged"])
    async def test_is_not_remembered_anew_by_using_it(
        self, mine: Dialogue, before: Session | None
    ) -> None:
        """Else a language given with the call would look as if it had been chosen in it."""
        await mine.turn(before, session("dz"))
        assert await mine.language() is None

    async def test_another_choice_takes_its_place(self, mine: Dialogue) -> None:
        await mine.turn(session(), session("dz"))
        await mine.turn(session("dz", "language"), session("en"))
        assert await mine.language() == Spoken("en", KEY)

    async def test_is_forgotten_when_the_person_says_so(self, mine: Dialogue) -> None:
        await mine.turn(session(), session("dz"))
        await mine.turn(session("dz", "language"), session("", "language"))
        assert await mine.language() is None

    async def test_one_that_the_programme_no_longer_speaks_is_asked_again(
        self, mine: Dialogue
    ) -> None:
        await mine.turn(session(), session("dz"))
        assert await mine.language("kh") is None

    async def test_a_phone_without_a_number_has_none(
        self, here: World, remembering: Remembering
    ) -> None:
        nobody = Dialogue(here, remembering, replace(MINE, number=""))
        await nobody.turn(session(), session("dz"))
        assert await nobody.language() is None


class TestTheCallThatWasCutOff:
    async def test_only_its_first_turn_makes_it_the_newest(
        self, mine: Dialogue, remembering: Remembering
    ) -> None:
        await mine.turn(session("en"), session("en"))
        assert await remembering.cut_off(mine.channel, NUMBER) == ""
        await mine.turn(None, session("en"))
        assert await remembering.cut_off(mine.channel, NUMBER) == KEY
        assert await remembering.cut_off(mine.channel, OTHER) == ""
        assert await remembering.cut_off(mine.channel, "") == ""

    async def test_ten_minutes_from_dialling_it_is_gone(
        self, mine: Dialogue, redis_url: str
    ) -> None:
        await mine.turn(None, session("en"))
        with Redis.from_url(redis_url) as client:
            (key,) = client.keys("dialogue:*")
            assert RESUME - 5 <= int(client.ttl(key)) <= RESUME == 600


class TestGuessing:
    async def missed(self, mine: Dialogue, times: int) -> None:
        for _ in range(times):
            await mine.remembering.learned(mine.channel, mine.mo, step(session("en"), ASKED))

    @pytest.mark.parametrize(("times", "may"), [(0, True), (GUESSES - 1, True), (GUESSES, False)])
    async def test_safety_06_ten_misses_within_an_hour_are_enough(
        self, mine: Dialogue, times: int, may: bool
    ) -> None:
        await self.missed(mine, times)
        assert await mine.remembering.may_open(mine.channel, mine.mo) is may
        other = replace(mine.mo, number=OTHER)
        assert await mine.remembering.may_open(mine.channel, other)

    async def test_a_request_that_opened_is_no_miss(self, mine: Dialogue) -> None:
        opened = step(session("en", "case", WAITING), ASKED)
        for _ in range(GUESSES):
            await mine.remembering.learned(mine.channel, mine.mo, opened)
        assert await mine.remembering.may_open(mine.channel, mine.mo)

    @pytest.mark.parametrize("may", [True, False])
    def test_safety_06_after_that_no_request_is_looked_for(self, may: bool) -> None:
        turn = Turn(session("en", "case", WAITING), (ASKED,))
        kept = allowed(turn, may)
        assert (kept.effects, kept.session.found) == (((ASKED,), WAITING) if may else ((), ""))

    @pytest.mark.parametrize("effect", [ChangeTime(ASKED, ()), Erase(ASKED)])
    def test_what_was_opened_before_can_still_be_changed(self, effect: Made) -> None:
        turn = Turn(session("en", "case", WAITING), (effect,))
        assert allowed(turn, may_open=False) == turn


class TestErasing:
    @pytest.mark.parametrize(("ends", "known"), [(True, False), (False, True)])
    async def test_safety_20_takes_the_language_along_once_it_was_done(
        self, mine: Dialogue, ends: bool, known: bool
    ) -> None:
        """A refused erasing shows the request again and does not end."""
        await mine.turn(session(), session("dz"))
        erased = step(session("dz"), Erase(ASKED), ends=ends)
        await mine.remembering.learned(mine.channel, mine.mo, erased)
        assert (await mine.language() is not None) is known
