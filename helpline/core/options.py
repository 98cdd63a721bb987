"""What a menu offers and a screen says in one session: choices and the values that prompts name."""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime

from helpline.core.directory import Desk, Place
from helpline.core.fit import Option, Screen
from helpline.core.flow import N_, Choice, End, Input, Menu, Said, Source
from helpline.core.label import Joined, Label, Name, Text
from helpline.core.predicates import holds
from helpline.core.programme import Booklet, Form
from helpline.core.script import Script, areas_of, desk_of, region_of
from helpline.core.session import Session
from helpline.core.window import Offer, offers


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
    return tuple(c for c in menu.choices if _offered(script, session, c))


def _offered(script: Script, session: Session, choice: Choice) -> bool:
    if choice.unless is not None and holds(script, session, choice.unless):
        return False
    return choice.when is None or holds(script, session, choice.when)


def show(script: Script, session: Session, now: datetime) -> Screen:
    """The session's screen with its words and choices, not yet fitted."""
    screen = script.flow.screens[session.screen]
    prompt = prompt_of(script, session, screen)
    if session.urgent:  # reached by a shortcut: it is the first screen of this call (SAFETY 17)
        number = {"number": script.programme.emergency}
        prompt = Joined(Text(script.flow.urgent, number), prompt)
    return Screen(
        name=session.screen,
        prompt=prompt,
        options=options_of(script, session, now),
        returns=bool(session.trail),
        ends=not isinstance(screen, Menu),
        words=_asks_words(screen),
    )


def _asks_words(screen: Menu | End) -> bool:
    typed = screen.typed if isinstance(screen, Menu) else None
    return typed is not None and typed.input is not Input.PLACE


def prompt_of(script: Script, session: Session, screen: Menu | End) -> Label:
    said = next((v.prompt for v in screen.variants if holds(script, session, v.when)), None)
    match said or screen.prompt:
        case Said.GREETING:
            return script.programme.greeting
        case Said.DISTRICT_QUESTION:
            return Text(script.programme.district_question)
        case Said.BOOKLET:
            return booklet_text(_booklet(script, session))
        case str(prompt):
            return Text(prompt, variables(script, session))


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
# NOTE: an SMS that stays on the phone: it never says what kind of desk this is.
_NOTE = N_("{place}: phone {phone}.")
# NOTE: the same for a desk that is always open.
_NOTE_ALWAYS = N_("{place}: phone {phone}, day and night.")


def line_of(script: Script, desk: Desk) -> Label:
    """The desk's own verified phone, else the verified helpline for where it is (SAFETY 25)."""
    words = _OWN_LINE if desk.phone else _HELPLINE
    return Text(words, {"phone": phone_of(script, desk)})


def phone_of(script: Script, desk: Desk) -> str:
    lines = script.programme.helplines
    places = script.directory.lineage(desk.place)
    shared = next((lines[p.code] for p in places if p.code in lines), script.programme.emergency)
    return desk.phone or shared


def note_of(script: Script, desk: Desk) -> Label:
    """The desk as a neutral text for an inbox: where and when, never who (SAFETY 5)."""
    name = script.directory.places[desk.place].name
    words = _NOTE_ALWAYS if desk.always_open else _NOTE
    return Text(words, {"place": name, "phone": phone_of(script, desk)})


def booklet_text(booklet: Booklet) -> Label:
    return Text(booklet.text, {"phone": booklet.phone} if booklet.phone else {})


def value_label(offered: Iterable[Offer], value: str) -> str:
    return next(offer.when for offer in offered if offer.value == value)


def _booklet(script: Script, session: Session) -> Booklet:
    chosen = session.answers["booklet"]
    return next(known for known in script.programme.booklets if known.value == chosen)


def forms_of(script: Script, session: Session) -> tuple[Form, ...]:
    concern = session.answers.get("concern", "")
    return next(c.forms for c in script.programme.concerns if c.value == concern)


def _languages(script: Script, session: Session, now: datetime) -> Iterable[Option]:
    for language in script.programme.languages:
        yield Option(language.label, language.code, frozenset({language.label.casefold()}))


def _concerns(script: Script, session: Session, now: datetime) -> Iterable[Option]:
    for concern in script.programme.concerns:
        yield Option(Text(concern.label), concern.value)


def _forms(script: Script, session: Session, now: datetime) -> Iterable[Option]:
    for form in forms_of(script, session):
        yield Option(Text(form.label), form.value)


def _booklets(script: Script, session: Session, now: datetime) -> Iterable[Option]:
    for booklet in script.programme.booklets:
        yield Option(Text(booklet.title), booklet.value)


def _regions(script: Script, session: Session, now: datetime) -> Iterable[Option]:
    for region in script.programme.regions:
        name = script.directory.places[region.place].name if region.place else None
        yield Option(name or Text(region.label), region.value)


def _districts(script: Script, session: Session, now: datetime) -> Iterable[Option]:
    region = region_of(script, session)
    for code in region.districts:
        yield _place_option(script.directory.places[code])
    if region.other:
        yield Option(Text(script.programme.other_district), region.other)


def _place_option(place: Place) -> Option:
    return Option(place.name, place.code, place.aliases | _spellings(place.name))


def _spellings(name: Name) -> frozenset[str]:
    return frozenset(spelling.casefold() for spelling in (name.en, *name.local.values()))


def _area_options(script: Script, session: Session, now: datetime) -> Iterable[Option]:
    return map(_place_option, areas_of(script, session))


def _windows(script: Script, session: Session, now: datetime) -> Iterable[Option]:
    for offer in offers(now, script.programme.zone):
        yield Option(Text(offer.choice), offer.value)


_SOURCES: Mapping[Source, Callable[[Script, Session, datetime], Iterable[Option]]] = {
    Source.LANGUAGES: _languages,
    Source.CONCERNS: _concerns,
    Source.FORMS: _forms,
    Source.BOOKLETS: _booklets,
    Source.REGIONS: _regions,
    Source.DISTRICTS: _districts,
    Source.AREAS: _area_options,
    Source.WINDOWS: _windows,
}
