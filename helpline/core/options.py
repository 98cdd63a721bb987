"""What a menu offers and a screen says in one session: choices and the values that prompts name."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime

from helpline.core.directory import Desk
from helpline.core.fit import Option, Screen
from helpline.core.flow import N_, Choice, End, From, Input, Menu, Said, Source
from helpline.core.gazetteer import Gazetteer, Place
from helpline.core.hours import hours_label, is_open
from helpline.core.label import Joined, Label, Name, Text
from helpline.core.nearest import Near
from helpline.core.opening import moment_label, opening_of
from helpline.core.order import order_key
from helpline.core.predicates import holds
from helpline.core.programme import Booklet, Form, Region
from helpline.core.script import (
    Script,
    candidates_of,
    desk_for_report,
    near_shown,
    part_of,
    place_of,
    placed,
    region_of,
)
from helpline.core.session import Session
from helpline.core.window import SOON, Offer, offers


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
    prompt = prompt_of(script, session, screen, now)
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
        hint=screen.typed.hint if isinstance(screen, Menu) and screen.typed else "",
    )


def _asks_words(screen: Menu | End) -> bool:
    typed = screen.typed if isinstance(screen, Menu) else None
    return typed is not None and typed.input is not Input.PLACE


def prompt_of(script: Script, session: Session, screen: Menu | End, now: datetime) -> Label:
    said = next((v.prompt for v in screen.variants if holds(script, session, v.when)), None)
    match said or screen.prompt:
        case Said.GREETING:
            return script.programme.greeting
        case Said.DISTRICT_QUESTION:
            return Text(script.programme.district_question)
        case Said.BOOKLET:
            return booklet_text(_booklet(script, session))
        case str(prompt):
            return Text(prompt, variables(script, session, now))


def variables(script: Script, session: Session, now: datetime) -> Mapping[str, Label]:
    """The values that prompts may name."""
    fixed: Mapping[str, Label] = {
        "number": script.programme.emergency,
        "code": session.code,
        "when": _when(script, session),
    }
    near = near_shown(script, session)
    return {**fixed, **desk_values(script, near, now), **_abroad(script, session)}


def _when(script: Script, session: Session) -> Label:
    """The agreed time; "soon" only where not every desk of the ladder is known to be closed."""
    if session.when == SOON and session.filed_at and session.answers.get("danger") != "yes":
        at, zone = datetime.fromisoformat(session.filed_at), script.programme.zone
        ladder = script.directory.ladder(desk_for_report(script, session).code)
        closed = [opening_of(script.directory, d.code, zone).closed_until(at) for d in ladder]
        if all(closed):  # else the request goes up to the first desk that is open
            return moment_label(min(filter(None, closed)), zone)
    return Text(session.when) if session.when else ""


def desk_values(script: Script, near: Near, now: datetime) -> Mapping[str, Label]:
    """What a screen says of a desk: kind, place and how far, hours, a number that answers."""
    desk = near.desk
    return {
        "desk": Text(script.programme.desk_kinds[desk.kind]),
        "place": _where(script, near),
        "hours": hours_of(script, desk, now),
        "line": line_of(script, desk),
    }


# NOTE: how far a desk is. The road may be much longer: it must stay clear that this is no road.
_FAR = N_("{place} (about {km} km, straight line)")


def _where(script: Script, near: Near) -> Label:
    name = script.directory.places[near.desk.place].name
    return Text(_FAR, {"place": name, "km": str(near.distance)}) if near.distance else name


# NOTE: a desk whose hours are over for today
_CLOSED_NOW = N_("Closed now.")
# NOTE: hours as a sentence: Mon-Fri 9:00-17:00.
_HOURS = N_("{hours}.")


def hours_of(script: Script, desk: Desk, now: datetime) -> Label:
    """When the desk is open, "" where nobody has said."""
    if not desk.hours.known:
        return ""
    said = Text(_HOURS, {"hours": hours_label(desk.hours)})
    holidays = script.directory.holidays.get(script.programme.code, frozenset())
    closed = is_open(desk.hours, now, script.programme.zone, holidays) is False
    return Joined(Text(_CLOSED_NOW), said) if closed else said


def _abroad(script: Script, session: Session) -> Mapping[str, Label]:
    """Another country's emergency number for who is there."""
    code = session.answers.get("abroad")
    if not code:
        return {}
    places = script.directory.places
    country = places.country_of(code)
    return {
        "abroad": places[code].name,
        "country": places[country].name,
        "abroad_number": script.abroad[country],
    }


# A line that several desks share is not called a desk's phone.
_OWN_LINE, _HELPLINE = N_("Phone {phone}"), N_("Helpline {phone}")
# NOTE: an SMS that stays on the phone: it never says what kind of desk this is.
_NOTE = N_("{place}: phone {phone}.")
# NOTE: the same with the hours: Paro: phone 1098. Mon-Fri 9:00-17:00.
_NOTE_HOURS = N_("{place}: phone {phone}. {hours}.")


def line_of(script: Script, desk: Desk) -> Label:
    """The desk's own verified phone, else the verified helpline for where it is (SAFETY 25)."""
    phone, shared = phone_of(script, desk), _shared_line(script, desk)
    return Text(_HELPLINE if phone == shared else _OWN_LINE, {"phone": phone})


def phone_of(script: Script, desk: Desk) -> str:
    return desk.phone or _shared_line(script, desk)


def _shared_line(script: Script, desk: Desk) -> str:
    lines = script.programme.helplines
    places = script.directory.places.lineage(desk.place)
    return next((lines[p.code] for p in places if p.code in lines), script.programme.emergency)


def note_of(script: Script, desk: Desk) -> Label:
    """The desk as a neutral text for an inbox: where and when, never who (SAFETY 5)."""
    said: dict[str, Label] = {
        "place": script.directory.places[desk.place].name,
        "phone": phone_of(script, desk),
    }
    if not desk.hours.known:
        return Text(_NOTE, said)
    return Text(_NOTE_HOURS, {**said, "hours": hours_label(desk.hours)})


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
    return (_region_option(script, region) for region in script.programme.regions)


def _parts(script: Script, session: Session, now: datetime) -> Iterable[Option]:
    region = region_of(script, session)
    parts = [_region_option(script, part) for part in region.parts] if region else []
    return _alphabetical(parts, session)


def _region_option(script: Script, region: Region) -> Option:
    name = script.directory.places[region.place].name if region.place else ""
    return Option(Text(region.label, {"place": name}) if region.label else name, region.value)


def _districts(script: Script, session: Session, now: datetime) -> Iterable[Option]:
    part = part_of(script, session)
    places = script.directory.places
    codes = part.districts if part else ()
    return _alphabetical([_place_option(places[code]) for code in codes], session)


def _area_options(script: Script, session: Session, now: datetime) -> Iterable[Option]:
    areas = script.directory.areas(place_of(script, session))
    return _alphabetical(list(map(_place_option, areas)), session)


def _place_option(place: Place) -> Option:
    names = (place.name.en, *place.name.local.values())
    return Option(place.name, place.code, frozenset(name.casefold() for name in names))


def _alphabetical(options: Sequence[Option], session: Session) -> Sequence[Option]:
    """In the order of the reader's alphabet. A label that begins with words (Around ...) is
    ordered by the place that it names."""
    return sorted(
        options, key=lambda option: order_key(_name_in(option, session), session.language)
    )


def _name_in(option: Option, session: Session) -> str:
    label = option.label
    named = label.params.get("place", "") if isinstance(label, Text) else label
    return named.in_language(session.language) if isinstance(named, Name) else str(named)


# NOTE: a place and what it lies in, so that two of one name can be told apart: Gakiling, Haa
_IN = N_("{place}, {district}")


def _candidates(script: Script, session: Session, now: datetime) -> Iterable[Option]:
    places = script.directory.places
    for code in candidates_of(session):
        yield Option(told_apart(places, code), code)


def told_apart(places: Gazetteer, code: str) -> Label:
    """The place with its district, or with its province or country where it is none itself."""
    place, district = places[code], places.district_of(code)
    around = district if district != code else place.parent
    return (
        Text(_IN, {"place": place.name, "district": places[around].name}) if around else place.name
    )


def given_by(script: Script, source: From, value: str) -> Mapping[str, str]:
    """The answers that a choice from data gives."""
    if source.slot == "place":
        return placed(script, value)
    if source.source in (Source.REGIONS, Source.PARTS):
        known = [*script.programme.regions, *(p for r in script.programme.regions for p in r.parts)]
        districts = next(region.districts for region in known if region.value == value)
        alone = {"place": districts[0]} if len(districts) == 1 else {}
        return {source.slot: value, **alone}
    return {source.slot: value}


def _windows(script: Script, session: Session, now: datetime) -> Iterable[Option]:
    for offer in offers(now, script.programme.zone):
        yield Option(Text(offer.choice), offer.value)


_SOURCES: Mapping[Source, Callable[[Script, Session, datetime], Iterable[Option]]] = {
    Source.LANGUAGES: _languages,
    Source.CONCERNS: _concerns,
    Source.FORMS: _forms,
    Source.BOOKLETS: _booklets,
    Source.REGIONS: _regions,
    Source.PARTS: _parts,
    Source.DISTRICTS: _districts,
    Source.AREAS: _area_options,
    Source.CANDIDATES: _candidates,
    Source.WINDOWS: _windows,
}
