"""What lies in what, and how far apart places are."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpline import directory
from helpline.core.gazetteer import LEVELS, Point, kilometres

PLACES = directory.load().places
POINTS = st.builds(Point, st.floats(-90, 90), st.floats(-180, 180))
HALF_ROUND = 20_016  # kilometres: nothing on the globe is farther


@pytest.mark.parametrize(
    ("country", "level", "count"),
    [
        ("BT", "district", 20),
        ("BT", "subdistrict", 16 + 205),  # dungkhags and gewogs
        ("BT", "town", 20 + 207),
        ("PK", "province", 7),
        ("PK", "district", 36 + 41),  # Balochistan and Punjab
        ("PK", "subdistrict", 4),  # Rajanpur's tehsils
        ("PK", "town", 320),
        ("PK", "locality", 78 + 5 + 1),  # with the areas of five stations, and Lehri
        ("KH", "district", 25),
        ("KH", "subdistrict", 210),
        ("KH", "commune", 1652),
    ],
)
def test_how_many_places_there_are(country: str, level: str, count: int) -> None:
    found = [p for p in PLACES.values() if p.level == level]
    assert len([p for p in found if PLACES.country_of(p.code) == country]) == count


@pytest.mark.parametrize(
    ("place", "lineage"),
    [
        ("BT.CK.PG", ["BT.CK.PG", "BT-12-D01", "BT-12", "BT"]),
        ("PK-BA-QUETTA-SARIAB", ["PK-BA-QUETTA-SARIAB", "PK-BA-QUETTA", "PK-BA", "PK"]),
        ("KH-010201", ["KH-010201", "KH-0102", "KH-1", "KH"]),
        ("KH", ["KH"]),
    ],
)
def test_what_a_place_lies_in(place: str, lineage: list[str]) -> None:
    assert [level.code for level in PLACES.lineage(place)] == lineage


def test_every_place_lies_in_wider_ones_up_to_a_country() -> None:
    for place in PLACES:
        ranks = [level.rank for level in PLACES.lineage(place)]
        assert ranks == sorted(ranks, reverse=True)
        assert PLACES[PLACES.country_of(place)].level == LEVELS[0]


@pytest.mark.parametrize(
    ("place", "district", "province"),
    [
        ("BT.CK.PG", "BT-12", ""),
        ("PK-PB-RAJANPUR-ROJHAN", "PK-PB-RAJANPUR", "PK-PB"),
        ("PK-PB", "PK-PB", "PK-PB"),  # what is wider than a district is its own
        ("KH", "KH", ""),
    ],
)
def test_the_district_and_the_province_of_a_place(place: str, district: str, province: str) -> None:
    assert (PLACES.district_of(place), PLACES.province_of(place)) == (district, province)


@pytest.mark.parametrize(
    ("one", "other", "shared"),
    [
        ("BT.CK.PG", "BT.CK.PG", "BT.CK.PG"),
        ("BT.CK.PG", "BT-12", "BT-12"),
        ("BT.CK.PG", "BT-15", "BT"),
        ("BT-15", "KH-12", ""),
    ],
)
def test_what_two_places_share(one: str, other: str, shared: str) -> None:
    assert PLACES.shared(one, other) == shared


# Distances as other sources give them, in kilometres: airline distances between the towns.
@pytest.mark.parametrize(
    ("one", "other", "far"),
    [
        ("BT-15", "BT-23", 27),  # Thimphu, Punakha
        ("PK-BA-QUETTA", "PK-PB-RAJANPUR", 342),
        ("KH-12", "KH-17", 227),  # Phnom Penh, Siem Reap
    ],
)
def test_distances_between_main_towns(one: str, other: str, far: int) -> None:
    here, there = PLACES.point_of(one), PLACES.point_of(other)
    assert here is not None and there is not None
    assert kilometres(here, there) == pytest.approx(far, rel=0.03)


def test_a_district_is_where_its_main_town_is() -> None:
    assert PLACES.point_of("BT-12") == PLACES["GN1252610"].point  # Tsimasham, not the middle


def test_a_place_without_a_point_is_where_the_next_wider_one_is() -> None:
    assert PLACES["KH-010201"].point is None
    assert PLACES.point_of("KH-010201") == PLACES.point_of("KH-0102") is not None


def test_every_place_below_a_country_is_somewhere() -> None:
    lost = [p.code for p in PLACES.values() if p.parent and PLACES.point_of(p.code) is None]
    assert lost == []


@given(POINTS, POINTS)
def test_a_distance_is_the_same_both_ways_and_bounded(one: Point, other: Point) -> None:
    far = kilometres(one, other)
    assert far == pytest.approx(kilometres(other, one), abs=1e-6)
    assert 0 <= far <= HALF_ROUND
    assert kilometres(one, one) == 0
