"""A key counts whatever digits it is written in; anything that is not clearly a key is none."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpline.core.digits import key_of, to_ascii_digits

ROWS = ("٠١٢٣٤٥٦٧٨٩", "۰۱۲۳۴۵۶۷۸۹", "០១២៣៤៥៦៧៨៩", "༠༡༢༣༤༥༦༧༨༩", "０１２３４５６７８９")
DRESS = " \n\t\u00a0\u200e\u200f\u061c\u2068\u2069\u2066\u2067\u200b\u200c\u200d\u2060\ufeff"


@pytest.mark.parametrize("row", [*ROWS, "0123456789"])
def test_every_digit(row: str) -> None:
    assert to_ascii_digits(row) == "0123456789"
    assert [key_of(digit) for digit in row] == list("0123456789")


def test_the_rest_of_a_text_stays() -> None:
    assert to_ascii_digits("ថ្ងៃ ១៥ ཉིན་༣ ۹ بجے ½²") == "ថ្ងៃ 15 ཉིན་3 9 بجے ½²"


@pytest.mark.parametrize(
    ("typed", "key"),
    [
        ("1", "1"),
        (" 1 ", "1"),
        ("1#", "1"),
        ("1 #", "1"),
        ("1.", "1"),
        ("1)", "1"),
        ("1]", "1"),
        ("1 .", "1"),
        ("1.#", "1"),
        ("00", "00"),
        ("98", "98"),
        ("00#", "00"),
        ("១.", "1"),
        ("۱)", "1"),
        ("༡༠", "10"),
        ("\u200e\u06f2\u200f", "2"),
        ("\u20681\u2069", "1"),
        ("\ufeff1\u200b\r\n", "1"),
        ("1\u200e2", "12"),
    ],
)
def test_keys(typed: str, key: str) -> None:
    assert key_of(typed) == key


@pytest.mark.parametrize(
    "typed",
    [
        "",
        " ",
        "#",
        ".",
        ")",
        "\u200e",
        "123",
        "1 2",
        "1*2",
        "-1",
        "+1",
        "1.5",
        "(1)",
        "1..",
        "1##",
        "#1",
        ".1",
        "a",
        "1a",
        "yes",
        "¹",
        "½",
        "Ⅰ",
        "一",
        "១ក",
    ],
)
def test_not_keys(typed: str) -> None:
    assert key_of(typed) is None


@pytest.mark.parametrize("blank", [" ", "\n", "\u00a0", "\u3000", "\u200b", "1 ", ". #"])
@pytest.mark.parametrize("end", ["", "x", "1", "#"])
def test_a_long_run_of_blanks_is_read_at_once(blank: str, end: str) -> None:
    """Read in three greedy runs, 1,600 blanks behind a digit took eleven seconds."""
    began = time.process_time()
    for length in (1_600, 10_000):
        key_of("1" + (blank * length)[:length] + end)
    # About 1 ms where this was written: the bound only catches a quadratic mistake.
    assert time.process_time() - began < 0.25


@given(
    st.from_regex(r"[0-9]{1,2}", fullmatch=True),
    st.sampled_from(ROWS),
    st.text(DRESS),
    st.text(DRESS),
    st.sampled_from(["", ".", ")", "#", ".#"]),
)
def test_dress_never_hides_a_key(key: str, row: str, before: str, after: str, end: str) -> None:
    typed = key.translate(str.maketrans("0123456789", row))
    assert key_of(before + typed + end + after) == key


@given(st.text())
def test_a_key_is_one_or_two_ascii_digits(text: str) -> None:
    key = key_of(text)
    assert key is None or (key.isascii() and key.isdigit() and len(key) <= 2)


@given(st.text())
def test_mapping_keeps_length_and_is_idempotent(text: str) -> None:
    mapped = to_ascii_digits(text)
    assert len(mapped) == len(text)
    assert to_ascii_digits(mapped) == mapped
