"""Walks a flow as one programme plays it: every state a caller can reach, and where it leads.

Pure. Knows nothing of languages, pages and budgets; a fault is a fact about the tables.
"""

from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from helpline.core.check_places import BREAKS, place_sort, places_to_type
from helpline.core.check_tables import Fault, table_faults
from helpline.core.effects import FileReport, FindCase, Made, TextDesk
from helpline.core.engine import WRONG_KEYS, Turn, advance, jump_to, resume, start
from helpline.core.flow import End, Flow, Input, Menu, Source, Typed
from helpline.core.options import choices_of, options_of, show
from helpline.core.predicates import CASE_STATES, TEXTED
from helpline.core.report import Priority, case_code
from helpline.core.script import Script, has_forms, ladder_of, near_of, part_of, place_of
from helpline.core.session import Session
from helpline.core.window import NEVER

LONGEST_CODE = "9999-9999"
A_CODE, A_WORD = case_code(0), "abc"  # typed where a request number or words are asked for
_FILED = "2026-01-05T00:30:00+00:00"
_FOUND: Mapping[type[Made], tuple[str, ...]] = {
    FindCase: ("", *CASE_STATES),
    TextDesk: ("", TEXTED),
}
NO_KEY = "?"  # what a caller types who finds no key
_ANY = frozenset({Source.LANGUAGES, Source.FORMS})  # one choice stands for all of these
_PLACES = frozenset({Source.DISTRICTS, Source.AREAS, Source.CANDIDATES})
_ASKS_FIRST = "region"
_SHOWING = ("desk", "text_sure")  # the screens that speak of the desk to go to
_MATTER = ("consent", "elsewhere", "shortcut")
_OF_A_DESK = ("{desk}", "{place}", "{line}")
State = tuple[object, ...]


@dataclass(frozen=True)
class Graph:
    """`chosen`, `back` and `lost` are the states that follow by a choice, key 0, wrong keys.

    `filed` names what a choice files, `keys` the choice that leads from one state to the next,
    `places` what was typed where a place is asked for.
    """

    states: dict[State, Session] = field(default_factory=dict)
    chosen: dict[State, list[State]] = field(default_factory=dict)
    back: dict[State, list[State]] = field(default_factory=dict)
    lost: dict[State, list[State]] = field(default_factory=dict)
    filed: dict[State, set[str]] = field(default_factory=dict)
    keys: dict[tuple[State, State], int] = field(default_factory=dict)
    faults: dict[Fault, None] = field(default_factory=dict)
    places: tuple[str, ...] = ()

    def fault(self, screen: str, problem: str) -> None:
        self.faults[Fault(screen, problem)] = None

    def broken(self, screen: str, broken: Exception) -> None:
        self.fault(screen, f"breaks the dialogue: {type(broken).__name__}: {broken}")

    def screens(self) -> frozenset[str]:
        return frozenset(session.screen for session in self.states.values())

    def leading_to(self, goals: set[State]) -> set[State]:
        """The states from which choices and back keys come to one of `goals`, those included."""
        sources: dict[State, list[State]] = {}
        for edges in (self.chosen, self.back):
            for state, targets in edges.items():
                for target in targets:
                    sources.setdefault(target, []).append(state)
        reached, waiting = set(goals), deque(goals)
        while waiting:
            fresh = set(sources.get(waiting.popleft(), ())) - reached
            reached |= fresh
            waiting.extend(fresh)
        return reached


def walk(script: Script, moments: tuple[datetime, ...]) -> Graph:
    """Every state from the first screen on; `moments` are the times of day that differ."""
    graph = Graph(places=places_to_type(script))
    for fault in table_faults(script.flow):
        graph.faults[fault] = None
    if script.flow.first not in script.flow.screens:
        return graph
    waiting: deque[Session] = deque()
    for session in _beginnings(script, graph.places, moments[0]):
        try:
            graph.states.setdefault(state_of(script, session), session)
        except BREAKS as broken:
            graph.broken(session.screen, broken)
            continue
        waiting.append(session)
    while waiting:
        session = waiting.popleft()
        try:
            waiting.extend(_follow(script, graph, session, moments))
        except BREAKS as broken:
            graph.broken(session.screen, broken)
    for screen in sorted({graph.states[state].screen for state in _trapped(script, graph)}):
        graph.fault(screen, "no way out: neither an end nor home can be reached from it")
    return graph


def _beginnings(script: Script, places: tuple[str, ...], now: datetime) -> Iterator[Session]:
    """The first screen, a shortcut's with and without a known language, and a call gone on with."""
    flow, language = script.flow, script.programme.languages[0].code
    yield start(script)
    for known in flow.shortcuts:
        for spoken in ("", language):
            menu = flow.screens.get(known.goto)
            for typed in ("", *_to_type(menu.typed, places)) if isinstance(menu, Menu) else ():
                yield jump_to(script, start(script), known, spoken, typed, now).session
    if flow.resume in flow.screens:
        yield resume(script, replace(start(script, language), trail=()))


def state_of(script: Script, session: Session) -> State:
    """What two sessions must share to be one state: all that can matter to what follows."""
    answers, screen = session.answers, script.flow.screens[session.screen]
    if isinstance(screen, End) or session.screen == script.flow.lost:
        return session.screen, session.trail[-1:], session.found, bool(session.code)
    desk = 0
    if session.screen in _SHOWING:
        shown = session.trail.count("desk") + (session.screen == "desk")
        desk = shown % len(near_of(script, session))
    return (
        session.screen,
        bool(session.language),
        answers.get("about") == "child" and not session.code and "window" not in answers,
        answers.get("task") == "find" and "about" not in answers,
        *(answers.get(slot, "") for slot in _MATTER),
        answers.get("booklet") if "booklet" in (session.screen, *session.trail[-1:]) else "",
        _place_matters(script, session),
        answers.get("window") == NEVER,
        answers.get("danger") == "yes",
        session.screen == "form" and has_forms(script, answers.get("concern", "")),
        bool(session.code),
        session.trail[-1:],
        desk,
        session.found if session.screen == script.flow.case else "",
        session.urgent,
    )


def _place_matters(script: Script, session: Session) -> object:
    """The place itself where its parts are asked for; elsewhere only what a desk can do."""
    screen, answers = script.flow.screens[session.screen], session.answers
    source = screen.source.source if isinstance(screen, Menu) and screen.source else None
    place = place_of(script, session)
    match source:
        case Source.PARTS | Source.DISTRICTS:
            return answers.get("region"), answers.get("part")
        case Source.AREAS:
            return script.directory.places.district_of(place)
        case Source.CANDIDATES:
            return answers.get("candidates")
    if session.screen in _SHOWING:
        return place_sort(script, place)
    return "abroad" in answers, len(ladder_of(script, session)) > 1


def shows_desk(flow: Flow, screen: str) -> bool:
    found = flow.screens[screen]
    said = [found.prompt, *(variant.prompt for variant in found.variants)]
    texts = [prompt for prompt in said if isinstance(prompt, str)]
    return any(name in prompt for prompt in texts for name in _OF_A_DESK)


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
        ready = replace(session, keys={"1": f"choice:{index}"})
        yield from _take(script, graph, ready, "1", index, moments)
    # What a place leads to is the same from every screen that asks for one.
    places = graph.places if session.screen == _ASKS_FIRST else graph.places[:1]
    for words in _to_type(screen.typed, places):
        yield from _take(script, graph, session, words, -1, moments)
    if session.trail:
        turn = advance(script, replace(session, keys={"0": "back"}), "0", moments[0])
        yield from _arrive(script, graph, graph.back, state, turn.session)
    if session.language:
        helpless = replace(session, wrong=WRONG_KEYS - 1, keys={})
        turn = advance(script, helpless, NO_KEY, moments[0])
        yield from _arrive(script, graph, graph.lost, state, turn.session)


def _take(
    script: Script,
    graph: Graph,
    session: Session,
    typed: str,
    index: int,
    moments: tuple[datetime, ...],
) -> Iterator[Session]:
    """Follows one input; `index` is the choice that it takes, -1 for words."""
    state = state_of(script, session)
    try:
        turns = tuple(_turns(script, session, typed, moments))
    except BREAKS as broken:
        graph.broken(session.screen, broken)
        return
    for turn in turns:
        if turn.effects:
            _check_place(script, graph, turn.session, session.screen)
            names = (_path(e) for e in turn.effects if isinstance(e, FileReport))
            graph.filed.setdefault(state, set()).update(names)
        yield from _arrive(script, graph, graph.chosen, state, turn.session)
        if turn.session.screen in script.flow.screens:
            graph.keys.setdefault((state, state_of(script, _settled(turn.session))), index)


def _path(filed: FileReport) -> str:
    """What a caller who files this came for."""
    report = filed.report
    if report.priority is Priority.DANGER:
        return "danger"
    if not report.windows:
        return "no call"
    return "call for a child" if report.about == "child" else "call"


def _to_type(typed: Typed | None, places: tuple[str, ...]) -> Iterable[str]:
    """What is worth typing: places of each sort (given), a request number, words."""
    if typed is None:
        return ()
    if typed.input is Input.CASE:
        return (A_CODE,)
    if typed.input is not Input.PLACE:
        return (A_WORD,)
    return places


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
    if menu.source.source is Source.CONCERNS:
        return has_forms(script, value)
    if menu.source.source not in _PLACES:
        return value
    return place_sort(script, value)


def _turns(
    script: Script, session: Session, typed: str, moments: tuple[datetime, ...]
) -> Iterator[Turn]:
    """The turns of an input: with every answer of the record, at every moment when it files."""
    first = advance(script, session, typed, moments[0])
    if not first.effects:
        yield first
        return
    files = any(isinstance(effect, FileReport) for effect in first.effects)
    for now in moments if files else moments[:1]:
        turn = advance(script, session, typed, now)
        for after in answered(turn.session, turn.effects):
            yield replace(turn, session=after)


def answered(session: Session, effects: Iterable[Made]) -> Iterator[Session]:
    """The session after each answer that the record may give."""
    sessions = [session]
    for effect in effects:
        if isinstance(effect, FileReport):
            sessions = [replace(one, code=LONGEST_CODE, filed_at=_FILED) for one in sessions]
        found = _FOUND.get(type(effect), ())
        if found:
            sessions = [replace(one, found=state) for one in sessions for state in found]
    yield from sessions


def _arrive(
    script: Script,
    graph: Graph,
    edges: dict[State, list[State]],
    state: State,
    session: Session,
) -> Iterator[Session]:
    if session.screen not in script.flow.screens:
        return  # a dangling goto, found in the tables
    session = _settled(session)
    target = state_of(script, session)
    edges.setdefault(state, []).append(target)
    if target not in graph.states:
        graph.states[target] = session
        yield session


def _settled(session: Session) -> Session:
    return replace(session, keys={}, wrong=0, hint=False, page=0)


def _check_place(script: Script, graph: Graph, session: Session, screen: str = "") -> None:
    """A place answered before, outside the one answered since, would reach the wrong desk."""
    places, region = script.directory.places, part_of(script, session)
    place = session.answers.get("place", "")
    if not place or region is None:
        return
    if not any(places.lies_in(place, district) for district in region.districts):
        problem = "a place left from another region is used after going back"
        graph.fault(screen or session.screen, problem)


def _trapped(script: Script, graph: Graph) -> set[State]:
    """The states from which no choices and back keys lead to an end or to home."""
    flow = script.flow
    free = {
        state
        for state, session in graph.states.items()
        if session.screen == flow.home or isinstance(flow.screens[session.screen], End)
    }
    return graph.states.keys() - graph.leading_to(free)
