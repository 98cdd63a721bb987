"""How much longer a string may grow, measured on the screens as a phone would show them.

Pure. The room of a string is that of the fullest place where it stands; the lines of the keys
back and hide are not counted, they give way.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from helpline.cli.review.uses import WHOLE, said_by
from helpline.core.errors import ContentError
from helpline.core.fit import BACK_KEY, Frame, Page, Screen, fit
from helpline.core.label import Label, Text
from helpline.core.play import Player
from helpline.core.text import Budget, measure

_ONE_SEGMENT = Budget()  # what a notice may cost
NOTICE_KIND = "one SMS segment"


@dataclass(frozen=True, slots=True)
class Room:
    """With one page: the units left on it. A text on several pages may take one more."""

    pages: int
    left: int
    limit: int

    def __str__(self) -> str:
        if self.pages > 1:
            return f"{self.pages} pages"
        return f"{self.left} of {self.limit} units left"

    def tighter(self, other: "Room | None") -> "Room":
        if other is None:
            return self
        return max(self, other, key=lambda room: (room.pages, -room.left))


Rooms = dict[tuple[str, str], Room]  # by English and kind of channel


def add(rooms: Rooms, kind: str, found: Iterable[tuple[str, Room]]) -> None:
    for msgid, room in found:
        rooms[msgid, kind] = room.tighter(rooms.get((msgid, kind)))


def of_screens(screens: Iterable[Screen], frame: Frame) -> Iterator[tuple[str, Room]]:
    for screen in screens:
        try:
            pages = fit(screen, frame)
        except (ContentError, LookupError, ValueError):  # not said yet; `helpline check` names it
            continue
        if len(pages) > 1:
            prompt = Room(_pages_of_prompt(pages), *_left(pages[0], frame))
        else:
            prompt = Room(1, *_left(pages[0], frame))
        yield from ((msgid, prompt) for msgid, _ in said_by(screen.prompt))
        for page in pages:
            room = Room(1, *_left(page, frame))
            for option in screen.options[page.start : page.stop]:
                yield from ((msgid, room) for msgid, _ in said_by(option.label))


def _pages_of_prompt(pages: tuple[Page, ...]) -> int:
    """The pages on which the question stands; the choices may need more."""
    return next((page.number + 1 for page in pages if page.stop), len(pages))


def _left(page: Page, frame: Frame) -> tuple[int, int]:
    text = page.text
    for key, said in ((frame.hide_key, frame.flow.hide), (BACK_KEY, frame.flow.back)):
        text = text.removesuffix(f"\n{frame.line(key, Text(said))}")
    size = measure(text, frame.budget)
    return size.limit - size.units, size.limit


def of_texts(texts: Mapping[str, Label], frame: Frame) -> Iterator[tuple[str, Room]]:
    """Texts that are a whole answer on one page."""
    for label in texts.values():
        try:
            size = measure(frame.voice.say(label), frame.budget)
        except (ContentError, LookupError):
            continue
        room = Room(1, size.limit - size.units, size.limit)
        yield from ((msgid, room) for msgid, _ in said_by(label))


def of_player(player: Player, screens: Iterable[Screen], language: str) -> Rooms:
    """All that one programme says on one kind of channel in one language; the kind is ""."""
    frame, flow = player.frames[language], player.script.flow
    number = {"number": player.script.programme.emergency}
    whole = {name: Text(getattr(flow, name), number) for name in WHOLE}
    rooms: Rooms = {}
    add(rooms, "", of_screens(screens, frame))
    add(rooms, "", of_texts(whole, frame))
    return rooms


def of_notices(notices: Mapping[str, Label], frame: Frame) -> Rooms:
    rooms: Rooms = {}
    add(rooms, NOTICE_KIND, of_texts(notices, replace(frame, budget=_ONE_SEGMENT)))
    return rooms


def pages_of(screens: Iterable[Screen], frame: Frame) -> dict[str, int]:
    """By screen, the most pages that it takes."""
    found: dict[str, int] = {}
    for screen in screens:
        try:
            count = len(fit(screen, frame))
        except (ContentError, LookupError, ValueError):
            continue
        found[screen.name] = max(count, found.get(screen.name, 0))
    return found
