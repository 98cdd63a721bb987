"""Callers for the tests of the engine: they press keys by their words, without a record behind."""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cache

import pytest

from helpline.core.check_walk import answered
from helpline.core.effects import FileReport, FindCase, Made, TellReport, TextDesk
from helpline.core.engine import Turn, advance, jump_to, open_with, resume
from helpline.core.fit import Page
from helpline.core.flow import Input, Menu
from helpline.core.label import Name, Text
from helpline.core.message import Kind
from helpline.core.options import options_of
from helpline.core.play import Player
from helpline.core.predicates import TEXTED, WAITING
from helpline.core.report import Report, case_code
from helpline.core.session import Session
from helpline.core.text import Budget
from helpline.runtime import Content, content

CLOCK = datetime(2026, 3, 10, 4, 0, tzinfo=UTC)  # 10:00 Thimphu, 09:00 Karachi, 11:00 Phnom Penh
CODE = case_code(3_821_773)  # what the record gives
TYPE = "type "  # a step of the way that is typed as it stands
CONTENT: Content = content()
CODES = ("bt", "pk", "kh")
SPOKEN = [
    (code, language.code) for code in CODES for language in CONTENT.programmes[code].languages
]
# Where words do not matter: the language with the most pages of each programme.
IN_EACH_PROGRAMME = pytest.mark.parametrize(
    ("code", "language"), [("bt", "dz"), ("pk", "ur"), ("kh", "km")]
)
IN_EVERY_LANGUAGE = pytest.mark.parametrize(("code", "language"), SPOKEN)
ASKED = ("Get help", "Me", "No")  # up to the question for a safe time
FILED = (*ASKED, "evening")  # a callback is queued
PLACED = (*FILED, "Violence at home", "West", "Thimphu")  # up to who should call


@cache
def player_of(code: str, kind: Kind = Kind.USSD) -> Player:
    budget = Budget(182, 80) if kind is Kind.USSD else Budget(segments=3)
    return CONTENT.player(code, kind, budget)


@dataclass(frozen=True)
class Seen:
    """Where a caller stands, and the turn that led there."""

    session: Session
    page: Page
    turn: Turn

    @property
    def screen(self) -> str:
        return self.session.screen


def begin(player: Player, language: str = "") -> tuple[Session, Page]:
    return player.page(player.begin(language), CLOCK)


def recorded(session: Session, effects: tuple[Made, ...], now: datetime, found: str) -> Session:
    """The session once the record has answered: a code for a report, `found` for a request."""
    for effect in effects:
        match effect:
            case FileReport():
                session = replace(session, code=CODE, filed_at=now.isoformat())
            case FindCase():
                session = replace(session, found=found)
            case TextDesk():
                session = replace(session, found=TEXTED)
    return session


def follow(
    player: Player, session: Session, typed: str, now: datetime = CLOCK, found: str = WAITING
) -> Seen:
    """One input carried through as the service does it."""
    return settle(player, advance(player.script, session, typed, now), now, found)


def settle(player: Player, turn: Turn, now: datetime = CLOCK, found: str = WAITING) -> Seen:
    return Seen(*player.page(recorded(turn.session, turn.effects, now, found), now), turn)


def go(
    player: Player,
    *ways: str,
    language: str = "en",
    session: Session | None = None,
    found: str = WAITING,
    now: datetime = CLOCK,
) -> Seen:
    """Chooses by the English words or the value of a choice, pressing "more" as needed."""
    at, page = player.page(session or player.begin(language), now)
    seen = Seen(at, page, Turn(at))
    for way in ways:
        if way.startswith(TYPE):
            seen = follow(player, seen.session, way.removeprefix(TYPE), now, found)
            continue
        wanted = f"choice:{choice_of(player, seen.session, way, now)}"
        while wanted not in seen.session.keys.values():
            seen = follow(player, seen.session, more_key(seen), now)
        key = next(key for key, action in seen.session.keys.items() if action == wanted)
        seen = follow(player, seen.session, key, now, found)
    return seen


def more_key(seen: Seen) -> str:
    wanted = f"page:{seen.page.number + 1}"
    return next(key for key, action in seen.session.keys.items() if action == wanted)


def choice_of(player: Player, session: Session, way: str, now: datetime = CLOCK) -> int:
    offered = options_of(player.script, session, now)
    for index, option in enumerate(offered):
        match option.label:
            case Text(msgid) if msgid == way:
                return index
            case Name(en) if en == way:
                return index
            case Text(_, {"place": Name(en)}) if en == way:
                return index
        if option.value == way:
            return index
    raise AssertionError(f"{session.screen} does not offer {way}")


def offered(player: Player, session: Session) -> list[str]:
    """The English words of the choices that are written in the flow."""
    options = options_of(player.script, session, CLOCK)
    return [option.label.msgid for option in options if isinstance(option.label, Text)]


def screens_of(player: Player, *ways: str, found: str = WAITING) -> list[str]:
    """The screens that a way leads through, home first."""
    seen = go(player)
    names = [seen.screen]
    for way in ways:
        seen = go(player, way, session=seen.session, found=found)
        names.append(seen.screen)
    return names


def pressed(player: Player, session: Session, typed: str, times: int) -> Seen:
    seen = follow(player, session, typed)
    for _ in range(times - 1):
        seen = follow(player, seen.session, typed)
    return seen


def filed(seen: Seen) -> Report:
    """The report of a turn that did nothing but file it."""
    (effect,) = seen.turn.effects
    assert isinstance(effect, FileReport)
    return effect.report


def told(seen: Seen) -> TellReport:
    (effect,) = seen.turn.effects
    assert isinstance(effect, TellReport)
    return effect


WORDS = {
    Input.CASE: (CODE,),
    Input.WORD: ("blue bird",),
    Input.STORY: ("It began long ago.",),
}
# A place that nobody knows, a name of two, one abroad.
PLACES_TYPED = {
    "bt": ("qqqq", "Gakiling", "Phnom Penh"),
    "pk": ("qqqq", "Sahiwal", "Bumthang"),
    "kh": ("qqqq", "Svay", "Rahim Yar Khan"),
}


def inputs(player: Player, session: Session) -> Iterator[str]:
    """A wrong key, every key of the page, and the words that its screen asks for."""
    yield from ("x", *session.keys)
    screen = player.script.flow.screens[session.screen]
    if isinstance(screen, Menu) and screen.typed:
        place = screen.typed.input is Input.PLACE
        yield from PLACES_TYPED[player.script.programme.code] if place else ()
        yield from WORDS.get(screen.typed.input, ())


def state_of(session: Session) -> tuple[object, ...]:
    """Sessions that are alike here behave alike; the rest of their answers does not matter."""
    answers = session.answers
    region = answers.get("region") if session.screen in {"part", "district", "area"} else None
    return (
        session.screen,
        session.page,
        session.hint,
        bool(session.trail),
        bool(session.code),
        session.found,
        session.urgent,
        answers.get("about") == "child",
        answers.get("task") == "find" and "about" not in answers,
        answers.get("window") == "never",
        answers.get("danger") == "yes",
        answers.get("consent"),
        answers.get("elsewhere"),
        region,
    )


@cache
def reachable(code: str, language: str, kind: Kind = Kind.USSD) -> tuple[Session, ...]:
    """A session on every page of every screen, in every state that matters, as last shown."""
    player = player_of(code, kind)
    waiting = deque(_beginnings(player, language))
    known = {state_of(session): session for session in waiting}
    while waiting:
        session = waiting.popleft()
        for typed in inputs(player, session):
            turn = advance(player.script, session, typed, CLOCK)
            for after in answered(turn.session, turn.effects):
                if state_of(after) in known:
                    continue
                shown, _ = player.page(after, CLOCK)
                if state_of(shown) not in known:
                    known[state_of(shown)] = shown
                    waiting.append(shown)
    return tuple(known.values())


def _beginnings(player: Player, language: str) -> Iterator[Session]:
    """Home, both ways out for the lost, a dialogue gone on with, and every shortcut."""
    script, (first, _) = player.script, begin(player, language)
    yield first
    lost = follow(player, replace(first, wrong=2), "x").session
    yield lost
    yield follow(player, replace(lost, wrong=2), "x").session
    yield player.page(resume(script, go(player, "Get help", language=language).session), CLOCK)[0]
    for known in script.flow.shortcuts:
        turn = jump_to(script, player.begin(), known, language, "", CLOCK)
        yield player.page(turn.session, CLOCK)[0]


@cache
def one_of_each_screen(code: str, language: str, kind: Kind = Kind.USSD) -> tuple[Session, ...]:
    player = player_of(code, kind)
    first, _ = begin(player)
    found = {session.screen: session for session in reversed(reachable(code, language, kind))}
    return (first, *(session for name, session in found.items() if name != first.screen))


def all_screens() -> Iterator[tuple[str, Session]]:
    for code, language in SPOKEN:
        for session in one_of_each_screen(code, language):
            yield code, session


def text_in(player: Player, text: str, language: str = "") -> Seen:
    """The first SMS of a dialogue."""
    return settle(player, open_with(player.script, player.begin(language), text, CLOCK))
