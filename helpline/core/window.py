"""When a person said a call is safe: windows on the programme's clock, offered and remembered."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from helpline.core.label import N_

DAY = timedelta(days=1)
LEAD = timedelta(hours=1)  # a part of the day is offered for today only with this much of it left


@dataclass(frozen=True, slots=True)
class Window:
    """A time in which a call was said to be safe; a daily one opens again at the same hours."""

    start: datetime
    end: datetime
    daily: bool

    def contains(self, now: datetime) -> bool:
        return self.current(now).start <= now < self.current(now).end

    def current(self, now: datetime) -> "Window":
        """The occurrence that is open at `now`, else the next one, else the last."""
        if not self.daily or now < self.end:
            return self
        days = (now - self.end) // DAY + 1
        return Window(self.start + days * DAY, self.end + days * DAY, self.daily)

    def opens(self, now: datetime) -> datetime | None:
        """When it is next open (now itself while open); None when it never is again."""
        occurrence = self.current(now)
        if now >= occurrence.end:
            return None
        return max(now, occurrence.start)


def open_now(windows: Iterable[Window], now: datetime) -> bool:
    return any(window.contains(now) for window in windows)


def next_opening(windows: Iterable[Window], now: datetime) -> datetime | None:
    openings = [at for window in windows if (at := window.opens(now)) is not None]
    return min(openings, default=None)


@dataclass(frozen=True, slots=True)
class DayPart:
    """A part of the day on the programme's clock, with its words for today and tomorrow: in a
    sentence, and as a choice."""

    value: str
    start: time
    end: time
    today: str
    tomorrow: str
    today_choice: str
    tomorrow_choice: str


DAY_PARTS = (
    DayPart(
        "morning",
        time(8),
        time(12),
        N_("today, morning"),
        N_("tomorrow, morning"),
        N_("Today, morning"),
        N_("Tomorrow, morning"),
    ),
    DayPart(
        "afternoon",
        time(12),
        time(17),
        N_("today, afternoon"),
        N_("tomorrow, afternoon"),
        N_("Today, afternoon"),
        N_("Tomorrow, afternoon"),
    ),
    DayPart(
        "evening",
        time(17),
        time(21),
        N_("today, evening"),
        N_("tomorrow, evening"),
        N_("Today, evening"),
        N_("Tomorrow, evening"),
    ),
)
NOW, NEVER = "now", "never"
SOON = N_("soon")  # "now", said in a sentence
NOW_LASTS = timedelta(hours=1)  # "now" is stale after this and must be asked again (SAFETY 3)


@dataclass(frozen=True, slots=True)
class Offer:
    """One answer to "when is it safe": `choice` is its label, `when` its words in a sentence."""

    value: str
    choice: str
    when: str
    windows: tuple[Window, ...]


def offers(now: datetime, zone: ZoneInfo) -> tuple[Offer, ...]:
    """The answers at `now`, always in the same order, so that a key keeps its meaning."""
    soon = Offer(NOW, N_("Now"), SOON, (Window(now, now + NOW_LASTS, daily=False),))
    parts = tuple(_part_offer(part, now, zone) for part in DAY_PARTS)
    return (soon, *parts, Offer(NEVER, N_("Do not call me"), "", ()))


def _part_offer(part: DayPart, now: datetime, zone: ZoneInfo) -> Offer:
    today = now.astimezone(zone).date()
    start, end = (datetime.combine(today, at, zone) for at in (part.start, part.end))
    if now + LEAD <= end:
        return Offer(part.value, part.today_choice, part.today, (_utc(start, end),))
    return Offer(part.value, part.tomorrow_choice, part.tomorrow, (_utc(start + DAY, end + DAY),))


def _utc(start: datetime, end: datetime) -> Window:
    utc = ZoneInfo("UTC")
    return Window(start.astimezone(utc), end.astimezone(utc), daily=True)
