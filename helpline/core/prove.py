"""Proves at start-up that every screen can be shown on a channel; `check` looks much deeper."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

from helpline.core.errors import ContentError
from helpline.core.fit import Frame, Screen, fit, fit_hint
from helpline.core.flow import End, Menu, Said, Source
from helpline.core.options import show
from helpline.core.play import Player
from helpline.core.script import Script
from helpline.core.search import FEW
from helpline.core.session import Session
from helpline.core.window import DAY_PARTS

CODE = "9999-9999"


def prove(player: Player, now: datetime) -> int:
    """How many pages were fitted. Raises ContentError that names every screen that does not fit."""
    pages, wrong = 0, dict[str, None]()
    for language, frame in player.frames.items():
        for session in _sessions(player.script, language):
            try:
                pages += _prove_screen(show(player.script, session, now), frame)
            except ContentError as unfit:
                wrong[f"{language}: {unfit}"] = None
        blank = player.begin(language)
        for text in (player.decoy(blank), player.not_saved(blank)):
            if not frame.fits(text):
                wrong[f"{language}: a text that is not paged does not fit: {text!r}"] = None
    if wrong:
        raise ContentError("\n".join(wrong))
    return pages


def _prove_screen(screen: Screen, frame: Frame) -> int:
    pages = fit(screen, frame)
    for page in pages:
        if page.stop > page.start:
            fit_hint(screen, frame, page)
    return len(pages)


def _sessions(script: Script, language: str) -> Iterator[Session]:
    """One session at each screen; at the screens of places, one for each list of them."""
    base = replace(_at_home(script, language), code=CODE, when=DAY_PARTS[0].tomorrow)
    for name, screen in script.flow.screens.items():
        source = screen.source.source if isinstance(screen, Menu) and screen.source else None
        for answers in _data(script, screen, source):
            yield replace(base, screen=name, answers=answers, trail=(script.flow.home,))


def _data(script: Script, screen: Menu | End, source: Source | None) -> Iterator[dict[str, str]]:
    """The answers that change what a screen shows."""
    if screen.prompt is Said.BOOKLET:
        yield from ({"booklet": known.value} for known in script.programme.booklets)
    elif source is Source.FORMS:
        yield from ({"concern": c.value} for c in script.programme.concerns if c.forms)
    else:
        yield from _places(script, source)


def _places(script: Script, source: Source | None) -> Iterator[dict[str, str]]:
    """The answers before each list of places; elsewhere one place and one abroad."""
    regions = script.programme.regions
    if source is Source.PARTS:
        yield from ({"region": region.value} for region in regions if region.parts)
    elif source is Source.DISTRICTS:
        for region in regions:
            parts = region.parts or (region,)
            yield from ({"region": region.value, "part": part.value} for part in parts)
    elif source is Source.AREAS:
        places = script.directory.places.values()
        districts = [place.code for place in places if place.level == "district"]
        yield from ({"place": code} for code in districts if _divided(script, code))
    elif source is Source.CANDIDATES:
        yield {"candidates": " ".join(_longest(script))}
    else:
        yield {"place": script.programme.country, "abroad": next(iter(script.abroad), "")}


def _divided(script: Script, district: str) -> bool:
    home = script.directory.places.country_of(district) == script.programme.country
    return home and bool(script.directory.areas(district))


def _longest(script: Script) -> Iterator[str]:
    """The places whose names may be the hardest to fit."""
    places = script.directory.places
    here = [p for p in places.values() if places.country_of(p.code) == script.programme.country]
    here.sort(key=lambda place: max(map(len, (place.name.en, *place.name.local.values()))))
    return (place.code for place in here[-FEW:])


def _at_home(script: Script, language: str) -> Session:
    return Session(script.flow.name, script.flow.version, script.flow.home, language=language)
