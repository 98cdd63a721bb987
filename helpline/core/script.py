"""A flow played for one programme on one kind of channel: what a dialogue needs beside itself."""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from helpline.core.digits import to_ascii_digits
from helpline.core.directory import Desk, Directory, Place
from helpline.core.flow import Flow
from helpline.core.message import Kind
from helpline.core.programme import Programme, Region
from helpline.core.session import Session


@dataclass(frozen=True)
class Script:
    """`hide_key` is 9 on USSD and 99 in SMS. `texts`: an answer can be sent to an inbox."""

    flow: Flow
    programme: Programme
    directory: Directory
    hide_key: str
    kind: Kind = Kind.USSD
    texts: bool = False

    @cached_property
    def places(self) -> tuple[tuple[Mapping[str, str], Place], ...]:
        """Every place that may be typed, with the answers that choosing it would give."""
        return tuple(_places(self))

    @cached_property
    def named(self) -> Mapping[str, Mapping[str, str]]:
        """The same by each of their names; the first place of a name has it."""
        found: dict[str, Mapping[str, str]] = {}
        for given, place in self.places:
            for name in (place.name.en, *place.name.local.values(), *place.aliases):
                found.setdefault(plain(name), given)
        return found


_BLANKS = re.compile(r"[\s\u200b-\u200f\u2060\ufeff]+")
# What may follow a keyword or end a name: blanks, Tibetan tsheg and shad, punctuation.
EDGES = " \t\u200b\u0f0b\u0f0d.:,;#!?\u06d4\u060c\u17d4"


def plain(text: str) -> str:
    """A name as compared: composed, without case, invisible letters and closing marks."""
    composed = unicodedata.normalize("NFC", to_ascii_digits(text))
    return _BLANKS.sub(" ", composed).strip(EDGES).casefold()


def _places(script: Script) -> Iterator[tuple[Mapping[str, str], Place]]:
    for region in script.programme.regions:
        for code in region.districts:
            given = {"region": region.value, "district": code}
            yield given, script.directory.places[code]
            for area in script.directory.within(code, "area"):
                yield {**given, "area": area.code}, area
        if region.other:  # for those who name only the province
            place = script.directory.places[region.other]
            yield {"region": region.value, "district": region.other}, place


def region_of(script: Script, session: Session) -> Region:
    return script.programme.region(session.answers["region"])


def place_of(script: Script, session: Session) -> str:
    """The most exact place told so far, at least the country."""
    answers = session.answers
    return answers.get("area") or answers.get("district") or script.programme.country


def has_forms(script: Script, concern: str) -> bool:
    return any(known.forms for known in script.programme.concerns if known.value == concern)


def areas_of(script: Script, session: Session) -> tuple[Place, ...]:
    return script.directory.within(session.answers.get("district", ""), "area")


def ladder_of(script: Script, session: Session) -> tuple[Desk, ...]:
    """The desk of the place so far and those above it."""
    desk = script.directory.desk_for(place_of(script, session))
    return tuple(script.directory.ladder(desk.code))


def desk_of(script: Script, session: Session) -> Desk:
    """The desk to show; asking the same screen again goes one level up the ladder."""
    ladder = ladder_of(script, session)
    return ladder[session.trail.count(session.screen) % len(ladder)]


def desk_for_report(script: Script, session: Session) -> Desk:
    """Whose queue the report joins: not the local desk's if she asked for another (SAFETY 14)."""
    ladder = ladder_of(script, session)
    return ladder[min(1, len(ladder) - 1) if session.answers.get("elsewhere") else 0]
