"""A cut never tears a letter, never loses one, and falls at a word or syllable where it can."""

import time
import unicodedata
from itertools import accumulate, pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpline.core.clusters import Cut, Fits, breaks, clusters, split_to_fit
from helpline.core.text import Budget
from tests.core.letters import texts

DZONGKHA = "སྐད་ཡིག་གདམ་ཁ་རྐྱབ།"
URDU = "آپ کی مدد۔ جی؟ ہاں"
ALPHABET = (
    "ab1 \n\r\u00a0€.😀👍🏽🇧🇹"  # Latin, emoji
    "\u200b\u200c\u200d\u200e\u2069"  # invisible
    "កខសតរអ\u17d2ី\u17d6។ៗ"  # Khmer
    "ཀགསྐྱྲིུ་༌།༎"  # Tibetan
    "مدںی\u064b\u0654۔؟"  # Urdu
    "\u0301"
)
TEXTS = texts(ALPHABET, 160)
LIMITS = st.integers(2, 80)
TSHEG_SHAD = "\u0f0b\u0f0c\u0f0d\u0f0e"


def within(limit: int) -> Fits:
    return lambda piece: len(piece) <= limit


def may_not_start(char: str) -> bool:
    return unicodedata.category(char).startswith("M") or char in TSHEG_SHAD


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", []),
        ("abc", ["a", "b", "c"]),
        ("a\r\nb", ["a", "\r\n", "b"]),
        ("ស្ត្រី", ["ស្ត្រី"]),
        ("ខ្ញុំ", ["ខ្ញុំ"]),
        ("ក\u17d2\u200cរ", ["ក\u17d2\u200cរ"]),
        ("ក\u17d2 រ", ["ក\u17d2", " ", "រ"]),
        (DZONGKHA, ["སྐ", "ད་", "ཡི", "ག་", "ག", "ད", "མ་", "ཁ་", "རྐྱ", "བ།"]),
        ("ང་།", ["ང་།"]),
        ("ང༑༔ཀ༒ཀ࿒ཀ", ["ང༑༔", "ཀ༒", "ཀ࿒", "ཀ"]),
        ("་ཀ", ["་", "ཀ"]),
        ("\n\u0301a", ["\n\u0301", "a"]),
        ("ក\u200bខ", ["ក\u200b", "ខ"]),
        ("1\u200eہاں", ["1\u200e", "ہ", "ا", "ں"]),
        ("دً", ["دً"]),
        ("👍🏽🇧🇹", ["👍🏽", "🇧🇹"]),
    ],
)
def test_clusters(text: str, expected: list[str]) -> None:
    assert clusters(text) == expected


@pytest.mark.parametrize(
    ("text", "good", "others"),
    [
        ("", [], []),
        ("a", [], []),
        ("ab cd", [3], [1, 4]),
        ("a  b", [3], []),
        ("a\nb", [2], []),
        ("a\u00a0b", [], [2]),
        (DZONGKHA, [4, 8, 12, 14], [2, 6, 9, 10, 17]),
        ("ཀ། །ཁ", [4], []),
        ("ཀ༌ཁ", [], [2]),
        ("ក\u200bខគ", [2], [3]),
        ("ក។ខ", [2], []),
        ("កៗខ", [], [2]),
        (URDU, [3, 6, 11, 15], [1, 4, 7, 8, 12, 16, 17]),
        ("ہے۔جی", [3], [1, 4]),
        ("جی،\u200fہ", [4], [1]),
    ],
)
def test_breaks(text: str, good: list[int], others: list[int]) -> None:
    found = breaks(text)
    assert found == sorted(found, key=lambda cut: cut.offset)
    assert [cut.offset for cut in found if cut.good] == good
    assert [cut.offset for cut in found if not cut.good] == others


def test_a_cut_is_plain_data() -> None:
    assert breaks("a b") == [Cut(2, good=True)]


@pytest.mark.parametrize(
    ("text", "limit", "pieces"),
    [
        ("", 5, ("",)),
        ("hello", 5, ("hello",)),
        ("hello world", 8, ("hello ", "world")),
        ("hello", 3, ("hel", "lo")),
        ("abcde fg", 5, ("abcd", "e fg")),  # no piece begins with the space
        ("ab" + " " * 7, 4, ("a", "b   ", "    ")),  # but a long run of spaces makes progress
        ("ស្ត្រីក", 6, ("ស្ត្រី", "ក")),
        ("ស្ត្រី", 4, ("ស្ត្", "រី")),  # one cluster that does not fit
        (DZONGKHA, 10, ("སྐད་ཡིག་", "གདམ་ཁ་", "རྐྱབ།")),
        ("ཀ་་་་", 2, ("ཀ་", "་་", "་")),
        ("ب" * 3 + "۔" + "ج", 4, ("ببب۔", "ج")),
        ("ب" * 3 + "۔" + "ج", 3, ("بب", "ب۔ج")),
        ("👍🏽👍🏽", 3, ("👍🏽", "👍🏽")),
        ("👍🏽" * 2, 1, ("👍", "🏽", "👍", "🏽")),
    ],
)
def test_split(text: str, limit: int, pieces: tuple[str, ...]) -> None:
    assert split_to_fit(text, within(limit)) == pieces


def test_split_without_preference_needs_fewer_pieces() -> None:
    assert split_to_fit("hello world", within(8), tidy=False) == ("hello wo", "rld")


def test_split_gives_up_only_when_no_code_point_fits() -> None:
    for text in ("", "a", "😀"):
        with pytest.raises(ValueError, match="code point"):
            split_to_fit(text, lambda _: False)
    with pytest.raises(ValueError, match="code point"):
        split_to_fit("a😀", lambda piece: len(piece.encode()) <= 3)


@pytest.mark.parametrize(
    "unit",
    ["ស្ត្រី ", DZONGKHA, URDU, "hello ", "a. ", "a\u200b", " ", "་", "\u0301", "\u17d2", "😀"],
)
def test_long_texts_are_cut_quickly(unit: str) -> None:
    text = (unit * 10_000)[:10_000]
    began = time.process_time()
    pieces = split_to_fit(text, Budget().fits)
    # About 40 ms where this was written: the bound only catches a quadratic mistake.
    assert time.process_time() - began < 0.5
    assert "".join(pieces) == text


@given(TEXTS)
def test_clusters_lose_nothing_and_start_well(text: str) -> None:
    found = clusters(text)
    assert "".join(found) == text
    assert not any(may_not_start(cluster[0]) for cluster in found[1:])
    for one, two in pairwise(found):
        assert not (one.endswith("\u17d2") and "\u1780" <= two[0] <= "\u17b3")


@given(TEXTS)
def test_breaks_are_inside_and_never_before_a_space(text: str) -> None:
    offsets = [cut.offset for cut in breaks(text)]
    assert offsets == sorted(set(offsets))
    for offset in offsets:
        assert 0 < offset < len(text)
        assert not text[offset].isspace()
        assert not may_not_start(text[offset])


@given(TEXTS, LIMITS, st.booleans())
def test_pieces_join_fit_and_are_stable(text: str, limit: int, tidy: bool) -> None:
    pieces = split_to_fit(text, within(limit), tidy=tidy)
    assert "".join(pieces) == text
    assert all(len(piece) <= limit for piece in pieces)
    assert all(split_to_fit(piece, within(limit), tidy=tidy) == (piece,) for piece in pieces)
    assert all(pieces) or not text


@given(TEXTS, LIMITS)
def test_only_a_stretch_too_long_for_a_piece_is_torn(text: str, limit: int) -> None:
    allowed = [0, *(cut.offset for cut in breaks(text)), len(text)]
    for offset in accumulate(map(len, split_to_fit(text, within(limit)))):
        if offset not in allowed:
            before = max(cut for cut in allowed if cut < offset)
            after = min(cut for cut in allowed if cut > offset)
            assert after - before > limit


@given(TEXTS)
def test_no_piece_of_a_screen_starts_with_a_mark_or_space(text: str) -> None:
    budget = Budget()
    bounds = [0, *(cut.offset for cut in breaks(text)), len(text)]
    torn = not all(budget.fits(text[one:two]) for one, two in pairwise(bounds))
    for piece in split_to_fit(text, budget.fits)[1:]:
        assert torn or not (may_not_start(piece[0]) or piece[0].isspace())


@given(TEXTS)
def test_pieces_fit_a_budget_of_segments(text: str) -> None:
    budget = Budget(segments=2)
    pieces = split_to_fit(text * 3, budget.fits)
    assert "".join(pieces) == text * 3
    assert all(map(budget.fits, pieces))
