"""`helpline check`: a table for people, an object for machines, and the exit code for the gate."""

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from flows import FLOW
from helpline import catalogue, runtime
from helpline.catalogue import Fault
from helpline.cli import check
from helpline.core.check import Checked
from helpline.core.flow import End
from helpline.core.message import Kind
from helpline.core.officer_texts import ANSWERS
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
ARROWS = {
    "mermaid": r'^  s_(\w+) -->(?:\|"(.*?)"\|)? s_(\w+)$',
    "dot": r'^  "([^"]+)" -> "([^"]+)" \[label="(.*)"\];$',
}


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
    table = ran.out.partition("questions")[0].splitlines()
    rows = [line.split() for line in table if line.startswith("kh ")]
    assert [(row[1], row[2]) for row in rows] == [
        ("km", "ussd"),
        ("en", "ussd"),
        ("km", "sms"),
        ("en", "sms"),
    ]
    for row in rows:
        units, limit = map(int, row[-1].split("/"))
        assert 0 < units <= limit
    questions = "call 5, call for a child 5, danger 5, find a desk 3, no call 8"
    assert f"kh: questions from dialling to what is filed or found: {questions}" in ran.out
    assert "Checked: 1 programmes, 2 languages, 2 kinds" in ran.out


def test_the_json_holds_counts_rows_and_findings(tool: Tool) -> None:
    ran = tool("check", "--json")
    told = json.loads(ran.out)
    assert set(told) == {"checked", "rows", "paths", "costs", "findings"}
    assert told["checked"]["languages"] == 2
    assert told["checked"]["pages"] > told["checked"]["screens"] > 100
    assert told["paths"] == {
        "kh": {"call": 5, "call for a child": 5, "danger": 5, "find a desk": 3, "no call": 8}
    }


def test_the_json_says_what_each_way_costs_by_sms(tool: Tool) -> None:
    told = json.loads(tool("check", "--json").out)
    assert {(cost["language"], cost["path"]) for cost in told["costs"]} == {
        (language, path) for language in ("km", "en") for path in told["paths"]["kh"]
    }
    for cost in told["costs"]:
        assert list(cost) == ["programme", "language", "path", "received", "sent"]
        asked = told["paths"]["kh"][cost["path"]]
        assert cost["received"] > asked  # the first text calls the service
        assert cost["sent"] >= cost["received"]


def test_a_price_of_one_segment_gives_the_price_of_each_way(tool: Tool) -> None:
    """Without one nothing is said of money."""
    plain, priced = (
        [line.split() for line in tool("check", *price).out.splitlines() if " danger " in line]
        for price in ((), ("--price", "0.25"))
    )
    costs = [row for row in plain if row[0] == "kh" and row[2] == "danger"]
    assert [row[1] for row in costs] == ["km", "en"]
    for before, after in zip(costs, priced[-2:], strict=True):
        assert after == [*before, f"{int(before[-1]) * 0.25:.2f}"]


@pytest.mark.parametrize("price", ["much", ""])
def test_a_price_that_is_none_shows_the_usage(tool: Tool, price: str) -> None:
    ran = tool("check", "--price", price)
    assert ran.code == 2
    assert ran.err.startswith("usage: helpline check")


EDGES = [  # from, to, words on the arrow
    ("dialled", "about", "*1#"),
    ("dialled", "my_case", "*4#"),
    ("cut off", "resume", "dials again"),
    ("danger", "child_notice", "No (child_notice)"),
    ("danger", "window", "No"),
    ("window", "concern", "a choice of windows"),
    ("region", "area", "types a place (area_matters)"),
    ("region", "which", "types a place (place_doubtful)"),
    ("word", "done", "types a word"),
    ("three wrong keys", "lost", ""),
]


class TestGraph:
    """`--graph` draws the one flow, and does not wait for the proof."""

    def test_mermaid_holds_every_screen_and_way(self, tool: Tool) -> None:
        ran = tool("check", "--graph", "mermaid")
        lines = ran.out.splitlines()
        assert (ran.code, lines[0]) == (0, "flowchart TD")
        for name, screen in FLOW.screens.items():
            opens, closes = ('(["', '"])') if isinstance(screen, End) else ('["', '"]')
            (drawn,) = [line for line in lines if line.startswith(f"  s_{name}{opens}")]
            assert drawn.endswith(closes)
        for start, target, label in EDGES:
            arrow = f'-->|"{label}"|' if label else "-->"
            assert f"  s_{start.replace(' ', '_')} {arrow} s_{target}" in lines

    def test_dot_holds_every_screen_and_way(self, tool: Tool) -> None:
        ran = tool("check", "--graph", "dot")
        lines = ran.out.splitlines()
        assert (ran.code, lines[0], lines[-1]) == (0, "digraph flow {", "}")
        for name in FLOW.screens:
            assert len([line for line in lines if line.startswith(f'  "{name}" [label=')]) == 1
        for start, target, label in EDGES:
            assert f'  "{start}" -> "{target}" [label="{label}"];' in lines

    @pytest.mark.parametrize("kind", ["mermaid", "dot"])
    def test_an_arrow_leads_from_every_menu_and_to_every_screen(
        self, tool: Tool, kind: str
    ) -> None:
        found = re.findall(ARROWS[kind], tool("check", "--graph", kind).out, re.MULTILINE)
        assert len(found) == len(set(found))
        menus = {name for name, screen in FLOW.screens.items() if not isinstance(screen, End)}
        ways = {(a, c) if kind == "mermaid" else (a, b) for a, b, c in found}
        assert {start for start, _ in ways} >= menus
        assert {target for _, target in ways} == FLOW.screens.keys()

    def test_another_kind_shows_the_usage(self, tool: Tool) -> None:
        ran = tool("check", "--graph", "png")
        assert ran.code == 2
        assert ran.err.startswith("usage: helpline check")


def test_some_screens_are_a_matter_of_another_programme(tool: Tool) -> None:
    """Alone, Cambodia has no provinces of many parts, no city's areas and no country abroad."""
    ran = tool("check", "--json")
    assert ran.code == 1
    assert [(f["screen"], f["problem"]) for f in findings_of(ran)] == [
        (name, "no caller can reach it") for name in ("part", "area", "abroad")
    ]


def test_a_catalogue_fault_is_a_finding(tool: Tool, monkeypatch: pytest.MonkeyPatch) -> None:
    def faults() -> Iterator[Fault]:
        yield Fault("km", "Yes", "not translated")

    monkeypatch.setattr(catalogue, "faults", faults)
    ran = tool("check")
    assert ran.code == 1
    assert "km catalogue: 'Yes': not translated" in ran.out
    assert ran.out.rstrip().endswith("4 findings.")


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
    answers = {f"duty phone: {name}" for name in ANSWERS}
    assert set(check.notices()) == {"stopped", "nudge", "overdue", "referral"} | answers
