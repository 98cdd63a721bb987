"""The rows of a reviewer's sheet: each string, where it is shown and how much room is left."""

from collections.abc import Iterator, Mapping
from dataclasses import replace

from babel.messages.catalog import Catalog, Message

from helpline import catalogue
from helpline.catalogue.review import review_of
from helpline.cli.check import notices, players
from helpline.cli.review import room, uses
from helpline.cli.review.plan import id_of
from helpline.cli.review.room import Rooms
from helpline.cli.review.sheet import Row
from helpline.cli.review.uses import Use
from helpline.core.fit import Screen
from helpline.core.play import Player
from helpline.runtime import Content

_KINDS = {"ussd": "USSD", "sms": "SMS", room.NOTICE_KIND: room.NOTICE_KIND}


def rows(language: str, catalog: Catalog, content: Content) -> Iterator[Row]:
    """Sorted by where they are shown, so that a reviewer reads screens and not a word list."""
    screens = screens_by_programme(content, language)
    strings = {str(message.id): message for message in catalog if message.id}
    found = found_uses(content, screens, frozenset(strings))
    rooms = _rooms(language, content, screens)
    programmes = frozenset(screens)
    ready = [
        _row(language, message, uses.sentence(message, found.get(msgid, ()), programmes), rooms)
        for msgid, message in strings.items()
    ]
    order = {msgid: place for place, msgid in enumerate(found)}
    yield from sorted(ready, key=lambda row: order.get(row.english, len(order)))


def _speaking(content: Content, language: str) -> Iterator[tuple[str, Player]]:
    """The players of the usual budgets whose programme speaks the language."""
    for kind, player in players(content, {}):
        if language in player.frames:
            yield kind, player


def screens_by_programme(content: Content, language: str) -> dict[str, tuple[Screen, ...]]:
    scripts = {p.script.programme.code: p.script for _, p in _speaking(content, language)}
    return {code: uses.screens_of(script) for code, script in scripts.items()}


def found_uses(
    content: Content, screens: Mapping[str, tuple[Screen, ...]], known: frozenset[str]
) -> dict[str, list[Use]]:
    """Every string's uses, in the order in which a caller meets them."""
    found: dict[str, list[Use]] = {}
    for code, shown in screens.items():
        for msgid, use in uses.of_screens(code, shown):
            found.setdefault(msgid, []).append(use)
    for msgid, use in (*uses.of_flow(content.flow), *uses.of_notices(notices())):
        found.setdefault(msgid, []).append(use)
    unsaid = known - found.keys()
    for code in screens:
        for msgid, use in uses.of_tables(content.programmes[code], unsaid):
            found.setdefault(msgid, []).append(use)
    return found


def _rooms(language: str, content: Content, screens: Mapping[str, tuple[Screen, ...]]) -> Rooms:
    rooms: Rooms = {}
    for kind, player in _speaking(content, language):
        shown = screens[player.script.programme.code]
        for (msgid, _), found in room.of_player(player, shown, language).items():
            room.add(rooms, kind, [(msgid, found)])
        rooms |= room.of_notices(notices(), player.frames[language])
    return rooms


def pages(language: str, catalog: Catalog, content: Content) -> dict[str, int]:
    """By programme, channel and screen, how many pages the catalogue's words take."""
    voices = {**content.voices, language: catalogue.voice(language, catalog)}
    screens = screens_by_programme(content, language)
    found: dict[str, int] = {}
    for kind, player in _speaking(replace(content, voices=voices), language):
        code = player.script.programme.code
        for name, count in room.pages_of(screens[code], player.frames[language]).items():
            found[f"{name} ({code} {kind})"] = count
    return found


def _row(language: str, message: Message, where: str, rooms: Rooms) -> Row:
    english, said = str(message.id), review_of(message)
    left = [
        f"{name}: {rooms[english, kind]}"
        for kind, name in _KINDS.items()
        if (english, kind) in rooms
    ]
    return Row(
        id=id_of(english),
        language=language,
        where=where,
        room="; ".join(left) or "as short as the English",
        english=english,
        text=str(message.string or ""),
        back_translation=said.back,
        verdict=said.verdict,
        new_text="",
    )
