"""When a desk is open: hours as written in one cell, asked of the programme's clock, and said."""

import re
from bisect import bisect_left
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from functools import reduce
from itertools import groupby
from typing import Final
from zoneinfo import ZoneInfo

from helpline.core.label import N_, Joined, Label, Text

LONGEST: Final = 200  # characters of one cell, as written and in canonical form
AHEAD: Final = timedelta(days=14)  # how far an opening is looked for

_DAY: Final = timedelta(days=1)
_MIDNIGHT: Final = 24 * 60  # in minutes of the day on which a span begins
_ALWAYS: Final = "24/7"
_OPEN, _CLOSED = "holidays open", "holidays closed"
_CLOCK: Final = "(?:[01][0-9]|2[0-3]):[0-5][0-9]"
_TIMES: Final = re.compile(f"({_CLOCK})-({_CLOCK}|24:00)")
_EXAMPLE: Final = "Mon-Fri 09:00-17:00; Sat 09:00-13:00"

# NOTE: Monday, short, before its hours: Mon 9:00-17:00; so are the other days
_WEEKDAYS: Final = (N_("Mon"), N_("Tue"), N_("Wed"), N_("Thu"), N_("Fri"))
# NOTE: Saturday, short
_SATURDAY: Final = N_("Sat")
# NOTE: Sunday, short
_SUNDAY: Final = N_("Sun")
_DAYS: Final = (*_WEEKDAYS, _SATURDAY, _SUNDAY)
_DAY_AND_NIGHT: Final = N_("Open day and night")
# NOTE: from one day to another, or from one time to another: Mon-Fri, 9:00-17:00
_THROUGH: Final = N_("{first}-{last}")
# NOTE: opening hours one after the other: Mon-Fri 9:00-17:00, Sat 9:00-13:00
_THEN: Final = N_("{first}, {next}")

Dates = Collection[date]
_Times = tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """One stretch of opening: the day on which it begins (Monday is 0), and minutes of that day.

    One that goes on past midnight ends beyond 24 * 60, less than a day after it begins.
    """

    day: int
    start: int
    end: int

    def __post_init__(self) -> None:
        assert self.day in range(7) and 0 <= self.start < min(self.end, _MIDNIGHT)
        if self.end > _MIDNIGHT and self.end - self.start >= _MIDNIGHT:
            raise ValueError(
                f"{_DAYS[self.day]} is open for 24 hours or more without a break: "
                "end it at 24:00 and write what follows under the next day."
            )


@dataclass(frozen=True, slots=True)
class Hours:
    """Round the clock, a week of spans, or (with neither) unknown. Equal hours read the same.

    `on_holidays` is about spans only: a desk that is always open is open on holidays.
    """

    always: bool = False
    spans: tuple[Span, ...] = ()
    on_holidays: bool = False

    def __post_init__(self) -> None:
        assert self.spans == merged(self.spans)
        assert not (self.always and self.spans) and (self.spans or not self.on_holidays)
        if len(render_hours(self)) > LONGEST:
            raise ValueError(f"Written out the hours pass {LONGEST} characters: give fewer times.")

    @property
    def known(self) -> bool:
        return self.always or bool(self.spans)


def merged(spans: Iterable[Span]) -> tuple[Span, ...]:
    """Those of one day that overlap or touch made one; not across days: one may be a holiday."""
    done: list[Span] = []
    for span in sorted(spans):
        if done and done[-1].day == span.day and span.start <= done[-1].end:
            done[-1] = replace(done[-1], end=max(done[-1].end, span.end))
        else:
            done.append(span)
    return tuple(done)


def parse_hours(text: str) -> Hours:
    """Raises ValueError with one sentence for the operator: what is wrong, what to write."""
    if len(text) > LONGEST:
        raise ValueError(f"The hours are longer than {LONGEST} characters: give fewer times.")
    entries = [entry.strip(" ") for entry in text.split(";")]
    if entries in ([""], [_ALWAYS]):
        return Hours(always=entries == [_ALWAYS])
    on_holidays = entries[-1] == _OPEN
    if entries[-1] in (_OPEN, _CLOSED):
        entries.pop()
    spans = merged(span for entry in entries for span in _spans(entry))
    if not spans:
        raise ValueError(f"No day is given: write the days before it, such as '{_EXAMPLE}'.")
    return Hours(spans=spans, on_holidays=on_holidays)


def _spans(entry: str) -> Iterator[Span]:
    if entry == _ALWAYS:
        raise ValueError(
            "24/7 stands alone and counts holidays as open: "
            "write 'Mon-Sun 00:00-24:00' for a desk that closes on holidays."
        )
    if entry.startswith("holidays"):
        raise ValueError(f"{entry!r} is out of place: end with '; {_OPEN}', once, or leave it out.")
    days, _, times = entry.partition(" ")
    if not times:
        raise ValueError(f"{entry!r} is not a day with its times: write such as '{_EXAMPLE}'.")
    for day in _days(days):
        yield from (Span(day, *_times(part.strip(" "))) for part in times.split(","))


def _days(text: str) -> list[int]:
    """A run may pass Sunday: `Sun-Thu` is a working week."""
    names = text.split("-")
    if len(set(names)) < len(names) or len(names) > 2 or not set(names) <= set(_DAYS):
        raise ValueError(
            f"{text!r} is not a day or a run of days: "
            f"write {', '.join(_DAYS)} or such as Mon-Fri, and ';' before the next."
        )
    first, last = _DAYS.index(names[0]), _DAYS.index(names[-1])
    return [day % 7 for day in range(first, last + 1 if first <= last else last + 8)]


def _times(text: str) -> tuple[int, int]:
    match = _TIMES.fullmatch(text)
    if not match:
        raise ValueError(
            f"{text!r} is not a time from and to: write '09:00-17:00' with two digits each, "
            "',' between two of one day and ';' before the next day."
        )
    start, end = (int(clock[:2]) * 60 + int(clock[3:]) for clock in match.groups())
    if start == end:
        raise ValueError(f"{text!r} ends when it begins: write '00:00-24:00' for the whole day.")
    return start, end if start < end else end + _MIDNIGHT


def render_hours(hours: Hours) -> str:
    """The one canonical text, so that parse_hours(render_hours(h)) == h."""
    if hours.always:
        return _ALWAYS
    entries = [
        f"{'-'.join(_DAYS[day] for day in days)} "
        + ", ".join(f"{_clock(start)}-{_clock(end)}" for start, end in times)
        for days, times in _runs(hours.spans)
    ]
    return "; ".join([*entries, _OPEN] if hours.on_holidays else entries)


def _runs(spans: tuple[Span, ...]) -> list[tuple[tuple[int, ...], _Times]]:
    """First and last of the days in a row with the same times; one that passes Sunday leads."""
    week = [tuple((s.start, s.end) for s in spans if s.day == day) for day in range(7)]
    runs = [(times, list(days)) for times, days in groupby(range(7), key=week.__getitem__)]
    if len(runs) > 1 and runs[0][0] == runs[-1][0]:
        times, days = runs.pop()
        runs[0] = (times, days + runs[0][1])
    return [((d[0], d[-1]) if len(d) > 1 else (d[0],), times) for times, d in runs if times]


def _clock(minute: int) -> str:
    hour, rest = divmod(minute if minute <= _MIDNIGHT else minute - _MIDNIGHT, 60)
    return f"{hour:02}:{rest:02}"


def is_open(hours: Hours, at: datetime, zone: ZoneInfo, holidays: Dates) -> bool | None:
    """None when the hours are unknown. A span that began before a holiday goes on into it."""
    assert at.tzinfo is not None
    if hours.always or not hours.known:
        return hours.always or None
    local = at.astimezone(zone)
    today, minute = local.date(), local.hour * 60 + local.minute
    return any(
        span.start <= since < span.end
        for day, since in ((today, minute), (today - _DAY, minute + _MIDNIGHT))
        for span in begun_on(hours, day, holidays)
    )


def begun_on(hours: Hours, day: date, holidays: Dates) -> Iterator[Span]:
    """The stretches that begin on this day."""
    if hours.on_holidays or day not in holidays:
        yield from (span for span in hours.spans if span.day == day.weekday())


def opens_at(hours: Hours, at: datetime, zone: ZoneInfo, holidays: Dates) -> datetime | None:
    """`at` itself while open, else the next opening, in UTC; None if unknown or too far ahead."""
    now = at.astimezone(UTC)
    if is_open(hours, at, zone, holidays):
        return now
    ahead = (*_starts(hours, now, zone, holidays), _clock_change(now, zone))
    within = (moment for moment in ahead if now < moment <= now + AHEAD)
    # A start may lie in an hour that the clock skips, and is then not open.
    return min((m for m in within if is_open(hours, m, zone, holidays)), default=None)


def _starts(hours: Hours, now: datetime, zone: ZoneInfo, holidays: Dates) -> Iterator[datetime]:
    today = now.astimezone(zone).date()
    for day in (today + n * _DAY for n in range(AHEAD.days + 1)):
        for span in begun_on(hours, day, holidays):
            clock = time(*divmod(span.start, 60), tzinfo=zone)
            for fold in (0, 1):  # a clock put back shows the time twice
                yield datetime.combine(day, clock.replace(fold=fold)).astimezone(UTC)


def _clock_change(now: datetime, zone: ZoneInfo) -> datetime:
    """When the clock is next put on or back, which may open a desk; else the last moment ahead."""
    whole = now.replace(microsecond=0)

    def changed(seconds: int) -> bool:
        later = whole + timedelta(seconds=seconds)
        return later.astimezone(zone).utcoffset() != whole.astimezone(zone).utcoffset()

    until = int(AHEAD.total_seconds())  # no zone changes its clock twice in that time
    return whole + timedelta(seconds=bisect_left(range(until), True, key=changed))


def hours_label(hours: Hours) -> Label:
    """Short words for a caller, such as Mon-Fri 9:00-17:00, Sat 9:00-13:00; "" when unknown."""
    if hours.always:
        return Text(_DAY_AND_NIGHT)
    said: list[Label] = [
        Joined(_through(*(Text(_DAYS[day]) for day in days)), _listed(map(_spoken, times)))
        for days, times in _runs(hours.spans)
    ]
    return _listed(said) if said else ""


def _spoken(times: tuple[int, int]) -> Label:
    return _through(*(_clock(minute).removeprefix("0") for minute in times))


def _through(first: Label, last: Label = "") -> Label:
    return Text(_THROUGH, {"first": first, "last": last}) if last else first


def _listed(labels: Iterable[Label]) -> Label:
    return reduce(lambda first, then: Text(_THEN, {"first": first, "next": then}), labels)


def day_label(weekday: int) -> Label:
    """Monday is 0."""
    return Text(_DAYS[weekday])
