"""Calendar months, quarters and years on a programme's clock, for reports."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from zoneinfo import ZoneInfo

from helpline.core.errors import Refused

ALL = "all"
_MONTH = re.compile(r"(20[0-9]{2})-(0[1-9]|1[0-2])")
_QUARTER = re.compile(r"(20[0-9]{2})-Q([1-4])")
_YEAR = re.compile(r"20[0-9]{2}")


class Kind(Enum):
    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"
    ALL = "all"


@dataclass(frozen=True, slots=True)
class Period:
    """`months` are named like 2026-11, in order; they are all there, ended or not."""

    name: str
    kind: Kind
    months: tuple[str, ...]

    def ended(self, running: str) -> tuple[str, ...]:
        """Its months before the running one."""
        return tuple(month for month in self.months if month < running)


def month_of(at: datetime, zone: ZoneInfo) -> str:
    return f"{at.astimezone(zone):%Y-%m}"


def parse(text: str, first: str = "", running: str = "") -> Period:
    """2026-11, 2026-Q4, 2026 or all: the months from `first` to before the `running` one."""
    if text == ALL:
        return Period(ALL, Kind.ALL, tuple(_between(first or running, running)))
    if _MONTH.fullmatch(text):
        return Period(text, Kind.MONTH, (text,))
    if found := _QUARTER.fullmatch(text):
        last = 3 * int(found[2])
        return Period(text, Kind.QUARTER, _months(found[1], range(last - 2, last + 1)))
    if _YEAR.fullmatch(text):
        return Period(text, Kind.YEAR, _months(text, range(1, 13)))
    raise Refused("Give a period as 2026-11, 2026-Q4, 2026 or all.")


def before(month: str) -> str:
    """The month before."""
    year, number = int(month[:4]), int(month[5:])
    return f"{year - 1}-12" if number == 1 else f"{year}-{number - 1:02}"


def bounds(period: Period, zone: ZoneInfo) -> tuple[datetime, datetime] | None:
    """Its first moment and the first one after it; None of a period without any month."""
    if not period.months:
        return None
    return _begins(period.months[0], zone), _begins(_following(period.months[-1]), zone)


def _begins(month: str, zone: ZoneInfo) -> datetime:
    return datetime(int(month[:4]), int(month[5:]), 1, tzinfo=zone)


def _following(month: str) -> str:
    year, number = int(month[:4]), int(month[5:])
    return f"{year + 1}-01" if number == 12 else f"{year}-{number + 1:02}"


def quarter_of(month: str) -> str:
    return f"{month[:4]}-Q{(int(month[5:]) + 2) // 3}"


def offered(first: str, running: str) -> list[str]:
    """What may be asked for, the newest first: years, then quarters, then months."""
    months = sorted({*_between(first or running, running), running}, reverse=True)
    years = dict.fromkeys(month[:4] for month in months)
    quarters = dict.fromkeys(map(quarter_of, months))
    return [*months, *quarters, *years, ALL]


def _months(year: str, numbers: Iterable[int]) -> tuple[str, ...]:
    return tuple(f"{year}-{number:02}" for number in numbers)


def _between(first: str, running: str) -> list[str]:
    found = []
    month = running
    while first and month > first:
        month = before(month)
        found.append(month)
    return found[::-1]
