"""A reviewer's spreadsheet as CSV: safe to open, and read back cell by cell or refused.

Pure: bytes in, rows and refusals out. Knows nothing of catalogues and of what a verdict does.
"""

import codecs
import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, fields

MOST_BYTES, MOST_ROWS, MOST_LETTERS = 2_000_000, 3_000, 2_000
_DELIMITERS = (",", ";", "\t")  # what spreadsheets write, by the country they are set to
_EXECUTED = r"\s*[=+\-@＝＋－＠]|[\t\r\n]"  # what makes a spreadsheet take a cell for a formula
_TO_GUARD, _GUARDED = re.compile(rf"'*(?:{_EXECUTED})"), re.compile(rf"'+(?:{_EXECUTED})")
_FORMULA = re.compile(_EXECUTED)
_FAILED = re.compile(r"#(?:NAME\?|REF!|VALUE!|DIV/0!|N/A|NUM!|NULL!|ERROR!)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Row:
    """One string. The field names are the columns, in the order of the sheet."""

    id: str
    language: str
    where: str
    room: str
    english: str
    text: str
    back_translation: str
    verdict: str
    new_text: str


COLUMNS = tuple(field.name for field in fields(Row))
_READ = ("id", "language", "english", "text", "back_translation", "verdict", "new_text")


@dataclass(frozen=True, slots=True)
class Numbered:
    """A row and its number in the spreadsheet, where the line of names is 1."""

    number: int
    row: Row


@dataclass(frozen=True, slots=True, order=True)
class Refusal:
    """`number` is 0 when the file as a whole is refused."""

    number: int
    id: str
    reason: str

    def __str__(self) -> str:
        if not self.number:
            return f"the file: {self.reason}"
        mark = f" ({self.id})" if self.id.isalnum() and len(self.id) < 20 else ""
        return f"row {self.number}{mark}: {self.reason}"


def render(rows: Iterable[Row]) -> bytes:
    """UTF-8 with the mark by which Excel knows it; no cell can be taken for a formula."""
    written = io.StringIO()
    lines = csv.writer(written, lineterminator="\r\n")
    lines.writerow(COLUMNS)
    for row in rows:
        lines.writerow([guard(str(getattr(row, name))) for name in COLUMNS])
    return codecs.BOM_UTF8 + written.getvalue().encode()


def guard(cell: str) -> str:
    """An apostrophe before what a spreadsheet would calculate; `unguard` takes it off again."""
    return f"'{cell}" if _TO_GUARD.match(cell) else cell


def unguard(cell: str) -> str:
    return cell[1:] if _GUARDED.match(cell) else cell


def parse(data: bytes) -> tuple[tuple[Numbered, ...], tuple[Refusal, ...]]:
    """The rows that can be read, and why the others or the whole file cannot."""
    try:
        lines = _lines(data)
        order = _order(lines[0] if lines else [])
    except ValueError as wrong:
        return (), (Refusal(0, "", str(wrong)),)
    rows: list[Numbered] = []
    refusals: list[Refusal] = []
    for number, cells in enumerate(lines[1:], start=2):
        if not any(cell.strip() for cell in cells):
            continue
        row, problems = _row(cells, order)
        refusals += [Refusal(number, row.id, problem) for problem in problems]
        if not problems:
            rows.append(Numbered(number, row))
    if not rows and not refusals:
        refusals.append(Refusal(0, "", "it holds no rows below the names of the columns"))
    return tuple(rows), tuple(refusals)


def _lines(data: bytes) -> list[list[str]]:
    if len(data) > MOST_BYTES:
        raise ValueError(f"it is larger than {MOST_BYTES} bytes; import it in parts")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise ValueError("it is not UTF-8; save it as `CSV UTF-8`") from None
    head = text.partition("\n")[0]
    delimiter = max(_DELIMITERS, key=head.count)
    try:
        lines = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True))
    except csv.Error as broken:
        raise ValueError(f"it is no CSV file ({broken}); save it as `CSV UTF-8`") from None
    if len(lines) > MOST_ROWS + 1:
        raise ValueError(f"it has more than {MOST_ROWS} rows; import it in parts")
    return lines


def _order(names: Sequence[str]) -> dict[str, int]:
    """Where each column stands; ValueError when they are not exactly ours."""
    found = [name.strip().casefold() for name in names]
    while found and not found[-1]:
        found.pop()
    missing = [name for name in COLUMNS if name not in found]
    strange = [repr(name) for name in found if name not in COLUMNS]
    double = sorted({name for name in found if name in COLUMNS and found.count(name) > 1})
    for problem, what in (("lacks", missing), ("adds", strange), ("doubles", double)):
        if what:
            raise ValueError(
                f"wrong columns: it {problem} {', '.join(what[:9])}; export it again and fill in "
                "only what TRANSLATING.md names"
            )
    return {name: found.index(name) for name in COLUMNS}


def _row(cells: Sequence[str], order: dict[str, int]) -> tuple[Row, list[str]]:
    """Cells that are missing at the end of a line are empty: some programs leave them out."""
    raw = {name: cells[at].strip(" ") if at < len(cells) else "" for name, at in order.items()}
    row = Row(**{name: _plain(cell) for name, cell in raw.items()})
    problems = list(_cell_problems(raw))
    if any(cell.strip() for cell in cells[len(order) :]):
        problems.append("more cells than columns; is a quotation mark missing?")
    return row, problems


def _plain(cell: str) -> str:
    return unguard(cell.replace("\r\n", "\n"))


def _cell_problems(raw: dict[str, str]) -> Iterator[str]:
    for name in _READ:
        cell = raw[name]
        if len(cell) > MOST_LETTERS:
            yield f"{name}: longer than {MOST_LETTERS} letters"
        elif _FAILED.match(cell) or (cell and _FORMULA.match(cell)):
            yield (
                f"{name}: the cell is a formula to a spreadsheet; begin with another letter, "
                "or write ' before it"
            )
