"""Places: countries, districts, towns, what lies in what and where each is."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from math import asin, cos, radians, sin, sqrt

from helpline.core.label import Name

# From the whole to its parts; a place lies in one of a level before its own, or of its own.
LEVELS = ("country", "province", "district", "subdistrict", "commune", "town", "locality")
DISTRICT = LEVELS.index("district")
_RADIUS = 6371.0088  # kilometres: the Earth's mean radius (IUGG)


@dataclass(frozen=True, slots=True)
class Point:
    """Degrees north and east (WGS 84)."""

    lat: float
    lon: float


def kilometres(one: Point, other: Point) -> float:
    """In a straight line on the globe."""
    lat, to = radians(one.lat), radians(other.lat)
    across = sin(radians(other.lon - one.lon) / 2) ** 2 * cos(lat) * cos(to)
    return 2 * _RADIUS * asin(sqrt(min(1.0, sin((to - lat) / 2) ** 2 + across)))


@dataclass(frozen=True, slots=True)
class Place:
    """`kind` is the country's own word for the level, `seat` the main town of a district.

    `aliases` are other spellings in any script, `point` its middle where a source has one.
    """

    code: str
    name: Name
    level: str
    parent: str = ""
    aliases: tuple[str, ...] = ()
    kind: str = ""
    seat: str = ""
    point: Point | None = None

    @property
    def names(self) -> tuple[str, ...]:
        return (self.name.en, *self.name.local.values(), *self.aliases)

    @property
    def rank(self) -> int:
        return LEVELS.index(self.level)


class Gazetteer(Mapping[str, Place]):
    """All places by their codes. Parents are known and never loop: the loader has seen to it."""

    def __init__(self, places: Mapping[str, Place]) -> None:
        self._places = places

    def __getitem__(self, code: str) -> Place:
        return self._places[code]

    def __iter__(self) -> Iterator[str]:
        return iter(self._places)

    def __len__(self) -> int:
        return len(self._places)

    def lineage(self, place: str) -> Iterator[Place]:
        """The place and everything it lies in, the country last."""
        while place:
            found = self[place]
            yield found
            place = found.parent

    def country_of(self, place: str) -> str:
        return [level.code for level in self.lineage(place)][-1]

    def district_of(self, place: str) -> str:
        """The district that the place is or lies in; for what is wider, the place itself."""
        return self._level_of(place, "district") or place

    def province_of(self, place: str) -> str:
        """The province, or "" in a country that has none here."""
        return self._level_of(place, "province")

    def _level_of(self, place: str, level: str) -> str:
        return next((above.code for above in self.lineage(place) if above.level == level), "")

    def lies_in(self, place: str, container: str) -> bool:
        return any(level.code == container for level in self.lineage(place))

    def shared(self, one: str, other: str) -> str:
        """The smallest place that both lie in or are, "" for places of two countries."""
        inside = {level.code for level in self.lineage(one)}
        return next((above.code for above in self.lineage(other) if above.code in inside), "")

    def point_of(self, place: str) -> Point | None:
        """Where the place is: its main town, its own point, or that of what it lies in."""
        points = (self.own_point(level.code) for level in self.lineage(place))
        return next((point for point in points if point is not None), None)

    def own_point(self, place: str) -> Point | None:
        known = self[place]
        seat = self[known.seat].point if known.seat else None
        return seat or known.point
