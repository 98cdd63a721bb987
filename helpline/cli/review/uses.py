"""Where each string is shown, found by walking the tables: screens by name, and the role there.

Pure over the content. A string that no walk meets is named by the table or file it stands in.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, fields
from datetime import datetime

from babel.messages.catalog import Message

from helpline.catalogue.wording import placeholders
from helpline.core.check_walk import walk
from helpline.core.fit import Screen
from helpline.core.flow import Flow
from helpline.core.label import Label, Text
from helpline.core.options import show
from helpline.core.programme import Programme
from helpline.core.script import Script

QUESTION, LAST, CHOICE = "question", "last screen", "choice"
NOTICE, EVERYWHERE = "SMS notice", "every screen"
_PARTS = {QUESTION: "part of the question", LAST: "part of the last screen", CHOICE: CHOICE}
_FIXED = {  # texts of a flow that stand on no screen of their own
    "decoy": "decoy, shown by the hide key",
    "hint": "hint after a wrong key",
    "not_saved": "shown when nothing could be stored",
    "more": "line of a key",
    "back": "line of a key",
    "hide": "line of a key",
}
WHOLE = frozenset({"decoy", "not_saved"})  # one page, whatever the language
_HOURS = (0, 22)  # today's times of day are all offered, then tomorrow's


@dataclass(frozen=True, slots=True)
class Use:
    """`screen` is a screen's name, a fixed text's, a notice's, or EVERYWHERE."""

    screen: str
    role: str
    programme: str = ""


def screens_of(script: Script) -> tuple[Screen, ...]:
    """Every different screen that a caller of the programme can reach."""
    zone = script.programme.zone
    moments = tuple(datetime(2026, 1, 5, hour, 30, tzinfo=zone) for hour in _HOURS)
    found: dict[str, Screen] = {}
    for session in walk(script, moments).states.values():
        for now in moments:
            try:
                screen = show(script, session, now)
            except (LookupError, StopIteration):  # `helpline check` names this fault
                continue
            labels = [option.label for option in screen.options]
            found[repr((screen.name, screen.prompt, labels))] = screen
    return tuple(found.values())


def of_screens(code: str, screens: Iterable[Screen]) -> Iterator[tuple[str, Use]]:
    """(English, use) of every string on the screens; one may come more than once."""
    for screen in screens:
        role = LAST if screen.ends else QUESTION
        for msgid, nested in said_by(screen.prompt):
            yield msgid, Use(screen.name, _PARTS[role] if nested else role, code)
        for option in screen.options:
            for msgid, _ in said_by(option.label):
                yield msgid, Use(screen.name, CHOICE, code)


def said_by(label: Label, nested: bool = False) -> Iterator[tuple[str, bool]]:
    """The strings that are said with a label; those that fill a placeholder are nested."""
    if not isinstance(label, Text) or not label.msgid:
        return
    yield label.msgid, nested
    for name in placeholders(label.msgid) & label.params.keys():
        yield from said_by(label.params[name], nested=True)


def of_flow(flow: Flow) -> Iterator[tuple[str, Use]]:
    for name, role in _FIXED.items():
        msgid = getattr(flow, name, "")
        if isinstance(msgid, str) and msgid:
            yield msgid, Use(name if name in WHOLE else EVERYWHERE, role)


def of_notices(notices: Mapping[str, Label]) -> Iterator[tuple[str, Use]]:
    for name, notice in notices.items():
        yield from ((msgid, Use(name, NOTICE)) for msgid, _ in said_by(notice))


def of_tables(programme: Programme, known: frozenset[str]) -> Iterator[tuple[str, Use]]:
    """The strings of a programme's own tables, also those that no screen says today."""
    for field in fields(programme):
        for word in _words(getattr(programme, field.name)):
            if word in known:
                role = f"place of use: {field.name.replace('_', ' ')}"
                yield word, Use("", role, programme.code)


def _words(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for entry in value.values():
            yield from _words(entry)
    elif isinstance(value, tuple):
        for entry in value:
            yield from _words(entry)
    elif hasattr(value, "__dataclass_fields__"):
        for field in fields(value):  # type: ignore[arg-type]  # a table, by its fields
            yield from _words(getattr(value, field.name))


def sentence(message: Message, uses: Iterable[Use], programmes: frozenset[str]) -> str:
    """For a reviewer: `region, home: choice; ... Note: ...`. Programmes only where not all."""
    names: dict[tuple[str, str], set[str]] = {}
    for use in uses:
        names.setdefault((use.role, use.screen), set()).add(use.programme)
    groups: dict[tuple[str, str], list[str]] = {}
    for (role, screen), codes in names.items():
        spoken = sorted(codes & programmes)
        only = ", ".join(spoken) if spoken and len(spoken) < len(programmes) else ""
        groups.setdefault((role, only), []).append(screen)
    parts = [_part(role, only, sorted(screens)) for (role, only), screens in groups.items()]
    if not parts:
        places = ", ".join(place for place, _ in message.locations)
        parts = [f"no screen of this language today ({places})"]
    notes = [f"Note: {note}" for note in (" ".join(message.auto_comments),) if note]
    return ". ".join(("; ".join(parts), *notes))


def _part(role: str, only: str, screens: list[str]) -> str:
    where = f"{', '.join(filter(None, screens))}: " if any(screens) else ""
    return f"{where}{role}{f' ({only})' if only else ''}"
