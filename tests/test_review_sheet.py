"""The reviewer's sheet: what is written is read back, and what cannot be read is named."""

import csv
import io
from collections.abc import Callable, Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpline.cli.review import sheet
from helpline.cli.review.sheet import COLUMNS, Numbered, Refusal, Row, guard, parse, render, unguard

ROW = Row(
    id="s0123456789",
    language="km",
    where="home: question",
    room="USSD: 3 of 70 units left",
    english="Get help",
    text="សុំជំនួយ",
    back_translation="Ask for help",
    verdict="ok",
    new_text="",
)
FIELDS = ("english", "text", "back_translation", "new_text")


def with_(**cells: str) -> Row:
    return replace(ROW, **cells)


def written(lines: Sequence[Sequence[str]], delimiter: str = ",") -> bytes:
    """As a spreadsheet saves it: no guard is put on by us."""
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter).writerows(lines)
    return out.getvalue().encode("utf-8-sig")


def cells(**other: str) -> list[str]:
    return [other.get(name, getattr(ROW, name)) for name in COLUMNS]


def refused(data: bytes) -> list[str]:
    _, refusals = parse(data)
    return [str(refusal) for refusal in refusals]


class TestRoundTrip:
    def test_what_is_written_is_read(self) -> None:
        assert parse(render([ROW, ROW])) == ((Numbered(2, ROW), Numbered(3, ROW)), ())

    @given(st.sampled_from(FIELDS), st.text(st.characters(codec="utf-8", exclude_characters="\r")))
    def test_any_text_comes_back_but_for_blanks_at_its_ends(self, name: str, text: str) -> None:
        """Blanks inside a guard stay; no string of ours begins or ends with one."""
        rows, refusals = parse(render([with_(**{name: text})]))
        if refusals:  # only what is no text but the name of a failed formula, or endless
            assert all(refusal.number == 2 for refusal in refusals)
            return
        assert getattr(rows[0].row, name).strip(" ") == text.strip(" ")

    @given(st.text())
    def test_a_guard_comes_off_again(self, text: str) -> None:
        assert unguard(guard(text)) == text

    @pytest.mark.parametrize("first", ["=", "+", "-", "@", "\t", "\r", "\n", " =", "＝", "'="])
    def test_no_cell_is_a_formula(self, first: str) -> None:
        (line,) = list(csv.reader(io.StringIO(render([with_(text=f"{first}1+1")]).decode())))[1:]
        assert line[COLUMNS.index("text")] == f"'{first}1+1"

    @pytest.mark.parametrize("text", ["'ang", "''", "1-2", "a=b", "{number}", "'"])
    def test_other_texts_stay_as_they_are(self, text: str) -> None:
        assert guard(text) == text == unguard(text)

    def test_excel_knows_the_letters(self) -> None:
        assert render([ROW]).startswith(b"\xef\xbb\xbfid,language,")


class TestWhatSpreadsheetsDo:
    @pytest.mark.parametrize("delimiter", [",", ";", "\t"])
    def test_the_delimiter_of_the_country(self, delimiter: str) -> None:
        assert parse(written([COLUMNS, cells()], delimiter)) == ((Numbered(2, ROW),), ())

    def test_empty_rows_and_columns_at_the_end(self) -> None:
        lines = [[*COLUMNS, ""], [*cells(), ""], [""] * 10, cells()]
        rows, refusals = parse(written(lines))
        assert ([row.number for row in rows], refusals) == ([2, 4], ())

    def test_a_line_without_its_last_empty_cells(self) -> None:
        assert parse(written([COLUMNS, cells()[:-1]])) == ((Numbered(2, ROW),), ())

    def test_columns_in_another_order(self) -> None:
        assert parse(written([COLUMNS[::-1], cells()[::-1]])) == ((Numbered(2, ROW),), ())

    def test_a_row_is_counted_as_the_spreadsheet_does(self) -> None:
        """A cell of two lines is one row."""
        rows, _ = parse(written([COLUMNS, cells(where="home\nregion"), cells()]))
        assert [row.number for row in rows] == [2, 3]


WHOLE_FILE: list[tuple[str, Callable[[], bytes], str]] = [
    ("empty", lambda: b"", "wrong columns: it lacks id, "),
    ("no UTF-8", lambda: "id,\u00e9".encode("latin-1"), "it is not UTF-8; save it as"),
    ("UTF-16", lambda: render([ROW]).decode().encode("utf-16"), "it is not UTF-8"),
    ("a column lost", lambda: written([COLUMNS[:-1]]), "wrong columns: it lacks new_text"),
    ("a column more", lambda: written([[*COLUMNS, "notes"]]), "wrong columns: it adds 'notes'"),
    ("a column twice", lambda: written([[*COLUMNS, "id"]]), "wrong columns: it doubles id"),
    ("no rows", lambda: written([COLUMNS]), "it holds no rows"),
    ("too large", lambda: b"a" * (sheet.MOST_BYTES + 1), "it is larger than"),
    (
        "too many rows",
        lambda: written([COLUMNS, *[cells()] * (sheet.MOST_ROWS + 1)]),
        "it has more than",
    ),
    (
        "an open quotation mark",
        lambda: written([COLUMNS]) + b'"s1,km,open',
        "it is no CSV file",
    ),
]


@pytest.mark.parametrize(
    ("data", "begins"), [case[1:] for case in WHOLE_FILE], ids=[case[0] for case in WHOLE_FILE]
)
def test_a_file_that_cannot_be_read_is_refused_as_a_whole(
    data: Callable[[], bytes], begins: str
) -> None:
    (sentence,) = refused(data())
    assert sentence.startswith(f"the file: {begins}")


@pytest.mark.parametrize("formula", ["=A1", "+41", "-x", "@me", "#NAME?", "#REF!", " =A1"])
@pytest.mark.parametrize("name", ["new_text", "back_translation", "verdict", "text"])
def test_a_formula_is_refused(name: str, formula: str) -> None:
    (sentence,) = refused(written([COLUMNS, cells(**{name: formula})]))
    assert sentence.startswith(f"row 2 (s0123456789): {name}: the cell is a formula")


def test_what_nobody_reads_back_may_be_anything() -> None:
    assert refused(written([COLUMNS, cells(where="=A1", room="#REF!")])) == []


def test_a_cell_without_end_is_refused() -> None:
    (sentence,) = refused(written([COLUMNS, cells(new_text="a" * (sheet.MOST_LETTERS + 1))]))
    assert "new_text: longer than" in sentence


def test_more_cells_than_columns() -> None:
    (sentence,) = refused(written([COLUMNS, [*cells(), "more"]]))
    assert "more cells than columns" in sentence


def test_a_refusal_repeats_no_strange_letters() -> None:
    assert str(Refusal(3, "\x1b[2J", "unknown id")) == "row 3: unknown id"
