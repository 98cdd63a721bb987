"""`helpline directory`: what an operator types, reads and gets back."""

from pathlib import Path

import pytest

from helpline.store import migrate
from helpline.store.record import Record
from tests import quetta
from tests.cli.tool import Tool, prepared
from tests.quetta import table

HAA = (
    'BT-WCPD-13,bt,WCPD,"Women and Child Protection Desk, Haa",BT-13,BT-WCPU-PARO,BT-13,'
    "+97510600013,24/7,yes,yes,Letter,2025-06-01"
)


@pytest.fixture
def tool(tmp_path: Path) -> Tool:
    return prepared(tmp_path / "data")


def files(folder: Path) -> list[str]:
    return [str(path) for path in quetta.written(folder)]


class TestImport:
    def test_says_how_much_and_which_revision(self, tool: Tool, tmp_path: Path) -> None:
        ran = tool("directory", "import", *files(tmp_path), "--actor", "sonam")
        assert (ran.code, ran.err) == (0, "")
        assert ran.out == (
            "Imported: places 10 new, 0 changed, desks 10 new, 0 changed. "
            "The directory is at revision 2.\n"
        )

    def test_again_says_that_nothing_changes(self, tool: Tool, tmp_path: Path) -> None:
        tool("directory", "import", *files(tmp_path))
        ran = tool("directory", "import", *files(tmp_path))
        assert (ran.code, ran.out) == (
            0,
            "Nothing changes: the directory has all of this already.\n",
        )

    def test_dry_run_changes_nothing(self, tool: Tool, tmp_path: Path) -> None:
        ran = tool("directory", "import", "--dry-run", *files(tmp_path))
        assert ran.code == 0
        assert ran.out.startswith("Would be imported: places 10 new, 0 changed, desks 10 new")
        assert len(tool("directory", "export", "desks", "--own").out.splitlines()) == 1

    def test_a_fault_is_told_with_its_line_and_exit_code_1(
        self, tool: Tool, tmp_path: Path
    ) -> None:
        path = table(tmp_path, "desks", HAA, HAA.replace("BT-WCPD-13", "BT-OTHER"))
        ran = tool("directory", "import", str(path))
        assert (ran.code, ran.sentence()) == (
            1,
            "desks.csv: line 3: BT-OTHER: answers for BT-13, as BT-WCPD-13 does already.",
        )
        assert len(tool("directory", "export", "desks", "--own").out.splitlines()) == 1

    def test_one_file_alone_that_needs_the_other_names_every_line(
        self, tool: Tool, tmp_path: Path
    ) -> None:
        desks, _places = files(tmp_path)
        ran = tool("directory", "import", desks)
        assert ran.code == 1
        assert len(ran.err.splitlines()) == 10

    @pytest.mark.parametrize("actor", ["", "x" * 65, "a\nb"])
    def test_the_audit_log_names_somebody(self, tool: Tool, tmp_path: Path, actor: str) -> None:
        ran = tool("directory", "import", *files(tmp_path), "--actor", actor)
        assert (ran.code, ran.sentence()) == (1, "An actor's name has 1 to 64 letters.")

    def test_an_empty_folder_is_told_to_be_made_first(self, tmp_path: Path) -> None:
        ran = Tool({"HELPLINE_DATA": str(tmp_path / "new")})(
            "directory", "import", *files(tmp_path)
        )
        assert (ran.code, ran.sentence()) == (2, "There is no database; run `helpline init`.")
        assert not (tmp_path / "new").exists()

    def test_a_database_that_does_not_answer_is_a_sentence(
        self, tool: Tool, tmp_path: Path
    ) -> None:
        url = "postgresql+psycopg://me:hunter2@127.0.0.1:9/helpline"
        lost = Tool({**tool.settings, "DATABASE_URL": url})
        ran = lost("directory", "import", *files(tmp_path))
        assert (ran.code, ran.sentence()) == (
            1,
            "The database cannot be used (OperationalError); nothing was changed. "
            "Start it or mend DATABASE_URL; see `helpline doctor`.",
        )

    def test_an_old_schema_is_told_to_be_brought_up(self, tmp_path: Path) -> None:
        """As after an upgrade of the program, before `helpline init`."""
        data = tmp_path / "data"
        old = prepared(data)
        (data / "helpline.sqlite3").unlink()
        record = Record(f"sqlite:///{data / 'helpline.sqlite3'}")
        migrate.upgrade(record, "0001")
        record.close()
        ran = old("directory", "import", *files(tmp_path))
        assert ran.code == 2
        assert ran.sentence() == "The record's schema is not the newest; run `helpline init`."
        assert old("init").code == 0
        assert old("directory", "import", *files(tmp_path)).code == 0


class TestValidate:
    def test_says_what_an_import_would_change(self, tool: Tool, tmp_path: Path) -> None:
        ran = tool("directory", "validate", *files(tmp_path))
        assert (ran.code, ran.err) == (0, "")
        assert ran.out.startswith("Nothing is wrong. An import would change: places 10 new")

    def test_works_before_there_is_a_database(self, tmp_path: Path) -> None:
        bare = Tool({"HELPLINE_DATA": str(tmp_path / "new")})
        assert bare("directory", "validate", *files(tmp_path)).code == 0
        assert bare("directory", "export", "places").out.startswith("code,level,kind,parent")
        assert not (tmp_path / "new").exists()

    def test_a_fault_is_exit_code_1(self, tool: Tool, tmp_path: Path) -> None:
        path = table(tmp_path, "desks", HAA.replace("24/7", "always"))
        ran = tool("directory", "validate", str(path))
        assert ran.code == 1
        assert ran.sentence().startswith("desks.csv: line 2: BT-WCPD-13: hours: 'always'")


class TestDiff:
    def test_shows_each_cell_that_changes(self, tool: Tool, tmp_path: Path) -> None:
        ran = tool("directory", "diff", str(table(tmp_path, "desks", HAA)))
        assert ran.code == 1
        head, *cells = ran.out.splitlines()
        assert head == "desks BT-WCPD-13 (changed, desks.csv: line 2)"
        assert cells[0] == "  phone: '' -> '+97510600013'"
        assert [cell.split(":")[0] for cell in cells] == ["  phone", "  source", "  source_date"]

    def test_shows_what_a_new_row_says(self, tool: Tool, tmp_path: Path) -> None:
        out = tool("directory", "diff", *files(tmp_path)).out.splitlines()
        assert out[0] == "places PK-BA-QUETTA-06 (new, places.csv: line 2)"
        assert "  name_en: Area Six" in out
        assert not [line for line in out if line.endswith(": ")]

    def test_is_empty_and_exit_code_0_once_it_is_imported(self, tool: Tool, tmp_path: Path) -> None:
        tool("directory", "import", *files(tmp_path))
        ran = tool("directory", "diff", *files(tmp_path))
        assert (ran.code, ran.out, ran.err) == (0, "", "")


class TestExport:
    @pytest.mark.parametrize("name", ["places", "desks", "holidays"])
    def test_imported_again_changes_nothing(self, tool: Tool, tmp_path: Path, name: str) -> None:
        tool("directory", "import", *files(tmp_path))
        path = tmp_path / "all.csv"
        assert tool("directory", "export", name, "--output", str(path)).code == 0
        assert path.read_text("utf-8") == tool("directory", "export", name).out
        assert tool("directory", "diff", str(path)).code == 0

    def test_of_own_rows_is_the_file_that_was_imported(self, tool: Tool, tmp_path: Path) -> None:
        tool("directory", "import", *files(tmp_path))
        for path in quetta.written(tmp_path):
            out = tmp_path / "own.csv"
            tool("directory", "export", path.stem, "--own", "--output", str(out))
            assert out.read_bytes() == path.read_bytes()

    def test_that_cannot_be_written_is_said_in_a_sentence(self, tool: Tool, tmp_path: Path) -> None:
        ran = tool("directory", "export", "desks", "--output", str(tmp_path))
        assert (ran.code, ran.sentence()) == (1, f"{tmp_path} cannot be written: Is a directory.")


class TestEverythingElse:
    """What reads the directory reads the operator's rows."""

    @pytest.fixture(autouse=True)
    def imported(self, tool: Tool, tmp_path: Path) -> None:
        assert tool("directory", "import", *files(tmp_path)).code == 0

    def test_check_proves_the_screens_with_them(self, tool: Tool) -> None:
        assert tool("check").code == 0

    def test_a_desk_can_be_staffed_and_stays_after_init(self, tool: Tool) -> None:
        assert tool("init").code == 0
        assert tool("officers", "add", "Gul", "--desk", "PK-GFD-QTA-09").code == 0
        assert "Gul" in tool("desks", "show", "PK-GFD-QTA-09").out

    def test_doctor_knows_the_new_desks(self, tool: Tool) -> None:
        assert "of 35 desks" in tool("doctor").out
