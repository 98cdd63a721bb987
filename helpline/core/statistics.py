"""Counted facts in, tables out: what a period's requests were about and how they were answered.

The unit of publication is the calendar month that has ended: each of its tables is a count of the
same requests by one thing, with small numbers hidden (`suppression.hide`). A quarter, a year or
all time adds up what is published of its months and nothing else, so that no two periods can be
subtracted from each other. Shares and medians are said of quarters only, of groups whose number
is shown, as bands. Of the running month only the whole number is said, in fives: from day to day
a table would show each request as it came.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from helpline.core.periods import Kind, Period
from helpline.core.suppression import (
    LEAST_SHOWN,
    Band,
    Cell,
    Shown,
    added,
    band,
    hide,
    whole,
)

UNKNOWN = ""
MEASURED = 2 * LEAST_SHOWN + 1  # of fewer, no share can be said, not even as a half


class By(Enum):
    """What the requests are counted by. Not by priority: it follows from the concern where that
    is an urgent one, and the two tables together would say more than either."""

    MONTH = "month"
    DISTRICT = "district"
    CONCERN = "concern"
    AGE = "age"
    SEX = "sex"
    LANGUAGE = "language"
    OUTCOME = "outcome"


ONE_WAY = tuple(by for by in By if by is not By.MONTH)
MEASURES = frozenset({By.DISTRICT, By.CONCERN, By.AGE, By.SEX, By.LANGUAGE})


@dataclass(frozen=True, slots=True)
class CaseFacts:
    """What is counted of one case; "" is unknown, and an `outcome` "" is a case still open.

    `month` is on the programme's clock. `due_at` is when the first response was due; None where
    nobody may ring.
    """

    month: str
    district: str
    concern: str
    age: str
    sex: str
    language: str
    priority: str
    requested_at: datetime
    due_at: datetime | None
    first_attempt_at: datetime | None
    reached: bool
    outcome: str
    referred: bool
    attempts: int
    form: str = UNKNOWN
    about: str = UNKNOWN


Groups = Mapping[By, Sequence[str]]
"""Per table its groups, always the same for a programme; UNKNOWN is one of each."""


@dataclass(frozen=True, slots=True)
class Measures:
    """Of the requests of one group in one quarter. `median` is in minutes from the request to the
    first attempt, rounded; None: more than half of them have had no attempt."""

    median: int | None
    in_time: Band | None
    reached: Band | None
    referred: Band | None


@dataclass(frozen=True, slots=True)
class Row:
    group: str
    requests: Cell
    measures: Measures | None = None


@dataclass(frozen=True, slots=True)
class Table:
    by: By
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Report:
    """`running` is said of a period that holds the running month: so many requests or more."""

    period: Period
    total: Row
    tables: tuple[Table, ...]
    running: Cell | None = None

    def table(self, by: By) -> Table:
        return next(table for table in self.tables if table.by is by)


def report(
    facts: Iterable[CaseFacts], period: Period, groups: Groups, running: str, now: datetime
) -> Report:
    """The tables of what has ended of a period."""
    months: dict[str, list[CaseFacts]] = {month: [] for month in period.months}
    for fact in facts:
        if fact.month in months:
            months[fact.month].append(fact)
    ended = {month: months[month] for month in period.ended(running)}
    everybody = [fact for found in ended.values() for fact in found]
    monthly = tuple(Row(month, whole(len(found))) for month, found in ended.items())
    cell = added(row.requests for row in monthly)
    total = Row("", cell, _measured(period, running, cell, everybody, now))
    tables = [Table(By.MONTH, monthly)]
    tables += [_table(by, ended, (period, running, now), groups[by]) for by in ONE_WAY]
    return Report(period, total, tuple(tables), _so_far(months.get(running)))


def _so_far(facts: Sequence[CaseFacts] | None) -> Cell | None:
    if facts is None:
        return None
    return Cell(len(facts) // LEAST_SHOWN * LEAST_SHOWN, Shown.AT_LEAST)


def _table(
    by: By,
    ended: Mapping[str, Sequence[CaseFacts]],
    asked: tuple[Period, str, datetime],
    groups: Sequence[str],
) -> Table:
    period, running, now = asked
    split = [part(facts, by, groups) for facts in ended.values()]
    cells = [hide({group: len(found) for group, found in one.items()}) for one in split]
    rows = []
    for group in groups:
        cell = added(one[group] for one in cells)
        everybody = [fact for one in split for fact in one[group]]
        measures = _measured(period, running, cell, everybody, now) if by in MEASURES else None
        rows.append(Row(group, cell, measures))
    return Table(by, tuple(rows))


def part(facts: Iterable[CaseFacts], by: By, groups: Sequence[str]) -> dict[str, list[CaseFacts]]:
    """The facts of each group; what belongs to none of them is unknown."""
    found: dict[str, list[CaseFacts]] = {group: [] for group in groups}
    for fact in facts:
        value = str(getattr(fact, by.value))
        found[value if value in found else UNKNOWN].append(fact)
    return found


def _measured(
    period: Period, running: str, cell: Cell, facts: Sequence[CaseFacts], now: datetime
) -> Measures | None:
    over = period.kind is Kind.QUARTER and period.ended(running) == period.months
    if not over or cell.shown is not Shown.EXACT or len(facts) < MEASURED:
        return None
    due = [fact for fact in facts if fact.due_at is not None and _decided(fact, now)]
    return Measures(
        median=_median(facts),
        in_time=band(sum(_in_time(fact) for fact in due), len(due)),
        reached=band(sum(fact.reached for fact in facts), len(facts)),
        referred=band(sum(fact.referred for fact in facts), len(facts)),
    )


def _decided(fact: CaseFacts, now: datetime) -> bool:
    assert fact.due_at is not None
    return fact.first_attempt_at is not None or fact.due_at <= now


def _in_time(fact: CaseFacts) -> bool:
    tried = fact.first_attempt_at
    return tried is not None and fact.due_at is not None and tried <= fact.due_at


def _median(facts: Sequence[CaseFacts]) -> int | None:
    """Who has had no attempt waits longer than all others."""
    waits = sorted(
        (fact.first_attempt_at - fact.requested_at).total_seconds() / 60
        for fact in facts
        if fact.first_attempt_at is not None
    )
    middle = len(facts) // 2
    return _rounded(waits[middle]) if middle < len(waits) else None


def _rounded(minutes: float) -> int:
    """To five minutes below two hours, else to the hour: a median may be one person's wait."""
    step = 5 if minutes < 120 else 60
    return round(minutes / step) * step
