"""Every screen that the checker fits: of every state, and with every desk and name of a place.

Pure. What a state's screen says depends on the time of day and on the record's words, too.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from helpline.core.check_places import BREAKS
from helpline.core.check_walk import LONGEST_CODE, Graph, shows_desk
from helpline.core.fit import Option, Screen
from helpline.core.flow import Menu, Source
from helpline.core.gazetteer import Place
from helpline.core.label import Label, Text
from helpline.core.nearest import Near
from helpline.core.options import desk_values, show, told_apart
from helpline.core.script import Script
from helpline.core.session import Session
from helpline.core.window import DAY_PARTS, SOON

_FARTHEST = 1999  # kilometres: what may be said of a desk in the same country
_LONGEST = 12  # names of places that are tried where any may be asked about


def screens_of(script: Script, graph: Graph, moments: Sequence[datetime]) -> Iterator[Screen]:
    """Every different screen: of every state, and with every desk that may ever be named."""
    seen: set[str] = set()
    named = (*_of_desks(script, graph, moments[0]), *_of_candidates(script, graph))
    for screen in (*_of_states(script, graph, moments), *named):
        labels = [option.label for option in screen.options]
        name = repr((screen.name, screen.prompt, labels, screen.returns))
        if name not in seen:
            seen.add(name)
            yield screen


def _of_states(script: Script, graph: Graph, moments: Sequence[datetime]) -> Iterator[Screen]:
    broken = {fault.screen for fault in graph.faults}
    for session in graph.states.values():
        for said in _with_words(script, session):
            for now in _times_of(script, session, moments):
                try:
                    yield show(script, said, now)
                except BREAKS:
                    assert session.screen in broken, "the walk found it"


def _times_of(script: Script, session: Session, moments: Sequence[datetime]) -> Sequence[datetime]:
    """The times of day at which a screen reads differently."""
    screen = script.flow.screens[session.screen]
    source = screen.source if isinstance(screen, Menu) else None
    timed = source is not None and source.source is Source.WINDOWS
    return moments if timed else moments[:1]


def _with_words(script: Script, session: Session) -> Iterator[Session]:
    """The session with every agreed time that its screen may name."""
    screen = script.flow.screens[session.screen]
    if not isinstance(screen.prompt, str) or "{when}" not in screen.prompt:
        yield session
        return
    for when in (SOON, *(word for part in DAY_PARTS for word in (part.today, part.tomorrow))):
        yield replace(session, when=when)


def _of_desks(script: Script, graph: Graph, now: datetime) -> Iterator[Screen]:
    """The screens that name a desk, with every verified desk of the programme."""
    for name in sorted(graph.screens()):
        menu = script.flow.screens[name]
        if not isinstance(menu, Menu) or not shows_desk(script.flow, name):
            continue
        options = tuple(Option(Text(choice.label), "") for choice in menu.choices)
        said = (menu.prompt, *(variant.prompt for variant in menu.variants))
        for prompt in (text for text in said if isinstance(text, str)):
            for variables in _desks(script, now):
                yield Screen(name, Text(prompt, variables), options, returns=True)


def _desks(script: Script, now: datetime) -> Iterator[Mapping[str, Label]]:
    """Each as it is said from afar, which is longest."""
    fixed = {"number": script.programme.emergency, "code": LONGEST_CODE, "when": ""}
    for desk in script.directory.desks.values():
        ours = desk.programme == script.programme.code and desk.verified and desk.public
        if ours and desk.kind in script.programme.desk_kinds:
            yield {**fixed, **desk_values(script, Near(desk, _FARTHEST, True), now)}


def _of_candidates(script: Script, graph: Graph) -> Iterator[Screen]:
    """The question which place is meant, with the places whose names are longest."""
    places = script.directory.places
    for name in sorted(graph.screens()):
        menu = script.flow.screens[name]
        source = menu.source if isinstance(menu, Menu) else None
        if source is None or source.source is not Source.CANDIDATES:
            continue
        assert isinstance(menu, Menu) and isinstance(menu.prompt, str)
        written = [Option(Text(choice.label), "") for choice in menu.choices]
        for language in ("en", *{code for p in places.values() for code in p.name.local}):
            longest = sorted(places_of(script), key=lambda p: len(p.name.in_language(language)))
            asked = [Option(told_apart(places, p.code), p.code) for p in longest[-_LONGEST:]]
            yield Screen(name, Text(menu.prompt), (*asked, *written), returns=True)


def places_of(script: Script) -> Iterator[Place]:
    for place in script.directory.places.values():
        if script.directory.places.country_of(place.code) == script.programme.country:
            yield place
