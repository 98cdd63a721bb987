"""What the simulator page is told: plain values for JSON, made from screens and queue lines."""

from collections.abc import Iterable
from datetime import datetime
from zoneinfo import ZoneInfo

from helpline import runtime
from helpline.core.directory import Directory
from helpline.core.message import Kind
from helpline.core.programme import RTL, Programme
from helpline.core.text import Budget, Encoding, measure, segments
from helpline.core.window import Window
from helpline.service.dialogue import Step
from helpline.service.lines import QueueRow
from helpline.web.simulator_input import PREFIXES

ENCODINGS = {Encoding.GSM7: "GSM-7", Encoding.UCS2: "UCS-2"}


def tag(language: str) -> str:
    """A language's code as HTML wants it: `dz_Latn` is `dz-Latn`."""
    return language.replace("_", "-")


def setup(programmes: Iterable[Programme]) -> dict[str, object]:
    """What there is to choose from."""
    return {
        "hide": {kind.value: runtime.HIDE_KEYS[kind] for kind in Kind},
        "programmes": [
            {
                "code": programme.code,
                "name": programme.name,
                "prefix": PREFIXES[programme.code],
                "languages": [
                    {"code": language.code, "tag": tag(language.code), "label": language.label}
                    for language in programme.languages
                ],
            }
            for programme in programmes
        ],
    }


def answer(text: str, budget: Budget, step: Step | None) -> dict[str, object]:
    """One screen or one text, with what the network makes of it. Without a step nothing is known
    but the words."""
    size = measure(text, budget)
    page = step.page if step else None
    language = step.session.language if step else ""
    return {
        "text": text,
        "screen": step.screen if step else "",
        "ends": step.ends if step else False,
        "wrong": step.wrong if step else False,
        "page": page.number + 1 if page else 1,
        "pages": page.count if page else None,
        "keys": _keys(step),
        "encoding": ENCODINGS[size.encoding],
        "units": size.units,
        "limit": size.limit,
        "segments": len(segments(text)),
        "language": tag(language),
        "rtl": language in RTL,
    }


def _keys(step: Step | None) -> dict[str, str]:
    """What each key that works here does: `choice`, `more` or `back`."""
    if step is None or step.ends:
        return {}
    keys, number = step.session.keys, step.session.page
    return {key: _does(action, number) for key, action in keys.items()}


def _does(action: str, number: int) -> str:
    kind, _, value = action.partition(":")
    if kind != "page":
        return kind
    return "more" if int(value) > number else "back"


def desk_line(row: QueueRow, directory: Directory, zone: ZoneInfo) -> dict[str, object]:
    """A queue line as an officer sees it, times on the desk's own clock."""
    known = directory.desks.get(row.desk)
    return {
        "code": row.case_code,
        "desk": row.desk,
        "name": known.name if known else "",
        "state": row.state,
        "priority": row.priority,
        "due": _time(row.due_at, zone),
        "window": _window(row.window, zone),
        "lease": row.lease_holder,
        "overdue": row.overdue,
        "attempts": row.attempts,
        "woman": row.woman,
    }


def _time(at: datetime | None, zone: ZoneInfo) -> str:
    return "" if at is None else f"{at.astimezone(zone):%d.%m. %H:%M}"


def _window(window: Window | None, zone: ZoneInfo) -> str:
    if window is None:
        return ""
    daily = " every day" if window.daily else ""
    return f"{_time(window.start, zone)}-{window.end.astimezone(zone):%H:%M}{daily}"
