"""What is wrong with the directory's tables, every fault with the line that has it."""

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import date

from helpline.core.gazetteer import LEVELS
from helpline.core.gsm7 import is_gsm7
from helpline.core.hours import parse_hours
from helpline.core.partners import PARTNER_KINDS
from helpline.core.spelling import Writing, writing_of
from helpline.directory.tables import Row

# What is left of a country's map when its corners are cut off generously: degrees.
BOXES: Mapping[str, tuple[float, float, float, float]] = {
    "BT": (26.6, 28.4, 88.7, 92.2),
    "PK": (23.5, 37.2, 60.8, 77.9),
    "KH": (9.2, 14.8, 102.2, 107.7),
}  # south, north, west, east
WRITINGS = {"BT": Writing.TIBETAN, "PK": Writing.ARABIC, "KH": Writing.KHMER}
_CODE = re.compile("[A-Z][A-Za-z0-9]*(?:[.-][A-Za-z0-9]+)*")
_PHONE = re.compile(r"\+?[0-9]{3,15}")
_CHECKED = re.compile("[0-9]{4}(?:-[0-9]{2}(?:-[0-9]{2})?)?")
_YES_NO = ("yes", "no")
Rows = Mapping[str, Row]


def by_key(rows: Iterable[Row]) -> Rows:
    return {row.key: row for row in rows}


def said(row: Row, fault: str) -> str:
    return f"{row.where}: {row.key}: {fault}"


def twice(rows: Iterable[Row]) -> Iterator[str]:
    first: dict[str, Row] = {}
    for row in rows:
        if (other := first.setdefault(row.key, row)) is not row:
            yield said(row, f"stands in {other.where} already.")


def of_places(places: Rows) -> Iterator[str]:
    for row in places.values():
        yield from (said(row, fault) for fault in _of_place(row, places))


def _of_place(row: Row, places: Rows) -> Iterator[str]:
    if not _CODE.fullmatch(row["code"]) or len(row["code"]) > 40:
        yield "a code has letters, digits, dots and dashes, at most 40."
    if row["level"] not in LEVELS:
        yield f"the level is one of: {', '.join(LEVELS)}."
        return
    if row["level"] == "country" and row["code"] not in BOXES:
        yield f"no programme serves this country; the countries are {', '.join(sorted(BOXES))}."
    if not row["name_en"] or len(row["name_en"]) > 45 or not is_gsm7(row["name_en"]):
        yield "the English name has 1 to 45 letters that every phone can show (GSM-7)."
    if not row["source"]:
        yield "names no source."
    yield from _of_parent(row, places)
    country = country_of(row["code"], places)
    yield from _of_point(row, country)
    if row["name_local"] and writing_of(row["name_local"]) is not WRITINGS.get(country):
        yield "the local name is not in the country's own script."
    if row["seat"] and (row["seat"] not in places or not _within(row["seat"], row["code"], places)):
        yield f"its main town {row['seat']} does not lie in it."


def _of_parent(row: Row, places: Rows) -> Iterator[str]:
    above = places.get(row["parent"])
    if row["level"] == "country":
        if row["parent"]:
            yield "a country lies in nothing here."
    elif above is None:
        yield f"its parent {row['parent']!r} is unknown."
    elif row["code"] in _above(row["parent"], places):
        yield "lies in itself."
    elif above["level"] in LEVELS and LEVELS.index(above["level"]) > LEVELS.index(row["level"]):
        yield f"a {row['level']} cannot lie in a {above['level']}."


def _of_point(row: Row, country: str) -> Iterator[str]:
    if not row["lat"] and not row["lon"]:
        return
    try:
        lat, lon = float(row["lat"]), float(row["lon"])
    except ValueError:
        yield "latitude and longitude are two numbers of degrees, or both empty."
        return
    south, north, west, east = BOXES.get(country, (-90, 90, -180, 180))
    if not (south <= lat <= north and west <= lon <= east):
        yield f"the point {row['lat']}, {row['lon']} is outside {country}."


def _above(code: str, places: Rows) -> list[str]:
    """The codes from this one to the country, as far as they are known; a loop ends it."""
    found: list[str] = []
    while code in places and code not in found:
        found.append(code)
        code = places[code]["parent"]
    return found


def country_of(code: str, places: Rows) -> str:
    return _above(code, places)[-1]


def _in_district(code: str, places: Rows) -> bool:
    return any(places[above]["level"] == "district" for above in _above(code, places))


def _within(code: str, container: str, places: Rows) -> bool:
    return container in _above(code, places)


def of_desks(desks: Rows, places: Rows, today: date, kinds: Mapping[str, object]) -> Iterator[str]:
    """`kinds` are those that have words for callers."""
    for row in desks.values():
        for fault in (
            *_of_desk(row, today, kinds),
            *_of_area(row, places),
            *_of_ladder(row, desks),
        ):
            yield said(row, fault)
    yield from _claims(desks)


def _of_desk(row: Row, today: date, kinds: Mapping[str, object]) -> Iterator[str]:
    if not _CODE.fullmatch(row["code"]) or len(row["code"]) > 40:
        yield "a code has letters, digits, dots and dashes, at most 40."
    if not row["name_en"] or len(row["name_en"]) > 120:
        yield "the name has 1 to 120 letters."
    hidden = row["public"] == "no" and not row["serves"]
    if row["kind"] not in kinds and not (hidden and row["kind"] in PARTNER_KINDS):
        known = ", ".join(sorted(kinds))
        yield f"the kind {row['kind']!r} has no words for callers; known: {known}."
    for column in ("public", "verified"):
        if row[column] not in _YES_NO:
            yield f"{column} is yes or no."
    if row["phone"] and not _PHONE.fullmatch(row["phone"]):
        yield "a phone has 3 to 15 digits, + first if it names its country."
    if row["phone"] and not row["source_date"]:
        yield "has a phone, so it needs the date when that was last checked."
    if not row["source"]:
        yield "names no source."
    yield from _of_date(row["source_date"], today)
    try:
        parse_hours(row["hours"])
    except ValueError as wrong:
        yield f"hours: {wrong}"


def _of_date(checked: str, today: date) -> Iterator[str]:
    if not checked:
        return
    try:
        when = checked_on(checked)
    except ValueError:
        yield "source_date is YYYY-MM-DD, or YYYY-MM or YYYY where no more is known."
        return
    if when > today:
        yield f"source_date {checked} is in the future."


def checked_on(text: str) -> date:
    """The first day that a date as exact as it is known can mean. Raises ValueError."""
    if not _CHECKED.fullmatch(text):
        raise ValueError(text)
    return date.fromisoformat(f"{text}-01-01"[:10])


def _of_area(row: Row, places: Rows) -> Iterator[str]:
    country = row["programme"].upper()
    if country not in BOXES:
        yield f"the programme is one of: {', '.join(sorted(BOXES)).lower()}."
        return
    # A partner may be reached by phone alone, and where a shelter is stays withheld.
    shown = row["public"] != "no" or row["serves"]
    if shown and row["place"] in places and not _in_district(row["place"], places):
        yield f"is at {row['place']}, which is no district: name the district or a place in it."
    for code in filter(None, (row["place"] or "?", *row["serves"].split("|"))):
        if code not in places:
            yield f"place {code} is unknown."
        elif country_of(code, places) != country:
            yield f"place {code} lies in another country."


def _of_ladder(row: Row, desks: Rows) -> Iterator[str]:
    parent = desks.get(row["parent"])
    if row["parent"] and parent is None:
        yield f"parent {row['parent']} is unknown."
    elif parent is not None and parent["verified"] != "yes":
        yield f"parent {row['parent']} is not verified."
    elif parent is not None and parent["programme"] != row["programme"]:
        yield f"parent {row['parent']} is of another programme."
    elif row["code"] in _above(row["parent"], desks):
        yield "its ladder never ends."


def _claims(desks: Rows) -> Iterator[str]:
    """No place, and so no country, has two desks that answer for it."""
    claimed: dict[str, Row] = {}
    for row in desks.values():
        for place in filter(None, row["serves"].split("|")) if row["verified"] == "yes" else ():
            if (other := claimed.setdefault(place, row)) is not row:
                national = " (the national unit)" if place in BOXES else ""
                yield said(row, f"answers for {place}{national}, as {other.key} does already.")


def without_desk(desks: Rows, places: Rows) -> Iterator[str]:
    """A desk that answers for the country answers for every place that has no nearer one."""
    served = {p for r in desks.values() if r["verified"] == "yes" for p in r["serves"].split("|")}
    for country in (code for code in places if code in BOXES and code not in served):
        name = places[country]["name_en"]
        yield (
            f"{country}: no verified desk answers for {name}: places in it would have none. "
            f"Let one desk serve {country}."
        )


def of_holidays(holidays: Rows) -> Iterator[str]:
    for row in holidays.values():
        if row["programme"].upper() not in BOXES:
            yield said(row, f"the programme is one of: {', '.join(sorted(BOXES)).lower()}.")
        try:
            date.fromisoformat(row["date"])
        except ValueError:
            yield said(row, "the date is YYYY-MM-DD.")
        if not row["name_en"] or not row["source"]:
            yield said(row, "needs a name and a source.")
        if row["estimated"] not in _YES_NO:
            yield said(row, "estimated is yes or no.")
