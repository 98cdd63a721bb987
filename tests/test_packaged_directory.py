"""The packaged tables: whole, licensed column by column, and read back as they are written."""

import re
from datetime import date
from importlib.resources import files

import pytest

from helpline import directory
from helpline.directory.tables import COLUMNS, parse, render

DATA = files("helpline.directory").joinpath("data")
TABLES = pytest.mark.parametrize("name", COLUMNS)


def text_of(name: str) -> str:
    return DATA.joinpath(f"{name}.csv").read_text(encoding="utf-8")


def test_nothing_is_wrong() -> None:
    assert directory.wrong(directory.packaged(), date.max) == []


@TABLES
def test_a_table_is_written_as_it_is_read(name: str) -> None:
    table = parse(text_of(name), name)
    assert table.name == name
    assert render(name, (row.cells for row in table.rows)) == text_of(name)


def test_every_column_names_its_source_and_licence() -> None:
    rows = re.findall(
        r"^\| (\w+) \| `(\w+)` \| ([^|]+) \| ([^|]+) \|$",
        DATA.joinpath("SOURCES.md").read_text(encoding="utf-8"),
        re.MULTILINE,
    )
    named = [(table, column) for table, column, source, licence in rows if source and licence]
    assert named == [(table, column) for table in COLUMNS for column in COLUMNS[table]]


def test_no_coordinate_is_of_openstreetmap() -> None:
    """Its licence (ODbL) would reach the whole table."""
    for row in directory.packaged().rows["places"].values():
        assert not re.search("OSM|Nominatim", row["source"])
        assert row["level"] != "commune" or not row["lat"]


def test_what_nobody_has_checked_is_not_shown() -> None:
    """SAFETY 25. Machine-made Urdu names can be typed; callers read the English name."""
    for row in directory.packaged().rows["places"].values():
        assert not ("unchecked" in row["source"] and row["name_local"])


def test_the_ten_unnamed_stations_of_quetta_are_left_to_the_operator() -> None:
    desks = directory.load().desks.values()
    stations = [desk for desk in desks if desk.kind == "gender_facilitation_desk"]
    assert len(stations) == 5
