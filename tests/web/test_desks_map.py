"""The drawing of a country: where points come to stand, and that nothing hides anything."""

from itertools import combinations
from math import cos, radians

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpline.core.gazetteer import Point
from helpline.web.desks_map import HALF_HEIGHT, WIDTH, Chart, Marker, chart, numbered

LAT, LON = st.floats(5, 40), st.floats(60, 110)
POINTS = st.builds(Point, LAT, LON)


def drawn(*dots: Point, marked: tuple[tuple[Point, str], ...] = ()) -> Chart:
    found = chart(dots, marked)
    assert found is not None
    return found


def overlap(one: Marker, other: Marker) -> bool:
    across = abs(one.spot.x - other.spot.x) < one.half + other.half
    return across and abs(one.spot.y - other.spot.y) < 2 * HALF_HEIGHT


def test_north_is_up_and_east_is_right_in_every_language() -> None:
    south_west, north_east = drawn(Point(27, 89), Point(28, 91)).dots
    assert south_west.x < north_east.x
    assert south_west.y > north_east.y


@pytest.mark.parametrize("lat", [11.0, 27.5, 32.0])
def test_a_degree_east_is_shorter_than_one_north_by_the_latitude(lat: float) -> None:
    here, east, north = drawn(Point(lat, 70), Point(lat, 71), Point(lat + 0.001, 70)).dots
    middle = lat + 0.0005
    ratio = ((east.x - here.x) / 1) / ((here.y - north.y) / 0.001)
    assert ratio == pytest.approx(cos(radians(middle)), rel=1e-6)


def test_nothing_to_draw_is_no_drawing() -> None:
    assert chart((), ()) is None


def test_one_place_stands_in_it() -> None:
    found = drawn(marked=((Point(11, 104), "1"),))
    assert 0 < found.markers[0].spot.x < WIDTH
    assert 0 < found.markers[0].spot.y < found.height


def test_markers_of_neighbours_do_not_cover_each_other() -> None:
    towns = [Point(27.4 + n / 100, 89.6 + n / 200) for n in range(8)]
    edges = (Point(26.7, 88.8), Point(28.3, 92.1))
    found = drawn(*edges, marked=tuple((town, str(n)) for n, town in enumerate(towns)))
    assert [pair for pair in combinations(found.markers, 2) if overlap(*pair)] == []


@given(st.lists(POINTS, max_size=12), st.lists(POINTS, min_size=1, max_size=12))
def test_everything_is_inside_and_drawn_again_the_same(
    dots: list[Point], towns: list[Point]
) -> None:
    marked = tuple((town, f"{n}-{n + 1}") for n, town in enumerate(towns))
    found = drawn(*dots, marked=marked)
    for spot in (*found.dots, *(m.place for m in found.markers), *(m.spot for m in found.markers)):
        assert 0 <= spot.x <= WIDTH
        assert 0 <= spot.y <= found.height
    chart.cache_clear()
    assert chart(tuple(dots), marked) == found


@pytest.mark.parametrize(
    ("numbers", "label"), [([4], "4"), ([3, 4, 5], "3-5"), ([5, 3, 4], "3-5"), ([2, 7], "2,7")]
)
def test_one_marker_names_all_its_numbers(numbers: list[int], label: str) -> None:
    assert numbered(numbers) == label
