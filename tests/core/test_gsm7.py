"""The alphabet is the one in 3GPP TS 23.038, no character more or less."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpline.core.gsm7 import DEFAULT, EXTENSION, is_gsm7, septets


def test_sizes_of_the_tables() -> None:
    assert len(DEFAULT) == len(set(DEFAULT)) == 127  # 128 codes less the escape
    assert len(EXTENSION) == len(set(EXTENSION)) == 10
    assert not set(DEFAULT) & set(EXTENSION)


@pytest.mark.parametrize(
    ("char", "code"),
    [("@", 0x00), ("Ç", 0x09), ("\n", 0x0A), ("\r", 0x0D), ("Δ", 0x10), ("Ξ", 0x1A)],
)
def test_codes_below_the_escape(char: str, code: int) -> None:
    assert DEFAULT.index(char) == code


@pytest.mark.parametrize(
    ("char", "code"),
    [("Æ", 0x1C), (" ", 0x20), ("¤", 0x24), ("?", 0x3F), ("¡", 0x40), ("§", 0x5F), ("à", 0x7F)],
)
def test_codes_above_the_escape(char: str, code: int) -> None:
    assert DEFAULT.index(char) == code - 1


@pytest.mark.parametrize(
    "text", ["", "Are you safe to talk now?\n1 Yes", "£5 für Øl", "€[]{}^~|\\\f"]
)
def test_carries(text: str) -> None:
    assert is_gsm7(text)


@pytest.mark.parametrize(
    "char",
    [
        "\u2019",
        "\u00a0",
        "\u200b",
        "\u200c",
        "\u200e",
        "\t",
        "\x1b",
        "`",
        "ç",
        "ê",
        "Α",
        "ក",
        "ཀ",
        "ک",
        "😀",
    ],
)
def test_does_not_carry(char: str) -> None:
    assert not is_gsm7("call me" + char)
    with pytest.raises(ValueError, match="GSM 7-bit"):
        septets("call me" + char)


@pytest.mark.parametrize(
    ("text", "cost"),
    [("", 0), ("abc", 3), ("@\n", 2), ("€", 2), ("\f", 2), ("a[b]c", 7), ("€" * 80, 160)],
)
def test_septets(text: str, cost: int) -> None:
    assert septets(text) == cost


@given(st.text(DEFAULT + EXTENSION), st.text(DEFAULT + EXTENSION))
def test_cost_adds_up(one: str, two: str) -> None:
    assert septets(one + two) == septets(one) + septets(two)
