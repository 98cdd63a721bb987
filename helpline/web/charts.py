"""Bar charts as SVG text: pure, escaped, without styles or scripts of their own.

A chart repeats the table beside it and never says more: a hidden number is a hatched bar of one
fixed length, a sum of parts ends open. Nothing depends on colour. Words stand above their bars,
so that a long one in any script has room, at 360 px too; in right-to-left pages the bars grow
from the right. Classes are styled by the page's own sheet.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from helpline.core.suppression import Cell, Shown

WIDTH = 360  # units of the view box: one pixel each on the narrowest phone
_EDGE, _ROW, _BAR, _TOP = 4, 34, 12, 4
_NUMBER = 56  # room for the number beside the longest bar
_FULL = WIDTH - 2 * _EDGE - _NUMBER
_HIDDEN = 40  # the length of every hidden bar, whatever it hides


@dataclass(frozen=True, slots=True)
class Chart:
    """`name` keeps the ids of several charts on a page apart;"""

    name: str
    title: str
    description: str
    bars: Sequence[tuple[str, Cell]]
    rtl: bool = False


def bars(chart: Chart) -> str:
    """A row per group: its words, below them its bar and its number."""
    height = _TOP + _ROW * len(chart.bars) + _EDGE
    most = max((cell.number for _, cell in chart.bars), default=0)
    title, described, hatch = (f"{chart.name}-{part}" for part in ("title", "text", "hatch"))
    rows = [
        _row(chart, at, label, cell, most, hatch) for at, (label, cell) in enumerate(chart.bars)
    ]
    return "".join(
        (
            f'<svg class="chart" role="img" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}"',
            f' height="{height}" direction="{"rtl" if chart.rtl else "ltr"}"',
            f' aria-labelledby="{escape(title)} {escape(described)}">',
            f'<title id="{escape(title)}">{escape(chart.title)}</title>',
            f'<desc id="{escape(described)}">{escape(chart.description)}</desc>',
            _hatching(hatch),
            *rows,
            "</svg>",
        )
    )


def _hatching(name: str) -> str:
    return (
        f'<defs><pattern id="{escape(name)}" width="6" height="6" patternUnits="userSpaceOnUse"'
        ' patternTransform="rotate(45)"><rect width="6" height="6" fill="none"/>'
        '<rect class="chart-hatch" width="2" height="6" fill="currentColor"/></pattern></defs>'
    )


def _row(chart: Chart, at: int, label: str, cell: Cell, most: int, hatch: str) -> str:
    top = _TOP + at * _ROW
    length = _length(cell, most)
    start = WIDTH - _EDGE if chart.rtl else _EDGE
    left = start - length if chart.rtl else start
    beside = left - 6 if chart.rtl else left + length + 6
    return (
        f'<text class="chart-label" x="{start}" y="{top + 12}" font-size="13" fill="currentColor">'
        f"{escape(label)}</text>"
        f"{_bar(cell, left, top + 17, length, hatch, rtl=chart.rtl)}"
        f'<text class="chart-number" x="{beside}" y="{top + 28}" font-size="13"'
        ' fill="currentColor">'
        f"{escape(_isolated(cell.text))}</text>"
    )


def _isolated(number: str) -> str:
    """ "12+" and "<5*" keep their order in right-to-left text (Unicode UAX 9: LRI and PDI)."""
    return f"\u2066{number}\u2069"


def _length(cell: Cell, most: int) -> int:
    if cell.shown is Shown.HIDDEN:
        return _HIDDEN
    return 0 if not most else max(round(_FULL * cell.number / most), 1 if cell.number else 0)


def _bar(cell: Cell, left: int, top: int, length: int, hatch: str, *, rtl: bool) -> str:
    """Hatched: hidden. Solid with a dashed end: at least so many."""
    if cell.shown is Shown.HIDDEN:
        return (
            f'<rect class="chart-hidden" x="{left}" y="{top}" width="{length}" height="{_BAR}"'
            f' fill="url(#{escape(hatch)})" stroke="currentColor"/>'
        )
    solid = (
        f'<rect class="chart-bar" x="{left}" y="{top}" width="{length}" height="{_BAR}"'
        ' fill="currentColor"/>'
    )
    if cell.shown is Shown.EXACT:
        return solid
    end = left if rtl else left + length
    return (
        f'{solid}<line class="chart-open" x1="{end}" y1="{top - 2}" x2="{end}"'
        f' y2="{top + _BAR + 2}"'
        ' stroke="currentColor" stroke-width="3" stroke-dasharray="3 2"/>'
    )
