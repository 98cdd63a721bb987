"""Places and desks as looked up by the conversation: jurisdiction first, then up the ladder."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from helpline.core.label import Name


@dataclass(frozen=True, slots=True)
class Place:
    """A country, province, district or city area. `aliases` are other spellings, any script."""

    code: str
    name: Name
    level: str
    parent: str = ""
    aliases: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Desk:
    """A team that answers. `serves` are the places it answers for, `parent` the next level up.

    Only `verified` desks take callbacks and are shown to callers (SAFETY 25).
    """

    code: str
    programme: str
    kind: str
    name: str
    place: str
    parent: str = ""
    serves: tuple[str, ...] = ()
    phone: str = ""
    always_open: bool = False
    verified: bool = False


@dataclass(frozen=True)
class Directory:
    """All places and desks; built once, validated by its loader."""

    places: Mapping[str, Place]
    desks: Mapping[str, Desk]
    _serving: dict[str, Desk] = field(init=False, repr=False, default_factory=dict)

    def __post_init__(self) -> None:
        for desk in self.desks.values():
            if desk.verified:
                for place in desk.serves:
                    self._serving.setdefault(place, desk)

    def lineage(self, place: str) -> Iterator[Place]:
        """The place and everything it lies in, the country last."""
        while place:
            found = self.places[place]
            yield found
            place = found.parent

    def desk_for(self, place: str) -> Desk:
        """The verified desk of the place, or of the nearest level above that has one."""
        for level in self.lineage(place):
            if level.code in self._serving:
                return self._serving[level.code]
        raise KeyError(place)

    def within(self, place: str, level: str) -> tuple[Place, ...]:
        """The places of one level directly inside `place`, in file order."""
        return tuple(p for p in self.places.values() if p.parent == place and p.level == level)

    def ladder(self, desk: str) -> Iterator[Desk]:
        """The desk and those it escalates to, the top one last."""
        while desk:
            found = self.desks[desk]
            yield found
            desk = found.parent
