"""Small numbers are not shown (SAFETY 22), nor is anything from which one could be computed.

Who reads what is published may know these rules. So what is hidden may never depend on anything
that the rules and the published numbers together give away:

- `hide` is for one table of counts whose total is known, also from every other table of the same
  month. It treats all groups alike, and what it hides holds at least two different numbers that
  add up to 5 or more: with two of them exchanged exactly the same is published. Where every
  number that is not zero is hidden, the zeros are hidden too.
- `added` makes a sum from what was published for its parts and from nothing else.
- `band` says a share only as a range that five or more counts fall into, and whose ends are no
  small numbers, neither of those counted nor of the others.
"""

from bisect import bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import Enum

LEAST_SHOWN = 5
MARK = "<5*"  # fewer than 5, or hidden lest such a number be computed: nobody can tell which
_PARTS = (20, 10, 5, 4, 2)  # how many bands there may be, the finest first


class Shown(Enum):
    EXACT = "exact"
    HIDDEN = "hidden"
    AT_LEAST = "at_least"  # the sum of what is shown of its parts


@dataclass(frozen=True, slots=True)
class Cell:
    """One published number; a hidden one is nowhere, not even in here."""

    number: int
    shown: Shown = Shown.EXACT

    @property
    def text(self) -> str:
        if self.shown is Shown.HIDDEN:
            return MARK
        return f"{self.number}+" if self.shown is Shown.AT_LEAST else str(self.number)


HIDDEN = Cell(0, Shown.HIDDEN)


@dataclass(frozen=True, slots=True)
class Band:
    """A share in hundredths: `low` or more and, but in the last band, less than `high`."""

    low: int
    high: int

    @property
    def text(self) -> str:
        return f"{self.low}–{self.high}%"


def whole(total: int) -> Cell:
    """The total of a table."""
    return HIDDEN if 0 < total < LEAST_SHOWN else Cell(total)


def hide(counts: Mapping[str, int]) -> dict[str, Cell]:
    """What is shown of each group. The groups must not depend on what was counted."""
    if whole(sum(counts.values())) is HIDDEN:
        return dict.fromkeys(counts, HIDDEN)
    small = {group for group, count in counts.items() if 0 < count < LEAST_SHOWN}
    hidden = _with_others(counts, small) if small else small
    return {g: HIDDEN if g in hidden else Cell(count) for g, count in counts.items()}


def _with_others(counts: Mapping[str, int], small: set[str]) -> set[str]:
    hidden = set(small)
    while left := [count for group, count in counts.items() if count and group not in hidden]:
        held = [counts[group] for group in hidden]
        if len(set(held)) > 1 and sum(held) >= LEAST_SHOWN:
            return hidden
        hidden |= {group for group, count in counts.items() if count == min(left)}
    return set(counts)


def added(cells: Iterable[Cell]) -> Cell:
    """The sum as far as its parts are shown."""
    cells = tuple(cells)
    if len(cells) == 1:
        return cells[0]
    exact = bool(cells) and all(cell.shown is Shown.EXACT for cell in cells)
    return Cell(sum(cell.number for cell in cells), Shown.EXACT if exact else Shown.AT_LEAST)


def band(count: int, base: int) -> Band | None:
    """The finest band that gives nothing away; None: of so few, not even in two halves."""
    for parts in _PARTS:
        ends = [-(-base * part // parts) for part in range(parts)]
        if all(_safe(low, after - 1, base) for low, after in _pairs(ends, base)):
            part = bisect_right(ends, count) - 1
            return Band(100 * part // parts, 100 * (part + 1) // parts)
    return None


def _pairs(ends: list[int], base: int) -> list[tuple[int, int]]:
    return list(zip(ends, [*ends[1:], base + 1], strict=True))


def _safe(low: int, high: int, base: int) -> bool:
    kept = (low, high, base - low, base - high)
    return high - low >= LEAST_SHOWN - 1 and all(n == 0 or n >= LEAST_SHOWN for n in kept)
