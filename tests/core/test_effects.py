"""What a choice asks of the record: complete, named by the answers alone, and never unasked."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from helpline.core.effects import (
    CHANGES,
    ChangeTime,
    Erase,
    FileReport,
    FindCase,
    Made,
    TellReport,
    TextDesk,
    Withdraw,
    carried,
    report_of,
    when_of,
)
from helpline.core.flow import Effect
from helpline.core.label import Name, Text
from helpline.core.neutral import telling
from helpline.core.programme import CALL_AGAIN
from helpline.core.report import Priority
from helpline.core.script import Script
from helpline.core.session import Session
from tests.core.callers import CLOCK, CODE, CODES, CONTENT, player_of

FIRST = "2026-03-10T03:00:00+00:00"
MINE = {"case": CODE, "key": "blue bird"}
CASE = FindCase("bt", CODE, "blue bird")


def script_of(code: str = "bt") -> Script:
    return player_of(code).script


def session(screen: str = "consent", code: str = "", **answers: str) -> Session:
    filed_at = FIRST if code else ""
    trail = ("home", "about")
    return Session(
        "help", 2, screen, "en", answers=answers, trail=trail, code=code, filed_at=filed_at
    )


def made(effect: Effect, where: Session) -> tuple[Session, tuple[Made, ...]]:
    return carried(script_of(), where, (effect,), CLOCK)


def report(**answers: str) -> Mapping[str, object]:
    found = report_of(script_of(), session(**answers), CLOCK)
    return {name: getattr(found, name) for name in found.__slots__}


# Which effect makes what


@pytest.mark.parametrize(
    ("effect", "code", "answers", "makes"),
    [
        (Effect.FILE_CALL, "", {"window": "evening"}, FileReport),
        (Effect.FILE_CALL, "", {"window": "never"}, None),  # SAFETY 1
        (Effect.FILE_CALL, "", {}, None),  # no answer is no call (SAFETY 1)
        (Effect.FILE_CALL, CODE, {"window": "evening"}, None),  # never a second callback
        (Effect.FILE_DANGER, "", {"danger": "yes"}, FileReport),
        (Effect.FILE_REPORT, "", {"window": "never", "consent": "yes"}, FileReport),
        (Effect.FILE_REPORT, CODE, {"window": "now", "consent": "yes"}, TellReport),
        (Effect.TELL, "", {"window": "never"}, None),
        (Effect.TELL, CODE, {"window": "now"}, TellReport),
        (Effect.FIND_CASE, "", MINE, FindCase),
        (Effect.CHANGE_TIME, "", {**MINE, "window": "now"}, ChangeTime),
        (Effect.WITHDRAW, "", MINE, Withdraw),
        (Effect.ERASE, "", MINE, Erase),
    ],
)
def test_an_effect_makes_one_thing_or_nothing(
    effect: Effect, code: str, answers: dict[str, str], makes: type | None
) -> None:
    _, effects = made(effect, session(code=code, **answers))
    assert [type(one) for one in effects] == ([] if makes is None else [makes])


@pytest.mark.parametrize("effect", [e for e in Effect if e is not Effect.TEXT_DESK])
@pytest.mark.parametrize("code", ["", CODE])
def test_only_a_change_of_the_record_is_counted_and_closes_the_way_back(
    effect: Effect, code: str
) -> None:
    """The count names the input, so that the same change happens once."""
    before = session(code=code, **MINE, window="now")
    after, effects = made(effect, before)
    if any(isinstance(one, CHANGES) for one in effects):
        assert (after.filings, after.trail) == (1, ())
    else:
        assert after == before


def test_what_is_told_names_what_this_dialogue_filed() -> None:
    _, (told,) = made(Effect.TELL, session(code=CODE, window="now", concern="home"))
    assert isinstance(told, TellReport)
    assert (told.code, told.filed_at, told.report.concern) == (CODE, FIRST, "home")


@pytest.mark.parametrize(
    ("effect", "wanted"),
    [(Effect.FIND_CASE, CASE), (Effect.WITHDRAW, Withdraw(CASE)), (Effect.ERASE, Erase(CASE))],
)
def test_a_request_is_named_by_programme_number_and_word(effect: Effect, wanted: Made) -> None:
    """SAFETY 6: the word goes with every change, not only with the first look."""
    assert made(effect, session(**MINE))[1] == (wanted,)


def test_who_has_no_word_gives_none() -> None:
    assert made(Effect.FIND_CASE, session(case=CODE, key=""))[1] == (FindCase("bt", CODE, ""),)


@pytest.mark.parametrize(
    ("window", "starts", "when"),
    [
        ("now", [CLOCK], "soon"),
        ("evening", [datetime(2026, 3, 10, 11, tzinfo=UTC)], "today, evening"),
        ("never", [], ""),
    ],
)
def test_a_changed_time_is_the_one_that_is_confirmed(
    window: str, starts: list[datetime], when: str
) -> None:
    after, (change,) = made(Effect.CHANGE_TIME, session(**MINE, window=window))
    assert isinstance(change, ChangeTime)
    assert (change.case, [agreed.start for agreed in change.windows]) == (CASE, starts)
    assert after.when == when


# The text about a desk


def at_desk(times: int, **answers: str) -> Session:
    """Asked for beside a desk, after asking `times` for another."""
    return replace(session("text_sure", **answers), trail=("home", *["desk"] * (times + 1)))


@pytest.mark.parametrize(
    ("times", "desk"),
    [(0, "BT-WCPD-11"), (1, "BT-WCPU-PARO"), (2, "BT-WCPU-THIMPHU"), (3, "BT-WCPD-11")],
)
def test_the_text_is_about_the_desk_that_was_shown(times: int, desk: str) -> None:
    where = at_desk(times, place="BT-11")
    after, (text,) = made(Effect.TEXT_DESK, where)
    assert isinstance(text, TextDesk)
    assert (text.programme, text.desk) == ("bt", desk)
    assert after == where


@pytest.mark.parametrize("code", CODES)
def test_the_text_about_a_desk_says_where_and_never_who(code: str) -> None:
    """SAFETY 5: it stays in an inbox."""
    script = script_of(code)
    for place in {d.place for d in script.directory.desks.values() if d.programme == code}:
        where = at_desk(0, place=place)
        _, (text,) = carried(script, where, (Effect.TEXT_DESK,), CLOCK)
        assert isinstance(text, TextDesk)
        assert isinstance(text.note, Text)
        assert {"place", "phone"} <= text.note.params.keys() <= {"place", "phone", "hours"}
        assert isinstance(text.note.params["place"], Name)
        for language in script.programme.languages:
            assert telling(CONTENT.voices[language.code].say(text.note), language.code) == []


# The report


def test_without_answers_a_report_is_for_the_whole_country_and_agrees_to_nothing() -> None:
    found = report()
    assert (found["place"], found["desk"]) == ("BT", "BT-WCPU-THIMPHU")
    assert (found["windows"], found["consented"], found["woman"]) == ((), False, False)
    for name in ("about", "concern", "form", "code_word", "said"):
        assert found[name] == ""


@pytest.mark.parametrize(
    ("consent", "consented", "said"),
    [({}, False, ""), ({"consent": "no"}, False, ""), ({"consent": "yes"}, True, "It began.")],
)
def test_free_text_is_only_in_a_report_whose_sharing_was_agreed(
    consent: dict[str, str], consented: bool, said: str
) -> None:
    """SAFETY 11."""
    found = report(**consent, said="It began.")
    assert (found["consented"], found["said"]) == (consented, said)


@pytest.mark.parametrize(
    ("answers", "priority"),
    [
        ({}, Priority.HIGH),  # a line that dropped may be the worst of all
        ({"danger": "yes"}, Priority.DANGER),
        ({"danger": "yes", "concern": "online"}, Priority.DANGER),
        ({"danger": "no_call"}, Priority.HIGH),
        ({"danger": "no_call", "concern": "online"}, Priority.HIGH),
        ({"concern": "home"}, Priority.HIGH),
        ({"concern": "online"}, Priority.NORMAL),
    ],
)
def test_what_is_unknown_counts_as_high(answers: dict[str, str], priority: Priority) -> None:
    assert report(**answers)["priority"] is priority


def test_in_danger_the_time_is_now_whatever_was_said_before() -> None:
    where = session(danger="yes", window="never")
    (window,) = report_of(script_of(), where, CLOCK).windows
    assert window.contains(CLOCK)
    assert when_of(script_of(), where, CLOCK) == "soon"


@pytest.mark.parametrize(
    ("answers", "name", "value"),
    [
        ({"caller": "woman"}, "woman", True),
        ({"caller": "anyone"}, "woman", False),
        ({"caller": "woman"}, "if_nobody", ""),
        ({"caller": "woman", "nobody": "wait"}, "if_nobody", "wait"),
        ({"caller": "woman", "nobody": "next"}, "if_nobody", "next"),
        ({"caller": "anyone", "nobody": "next"}, "if_nobody", ""),
        ({"word": "blue bird"}, "code_word", "blue bird"),
        ({"concern": "trafficking", "form": "debt"}, "form", "debt"),
        ({}, "finished", False),
        ({"word": ""}, "finished", True),  # asked for, and none was wanted
        ({"word": "blue bird"}, "finished", True),
        ({"about": "child"}, "about", "child"),
        ({"place": "BT-11"}, "desk", "BT-WCPD-11"),
        ({"place": "BT-11", "elsewhere": "yes"}, "desk", "BT-WCPU-PARO"),  # SAFETY 14
        ({"elsewhere": "yes"}, "desk", "BT-WCPU-THIMPHU"),  # nothing stands above the top
        ({"place": "BT-11", "elsewhere": "yes"}, "place", "BT-11"),
    ],
)
def test_each_answer_has_its_place_in_the_report(
    answers: dict[str, str], name: str, value: object
) -> None:
    assert report(**answers)[name] == value


def test_the_rule_for_a_dropped_line_is_stored_with_each_request() -> None:
    """SAFETY 4: the programme's rule at the time of asking."""
    script = script_of()
    rules = replace(script.programme.rules, if_call_drops=CALL_AGAIN)
    changed = replace(script, programme=replace(script.programme, rules=rules))
    assert report_of(script, session(), CLOCK).if_call_drops == "wait"
    assert report_of(changed, session(), CLOCK).if_call_drops == "call_again"
