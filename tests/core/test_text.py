"""A text is measured as the network bills it, and its SMS parts are whole and within the limit."""

import pytest
import regex
from hypothesis import given
from hypothesis import strategies as st

from helpline.core.clusters import split_to_fit
from helpline.core.gsm7 import DEFAULT, EXTENSION
from helpline.core.text import (
    JOINED,
    SINGLE,
    Budget,
    Encoding,
    Measure,
    encoding_of,
    measure,
    segments,
    units,
)
from tests.core.letters import texts

GSM7, UCS2 = Encoding.GSM7, Encoding.UCS2
STRI = "ស្ត្រី"
FAMILY = "👨\u200d👩\u200d👧\u200d👦"  # one grapheme of 11 units
TEXTS = texts("abc €[\n.'\u2019\u00a0\u200b\u200d\u200eក\u17d2រី ស។ཀྱོ་།ྲمیں۔😀🇧🇹\u0301", 400)


@pytest.mark.parametrize(
    ("text", "encoding", "count"),
    [
        ("", GSM7, 0),
        ("call me", GSM7, 7),
        ("€", GSM7, 2),
        ("don't", GSM7, 5),
        ("don\u2019t", UCS2, 5),
        ("a\u00a0b", UCS2, 3),
        ("\U0001f600", UCS2, 2),
        (STRI, UCS2, 6),
        ("སྐད་ཡིག་གདམ་ཁ་རྐྱབ།", UCS2, 19),
        ("مدد۔", UCS2, 4),
        ("\ud83d", UCS2, 1),  # a stray surrogate is counted, not an error
    ],
)
def test_encoding_and_units(text: str, encoding: Encoding, count: int) -> None:
    assert encoding_of(text) is encoding
    assert units(text) == units(text, encoding) == count


def test_units_in_a_given_encoding() -> None:
    assert units("€", UCS2) == 1
    with pytest.raises(ValueError, match="GSM 7-bit"):
        units("ក", GSM7)


@pytest.mark.parametrize(
    ("budget", "gsm7", "ucs2"),
    [
        (Budget(), 160, 70),
        (Budget(gsm7=182, ucs2=80), 182, 80),
        (Budget(segments=2), 306, 134),
        (Budget(gsm7=182, ucs2=80, segments=3), 459, 201),
    ],
)
def test_limit(budget: Budget, gsm7: int, ucs2: int) -> None:
    assert (budget.limit(GSM7), budget.limit(UCS2)) == (gsm7, ucs2)


@pytest.mark.parametrize(
    ("text", "budget", "fits"),
    [
        ("", Budget(), True),
        ("a" * 160, Budget(), True),
        ("a" * 161, Budget(), False),
        ("€" * 80, Budget(), True),
        ("€" * 80 + "a", Budget(), False),
        ("ក" * 70, Budget(), True),
        ("ក" * 71, Budget(), False),
        ("a" * 70 + "\u2019", Budget(), False),
        ("😀" * 35, Budget(), True),
        ("😀" * 36, Budget(), False),
        ("a" * 182, Budget(gsm7=182), True),
        ("a" * 306, Budget(segments=2), True),
        ("a" * 307, Budget(segments=2), False),
        ("ក" * 134, Budget(segments=2), True),
        ("a" * 152 + "€" * 77, Budget(segments=2), False),  # 306 septets, but a pair at 153
        ("😀" * 67, Budget(segments=2), False),  # 134 units, but 33 pairs to a part
        (STRI * 22, Budget(segments=2), True),
        (STRI * 23, Budget(segments=2), False),
        ("a " * 152, Budget(segments=2), True),
        ("a " * 153, Budget(segments=2), False),  # unit 153 is a space: no part begins with one
        ("a" * 159 + "€", Budget(), False),  # the second septet of the pair is the 161st
        ("a" * 158 + "€", Budget(), True),
        ("ក" * 69 + "😀", Budget(), False),  # the second half of the pair is the 71st unit
        ("ក" * 68 + "😀", Budget(), True),
        ("a" * 304 + "€", Budget(segments=2), True),
        ("a" * 305 + "€", Budget(segments=2), False),
        (FAMILY * 12, Budget(segments=2), True),
        (FAMILY * 12 + "👩", Budget(segments=2), False),  # 134 units, but 66 to a part
    ],
)
def test_fits(text: str, budget: Budget, fits: bool) -> None:
    assert budget.fits(text) is fits


def test_measure() -> None:
    assert measure("a€", Budget()) == Measure(GSM7, 3, 160)
    assert measure("ក", Budget(segments=2)) == Measure(UCS2, 1, 134)


@pytest.mark.parametrize(
    ("text", "sizes"),
    [
        ("", [0]),
        ("a" * 160, [160]),
        ("a" * 161, [153, 8]),
        ("a" * 306, [153, 153]),
        ("ក" * 70, [70]),
        ("ក" * 71, [67, 4]),
        ("a" * 152 + "€" + "a" * 10, [152, 12]),  # the escape pair does not straddle
        ("a" * 151 + "€" + "a" * 10, [153, 10]),
        ("😀" * 36, [66, 6]),
        (STRI * 12, [66, 6]),
        ("a" * 70 + "\u2019", [67, 4]),
        ("a" * 158 + "€", [160]),
        ("a" * 159 + "€", [153, 8]),
        ("€" * 80, [160]),
        ("€" * 80 + "a", [152, 9]),
        ("a" + "€" * 80, [153, 8]),
        ("a" * 307, [153, 153, 1]),
        ("a" * 304 + "€", [153, 153]),
        ("a" * 305 + "€", [153, 152, 2]),
        ("a" * 152 + "€" + "a" * 151, [152, 153]),  # a pair at the end of the first part moves all
        ("a" * 152 + "€" + "a" * 151 + "€", [152, 153, 2]),
        ("ក" * 134, [67, 67]),
        ("ក" * 135, [67, 67, 1]),
        ("ក" * 68 + "😀", [70]),
        ("ក" * 69 + "😀", [67, 4]),
        ("ក" * 65 + "😀" * 3, [67, 4]),
        ("ក" * 66 + "😀" * 3, [66, 6]),  # the surrogate pair does not straddle
        (FAMILY * 6, [66]),
        (FAMILY * 7, [66, 11]),
        ("👍🏽" * 18, [64, 8]),
        ("🇧🇹" * 18, [64, 8]),
        ("1\ufe0f\u20e3" * 24, [66, 6]),
        ("ក" * 66 + STRI, [66, 6]),
        ("ក\u200b" * 36, [66, 6]),
        ("བསྒྲུབས་" * 9, [64, 8]),
        ("ཀ" * 66 + "སྒྲུ" + "ཁ", [66, 5]),
        ("ཀ" * 66 + "ཁ་གང་ས", [66, 6]),  # nor does a tsheg leave its syllable
        ("ب" * 66 + "بِ" + "تَت", [66, 5]),
    ],
)
def test_sizes_of_segments(text: str, sizes: list[int]) -> None:
    parts = segments(text)
    assert "".join(parts) == text
    assert [units(part, encoding_of(text)) for part in parts] == sizes


def test_segments_end_at_a_word_when_it_costs_nothing() -> None:
    assert segments("safe " * 40) == ("safe " * 30, "safe " * 10)
    dzongkha = segments("སྐད་ཡིག་གདམ་ཁ་རྐྱབ། " * 5)
    assert all(part[-1] in "་། " for part in dzongkha)


def test_segments_end_inside_a_word_when_that_saves_one() -> None:
    text = "a" * 100 + " " + "b" * 205
    assert len(split_to_fit(text, lambda piece: len(piece) <= 153)) == 3
    assert [len(part) for part in segments(text)] == [153, 153]


def test_a_cluster_larger_than_a_segment_is_cut_between_code_points() -> None:
    text = "a" + "\u0301" * 100
    assert [len(part) for part in segments(text)] == [67, 34]
    family = "\u200d".join("👩" * 50)  # joined emoji: one grapheme of 149 units
    assert "".join(segments(family)) == family
    assert all(units(part, UCS2) <= 67 for part in segments(family))


@given(TEXTS)
def test_segments_lose_nothing_and_fit(text: str) -> None:
    parts = segments(text)
    encoding = encoding_of(text)
    limit = SINGLE[encoding] if len(parts) == 1 else JOINED[encoding]
    assert "".join(parts) == text
    assert all(units(part, encoding) <= limit for part in parts)
    assert all(segments(part) == (part,) for part in parts)


ESCAPE = "\x1b"


def on_air(text: str) -> str:
    """One sign per septet: an escape before each character of the extension table."""
    return "".join(ESCAPE + char if char in EXTENSION else char for char in text)


@given(texts([*DEFAULT, *EXTENSION * 10], 700))
def test_an_escape_pair_never_straddles_two_parts(text: str) -> None:
    """Reckoned in septets: 140 octets, in several parts 6 of them a header."""
    parts = [on_air(part) for part in segments(text)]
    assert "".join(parts) == on_air(text)
    for septets in parts:
        header = 7 if len(parts) > 1 else 0  # 6 octets, filled up to a whole septet
        assert header + len(septets) <= 140 * 8 // 7
        assert not septets.endswith(ESCAPE)


@given(TEXTS)
def test_a_surrogate_pair_never_straddles_two_parts(text: str) -> None:
    parts = [part.encode("utf-16-be") for part in segments(text + "ក")]
    assert b"".join(parts).decode("utf-16-be") == text + "ក"
    for octets in parts:
        assert (6 if len(parts) > 1 else 0) + len(octets) <= 140
        assert not 0xDC <= octets[0] <= 0xDF


@given(TEXTS)
def test_segments_keep_graphemes_whole(text: str) -> None:
    ends, end = {match.end() for match in regex.finditer(r"\X", text)}, 0
    # No grapheme of this alphabet outgrows a segment unless marks or joiners pile up.
    huge = any(units(grapheme) > 67 for grapheme in regex.findall(r"\X", text))
    for part in segments(text)[:-1]:
        end += len(part)
        assert huge or end in ends


@given(TEXTS, st.integers(2, 4))
def test_budget_agrees_with_segments(text: str, count: int) -> None:
    assert Budget(segments=count).fits(text) is (len(segments(text)) <= count)


@given(TEXTS)
def test_one_segment_is_the_plain_budget(text: str) -> None:
    assert Budget().fits(text) is (len(segments(text)) == 1)
