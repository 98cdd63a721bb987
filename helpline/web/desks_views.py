"""What the public pages show of a programme: plain values for their templates.

Only verified public desks, and of their numbers only verified ones (SAFETY 25).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

from helpline.core.directory import Desk
from helpline.core.gazetteer import DISTRICT, Gazetteer, Place, Point
from helpline.core.label import Text
from helpline.core.nearest import Near, nearest
from helpline.core.options import desk_values, line_of, phone_of, told_apart
from helpline.core.order import order_key
from helpline.core.programme import Region
from helpline.web import desk_words
from helpline.web.desks_map import Chart, chart, numbered
from helpline.web.desks_reader import Link, Reader, tel


@dataclass(frozen=True, slots=True)
class DeskView:
    """`hours` is "" where nobody has said; `number` as in the map, 0 outside the list; `place` is
    "" under the heading that says it."""

    kind: str
    place: str
    hours: str
    phone: Link
    number: int = 0
    own: bool = False


@dataclass(frozen=True, slots=True)
class DistrictView:
    name: str
    near: str
    poster: Link
    desks: tuple[DeskView, ...]


@dataclass(frozen=True, slots=True)
class RegionView:
    """`others` are its districts in which no desk of the list is."""

    name: str
    districts: tuple[DistrictView, ...]
    others: tuple[DistrictView, ...]


def desk_view(one: Reader, near: Near) -> DeskView:
    values = desk_values(one.script, near, one.now)
    line = line_of(one.script, near.desk)
    assert isinstance(line, Text)
    phone = phone_of(one.script, near.desk)
    return DeskView(
        kind=one.voice.say(values["desk"]),
        place=one.voice.say(values["place"]),
        hours=one.voice.say(values["hours"]),
        phone=Link(tel(phone), one.say(line.msgid, phone=one.number(phone))),
        own=near.jurisdiction,
    )


def shown_desks(one: Reader) -> Sequence[Desk]:
    """The verified public desks in the order of the list: region, district, place, kind."""
    desks = one.script.directory.desks.values()
    shown = [d for d in desks if d.programme == one.programme.code and d.verified and d.public]
    return sorted(shown, key=partial(_order, one, _regions(one)))


def _order(one: Reader, regions: Mapping[str, int], desk: Desk) -> tuple[object, ...]:
    district = one.places.district_of(desk.place)
    names = (one.name(district), one.name(desk.place))
    keys = [order_key(name, one.voice.language) for name in names]
    apart = desk.place != district  # what serves a part comes after what is for the whole
    return regions.get(district, len(regions)), keys[0], apart, keys[1], desk.kind, desk.code


def _regions(one: Reader) -> Mapping[str, int]:
    """Per district which of the programme's regions it is in."""
    found: dict[str, int] = {}
    for number, region in enumerate(one.programme.regions):
        for district in _districts_of(region):
            found.setdefault(district, number)
    return found


def _districts_of(region: Region) -> Iterable[str]:
    yield from region.districts
    for part in region.parts:
        yield from part.districts


def regions(one: Reader) -> list[RegionView]:
    """Every district of the country, in the regions that the dialogue asks for."""
    known, numbers = _regions(one), _numbered_by_district(one)
    districts = {*(d.code for d in districts_of(one)), *numbers}
    ordered = sorted(districts, key=lambda d: order_key(one.name(d), one.voice.language))
    views: list[RegionView] = []
    for number, region in enumerate((*one.programme.regions, None)):
        inside = [d for d in ordered if known.get(d, len(one.programme.regions)) == number]
        shown = tuple(_district(one, d, numbers[d]) for d in inside if d in numbers)
        others = tuple(_district(one, d, {}) for d in inside if d not in numbers)
        if inside:
            views.append(RegionView(_region_name(one, region), shown, others))
    return views


def _region_name(one: Reader, region: Region | None) -> str:
    if region is None:
        return one.name(one.programme.country)
    place = one.name(region.place) if region.place else ""
    return one.say(region.label, place=place) if region.label else place


def _numbered_by_district(one: Reader) -> dict[str, dict[int, Desk]]:
    found: dict[str, dict[int, Desk]] = {}
    for number, desk in enumerate(shown_desks(one), start=1):
        found.setdefault(one.places.district_of(desk.place), {})[number] = desk
    return found


def _district(one: Reader, code: str, desks: Mapping[int, Desk]) -> DistrictView:
    views = tuple(_listed(one, code, number, desk) for number, desk in desks.items())
    return DistrictView(one.name(code), one.link(place=code), poster_link(one, code), views)


def _listed(one: Reader, district: str, number: int, desk: Desk) -> DeskView:
    """Under the name of its district, which is not said again."""
    view = replace(desk_view(one, Near(desk, None, False)), number=number)
    return replace(view, place="") if desk.place == district else view


def districts_of(one: Reader) -> list[Place]:
    """Those of the programme's country."""
    country = one.programme.country
    known = (place for place in one.places.values() if place.rank == DISTRICT)
    return [place for place in known if one.places.country_of(place.code) == country]


def poster_link(one: Reader, district: str) -> Link:
    words = one.say(desk_words.PRINT, place=one.name(district))
    return Link(one.link(f"/poster/{district}"), words)


def drawn(one: Reader) -> Chart | None:
    """Every district's main town, and the desks by their numbers in the list."""
    dots = [one.places.own_point(place.code) for place in districts_of(one)]
    found: dict[Point, list[int]] = {}
    for number, desk in enumerate(shown_desks(one), start=1):
        if point := _town(one.places, desk.place):
            found.setdefault(point, []).append(number)
    marked = tuple((point, numbered(numbers)) for point, numbers in found.items())
    return chart(tuple(dot for dot in dots if dot), marked)


def _town(places: Gazetteer, place: str) -> Point | None:
    """The place's own point or its district's; never the middle of something wider."""
    within = (level.code for level in places.lineage(place) if level.rank >= DISTRICT)
    return next(filter(None, map(places.own_point, within)), None)


def nearest_to(one: Reader, place: str) -> dict[str, object]:
    """The desks to go to from a place of this country."""
    own = one.script.directory.desk_for(place)
    found = nearest(one.script.directory, one.programme.code, place)
    part = one.places[place].rank > DISTRICT  # a district is known without its country
    name = one.voice.say(told_apart(one.places, place)) if part else one.name(place)
    district = one.places.district_of(place)
    return {
        "heading": one.say(desk_words.NEAR, place=name),
        "desks": [desk_view(one, replace(n, jurisdiction=n.desk is own)) for n in found],
        "poster": poster_link(one, district) if is_district(one, district) else None,
    }


def is_district(one: Reader, code: str) -> bool:
    known = one.places.get(code)
    home = known is not None and one.places.country_of(code) == one.programme.country
    return known is not None and known.rank == DISTRICT and home


def abroad(one: Reader, place: str) -> Link:
    """The emergency number of the country that a place is in."""
    land = one.places.country_of(place)
    phone = one.script.abroad[land]
    words = one.say(
        desk_words.ABROAD,
        abroad=one.name(place),
        country=one.name(land),
        abroad_number=one.number(phone),
    )
    return Link(tel(phone), words)


def candidates(one: Reader, places: Iterable[str]) -> list[Link]:
    return [
        Link(one.link(place=code), one.voice.say(told_apart(one.places, code))) for code in places
    ]
