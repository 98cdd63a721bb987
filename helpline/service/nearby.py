"""Answers "where is the nearest desk" for an operator or another program, as plain objects.

Nothing about a query is stored or logged.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from helpline.core.directory import Desk, Directory
from helpline.core.hours import is_open, render_hours
from helpline.core.nearest import MOST, Near, nearest
from helpline.core.programme import Programme

LONGEST = 1000  # characters of a query
Told = dict[str, object]


@dataclass(frozen=True)
class Nearby:
    directory: Directory
    programmes: Mapping[str, Programme]

    def look_up(self, query: str, programme: str, now: datetime, most: int = MOST) -> Told:
        """`programme` "" searches all countries alike. Places are named by their codes."""
        if len(query) > LONGEST:
            return refused(query, f"longer than {LONGEST} characters")
        country = self.programmes[programme].country if programme else ""
        found = self.directory.index.find(query, country)
        told: Told = {
            "query": query,
            "programme": programme or self._programme_of(found.place),
            "place": self._place(found.place) if found.place else None,
            "candidates": [self._place(code) for code in found.candidates],
            "desks": [],
        }
        if found.place:
            told.update(self._around(found.place, country, now, most))
        return told

    def _around(self, place: str, country: str, now: datetime, most: int) -> Told:
        there = self._programme_of(place)
        assert there is not None, "every country has its programme"
        if country not in ("", self.programmes[there].country):
            return {"abroad": True, "emergency": self.programmes[there].emergency}
        near = nearest(self.directory, there, place, most)
        return {"desks": [self._near(one, now) for one in near]}

    def _programme_of(self, place: str) -> str | None:
        country = self.directory.places.country_of(place) if place else ""
        codes = (code for code, known in self.programmes.items() if known.country == country)
        return next(codes, None)

    def _place(self, code: str) -> Told:
        places = self.directory.places
        return {
            "code": code,
            "name": places[code].name.en,
            "level": places[code].level,
            "district": places.district_of(code),
            "country": places.country_of(code),
        }

    def _near(self, near: Near, now: datetime) -> Told:
        desk = near.desk
        return {
            "code": desk.code,
            "name": desk.name,
            "place": desk.place,
            "distance_km": near.distance,
            "jurisdiction": near.jurisdiction,
            **self.answering(desk, now),
        }

    def answering(self, desk: Desk, now: datetime) -> Told:
        """The desk's own phone (SAFETY 25: only a verified one) and when somebody is there."""
        zone = self.programmes[desk.programme].zone
        holidays = self.directory.holidays.get(desk.programme, frozenset())
        return {
            "phone": (desk.phone or None) if desk.verified else None,
            "hours": render_hours(desk.hours),
            "open_now": is_open(desk.hours, now, zone, holidays),
        }


def refused(query: str | None, why: str) -> Told:
    return {"query": query if query is None else query[:LONGEST], "error": why}
