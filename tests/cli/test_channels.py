"""`helpline channels`: the addresses to paste at the providers, whole and true."""

import re
from pathlib import Path

import pytest

from tests.cli.tool import Tool, prepared

SIGNED = "twilio"


@pytest.fixture
def tool(tmp_path: Path) -> Tool:
    return prepared(tmp_path)


def test_each_channel_names_its_webhooks(tool: Tool) -> None:
    rows = tool("channels", "--json").json()
    assert [list(row) for row in rows] == [
        ["name", "gateway", "programme", "address", "webhooks"]
    ] * len(rows)
    kinds = {"ussd": ["inbound", "events"], "sms": ["inbound", "status"], "sim": ["inbound"]}
    kinds[SIGNED] = ["inbound", "status"]
    assert {str(row["name"]): list(row["webhooks"]) for row in rows} == {  # type: ignore[call-overload]
        f"{programme}-{kind}": hooks
        for programme in ("bt", "pk", "kh")
        for kind, hooks in kinds.items()
    }
    for row in rows:
        hooks = row["webhooks"]
        assert isinstance(hooks, dict)
        for name, url in hooks.items():
            secret = "" if SIGNED in str(row["name"]) else "/[0-9a-f]{32}"
            path = rf"http://127\.0\.0\.1:8000/hooks/{row['name']}{secret}/{name}"
            assert re.fullmatch(path, url)


def test_no_two_channels_share_a_secret(tool: Tool) -> None:
    rows = tool("channels", "--json").json()
    secrets = re.findall(r"[0-9a-f]{32}", str(rows))
    assert len(set(secrets)) == 9


def test_the_secret_of_a_signed_channel_is_not_printed(tool: Tool, tmp_path: Path) -> None:
    stored = (tmp_path / "channels.toml").read_text()
    printed = tool("channels").out + tool("channels", "--json").out
    for block in stored.split("[[channel]]")[1:]:
        (secret,) = re.findall(r'secrets = \["([0-9a-f]+)"\]', block)
        assert (secret in printed) is ("twilio-sms" not in block)


def test_for_people_it_is_a_line_for_each_address(tool: Tool) -> None:
    lines = tool("channels").out.splitlines()
    assert lines[0] == "bt-ussd  africastalking-ussd  bt  *1098#"
    assert lines[1].split()[0] == "inbound"
    assert len([line for line in lines if line.startswith("  ")]) == 21


def test_without_a_channels_file_it_is_one_sentence(tmp_path: Path) -> None:
    ran = Tool({"HELPLINE_DATA": str(tmp_path)})("channels")
    assert ran.code == 2
    assert "see deploy/channels.toml." in ran.sentence()


def test_every_problem_of_the_file_is_a_line_and_no_secret_is_in_one(tmp_path: Path) -> None:
    (tmp_path / "channels.toml").write_text("[[channel]]\nname = 'X'\nsecrets = ['hunter2']\n")
    ran = Tool({"HELPLINE_DATA": str(tmp_path)})("channels")
    assert ran.code == 2
    assert len(ran.err.splitlines()) == 5
    assert "hunter2" not in ran.err
