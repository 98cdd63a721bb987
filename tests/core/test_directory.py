"""A place leads to the desk that answers for it, and to the desks that are near."""

from dataclasses import replace

import pytest

from flows import PROGRAMMES
from helpline import directory
from helpline.core.directory import Desk, Directory
from helpline.core.gazetteer import Gazetteer, Place, Point
from helpline.core.label import Name
from helpline.core.nearest import nearest
from helpline.core.partners import PARTNER_KINDS, is_partner
from helpline.core.programme import Programme, Region

DIRECTORY = directory.load()
PLACES = DIRECTORY.places
EVERY_PROGRAMME = pytest.mark.parametrize("programme", PROGRAMMES.values(), ids=PROGRAMMES)


# Which desk answers


@pytest.mark.parametrize(
    ("place", "desk"),
    [
        ("BT-15", "BT-WCPD-15"),
        ("BT-11", "BT-WCPD-11"),  # Paro: the district's desk before the Unit
        ("BT-12", "BT-WCPD-12"),
        ("BT-12-D01", "BT-WCPU-PHUENTSHOLING"),  # the Unit of Phuentsholing's dungkhag
        ("BT.CK.PG", "BT-WCPU-PHUENTSHOLING"),  # a gewog of it
        ("BT.CK.DG", "BT-WCPD-12"),  # Darla, outside it: the district's, however near the Unit
        ("BT-14", "BT-WCPD-14"),
        ("BT", "BT-WCPU-THIMPHU"),
        ("PK-BA-QUETTA-AIRPORT", "PK-GFD-QTA-AIRPORT"),
        ("PK-BA-QUETTA", "PK-WPS-QUETTA"),
        ("PK-BA", "PK-WPS-QUETTA"),
        ("PK-BA-ZHOB", "PK-WPS-QUETTA"),  # no desk of its own: the province's
        ("PK", "PK-WPS-QUETTA"),
        ("PK-PB-RAJANPUR-ROJHAN", "PK-CPU-RAJANPUR"),
        ("PK-PB-ATTOCK", "PK-CPB-LAHORE"),
        ("PK-PB", "PK-CPB-LAHORE"),
        ("KH-12", "KH-AHTJP-12"),
        ("KH-1202", "KH-AHTJP-12"),
        ("KH-17", "KH-CPU"),  # Siem Reap: its office is not verified
        ("KH", "KH-CPU"),
    ],
)
def test_the_desk_of_a_place(place: str, desk: str) -> None:
    assert DIRECTORY.desk_for(place).code == desk


def test_every_place_has_a_verified_desk_of_its_own_country() -> None:
    for place in PLACES:
        desk = DIRECTORY.desk_for(place)
        assert desk.verified
        assert desk.programme == PLACES.country_of(place).lower()


def test_an_unknown_place_is_a_mistake_of_the_program() -> None:
    with pytest.raises(KeyError):
        DIRECTORY.desk_for("XX")


@pytest.mark.parametrize(
    ("desk", "ladder"),
    [
        ("BT-WCPD-11", ["BT-WCPD-11", "BT-WCPU-PARO", "BT-WCPU-THIMPHU"]),
        ("BT-WCPD-14", ["BT-WCPD-14", "BT-WCPU-PHUENTSHOLING", "BT-WCPU-THIMPHU"]),
        ("PK-GFD-QTA-AIRPORT", ["PK-GFD-QTA-AIRPORT", "PK-WPS-QUETTA", "PK-WJFC-QUETTA"]),
        ("PK-CPU-RAJANPUR", ["PK-CPU-RAJANPUR", "PK-CPB-LAHORE"]),
        ("KH-AHTJP-12", ["KH-AHTJP-12", "KH-CPU"]),
        ("KH-CPU", ["KH-CPU"]),
    ],
)
def test_the_ladder_of_a_desk(desk: str, ladder: list[str]) -> None:
    assert [above.code for above in DIRECTORY.ladder(desk)] == ladder


@pytest.mark.parametrize("desk", DIRECTORY.desks.values(), ids=DIRECTORY.desks)
def test_every_ladder_ends_and_climbs_only_through_verified_desks(desk: Desk) -> None:
    _, *above = DIRECTORY.ladder(desk.code)
    assert all(higher.verified and higher.programme == desk.programme for higher in above)


@pytest.mark.parametrize("code", ["bt", "kh"])
def test_every_ladder_of_a_country_ends_at_its_national_unit(code: str) -> None:
    *_, top = DIRECTORY.ladder(DIRECTORY.desk_for(PROGRAMMES[code].country).code)
    for desk in DIRECTORY.desks.values():
        if desk.programme == code and desk.verified and not is_partner(desk):
            assert [*DIRECTORY.ladder(desk.code)][-1] == top


# Where to go


@pytest.mark.parametrize(
    ("place", "near"),
    [
        # The own desk, the next ones with the way to them, at last the top of the ladder.
        ("BT-23", [("BT-WCPD-23", None), ("BT-WCPD-24", 12), ("BT-WCPU-THIMPHU", 27)]),
        ("BT-11", [("BT-WCPD-11", None), ("BT-WCPU-PARO", None), ("BT-WCPU-THIMPHU", 23)]),
        (
            "BT-12-D01",
            [("BT-WCPU-PHUENTSHOLING", None), ("BT-WCPD-12", 31), ("BT-WCPU-THIMPHU", 73)],
        ),
        ("BT.HA.GA", [("BT-WCPD-13", 27), ("BT-WCPD-12", 29), ("BT-WCPU-THIMPHU", 53)]),
        # No desk in the district: the nearest of the province, and the one that answers for it.
        (
            "PK-PB-ATTOCK",
            [("PK-CPB-RAWALPINDI", 66), ("PK-CPB-GUJRANWALA", 247), ("PK-CPB-LAHORE", 308)],
        ),
        ("KH-17", [("KH-CPU", 227), ("KH-AHTJP-12", 227), ("KH-AHTJP-3", 228)]),
    ],
)
def test_the_desks_to_go_to(place: str, near: list[tuple[str, int | None]]) -> None:
    programme = PLACES.country_of(place).lower()
    found = nearest(DIRECTORY, programme, place)
    assert [(one.desk.code, one.distance) for one in found] == near


@pytest.mark.parametrize("most", [1, 2, 3])
def test_the_desk_that_answers_is_always_among_the_nearest(most: int) -> None:
    for place in PLACES:
        own = DIRECTORY.desk_for(place)
        found = nearest(DIRECTORY, own.programme, place, most)
        assert 1 <= len(found) <= most
        assert own in [near.desk for near in found]
        assert all(near.desk.verified and near.desk.public for near in found)
        top = [*DIRECTORY.ladder(own.code)][-1]
        assert most == 1 or top in [near.desk for near in found]


def test_no_desk_is_farther_than_the_country_is_long() -> None:
    for place in PLACES:
        for near in nearest(DIRECTORY, PLACES.country_of(place).lower(), place):
            assert near.distance is None or 0 <= near.distance < 1500


def quetta(*stations: tuple[str, float, float]) -> Directory:
    """Quetta with more stations, whose localities have points: as an operator imports them."""
    places, desks = dict(PLACES), dict(DIRECTORY.desks)
    for name, lat, lon in stations:
        code = f"PK-BA-QUETTA-{name.upper()}"
        point = Point(lat, lon)
        places[code] = Place(code, Name(name), "locality", "PK-BA-QUETTA", point=point)
        base = desks["PK-GFD-QTA-AIRPORT"]
        desks[name] = replace(base, code=name, place=code, serves=(code,))
    return Directory(Gazetteer(places), desks)


@pytest.mark.parametrize(
    ("place", "desk"),
    [
        ("WOF1780036935", "North"),  # Kili Shadi Khan, 30.22 N
        ("WOF1780037179", "South"),  # Lowar Karez, 30.16 N
        ("PK-BA-QUETTA-AIRPORT", "PK-GFD-QTA-AIRPORT"),  # a station's own area
        ("PK-BA-QUETTA", "PK-WPS-QUETTA"),  # nobody knows where in the city
    ],
)
def test_inside_quetta_the_nearest_station_by_locality(place: str, desk: str) -> None:
    city = quetta(("North", 30.23, 66.97), ("South", 30.15, 66.99))
    assert city.desk_for(place).code == desk
    assert nearest(city, "pk", place)[0].desk.code == desk


@pytest.mark.parametrize(
    ("place", "asked"),
    [
        ("PK-BA-QUETTA", True),
        ("WOF1780036935", True),  # the five named stations have no published point
        ("PK-BA-QUETTA-AIRPORT", False),
        ("PK-BA-ZHOB", False),
        ("PK-BA", False),
        ("BT-12", True),
        ("BT-12-D01", False),
        ("BT.CK.PG", False),
        ("BT-15", False),
    ],
)
def test_the_area_is_asked_for_where_it_can_matter(place: str, asked: bool) -> None:
    assert DIRECTORY.undecided(place) is asked


# What is offered to choose from


def regions(programme: Programme) -> list[Region]:
    return [part for region in programme.regions for part in (region.parts or (region,))]


@EVERY_PROGRAMME
def test_every_district_that_is_offered_exists_and_has_a_desk(programme: Programme) -> None:
    for region in regions(programme):
        assert region.districts
        assert region.label or region.place
        for code in region.districts:
            assert DIRECTORY.desk_for(code).programme == programme.code
    assert {r.place for r in (*programme.regions, *regions(programme))} - {""} <= set(PLACES)


@pytest.mark.parametrize(
    ("code", "twice"),
    # Rajanpur stands among the regions and with its division.
    [("bt", set()), ("pk", {"PK-PB-RAJANPUR"}), ("kh", set())],
)
def test_every_district_can_be_chosen(code: str, twice: set[str]) -> None:
    programme = PROGRAMMES[code]
    offered = [place for region in regions(programme) for place in region.districts]
    districts = {
        place.code
        for place in PLACES.values()
        if place.level == "district" and PLACES.country_of(place.code) == programme.country
    }
    assert districts == set(offered) - {programme.country}
    assert {place for place in offered if offered.count(place) > 1} == twice


@EVERY_PROGRAMME
def test_no_list_of_places_is_longer_than_ten(programme: Programme) -> None:
    parts = [len(region.parts) for region in programme.regions]
    districts = [len(region.districts) for region in regions(programme)]
    assert max(len(programme.regions), *parts, *districts) <= 10


@EVERY_PROGRAMME
def test_every_desk_has_a_kind_in_words_for_callers(programme: Programme) -> None:
    ours = [desk for desk in DIRECTORY.desks.values() if desk.programme == programme.code]
    assert {desk.kind for desk in ours if desk.public or desk.serves} <= programme.desk_kinds.keys()
    assert {desk.kind for desk in ours} <= programme.desk_kinds.keys() | PARTNER_KINDS


@EVERY_PROGRAMME
def test_every_helpline_is_of_a_known_place(programme: Programme) -> None:
    assert programme.helplines.keys() <= PLACES.keys()
