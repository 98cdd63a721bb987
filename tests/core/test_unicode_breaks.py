"""The cases of Unicode hold: no cut of ours falls inside an extended grapheme cluster.

The table is GraphemeBreakTest.txt of Unicode 18.0, the version that `regex` follows.

Our clusters are coarser on purpose, never finer. What may not begin a line stays with what stands
before it: a mark after a line break or a control character, tsheg and shad after their syllable, an
invisible joiner, space or direction mark; and a Khmer letter stays with the coeng before it. A
coarser cluster is a wish, and it costs no text: where it does not fit, it is cut between the
clusters of Unicode, and only where one of those does not fit, between code points.
"""

from collections.abc import Iterable
from itertools import accumulate
from pathlib import Path

import pytest
import regex

from helpline.core.clusters import breaks, clusters, split_to_fit
from helpline.core.text import segments, units
from tests.core.test_clusters import within

TABLE = (Path(__file__).parent / "unicode" / "GraphemeBreakTest.txt").read_text("utf-8")
# What may be joined to the cluster before it: marks, and what the table has of the rest.
MAY_JOIN = regex.compile(r"[\p{M}\u200b-\u200f\u061c\u2069]")
FILLER, ROOM = "ក", 67  # a letter of one unit, and the units of a part

Case = tuple[str, ...]


def parse(line: str) -> Case:
    """The clusters of a line such as `÷ 0061 × 0308 ÷ 0062 ÷`."""
    return tuple(
        "".join(chr(int(code, 16)) for code in cluster.split("×"))
        for cluster in line.strip().strip("÷").split("÷")
    )


CASES = [
    parse(line.partition("#")[0]) for line in TABLE.splitlines() if line.partition("#")[0].strip()
]


def ends(pieces: Iterable[str]) -> set[int]:
    return set(accumulate(map(len, pieces)))


def test_the_whole_table_is_read() -> None:
    assert TABLE.startswith("# GraphemeBreakTest-18.0.0.txt")
    assert f"# Lines: {len(CASES)}" in TABLE
    assert parse("÷ 0061 × 0308 ÷ 0062 ÷") == ("a\u0308", "b")


def test_the_clusters_of_regex_are_those_of_unicode() -> None:
    """Fails with a `regex` that follows another version of Unicode than the table."""
    assert [c for c in CASES if tuple(regex.findall(r"\X", "".join(c))) != c] == []


def test_our_clusters_tear_none_and_lose_nothing() -> None:
    for case in CASES:
        ours = clusters("".join(case))
        assert "".join(ours) == "".join(case)
        assert ends(ours) <= ends(case), case


def test_our_clusters_are_coarser_only_before_what_may_not_begin_a_line() -> None:
    for case in CASES:
        ours = ends(clusters("".join(case)))
        starts = zip(accumulate(map(len, case)), case[1:], strict=False)
        joined = [cluster for at, cluster in starts if at not in ours]
        assert all(map(MAY_JOIN.match, joined)), case


def test_no_place_to_cut_is_inside_one() -> None:
    for case in CASES:
        assert {cut.offset for cut in breaks("".join(case))} <= ends(case), case


@pytest.mark.parametrize("tidy", [True, False])
def test_where_ours_does_not_fit_it_is_cut_between_those_of_unicode(tidy: bool) -> None:
    """In the least room that the clusters need, none is torn and nothing is lost."""
    for case in CASES:
        pieces = split_to_fit("".join(case), within(max(map(len, case))), tidy=tidy)
        assert "".join(pieces) == "".join(case)
        assert ends(pieces) <= ends(case), case


def test_in_too_little_room_nothing_is_lost() -> None:
    for case in CASES:
        text = "".join(case)
        assert split_to_fit(text, within(1)) == tuple(text)


def test_a_part_of_a_message_ends_inside_none() -> None:
    """Each case stands across the end of the first part, moved by one unit at a time."""
    for case in CASES:
        text = "".join(case)
        for start in range(ROOM - units(text), ROOM):
            first = len(segments(FILLER * start + text + FILLER * ROOM)[0])
            inside = start < first < start + len(text)
            assert not inside or first - start in ends(case), (case, start)
