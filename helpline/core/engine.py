"""The state machine: one input and a session give the next session and what must be recorded.

Pure: the same arguments always give the same turn, so a repeated or replayed input is harmless.
"""

from dataclasses import dataclass, replace
from datetime import datetime

from helpline.core.digits import key_of
from helpline.core.effects import Made, carried
from helpline.core.flow import Choice, Effect, End, Flow, Goto, Input, Menu, Shortcut, Typed
from helpline.core.options import choices_of, given_by, options_of
from helpline.core.predicates import holds
from helpline.core.script import Script, lost_place
from helpline.core.session import Session
from helpline.core.typed import Answers, is_prose, read, shortcut, with_said

RESTART_KEY = "00"
# A place chosen anew takes what lay within the old one with it: another region, another desk.
_EXACT = ("areas", "abroad")
WITHIN = {
    "region": ("part", "place", "candidates", *_EXACT),
    "part": ("place", *_EXACT),
    "place": _EXACT,
    "concern": ("form",),
}
TRAIL = 60  # screens that key 0 leads back through; more than a session lasts
WRONG_KEYS = 3  # then a gentle way out that offers a callback
_KEPT_WHEN_LOST = ("about", "said")
_AHEAD, _TYPED = "shortcut", "typed"  # where to go once a language is chosen, and what to type


@dataclass(frozen=True, slots=True)
class Turn:
    """`hidden`: the decoy is shown and the session must be forgotten at once (SAFETY 13)."""

    session: Session
    effects: tuple[Made, ...] = ()
    hidden: bool = False
    wrong: bool = False


def start(script: Script, language: str = "") -> Session:
    """A new session: at the language question, or at home when the language is known."""
    flow = script.flow
    screen = flow.home if language else flow.first
    revision = script.directory.revision
    return Session(flow.name, flow.version, screen, language=language, revision=revision)


def current(session: Session, flow: Flow) -> bool:
    """False for a session begun on another version of the flow: it restarts gently."""
    return (session.flow, session.version) == (flow.name, flow.version)


def resumable(script: Script, session: Session) -> bool:
    """Whether a dropped dialogue had got anywhere; never after it ended or was hidden."""
    flow = script.flow
    # A request that was opened with its secret word must not open without it.
    asked = "case" in session.answers
    begun = session.screen not in (flow.first, flow.home, flow.resume) and not asked
    begun = begun and not lost_place(script, session)
    return current(session, flow) and bool(session.language) and begun and not session.ends


def resume(script: Script, session: Session) -> Session:
    """The question whether to go on, before the screen where the dialogue was cut off."""
    asked = replace(session, screen=script.flow.resume, trail=(*session.trail, session.screen))
    return replace(asked, page=0, hint=False, wrong=0, filings=0, history="", urgent=False)


def advance(script: Script, session: Session, typed: str, now: datetime) -> Turn:
    """The turn that `typed` makes. It never raises for anything a caller can type."""
    key = key_of(typed)
    if key == script.hide_key:
        return Turn(session, hidden=True)
    if key == RESTART_KEY and session.language:
        return Turn(_afresh(script, session))
    if session.revision != script.directory.revision:
        if key is not None or lost_place(script, session):
            return Turn(_anew(script, session))
        session = replace(session, keys={})
    action = session.keys.get(key or "", "")
    match action.partition(":"):
        case "page", _, number:
            return Turn(replace(session, page=int(number), hint=False))
        case "back", _, _:
            return Turn(_back(script, session))
        case "choice", _, number:
            return _choose(script, session, int(number), now)
        case _:
            return _words(script, session, typed, now)


def _anew(script: Script, session: Session) -> Session:
    """The screen again, because the directory changed: its keys may mean something else now."""
    if lost_place(script, session):
        return _afresh(script, session)
    return replace(session, page=0, keys={}, hint=False)


def open_with(script: Script, session: Session, typed: str, now: datetime) -> Turn:
    """The first text of a dialogue: a keyword leads straight on, a story is kept for the report."""
    if jump := _by_keyword(script, session, typed, now):
        return jump
    return Turn(_hear(script, session, typed))


def jump_to(
    script: Script, session: Session, known: Shortcut, language: str, typed: str, now: datetime
) -> Turn:
    """A shortcut's screen; without a language the question for it comes first."""
    fresh = replace(start(script, language or session.language), filings=session.filings)
    if not fresh.language:
        ahead = {_AHEAD: known.name, _TYPED: typed}
        return Turn(replace(fresh, answers={**_said(session), **ahead}))
    trail = (script.flow.home,)
    there = replace(fresh, screen=known.goto, trail=trail, urgent=True)
    there = replace(there, answers={**_said(session), **known.sets})
    menu = script.flow.screens[known.goto]
    if typed and isinstance(menu, Menu) and menu.typed:
        given = read(script, menu.typed.input, menu.typed.slot, there.answers, typed)
        if given is not None:
            turn = _accept(script, there, menu.typed, given, now)
            return replace(turn, session=replace(turn.session, urgent=True))
    return Turn(_hear(script, there, typed))


def _said(session: Session) -> Answers:
    return {name: value for name, value in session.answers.items() if name == "said"}


def _words(script: Script, session: Session, typed: str, now: datetime) -> Turn:
    """What was typed is no key: an answer in words, a choice's name, a keyword, or a slip."""
    screen = script.flow.screens[session.screen]
    if isinstance(screen, Menu) and screen.typed and key_of(typed) is None:
        # A keyword is no misspelt place.
        place = screen.typed.input is Input.PLACE
        if place and (jump := _by_keyword(script, session, typed, now)):
            return jump
        given = read(script, screen.typed.input, screen.typed.slot, session.answers, typed)
        if given is not None:
            return _accept(script, session, screen.typed, given, now)
    index = _by_name(script, session, typed, now)
    if index is not None:
        return _choose(script, session, index, now)
    jump = _by_keyword(script, session, typed, now)
    return jump or _wrong(script, _hear(script, session, typed))


def _accept(script: Script, session: Session, typed: Typed, given: Answers, now: datetime) -> Turn:
    answered = replace(session, answers=given)
    return _go(script, answered, typed.goto, typed.effects, now)


def _by_name(script: Script, session: Session, typed: str, now: datetime) -> int | None:
    """A choice typed as its name (a place, a language) instead of its key."""
    wanted = typed.strip().casefold()
    for index, option in enumerate(options_of(script, session, now)):
        if wanted and wanted in option.aliases:
            return index
    return None


def _by_keyword(script: Script, session: Session, typed: str, now: datetime) -> Turn | None:
    found = shortcut(script, typed) if key_of(typed) is None else None
    if found is None or (session.code and found[2]):
        return None  # a sentence in the middle of a report is part of it
    known, language, rest = found
    return jump_to(script, session, known, session.language or language, rest, now)


def _hear(script: Script, session: Session, typed: str) -> Session:
    """Nothing that a person tells us is lost: it joins the report once sharing is agreed."""
    if not is_prose(script, typed):
        return session
    return replace(session, answers=with_said(session.answers, typed))


def _back(script: Script, session: Session) -> Session:
    """The screen before, unanswered again: an answer that is being changed agrees to nothing."""
    given = _answers_of(script.flow.screens[session.trail[-1]])
    kept = {name: value for name, value in session.answers.items() if name not in given}
    return replace(_return(session), answers=kept)


def _return(session: Session) -> Session:
    """The screen before, as it was left."""
    *before, screen = session.trail
    went = replace(session, screen=screen, trail=tuple(before), page=0, hint=False, wrong=0)
    return replace(went, urgent=False)


def _answers_of(screen: Menu | End) -> set[str]:
    """The names of the answers that a screen gives."""
    if isinstance(screen, End):
        return set()
    written = {name for choice in screen.choices for name in choice.sets}
    slots = [screen.source.slot] if screen.source else []
    slots += [screen.typed.slot] if screen.typed else []
    return written.union(slots, *(WITHIN.get(slot, ()) for slot in slots))


def _afresh(script: Script, session: Session) -> Session:
    return replace(start(script, session.language), filings=session.filings)


def _wrong(script: Script, session: Session) -> Turn:
    wrong = session.wrong + 1
    if not session.language:  # no hint yet has a language, and the emergency number must stay
        return Turn(replace(session, page=0), wrong=True)
    if wrong < WRONG_KEYS:
        return Turn(replace(session, wrong=wrong, hint=True), wrong=True)
    flow = script.flow
    if session.code:
        return Turn(_move(session, _target(script, session, flow.enough)), wrong=True)
    target = flow.lost_again if session.screen == flow.lost else flow.lost
    return Turn(_move(session, target), wrong=True)


def _move(session: Session, screen: str) -> Session:
    """On to a screen. One that stands in the trail already is not stood in it twice: going back
    past it would meet answers that were taken away."""
    trail = (*session.trail, session.screen)[-TRAIL:]
    if screen in session.trail and screen != session.screen:
        trail = session.trail[: session.trail.index(screen)]
    moved = replace(session, screen=screen, trail=trail, page=0, hint=False, wrong=0)
    return replace(moved, urgent=False)


def _choose(script: Script, session: Session, index: int, now: datetime) -> Turn:
    menu = script.flow.screens[session.screen]
    assert isinstance(menu, Menu), "only a menu gives keys"
    options, choices = options_of(script, session, now), choices_of(script, session, menu)
    sourced = len(options) - len(choices)
    if menu.source is None or index >= sourced:
        return _choose_written(script, session, choices[index - sourced], now)
    slot, value = menu.source.slot, options[index].value
    if slot == "language":
        return _in_language(script, replace(session, language=value), menu.source.goto, now)
    kept = {k: v for k, v in session.answers.items() if k not in WITHIN.get(slot, ())}
    answered = replace(session, answers={**kept, **given_by(script, menu.source, value)})
    return _go(script, answered, menu.source.goto, menu.source.effects, now)


def _choose_written(script: Script, session: Session, choice: Choice, now: datetime) -> Turn:
    if choice.returns:
        return Turn(_return(session) if session.trail else _afresh(script, session))
    if "language" in choice.sets:
        return Turn(replace(start(script), filings=session.filings))
    before = session.answers
    if session.screen == script.flow.lost:  # asked anew from here: older answers agree to nothing
        before = {name: value for name, value in before.items() if name in _KEPT_WHEN_LOST}
        session = replace(session, trail=())
    answered = replace(session, answers={**before, **choice.sets})
    return _go(script, answered, choice.goto, choice.effects, now)


def _in_language(script: Script, session: Session, goto: Goto, now: datetime) -> Turn:
    """A language was chosen: home, or where a shortcut led before it was known."""
    name = session.answers.get(_AHEAD)
    known = next((s for s in script.flow.shortcuts if s.name == name), None)
    if known is None:
        fresh = replace(_afresh(script, session), answers=_said(session))
        return Turn(replace(fresh, screen=_target(script, fresh, goto)))
    typed = session.answers.get(_TYPED, "")
    turn = jump_to(script, session, known, session.language, typed, now)
    return replace(turn, session=replace(turn.session, urgent=False))


def _go(
    script: Script, answered: Session, goto: Goto, effects: tuple[Effect, ...], now: datetime
) -> Turn:
    """The turn after an answer. Effects are seen from the screen that asked."""
    target = _target(script, answered, goto)
    if target == script.flow.home:
        return Turn(_afresh(script, answered))
    if target == script.flow.first:
        fresh = replace(start(script), language=answered.language, filings=answered.filings)
        return Turn(fresh)
    session, made = carried(script, answered, effects, now)
    moved = _move(session, target)
    if session.filings > answered.filings:
        moved = replace(moved, trail=())
    return Turn(moved, made)


def _target(script: Script, session: Session, goto: Goto) -> str:
    if isinstance(goto, str):
        return goto
    for step in goto:
        if isinstance(step, str):
            return step
        if holds(script, session, step.when):
            return step.goto
    raise AssertionError("a tuple of branches ends in a screen; the checker proves it")
