"""`helpline reports`: the tables on the terminal and in files."""

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from helpline import runtime
from helpline.config import Config
from helpline.core import periods
from helpline.core.suppression import MARK
from helpline.service.filing import Origin
from tests.cli.tool import Ran, Tool, prepared
from tests.world import report

BT = ("reports", "--programme", "bt")


@pytest.fixture(scope="module")
def tool(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tool]:
    """Last month nine requests came in about violence at home and two others."""
    tool = prepared(tmp_path_factory.mktemp("reports") / "data")
    parts = runtime.build(Config.from_env(tool.settings), receiving=False)
    zone = parts.content.programmes["bt"].zone
    first = runtime.now().astimezone(zone).replace(day=1, hour=12)
    try:
        for at in range(11):
            told = report(about=str(at), concern="home" if at < 9 else "sexual")
            origin = Origin("bt-ussd", runtime.new_id(), "+97510600001")
            with parts.record.writing() as connection:
                parts.filing.file_in(connection, origin, told, first - timedelta(days=5))
        yield tool
    finally:
        parts.close()


def last_month(tool: Tool) -> str:
    zone = runtime.content().programmes["bt"].zone
    return periods.before(periods.month_of(runtime.now(), zone))


def table(ran: Ran, name: str) -> list[list[str | int]]:
    tables = json.loads(ran.out)["tables"]
    rows: list[list[str | int]] = next(t["rows"] for t in tables if t["name"] == name)
    return rows


def test_the_last_month_is_shown(tool: Tool) -> None:
    ran = tool(*BT)
    assert ran.code == 0
    assert "Requests by concern" in ran.out
    assert "These numbers are of some desks" not in ran.out
    month = ran.out.split("\n\n")[0].splitlines()
    assert [line.split() for line in month] == [
        ["Requests", "by", "month"],
        ["Month", "Requests"],
        [last_month(tool), "11"],
        ["Total", "11"],
    ]


def test_safety_22_small_numbers_are_hidden(tool: Tool) -> None:
    ran = tool(*BT, "--by", "concern", "--json")
    rows = {row[0]: row[1] for row in table(ran, "concern")}
    assert rows["Violence at home"] == rows["Sexual abuse"] == rows["Something else"] == MARK
    assert rows["Total"] == 11


def test_one_table_and_one_period(tool: Tool) -> None:
    ran = tool(*BT, "--by", "district", "--period", "2025-03", "--json")
    assert table(ran, "district") == [["Total", 0]]


def test_categories(tool: Tool) -> None:
    ran = tool(*BT, "--by", "category", "--json")
    rows = table(ran, "category")
    assert rows[0] == ["Violence", "Sexual violence", "0+"]


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_a_file_is_written_once(tool: Tool, tmp_path: Path, form: str) -> None:
    file = tmp_path / f"report.{form}"
    assert tool(*BT, f"--{form}", str(file)).out == f"The report is in {file}.\n"
    before = file.read_bytes()
    assert before.startswith(b"\xef\xbb\xbf" if form == "csv" else b"PK")
    again = tool(*BT, f"--{form}", str(file))
    assert (again.code, again.sentence()) == (1, f"{file} cannot be written: File exists.")
    assert file.read_bytes() == before


def test_a_wrong_period_is_refused(tool: Tool) -> None:
    ran = tool(*BT, "--period", "yesterday")
    expected = (1, "Give a period as 2026-11, 2026-Q4, 2026 or all.")
    assert (ran.code, ran.sentence()) == expected


def test_every_report_is_in_the_audit_log(tool: Tool) -> None:
    def rows() -> int:
        return int(tool("audit", "verify").out.split(": ")[1].split()[0])

    before = rows()
    tool(*BT, "--json")
    assert rows() == before + 1
