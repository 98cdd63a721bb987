"""Names of places as people get them wrong, made from every name in the directory.

Used by the tests and by `benchmarks/recall.py`; the same seed gives the same set.
"""

import random
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from helpline.core.directory import Directory
from helpline.core.search import Found
from helpline.core.spelling import Writing, spellings, writing_of

SHORTEST = 4  # letters of a name that is misspelt: of a shorter one too little is left
VOWELS = {
    Writing.LATIN: set("aeiouy"),
    Writing.TIBETAN: {chr(code) for code in range(0x0F71, 0x0F85)},
    Writing.ARABIC: set("اویے"),
    Writing.KHMER: {chr(code) for code in range(0x17B6, 0x17C6)},
}
SWAPPED = str.maketrans("یکہ", "يكه")  # as an Arabic keyboard writes them
BLANKS = str.maketrans("", "", "\u0f0b\u0f0c \u200b")


@dataclass(frozen=True, slots=True)
class Case:
    """What is typed for a name, and all places that have this very name."""

    typed: str
    name: str
    country: str
    places: frozenset[str]


Wrong = Callable[[random.Random, str, str], str]


def _edited(draw: random.Random, name: str, letters: str) -> str:
    """One letter left out, put in, put for another, or changed with the next."""
    at, letter = draw.randrange(len(name)), draw.choice(letters)
    before, this, after = name[:at], name[at], name[at + 1 :]
    return draw.choice(
        (
            before + after,
            before + letter + this + after,
            before + letter + after,
            before + after[:1] + this + after[1:] if after else before[:-1] + this + before[-1:],
        )
    )


def _twice(draw: random.Random, name: str, letters: str) -> str:
    return _edited(draw, _edited(draw, name, letters), letters)


def _without_a_vowel(draw: random.Random, name: str, letters: str) -> str:
    places = [at for at, letter in enumerate(name) if at and letter in _vowels_of(name)]
    if not places:
        return name
    at = draw.choice(places)
    return name[:at] + name[at + 1 :]


def _without_vowels(draw: random.Random, name: str, letters: str) -> str:
    return name[0] + "".join(letter for letter in name[1:] if letter not in _vowels_of(name))


def _vowels_of(name: str) -> set[str]:
    writing = writing_of(name)
    return VOWELS[writing] if writing else set()


SORTS: Mapping[str, Wrong] = {
    "exact": lambda draw, name, letters: name,
    "other case": lambda draw, name, letters: name.upper(),
    "no tsheg or blank": lambda draw, name, letters: name.translate(BLANKS),
    "Arabic letters": lambda draw, name, letters: name.translate(SWAPPED),
    "a vowel dropped": _without_a_vowel,
    "one edit": _edited,
    "two edits": _twice,
    "all vowels dropped": _without_vowels,
}
EXACT = tuple(SORTS)[:4]  # these leave every letter as it is


def cases(
    directory: Directory, sort: str, writing: Writing, seed: int, most: int = 10_000
) -> Iterator[Case]:
    """Up to `most` misspelt names of one script, each of a name that the directory has."""
    draw = random.Random(f"{seed} {sort} {writing}")
    named = _named(directory)
    kept = sorted(
        {(c, n, letters) for c, letters, n in _names(directory) if writing_of(n) is writing}
    )
    alphabet = "".join(sorted({letter.lower() for _, name, _ in kept for letter in name}))
    draw.shuffle(kept)
    for country, name, letters in kept[:most]:
        if sort in EXACT or len(letters) >= SHORTEST:
            typed = SORTS[sort](draw, name, alphabet)
            yield Case(typed, name, country, frozenset(named[country, letters]))


def _names(directory: Directory) -> Iterator[tuple[str, str, str]]:
    for place in directory.places.values():
        country = directory.places.country_of(place.code)
        for name in place.names:
            for spelling in spellings(name)[:1]:
                yield country, spelling.letters, name


def _named(directory: Directory) -> Mapping[tuple[str, str], set[str]]:
    found: dict[tuple[str, str], set[str]] = {}
    for place in directory.places.values():
        country = directory.places.country_of(place.code)
        for spelling in (s for name in place.names for s in spellings(name)):
            found.setdefault((country, spelling.letters), set()).add(place.code)
    return found


@dataclass
class Score:
    """How often the right place was the first, among the first three, and not what was sure."""

    count: int = 0
    first: int = 0
    third: int = 0
    sure: int = 0
    wrong: int = 0

    def add(self, directory: Directory, case: Case, found: Found) -> None:
        told = (found.place,) if found.place else found.candidates
        right = [_is(directory, place, case.places) for place in told[:3]]
        self.count += 1
        self.first += any(right[:1])
        self.third += any(right)
        self.sure += bool(found.place)
        self.wrong += bool(found.place) and not right[0]

    def share(self, count: int) -> float:
        return 100 * count / self.count


def _is(directory: Directory, told: str, meant: frozenset[str]) -> bool:
    """The place itself, or what holds all of its name in one district."""
    return any(directory.places.lies_in(place, told) for place in meant)
