"""A flow played for one programme on one kind of channel: what a dialogue needs beside itself."""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field

from helpline.core.digits import to_ascii_digits
from helpline.core.directory import Desk, Directory
from helpline.core.flow import Flow
from helpline.core.message import Kind
from helpline.core.nearest import Near, nearest
from helpline.core.programme import Programme, Region
from helpline.core.session import Session


@dataclass(frozen=True)
class Script:
    """`hide_key` is 9 on USSD and 99 in SMS. `texts`: an answer can be sent to an inbox.

    `abroad` are the other countries' emergency numbers.
    """

    flow: Flow
    programme: Programme
    directory: Directory
    hide_key: str
    kind: Kind = Kind.USSD
    texts: bool = False
    abroad: Mapping[str, str] = field(default_factory=dict)

    def knows(self, place: str) -> bool:
        """At home, or in a country whose emergency number is known."""
        return self.directory.places.country_of(place) in (self.programme.country, *self.abroad)


_BLANKS = re.compile(r"[\s\u200b-\u200f\u2060\ufeff]+")
# What may follow a keyword or end a name: blanks, Tibetan tsheg and shad, punctuation.
EDGES = " \t\u200b\u0f0b\u0f0d.:,;#!?\u06d4\u060c\u17d4"


def plain(text: str) -> str:
    """A name as compared: composed, without case, invisible letters and closing marks."""
    composed = unicodedata.normalize("NFC", to_ascii_digits(text))
    return _BLANKS.sub(" ", composed).strip(EDGES).casefold()


def region_of(script: Script, session: Session) -> Region | None:
    return script.programme.region(session.answers.get("region", ""))


def part_of(script: Script, session: Session) -> Region | None:
    """The part of a region whose districts are asked for; the region where it has no parts."""
    region = region_of(script, session)
    wanted = session.answers.get("part", "")
    parts = region.parts if region else ()
    return next((part for part in parts if part.value == wanted), None if parts else region)


def place_of(script: Script, session: Session) -> str:
    """The most exact place told so far in the programme's country, at least the country."""
    region, part = region_of(script, session), part_of(script, session)
    around = (part.place if part else "") or (region.place if region else "")
    return session.answers.get("place") or around or script.programme.country


def told_place_of(script: Script, session: Session) -> str:
    """The same, but abroad where help is needed abroad."""
    return session.answers.get("abroad") or place_of(script, session)


def candidates_of(session: Session) -> tuple[str, ...]:
    """The places that were typed, perhaps; one of them is to be chosen, or was."""
    return tuple(session.answers.get("candidates", "").split())


def doubtful(session: Session) -> bool:
    """Whether the place that was typed is still to be chosen from several."""
    return bool(candidates_of(session)) and not {"place", "abroad"} & session.answers.keys()


def lost_place(script: Script, session: Session) -> bool:
    """Whether an answer names a place that the directory does not have any more."""
    told = (session.answers.get("place", ""), session.answers.get("abroad", ""))
    codes = (*filter(None, told), *candidates_of(session))
    return any(code not in script.directory.places for code in codes)


def placed(script: Script, code: str) -> Mapping[str, str]:
    """The answer that a place found or chosen gives: here or abroad."""
    home = script.directory.places.country_of(code) == script.programme.country
    return {"place" if home else "abroad": code}


def has_forms(script: Script, concern: str) -> bool:
    return any(known.forms for known in script.programme.concerns if known.value == concern)


def ladder_of(script: Script, session: Session) -> tuple[Desk, ...]:
    """The desk of the place so far and those above it."""
    desk = script.directory.desk_for(place_of(script, session))
    return tuple(script.directory.ladder(desk.code))


def near_of(script: Script, session: Session) -> tuple[Near, ...]:
    """The desks to go to, nearest first."""
    return nearest(script.directory, script.programme.code, place_of(script, session))


def near_shown(script: Script, session: Session) -> Near:
    """The desk to show; asking the same screen again shows the next."""
    near = near_of(script, session)
    if not near:
        raise LookupError(f"{script.programme.code} has no desk to show")
    return near[session.trail.count(session.screen) % len(near)]


def desk_for_report(script: Script, session: Session) -> Desk:
    """Whose queue the report joins: not the local desk's if she asked for another (SAFETY 14)."""
    ladder = ladder_of(script, session)
    return ladder[min(1, len(ladder) - 1) if session.answers.get("elsewhere") else 0]
