"""The state machine: one input and a session give the next session and what must be recorded.

Pure: the same arguments always give the same turn, so a repeated or replayed input is harmless.
"""

from dataclasses import dataclass, replace
from datetime import datetime

from helpline.core.digits import key_of
from helpline.core.flow import Branch, Choice, Effect, End, Flow, Goto, Menu
from helpline.core.options import Script, choices_of, holds, options_of, value_label
from helpline.core.report import Priority, Report
from helpline.core.session import Session
from helpline.core.window import NEVER, NOW, offers

RESTART_KEY = "00"
# A place chosen anew takes what lay within the old one with it: another region, another desk.
WITHIN = {"region": ("district", "area"), "district": ("area",)}
TRAIL = 60  # screens that key 0 leads back through; more than a session lasts
WRONG_KEYS = 3  # then a gentle way out that offers a callback


@dataclass(frozen=True, slots=True)
class FileReport:
    """Make the report durable before anything is confirmed."""

    report: Report


@dataclass(frozen=True, slots=True)
class PlaceReport:
    """The place of the report filed earlier in this session is now known."""

    report: Report


@dataclass(frozen=True, slots=True)
class Turn:
    """`hidden`: the decoy is shown and the session must be forgotten at once (SAFETY 13)."""

    session: Session
    effects: tuple[FileReport | PlaceReport, ...] = ()
    hidden: bool = False
    wrong: bool = False


def start(script: Script, language: str = "") -> Session:
    """A new session: at the language question, or at home when the language is known."""
    flow = script.flow
    screen = flow.home if language else flow.first
    return Session(flow.name, flow.version, screen, language=language)


def current(session: Session, flow: Flow) -> bool:
    """False for a session begun on another version of the flow: it restarts gently."""
    return (session.flow, session.version) == (flow.name, flow.version)


def advance(script: Script, session: Session, typed: str, now: datetime) -> Turn:
    """The turn that `typed` makes. It never raises for anything a caller can type."""
    key = key_of(typed)
    if key == script.hide_key:
        return Turn(session, hidden=True)
    if key == RESTART_KEY and session.language:
        return Turn(replace(start(script, session.language), filings=session.filings))
    action = session.keys.get(key or "", "")
    if not action:
        action = _by_name(script, session, typed, now)
    match action.partition(":"):
        case "page", _, number:
            return Turn(replace(session, page=int(number), hint=False))
        case "back", _, _:
            return Turn(_back(script, session))
        case "choice", _, number:
            return _choose(script, session, int(number), now)
        case _:
            return _wrong(script, session)


def _by_name(script: Script, session: Session, typed: str, now: datetime) -> str:
    """A choice typed as its name (a place, a language) instead of its key."""
    wanted = typed.strip().casefold()
    for index, option in enumerate(options_of(script, session, now)):
        if wanted and wanted in option.aliases:
            return f"choice:{index}"
    return ""


def _back(script: Script, session: Session) -> Session:
    """The screen before, unanswered again: an answer that is being changed agrees to nothing."""
    *before, screen = session.trail
    given = _answers_of(script.flow.screens[screen])
    kept = {name: value for name, value in session.answers.items() if name not in given}
    went = replace(session, screen=screen, trail=tuple(before), answers=kept)
    return replace(went, page=0, hint=False, wrong=0)


def _answers_of(screen: Menu | End) -> set[str]:
    """The names of the answers that a screen gives."""
    if isinstance(screen, End):
        return set()
    written = {name for choice in screen.choices for name in choice.sets}
    return written | ({screen.source.slot} if screen.source else set())


def _wrong(script: Script, session: Session) -> Turn:
    wrong = session.wrong + 1
    if not session.language:  # no hint yet has a language, and the emergency number must stay
        return Turn(replace(session, page=0), wrong=True)
    if wrong < WRONG_KEYS:
        return Turn(replace(session, wrong=wrong, hint=True), wrong=True)
    flow = script.flow
    target = flow.lost_again if session.screen == flow.lost else flow.lost
    return Turn(_move(session, target), wrong=True)


def _move(session: Session, screen: str) -> Session:
    trail = (*session.trail, session.screen)[-TRAIL:]
    return replace(session, screen=screen, trail=trail, page=0, hint=False, wrong=0)


def _choose(script: Script, session: Session, index: int, now: datetime) -> Turn:
    screen = script.flow.screens[session.screen]
    assert isinstance(screen, Menu), "only a menu gives keys"
    chosen, effects, goto = _chosen(script, session, screen, index, now)
    target = _target(script, chosen, goto)
    moved = _move(chosen, target)
    if target in (script.flow.home, script.flow.first):
        moved = replace(moved, trail=())
    return _with_effects(script, moved, effects, now)


def _chosen(
    script: Script, session: Session, menu: Menu, index: int, now: datetime
) -> tuple[Session, tuple[Effect, ...], Goto]:
    options, choices = options_of(script, session, now), choices_of(script, session, menu)
    sourced = len(options) - len(choices)
    if menu.source is None or index >= sourced:
        choice: Choice = choices[index - sourced]
        answers = {**session.answers, **choice.sets}
        return replace(session, answers=answers), choice.effects, choice.goto
    source, value = menu.source, options[index].value
    if source.slot == "language":
        return replace(session, language=value), source.effects, source.goto
    kept = {k: v for k, v in session.answers.items() if k not in WITHIN.get(source.slot, ())}
    answers = {**kept, source.slot: value}
    return replace(session, answers=answers), source.effects, source.goto


def _target(script: Script, session: Session, goto: Goto) -> str:
    if isinstance(goto, str):
        return goto
    for step in goto:
        if isinstance(step, str):
            return step
        if _holds(script, session, step):
            return step.goto
    raise AssertionError("a tuple of branches ends in a screen; the checker proves it")


def _holds(script: Script, session: Session, branch: Branch) -> bool:
    return holds(script, session, branch.when)


def _with_effects(
    script: Script, session: Session, effects: tuple[Effect, ...], now: datetime
) -> Turn:
    made: list[FileReport | PlaceReport] = []
    for effect in effects:
        if effect is Effect.PLACE_REPORT:
            if session.code:
                made.append(PlaceReport(report_of(script, session, now, danger=True)))
            continue
        danger = effect is Effect.FILE_DANGER
        session = replace(session, when=when_of(script, session, now))
        made.append(FileReport(report_of(script, session, now, danger=danger)))
    if any(isinstance(effect, FileReport) for effect in made):
        # What is filed is filed: key 0 does not lead back behind it.
        session = replace(session, filings=session.filings + 1, trail=())
    return Turn(session, tuple(made))


def when_of(script: Script, session: Session, now: datetime) -> str:
    """The words for the agreed time, fixed at filing so that they stay the same."""
    return value_label(offers(now, script.programme.zone), session.answers.get("window", NOW))


def report_of(
    script: Script, session: Session, now: datetime, *, danger: bool, consented: bool = True
) -> Report:
    """The report that the answers so far amount to; unknown answers stay empty."""
    answers, programme = session.answers, script.programme
    place = answers.get("area") or answers.get("district") or programme.country
    window = NOW if danger else answers.get("window", NEVER)
    offered = {offer.value: offer for offer in offers(now, programme.zone)}
    return Report(
        programme=programme.code,
        desk=script.directory.desk_for(place).code,
        place=place,
        about=answers.get("about", ""),
        concern=answers.get("concern", ""),
        priority=_priority(script, answers.get("concern", ""), danger=danger),
        windows=offered[window].windows,
        woman=answers.get("caller") == "woman",
        consented=consented,
        language=session.language,
    )


def _priority(script: Script, concern: str, *, danger: bool) -> Priority:
    if danger:
        return Priority.DANGER
    urgent = {known.value for known in script.programme.concerns if known.urgent}
    return Priority.HIGH if concern in urgent else Priority.NORMAL


def dropped(script: Script, session: Session, now: datetime) -> FileReport | None:
    """What to file when the line dropped: only what the person already agreed to be rung about.

    The safe time is the agreement to be called (SAFETY 1); without one, or with "do not call me",
    a dropped dialogue leaves nothing behind.
    """
    answers = session.answers
    agreed = answers.get("window", NEVER) != NEVER and "caller" in answers
    if session.filings or not agreed:
        return None
    screen = script.flow.screens[session.screen]
    if isinstance(screen, End):
        return None
    return FileReport(report_of(script, session, now, danger=False, consented=False))
