"""Dialogues as files: read, replayed with the real content, and written again.

A file says in its header where the caller goes, in the English words of the choices; one section
per language holds the keys that were pressed (`> 1`), what was recorded (`* filed: ...`) and the
screens (indented). The session goes through JSON between any two turns, as in the store.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

from helpline.core.engine import FileReport, PlaceReport, advance
from helpline.core.fit import Option, Page
from helpline.core.label import Name, Text
from helpline.core.message import Kind
from helpline.core.options import options_of
from helpline.core.play import Player
from helpline.core.report import case_code
from helpline.core.session import Session
from helpline.core.text import Budget
from helpline.core.window import Window
from helpline.runtime import Content, content

FOLDER = Path(__file__).parent / "transcripts"
CODE = case_code(3_821_773)
INDENT = "    "
TYPED = "type "  # a step of the way that is typed as it stands


@cache
def said() -> Content:
    return content()


@dataclass(frozen=True)
class Header:
    """`way` are the steps after the language question."""

    title: str
    programme: str
    kind: Kind
    languages: tuple[str, ...]
    clock: datetime
    budget: Budget
    way: tuple[str, ...]

    @classmethod
    def parse(cls, text: str) -> "Header":
        title, *lines = text.strip().splitlines()
        fields = dict(line.split(": ", 1) for line in lines)
        day, clock, zone = fields["clock"].split()
        gsm7, ucs2, segments = map(int, fields["budget"].split("/"))
        return cls(
            title=title.removeprefix("# "),
            programme=fields["programme"],
            kind=Kind(fields["kind"]),
            languages=tuple(fields["languages"].split()),
            clock=datetime.fromisoformat(f"{day}T{clock}").replace(tzinfo=ZoneInfo(zone)),
            budget=Budget(gsm7, ucs2, segments),
            way=tuple(fields["way"].split(" / ")),
        )


@dataclass(frozen=True)
class Transcript:
    """`head` is the header as written; `sections` the text below each language's heading."""

    head: str
    sections: dict[str, str]

    @classmethod
    def parse(cls, text: str) -> "Transcript":
        head, *parts = text.split("\n== ")
        sections = dict(part.split("\n", 1) for part in parts)
        return cls(head.strip(), {name: body.rstrip("\n") for name, body in sections.items()})

    @property
    def header(self) -> Header:
        return Header.parse(self.head)

    def render(self) -> str:
        sections = "".join(f"\n\n== {name}\n{body}" for name, body in self.sections.items())
        return f"{self.head}{sections}\n"


def typed_in(section: str) -> list[str]:
    """The keys of a section, in order."""
    return [line[2:] for line in section.splitlines() if line.startswith("> ")]


@dataclass
class Dialogue:
    """A caller's dialogue under way, and its record so far."""

    player: Player
    now: datetime
    session: Session
    page: Page | None
    lines: list[str]

    @classmethod
    def begin(cls, header: Header) -> "Dialogue":
        player = said().player(header.programme, header.kind, header.budget)
        session, page = player.page(player.begin(), header.clock)
        return cls(player, header.clock, session, page, [*_shown(page.text)])

    def press(self, typed: str) -> None:
        """One turn as the service makes it, without a record."""
        session = Session.from_json(self.session.to_json())
        self.lines.append(f"> {typed}")
        turn = advance(self.player.script, session, typed, self.now)
        after = turn.session
        for effect in turn.effects:
            self.lines.append(_effect(effect, self.now))
            if isinstance(effect, FileReport):
                after = replace(after, code=CODE)
        if turn.hidden:
            self.lines += ["* hidden", *_shown(self.player.decoy(session)), "* ends"]
            self.page = None
            return
        self.session, self.page = self.player.page(after, self.now)
        self.lines += _shown(self.page.text)
        if self.page.ends:
            self.lines.append("* ends")

    def choose(self, step: str) -> None:
        """Presses the key of a choice named in English, and "more" until it is on the screen."""
        if step.startswith(TYPED):
            self.press(step.removeprefix(TYPED))
            return
        wanted = f"choice:{self._index(step)}"
        while wanted not in self.session.keys.values():
            self.more()
        self.press(self._key(wanted))

    def more(self) -> None:
        assert self.page is not None
        self.press(self._key(f"page:{self.page.number + 1}"))

    def _key(self, action: str) -> str:
        return next(key for key, does in self.session.keys.items() if does == action)

    def _index(self, step: str) -> int:
        options = options_of(self.player.script, self.session, self.now)
        return next(index for index, option in enumerate(options) if step in _names(option))


def _names(option: Option) -> tuple[str, ...]:
    match option.label:
        case Text(msgid):
            return (msgid, option.value)
        case Name(en):
            return (en, option.value)
        case _:
            return (option.value,)


def _shown(text: str) -> Iterator[str]:
    for line in text.split("\n"):
        yield f"{INDENT}{line}"


def _effect(effect: FileReport | PlaceReport, now: datetime) -> str:
    report, zone = effect.report, now.tzinfo
    windows = ",".join(_window(window, now) for window in report.windows) or "none"
    verb = "filed" if isinstance(effect, FileReport) else "placed"
    assert zone is not None
    return (
        f"* {verb}: desk={report.desk} place={report.place} priority={report.priority.value} "
        f"windows={windows} woman={'yes' if report.woman else 'no'} "
        f"about={report.about or '-'} concern={report.concern or '-'}"
    )


def _window(window: Window, now: datetime) -> str:
    start, end = (moment.astimezone(now.tzinfo) for moment in (window.start, window.end))
    return f"{start:%Y-%m-%dT%H:%M}-{end:%H:%M}{'/daily' if window.daily else ''}"


def played(header: Header, language: str) -> str:
    """The section of a language, found by following the way."""
    dialogue = Dialogue.begin(header)
    dialogue.choose(language)
    for step in header.way:
        dialogue.choose(step)
    while (
        dialogue.page is not None
        and not dialogue.page.ends
        and dialogue.session.screen in ("done", "done_no_call", "danger_done", "goodbye", "desk")
        and dialogue.page.number + 1 < dialogue.page.count
    ):
        dialogue.more()
    return "\n".join(dialogue.lines)


def replayed(header: Header, typed: list[str]) -> str:
    """The section that these keys give."""
    dialogue = Dialogue.begin(header)
    for key in typed:
        dialogue.press(key)
    return "\n".join(dialogue.lines)
