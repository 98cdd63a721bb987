"""The page to print and hang up for one district: numbers first, then where to go.

It holds nothing of a caller, and no number but verified ones and the channels' own addresses.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from helpline.core.label import Voice
from helpline.core.message import Kind
from helpline.core.nearest import nearest
from helpline.gateways import GATEWAYS
from helpline.gateways.base import Channel
from helpline.web import desk_words
from helpline.web.desks_reader import Link, Reader, helpline, tel
from helpline.web.desks_views import desk_view

DESKS = 2  # the district's own one and the top of its ladder
_SAID = {Kind.USSD: desk_words.DIAL, Kind.SMS: desk_words.TEXT}


def addresses(channels: Iterable[Channel], programme: str) -> dict[Kind, str]:
    """Where people reach the programme: the first real channel of each kind."""
    found: dict[Kind, str] = {}
    for channel in channels:
        real = not channel.gateway.startswith("simulator")
        if real and channel.programme == programme:
            found.setdefault(GATEWAYS[channel.gateway].kind, channel.address)
    return found


def poster(
    one: Reader, district: str, reached: Mapping[Kind, str], english: Voice
) -> dict[str, object]:
    """The page in the reader's language, and the same in English unless that is it."""
    other = replace(one, voice=english)
    same = one.voice.language == english.language
    return {
        "number": one.number(one.programme.emergency),
        "told": _told(one, district, reached),
        "english": None if same else _told(other, district, reached),
    }


def _told(one: Reader, district: str, reached: Mapping[Kind, str]) -> dict[str, object]:
    near = nearest(one.script.directory, one.programme.code, district, DESKS)
    return {
        "near": one.say(desk_words.NEAR, place=one.name(district)),
        "urgent": one.urgent(),
        "help": one.say(desk_words.WORDS["help"]),
        "ways": [
            one.say(_SAID[kind], number=one.number(reached[kind]))
            for kind in (Kind.USSD, Kind.SMS)
            if kind in reached
        ],
        "helpline": _helpline_of(one, district),
        "desks": [desk_view(one, found) for found in near],
    }


def _helpline_of(one: Reader, district: str) -> Link:
    """Without words where there is none: the desks' own lines are the emergency number then."""
    lines = one.programme.helplines
    above = (level.code for level in one.places.lineage(district))
    phone = next((lines[code] for code in above if code in lines), "")
    return helpline(one, phone) if phone else Link(tel(one.programme.emergency), "")
