"""Desks and the places they answer for, as looked up by the conversation."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property

from helpline.core.gazetteer import DISTRICT, Gazetteer, Place, kilometres
from helpline.core.hours import Hours
from helpline.core.search import Index


@dataclass(frozen=True, slots=True)
class Desk:
    """A team that answers. `serves` are the places it answers for, `parent` the next level up.

    Only `verified` desks take callbacks (SAFETY 25), and of these only `public` ones are shown to
    callers: a sub-desk is reached through its unit. `source_date` says when that was last true.
    """

    code: str
    programme: str
    kind: str
    name: str
    place: str
    parent: str = ""
    serves: tuple[str, ...] = ()
    phone: str = ""
    hours: Hours = field(default_factory=Hours)
    public: bool = True
    verified: bool = False
    source: str = ""
    source_date: str = ""


@dataclass(frozen=True, eq=False)
class Directory:
    """All places and desks, built once and validated by its loader; equal only to itself.

    `holidays` are per programme. `revision` counts the operator's imports: what was offered on a
    page of one revision is not chosen on another.
    """

    places: Gazetteer
    desks: Mapping[str, Desk]
    holidays: Mapping[str, frozenset[date]] = field(default_factory=dict)
    revision: int = 0
    _answering: dict[str, Desk] = field(default_factory=dict, init=False, repr=False, compare=False)

    @cached_property
    def index(self) -> Index:
        """For searching by name; built at the first search."""
        return Index(self.places)

    @cached_property
    def _serving(self) -> Mapping[str, Desk]:
        serving: dict[str, Desk] = {}
        for desk in self.desks.values():
            if desk.verified:
                for place in desk.serves:
                    serving.setdefault(place, desk)
        return serving

    @cached_property
    def _divided(self) -> Mapping[str, tuple[Place, ...]]:
        """Per district the places in it that have a desk of their own."""
        found: dict[str, tuple[Place, ...]] = {}
        for code in self._serving:
            if self.places[code].rank > DISTRICT:
                district = self.places.district_of(code)
                found[district] = (*found.get(district, ()), self.places[code])
        return found

    def areas(self, place: str) -> tuple[Place, ...]:
        """The places within its district that have desks of their own, in the desks' order."""
        return self._divided.get(self.places.district_of(place), ())

    def undecided(self, place: str) -> bool:
        """Whether asking for the area could lead to another desk than the district's."""
        return bool(self.areas(place)) and self._within_district(place) is None

    def desk_for(self, place: str) -> Desk:
        """The verified desk that answers for the place: that of its part of the district, else
        the district's, else that of the next level above. KeyError: the country has none."""
        if place not in self._answering:
            self._answering[place] = self._desk_for(place)
        return self._answering[place]

    def _desk_for(self, place: str) -> Desk:
        if within := self._within_district(place):
            return within
        for level in self.places.lineage(place):
            if level.code in self._serving:
                return self._serving[level.code]
        raise KeyError(place)

    def _within_district(self, place: str) -> Desk | None:
        for level in self.places.lineage(place):
            if level.rank > DISTRICT and level.code in self._serving:
                return self._serving[level.code]
        return self._nearest_locality(place)

    def _nearest_locality(self, place: str) -> Desk | None:
        """In a city whose localities have desks: the nearest one's, by points that are known.
        (A dungkhag's desk answers for that dungkhag, however near another village may be.)"""
        here = self.places[place]
        if here.point is None or here.rank <= DISTRICT:
            return None
        known = [(a.point, a.code) for a in self.areas(place) if a.level == "locality" and a.point]
        near = min(((kilometres(here.point, p), code) for p, code in known), default=None)
        return self._serving[near[1]] if near else None

    def ladder(self, desk: str) -> Iterator[Desk]:
        """The desk and those it escalates to, the top one last."""
        while desk:
            found = self.desks[desk]
            yield found
            desk = found.parent
