"""The desks to go to from a place: the own district's first, then by distance.

Pure. Distances are straight lines between points of the gazetteer, never a promise of a road.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from helpline.core.directory import Desk, Directory
from helpline.core.gazetteer import kilometres

MOST = 3  # desks offered to one caller
_UNKNOWN = 100_000  # kilometres: after everything whose distance is known


@dataclass(frozen=True, slots=True)
class Near:
    """`distance` in whole kilometres, None where it is not known or means nothing: the gazetteer
    knows no street. `jurisdiction`: the desk answers for the place.
    """

    desk: Desk
    distance: int | None
    jurisdiction: bool


@lru_cache(maxsize=4096)
def nearest(directory: Directory, programme: str, place: str, most: int = MOST) -> tuple[Near, ...]:
    """Up to `most` verified public desks. Among them are always the one that answers for the
    place and, if there is room for two, the one at the top of its ladder."""
    shown = (d for d in directory.desks.values() if d.programme == programme)
    known = [_near(directory, d, place) for d in shown if d.verified and d.public]
    ranked = sorted(known, key=lambda near: _rank(directory, near, place))
    own = directory.desk_for(place)
    top = [desk.code for desk in directory.ladder(own.code)][-1]
    return _keeping(ranked, (own.code, top)[:most], most)


def _near(directory: Directory, desk: Desk, place: str) -> Near:
    serves = any(directory.places.lies_in(place, served) for served in desk.serves)
    own = directory.desk_for(place).code == desk.code
    return Near(desk, _distance(directory, place, desk.place), serves or own)


def _distance(directory: Directory, place: str, there: str) -> int | None:
    places = directory.places
    exact = None not in (places.own_point(place), places.own_point(there))
    if places.district_of(place) == places.district_of(there) and not exact:
        return None
    here, point = places.point_of(place), places.point_of(there)
    if here is None or point is None or here == point:
        return None
    return round(kilometres(here, point))


def _rank(directory: Directory, near: Near, place: str) -> tuple[object, ...]:
    """Where there is no desk in the own district, the nearest of the province comes before one
    that answers for the province from afar; a country without provinces asks its national unit."""
    places, there = directory.places, near.desk.place
    same = places.district_of(there) == places.district_of(place)
    own = near.desk.code == directory.desk_for(place).code
    province = places.province_of(place)
    return (
        not (own and (same or not province)),
        not same,
        places.province_of(there) != province,
        _UNKNOWN if near.distance is None else near.distance,
        near.desk.code,
    )


def _keeping(ranked: list[Near], wanted: Iterable[str], most: int) -> tuple[Near, ...]:
    """The first `most`; a wanted one that comes later takes the place of the last unwanted."""
    kept, codes = ranked[:most], tuple(wanted)
    for near in ranked[most:]:
        spare = [one for one in kept if one.desk.code not in codes]
        if near.desk.code in codes and spare:
            kept.remove(spare[-1])
            kept.append(near)
    return tuple(kept)
