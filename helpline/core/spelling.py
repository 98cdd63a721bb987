"""Spellings of place names as compared: one way of writing for every way people write a name.

Pure. Per script three keys, each more forgiving: the letters, how they sound, and the bones
(consonants) that are left when vowels are dropped. Nothing here is ever shown.
"""

import re
import unicodedata
from dataclasses import dataclass
from enum import Enum
from operator import itemgetter

LONGEST = 60  # characters of a query that are looked at; no place has a longer name
_HIDDEN = re.compile(
    "[\u00ad\u034f\u061c\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufe00-\ufe0f\ufeff]"
)


class Writing(Enum):
    LATIN = "Latin"
    TIBETAN = "Tibetan"
    ARABIC = "Arabic"
    KHMER = "Khmer"


@dataclass(frozen=True, slots=True)
class Spelling:
    """`letters` without blanks and marks; `sound` with letters that sound alike made one."""

    writing: Writing
    letters: str
    sound: str
    bones: str


@dataclass(frozen=True)
class _Rules:
    """How one script is read. `generic` are words that say what sort of place it is."""

    letters: re.Pattern[str]
    generic: re.Pattern[str]
    folds: tuple[tuple[re.Pattern[str], str], ...]
    sounds: tuple[tuple[re.Pattern[str], str], ...]
    vowels: re.Pattern[str]


def _pairs(*pairs: tuple[str, str]) -> tuple[tuple[re.Pattern[str], str], ...]:
    return tuple((re.compile(pattern), out) for pattern, out in pairs)


# Aspirated and plain consonants, v and w, and every vowel of one colour are confused in Roman
# spellings of all three countries: Chhukha, Chukkha, Chukha; Phuentsholing, Phuntsholing.
_LATIN = _Rules(
    letters=re.compile("[a-z]+"),
    generic=re.compile(
        r"^(?:khan|srok|khum|sangkat|krong|khet|zila|zilla|district|city|village|town)(?= )|"
        r"(?<= )(?:district|dzongkhag|gewog|geog|dungkhag|tehsil|tahsil|province|city|town|"
        r"village|municipality|commune|dzong|zila|thromde)$"
    ),
    folds=_pairs(("[’'`ʼ-]", "")),
    sounds=_pairs(
        ("ck|q", "k"),
        ("x", "ks"),
        ("tsh", "ts"),
        ("c+h+", "C"),
        ("c(?=[ei])", "s"),
        ("c", "k"),
        ("(?<=[kgtdpbjlrsz])h", ""),
        ("f", "p"),
        ("dz|zh", "z"),
        ("w", "v"),
        (r"(?<=[aeiou])h(?![aeiouy])|(?<=[aeiou])h$", ""),
        (r"y(?![aeiou])", "i"),
        ("[ei]+[aeiou]*", "i"),
        ("[ou]+[aeiou]*", "u"),
        ("a+[eiy]+[aeiou]*", "i"),
        ("a+[ou]+[aeiou]*", "u"),
        ("a+", "a"),
        (r"(.)\1+", r"\1"),
    ),
    vowels=re.compile("(?<!^)[aiuhy]"),
)
_TIBETAN = _Rules(
    letters=re.compile("[\u0f40-\u0f6c\u0f71-\u0f84\u0f90-\u0fbc]+"),
    generic=re.compile("(?<=.)(?:རྫོངཁག|རྒེདའོག|དྲུངཁག|ཁྲོམསྡེ|ཁྲོམ)$"),
    folds=(),
    sounds=_pairs(("[\u0f71\u0f39\u0fad]", ""), ("\u0f81|\u0f80", "\u0f72"), ("འ(?=.)", "")),
    vowels=re.compile("[\u0f71-\u0f84]"),
)
_ARABIC = _Rules(
    letters=re.compile("[\u0621-\u063a\u0641-\u064a\u066e-\u06d3\u06d5]+"),
    generic=re.compile("^(?:ضلع|تحصیل|شہر)|(?<=..)(?:ضلع|تحصیل|شہر)$"),
    folds=_pairs(
        ("[يىې]", "ی"),
        ("[كڪ]", "ک"),
        ("[هةۃۂۀە]", "ہ"),
        ("[أإٱآ]", "ا"),
        ("ؤ", "و"),
        ("ئ", "ی"),
        ("ء", ""),
    ),
    sounds=_pairs(
        ("[ثصس]", "س"),
        ("[ذضظز]", "ز"),
        ("[طتٹ]", "ت"),
        ("[حہھ]", "ہ"),
        ("[قک]", "ک"),
        ("[ڈد]", "د"),
        ("[ڑر]", "ر"),
        ("[عا]+", "ا"),
        ("ں", "ن"),
        ("ے", "ی"),
        (r"(.)\1+", r"\1"),
    ),
    vowels=re.compile("(?<!^)[اویہ]"),
)
# Consonants of the two series sound alike but for the vowel after them.
_KHMER = _Rules(
    letters=re.compile("[\u1780-\u17d3\u17dd]+"),
    generic=re.compile("^(?:ខេត្ត|រាជធានី|ក្រុង|ស្រុក|ខណ្ឌ|ឃុំ|សង្កាត់|ភូមិ)(?=..)"),
    folds=_pairs(
        ("\u17d2\u178a", "\u17d2\u178f"),  # the two look the same below the line
        ("\u17b2", "\u17b1"),
        ("[\u17b4\u17b5]", ""),
        ("\u17a3", "\u17a2"),
        ("\u17a4", "\u17a2\u17b6"),
        ("\u17c1\u17b8", "\u17be"),
        ("\u17c1\u17b6", "\u17c4"),
    ),
    sounds=_pairs(
        ("[\u17c6-\u17d1\u17d3\u17dd]", ""),
        ("គ", "ក"),
        ("ឃ", "ខ"),
        ("ជ", "ច"),
        ("ឈ", "ឆ"),
        ("[ទដឌ]", "ត"),
        ("[ឋធឍ]", "ថ"),
        ("ណ", "ន"),
        ("ភ", "ផ"),
        ("ឡ", "ល"),
        ("ព", "ប"),
        ("\u17b8", "\u17b7"),
        ("\u17ba", "\u17b9"),
        ("\u17bc", "\u17bb"),
        ("\u17c2", "\u17c1"),
        ("\u17d2", ""),
    ),
    vowels=re.compile("[\u17b6-\u17d3]"),
)
_RULES = {
    Writing.LATIN: _LATIN,
    Writing.TIBETAN: _TIBETAN,
    Writing.ARABIC: _ARABIC,
    Writing.KHMER: _KHMER,
}
_SCRIPTS = (
    (Writing.LATIN, "A-Za-z\u00c0-\u024f\u1e00-\u1eff"),
    (Writing.TIBETAN, "\u0f40-\u0fbc"),
    (Writing.ARABIC, "\u0621-\u06d5\ufb50-\ufefc"),
    (Writing.KHMER, "\u1780-\u17b3"),
)
_LETTERS = tuple((re.compile(f"[{letters}]"), writing) for writing, letters in _SCRIPTS)
_KHMER_CLUSTER = re.compile(
    "([\u1780-\u17b3])((?:\u17d2[\u1780-\u17b3]|[\u17b6-\u17d1\u17d3\u17dd])+)"
)
_TWICE = re.compile(r"(.)\1+")
_KHMER_PARTS = re.compile("\u17d2[\u1780-\u17b3]|.")


def spellings(text: str) -> tuple[Spelling, ...]:
    """The ways to read a name or a query: as it stands, and without the sort of place. Empty for
    what has no letter of a known script."""
    text = unicodedata.normalize("NFKC", text[:LONGEST])
    writing = writing_of(text)
    if writing is None:
        return ()
    rules, said = _RULES[writing], _said(text, writing)
    bare = rules.generic.sub("", said).strip()
    return tuple(
        Spelling(writing, letters, sound, _bones(rules, sound))
        for letters in dict.fromkeys((said.replace(" ", ""), bare.replace(" ", "")))
        if letters and (sound := _sound(rules, letters))
    )


def writing_of(text: str) -> Writing | None:
    """The script of most letters."""
    counts = [(len(script.findall(text[:LONGEST])), writing) for script, writing in _LETTERS]
    most, writing = max(counts, key=itemgetter(0))
    return writing if most else None


def _said(text: str, writing: Writing) -> str:
    """In comparable letters. Where blanks stand is no help in Tibetan, Khmer and Urdu."""
    rules = _RULES[writing]
    plain = _plain(text, writing)
    for pattern, out in rules.folds:
        plain = pattern.sub(out, plain)
    return (" " if writing is Writing.LATIN else "").join(rules.letters.findall(plain))


def _plain(text: str, writing: Writing) -> str:
    """Without case, invisible letters and accents; presentation forms as ordinary letters."""
    plain = unicodedata.normalize("NFKD", _HIDDEN.sub("", text[:LONGEST])).casefold()
    if writing is Writing.KHMER:
        return _KHMER_CLUSTER.sub(_in_order, plain)
    if writing is Writing.TIBETAN:
        return plain
    if writing is Writing.ARABIC:
        plain = unicodedata.normalize("NFC", plain)
    return "".join(letter for letter in plain if not unicodedata.combining(letter))


def _in_order(cluster: re.Match[str]) -> str:
    """Feet, then vowels, then signs, coeng ro the last foot: as it looks, however it was typed."""
    parts = _KHMER_PARTS.findall(cluster[2])
    return cluster[1] + "".join(sorted(parts, key=_khmer_rank))


def _khmer_rank(part: str) -> tuple[int, str]:
    if part[0] == "\u17d2":
        return (1 if part[1] == "\u179a" else 0), ""
    return (2, part) if "\u17b6" <= part <= "\u17c5" else (3, part)


def _bones(rules: _Rules, sound: str) -> str:
    return _TWICE.sub(r"\1", rules.vowels.sub("", sound))


def _sound(rules: _Rules, letters: str) -> str:
    said = letters
    for pattern, out in rules.sounds:
        said = pattern.sub(out, said)
    return said or letters
