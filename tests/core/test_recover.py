"""One input is recovered from a gateway's whole history, also when the caller types an asterisk."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpline.core.recover import Arrival, recover

FIRST, INPUT, REPEAT = Arrival.FIRST, Arrival.INPUT, Arrival.REPEAT
LOST, DIVERGENT = Arrival.LOST, Arrival.DIVERGENT
INPUTS = st.text(st.sampled_from("0189*#a ក།۲"), min_size=1, max_size=8) | st.text(min_size=1)


@pytest.mark.parametrize(
    ("history", "text", "arrival", "typed"),
    [
        (None, "", FIRST, ""),
        ("", "1", INPUT, "1"),
        ("1", "1*3", INPUT, "3"),
        ("1", "1*3*4", INPUT, "3*4"),  # the caller typed an asterisk
        ("", "3*4", INPUT, "3*4"),
        ("1*3*4", "1*3*4*2", INPUT, "2"),
        ("1", "1*", INPUT, ""),  # an empty answer
        ("1*", "1**2", INPUT, "2"),
        ("1*2", "1*2", REPEAT, ""),
        ("", "", REPEAT, ""),
        (None, "1*2", LOST, "1*2"),
        ("1*2", "1*3", DIVERGENT, "1*3"),
        ("1*2", "1", Arrival.OLD, "1"),  # a late copy of a turn before
        ("1*2", "", DIVERGENT, ""),
        ("1", "12", DIVERGENT, "12"),  # begins with the history, but is not its continuation
    ],
)
def test_how_a_text_follows_the_history(
    history: str | None, text: str, arrival: Arrival, typed: str
) -> None:
    assert recover(history, text) == (arrival, typed)


@given(st.lists(INPUTS), INPUTS)
def test_the_last_input_of_any_history_is_recovered_exactly(before: list[str], last: str) -> None:
    history = "*".join(before)
    assert recover(history, "*".join([*before, last])) == (INPUT, last)


@given(st.lists(INPUTS))
def test_the_same_text_again_is_a_repeat(inputs: list[str]) -> None:
    text = "*".join(inputs)
    assert recover(text, text) == (REPEAT, "")


@given(st.lists(INPUTS, min_size=1))
def test_without_a_session_a_history_is_kept_whole_for_replay(inputs: list[str]) -> None:
    text = "*".join(inputs)
    assert recover(None, text) == (LOST, text)


@given(st.none() | st.text(), st.text())
def test_nothing_the_gateway_sends_raises(history: str | None, text: str) -> None:
    arrival, typed = recover(history, text)
    assert isinstance(arrival, Arrival)
    assert text.endswith(typed)
