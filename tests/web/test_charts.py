"""Charts say what the tables say, to everybody, and nothing that is hidden."""

import re
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpline.core.suppression import HIDDEN, MARK, Cell, Shown
from helpline.web.charts import WIDTH, Chart, bars

SVG = "{http://www.w3.org/2000/svg}"
GROUPS = (("Haa", Cell(12)), ("Paro", HIDDEN), ("Gasa", Cell(0)), ("Trongsa", Cell(24)))


def drawn(
    groups: tuple[tuple[str, Cell], ...] = GROUPS, *, rtl: bool = False, title: str = "Requests"
) -> ElementTree.Element:
    made = bars(Chart("district", title, "As in the table", groups, rtl))
    return ElementTree.fromstring(made.replace("<svg ", '<svg xmlns="http://www.w3.org/2000/svg" '))


def texts(chart: ElementTree.Element, kind: str) -> list[str]:
    return [t.text or "" for t in chart.iter(f"{SVG}text") if t.attrib["class"] == f"chart-{kind}"]


def lengths(chart: ElementTree.Element, kind: str = "bar") -> list[int]:
    found = [r for r in chart.iter(f"{SVG}rect") if r.attrib.get("class") == f"chart-{kind}"]
    return [int(rect.attrib["width"]) for rect in found]


def test_a_screen_reader_is_told_what_it_is() -> None:
    chart = drawn()
    assert chart.attrib["role"] == "img"
    names = chart.attrib["aria-labelledby"].split()
    said = [part.text for name in names for part in chart if part.attrib.get("id") == name]
    assert said == ["Requests", "As in the table"]


def test_every_group_has_its_words_and_its_number() -> None:
    assert texts(drawn(), "label") == ["Haa", "Paro", "Gasa", "Trongsa"]
    numbers = [number.strip("\u2066\u2069") for number in texts(drawn(), "number")]
    assert numbers == ["12", MARK, "0", "24"]


def test_lengths_are_in_proportion() -> None:
    first, zero, last = lengths(drawn())
    assert (zero, last) == (0, 2 * first)


@given(st.integers(1, 400))
def test_safety_22_a_hidden_bar_has_one_length(most: int) -> None:
    assert lengths(drawn((("a", HIDDEN), ("b", Cell(most)))), "hidden") == [40]


def test_a_sum_of_parts_ends_open() -> None:
    chart = drawn((("a", Cell(7, Shown.AT_LEAST)), ("b", Cell(7))))
    (end,) = chart.iter(f"{SVG}line")
    assert int(end.attrib["x1"]) == 4 + lengths(chart)[0]


def test_nothing_needs_colour_and_nothing_breaks_the_policy_of_the_page() -> None:
    made = bars(Chart("a", "t", "d", GROUPS))
    assert not re.search(r'style=|<style|<script|on\w+=|href|#[0-9a-f]{3,6}"', made)
    assert set(re.findall(r'(?:fill|stroke)="([^"]+)"', made)) == {
        "none",
        "currentColor",
        "url(#a-hatch)",
    }


@pytest.mark.parametrize("bad", ['<script>alert("1")</script>', "a & b", 'x" onload="y'])
def test_words_are_escaped(bad: str) -> None:
    chart = drawn(((bad, Cell(5)),), title=bad)
    assert texts(chart, "label") == [bad]
    assert chart.findtext(f"{SVG}title") == bad
    assert {part.tag.removeprefix(SVG) for part in chart.iter()} <= {
        *("svg", "title", "desc", "defs", "pattern", "rect", "text", "line")
    }


@given(st.lists(st.integers(0, 10**6), max_size=30), st.booleans())
def test_everything_is_within_the_frame(numbers: list[int], rtl: bool) -> None:
    chart = drawn(tuple((str(at), Cell(number)) for at, number in enumerate(numbers)), rtl=rtl)
    _, _, width, height = map(int, chart.attrib["viewBox"].split())
    assert width == WIDTH
    for rect in chart.iter(f"{SVG}rect"):
        if rect.attrib.get("class") == "chart-bar":
            left, top = int(rect.attrib["x"]), int(rect.attrib["y"])
            assert 0 <= left <= left + int(rect.attrib["width"]) <= WIDTH
            assert top + int(rect.attrib["height"]) <= height


def test_right_to_left_bars_grow_from_the_right() -> None:
    chart = drawn(rtl=True)
    assert chart.attrib["direction"] == "rtl"
    ends = {
        int(rect.attrib["x"]) + int(rect.attrib["width"])
        for rect in chart.iter(f"{SVG}rect")
        if rect.attrib.get("class") in ("chart-bar", "chart-hidden")
    }
    assert ends == {WIDTH - 4}
    labels = (t for t in chart.iter(f"{SVG}text") if t.attrib["class"] == "chart-label")
    assert {int(label.attrib["x"]) for label in labels} == {WIDTH - 4}


def test_nothing_to_draw_is_a_chart_still() -> None:
    assert texts(drawn(()), "label") == []
