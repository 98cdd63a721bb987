"""No input is left without an answer: sessions of random inputs through every programme.

HELPLINE_SESSIONS says how many per programme and kind of channel; scripts/soak plays a thousand.
"""

import os
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from random import Random

import pytest

from helpline.core.digits import key_of
from helpline.core.engine import Turn, advance
from helpline.core.fit import Page
from helpline.core.message import Kind
from helpline.core.play import Player
from helpline.core.report import case_code
from helpline.core.session import Session
from helpline.runtime import BUDGETS, Content, content
from tests.flows.phone import typed

SESSIONS = int(os.environ.get("HELPLINE_SESSIONS", "60"))
INPUTS = 30
CODE = case_code(3_821_773)
PAUSE = {Kind.USSD: timedelta(seconds=30), Kind.SMS: timedelta(hours=2)}  # between two inputs


@cache
def said() -> Content:
    return content()


def acknowledged(session: Session, effects: Sequence[object]) -> Session:
    """The session as it goes on once the record has taken a turn's effects."""
    filed = any(hasattr(effect, "report") for effect in effects)
    return replace(session, code=CODE) if filed and not session.code else session


@dataclass
class Caller:
    """One person on one phone. `language` is remembered from call to call."""

    player: Player
    random: Random
    pause: timedelta
    now: datetime
    session: Session
    language: str = ""
    seen: set[str] = field(default_factory=set)

    @classmethod
    def dial(cls, programme: str, kind: Kind, number: int) -> "Caller":
        random = Random(f"{programme} {kind.value} {number}")
        player = said().player(programme, kind, BUDGETS[kind])
        now = datetime(2026, 3, 10, tzinfo=UTC) + timedelta(minutes=random.randrange(100_000))
        caller = cls(player, random, PAUSE[kind], now, player.begin())
        caller.show(player.begin())
        return caller

    def show(self, session: Session) -> None:
        """Every turn ends here: a page of the flow, within its budget, that leads on or ends."""
        self.session, page = self.player.page(session, self.now)
        self.check(page)
        self.seen.add(page.screen)
        if page.ends:
            self.again()

    def again(self) -> None:
        """The dialogue is over; the same person dials once more."""
        self.language = self.session.language or self.language
        self.show(self.player.begin(self.language))

    def press(self, text: str) -> None:
        before = Session.from_json(self.session.to_json())
        assert before == self.session
        self.now += self.random.random() * self.pause
        turn = advance(self.player.script, before, text, self.now)
        assert turn == advance(self.player.script, before, text, self.now)
        check_turn(before, text, turn)
        if turn.hidden:
            decoy = self.player.decoy(before)
            assert decoy.strip()
            assert self.player.frame(before).fits(decoy)
            self.again()
        else:
            self.show(acknowledged(turn.session, turn.effects))

    def check(self, page: Page) -> None:
        flow, frame = self.player.script.flow, self.player.frame(self.session)
        assert page.screen == self.session.screen
        assert page.screen in flow.screens
        assert page.text.strip()
        assert frame.fits(page.text)
        assert page.units <= page.limit
        assert page.ends or page.keys
        assert "{" not in page.text  # no variable is left open


def check_turn(before: Session, text: str, turn: Turn) -> None:
    """A key of the page is never wrong, and what is wrong takes nothing away."""
    after = turn.session
    if key_of(text) in before.keys:
        assert not turn.wrong
    if turn.wrong:
        assert not turn.effects
        assert (after.code, after.when, after.filings) == (before.code, before.when, before.filings)
        for name, answer in before.answers.items():
            assert after.answers.get(name, "").startswith(answer)  # what is told may grow


@cache
def visited(programme: str, kind: Kind) -> frozenset[str]:
    """The screens that the sessions came to; an error names the session and its inputs."""
    seen: set[str] = set()
    for number in range(SESSIONS):
        caller, inputs = Caller.dial(programme, kind, number), list[str]()
        try:
            for _ in range(INPUTS):
                inputs.append(typed(caller.random, caller.player.script, caller.session))
                caller.press(inputs[-1])
        except Exception as error:
            shown = [text[:40] for text in inputs]
            error.add_note(f"session {number}, screen {caller.session.screen}: {shown}")
            raise
        seen |= caller.seen
    return frozenset(seen)


@pytest.mark.parametrize("kind", Kind)
@pytest.mark.parametrize("programme", [*said().programmes])
def test_every_input_of_a_random_session_is_answered(programme: str, kind: Kind) -> None:
    """Random inputs that only ever saw the first screens would prove nothing."""
    assert len(visited(programme, kind)) > len(said().flow.screens) / 2


def test_random_sessions_come_to_nearly_every_screen() -> None:
    everywhere = frozenset[str]().union(
        *(visited(programme, kind) for programme in said().programmes for kind in Kind)
    )
    assert len(everywhere) > len(said().flow.screens) * 0.9, {*said().flow.screens} - everywhere
