"""The shortest ways through a flow: questions until something is filed, texts that they cost.

Pure. A question is a screen with more than one answer; one that only goes on is none.
"""

from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from helpline.core.check_walk import Graph, State
from helpline.core.fit import Frame, Page, fit
from helpline.core.flow import Menu
from helpline.core.label import Joined, Label, Text
from helpline.core.options import options_of, prompt_of, show
from helpline.core.script import Script
from helpline.core.session import Session
from helpline.core.text import segments

MOST_QUESTIONS = 5  # from dialling to a queued callback
_NUMBERS = ("{number}", "{line}", "{abroad_number}")


@dataclass(frozen=True, slots=True)
class Path:
    """One way from the first screen: `states` ends with the screen that confirms."""

    name: str
    questions: int
    states: tuple[State, ...]


@dataclass(frozen=True, slots=True)
class Cost:
    """What a path costs by SMS: texts from the phone, and segments to it."""

    programme: str
    language: str
    path: str
    received: int
    sent: int


def paths(script: Script, graph: Graph, now: datetime) -> tuple[Path, ...]:
    """The way with the fewest questions to each thing that can be filed, and to the desk finder."""
    asked, came = _distances(script, graph, now)
    found: dict[str, Path] = {}
    for state in asked:  # nearest first
        for name in sorted(graph.filed.get(state, ())):
            after = next(t for t in graph.chosen[state] if graph.states[t].code)
            count = asked[state] + _asks(script, graph.states[state], now)
            found.setdefault(name, Path(name, count, (*_way(came, state), after)))
        if graph.states[state].screen == "desk":
            found.setdefault("find a desk", Path("find a desk", asked[state], _way(came, state)))
    return tuple(found[name] for name in sorted(found))


def _distances(
    script: Script, graph: Graph, now: datetime
) -> tuple[dict[State, int], dict[State, State]]:
    """Questions asked before each state, in rising order, and where one comes from."""
    first = next(iter(graph.states), None)
    if first is None:
        return {}, {}
    best, came, done = {first: 0}, {}, dict[State, int]()
    waiting = deque([first])
    while waiting:
        state = waiting.popleft()
        if state in done:
            continue
        done[state] = best[state]
        step = _asks(script, graph.states[state], now)
        for target in graph.chosen.get(state, ()):
            if best[state] + step < best.get(target, len(graph.states) + 1):
                best[target], came[target] = best[state] + step, state
                (waiting.append if step else waiting.appendleft)(target)
    return done, came


def _asks(script: Script, session: Session, now: datetime) -> int:
    screen = script.flow.screens[session.screen]
    typed = isinstance(screen, Menu) and screen.typed is not None
    return int(typed or len(options_of(script, session, now)) > 1)


def _way(came: Mapping[State, State], state: State) -> tuple[State, ...]:
    way = [state]
    while way[-1] in came:
        way.append(came[way[-1]])
    return tuple(reversed(way))


def cost(script: Script, graph: Graph, path: Path, frame: Frame, now: datetime) -> tuple[int, int]:
    """Texts received and segments sent: every page up to the one that holds the chosen key."""
    received, sent = 1, 0  # the first text calls the service
    for state, following in zip(path.states, (*path.states[1:], None), strict=True):
        pages = fit(show(script, graph.states[state], now), frame)
        index = graph.keys.get((state, following), -1) if following else -1
        read = _read(pages, index) if following else pages
        sent += sum(len(segments(page.text)) for page in read)
        received += len(read) if following else len(read) - 1
    return received, sent


def _read(pages: Sequence[Page], index: int) -> Sequence[Page]:
    for page in pages:
        if page.start <= index < page.stop:
            return pages[: page.number + 1]
    return pages[:1]  # words can be typed on the first page


def without_human(script: Script, graph: Graph, now: datetime) -> Iterator[str]:
    """The screens from which no choices lead to a call that is queued or to a live number."""
    near = {s for s in graph.states if s in graph.filed or _speaks(script, graph.states[s], now)}
    reached = graph.leading_to(near)
    for state, session in graph.states.items():
        if state not in reached and isinstance(script.flow.screens[session.screen], Menu):
            yield session.screen


def _speaks(script: Script, session: Session, now: datetime) -> bool:
    """A call is queued already, or the screen names a number that answers."""
    if session.code or session.urgent or not session.language:
        return True
    screen = script.flow.screens[session.screen]
    if not isinstance(screen.prompt, str):
        return False
    prompt = prompt_of(script, session, screen, now)
    return any(number in said for said in _msgids(prompt) for number in _NUMBERS)


def _msgids(label: Label) -> Iterable[str]:
    match label:
        case Text(msgid):
            return (msgid,)
        case Joined(first, then):
            return (*_msgids(first), *_msgids(then))
        case _:
            return ()
