"""A callback's line as a page shows it: words, colours and times; nothing of the caller's."""

from dataclasses import dataclass
from datetime import datetime

from helpline.core.callback import State
from helpline.core.label import O_
from helpline.core.matching import Needs, Skills, lacking
from helpline.core.officer_words import PRIORITIES, STATES
from helpline.core.report import Priority
from helpline.core.window import Window
from helpline.service.lines import QueueRow
from helpline.service.roster import skills
from helpline.web.console.visit import Clock, Visit

WOMAN = O_("asks for a woman")
INTERVIEWER = O_("child interviewer")
# NOTE: stands at a request in the queue: the partner it was referred to did not accept it
RETURNED = O_("the partner said no")
NO_CALL = O_("The person asked not to be called.")
OPEN_UNTIL = O_("safe now, until {time}")
SAFE_FROM = O_("safe from {time} to {end}")


@dataclass(frozen=True, slots=True)
class Row:
    """`tone` is the class of its colours; the words say the same."""

    id: int
    code: str
    code_state: str
    state: str
    priority: str
    tone: str
    due: str
    late: bool
    window: str
    open: bool
    needs: tuple[str, ...]
    holder: str
    attempts: int
    level: int
    fence: int
    lease: str
    claimable: bool


def row_of(visit: Visit, line: QueueRow, clock: Clock, team: "tuple[Skills, ...]") -> Row:
    language = "" if line.priority == Priority.DANGER.value else line.language
    needs = Needs(line.woman, line.interviewer, language)
    fits = lacking(needs, skills(visit.officer), team) is None
    return Row(
        id=line.id,
        code=line.case_code,
        code_state=line.state,
        state=visit.say(STATES[State(line.state)]),
        priority=visit.say(PRIORITIES[Priority(line.priority)]),
        tone=f"{line.priority} {line.state}{' late' if line.overdue else ''}",
        due=clock.moment(line.due_at) if line.due_at and _answers(line) else "",
        late=line.overdue,
        window=window_words(visit, line.window, clock),
        open=line.window is not None and line.window.contains(visit.now),
        needs=tuple(_needs(visit, line)),
        holder=line.lease_holder,
        attempts=line.attempts,
        level=line.level,
        fence=line.fence,
        lease=clock.moment(line.lease_until) if line.lease_until else "",
        claimable=line.state == State.READY.value and fits,
    )


def _answers(line: QueueRow) -> bool:
    """Whether its deadline still means anything."""
    return State(line.state) not in (State.REACHED, State.REFERRED, State.CLOSED, State.HELD)


def _needs(visit: Visit, line: QueueRow) -> "list[str]":
    found = [visit.say(WOMAN)] if line.woman else []
    if line.interviewer:
        found.append(visit.say(INTERVIEWER))
    if line.returned:
        found.append(visit.say(RETURNED))
    if line.language:
        found.append(language_name(visit, line.language))
    return found


def language_name(visit: Visit, code: str) -> str:
    """As its speakers call it, as the callers' menus do."""
    known = (one for p in visit.content.programmes.values() for one in p.languages)
    return next((one.label for one in known if one.code == code), code)


def window_words(visit: Visit, window: Window | None, clock: Clock) -> str:
    if window is None:
        return visit.say(NO_CALL)
    if window.contains(visit.now):
        return visit.say(OPEN_UNTIL, time=clock.moment(window.end))
    return visit.say(SAFE_FROM, time=clock.moment(window.start), end=_end(window, clock))


def _end(window: Window, clock: Clock) -> str:
    same = window.start.astimezone(clock.zone).date() == window.end.astimezone(clock.zone).date()
    return clock.time(window.end) if same else clock.moment(window.end)


def told_at(clock: Clock, text: str) -> str:
    at = datetime.fromisoformat(text)
    return f"{clock.day(at)} {clock.time(at)}"
