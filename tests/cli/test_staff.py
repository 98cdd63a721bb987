"""`helpline officers` and `helpline desks`: a deployment can be staffed without the demo."""

from pathlib import Path

import pytest

from helpline.redisd import EmbeddedRedis
from tests.cli.tool import Tool, prepared

HAA, PARO = "BT-WCPD-13", "BT-WCPD-11"


@pytest.fixture
def tool(tmp_path: Path, redis_server: EmbeddedRedis) -> Tool:
    return prepared(tmp_path / "data", redis_server.url)


def desk(tool: Tool, code: str) -> dict[str, object]:
    rows = tool("desks", "list", "--programme", "bt", "--json").json()
    return next(row for row in rows if row["code"] == code)


def test_an_officer_is_added_to_desks_and_may_then_act(tool: Tool) -> None:
    added = tool("officers", "add", "sonam", "--desk", HAA, "--desk", PARO, "--woman")
    assert (added.code, added.out) == (0, f"sonam works at {HAA}, {PARO}.\n")
    assert "sonam" in str(desk(tool, HAA)["officers"])
    assert tool("callbacks", "list", "--desk", PARO, "--officer", "sonam").code == 0


def test_a_duty_phone_is_set_and_never_shown(tool: Tool) -> None:
    number = "+97510000098"
    assert tool("desks", "duty-phone", HAA, number, "dz").code == 0
    assert desk(tool, HAA)["duty_phone"] is True
    assert number not in tool("desks", "list").out


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("officers", "add", "x", "--desk", "NOPE"), "There is no desk NOPE."),
        (("desks", "duty-phone", "NOPE", "+97510000098", "dz"), "There is no desk NOPE."),
        (
            ("desks", "duty-phone", HAA, "10000098", "dz"),
            "Give the number with its country code, such as +97510000098.",
        ),
        (
            ("officers", "add", "x" * 65, "--desk", HAA),
            "An officer's name has 1 to 64 letters.",
        ),
    ],
)
def test_what_is_wrong_is_said_in_one_sentence(
    tool: Tool, arguments: tuple[str, ...], sentence: str
) -> None:
    ran = tool(*arguments)
    assert (ran.code, ran.sentence()) == (1, sentence)
