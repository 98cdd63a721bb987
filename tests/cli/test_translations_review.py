"""`helpline translations export|import` on copies of the catalogues, whatever they say today."""

import csv
import io
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from helpline import catalogue
from helpline.catalogue.review import NONE, Review, progress_of, put_review, review_of, state_of
from helpline.cli.review.plan import id_of
from helpline.cli.review.sheet import COLUMNS
from tests.cli.tool import Ran, Tool

LANGUAGE = "km"  # of one programme: the proofs are short
Cells = dict[str, str]
EVERY_TRANSLATION = tuple(code for code in catalogue.LANGUAGES if code != "en")


@pytest.fixture
def tool(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Tool:
    """Works on a copy of the catalogues; nobody has reviewed the strings of LANGUAGE."""
    shutil.copytree(catalogue.LOCALES, tmp_path / "locales")
    monkeypatch.setattr(catalogue, "LOCALES", tmp_path / "locales")
    fresh = catalogue.read(LANGUAGE)
    for message in fresh:
        put_review(message, NONE)
    fresh.header_comment = f"# Review: drafted; {catalogue.NOT_REVIEWED}"
    catalogue.write(LANGUAGE, fresh)
    return Tool({"HELPLINE_DATA": str(tmp_path / "data")})


@pytest.fixture
def rows(tool: Tool) -> list[Cells]:
    return exported(tool, LANGUAGE)


def exported(tool: Tool, language: str) -> list[Cells]:
    ran = tool("translations", "export", "--language", language)
    assert (ran.code, ran.err) == (0, "")
    return list(csv.DictReader(io.StringIO(ran.out.removeprefix("\ufeff"), newline="")))


def put(rows: list[Cells], folder: Path) -> Path:
    out = io.StringIO()
    lines = csv.DictWriter(out, COLUMNS)
    lines.writeheader()
    lines.writerows(rows)
    path = folder / "filled.csv"
    path.write_bytes(out.getvalue().encode("utf-8-sig"))
    return path


def taken(tool: Tool, rows: list[Cells], folder: Path, *options: str) -> Ran:
    return tool("translations", "import", str(put(rows, folder)), *options)


def files() -> dict[str, bytes]:
    return {code: catalogue.path_of(code).read_bytes() for code in catalogue.LANGUAGES}


def the(rows: list[Cells], role: str) -> Cells:
    """The first row of that role."""
    return next(row for row in rows if role in row["where"] and row["text"])


def review_in(language: str, msgid: str) -> Review:
    message = catalogue.read(language).get(msgid)
    assert message is not None
    return review_of(message)


def text_in(language: str, msgid: str) -> str:
    message = catalogue.read(language).get(msgid)
    assert message is not None
    return str(message.string)


class TestExport:
    @pytest.mark.parametrize("language", EVERY_TRANSLATION)
    def test_it_holds_every_string_once(self, tool: Tool, language: str) -> None:
        rows = exported(tool, language)
        assert sorted(row["english"] for row in rows) == sorted(
            str(message.id) for message in catalogue.read(language) if message.id
        )
        assert {row["id"]: row["language"] for row in rows} == {
            id_of(row["english"]): language for row in rows
        }
        assert all(row["where"] and row["room"] and not row["new_text"] for row in rows)

    def test_it_says_where_and_how_much_room(self, rows: list[Cells]) -> None:
        for role in ("question", "choice", "last screen", "decoy", "SMS notice", "line of a key"):
            assert the(rows, role)
        assert "units left" in the(rows, "choice")["room"]
        assert "one SMS segment: " in the(rows, "SMS notice")["room"]
        assert any("pages" in row["room"] for row in rows)

    def test_notes_for_translators_are_shown(self, rows: list[Cells]) -> None:
        noted = [str(m.id) for m in catalogue.read(LANGUAGE) if m.id and m.auto_comments]
        assert noted
        assert all("Note: " in row["where"] for row in rows if row["english"] in noted)

    def test_a_file_is_written_once(self, tool: Tool, tmp_path: Path) -> None:
        """The second export would bury what a reviewer has filled in."""
        out = tmp_path / "km.csv"
        command = ("translations", "export", "--language", LANGUAGE, "--output", str(out))
        assert tool(*command).code == 0
        assert out.read_bytes().startswith(b"\xef\xbb\xbfid,")
        again = tool(*command)
        assert again.code == 2
        assert again.sentence() == f"{out} is there already; give another name."

    def test_a_folder_that_is_not_there(self, tool: Tool, tmp_path: Path) -> None:
        out = str(tmp_path / "none" / "km.csv")
        ran = tool("translations", "export", "--language", LANGUAGE, "--output", out)
        assert ran.sentence().startswith("Cannot write ")

    def test_english_is_not_exported(self, tool: Tool) -> None:
        assert tool("translations", "export", "--language", "en").code == 2


class TestRoundTrip:
    @pytest.mark.parametrize("language", EVERY_TRANSLATION)
    def test_an_export_taken_back_changes_nothing(
        self, tool: Tool, tmp_path: Path, language: str
    ) -> None:
        before = files()
        ran = taken(tool, exported(tool, language), tmp_path)
        assert (ran.code, ran.out) == (0, f"0 strings of {language} change.\n")
        assert files() == before

    def test_nor_does_it_after_a_review(
        self, tool: Tool, rows: list[Cells], tmp_path: Path
    ) -> None:
        for number, row in enumerate(rows):
            row |= {
                "back_translation": f"-{number}--=",
                "verdict": ["ok", "unsure", "change"][number % 3],
            }
            row["back_translation"] = "'" + row["back_translation"]
        assert taken(tool, rows, tmp_path).code == 0
        before, again = files(), exported(tool, LANGUAGE)
        assert [row["back_translation"] for row in again] == [
            f"'-{number}\u2013=" for number in range(len(rows))
        ]
        assert taken(tool, again, tmp_path).code == 0
        assert files() == before


class TestImport:
    def test_verdicts_and_back_translations_are_kept_through_an_update(
        self, tool: Tool, rows: list[Cells], tmp_path: Path
    ) -> None:
        first, second = rows[:2]
        first |= {"verdict": "ok", "back_translation": "In danger?"}
        second |= {"verdict": "unsure"}
        assert taken(tool, rows[:2], tmp_path).code == 0
        tool("translations", "update")
        assert review_in(LANGUAGE, first["english"]) == Review("In danger?", "ok")
        assert review_in(LANGUAGE, second["english"]) == Review("", "unsure")
        shown = {row["id"]: row for row in exported(tool, LANGUAGE)}
        assert shown[first["id"]] == first
        status = {
            str(row["language"]): row for row in tool("translations", "status", "--json").json()
        }
        counts = {name: status[LANGUAGE][name] for name in ("back_translated", "ok", "unsure")}
        assert counts == {"back_translated": 1, "ok": 1, "unsure": 1}
        assert str(status[LANGUAGE]["review"]).startswith(f"1 of {len(rows)} strings reviewed; ")

    def test_a_new_text_takes_the_place_and_ends_the_verdict(
        self, tool: Tool, rows: list[Cells], tmp_path: Path
    ) -> None:
        row = the(rows, "choice")
        assert taken(tool, [{**row, "verdict": "ok"}], tmp_path).code == 0
        new = row["text"][:-1]
        ran = taken(tool, [{**row, "verdict": "change", "new_text": new}], tmp_path)
        assert ran.code == 0
        assert f"text: {row['text']} -> {new}" in ran.out
        assert text_in(LANGUAGE, row["english"]) == new
        assert review_in(LANGUAGE, row["english"]) == NONE
        assert "0 of " in catalogue.review_state(LANGUAGE)

    def test_a_text_changed_by_hand_ends_its_verdict(
        self, tool: Tool, rows: list[Cells], tmp_path: Path
    ) -> None:
        for row in rows:
            row["verdict"] = "ok"
        assert taken(tool, rows, tmp_path, "--reviewer", "two readers").code == 0
        edited = catalogue.read(LANGUAGE)
        message = edited.get(rows[0]["english"])
        assert message is not None
        message.string = f"{message.string} "
        catalogue.write(LANGUAGE, edited)
        assert "the header says reviewed" in tool("translations", "check").out
        tool("translations", "update")
        assert catalogue.review_state(LANGUAGE).startswith(f"{len(rows) - 1} of {len(rows)} ")
        assert "# Review of: " not in _entry(message.id)

    def test_a_dry_run_writes_nothing(self, tool: Tool, rows: list[Cells], tmp_path: Path) -> None:
        before = files()
        rows[0]["verdict"] = "ok"
        ran = taken(tool, rows, tmp_path, "--dry-run")
        assert ran.code == 0
        assert "verdict: - -> ok" in ran.out
        assert ran.out.endswith(f"1 strings of {LANGUAGE} change; nothing was written.\n")
        assert files() == before

    def test_a_screen_that_takes_more_pages_is_told(
        self, tool: Tool, rows: list[Cells], tmp_path: Path
    ) -> None:
        """It fits, and a caller must press more keys: a reviewer should know."""
        row = next(r for r in rows if r["where"].endswith(": question") and "{" not in r["english"])
        longer = {**row, "verdict": "change", "new_text": row["text"] + " ក" * 60}
        ran = taken(tool, [longer], tmp_path, "--dry-run")
        assert ran.code == 0
        notes = [line for line in ran.out.splitlines() if line.startswith("note: ")]
        screen = row["where"].partition(":")[0].split(", ")[0]
        assert any(screen in line and " ussd) takes " in line for line in notes)

    def test_a_file_that_is_not_there(self, tool: Tool, tmp_path: Path) -> None:
        ran = tool("translations", "import", str(tmp_path / "none.csv"))
        assert (ran.code, ran.sentence()[:12]) == (2, "Cannot read ")

    def test_a_string_that_waits_is_filled(
        self, tool: Tool, rows: list[Cells], tmp_path: Path
    ) -> None:
        """Other strings may still be waiting: their screens are not held against this one."""
        wait = catalogue.read(LANGUAGE)
        for row in rows[:5]:
            message = wait.get(row["english"])
            assert message is not None
            message.string = ""
        catalogue.write(LANGUAGE, wait)
        assert (
            taken(tool, [{**rows[0], "text": "", "new_text": rows[0]["text"]}], tmp_path).code == 0
        )
        assert text_in(LANGUAGE, rows[0]["english"]) == rows[0]["text"]


def _entry(msgid: object) -> str:
    """The lines of one string in the file."""
    text = catalogue.path_of(LANGUAGE).read_text(encoding="utf-8")
    return next(part for part in text.split("\n\n") if f'msgid "{msgid}"' in part)


class TestReviewer:
    def test_all_ok_and_a_name_make_a_reviewed_catalogue(
        self, tool: Tool, rows: list[Cells], tmp_path: Path
    ) -> None:
        for row in rows:
            row["verdict"] = "ok"
        ran = taken(tool, rows, tmp_path)
        assert "say who reviewed them with --reviewer" in ran.out
        assert catalogue.NOT_REVIEWED in catalogue.review_state(LANGUAGE)
        assert taken(tool, rows, tmp_path, "--reviewer", "two readers").code == 0
        state = state_of(catalogue.read(LANGUAGE))
        assert state.startswith("reviewed by two readers on 20")
        assert progress_of(catalogue.read(LANGUAGE)).complete
        assert tool("translations", "check").code == 0
        assert state in tool("translations", "status").out

    def test_one_string_less_and_nobody_is_named(
        self, tool: Tool, rows: list[Cells], tmp_path: Path
    ) -> None:
        for row in rows[1:]:
            row["verdict"] = "ok"
        ran = taken(tool, rows, tmp_path, "--reviewer", "two readers")
        assert "The reviewer is not named yet" in ran.out
        assert catalogue.NOT_REVIEWED in catalogue.review_state(LANGUAGE)

    @pytest.mark.parametrize("name", ["", " ", "a" * 61, "a\x1b[2Jb"])
    def test_a_name_that_no_header_can_hold(self, tool: Tool, tmp_path: Path, name: str) -> None:
        ran = tool("translations", "import", str(tmp_path / "any.csv"), "--reviewer", name)
        assert ran.code == 2


def too_long(row: Cells) -> None:
    row |= {"verdict": "change", "new_text": row["text"] + "ក" * 200}


def telling(row: Cells) -> None:
    """A word of police reports: SAFETY 5."""
    row |= {"verdict": "change", "new_text": f"នគរបាល {row['text']}"}


def beginning_with_a_digit(row: Cells) -> None:
    row |= {"verdict": "change", "new_text": f"៣ {row['text']}"}


UNFIT: list[tuple[str, Callable[[Cells], None], str]] = [
    ("choice", too_long, "too long: "),
    ("decoy", too_long, "too long: "),
    ("SMS notice", too_long, "too long: "),
    ("line of a key", too_long, "too long: "),
    ("decoy", telling, "tells an onlooker"),
    ("SMS notice", telling, "tells an onlooker"),
    ("last screen", telling, "tells an onlooker"),
    ("decoy", beginning_with_a_digit, "has a line that begins with a digit"),
]


def alone(rows: list[Cells], role: str) -> Cells:
    """The first row of that role and no other."""
    roles = [row["where"].partition(". Note")[0].rpartition(": ")[2] for row in rows]
    return next(row for row, found in zip(rows, roles, strict=True) if found.startswith(role))


@pytest.mark.parametrize(("role", "spoil", "reason"), UNFIT)
def test_what_does_not_do_on_a_screen_is_refused(
    tool: Tool,
    rows: list[Cells],
    tmp_path: Path,
    role: str,
    spoil: Callable[[Cells], None],
    reason: str,
) -> None:
    row = alone(rows, role)
    number = rows.index(row) + 2
    spoil(row)
    before = files()
    ran = taken(tool, rows, tmp_path)
    assert ran.code == 1
    *refusals, end = ran.out.splitlines()
    assert all(line.startswith(f"row {number} ({row['id']}): ") for line in refusals)
    assert any(f": {reason}" in line and "; on " in line for line in refusals)
    assert end == f"{len(refusals)} refused; nothing was written. Mend them and import again."
    assert files() == before


def test_one_refusal_and_nothing_is_written(tool: Tool, rows: list[Cells], tmp_path: Path) -> None:
    """Rows and screens are both told of, in the order of the sheet."""
    before = files()
    for row in rows:
        row["verdict"] = "ok"
    rows[1]["verdict"] = "fine"
    rows[2]["id"] = "s0"
    too_long(the(rows, "decoy"))
    ran = taken(tool, rows, tmp_path, "--dry-run")
    assert ran.code == 1
    numbers = [line.split()[1] for line in ran.out.splitlines()[:-1]]
    decoy = str(rows.index(the(rows, "decoy")) + 2)
    assert list(dict.fromkeys(numbers)) == ["3", "4", decoy]
    assert files() == before


def test_what_was_wrong_before_is_not_held_against_a_sheet(
    tool: Tool, rows: list[Cells], tmp_path: Path
) -> None:
    broken = catalogue.read(LANGUAGE)
    message = broken.get(the(rows, "decoy")["english"])
    assert message is not None
    message.string = "ក" * 99
    catalogue.write(LANGUAGE, broken)
    row = the(rows, "choice")
    assert (
        taken(tool, [{**row, "verdict": "change", "new_text": row["text"][:-1]}], tmp_path).code
        == 0
    )


def test_another_file_is_no_sheet(tool: Tool) -> None:
    ran = tool("translations", "import", str(catalogue.path_of(LANGUAGE)))
    assert ran.code == 1
    assert ran.out.startswith("the file: wrong columns: ")


def test_a_sheet_of_english_is_refused(tool: Tool, rows: list[Cells], tmp_path: Path) -> None:
    for row in rows:
        row["language"] = "en"
    ran = taken(tool, rows, tmp_path)
    assert ran.code == 1
    assert "unknown language 'en'" in ran.out


@pytest.mark.parametrize("language", ["dz_Latn", "ur_Latn"])
def test_plain_letters_only_where_they_cost_less(tool: Tool, tmp_path: Path, language: str) -> None:
    row = the(exported(tool, language), "choice")
    ran = taken(tool, [{**row, "verdict": "change", "new_text": "sh\u00fc"}], tmp_path)
    assert ran.code == 1
    assert "not plain Latin letters: U+00FC" in ran.out
