"""Dialogues as files: read, replayed with the real content, and written again.

A file says in its header where the caller goes, in the English words of the choices; one section
per language holds the keys that were pressed (`> 1`), what was recorded (`* filed: ...`) and the
screens (indented). The session goes through JSON between any two turns, as in the store.

Steps of a way: a choice's English words; `type ...` is typed as it stands; `drop` cuts the line
and dials again; `0` and `00` are pressed. `dial: 2` in the header dials a shortcut, and
`found: waiting` is what the record answers about a request.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

from helpline.core.effects import (
    ChangeTime,
    Erase,
    FileReport,
    FindCase,
    Made,
    TellReport,
    TextDesk,
    Withdraw,
)
from helpline.core.engine import advance, jump_to, resumable, resume
from helpline.core.fit import Option, Page
from helpline.core.flow import End
from helpline.core.label import Name, Text, Voice
from helpline.core.message import Kind
from helpline.core.options import options_of
from helpline.core.play import Player
from helpline.core.report import Report, case_code
from helpline.core.session import Session
from helpline.core.text import Budget
from helpline.core.typed import dialled
from helpline.core.window import Window
from helpline.runtime import Content, content

FOLDER = Path(__file__).parent / "transcripts"
CODE = case_code(3_821_773)
INDENT = "    "
TYPED = "type "  # a step of the way that is typed as it stands
DROP = "drop"  # the line is cut, and the phone dials again
_BEFORE_FILING = "2026-03-10T04:00:00+00:00"


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
    dial: str = ""
    found: str = ""

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
            dial=fields.get("dial", ""),
            found=fields.get("found", ""),
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


@dataclass
class Dialogue:
    """A caller's dialogue under way, and its record so far. `screens`: those that were shown."""

    player: Player
    header: Header
    session: Session
    page: Page | None
    lines: list[str]
    screens: set[str]

    @classmethod
    def begin(cls, header: Header) -> "Dialogue":
        player = said().player(header.programme, header.kind, header.budget)
        session = player.begin()
        known = dialled(player.script, header.dial)
        if known is not None:
            session = jump_to(player.script, session, known, "", "", header.clock).session
        session, page = player.page(session, header.clock)
        return cls(player, header, session, page, [*_shown(page.text)], {page.screen})

    def press(self, typed: str) -> None:
        """One turn as the service makes it, without a record."""
        now, session = self.header.clock, Session.from_json(self.session.to_json())
        self.lines.append(f"> {typed}")
        turn = advance(self.player.script, session, typed, now)
        after = turn.session
        for effect in turn.effects:
            self.lines.append(_effect(effect, self.header, self.player.frame(session).voice))
            after = _answered(after, effect, self.header.found)
        if turn.hidden:
            self.lines += ["* hidden", *_shown(self.player.decoy(session)), "* ends"]
            self.page = None
            return
        self._show(after)

    def drop(self) -> None:
        """The line is cut off; dialling again offers to go on."""
        session = Session.from_json(self.session.to_json())
        assert resumable(self.player.script, session)
        self.lines.append(f"* {DROP}")
        self._show(resume(self.player.script, session))

    def _show(self, session: Session) -> None:
        self.session, self.page = self.player.page(session, self.header.clock)
        self.screens.add(self.page.screen)
        self.lines += _shown(self.page.text)
        if self.page.ends:
            self.lines.append("* ends")

    def choose(self, step: str) -> None:
        """Presses the key of a choice named in English, and "more" until it is on the screen."""
        if step == DROP:
            self.drop()
            return
        if step.startswith(TYPED) or step in ("0", "00"):
            self.press(step.removeprefix(TYPED))
            return
        wanted = f"choice:{self._index(step)}"
        while wanted not in self.session.keys.values():
            self.more()
        self.press(self._key(wanted))

    def more(self) -> None:
        assert self.page is not None
        onward = f"page:{self.page.number + 1}"
        if onward not in self.session.keys.values():  # a hint stood in the way of the choices
            onward = f"page:{self.page.number}"
        self.press(self._key(onward))

    def _key(self, action: str) -> str:
        return next(key for key, does in self.session.keys.items() if does == action)

    def _index(self, step: str) -> int:
        options = options_of(self.player.script, self.session, self.header.clock)
        return next(index for index, option in enumerate(options) if step in _names(option))


def _names(option: Option) -> tuple[str, ...]:
    match option.label:
        case Text(_, {"place": Name(en)}) | Name(en):
            return (en, option.value)
        case Text(msgid):
            return (msgid, option.value)
        case _:
            return (option.value,)


def _shown(text: str) -> Iterator[str]:
    for line in text.split("\n"):
        yield f"{INDENT}{line}"


def _answered(session: Session, effect: Made, found: str) -> Session:
    """The session after what the record says to an effect."""
    match effect:
        case FileReport():
            return replace(session, code=CODE, filed_at=_BEFORE_FILING)
        case FindCase() | TextDesk():
            return replace(session, found=found)
        case _:
            return session


def _effect(effect: Made, header: Header, voice: Voice) -> str:
    match effect:
        case FileReport(report):
            return f"* filed: {_report(report, header.clock)}"
        case TellReport(_, _, report):
            return f"* told: {_report(report, header.clock)}"
        case FindCase(_, code, word):
            return f"* asked for: code={code} word={word or '-'} found={header.found or '-'}"
        case ChangeTime(_, windows):
            return f"* time changed: windows={_windows(windows, header.clock)}"
        case TextDesk(_, desk, note):
            return f"* texted: desk={desk}: {voice.say(note)}"
        case Withdraw():
            return "* withdrawn"
        case Erase():
            return "* erased"


def _report(report: Report, now: datetime) -> str:
    told = {
        "desk": report.desk,
        "place": report.place,
        "priority": report.priority.value,
        "windows": _windows(report.windows, now),
        "woman": (report.if_nobody or "yes") if report.woman else "no",
        "about": report.about,
        "concern": " ".join(filter(None, (report.concern, report.form))),
        "consent": "yes" if report.consented else "no",
        "word": report.code_word,
        "said": report.said,
    }
    return " ".join(f"{name}={value or '-'}" for name, value in told.items())


def _windows(windows: Iterable[Window], now: datetime) -> str:
    return ",".join(_window(window, now) for window in windows) or "none"


def _window(window: Window, now: datetime) -> str:
    start, end = (moment.astimezone(now.tzinfo) for moment in (window.start, window.end))
    return f"{start:%Y-%m-%dT%H:%M}-{end:%H:%M}{'/daily' if window.daily else ''}"


def walked(header: Header, language: str) -> Dialogue:
    """The dialogue in a language, found by following the way."""
    dialogue = Dialogue.begin(header)
    dialogue.choose(language)
    for step in header.way:
        dialogue.choose(step)
    while dialogue.page is not None and _more_to_read(dialogue.page, dialogue.session):
        dialogue.more()
    return dialogue


def _more_to_read(page: Page, session: Session) -> bool:
    """The last screen is read to its end."""
    last = isinstance(said().flow.screens[session.screen], End)
    return (last or session.screen in ("desk", "booklet", "case")) and page.number + 1 < page.count


def played(header: Header, language: str) -> str:
    return "\n".join(walked(header, language).lines)


def replayed(header: Header, section: str) -> str:
    """The section that its own keys give."""
    dialogue = Dialogue.begin(header)
    for line in section.splitlines():
        if line == f"* {DROP}":
            dialogue.drop()
        elif line.startswith("> "):
            dialogue.press(line[2:])
    return "\n".join(dialogue.lines)
