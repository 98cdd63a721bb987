"""A country's places on a small drawing: dots for districts, numbered markers for desks. Pure.

Equirectangular, with the right aspect at the middle latitude; one unit is a pixel at 360 wide.
"""

from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations
from math import cos, radians

from helpline.core.gazetteer import Point

WIDTH, TALLEST, MARGIN = 328.0, 440.0, 16.0
HALF_HEIGHT = 8.0  # of a marker
_LETTER = 3.3  # half of a digit's width
_ROUNDS = 80  # of pushing markers apart; 23 markers need about 20
_DEGREE = 0.2  # least span: one place alone is drawn in the middle


@dataclass(frozen=True, slots=True)
class Spot:
    x: float
    y: float


@dataclass(frozen=True, slots=True)
class Marker:
    """`label` is drawn at `spot`, which is beside `place` where markers would cover each other."""

    label: str
    place: Spot
    spot: Spot

    @property
    def half(self) -> float:
        return half_width(self.label)

    @property
    def high(self) -> float:
        return HALF_HEIGHT


@dataclass(frozen=True, slots=True)
class Chart:
    height: float
    dots: tuple[Spot, ...]
    markers: tuple[Marker, ...]
    width: float = WIDTH


@dataclass(frozen=True, slots=True)
class _Projection:
    west: float
    north: float
    across: float  # units per degree of longitude
    down: float  # units per degree of latitude
    left: float
    height: float

    def spot(self, point: Point) -> Spot:
        x = self.left + (point.lon - self.west) * self.across
        return Spot(x, MARGIN + (self.north - point.lat) * self.down)


def half_width(label: str) -> float:
    return max(HALF_HEIGHT, 4 + _LETTER * len(label))


@lru_cache(maxsize=32)
def chart(dots: tuple[Point, ...], marked: tuple[tuple[Point, str], ...]) -> Chart | None:
    """None without any point. `marked` are places with what their marker says."""
    points = (*dots, *(point for point, _ in marked))
    if not points:
        return None
    seen = _projection(points)
    places = [seen.spot(point) for point, _ in marked]
    labels = [label for _, label in marked]
    apart = _apart(places, [half_width(label) for label in labels], seen.height)
    markers = map(Marker, labels, places, apart)
    return Chart(seen.height, tuple(map(seen.spot, dots)), tuple(markers))


def _projection(points: tuple[Point, ...]) -> _Projection:
    lats, lons = [p.lat for p in points], [p.lon for p in points]
    shrunk = cos(radians((min(lats) + max(lats)) / 2))
    tall = max(max(lats) - min(lats), _DEGREE)
    wide = max(max(lons) - min(lons), _DEGREE) * shrunk
    scale = min((WIDTH - 2 * MARGIN) / wide, (TALLEST - 2 * MARGIN) / tall)
    left = (WIDTH - wide * scale) / 2
    height = round(tall * scale + 2 * MARGIN, 1)
    return _Projection(min(lons), max(lats), scale * shrunk, scale, left, height)


def _apart(places: list[Spot], halves: list[float], height: float) -> list[Spot]:
    """Pushes overlapping markers away from each other, the shorter way; always the same result."""
    at = [[place.x, place.y] for place in places]
    for _ in range(_ROUNDS):
        moved = [_push(at, halves, one, other) for one, other in combinations(range(len(at)), 2)]
        for spot, half in zip(at, halves, strict=True):
            spot[0] = min(max(spot[0], half + 1), WIDTH - half - 1)
            spot[1] = min(max(spot[1], HALF_HEIGHT + 1), height - HALF_HEIGHT - 1)
        if not any(moved):
            break
    return [Spot(x, y) for x, y in at]


def _push(at: list[list[float]], halves: list[float], one: int, other: int) -> bool:
    gaps = (halves[one] + halves[other] + 2, 2 * HALF_HEIGHT + 2)
    apart = [at[other][axis] - at[one][axis] for axis in (0, 1)]
    short = [gap - abs(by) for gap, by in zip(gaps, apart, strict=True)]
    if min(short) <= 0.01:
        return False
    axis = short.index(min(short))
    step = short[axis] / 2 * (1 if apart[axis] >= 0 else -1)
    at[one][axis] -= step
    at[other][axis] += step
    return True


def numbered(numbers: list[int]) -> str:
    """The numbers of one marker: 7, 3-9 or 2,5."""
    first, last = min(numbers), max(numbers)
    if first == last:
        return str(first)
    whole = last - first + 1 == len(numbers)
    return f"{first}-{last}" if whole else ",".join(map(str, numbers))
