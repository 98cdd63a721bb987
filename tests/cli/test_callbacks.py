"""`helpline callbacks`: a desk's queue in the terminal, its exit codes and its sentences."""

from pathlib import Path

import pytest

from helpline.cli.play import NUMBERS
from helpline.redisd import EmbeddedRedis
from tests.cli.tool import Tool, prepared

HAA, PARO, PARO_UNIT = "BT-WCPD-13", "BT-WCPD-11", "BT-WCPU-PARO"
ONE, TWO = "bt-officer-one", "bt-officer-two"
KEYS = [
    "id", "case_code", "desk", "state", "priority", "due_at", "window", "lease_holder", "overdue",
    "attempts", "fence", "woman", "interviewer", "language", "level", "created_at", "lease_until",
    "returned",
]  # fmt: skip
AT_HAA = {"district": "Haa"}  # and the first choice elsewhere: in danger now, call me
WOMAN_AT_HAA = {"danger": "No", "district": "Haa", "caller": "A woman"}


@pytest.fixture
def tool(tmp_path: Path, redis_url: str) -> Tool:
    """One urgent callback waits at Haa; its id is 1."""
    tool = prepared(tmp_path / "data", redis_url)
    assert tool.play("bt", "en", AT_HAA).code == 0
    return tool


def at(tool: Tool, action: str, *arguments: str, desk: str = HAA) -> dict[str, object]:
    ran = tool("callbacks", action, *arguments, "--desk", desk, "--json")
    assert (ran.code, ran.err) == (0, "")
    (row,) = ran.json()
    return row


def listed(tool: Tool, *arguments: str) -> list[dict[str, object]]:
    ran = tool("callbacks", "list", "--json", *arguments)
    assert (ran.code, ran.err) == (0, "")
    return ran.json()


def test_the_list_holds_what_the_queue_may_show_and_nothing_of_the_callers(tool: Tool) -> None:
    (row,) = listed(tool, "--desk", HAA)
    assert list(row) == KEYS
    assert (row["id"], row["desk"], row["state"], row["priority"]) == (1, HAA, "ready", "danger")
    window = row["window"]
    assert isinstance(window, dict)
    assert list(window) == ["start", "end", "daily"]
    assert NUMBERS["bt"] not in str(row)
    assert listed(tool) == [row]
    assert listed(tool, "--desk", PARO) == []


def test_for_people_it_is_one_line_for_each(tool: Tool) -> None:
    (line,) = tool("callbacks", "list", "--desk", HAA).out.splitlines()
    assert line.split()[2:5] == [HAA, "ready", "danger"]
    assert NUMBERS["bt"] not in line
    assert tool("callbacks", "list", "--desk", PARO).out == "Nothing waits.\n"


@pytest.mark.shows_private
def test_one_officer_works_a_callback_to_its_end_and_the_other_cannot(tool: Tool) -> None:
    claimed = at(tool, "claim", "--officer", ONE)
    assert (claimed["state"], claimed["lease_holder"], claimed["fence"]) == ("claimed", ONE, 1)
    assert at(tool, "claim", "1", "--officer", ONE) == claimed  # again changes nothing

    other = tool("callbacks", "claim", "1", "--desk", HAA, "--officer", TWO)
    assert (other.code, other.sentence()) == (1, f"Callback 1 is with {ONE} now.")
    other = tool("callbacks", "attempt", "1", "--desk", HAA, "--officer", TWO)
    assert other.code == 1
    assert other.sentence() == f"Callback 1 is with {ONE} now."

    ringing = at(tool, "attempt", "--officer", ONE, "--fence", "1")
    assert list(ringing) == [*KEYS, "number"]
    assert (ringing["state"], ringing["number"]) == ("attempting", NUMBERS["bt"])
    reached = at(tool, "attempt", "--officer", ONE, "--outcome", "reached_safe")
    assert list(reached) == KEYS
    assert reached["attempts"] == 1
    closed = at(tool, "close", "--officer", ONE, "--outcome", "advised")
    assert closed["state"] == "closed"
    assert listed(tool, "--desk", HAA) == []
    assert [row["state"] for row in listed(tool, "--desk", HAA, "--all")] == ["closed"]
    assert tool("audit", "verify").out.startswith("The audit log is whole: ")


@pytest.mark.shows_private
def test_for_people_the_number_is_shown_once_and_said_to_be_logged(tool: Tool) -> None:
    at(tool, "claim", "--officer", ONE)
    ran = tool("callbacks", "attempt", "--desk", HAA, "--officer", ONE)
    assert ran.out.splitlines()[1:] == [f"Call {NUMBERS['bt']} now. This was logged."]


def test_safety_23_the_story_needs_a_reason(tool: Tool) -> None:
    assert list(at(tool, "show", "1")) == KEYS
    shown = at(tool, "show", "1", "--officer", ONE, "--reason", "callback")
    told = shown["story"]
    assert isinstance(told, list)
    assert {report["about"] for report in told} == {"me"}
    assert NUMBERS["bt"] not in str(shown)
    assert tool("callbacks", "show", "1", "--desk", HAA, "--reason", "curious").code == 2


def test_a_case_code_names_a_callback_too(tool: Tool) -> None:
    (row,) = listed(tool)
    code = str(row["case_code"])
    for name in (code, code.replace("-", ""), "1"):
        assert at(tool, "show", name) == row


def test_a_callback_that_asks_for_a_woman(tool: Tool) -> None:
    done = tool.play("bt", "en", WOMAN_AT_HAA, number="+97510000002").json()[-1]
    assert done["screen"] == "done"
    (row,) = [row for row in listed(tool, "--desk", HAA) if row["woman"]]
    which = str(row["id"])
    man = tool("callbacks", "claim", which, "--desk", HAA, "--officer", TWO)
    assert man.code == 1
    assert man.sentence() == f"Callback {which} asks for a woman officer."
    assert at(tool, "claim", which, "--officer", ONE)["lease_holder"] == ONE


COUNTRY = "BT-WCPU-THIMPHU"


def request(tool: Tool, *typed: str, number: str = "+97510000003") -> dict[str, object]:
    """What a caller from another phone asks for, in English from home on; its line in the list."""
    before = {row["id"] for row in listed(tool)}
    where = ("--programme", "bt", "--language", "en", "--number", number)
    assert tool("play", *where, typed=typed).code == 0
    (row,) = [row for row in listed(tool) if row["id"] not in before]
    return row


NOW = ("1", "1", "2", "1")  # help, me, no danger, call me now: filed
SO_FAR = {  # typed after that, and where and how urgently the callback waits if the line drops then
    "nothing": ((), COUNTRY, "high", False),
    "violence": (("1",), COUNTRY, "high", False),
    "something else": (("8", "8", "2"), COUNTRY, "normal", False),
    "where": (("1", "Haa"), HAA, "high", False),
    "a woman should call": (("1", "Haa", "1"), HAA, "high", True),
    "not my local desk": (("1", "Haa", "3"), PARO_UNIT, "high", False),
}


@pytest.mark.parametrize(("typed", "desk", "priority", "woman"), SO_FAR.values(), ids=SO_FAR.keys())
def test_safety_14_a_dropped_line_leaves_the_callback_where_its_answers_put_it(
    tool: Tool, typed: tuple[str, ...], desk: str, priority: str, woman: bool
) -> None:
    row = request(tool, *NOW, *typed)
    found = (row["desk"], row["state"], row["priority"], row["woman"])
    assert found == (desk, "ready", priority, woman)


@pytest.mark.parametrize(("key", "consented"), [("1", True), ("2", False)])
def test_the_story_says_whether_others_may_be_told_and_what_must_be_asked_for_first(
    tool: Tool, key: str, consented: bool
) -> None:
    row = request(tool, *NOW, "1", "Haa", "2", key, "Blue  Cow")
    shown = at(tool, "show", str(row["id"]), "--reason", "callback")
    story = shown["story"]
    assert isinstance(story, list)
    (told,) = story
    assert told["consented"] is consented
    assert told["code_word"] == "blue cow"
    assert (told["concern"], told["place"]) == ("home", "BT-13")


def test_do_not_call_me_is_kept_only_with_consent_and_never_ready(tool: Tool) -> None:
    typed = ("1", "1", "2", "5", "1", "Haa")
    row = request(tool, *typed, "1", "1")
    assert (row["state"], row["window"], row["due_at"]) == ("held", None, None)
    before = listed(tool)
    where = ("--programme", "bt", "--language", "en", "--number", "+97510000004")
    assert tool("play", *where, typed=(*typed, "2")).code == 0
    assert listed(tool) == before


@pytest.mark.parametrize(
    ("key", "state"), [("2", "withdrawn"), ("3", "erased")], ids=["stop", "erase"]
)
def test_safety_11_the_person_ends_her_request_from_any_phone(
    tool: Tool, key: str, state: str
) -> None:
    row = request(tool, *NOW, "1", "Haa", "2", "1", "blue cow")
    where = ("--programme", "bt", "--language", "en", "--number", "+97510000005")
    opened = ("4", str(row["case_code"]), "blue cow")
    assert tool("play", *where, typed=(*opened, key, "1")).code == 0
    rows = listed(tool, "--desk", HAA, "--all")
    assert [other["state"] for other in rows if other["id"] == row["id"]] == [state]
    assert row["id"] not in {other["id"] for other in listed(tool)}


REFUSALS = {
    "desk that does not exist": (
        ("claim", "1", "--desk", "BT-NOWHERE"),
        "There is no desk BT-NOWHERE.",
    ),
    "list of a desk that does not exist": (
        ("list", "--desk", "BT-NOWHERE"),
        "There is no desk BT-NOWHERE.",
    ),
    "officer of another country": (
        ("claim", "1", "--desk", HAA, "--officer", "pk-officer-one"),
        f"pk-officer-one is not an officer of desk {HAA}.",
    ),
    "list by an officer of another country": (
        ("list", "--desk", HAA, "--officer", "pk-officer-one"),
        f"pk-officer-one is not an officer of desk {HAA}.",
    ),
    "nobody": (
        ("show", "1", "--desk", HAA, "--officer", "nobody"),
        f"nobody is not an officer of desk {HAA}.",
    ),
    "callback of another desk": (
        ("claim", "1", "--desk", PARO),
        f"Desk {PARO} has no callback 1.",
    ),
    "show of another desk": (("show", "1", "--desk", PARO), f"Desk {PARO} has no callback 1."),
    "id that does not exist": (("claim", "99", "--desk", HAA), f"Desk {HAA} has no callback 99."),
    "id that no row can have": (
        ("show", "9999999", "--desk", HAA),
        f"Desk {HAA} has no callback 9999999.",
    ),
    "case code that does not exist": (
        ("show", "0000-0000", "--desk", HAA),
        f"Desk {HAA} has no case 0000-0000.",
    ),
    "not an id": (
        ("claim", "first", "--desk", HAA),
        "A callback is named by its id (17) or its case code (4821-7736).",
    ),
    "an id in other digits": (
        ("claim", "༡", "--desk", HAA),
        "A callback is named by its id (17) or its case code (4821-7736).",
    ),
    "show of nothing": (
        ("show", "--desk", HAA),
        "Say which callback: give its id or case code.",
    ),
    "attempt without a claim": (
        ("attempt", "--desk", HAA),
        f"{ONE} holds no callback at desk {HAA}.",
    ),
    "attempt of one that was not claimed": (
        ("attempt", "1", "--desk", HAA),
        "Callback 1 is not yours now; claim it first.",
    ),
    "close of one that was not claimed": (
        ("close", "1", "--desk", HAA),
        "Callback 1 is not yours now; claim it first.",
    ),
    "nothing to claim": (
        ("claim", "--desk", PARO),
        "Nothing is ready to be rung at this desk.",
    ),
}


@pytest.fixture(scope="module")
def seeded(tmp_path_factory: pytest.TempPathFactory, redis_server: EmbeddedRedis) -> Tool:
    tool = prepared(tmp_path_factory.mktemp("refusals"), redis_server.url)
    assert tool.play("bt", "en", AT_HAA).code == 0
    return tool


class TestRefusals:
    @pytest.mark.parametrize(("arguments", "said"), REFUSALS.values(), ids=REFUSALS.keys())
    def test_it_is_one_sentence_and_exit_1(
        self, seeded: Tool, arguments: tuple[str, ...], said: str
    ) -> None:
        ran = seeded("callbacks", *arguments)
        assert (ran.code, ran.sentence()) == (1, said)
        assert [(row["state"], row["fence"]) for row in listed(seeded)] == [("ready", 0)]

    @pytest.mark.parametrize(
        "arguments",
        [(), ("claim", "1"), ("close", "1", "--desk", HAA, "--outcome", "x"), ("lend",)],
    )
    def test_a_wrong_call_shows_the_usage_and_exit_2(
        self, seeded: Tool, arguments: tuple[str, ...]
    ) -> None:
        ran = seeded("callbacks", *arguments)
        assert ran.code == 2
        assert ran.err.startswith("usage: helpline callbacks")

    def test_an_old_fence_cannot_act(self, seeded: Tool) -> None:
        at(seeded, "claim", "1")
        ran = seeded("callbacks", "attempt", "1", "--desk", HAA, "--fence", "0")
        assert (ran.code, ran.sentence()) == (
            1,
            "Your claim of callback 1 is over; claim it again.",
        )


def test_a_folder_that_was_not_set_up_is_exit_2(tmp_path: Path) -> None:
    ran = Tool({"HELPLINE_DATA": str(tmp_path)})("callbacks", "list")
    assert ran.code == 2
    assert "`helpline init` makes one" in ran.sentence()
    assert [*tmp_path.iterdir()] == []


def test_a_bad_setting_is_exit_2(tmp_path: Path) -> None:
    ran = Tool({"HELPLINE_DATA": str(tmp_path), "HELPLINE_SIMULATOR": "x"})("callbacks", "list")
    assert (ran.code, ran.sentence()) == (2, "HELPLINE_SIMULATOR must be on or off.")
