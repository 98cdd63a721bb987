"""Who reads a public page: a programme in one language at one time, and what every page has."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from urllib.parse import urlencode

from helpline import runtime
from helpline.core.gazetteer import Gazetteer
from helpline.core.label import Label, Text, Voice
from helpline.core.message import Kind
from helpline.core.programme import Programme
from helpline.core.script import Script
from helpline.runtime import Content
from helpline.web import desk_words
from helpline.web.simulator_views import tag


@dataclass(frozen=True)
class Reader:
    """One programme in one language at one time."""

    script: Script
    voice: Voice
    now: datetime

    @property
    def programme(self) -> Programme:
        return self.script.programme

    @property
    def places(self) -> Gazetteer:
        return self.script.directory.places

    def say(self, msgid: str, **values: Label) -> str:
        return self.voice.say(Text(msgid, values))

    def name(self, place: str) -> str:
        return self.places[place].name.in_language(self.voice.language)

    def number(self, number: str) -> str:
        """Held together in a line that runs from right to left: *1# is not #1*."""
        return f"\u2066{number}\u2069" if self.voice.rtl else number

    def urgent(self) -> str:
        return self.say(self.script.flow.urgent, number=self.number(self.programme.emergency))

    def link(self, path: str = "", **query: str) -> str:
        asked = urlencode({"lang": self.voice.language, **query})
        return f"/desks/{self.programme.code}{path}?{asked}"


@dataclass(frozen=True, slots=True)
class Link:
    """`tag` is the language of its words, `here` whether it leads to this very page."""

    href: str
    words: str
    tag: str = ""
    here: bool = False


def reader(content: Content, programme: str, language: str, now: datetime) -> Reader:
    """In the programme's first language where it does not speak the one asked for."""
    known = content.programmes[programme]
    spoken = language if known.speaks(language) else known.languages[0].code
    player = content.player(programme, Kind.USSD, runtime.BUDGETS[Kind.USSD])
    return Reader(player.script, content.voices[spoken], now)


def tel(number: str) -> str:
    return "tel:" + re.sub(r"[^0-9+*]", "", number)


def frame(voice: Voice, title: str) -> dict[str, object]:
    """What every page has."""
    return {
        "tag": tag(voice.language),
        "dir": "rtl" if voice.rtl else "ltr",
        "title": title,
        "leave": f"/weather?{urlencode({'lang': voice.language})}",
        "words": {name: voice.say(Text(msgid)) for name, msgid in desk_words.WORDS.items()},
    }


def programme_frame(one: Reader, path: str = "", place: str = "") -> dict[str, object]:
    known = one.programme
    return {
        **frame(one.voice, _title(one)),
        "country": one.name(known.country),
        "urgent": Link(tel(known.emergency), one.urgent()),
        "languages": _languages(one, path, place),
        "home": one.link(),
        "helplines": list(_helplines(one)),
    }


def _title(one: Reader) -> str:
    known = one.programme
    phone = one.number(known.helplines.get(known.country, known.emergency))
    return one.say(desk_words.TITLE, place=one.name(known.country), phone=phone)


def _languages(one: Reader, path: str, place: str) -> list[Link]:
    query = {"place": place} if place else {}
    return [
        Link(
            replace(one, voice=replace(one.voice, language=known.code)).link(path, **query),
            known.label,
            tag(known.code),
            known.code == one.voice.language,
        )
        for known in one.programme.languages
    ]


def _helplines(one: Reader) -> Iterable[tuple[str, Link]]:
    """Each with the name of the province that it is for, "" for the whole country."""
    for place, phone in one.programme.helplines.items():
        where = "" if place == one.programme.country else one.name(place)
        yield where, helpline(one, phone)


def helpline(one: Reader, phone: str) -> Link:
    return Link(tel(phone), one.say(desk_words.HELPLINE, phone=one.number(phone)))


def country_view(content: Content, programme: Programme) -> dict[str, object]:
    """One programme on the page of all of them, before a language is known."""
    name = content.directory.places[programme.country].name
    first = programme.languages[0].code
    return {
        "name": name.in_language(first),
        "tag": tag(first),
        "english": name.en,
        "greeting": Link(tel(programme.emergency), programme.greeting),
        "languages": [
            Link(f"/desks/{programme.code}?{urlencode({'lang': k.code})}", k.label, tag(k.code))
            for k in programme.languages
        ],
    }
