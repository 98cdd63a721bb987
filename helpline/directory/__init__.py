"""The directory: packaged places, desks and holidays, and what an operator put over them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from importlib.resources import files

from helpline.core.directory import Desk, Directory
from helpline.core.errors import ContentError
from helpline.core.gazetteer import Gazetteer, Place, Point
from helpline.core.hours import parse_hours
from helpline.core.label import Name
from helpline.directory import faults
from helpline.directory.tables import COLUMNS, Row, Table, parse, render

NAMES = tuple(COLUMNS)
_LOCAL = {"BT": "dz", "PK": "ur", "KH": "km"}  # the language of `name_local`, by country


@dataclass(frozen=True)
class Tables:
    """Every row by table and key; a later row of the same key stands for the earlier one.

    `revision` counts the imports that are in it.
    """

    rows: Mapping[str, faults.Rows]
    revision: int = 0

    def with_rows(self, name: str, rows: Iterable[Row]) -> "Tables":
        merged = {**self.rows[name], **faults.by_key(rows)}
        return replace(self, rows={**self.rows, name: merged})

    def export(self, name: str) -> str:
        return render(name, (row.cells for row in self.rows[name].values()))


@cache
def packaged() -> Tables:
    """Read once in a process."""
    read = {name: _read(name) for name in NAMES}
    repeated = [fault for table in read.values() for fault in faults.twice(table.rows)]
    if repeated:
        raise ContentError("\n".join(repeated))
    return Tables({name: faults.by_key(table.rows) for name, table in read.items()})


def _read(name: str) -> Table:
    file = files(__name__).joinpath("data", f"{name}.csv")
    return parse(file.read_text(encoding="utf-8"), f"packaged {name}.csv")


@cache
def load() -> Directory:
    """The packaged directory, built once in a process. Raises ContentError naming every fault."""
    return build(packaged(), today=date.max)


def wrong(tables: Tables, today: date, kinds: Mapping[str, object] | None = None) -> list[str]:
    """Every fault of the tables together; `kinds` of desks are not looked at without a list."""
    places, desks = tables.rows["places"], tables.rows["desks"]
    known = {row["kind"]: "" for row in desks.values()} if kinds is None else kinds
    return [
        *faults.of_places(places),
        *faults.of_desks(desks, places, today, known),
        *faults.of_holidays(tables.rows["holidays"]),
    ]


def build(tables: Tables, *, today: date) -> Directory:
    """Raises ContentError naming every fault at once."""
    found = wrong(tables, today)
    if found:
        raise ContentError("\n".join(found))
    rows = tables.rows
    places = {code: _place(row, rows["places"]) for code, row in rows["places"].items()}
    holidays: dict[str, set[date]] = {}
    for row in rows["holidays"].values():
        holidays.setdefault(row["programme"], set()).add(date.fromisoformat(row["date"]))
    return Directory(
        places=Gazetteer(places),
        desks={code: _desk(row) for code, row in rows["desks"].items()},
        holidays={programme: frozenset(days) for programme, days in holidays.items()},
        revision=tables.revision,
    )


def _place(row: Row, places: faults.Rows) -> Place:
    country = faults.country_of(row["code"], places)
    return Place(
        code=row["code"],
        name=Name(
            row["name_en"], {_LOCAL[country]: row["name_local"]} if row["name_local"] else {}
        ),
        level=row["level"],
        parent=row["parent"],
        aliases=_several(row["aliases"]),
        kind=row["kind"],
        seat=row["seat"],
        point=Point(float(row["lat"]), float(row["lon"])) if row["lat"] else None,
    )


def _several(cell: str) -> tuple[str, ...]:
    return tuple(filter(None, cell.split("|")))


def _desk(row: Row) -> Desk:
    return Desk(
        code=row["code"],
        programme=row["programme"],
        kind=row["kind"],
        name=row["name_en"],
        place=row["place"],
        parent=row["parent"],
        serves=_several(row["serves"]),
        phone=row["phone"],
        hours=parse_hours(row["hours"]),
        public=row["public"] == "yes",
        verified=row["verified"] == "yes",
        source=row["source"],
        source_date=row["source_date"],
    )
