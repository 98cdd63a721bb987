"""SAFETY 22: nobody can compute a number of 1 to 4 from what is published, knowing the rules."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpline.core.suppression import (
    HIDDEN,
    LEAST_SHOWN,
    MARK,
    Band,
    Cell,
    Shown,
    added,
    band,
    hide,
    whole,
)

SMALL = range(1, LEAST_SHOWN)


def published(counts: Sequence[int]) -> tuple[str, ...]:
    """All that is said of a table: its cells in their order, and its total."""
    cells = hide({str(at): count for at, count in enumerate(counts)})
    return (*(cells[str(at)].text for at in range(len(counts))), whole(sum(counts)).text)


@pytest.mark.parametrize(
    ("counts", "shown"),
    [
        ((5, 7, 0), ("5", "7", "0", "12")),
        ((0, 0, 0), ("0", "0", "0", "0")),
        ((3, 0, 0), (MARK, MARK, MARK, MARK)),  # even the total would be one
        ((3, 8, 9), (MARK, MARK, "9", "20")),  # the next one hides the only one
        ((3, 8, 8), (MARK, MARK, MARK, "19")),  # equals are hidden together
        ((1, 2, 9), (MARK, MARK, MARK, "12")),  # 1 + 2 would be a small number itself
        ((1, 2, 9, 20), (MARK, MARK, MARK, "20", "32")),
        ((1, 4, 9), (MARK, MARK, "9", "14")),
        ((4, 4, 9), (MARK, MARK, MARK, "17")),  # 8 in two small numbers: it would be 4 and 4
        ((3, 9, 0), (MARK, MARK, MARK, "12")),  # a zero would say too much of the others
        ((1, 1, 1, 1, 1), (MARK,) * 5 + ("5",)),
    ],
)
def test_safety_22_what_is_shown(counts: Sequence[int], shown: tuple[str, ...]) -> None:
    assert published(counts) == shown


def computable(tables: Iterable[tuple[int, ...]]) -> list[tuple[int, ...]]:
    """The tables of which a small number follows from what is published: it is the same in all
    of these tables that are published alike."""
    alike: dict[tuple[str, ...], list[tuple[int, ...]]] = defaultdict(list)
    for table in tables:
        alike[published(table)].append(table)
    found = []
    for same in alike.values():
        for values in zip(*same, strict=True):
            if len(set(values)) == 1 and values[0] in SMALL:
                found.append(same[0])
    return found


@pytest.mark.parametrize(("groups", "most"), [(2, 40), (3, 18), (4, 10), (5, 6), (6, 4)])
def test_safety_22_of_all_small_tables_none_gives_a_small_number_away(
    groups: int, most: int
) -> None:
    """Every table is compared with every other of the same total, so both have to be complete:
    a total that some table up to `most` could not reach is left out."""
    tables = [t for t in product(range(most + 1), repeat=groups) if sum(t) <= most]
    assert computable(tables) == []


tables = st.lists(st.integers(0, 30) | st.integers(0, 6), min_size=1, max_size=25)


@given(tables)
def test_safety_22_the_order_of_the_groups_changes_nothing(counts: list[int]) -> None:
    """All groups are treated alike; the proof by exchange needs this."""
    turned = list(reversed(counts))
    assert published(counts)[:-1] == published(turned)[:-1][::-1]


@given(tables)
def test_safety_22_two_hidden_numbers_exchanged_are_published_alike(counts: list[int]) -> None:
    shown = published(counts)
    held = [at for at, text in enumerate(shown[:-1]) if text == MARK]
    for one in held:
        others = [at for at in held if counts[at] != counts[one]]
        for other in others:
            moved = list(counts)
            moved[one], moved[other] = counts[other], counts[one]
            assert published(moved) == shown
        if sum(counts) >= LEAST_SHOWN and counts[one] in SMALL and not others:
            assert len({*counts}) == 1  # all alike: see the next test


@given(st.integers(2, 12), st.integers(1, 4))
def test_safety_22_where_all_are_alike_one_could_be_all(groups: int, each: int) -> None:
    total = groups * each
    if total < LEAST_SHOWN:
        return
    other = (each - 1, each + 1) if groups == 2 else (each, total - each, *[0] * (groups - 2))
    assert published([each] * groups) == published(other)


@given(tables)
def test_safety_22_no_small_number_is_shown_and_none_is_the_rest(counts: list[int]) -> None:
    cells = hide({str(at): count for at, count in enumerate(counts)}).values()
    shown = [cell.number for cell in cells if cell.shown is Shown.EXACT]
    assert not set(shown) & set(SMALL)
    rest = sum(counts) - sum(shown)
    assert whole(sum(counts)) is HIDDEN or rest not in SMALL
    assert all(cell.number == 0 for cell in cells if cell.shown is Shown.HIDDEN)


class TestSums:
    @pytest.mark.parametrize(
        ("cells", "text"),
        [
            ([Cell(7)], "7"),
            ([HIDDEN], MARK),
            ([Cell(7), Cell(0), Cell(12)], "19"),
            ([Cell(7), HIDDEN], "7+"),
            ([HIDDEN, HIDDEN], "0+"),
            ([Cell(10, Shown.AT_LEAST), Cell(5)], "15+"),
            ([], "0+"),
        ],
    )
    def test_a_sum_is_of_what_is_shown(self, cells: list[Cell], text: str) -> None:
        assert added(cells).text == text


class TestBands:
    @pytest.mark.parametrize(
        ("count", "base", "shown"),
        [
            (5, 10, None),  # too few for two halves
            (5, 11, Band(0, 50)),
            (6, 11, Band(50, 100)),
            (20, 24, Band(75, 100)),
            (54, 60, Band(90, 100)),
            (0, 120, Band(0, 5)),
            (120, 120, Band(95, 100)),
        ],
    )
    def test_the_finest_that_gives_nothing_away(
        self, count: int, base: int, shown: Band | None
    ) -> None:
        assert band(count, base) == shown

    @given(st.integers(0, 400), st.data())
    def test_safety_22_the_ends_of_a_band_are_no_small_numbers(
        self, base: int, drawn: st.DataObject
    ) -> None:
        """The total of all groups may allow only the lowest, or only the highest, of each band."""
        count = drawn.draw(st.integers(0, base))
        shown = band(count, base)
        alike = [other for other in range(base + 1) if band(other, base) == shown]
        assert count in alike
        assert len(alike) >= min(LEAST_SHOWN, base + 1)
        if shown is not None:
            ends = {alike[0], alike[-1], base - alike[0], base - alike[-1]}
            assert not ends & set(SMALL)
            assert alike == list(range(alike[0], alike[-1] + 1))
            last = count == base and shown.high == 100
            assert last or shown.low * base <= 100 * count < shown.high * base
