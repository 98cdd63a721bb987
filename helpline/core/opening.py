"""A desk's opening hours on its own clock: how long something takes in them, and when it opens."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from helpline.core.directory import Directory
from helpline.core.hours import Hours, begun_on, day_label, is_open, opens_at
from helpline.core.label import Joined, Label

_DAY = timedelta(days=1)
_STRETCHES = 400  # of opening, looked through for one deadline; then the rest counts as open


@dataclass(frozen=True, slots=True)
class Opening:
    """A desk whose hours are unknown counts as always open: its deadlines do not wait."""

    hours: Hours
    zone: ZoneInfo
    holidays: Collection[date] = frozenset()

    def after(self, at: datetime, allowed: timedelta) -> datetime:
        """When `allowed` has passed since `at`, counted while the desk is open; in UTC."""
        if self.hours.always or not self.hours.known:
            return at + allowed
        left = allowed
        for _ in range(_STRETCHES):
            opens = opens_at(self.hours, at, self.zone, self.holidays)
            if opens is None:
                break
            at, closes = opens, self._closes(opens)
            if at + left <= closes:
                return at + left
            left -= closes - at
            at = closes
        return at + left

    def _closes(self, at: datetime) -> datetime:
        """The end of the stretch that is open at `at`; a day later where none is in sight."""
        for end in sorted(self._ends(at)):
            if end > at and not is_open(self.hours, end, self.zone, self.holidays):
                return end
        return at + _DAY

    def _ends(self, at: datetime) -> Iterator[datetime]:
        today = at.astimezone(self.zone).date()
        for day in (today - _DAY, today, today + _DAY):
            for span in begun_on(self.hours, day, self.holidays):
                days, minutes = divmod(span.end, 24 * 60)
                clock = time(*divmod(minutes, 60), tzinfo=self.zone)
                yield datetime.combine(day + days * _DAY, clock).astimezone(UTC)

    def closed_until(self, at: datetime) -> datetime | None:
        """When it opens, if it is known to be closed at `at`; None while it is or may be open."""
        if is_open(self.hours, at, self.zone, self.holidays) is not False:
            return None
        return opens_at(self.hours, at, self.zone, self.holidays)


def opening_of(directory: Directory, desk: str, zone: ZoneInfo) -> Opening:
    """That of a desk of the directory; one that left it counts as always open."""
    known = directory.desks.get(desk)
    if known is None:
        return Opening(Hours(), zone)
    return Opening(known.hours, zone, directory.holidays.get(known.programme, frozenset()))


def moment_label(at: datetime, zone: ZoneInfo) -> Label:
    """Short words for a caller, such as Mon 9:00."""
    local = at.astimezone(zone)
    return Joined(day_label(local.weekday()), f"{local.hour}:{local.minute:02}")
