"""The directory as CSV: read bounded and with line numbers, written so that it reads back.

Nothing here knows what a cell means.
"""

import csv
import io
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from helpline.core.errors import ContentError

LONGEST_FILE = 4_000_000  # characters
LONGEST_CELL = 1000
MOST_ROWS = 20_000
# Controls, line and paragraph breaks, what turns the reading direction, halves of letters. The
# joiners and invisible blanks that Urdu and Khmer are written with are none of these.
_UNSEEN = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
COLUMNS: Mapping[str, tuple[str, ...]] = {
    "places": (
        "code", "level", "kind", "parent", "name_en", "name_local", "aliases", "seat", "lat", "lon",
        "source",
    ),
    "desks": (
        "code", "programme", "kind", "name_en", "place", "parent", "serves", "phone", "hours",
        "public", "verified", "source", "source_date",
    ),
    "holidays": ("programme", "date", "name_en", "estimated", "source"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a table. `where` names file and line for whoever has to mend it."""

    where: str
    cells: Mapping[str, str]

    def __getitem__(self, column: str) -> str:
        return self.cells[column]

    @property
    def key(self) -> str:
        """What makes the row the same one in another file: its code, or programme and date."""
        return self["code"] if "code" in self.cells else f"{self['programme']} {self['date']}"


@dataclass(frozen=True, slots=True)
class Table:
    name: str
    rows: tuple[Row, ...]


def parse(text: str, file: str) -> Table:
    """A table, known by its columns. Raises ContentError that names every broken line."""
    table, faults = read(text, file)
    if faults:
        raise ContentError("\n".join(faults))
    return table


def read(text: str, file: str) -> tuple[Table, list[str]]:
    """The table's sound rows, and what is wrong with its other lines. Raises ContentError for a
    text that is no table at all."""
    if len(text) > LONGEST_FILE:
        raise ContentError(f"{file}: longer than {LONGEST_FILE} characters; send it in parts.")
    reader = csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline=""), strict=True)
    try:
        header = next(reader, [])
        name = _table_of(header, file)
        lines = [(reader.line_num, cells) for cells in reader if cells]
    except csv.Error as broken:
        raise ContentError(f"{file}: line {reader.line_num}: not CSV: {broken}.") from None
    if len(lines) > MOST_ROWS:
        raise ContentError(f"{file}: more than {MOST_ROWS} rows; send it in parts.")
    order = [header.index(column) for column in COLUMNS[name]]
    faults = {line: _fault(cells, header) for line, cells in lines}
    sound = [_row(file, line, name, cells, order) for line, cells in lines if not faults[line]]
    return Table(name, tuple(sound)), [
        f"{file}: line {line}: {fault}" for line, fault in faults.items() if fault
    ]


def _table_of(header: list[str], file: str) -> str:
    for name, columns in COLUMNS.items():
        if sorted(header) == sorted(columns):
            return name
    if not header:
        raise ContentError(f"{file}: line 1: is empty; a table begins with its columns.")
    wanted = "; ".join(f"{name}: {','.join(columns)}" for name, columns in COLUMNS.items())
    raise ContentError(f"{file}: line 1: these are not the columns of a table. {wanted}.")


def _fault(cells: list[str], header: list[str]) -> str:
    if len(cells) != len(header):
        return f"{len(cells)} cells where there are {len(header)} columns."
    if any(len(cell) > LONGEST_CELL for cell in cells):
        return f"a cell is longer than {LONGEST_CELL} characters."
    if any(map(_UNSEEN.search, cells)):
        return "a cell holds a line break or another control character."
    if "code" in header and not cells[header.index("code")].strip():
        return "has no code."
    return ""


def _row(file: str, line: int, name: str, cells: list[str], order: list[int]) -> Row:
    named = zip(COLUMNS[name], (cells[column].strip() for column in order), strict=True)
    return Row(f"{file}: line {line}", dict(named))


def render(name: str, rows: Iterable[Mapping[str, str]]) -> str:
    """The table as CSV: these columns in this order, one LF a row."""
    written = io.StringIO(newline="")
    writer = csv.writer(written, lineterminator="\n")
    writer.writerow(COLUMNS[name])
    writer.writerows([row[column] for column in COLUMNS[name]] for row in rows)
    return written.getvalue()
