"""Reports as files for spreadsheets: exactly the words and numbers of the grids, no formulas."""

import csv
import io
import json
from collections.abc import Sequence

import xlsxwriter  # type: ignore[import-untyped]

from helpline.core.report_words import Grid, Value

# A cell that begins so is taken for a formula by spreadsheets (OWASP, "CSV Injection").
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
_SHEET_NAME = 31  # characters, the most that Excel takes


def guarded(value: Value) -> Value:
    """A text that no spreadsheet computes."""
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA) else value


def csv_of(grids: Sequence[Grid], notes: Sequence[str] = ()) -> bytes:
    """One table after the other, an empty line between; UTF-8 with the mark that Excel needs."""
    written = io.StringIO(newline="")
    writer = csv.writer(written)
    for grid in grids:
        writer.writerow([guarded(grid.title)])
        writer.writerow([guarded(column) for column in grid.header])
        writer.writerows([guarded(value) for value in row] for row in grid.rows)
        writer.writerow([])
    writer.writerows([guarded(note)] for note in notes)
    return written.getvalue().encode("utf-8-sig")


def xlsx_of(grids: Sequence[Grid], notes: Sequence[str] = ()) -> bytes:
    """A sheet per table, and one with the notes."""
    made = io.BytesIO()
    options = {
        "in_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
    }
    book = xlsxwriter.Workbook(made, options)
    bold = book.add_format({"bold": True})
    for grid in grids:
        sheet = book.add_worksheet(grid.name[:_SHEET_NAME])
        sheet.write_row(0, 0, grid.header, bold)
        sheet.freeze_panes(1, 0)
        sheet.set_column(0, 0, 40)
        sheet.set_column(1, len(grid.header) - 1, 18)
        for at, row in enumerate(grid.rows, start=1):
            sheet.write_row(at, 0, row)
    about = book.add_worksheet("notes")
    for at, note in enumerate(notes):
        about.write_string(at, 0, note)
    book.close()
    return made.getvalue()


def json_of(grids: Sequence[Grid], notes: Sequence[str] = ()) -> str:
    tables = [
        {"name": grid.name, "title": grid.title, "header": grid.header, "rows": grid.rows}
        for grid in grids
    ]
    return json.dumps({"tables": tables, "notes": list(notes)}, ensure_ascii=False)
