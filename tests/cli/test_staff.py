"""`helpline officers` and `helpline desks`: a deployment can be staffed without the demo."""

import re
import stat
from pathlib import Path

import pytest

from helpline import runtime
from helpline.cli import seed
from helpline.config import Config
from helpline.redisd import EmbeddedRedis
from helpline.runtime import Runtime
from helpline.service.codes import code_of, step_of
from helpline.service.entry import Try
from helpline.service.joining import Enrolment
from tests.cli.tool import Tool, prepared

HAA, PARO = "BT-WCPD-13", "BT-WCPD-11"
STAFF = ("officer-one", "officer-two", "supervisor")
PASSWORD = "tall pines in the morning"


@pytest.fixture
def tool(tmp_path: Path, redis_server: EmbeddedRedis) -> Tool:
    return prepared(tmp_path / "data", redis_server.url)


@pytest.fixture
def demo(tool: Tool) -> Tool:
    seed.open_accounts(Config.from_env(tool.settings))
    return tool


def desk(tool: Tool, code: str) -> dict[str, object]:
    rows = tool("desks", "list", "--programme", "bt", "--json").json()
    return next(row for row in rows if row["code"] == code)


def account(tool: Tool, name: str) -> dict[str, object]:
    rows = [row for row in tool("officers", "list", "--json").json() if row["name"] == name]
    (row,) = rows
    return row


def parts(tool: Tool) -> Runtime:
    return runtime.build(Config.from_env(tool.settings), receiving=False)


def join(tool: Tool, address: str) -> None:
    """As the page behind the printed address does."""
    token, built = address.rpartition("/")[2], parts(tool)
    try:
        joining, now = built.accounts.joining, runtime.now()
        began = joining.begin(token, now)
        code = code_of(began.secret, step_of(now))
        joining.enrol(token, Enrolment(PASSWORD, PASSWORD, began.sealed, code), now)
    finally:
        built.close()


def sign_in(tool: Tool, name: str, password: str, code: str) -> None:
    built = parts(tool)
    try:
        built.accounts.entry.sign_in(Try(name, password, code, agent="Firefox"), runtime.now())
    finally:
        built.close()


def passwords(tool: Tool) -> dict[str, list[str]]:
    path = Path(tool.settings["HELPLINE_DATA"]) / "accounts.txt"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    lines = [line for line in path.read_text().splitlines() if not line.startswith("#")]
    return {line.split()[0]: line.split() for line in lines}


def test_an_officer_is_added_to_desks_and_may_then_act(tool: Tool) -> None:
    added = tool("officers", "add", "sonam", "--desk", HAA, "--desk", PARO, "--woman")
    assert (added.code, added.out) == (0, f"sonam works at {HAA}, {PARO}.\n")
    assert "sonam" in str(desk(tool, HAA)["officers"])
    assert tool("callbacks", "list", "--desk", PARO, "--officer", "sonam").code == 0


def test_everything_about_an_officer_can_be_said_and_changed(tool: Tool) -> None:
    said = ("--desk", HAA, "--woman", "--interviewer", "--speaks", "dz", "--language", "dz")
    assert tool("officers", "add", "sonam", *said, "--role", "supervisor").code == 0
    row = account(tool, "sonam")
    assert row == {
        "name": "sonam",
        "role": "supervisor",
        "state": "not invited",
        "desks": [HAA],
        "woman": True,
        "interviewer": True,
        "speaks": ["dz"],
        "language": "dz",
    }
    changed = tool("officers", "change", "Sonam", "--desk", PARO, "--no-interviewer")
    assert changed.out == f"sonam works at {PARO}.\n"
    assert account(tool, "sonam") == {**row, "desks": [PARO], "interviewer": False}


def test_the_first_administrator_is_made_here_and_joins_by_the_printed_address(tool: Tool) -> None:
    assert tool("officers", "add", "yeshi", "--role", "administrator").code == 0
    address, sentence = tool("officers", "invite", "yeshi").out.splitlines()
    assert re.fullmatch(r"http://127\.0\.0\.1:8000/console/join/[\w-]{32}", address)
    assert sentence == "Give this address to yeshi: it is valid for 24 hours and works once."
    assert account(tool, "yeshi")["state"] == "invited"
    join(tool, address)
    assert account(tool, "yeshi")["state"] == "joined"
    again = tool("officers", "invite", "yeshi")
    assert again.sentence() == "yeshi has joined. Reset the account instead."
    assert tool("officers", "invite", "yeshi", "--reset").code == 0
    assert account(tool, "yeshi")["state"] == "invited"


def test_a_disabled_officer_is_kept_and_may_come_back(tool: Tool) -> None:
    out = tool("officers", "disable", "bt-officer-two").out
    assert out == "bt-officer-two is disabled; every login has ended.\n"
    assert account(tool, "bt-officer-two")["state"] == "disabled"
    assert tool("officers", "enable", "bt-officer-two").out == "bt-officer-two is enabled.\n"
    assert account(tool, "bt-officer-two")["state"] == "not invited"


def test_the_list_is_read_by_people_too(tool: Tool) -> None:
    lines = tool("officers", "list").out.splitlines()
    assert lines[0] == "admin  administrator  not invited  "
    assert f"bt-supervisor  supervisor  not invited  {PARO}, " in "\n".join(lines)


class TestTheDemosAccounts:
    def test_everybody_signs_in_with_the_file_and_the_printed_code(self, demo: Tool) -> None:
        told = passwords(demo)
        staff = [f"{p}-{who}" for p in ("bt", "pk", "kh") for who in STAFF]
        assert set(told) == {"admin", *staff, *seed.PARTNERS}
        for name in ("admin", "kh-officer-one", "bt-supervisor", "bt-partner"):
            assert told[name][3:] == ["code:", "helpline", "officers", "code", name]
            assert account(demo, name)["role"] == told[name][2]
            sign_in(demo, name, told[name][1], demo("officers", "code", name).out.strip())

    def test_a_later_start_keeps_them(self, demo: Tool) -> None:
        before, config = passwords(demo), Config.from_env(demo.settings)
        seed.seed(config)
        seed.open_accounts(config)
        assert passwords(demo) == before
        sign_in(demo, "admin", before["admin"][1], demo("officers", "code", "admin").out.strip())

    def test_without_the_file_they_are_made_anew(self, demo: Tool) -> None:
        before, config = passwords(demo), Config.from_env(demo.settings)
        (config.data / "accounts.txt").unlink()
        seed.open_accounts(config)
        after = passwords(demo)
        assert after["admin"][1] != before["admin"][1]
        sign_in(demo, "admin", after["admin"][1], demo("officers", "code", "admin").out.strip())

    def test_who_was_changed_in_between_stays_so(self, demo: Tool) -> None:
        demo("officers", "change", "bt-officer-one", "--no-woman", "--language", "dz")
        seed.seed(Config.from_env(demo.settings))
        row = account(demo, "bt-officer-one")
        assert (row["woman"], row["language"]) == (False, "dz")

    def test_what_they_can_fits_their_desks(self, demo: Tool) -> None:
        found = {str(row["name"]): row for row in demo("officers", "list", "--json").json()}
        assert [name for name, row in found.items() if row["interviewer"]] == ["kh-officer-one"]
        assert [name for name, row in found.items() if not row["woman"]] == [
            "admin",
            "bt-officer-two",
            "kh-officer-two",
            "pk-officer-two",
        ]
        assert found["kh-supervisor"]["speaks"] == ["km"]
        assert found["bt-supervisor"]["desks"] == found["bt-officer-one"]["desks"]

    def test_logins_are_listed_and_ended(self, demo: Tool) -> None:
        assert demo("officers", "logins", "admin").out == "No logins in the last 90 days.\n"
        code = demo("officers", "code", "admin").out.strip()
        sign_in(demo, "admin", passwords(demo)["admin"][1], code)
        pattern = r"\d{4}-\d\d-\d\d \d\d:\d\d UTC  Firefox  signed in\n"
        assert re.fullmatch(pattern, demo("officers", "logins", "admin").out)
        assert demo("officers", "end-logins", "admin").out == "admin is signed out everywhere.\n"
        assert demo("officers", "logins", "admin").out.endswith("Firefox  ended\n")

    def test_a_code_that_was_used_is_not_printed_again(self, demo: Tool) -> None:
        first = demo("officers", "code", "admin").out.strip()
        sign_in(demo, "admin", passwords(demo)["admin"][1], first)
        assert demo("officers", "code", "admin").out.strip() != first


def test_a_duty_phone_is_set_and_never_shown(tool: Tool) -> None:
    number = "+97510000098"
    assert tool("desks", "duty-phone", HAA, number, "dz").code == 0
    assert desk(tool, HAA)["duty_phone"] is True
    assert number not in tool("desks", "list").out


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("officers", "add", "x", "--desk", "NOPE"), "There is no desk NOPE."),
        (("officers", "add", "x"), "Choose at least one desk."),
        (("officers", "add", "ADMIN", "--desk", HAA), "admin has an account already."),
        (("officers", "invite", "nobody"), "There is no account nobody."),
        (("officers", "code", "admin"), "admin has not joined yet."),
        (
            ("officers", "disable", "admin"),
            "admin is the last administrator. Add another one first.",
        ),
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


def test_the_help_says_who_may_print_a_code(tool: Tool) -> None:
    words = " ".join(tool("officers", "code", "--help").out.split())
    assert "whoever runs commands here holds the key ring anyway" in words
