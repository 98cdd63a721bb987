"""`helpline play`: one JSON object per screen, in every language, through the real service."""

import re
from pathlib import Path

import pytest

from flows import PROGRAMMES
from helpline.core.text import Budget, measure
from helpline.redisd import EmbeddedRedis
from tests.cli.tool import KEYS, Tool, prepared

LANGUAGES = [
    (programme.code, language.code)
    for programme in PROGRAMMES.values()
    for language in programme.languages
]
CODE = re.compile(r"\d{4}-\d{4}")
DESK = {"bt": "BT-WCPU-PHUENTSHOLING", "pk": "PK-GFD-QTA-AIRPORT", "kh": "KH-AHTJP-12"}
PHNOM_PENH = {"km": "ភ្នំពេញ", "en": "Phnom Penh"}  # the lists are alphabetical in each script
PHONES = (f"+975101{count:05}" for count in range(100))  # each calls for the first time
RANGE = {"bt": "+97510", "pk": "+923800", "kh": "+85520"}


@pytest.fixture(scope="module")
def tool(tmp_path_factory: pytest.TempPathFactory, redis_server: EmbeddedRedis) -> Tool:
    return prepared(tmp_path_factory.mktemp("play"), redis_server.url)


def number(programme: str, language: str) -> str:
    """One for each language, of a prefix that nobody has: no report joins another's."""
    return f"{RANGE[programme]}{LANGUAGES.index((programme, language)):06d}"


@pytest.mark.parametrize(("programme", "language"), LANGUAGES)
def test_a_finished_report_waits_at_the_right_desk(
    tool: Tool, programme: str, language: str
) -> None:
    before = len(tool("callbacks", "list", "--desk", DESK[programme], "--json").json())
    wanted = {"district": PHNOM_PENH[language]} if programme == "kh" else {}
    ran = tool.play(programme, language, wanted, number=number(programme, language))
    assert (ran.code, ran.err) == (0, "")
    screens = ran.json()
    for screen in screens:
        assert list(screen) == KEYS
        measured = measure(str(screen["text"]), Budget())
        assert screen["encoding"] == measured.encoding.value
        assert (screen["units"], screen["limit"]) == (measured.units, measured.limit)
        assert measured.units <= measured.limit
        assert 1 <= int(str(screen["page"])) <= int(str(screen["pages"]))
    assert [screen["ends"] for screen in screens] == [False] * (len(screens) - 1) + [True]
    assert PROGRAMMES[programme].emergency in str(screens[0]["text"])
    told = " ".join(str(screen["text"]) for screen in screens if screen["screen"] == "danger_done")
    (code,) = set(CODE.findall(told))
    rows = tool("callbacks", "list", "--desk", DESK[programme], "--json").json()
    assert len(rows) == before + 1
    assert [row["priority"] for row in rows if row["case_code"] == code] == ["danger"]


@pytest.mark.parametrize(
    ("programme", "language", "script"),
    [("bt", "dz", "[ༀ-࿿]"), ("pk", "ur", "[؀-ۿ]"), ("kh", "km", "[ក-៿]")],
)
def test_a_language_of_its_own_is_read_in_its_own_script(
    tool: Tool, programme: str, language: str, script: str
) -> None:
    (screen,) = tool("play", "--programme", programme, "--language", language, "--json").json()
    assert screen["encoding"] == "ucs2"
    assert re.search(script, str(screen["text"]))


def test_without_a_language_it_is_asked_for_first(tool: Tool) -> None:
    assert fresh(tool, language="") == ["language"]


def test_input_after_the_end_is_not_sent(tool: Tool) -> None:
    where = ("--programme", "bt", "--language", "en", "--number", next(PHONES))
    screens = tool("play", *where, "--json", typed=["9", "1", "1"]).json()
    assert [(screen["screen"], screen["ends"]) for screen in screens] == [
        ("home", False),
        ("decoy", True),
    ]


def fresh(tool: Tool, *typed: str, language: str = "en", kind: str = "ussd") -> list[str]:
    """The names of the screens on a Bhutanese phone that never called before."""
    where = ("--programme", "bt", "--channel", kind, "--number", next(PHONES))
    known = ("--language", language) if language else ()
    ran = tool("play", *where, *known, "--json", typed=typed)
    assert (ran.code, ran.err) == (0, "")
    return [str(screen["screen"]) for screen in ran.json()]


@pytest.mark.parametrize("digit", "1༡۱១")
def test_digits_of_every_script_are_keys(tool: Tool, digit: str) -> None:
    assert fresh(tool, digit) == ["home", "about"]


WAYS = {  # what is typed, and the screens that are shown from home on
    "a callback is queued before the story is asked": (
        ("1", "1", "2", "1", "1", "1", "5", "2", "1", "blue cow"),
        ("about", "danger", "window", "concern", "region", "district", "caller", "consent", "word",
         "done"),
    ),
    "danger asks for nothing but the place": (
        ("1", "1", "1", "1", "Punakha"),
        ("about", "danger", "danger_call", "region", "danger_done"),
    ),
    "do not call me asks whether to send": (
        ("1", "1", "2", "5", "1", "Punakha", "2"),
        ("about", "danger", "window", "concern", "region", "consent", "not_sent"),
    ),
    "a form of trafficking": (
        ("1", "2", "2", "1", "4", "5"),
        ("about", "danger", "window", "concern", "form", "region"),
    ),
    "a desk": (
        ("2", "Punakha", "3"),
        ("region", "desk", "about"),
    ),
    "my request, wrong number": (
        ("4", "1234-5678", "2"),
        ("my_case", "my_case", "my_case"),
    ),
    "my request, unknown number": (
        ("4", "0000-0000", "blue cow"),
        ("my_case", "my_word", "case"),
    ),
    "three wrong keys": (
        ("1", "7", "7", "7", "1"),
        ("about", "about", "about", "lost", "window"),
    ),
}  # fmt: skip


@pytest.mark.parametrize(("typed", "shown"), WAYS.values(), ids=WAYS.keys())
def test_a_way_through_the_flow(tool: Tool, typed: tuple[str, ...], shown: tuple[str, ...]) -> None:
    assert fresh(tool, *typed) == ["home", *shown]


def test_only_a_text_can_tell_a_story(tool: Tool) -> None:
    typed = ("1", "1", "2", "1", "1", "Punakha", "2", "1", "1")
    assert fresh(tool, *typed)[-1] == "done"
    assert fresh(tool, *typed, kind="sms")[-1] == "story"


def test_a_request_is_opened_by_its_number_and_its_secret_word(tool: Tool) -> None:
    where = ("--programme", "bt", "--language", "en", "--json")
    typed = ["1", "1", "2", "1", "1", "Punakha", "2", "1", "blue cow"]
    done = tool("play", *where, "--number", next(PHONES), typed=typed).json()[-1]
    (code,) = CODE.findall(str(done["text"]))
    for word, said in (("blue cow", "We will call you."), ("No word", "did not find")):
        ran = tool("play", *where, "--number", next(PHONES), typed=["4", code, word])
        assert said in str(ran.json()[-1]["text"])


def test_safety_13_a_call_that_was_cut_off_is_offered_again_and_a_hidden_one_never(
    tool: Tool,
) -> None:
    cut, hidden = next(PHONES), next(PHONES)
    where = ("--programme", "bt", "--language", "en", "--json", "--number")
    tool("play", *where, cut, typed=["1", "1"])
    tool("play", *where, hidden, typed=["1", "1", "9"])
    again = tool("play", *where, cut, typed=["1"]).json()
    assert [screen["screen"] for screen in again] == ["resume", "danger"]
    assert PROGRAMMES["bt"].emergency in str(again[0]["text"]).splitlines()[0]
    assert [screen["screen"] for screen in tool("play", *where, hidden).json()] == ["home"]


def test_the_chosen_language_is_remembered(tool: Tool) -> None:
    phone = next(PHONES)
    where = ("--programme", "bt", "--json", "--number", phone)
    assert [s["screen"] for s in tool("play", *where, typed=["3"]).json()] == ["language", "home"]
    (screen,) = tool("play", *where).json()
    assert str(screen["text"]).startswith("In danger now? Call 113.\n1 Get help\n")


def test_by_sms_a_screen_may_take_three_segments(tool: Tool) -> None:
    where = ("--programme", "kh", "--language", "km", "--channel", "sms")
    screens = tool("play", *where, "--json", typed=["1"]).json()
    assert [screen["limit"] for screen in screens] == [201, 201]


@pytest.mark.parametrize(
    "typed", ["", "*", "#", "x" * 5000, "\x00", "ཀ", "3*4", "no such thing", "0", "08"]
)
def test_a_wrong_answer_is_asked_again(tool: Tool, typed: str) -> None:
    """A `*` that is typed is one input and shifts nothing."""
    assert fresh(tool, typed, "1") == ["home", "home", "about"]


def test_for_people_it_prints_the_screen_and_its_size(tool: Tool) -> None:
    ran = tool("play", "--programme", "bt", "--language", "en", "--number", next(PHONES))
    assert ran.out.startswith("In danger now? Call 113.\n1 Get help\n")
    assert ran.out.endswith("4 My request\n5 Language\n9 Close\n--- home 106/160\n")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--programme", "bt", "--language", "ur"), "Bhutan speaks dz, dz_Latn, en, not ur."),
        (("--programme", "kh", "--language", "xx"), "Cambodia speaks km, en, not xx."),
    ],
)
def test_a_language_that_is_not_spoken_is_one_sentence(
    tool: Tool, arguments: tuple[str, ...], said: str
) -> None:
    ran = tool("play", *arguments)
    assert (ran.code, ran.sentence()) == (2, said)


@pytest.mark.parametrize(
    "arguments", [(), ("--programme", "np"), ("--programme", "bt", "--channel", "fax")]
)
def test_a_wrong_call_shows_the_usage(tool: Tool, arguments: tuple[str, ...]) -> None:
    ran = tool("play", *arguments)
    assert ran.code == 2
    assert ran.err.startswith("usage: helpline play")


def test_as_a_process_it_needs_nothing_but_a_folder(tmp_path: Path) -> None:
    """Also its own Redis, which is gone afterwards."""
    tool = Tool({"HELPLINE_DATA": str(tmp_path / "new"), "REDIS_URL": "", "DATABASE_URL": ""})
    play = ("play", "--programme", "bt", "--language", "en", "--json")
    ran = tool.process(*play, typed=["1"] * 12)
    assert (ran.code, ran.err) == (0, "")
    assert not EmbeddedRedis(tmp_path / "new" / "redis").alive()
    (row,) = tool("callbacks", "list", "--desk", DESK["bt"], "--json").json()
    assert str(row["case_code"]) in str(ran.json()[-1]["text"])
