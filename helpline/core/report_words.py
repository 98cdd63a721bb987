"""Reports as grids of words and numbers: the same grid is shown, drawn and put into files."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from helpline.core.callback import Outcome
from helpline.core.categories import CategoryRow
from helpline.core.directory import Directory
from helpline.core.facts import Age, Sex
from helpline.core.label import O_, Label, Text
from helpline.core.officer_words import AGES, OUTCOMES, SEXES
from helpline.core.programme import Programme
from helpline.core.statistics import UNKNOWN, By, Measures, Report, Row, Table
from helpline.core.suppression import MARK, Band, Cell, Shown

Say = Callable[[Label], str]
Value = str | int
NONE = "–"  # nothing is said here

TITLES: Mapping[By, str] = {
    By.MONTH: O_("Requests by month"),
    By.DISTRICT: O_("Requests by district"),
    By.CONCERN: O_("Requests by concern"),
    By.AGE: O_("Requests by age"),
    By.SEX: O_("Requests by sex"),
    By.LANGUAGE: O_("Requests by language"),
    By.OUTCOME: O_("Requests by outcome"),
}
COLUMNS: Mapping[By, str] = {
    By.MONTH: O_("Month"),
    By.DISTRICT: O_("District"),
    By.CONCERN: O_("Concern"),
    By.AGE: O_("Age"),
    By.SEX: O_("Sex"),
    By.LANGUAGE: O_("Language"),
    By.OUTCOME: O_("Outcome"),
}
REQUESTS, MEDIAN, IN_TIME, REACHED, REFERRED = (
    O_("Requests"),
    O_("Half were tried within (minutes)"),
    O_("First try in time"),
    O_("Reached"),
    O_("Referred"),
)
TOTAL, NOT_KNOWN, STILL_OPEN = O_("Total"), O_("not known"), O_("Still open")
LATER = O_("Less than half were tried")
MEANING = O_(
    "{mark}: fewer than 5, or hidden so that no number below 5 can be computed. A number with + "
    "is the sum of what is shown: it may be more."
)
SHARES = O_("Shares are said for whole quarters, of groups of 11 requests or more.")
RUNNING = O_("This month is not over: {number} requests so far. It is counted when it has ended.")
NOT_PUBLIC = O_(
    "These numbers are of some desks only. Do not publish them: together with those of the whole "
    "programme, small numbers could be computed."
)


@dataclass(frozen=True, slots=True)
class Grid:
    """A table in words. `cells` has the numbers of its first column, for charts; the last row of
    `rows` is the total if `totalled`."""

    name: str
    title: str
    header: tuple[str, ...]
    rows: tuple[tuple[Value, ...], ...]
    cells: tuple[tuple[str, Cell], ...]
    totalled: bool = True


@dataclass(frozen=True)
class Names:
    """What the groups of a programme are called. Concerns are said as callers' screens do, with
    `callers`."""

    programme: Programme
    directory: Directory
    say: Say
    callers: Say

    def of(self, by: By, group: str) -> str:
        if group == UNKNOWN:
            return self.say(Text(STILL_OPEN if by is By.OUTCOME else NOT_KNOWN))
        match by:
            case By.DISTRICT:
                return self.say(self.directory.places[group].name)
            case By.CONCERN:
                labels = {known.value: known.label for known in self.programme.concerns}
                return self.callers(Text(labels[group]))
            case By.LANGUAGE:
                spoken = {known.code: known.label for known in self.programme.languages}
                return spoken[group]
            case By.SEX:
                return self.say(Text(SEXES[Sex(group)]))
            case By.OUTCOME:
                return self.say(Text(OUTCOMES[Outcome(group)]))
            case By.AGE:
                return self.say(Text(AGES[Age(group)]))
            case By.MONTH:
                return group


def value(cell: Cell) -> Value:
    """A number where it is one."""
    return cell.number if cell.shown is Shown.EXACT else cell.text


def grid(report: Report, table: Table, names: Names) -> Grid:
    """Districts without any request are left out; that is shown, so it gives nothing away."""
    shown = [row for row in table.rows if table.by is not By.DISTRICT or row.requests != Cell(0)]
    measured = any(row.measures for row in shown)
    total = (names.say(Text(TOTAL)), *_values(report.total, measured, names.say))
    header = [COLUMNS[table.by], REQUESTS]
    if measured:
        header += [MEDIAN, IN_TIME, REACHED, REFERRED]
    named = [(names.of(table.by, row.group), row) for row in shown]
    return Grid(
        name=table.by.value,
        title=names.say(Text(TITLES[table.by])),
        header=tuple(names.say(Text(column)) for column in header),
        rows=(*((name, *_values(row, measured, names.say)) for name, row in named), total),
        cells=tuple((name, row.requests) for name, row in named),
    )


def grids(report: Report, names: Names, by: By | None = None) -> tuple[Grid, ...]:
    """All tables of a report, or one."""
    chosen = [table for table in report.tables if by is None or table.by is by]
    return tuple(grid(report, table, names) for table in chosen)


def category_grid(rows: Iterable[CategoryRow], say: Say) -> Grid:
    rows = tuple(rows)
    words = [
        (say(Text(row.category.main)), say(Text(row.category.sub)), row.requests) for row in rows
    ]
    return Grid(
        name="category",
        title=say(Text(O_("Requests by child helpline category"))),
        header=tuple(
            say(Text(column)) for column in (O_("Category"), O_("Sub-category"), REQUESTS)
        ),
        rows=tuple((main, sub, value(cell)) for main, sub, cell in words),
        cells=tuple((f"{main}: {sub}", cell) for main, sub, cell in words),
        totalled=False,
    )


def notes(report: Report | None, say: Say, *, public: bool) -> list[str]:
    """The sentences that belong to every showing of a report; None: of the categories."""
    said = [say(Text(MEANING, {"mark": MARK}))]
    if report is not None:
        said.append(say(Text(SHARES)))
        if report.running is not None:
            said.insert(0, say(Text(RUNNING, {"number": report.running.text})))
    if not public:
        said.insert(0, say(Text(NOT_PUBLIC)))
    return said


def _values(row: Row, measured: bool, say: Say) -> tuple[Value, ...]:
    return (value(row.requests), *(_measures(row.measures, say) if measured else ()))


def _measures(said: Measures | None, say: Say) -> tuple[Value, ...]:
    if said is None:
        return (NONE,) * 4
    median: Value = say(Text(LATER)) if said.median is None else said.median
    return (median, *(_share(share) for share in (said.in_time, said.reached, said.referred)))


def _share(share: Band | None) -> str:
    return share.text if share else NONE
