"""Files hold exactly what the screen shows, and nothing that a spreadsheet would compute."""

import csv
import io
import json
import zipfile
from xml.etree import ElementTree

import pytest

from helpline.core.report_words import Grid, Value, grids
from helpline.core.suppression import MARK
from helpline.service.report_files import csv_of, guarded, json_of, xlsx_of
from tests.core.test_report_words import NAMES, made
from tests.core.test_statistics import fact

FACTS = [fact()] * 3 + [fact(concern="sexual")] * 30
MONTH, QUARTER = (grids(made(FACTS, period), NAMES) for period in ("2026-10", "2026-Q4"))
both = pytest.mark.parametrize("shown", [MONTH, QUARTER], ids=["month", "quarter"])
NOTES = ("One sentence.", "=1+1")
SHEET = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


def sheets(content: bytes) -> dict[str, list[list[Value]]]:
    """The cells as a spreadsheet reads them; any formula fails."""
    with zipfile.ZipFile(io.BytesIO(content)) as book:
        strings = [
            "".join(part.text or "" for part in item.iter(f"{SHEET}t"))
            for item in ElementTree.fromstring(book.read("xl/sharedStrings.xml"))
        ]
        names = [
            sheet.attrib["name"]
            for sheet in ElementTree.fromstring(book.read("xl/workbook.xml")).iter(f"{SHEET}sheet")
        ]
        found: dict[str, list[list[Value]]] = {}
        for at, name in enumerate(names, start=1):
            root = ElementTree.fromstring(book.read(f"xl/worksheets/sheet{at}.xml"))
            assert list(root.iter(f"{SHEET}f")) == []
            found[name] = [
                [_cell(cell, strings) for cell in row.iter(f"{SHEET}c")]
                for row in root.iter(f"{SHEET}row")
            ]
    return found


def _cell(cell: ElementTree.Element, strings: list[str]) -> Value:
    number = int(cell.findtext(f"{SHEET}v") or "")
    return strings[number] if cell.attrib.get("t") == "s" else number


@both
def test_safety_22_a_csv_is_what_is_shown(shown: tuple[Grid, ...]) -> None:
    content = csv_of(shown, NOTES)
    assert content.startswith(b"\xef\xbb\xbf")  # or Excel takes UTF-8 for something else
    rows = list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))
    expected: list[list[str]] = []
    for grid in shown:
        expected += [[grid.title], list(grid.header)]
        expected += [[str(guarded(value)) for value in row] for row in grid.rows] + [[]]
    assert rows == [*expected, ["One sentence."], ["'=1+1"]]
    assert MARK in csv_of(MONTH).decode()


@both
def test_safety_22_a_workbook_is_what_is_shown(shown: tuple[Grid, ...]) -> None:
    found = sheets(xlsx_of(shown, NOTES))
    assert list(found) == [*(grid.name for grid in shown), "notes"]
    for grid in shown:
        assert found[grid.name] == [list(grid.header), *map(list, grid.rows)]
    assert found["notes"] == [["One sentence."], ["=1+1"]]


@both
def test_safety_22_json_is_what_is_shown(shown: tuple[Grid, ...]) -> None:
    found = json.loads(json_of(shown, NOTES))
    assert [tuple(map(tuple, table["rows"])) for table in found["tables"]] == [
        grid.rows for grid in shown
    ]
    assert found["notes"] == list(NOTES)


def test_numbers_are_numbers_and_the_mark_is_text() -> None:
    concern = sheets(xlsx_of(MONTH))["concern"]
    assert (concern[1][1], concern[-1][1]) == (MARK, 33)


@pytest.mark.parametrize("first", ["=", "+", "-", "@", "\t", "\r", "\n"])
def test_a_text_that_begins_like_a_formula_is_guarded(first: str) -> None:
    text = f"{first}1+1"
    assert guarded(text) == f"'{text}"
    bad = Grid("x", text, (text,), ((text,),), ())
    for row in csv.reader(io.StringIO(csv_of([bad]).decode("utf-8-sig"), newline="")):
        assert row in ([f"'{text}"], [])
    if first not in "\t\r\n":
        assert sheets(xlsx_of([bad]))["x"] == [[text], [text]]


@pytest.mark.parametrize("value", [7, 0, "7-9", MARK, "12+", "", "–"])
def test_what_is_no_formula_stays(value: Value) -> None:
    assert guarded(value) == value
