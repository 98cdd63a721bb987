r"""Finds where a text may be cut without tearing a letter, and cuts it so that each piece fits.

Promises that joined pieces equal the text, byte for byte: nothing is trimmed or normalised. Knows
nothing of encodings: what fits is the caller's question.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import accumulate, takewhile
from typing import Final

import regex

Fits = Callable[[str], bool]

# Tibetan tsheg and shad close a syllable or sentence (0F0C is the tsheg that forbids a break,
# 0FD2 the double tsheg).
_TIBETAN_CLOSERS: Final = "\u0f0b-\u0f12\u0f14\u0fd2"
# Khmer khan, bariyoosan, camnuc pii kuuh; Urdu full stop, question mark, comma, semicolon.
_STOPS: Final = "\u17d4\u17d5\u17d6\u06d4\u061f\u060c\u061b"
_KHMER_REPEAT: Final = "\u17d7"
# Zero width space and joiners, LRM, RLM, ALM, PDI: invisible, and they belong to what is before.
_INVISIBLE: Final = "\u200b-\u200f\u061c\u2069"

# \X alone starts a cluster with a mark after a newline, and with every tsheg. The possessive *+
# keeps a long run linear.
_CLUSTER: Final = regex.compile(
    rf"\X(?:(?=[\p{{M}}{_TIBETAN_CLOSERS}{_INVISIBLE}])\X"
    r"|(?<=\u17d2[\u200c\u200d]?)(?=[\u1780-\u17b3])\X)*+"
)
_GRAPHEME: Final = regex.compile(r"\X")
# A piece must not begin with these: white space stays behind, a stop stays with its sentence, and
# a number at the head of a line would look like a key.
_STAYS_BEHIND: Final = regex.compile(rf"[\s{_STOPS}{_KHMER_REPEAT}\p{{Nd}}]")
# A no-break space is white space, but no place to break.
_GOOD_END: Final = regex.compile(
    rf"[[\s\u200b{_TIBETAN_CLOSERS}{_STOPS}]--[\u00a0\u202f\u0f0c]][\u200c-\u200f\u061c\u2069]*\Z",
    regex.VERSION1,
)


# Better places still, where a piece gets full enough: after a sentence, after a word. Tibetan
# script writes a tsheg after each syllable and a space only after a phrase.
_SENTENCE_END: Final = regex.compile(r"(?<=[.?!\u06d4\u061f\u17d4\u0f0d]\s+)")
_WORD_END: Final = regex.compile(r"(?<=[\s\u200b])")
_FULL_ENOUGH: Final = {"sentence": 0.5, "word": 0.65}


@dataclass(frozen=True, slots=True)
class Cut:
    """A place to cut, as an offset in code points; good means at the end of a word or syllable."""

    offset: int
    good: bool


def clusters(text: str) -> list[str]:
    """Extended grapheme clusters, each with the marks, tsheg and shad that follow it."""
    return _CLUSTER.findall(text)


def breaks(text: str) -> list[Cut]:
    """The places inside the text where it may be cut, in order."""
    parts = clusters(text)
    inner = zip(accumulate(map(len, parts)), parts, parts[1:], strict=False)
    return [
        Cut(offset, _GOOD_END.search(before) is not None)
        for offset, before, after in inner
        if not _STAYS_BEHIND.match(after)
    ]


def split_to_fit(text: str, fits: Fits, *, tidy: bool = True) -> tuple[str, ...]:
    """Pieces that each satisfy `fits`, cut at the last good place, else the last cluster boundary.

    With tidy=False good places get no preference, which needs the fewest pieces. A stretch without
    any boundary that fits is cut between graphemes, then between code points. ValueError if one
    code point does not fit. `fits` should hold for every prefix of what it holds for; where it does
    not, pieces still fit but may be shorter than they could be.
    """
    if fits(text):
        return (text,)
    levels = _levels(text, tidy=tidy)
    pieces: list[str] = []
    start = 0
    while start < len(text) or not pieces:
        end = _end(text, start, levels, fits)
        pieces.append(text[start:end])
        start = end
    return tuple(pieces)


Level = tuple[Sequence[int], float]  # offsets, and how full the piece must be for them to serve


def _levels(text: str, *, tidy: bool) -> tuple[Level, ...]:
    """The kinds of cut, the best first; the text's end belongs to each."""
    cuts, end = breaks(text), len(text)
    every = ([*(cut.offset for cut in cuts), end], 0.0)
    if not tidy:
        return (every,)
    ends = [cut.offset for cut in cuts if cut.good]
    kinds = {
        "sentence": [at for at in ends if _SENTENCE_END.match(text, at)],
        "word": [at for at in ends if _WORD_END.match(text, at)],
    }
    better = [([*offsets, end], _FULL_ENOUGH[kind]) for kind, offsets in kinds.items()]
    return (*better, ([*ends, end], 0.0), every)


def _end(text: str, start: int, levels: Iterable[Level], fits: Fits) -> int:
    """The end of the piece from start, at the first level of cuts that has one within reach."""
    reach = _reach(text, start, fits)
    for offsets, full in levels:
        end = offsets[bisect_right(offsets, reach) - 1]
        enough = end - start >= full * (reach - start)
        if start < end <= reach and enough and fits(text[start:end]):
            return end
    whole = _last_grapheme(text, start, reach)
    return whole if whole > start and fits(text[start:whole]) else reach


def _reach(text: str, start: int, fits: Fits) -> int:
    """The furthest code point that fits."""

    def too_long(end: int) -> bool:
        return not fits(text[start:end])

    step = 1
    # Doubling first keeps every probe near the size of one piece, however long the text is.
    while start + step < len(text) and not too_long(start + step):
        step *= 2
    ends = range(min(start + step, len(text)) + 1)
    end = bisect_left(ends, True, start + 1, key=too_long) - 1
    if end <= start:
        raise ValueError("not even one code point fits")
    return end


def _last_grapheme(text: str, start: int, reach: int) -> int:
    """The last boundary between graphemes in start..reach, which may be start itself."""
    ends = (match.end() for match in _GRAPHEME.finditer(text, start))
    return max(takewhile(reach.__ge__, ends), default=start)
