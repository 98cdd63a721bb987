"""A case code catches slips of the finger, and what is sealed holds no phone number."""

import json
import re
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpline.core.report import Priority, Report, case_code, check_digit
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
        "place": "BT-15",
        "danger": False,
        "woman_officer": True,
        "consented": True,
        "language": "dz",
    }


@pytest.mark.parametrize("priority", Priority)
def test_what_is_sealed_holds_no_number_and_can_be_written_as_json(priority: Priority) -> None:
    content = report(priority).content()
    assert content["danger"] is (priority is Priority.DANGER)
    assert not {"number", "phone", "msisdn", "name"} & content.keys()
    assert not re.search(r"\d{5}", json.dumps(content))
