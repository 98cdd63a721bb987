"""What a menu offers and a screen says in one session: choices, predicates, variables."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from helpline.core.directory import Desk, Directory, Place
from helpline.core.fit import Option, Screen
from helpline.core.flow import N_, Choice, End, Flow, Menu, Source, When
from helpline.core.label import Label, Name, Text
from helpline.core.programme import Programme, Region
from helpline.core.session import Session
from helpline.core.window import NEVER, Offer, offers


@dataclass(frozen=True)
class Script:
    """Everything a dialogue needs besides its session: a flow played for one programme.

    `hide_key` is 9 on USSD and 99 in SMS.
    """

    flow: Flow
    programme: Programme
    directory: Directory
    hide_key: str


def options_of(script: Script, session: Session, now: datetime) -> tuple[Option, ...]:
    """All choices of the session's screen, those from data first."""
    screen = script.flow.screens[session.screen]
    if not isinstance(screen, Menu):
        return ()
    written = tuple(Option(Text(c.label), "") for c in choices_of(script, session, screen))
    if screen.source is None:
        return written
    return (*_SOURCES[screen.source.source](script, session, now), *written)


def choices_of(script: Script, session: Session, menu: Menu) -> tuple[Choice, ...]:
    """The choices written in the flow that are offered now."""
    return tuple(c for c in menu.choices if c.when is None or holds(script, session, c.when))


def show(script: Script, session: Session, now: datetime) -> Screen:
    """The session's screen with its words and choices, not yet fitted."""
    screen = script.flow.screens[session.screen]
    return Screen(
        name=session.screen,
        prompt=_prompt(script, session, screen),
        options=options_of(script, session, now),
        returns=bool(session.trail),
        ends=not isinstance(screen, Menu),
    )


def _prompt(script: Script, session: Session, screen: Menu | End) -> Label:
    source = screen.source.source if isinstance(screen, Menu) and screen.source else None
    if source is Source.LANGUAGES:
        return script.programme.greeting
    if source is Source.DISTRICTS:
        return Text(script.programme.district_question)
    variants = screen.variants if isinstance(screen, Menu) else ()
    said = next((v.prompt for v in variants if holds(script, session, v.when)), screen.prompt)
    return Text(said, variables(script, session))


def variables(script: Script, session: Session) -> Mapping[str, Label]:
    """The values that prompts may name."""
    desk = desk_of(script, session)
    return {
        "number": script.programme.emergency,
        "code": session.code,
        "when": Text(session.when) if session.when else "",
        "desk": Text(script.programme.desk_kinds[desk.kind]),
        "place": script.directory.places[desk.place].name,
        "line": line_of(script, desk),
    }


# A line that several desks share is not called a desk's phone.
_OWN_LINE, _HELPLINE = N_("Phone {phone}"), N_("Helpline {phone}")


def desk_of(script: Script, session: Session) -> Desk:
    """The desk of the place so far; asking the same screen again goes one level up the ladder."""
    ladder = _ladder(script, session)
    return ladder[session.trail.count(session.screen) % len(ladder)]


def _ladder(script: Script, session: Session) -> tuple[Desk, ...]:
    answers = session.answers
    place = answers.get("area") or answers.get("district") or script.programme.country
    return tuple(script.directory.ladder(script.directory.desk_for(place).code))


def line_of(script: Script, desk: Desk) -> Label:
    """The desk's own verified phone, else the verified helpline for where it is (SAFETY 25)."""
    if desk.phone:
        return Text(_OWN_LINE, {"phone": desk.phone})
    lines = script.programme.helplines
    places = script.directory.lineage(desk.place)
    shared = next((lines[p.code] for p in places if p.code in lines), script.programme.emergency)
    return Text(_HELPLINE, {"phone": shared})


def value_label(offered: Iterable[Offer], value: str) -> str:
    return next(offer.when for offer in offered if offer.value == value)


def holds(script: Script, session: Session, when: When) -> bool:
    return _PREDICATES[when](script, session)


def _region(script: Script, session: Session) -> Region:
    return script.programme.region(session.answers["region"])


def _areas(script: Script, session: Session) -> tuple[Place, ...]:
    return script.directory.within(session.answers.get("district", ""), "area")


_PREDICATES: Mapping[When, Callable[[Script, Session], bool]] = {
    When.NO_CALL: lambda script, session: session.answers.get("window") == NEVER,
    When.DISTRICT_HAS_AREAS: lambda script, session: bool(_areas(script, session)),
    When.DESK_ALWAYS_OPEN: lambda script, session: desk_of(script, session).always_open,
    When.OTHER_DESK: lambda script, session: len(_ladder(script, session)) > 1,
    When.QUEUED: lambda script, session: bool(session.code),
    When.CHILD_NOTICE: lambda script, session: (
        script.programme.child_notice and session.answers.get("about") == "child"
    ),
    When.FINDING: lambda script, session: session.answers.get("task") == "find",
}


def _languages(script: Script, session: Session, now: datetime) -> Iterable[Option]:
    for language in script.programme.languages:
        yield Option(language.label, language.code, frozenset({language.label.casefold()}))


def _concerns(script: Script, session: Session, now: datetime) -> Iterable[Option]:
    for concern in script.programme.concerns:
        yield Option(Text(concern.label), concern.value)


def _regions(script: Script, session: Session, now: datetime) -> Iterable[Option]:
    for region in script.programme.regions:
        name = script.directory.places[region.place].name if region.place else None
        yield Option(name or Text(region.label), region.value)


def _districts(script: Script, session: Session, now: datetime) -> Iterable[Option]:
    region = _region(script, session)
    for code in region.districts:
        yield _place_option(script.directory.places[code])
    if region.other:
        yield Option(Text(script.programme.other_district), region.other)


def _place_option(place: Place) -> Option:
    return Option(place.name, place.code, place.aliases | _spellings(place.name))


def _spellings(name: Name) -> frozenset[str]:
    return frozenset(spelling.casefold() for spelling in (name.en, *name.local.values()))


def _area_options(script: Script, session: Session, now: datetime) -> Iterable[Option]:
    return map(_place_option, _areas(script, session))


def _windows(script: Script, session: Session, now: datetime) -> Iterable[Option]:
    for offer in offers(now, script.programme.zone):
        yield Option(Text(offer.choice), offer.value)


_SOURCES: Mapping[Source, Callable[[Script, Session, datetime], Iterable[Option]]] = {
    Source.LANGUAGES: _languages,
    Source.CONCERNS: _concerns,
    Source.REGIONS: _regions,
    Source.DISTRICTS: _districts,
    Source.AREAS: _area_options,
    Source.WINDOWS: _windows,
}
