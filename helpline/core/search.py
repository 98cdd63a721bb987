"""Finds places by any spelling in any of four scripts, and says when it is sure.

Pure. It never guesses silently: a place is given only when no other of another district comes
near it; else the best few are named, to be asked about.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from rapidfuzz import process
from rapidfuzz.distance import OSA

from helpline.core.gazetteer import DISTRICT, Gazetteer
from helpline.core.spelling import LONGEST, Spelling, Writing, spellings

_Spelt = tuple[Spelling, ...]
FEW = 6  # candidates at most; a caller reads them on a small screen
_LONGEST_QUERY = 4 * LONGEST
_PARTS = re.compile(r"[\s,;:/()،؛]+")
_SURE_SOUND, _SURE_LETTERS = 4, 6  # shorter names have too many neighbours
_FIRST = {Writing.TIBETAN: 0x0F20, Writing.ARABIC: 0x0600, Writing.KHMER: 0x1760}
_WORDS = 10  # of a sentence that are looked at
_NEAREST = 12  # names of one script that are compared closely
_NAMES_IN_PROSE = 4  # letters: shorter names are ordinary words too often


@dataclass(frozen=True, slots=True)
class Found:
    """`place` when sure; else `candidates`, best first, at most FEW; neither: not found.

    `told`: the places were named within a longer text, which says more than where.
    """

    place: str = ""
    candidates: tuple[str, ...] = ()
    told: bool = False


@dataclass(frozen=True, slots=True)
class _Named:
    """One spelling and the places that have it."""

    spelling: Spelling
    places: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Hit:
    """`cost` 0 is the very letters. `typos` are edits of letters; `alike`: it sounds the same."""

    named: _Named
    cost: int
    typos: int
    alike: bool


@dataclass
class _Shelf:
    """The names of one country in one script."""

    named: list[_Named] = field(default_factory=list)
    letters: dict[str, int] = field(default_factory=dict)
    sounds: dict[str, list[int]] = field(default_factory=dict)
    bones: dict[str, list[int]] = field(default_factory=dict)
    keys: tuple[list[str], list[str], list[str]] = field(default_factory=lambda: ([], [], []))

    def add(self, spelling: Spelling, places: tuple[str, ...]) -> None:
        number = len(self.named)
        self.named.append(_Named(spelling, places))
        self.letters[spelling.letters] = number
        self.sounds.setdefault(spelling.sound, []).append(number)
        self.bones.setdefault(spelling.bones, []).append(number)
        for keys, key in zip(self.keys, _keys(spelling), strict=True):
            keys.append(key)

    def exact(self, spelling: Spelling) -> _Named | None:
        number = self.letters.get(spelling.letters)
        return None if number is None else self.named[number]

    def alike(self, wanted: Spelling) -> Iterator[_Hit]:
        """The names that sound the same; the very letters cost nothing."""
        for number in self.sounds.get(wanted.sound, ()):
            yield _compared(wanted, self.named[number])

    def near(self, wanted: Spelling) -> Iterator[_Hit]:
        """The names that are worth comparing, compared. One letter names nothing."""
        if len(wanted.letters) < 2:
            return iter(())
        numbers = {*self.sounds.get(wanted.sound, ())}
        if len(wanted.bones) > 1:
            numbers.update(self.bones.get(wanted.bones, ()))
        for keys, key, most in zip(self.keys, _keys(wanted), _typos(wanted), strict=True):
            if most:
                found = process.extract(
                    key,
                    keys,
                    scorer=OSA.distance,
                    processor=None,
                    score_cutoff=most,
                    limit=_NEAREST,
                )
                numbers.update(number for _key, _distance, number in found)
        return (_compared(wanted, self.named[number]) for number in numbers)


def _keys(spelling: Spelling) -> tuple[str, str, str]:
    """As compared: one byte a letter, which is compared twice as fast."""
    keys = spelling.letters, spelling.sound, spelling.bones
    first = _FIRST.get(spelling.writing)
    if first is None:
        return keys
    letters, sound, bones = ("".join([chr(ord(one) - first) for one in key]) for key in keys)
    return letters, sound, bones


def _typos(wanted: Spelling) -> tuple[int, int, int]:
    """How many edits of letters, sounds and bones still make the same word, by their lengths."""
    letters, sound, bones = len(wanted.letters), len(wanted.sound), len(wanted.bones)
    return _edits(letters), min(_edits(sound), 2), int(bones > 3)


def _edits(length: int) -> int:
    return 0 if length < 2 else 1 if length < 4 else 2 if length < 8 else 3


def _compared(wanted: Spelling, named: _Named) -> _Hit:
    """A wrong consonant counts more than a wrong vowel, which leaves the bones as they are."""
    name = named.spelling
    typos = OSA.distance(wanted.letters, name.letters)
    sound, bones = OSA.distance(wanted.sound, name.sound), OSA.distance(wanted.bones, name.bones)
    first = wanted.letters[0] == name.letters[0]
    return _Hit(named, 2 * typos + sound + bones - first + 1 if typos else 0, typos, not sound)


class Index:
    """Every name of every place, ready to be searched. Built once; a search changes nothing."""

    def __init__(self, places: Gazetteer) -> None:
        self._places = places
        self._countries = [code for code in places if not places[code].parent]
        self._shelves: dict[tuple[str, Writing], _Shelf] = {}
        for country, named in self._by_country().items():
            for spelling, codes in named.items():
                shelf = self._shelves.setdefault((country, spelling.writing), _Shelf())
                shelf.add(spelling, tuple(codes))

    def _by_country(self) -> Mapping[str, Mapping[Spelling, Mapping[str, None]]]:
        found: dict[str, dict[Spelling, dict[str, None]]] = {}
        for place in self._places.values():
            named = found.setdefault(self._places.country_of(place.code), {})
            for spelling in (s for name in place.names for s in spellings(name)):
                named.setdefault(spelling, {})[place.code] = None
        return found

    def find(self, query: str, country: str = "") -> Found:
        """Looks in one country first, and abroad only for the very name; without a country
        everywhere alike. Bounded: of a long text only the beginning counts."""
        query = query[:_LONGEST_QUERY]
        spelt, at_home = spellings(query), (country,) if country else self._countries
        if named := self._named(query, spelt, at_home):
            return self._told(named)
        near = self._near(query, spelt, at_home)
        others = [code for code in self._countries if code not in at_home]
        abroad = self._told(self._named(query, spelt, others)).place
        if not abroad or near.place:
            return near
        if not near.candidates:
            return Found(abroad)
        return Found(candidates=(abroad, *near.candidates)[:FEW])

    def _near(self, query: str, spelt: _Spelt, countries: Sequence[str]) -> Found:
        shelved = self._shelved(spelt, countries)
        if near := [hit for one, shelf in shelved for hit in shelf.near(one)]:
            return self._told(near)
        prose = self._offered(self._in_prose(query, countries))
        return replace(prose, told=bool(prose.candidates))

    def _shelved(
        self, spelt: _Spelt, countries: Iterable[str]
    ) -> Iterator[tuple[Spelling, _Shelf]]:
        """What to look for, and on which shelves."""
        for spelling in spelt:
            for country in countries:
                if shelf := self._shelves.get((country, spelling.writing)):
                    yield spelling, shelf

    def _named(self, query: str, spelt: _Spelt, countries: Sequence[str]) -> list[_Hit]:
        """The places that have this very name, and those whose names sound like it. As it stands
        comes first: a name with the word for province is not the commune of that name."""
        for spelling in spelt:
            shelved = tuple(self._shelved((spelling,), countries))
            if any(shelf.exact(spelling) for _spelling, shelf in shelved):
                return [hit for one, shelf in shelved for hit in shelf.alike(one)]
        return self._inside(query, countries)

    def _inside(self, query: str, countries: Sequence[str]) -> list[_Hit]:
        """A place named together with one that it lies in: "Gakiling, Haa"."""
        parts = _PARTS.split(query)[:_WORDS]
        for cut in range(1, len(parts)):
            one, other = " ".join(parts[:cut]), " ".join(parts[cut:])
            for small, large in ((one, other), (other, one)):
                if hits := list(self._lying_in(small, large, countries)):
                    return hits
        return []

    def _lying_in(self, small: str, large: str, countries: Sequence[str]) -> Iterator[_Hit]:
        around = {p for hit in self._exactly(large, countries) for p in hit.named.places}
        for hit in self._exactly(small, countries) if around else ():
            inside = tuple(p for p in hit.named.places if self._lies_in_any(p, around))
            if inside:
                yield _Hit(_Named(hit.named.spelling, inside), 0, 0, True)

    def _lies_in_any(self, place: str, around: set[str]) -> bool:
        return any(
            level.code in around for level in self._places.lineage(place) if level.code != place
        )

    def _exactly(self, query: str, countries: Sequence[str]) -> Iterator[_Hit]:
        for spelling, shelf in self._shelved(spellings(query), countries):
            if named := shelf.exact(spelling):
                yield _Hit(named, 0, 0, True)

    def _in_prose(self, query: str, countries: Sequence[str]) -> list[_Hit]:
        """Places whose names stand in a sentence, the widest names first."""
        words = _PARTS.split(query)[:_WORDS]
        for width in range(min(3, len(words) - 1), 0, -1):
            for start in range(len(words) - width + 1):
                said = " ".join(words[start : start + width])
                if len(said) >= _NAMES_IN_PROSE and (hits := list(self._exactly(said, countries))):
                    return hits
        return []

    def _told(self, hits: Iterable[_Hit]) -> Found:
        ranked = sorted(hits, key=self._order)
        if ranked and self._sure(ranked):
            best = [hit for hit in ranked if hit.cost == ranked[0].cost]
            return Found(self._joint([place for hit in best for place in hit.named.places]))
        return self._offered(ranked)

    def _offered(self, hits: Iterable[_Hit]) -> Found:
        """One candidate for each name and district."""
        offered: dict[tuple[str, str], list[str]] = {}
        for hit in sorted(hits, key=self._order):
            for place in sorted(hit.named.places, key=self._importance):
                district = self._places.district_of(place)
                offered.setdefault((hit.named.spelling.letters, district), []).append(place)
        joint = dict.fromkeys(self._joint(places) for places in offered.values())
        return Found(candidates=tuple(joint)[:FEW])

    def _order(self, hit: _Hit) -> tuple[int, tuple[int, str]]:
        return hit.cost, min(map(self._importance, hit.named.places))

    def _importance(self, place: str) -> tuple[int, str]:
        return self._places[place].rank, place

    def _districts(self, hit: _Hit) -> set[str]:
        return {self._places.district_of(place) for place in hit.named.places}

    def _sure(self, ranked: Sequence[_Hit]) -> bool:
        """Whether no other district comes into question. The bounds are measured: see
        benchmarks/recall.py, which counts answers that were sure and wrong."""
        best = ranked[0]
        districts = {d for hit in ranked if hit.cost == best.cost for d in self._districts(hit)}
        if len(districts) > 1:
            return False
        rivals = [hit for hit in ranked if self._districts(hit) - districts]
        spelling = best.named.spelling
        if not best.cost:
            known = min(self._places[place].rank for place in best.named.places)
            return known <= DISTRICT + 1 or not any(rival.alike for rival in rivals)
        if best.alike:
            short = len(spelling.sound) < _SURE_SOUND
            return not short and not any(r.alike or r.typos <= best.typos for r in rivals)
        long = len(spelling.letters) >= _SURE_LETTERS
        return long and best.typos == 1 and all(rival.typos > 2 for rival in rivals)

    def _joint(self, places: Sequence[str]) -> str:
        """Of places that share a name and a district: the most important one, or what holds
        them all."""
        top = min(self._places[place].rank for place in places)
        most = dict.fromkeys(place for place in places if self._places[place].rank == top)
        first, *others = most
        for other in others:
            first = self._places.shared(first, other)
        return first
