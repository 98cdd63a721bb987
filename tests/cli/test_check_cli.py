"""`helpline check`: a table for people, an object for machines, and the exit code for the gate."""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from helpline import catalogue, runtime
from helpline.catalogue import Fault
from helpline.cli import check
from helpline.core.check import Checked
from helpline.core.message import Kind
from helpline.core.text import Budget
from helpline.gateways.base import Channel
from helpline.runtime import Content
from tests.cli.tool import Ran, Tool

CHANNELS = """
[[channel]]
name = "bt-wide"
gateway = "africastalking-ussd"
programme = "bt"
address = "*1098#"
secrets = ["ussd-path-secret-0123456789"]
budget = { gsm7 = 182, ucs2 = 80 }
"""


@pytest.fixture
def tool(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Tool:
    """Speaks of Cambodia only, which takes a third of the time."""
    whole = runtime.content()
    small = replace(whole, programmes={"kh": whole.programmes["kh"]})
    monkeypatch.setattr(runtime, "content", lambda: small)
    return Tool({"HELPLINE_DATA": str(tmp_path)})


def findings_of(ran: Ran) -> list[dict[str, str]]:
    found = json.loads(ran.out)["findings"]
    assert isinstance(found, list)
    return found


def test_the_table_says_what_was_looked_at(tool: Tool) -> None:
    ran = tool("check")
    rows = [line.split() for line in ran.out.splitlines() if line.startswith("kh ")]
    assert [(row[1], row[2]) for row in rows] == [
        ("km", "ussd"),
        ("en", "ussd"),
        ("km", "sms"),
        ("en", "sms"),
    ]
    for row in rows:
        units, limit = map(int, row[-1].split("/"))
        assert 0 < units <= limit
    assert "kh: questions until something is filed: danger path 5, normal path 9" in ran.out
    assert "Checked: 1 programmes, 2 languages, 2 kinds" in ran.out


def test_the_json_holds_counts_rows_and_findings(tool: Tool) -> None:
    ran = tool("check", "--json")
    told = json.loads(ran.out)
    assert set(told) == {"checked", "rows", "questions", "findings"}
    assert told["checked"]["languages"] == 2
    assert told["checked"]["pages"] > told["checked"]["screens"] > 100
    assert told["questions"] == {"kh": {"danger": 5, "normal": 9}}


def test_only_areas_are_a_matter_of_another_programme(tool: Tool) -> None:
    """Alone, Cambodia never asks for an area: with the others the screen is reached."""
    ran = tool("check", "--json")
    assert ran.code == 1
    assert [(f["screen"], f["problem"]) for f in findings_of(ran)] == [
        ("area", "no caller can reach it")
    ]


def test_a_catalogue_fault_is_a_finding(tool: Tool, monkeypatch: pytest.MonkeyPatch) -> None:
    def faults() -> Iterator[Fault]:
        yield Fault("km", "Yes", "not translated")

    monkeypatch.setattr(catalogue, "faults", faults)
    ran = tool("check")
    assert ran.code == 1
    assert "km catalogue: 'Yes': not translated" in ran.out
    assert ran.out.rstrip().endswith("2 findings.")


def test_nothing_found_is_exit_code_0(tool: Tool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(check, "check", lambda *_: Checked((), ()))
    ran = tool("check")
    assert ran.code == 0
    assert ran.out.rstrip().endswith("Nothing wrong was found.")


def test_a_channel_with_its_own_budget_is_checked_too(tmp_path: Path) -> None:
    whole = runtime.content()
    assert [name for name, _ in check.players(whole, {})] == ["ussd", "sms"] * 3
    (tmp_path / "channels.toml").write_text(CHANNELS)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HELPLINE_DATA", str(tmp_path))
        configured = check.channels()
    named = dict(check.players(whole, configured))
    assert set(named) == {"ussd", "sms", "bt-wide"}
    frame = next(iter(named["bt-wide"].frames.values()))
    assert (frame.budget, frame.hide_key) == (Budget(182, 80), "9")


def test_a_channel_with_the_usual_budget_is_not_checked_twice() -> None:
    whole: Content = runtime.content()
    usual = Channel(
        "bt", "africastalking-ussd", "bt", "*1#", "BT", runtime.BUDGETS[Kind.USSD], ("x",)
    )
    assert [name for name, _ in check.players(whole, {"bt": usual})] == ["ussd", "sms"] * 3


@pytest.mark.parametrize("written", [None, "this is not TOML"])
def test_no_usable_channels_file_is_no_obstacle(tmp_path: Path, written: str | None) -> None:
    if written is not None:
        (tmp_path / "channels.toml").write_text(written)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HELPLINE_DATA", str(tmp_path))
        assert check.channels() == {}


def test_the_notices_are_those_that_are_sent() -> None:
    assert set(check.notices()) == {"stopped", "nudge", "overdue"}
