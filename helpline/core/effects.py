"""What a turn asks of the record: typed, complete and named by the answers alone."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from helpline.core.flow import Effect
from helpline.core.label import Label
from helpline.core.options import note_of, value_label
from helpline.core.report import Priority, Report
from helpline.core.script import Script, desk_for_report, doubtful, near_shown, told_place_of
from helpline.core.session import Session
from helpline.core.window import NEVER, NOW, Window, offers


@dataclass(frozen=True, slots=True)
class FileReport:
    """Make the report durable before anything is confirmed."""

    report: Report


@dataclass(frozen=True, slots=True)
class TellReport:
    """The newest answers of the dialogue that filed `code` at `filed_at`."""

    code: str
    filed_at: str
    report: Report


@dataclass(frozen=True, slots=True)
class FindCase:
    """`word` is the secret word as typed, "" when the person has none."""

    programme: str
    code: str
    word: str


@dataclass(frozen=True, slots=True)
class ChangeTime:
    case: FindCase
    windows: tuple[Window, ...]


@dataclass(frozen=True, slots=True)
class Withdraw:
    case: FindCase


@dataclass(frozen=True, slots=True)
class Erase:
    case: FindCase


@dataclass(frozen=True, slots=True)
class TextDesk:
    """One neutral text about a desk, to the phone that asked for it."""

    programme: str
    desk: str
    note: Label


Made = FileReport | TellReport | FindCase | ChangeTime | Withdraw | Erase | TextDesk
CHANGES = (FileReport, ChangeTime, Withdraw, Erase)  # each is named, so that it happens once


def carried(
    script: Script, session: Session, effects: tuple[Effect, ...], now: datetime
) -> tuple[Session, tuple[Made, ...]]:
    """What the chosen effects come to in this session, and the session that remembers them."""
    made: list[Made] = []
    for effect in effects:
        session, one = _EFFECTS[effect](script, session, now)
        if one is not None:
            made.append(one)
    if any(isinstance(one, CHANGES) for one in made):
        # What is filed is filed: key 0 does not lead back behind it.
        session = replace(session, filings=session.filings + 1, trail=())
    return session, tuple(made)


Step = tuple[Session, Made | None]


def _file_call(script: Script, session: Session, now: datetime) -> Step:
    if session.code or session.answers.get("window", NEVER) == NEVER:
        return session, None
    return _file(script, session, now)


def _file(script: Script, session: Session, now: datetime) -> Step:
    session = replace(session, when=when_of(script, session, now))
    return session, FileReport(report_of(script, session, now))


def _file_report(script: Script, session: Session, now: datetime) -> Step:
    return _tell(script, session, now) if session.code else _file(script, session, now)


def _tell(script: Script, session: Session, now: datetime) -> Step:
    if not session.code or doubtful(session):  # where it was is still being asked
        return session, None
    report = report_of(script, session, now)
    return session, TellReport(session.code, session.filed_at, report)


def _case(script: Script, session: Session) -> FindCase:
    answers = session.answers
    return FindCase(script.programme.code, answers.get("case", ""), answers.get("key", ""))


def _find(script: Script, session: Session, now: datetime) -> Step:
    return session, _case(script, session)


def _change(script: Script, session: Session, now: datetime) -> Step:
    session = replace(session, when=when_of(script, session, now))
    return session, ChangeTime(_case(script, session), _windows(script, session, now))


def _withdraw(script: Script, session: Session, now: datetime) -> Step:
    return session, Withdraw(_case(script, session))


def _erase(script: Script, session: Session, now: datetime) -> Step:
    return session, Erase(_case(script, session))


def _text(script: Script, session: Session, now: datetime) -> Step:
    # It is asked beside the screen that showed the desk.
    shown = replace(session, screen=session.trail[-1], trail=session.trail[:-1])
    desk = near_shown(script, shown).desk
    return session, TextDesk(script.programme.code, desk.code, note_of(script, desk))


_EFFECTS: Mapping[Effect, Callable[[Script, Session, datetime], Step]] = {
    Effect.FILE_CALL: _file_call,
    Effect.FILE_DANGER: _file,
    Effect.FILE_REPORT: _file_report,
    Effect.TELL: _tell,
    Effect.FIND_CASE: _find,
    Effect.CHANGE_TIME: _change,
    Effect.WITHDRAW: _withdraw,
    Effect.ERASE: _erase,
    Effect.TEXT_DESK: _text,
}


def when_of(script: Script, session: Session, now: datetime) -> str:
    """The words for the agreed time, fixed at filing so that they stay the same."""
    return value_label(offers(now, script.programme.zone), _window(session))


def _window(session: Session) -> str:
    return NOW if _in_danger(session) else session.answers.get("window", NEVER)


def _windows(script: Script, session: Session, now: datetime) -> tuple[Window, ...]:
    offered = {offer.value: offer for offer in offers(now, script.programme.zone)}
    return offered[_window(session)].windows


def _in_danger(session: Session) -> bool:
    return session.answers.get("danger") == "yes"


def report_of(script: Script, session: Session, now: datetime) -> Report:
    """The report that the answers so far amount to; unknown answers stay empty."""
    answers, programme = session.answers, script.programme
    consented = answers.get("consent") == "yes"
    return Report(
        programme=programme.code,
        desk=desk_for_report(script, session).code,
        place=told_place_of(script, session),
        about=answers.get("about", ""),
        concern=answers.get("concern", ""),
        form=answers.get("form", ""),
        priority=_priority(script, session),
        windows=_windows(script, session, now),
        woman=answers.get("caller") == "woman",
        consented=consented,
        language=session.language,
        code_word=answers.get("word", ""),
        finished="word" in answers,
        said=answers.get("said", "") if consented else "",
        if_nobody=answers.get("nobody", "") if answers.get("caller") == "woman" else "",
        if_call_drops=programme.rules.if_call_drops,
    )


def _priority(script: Script, session: Session) -> Priority:
    """A line that dropped before the story was told may be the worst of all: it counts as high."""
    if _in_danger(session):
        return Priority.DANGER
    concern = session.answers.get("concern", "")
    urgent = {known.value for known in script.programme.concerns if known.urgent}
    high = not concern or concern in urgent or "danger" in session.answers
    return Priority.HIGH if high else Priority.NORMAL
