"""No input is left without an answer: sessions of random inputs through every programme.

HELPLINE_SESSIONS says how many per programme and kind of channel; scripts/soak plays a thousand.
"""

import os
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from random import Random

import pytest

from helpline.core.digits import key_of
from helpline.core.effects import CHANGES, FileReport, TellReport
from helpline.core.engine import Turn, advance, jump_to, open_with, resumable, resume
from helpline.core.fit import Page
from helpline.core.message import Kind
from helpline.core.play import Player
from helpline.core.session import Session
from helpline.core.typed import dialled
from helpline.runtime import BUDGETS, Content, content
from tests.flows.phone import acknowledged, keyword, typed

SESSIONS = int(os.environ.get("HELPLINE_SESSIONS", "40"))
INPUTS = 30
DROPS = 0.02  # of the turns are followed by a dead line
PAUSE = {Kind.USSD: timedelta(seconds=30), Kind.SMS: timedelta(hours=2)}  # between two inputs


@cache
def said() -> Content:
    return content()


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
        """The dialogue is over; the same person comes once more, perhaps by a shortcut."""
        self.language = self.session.language or self.language
        fresh, script = self.player.begin(self.language), self.player.script
        if self.random.random() < 0.7:
            self.show(fresh)
        elif script.kind is Kind.SMS:
            text = self.random.choice([keyword, typed])(self.random, script, fresh)
            turn = open_with(script, fresh, text, self.now)
            assert not turn.wrong
            self.show(self.settled(fresh, turn))
        else:
            known = dialled(script, self.random.choice("1234"))
            assert known is not None
            self.show(jump_to(script, fresh, known, self.language, "", self.now).session)

    def dropped(self) -> None:
        """The line is cut off; who dials again at once is asked whether to go on."""
        if resumable(self.player.script, self.session):
            self.show(resume(self.player.script, self.session))

    def settled(self, before: Session, turn: Turn) -> Session:
        script = self.player.script
        return acknowledged(self.random, before, turn.session, turn.effects, script, self.now)

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
            self.show(self.settled(before, turn))

    def check(self, page: Page) -> None:
        flow, frame = self.player.script.flow, self.player.frame(self.session)
        assert page.screen == self.session.screen
        assert page.screen in flow.screens
        assert page.text.strip()
        assert frame.fits(page.text)
        assert page.units <= page.limit
        assert page.ends or page.keys
        assert "{" not in page.text  # no variable is left open
        if self.session.urgent:
            assert self.player.script.programme.emergency in page.text or page.number


def check_turn(before: Session, text: str, turn: Turn) -> None:
    """A key of the page is never wrong, and what is wrong takes nothing away."""
    after = turn.session
    check_effects(before, turn)
    if key_of(text) in before.keys:
        assert not turn.wrong
    if turn.wrong:
        assert not turn.effects
        assert (after.code, after.when, after.filings) == (before.code, before.when, before.filings)
        for name, answer in before.answers.items():
            assert after.answers.get(name, "").startswith(answer)  # what is told may grow


def check_effects(before: Session, turn: Turn) -> None:
    """Nothing is filed twice or unasked, nothing shared that was not agreed (SAFETY 1, 11)."""
    changes = sum(isinstance(effect, CHANGES) for effect in turn.effects)
    assert changes <= 1
    if changes:
        assert (turn.session.filings, turn.session.trail) == (before.filings + 1, ())
    for effect in turn.effects:
        match effect:
            case FileReport(report):
                assert not before.code
                assert report.windows or report.consented
            case TellReport(code, filed_at, report):
                assert (code, filed_at) == (before.code, before.filed_at)
                assert code
            case _:
                continue
        assert report.consented or not report.said


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
                if caller.random.random() < DROPS:
                    caller.dropped()
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
