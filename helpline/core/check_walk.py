"""Walks a flow as one programme plays it: every state a caller can reach, and where it leads.

Pure. Knows nothing of languages, pages and budgets; a fault is a fact about the tables.
"""

from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from helpline.core.engine import WRONG_KEYS, FileReport, Turn, advance, start
from helpline.core.flow import End, Flow, Goto, Menu, Source
from helpline.core.options import Script, choices_of, desk_of, options_of, show
from helpline.core.report import Priority
from helpline.core.session import Session
from helpline.core.window import NEVER

LONGEST_CODE = "9999-9999"
NO_KEY = "?"  # what a caller types who finds no key
_ANY = frozenset({Source.LANGUAGES, Source.CONCERNS})  # one choice stands for all of these
_PLACES = frozenset({Source.DISTRICTS, Source.AREAS})
_OF_A_DESK = ("{desk}", "{place}", "{line}")
# What a wrong table makes the core raise; a caller would get no answer.
BREAKS = (LookupError, AssertionError, StopIteration, RuntimeError)
State = tuple[object, ...]


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with a screen, whatever the language; `screen` is "" for the flow itself."""

    screen: str
    problem: str


@dataclass(frozen=True)
class Graph:
    """`chosen`, `back` and `lost` are the states that follow by a choice, key 0, wrong keys."""

    states: dict[State, Session] = field(default_factory=dict)
    chosen: dict[State, list[State]] = field(default_factory=dict)
    back: dict[State, list[State]] = field(default_factory=dict)
    lost: dict[State, list[State]] = field(default_factory=dict)
    filed: dict[State, set[Priority]] = field(default_factory=dict)
    faults: dict[Fault, None] = field(default_factory=dict)

    def fault(self, screen: str, problem: str) -> None:
        self.faults[Fault(screen, problem)] = None

    def broken(self, screen: str, broken: Exception) -> None:
        self.fault(screen, f"breaks the dialogue: {type(broken).__name__}: {broken}")

    def screens(self) -> frozenset[str]:
        return frozenset(session.screen for session in self.states.values())


def walk(script: Script, moments: tuple[datetime, ...]) -> Graph:
    """Every state from the first screen on; `moments` are the times of day that differ."""
    graph = Graph()
    for fault in table_faults(script.flow):
        graph.faults[fault] = None
    if script.flow.first not in script.flow.screens:
        return graph
    waiting = deque([start(script)])
    graph.states[state_of(script, waiting[0])] = waiting[0]
    while waiting:
        session = waiting.popleft()
        try:
            waiting.extend(_follow(script, graph, session, moments))
        except BREAKS as broken:
            graph.broken(session.screen, broken)
    for screen in sorted({graph.states[state].screen for state in _trapped(script, graph)}):
        graph.fault(screen, "no way out: neither an end nor home can be reached from it")
    return graph


def state_of(script: Script, session: Session) -> State:
    """What two sessions must share to be one state: all that can matter to what follows."""
    answers = session.answers
    desk = 0
    if shows_desk(script.flow, session.screen):
        desk = session.trail.count(session.screen) % _ladder(script, session)
    return (
        session.screen,
        bool(session.language),
        answers.get("about") == "child",
        answers.get("task") == "find",
        *(answers.get(slot, "") for slot in ("region", "district", "area")),
        answers.get("window") == NEVER,
        bool(session.code),
        session.when if session.code else "",
        session.trail[-1:],
        desk,
    )


def shows_desk(flow: Flow, screen: str) -> bool:
    found = flow.screens[screen]
    said = [found.prompt, *(v.prompt for v in getattr(found, "variants", ()))]
    return any(name in prompt for prompt in said for name in _OF_A_DESK)


def _ladder(script: Script, session: Session) -> int:
    bottom = desk_of(script, replace(session, trail=()))
    return sum(1 for _ in script.directory.ladder(bottom.code))


def _follow(
    script: Script, graph: Graph, session: Session, moments: tuple[datetime, ...]
) -> Iterator[Session]:
    """Adds what follows a session to the graph, and gives the states that are new."""
    state = state_of(script, session)
    screen, flow = script.flow.screens[session.screen], script.flow
    show(script, session, moments[0])  # its variables can be filled in
    if shows_desk(flow, session.screen):
        _check_place(script, graph, session)
    if isinstance(screen, End):
        return
    for index in _indexes(script, session, screen, moments[0]):
        try:
            turns = tuple(_turns(script, session, index, moments))
        except BREAKS as broken:
            graph.broken(session.screen, broken)
            continue
        for turn in turns:
            if turn.effects:
                _check_place(script, graph, turn.session, session.screen)
                made = (e.report.priority for e in turn.effects if isinstance(e, FileReport))
                graph.filed.setdefault(state, set()).update(made)
            yield from _arrive(script, graph, graph.chosen, state, turn.session)
    if session.trail:
        turn = advance(script, replace(session, keys={"0": "back"}), "0", moments[0])
        yield from _arrive(script, graph, graph.back, state, turn.session)
    if session.language:
        helpless = replace(session, wrong=WRONG_KEYS - 1, keys={})
        turn = advance(script, helpless, NO_KEY, moments[0])
        yield from _arrive(script, graph, graph.lost, state, turn.session)


def _indexes(script: Script, session: Session, menu: Menu, now: datetime) -> Iterable[int]:
    """The choices worth following: of those from data, one of each sort."""
    options = options_of(script, session, now)
    sourced = len(options) - len(choices_of(script, session, menu))
    sorts = {_sort(script, menu, options[index].value): index for index in reversed(range(sourced))}
    return (*sorted(sorts.values()), *range(sourced, len(options)))


def _sort(script: Script, menu: Menu, value: str) -> object:
    """Equal for choices after which the dialogue differs in names only."""
    assert menu.source is not None
    if menu.source.source in _ANY:
        return ""
    if menu.source.source not in _PLACES:
        return value
    desk = script.directory.desk_for(value)
    opening = tuple(above.always_open for above in script.directory.ladder(desk.code))
    return bool(script.directory.within(value, "area")), opening


def _turns(
    script: Script, session: Session, index: int, moments: tuple[datetime, ...]
) -> Iterator[Turn]:
    """The turn of a choice; one for every moment when it files something."""
    ready = replace(session, keys={"1": f"choice:{index}"})
    first = advance(script, ready, "1", moments[0])
    if not first.effects:
        yield first
        return
    for now in moments:
        turn = advance(script, ready, "1", now)
        if any(isinstance(effect, FileReport) for effect in turn.effects):
            turn = replace(turn, session=replace(turn.session, code=LONGEST_CODE))
        yield turn


def _arrive(
    script: Script,
    graph: Graph,
    edges: dict[State, list[State]],
    state: State,
    session: Session,
) -> Iterator[Session]:
    if session.screen not in script.flow.screens:
        return  # a dangling goto, found in the tables
    session = replace(session, keys={}, wrong=0, hint=False, page=0)
    target = state_of(script, session)
    edges.setdefault(state, []).append(target)
    if target not in graph.states:
        graph.states[target] = session
        yield session


def _check_place(script: Script, graph: Graph, session: Session, screen: str = "") -> None:
    """A place answered before, outside the one answered since, would reach the wrong desk."""
    answers = session.answers
    area, district, value = (answers.get(slot, "") for slot in ("area", "district", "region"))
    if area and district not in {place.code for place in script.directory.lineage(area)}:
        problem = "an area left from another district is used after going back"
        graph.fault(screen or session.screen, problem)
    if not district or not value:
        return
    region = script.programme.region(value)
    if district not in (*region.districts, region.other):
        problem = "a district left from another region is used after going back"
        graph.fault(screen or session.screen, problem)


def _trapped(script: Script, graph: Graph) -> set[State]:
    """The states from which no choices and back keys lead to an end or to home."""
    sources: dict[State, list[State]] = {}
    for edges in (graph.chosen, graph.back):
        for state, targets in edges.items():
            for target in targets:
                sources.setdefault(target, []).append(state)
    flow = script.flow
    free = {
        state
        for state, session in graph.states.items()
        if session.screen == flow.home or isinstance(flow.screens[session.screen], End)
    }
    waiting = deque(free)
    while waiting:
        fresh = set(sources.get(waiting.popleft(), ())) - free
        free |= fresh
        waiting.extend(fresh)
    return graph.states.keys() - free


def table_faults(flow: Flow) -> Iterator[Fault]:
    """Gotos that lead nowhere, and menus without a choice."""
    for role in ("first", "home", "lost", "lost_again"):
        if getattr(flow, role) not in flow.screens:
            yield Fault("", f"{role} names no screen: {getattr(flow, role)!r}")
    for name, screen in flow.screens.items():
        if not isinstance(screen, Menu):
            continue
        if not screen.choices and screen.source is None:
            yield Fault(name, "a menu without a choice")
        for goto in _gotos(screen):
            yield from _goto_faults(flow, name, goto)


def _gotos(menu: Menu) -> Iterator[Goto]:
    if menu.source is not None:
        yield menu.source.goto
    yield from (choice.goto for choice in menu.choices)


def _goto_faults(flow: Flow, name: str, goto: Goto) -> Iterator[Fault]:
    steps = (goto,) if isinstance(goto, str) else goto
    for step in steps:
        target = step if isinstance(step, str) else step.goto
        if target not in flow.screens:
            yield Fault(name, f"leads to a screen that is not there: {target!r}")
    if not steps or not isinstance(steps[-1], str):
        yield Fault(name, "its branches do not end in a screen")


def questions(graph: Graph) -> Mapping[str, int]:
    """The fewest menus answered from the first screen to a filing, in danger and else."""
    first = next(iter(graph.states), None)
    depth: dict[State, int] = {} if first is None else {first: 0}
    waiting = deque(depth)
    found: dict[str, int] = {}
    while waiting:
        state = waiting.popleft()
        for priority in graph.filed.get(state, ()):
            path = "danger" if priority is Priority.DANGER else "normal"
            found.setdefault(path, depth[state] + 1)
        for target in graph.chosen.get(state, ()):
            if target not in depth:
                depth[target] = depth[state] + 1
                waiting.append(target)
    return found
