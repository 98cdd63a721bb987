"""Reads the packaged places and desks, checks them all, and refuses to start on any fault."""

import csv
from collections.abc import Iterable, Iterator, Mapping, Sequence
from importlib.resources import files

from helpline.core.directory import Desk, Directory, Place
from helpline.core.errors import ContentError
from helpline.core.label import Name

_LOCAL = {"BT": "dz", "PK": "ur", "KH": "km"}  # the language of `name_local`, by country


def load() -> Directory:
    """The packaged directory. Raises ContentError naming every fault at once."""
    return build(_rows("places.csv"), _rows("desks.csv"))


def build(places: Iterable[Mapping[str, str]], desks: Iterable[Mapping[str, str]]) -> Directory:
    """A directory from rows of the two tables; every fault is reported together."""
    place_rows, desk_rows = list(places), list(desks)
    faults = [*_faults_of_places(place_rows), *_faults_of_desks(desk_rows, place_rows)]
    if faults:
        raise ContentError("directory: " + "; ".join(faults))
    return Directory(
        places={row["code"]: _place(row) for row in place_rows},
        desks={row["code"]: _desk(row) for row in desk_rows},
    )


def _rows(name: str) -> list[dict[str, str]]:
    text = files(__name__).joinpath("data", name).read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines()))


def _place(row: Mapping[str, str]) -> Place:
    country = row["code"].partition("-")[0]
    local = {_LOCAL[country]: row["name_local"]} if row["name_local"] else {}
    aliases = frozenset(alias.casefold() for alias in row["aliases"].split("|") if alias)
    return Place(row["code"], Name(row["name_en"], local), row["level"], row["parent"], aliases)


def _desk(row: Mapping[str, str]) -> Desk:
    return Desk(
        code=row["code"],
        programme=row["programme"],
        kind=row["kind"],
        name=row["name_en"],
        place=row["place"],
        parent=row["parent"],
        serves=tuple(filter(None, row["serves"].split("|"))),
        phone=row["phone"],
        always_open=row["always_open"] == "yes",
        verified=row["verified"] == "yes",
    )


def _faults_of_places(rows: Sequence[Mapping[str, str]]) -> Iterator[str]:
    codes = [row["code"] for row in rows]
    yield from (f"place {code} is there twice" for code in _twice(codes))
    for row in rows:
        if row["parent"] and row["parent"] not in codes:
            yield f"place {row['code']}: parent {row['parent']} is unknown"
        if not row["name_en"]:
            yield f"place {row['code']} has no English name"
        if not row["source"]:
            yield f"place {row['code']} names no source"
        if row["name_local"] and row["code"].partition("-")[0] not in _LOCAL:
            yield f"place {row['code']}: the language of its local name is unknown"
    by_code = {row["code"]: row for row in rows}
    yield from (f"place {code} lies in itself" for code in by_code if _loops(code, by_code))


def _faults_of_desks(
    rows: Sequence[Mapping[str, str]],
    places: Sequence[Mapping[str, str]],
) -> Iterator[str]:
    known = {row["code"] for row in places}
    by_code = {row["code"]: row for row in rows}
    yield from (f"desk {code} is there twice" for code in _twice([row["code"] for row in rows]))
    for row in rows:
        code, parent = row["code"], by_code.get(row["parent"])
        for place in filter(None, (row["place"], *row["serves"].split("|"))):
            if place not in known:
                yield f"desk {code}: place {place} is unknown"
        if row["parent"] and parent is None:
            yield f"desk {code}: parent {row['parent']} is unknown"
        if parent is not None and parent["verified"] != "yes":
            yield f"desk {code}: parent {parent['code']} is not verified"
        if not row["source"]:
            yield f"desk {code} names no source"
        if row["phone"] and not row["source_date"]:
            yield f"desk {code}: its phone has no date of check"
    yield from (f"desk {code}: its ladder never ends" for code in by_code if _loops(code, by_code))


def _loops(code: str, by_code: Mapping[str, Mapping[str, str]]) -> bool:
    seen: set[str] = set()
    while code in by_code:
        if code in seen:
            return True
        seen.add(code)
        code = by_code[code]["parent"]
    return False


def _twice(codes: list[str]) -> list[str]:
    return sorted({code for code in codes if codes.count(code) > 1})
