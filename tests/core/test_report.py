"""A case code catches slips of the finger, and what is sealed holds no phone number."""

import json
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpline.core.programme import CALL_AGAIN, WAIT
from helpline.core.report import Priority, Report, case_code, check_digit, parse_case_code
from helpline.core.window import Window

NOW = datetime(2026, 3, 10, 4, 0, tzinfo=UTC)
CODES = st.integers(min_value=0, max_value=2**64).map(case_code)


def correct(code: str) -> bool:
    return check_digit(code.replace("-", "")) == "0"


def report(priority: Priority = Priority.HIGH) -> Report:
    return Report(
        programme="bt",
        desk="BT-WCPD-15",
        place="BT-15",
        about="child",
        concern="home",
        priority=priority,
        windows=(Window(NOW, NOW + timedelta(hours=1), daily=False),),
        woman=True,
        consented=True,
        language="dz",
    )


@pytest.mark.parametrize(
    ("number", "code"),
    [(0, "1000-0004"), (1, "1000-0012"), (8_999_999, "9999-9992"), (9_000_000, "1000-0004")],
)
def test_a_number_drawn_at_random_gives_seven_digits_and_a_check(number: int, code: str) -> None:
    assert case_code(number) == code


@pytest.mark.parametrize(("digits", "check"), [("572", "4"), ("", "0"), ("0", "0")])
def test_the_check_digit_is_damms(digits: str, check: str) -> None:
    assert check_digit(digits) == check


@given(CODES)
def test_a_case_code_is_two_halves_of_four_digits(code: str) -> None:
    assert re.fullmatch(r"[1-9][0-9]{3}-[0-9]{4}", code)
    assert correct(code)


@given(CODES)
def test_every_single_wrong_digit_is_found(code: str) -> None:
    digits = code.replace("-", "")
    for at, right in enumerate(digits):
        for wrong in set("0123456789") - {right}:
            assert not correct(digits[:at] + wrong + digits[at + 1 :])


@given(CODES)
def test_every_swap_of_two_neighbours_is_found(code: str) -> None:
    digits = code.replace("-", "")
    for at, (one, two) in enumerate(pairwise(digits)):
        if one != two:
            assert not correct(digits[:at] + two + one + digits[at + 2 :])


@given(CODES, st.sampled_from(["-", "", " ", ".", "/", "\u2013", "\u200e-\u200f"]))
def test_a_code_is_read_back_however_its_halves_are_joined(code: str, joint: str) -> None:
    assert parse_case_code(code.replace("-", joint)) == code


@given(CODES, st.sampled_from(["٠١٢٣٤٥٦٧٨٩", "۰۱۲۳۴۵۶۷۸۹", "០១២៣៤៥៦៧៨៩", "༠༡༢༣༤༥༦༧༨༩"]))
def test_a_code_is_read_back_in_the_digits_of_every_script(code: str, digits: str) -> None:
    assert parse_case_code(code.translate(str.maketrans("0123456789", digits))) == code


@given(CODES)
def test_a_code_with_a_slip_or_among_other_digits_is_none(code: str) -> None:
    slip = code[:-1] + str((int(code[-1]) + 1) % 10)
    for typed in (slip, code[:-1], f"{code}0", f"0{code}", f"no {code}", f"{code} {code}"):
        assert parse_case_code(typed) == ""


@given(st.text())
def test_no_text_raises_and_only_a_right_code_is_read(text: str) -> None:
    read = parse_case_code(text)
    assert read == "" or correct(read)


def test_danger_is_rung_first_and_normal_last() -> None:
    assert sorted(Priority, key=lambda priority: priority.rank) == [
        Priority.DANGER,
        Priority.HIGH,
        Priority.NORMAL,
    ]


def test_what_is_sealed_is_what_was_told_and_nothing_else() -> None:
    assert report().content() == {
        "about": "child",
        "concern": "home",
        "form": "",
        "place": "BT-15",
        "danger": False,
        "woman_officer": True,
        "if_nobody": "",
        "consented": True,
        "code_word": "",
        "finished": False,
        "said": "",
        "if_call_drops": "wait",
        "language": "dz",
    }


@pytest.mark.parametrize(
    ("change", "name", "value"),
    [
        ({"form": "debt"}, "form", "debt"),
        ({"code_word": "blue bird"}, "code_word", "blue bird"),
        ({"said": "It began in May."}, "said", "It began in May."),
        ({"if_call_drops": CALL_AGAIN}, "if_call_drops", "call_again"),
        ({"consented": False}, "consented", False),
        ({"woman": False}, "woman_officer", False),
        ({"if_nobody": "next"}, "if_nobody", "next"),
        ({"finished": True}, "finished", True),
    ],
)
def test_each_answer_is_sealed_under_its_name(
    change: dict[str, Any], name: str, value: object
) -> None:
    assert replace(report(), **change).content()[name] == value


def test_the_default_is_to_wait_for_her_when_the_line_drops() -> None:
    """SAFETY 4."""
    assert report().if_call_drops == WAIT


@pytest.mark.parametrize("hidden", ["desk", "priority", "windows", "programme"])
def test_what_the_queue_must_read_is_not_sealed_with_the_story(hidden: str) -> None:
    """SAFETY 9: a desk finds its requests without opening any story."""
    assert hidden not in report().content()


@pytest.mark.parametrize("priority", Priority)
def test_what_is_sealed_holds_no_number_and_can_be_written_as_json(priority: Priority) -> None:
    content = report(priority).content()
    assert content["danger"] is (priority is Priority.DANGER)
    assert not {"number", "phone", "msisdn", "name"} & content.keys()
    assert not re.search(r"\d{5}", json.dumps(content))
