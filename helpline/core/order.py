"""Puts names into the alphabetical order of their reader's script, by tables given here.

Keys compare by what a dictionary looks at first, then by the text itself: names that differ only
in marks, blanks or encoding stand together, and no two different texts are equal.
"""

import unicodedata
from collections.abc import Callable, Iterable, Iterator
from typing import Final

import regex

from helpline.core.tibetan import Syllable, syllables

# Not in the reader's script; the weights that count first; the text.
SortKey = tuple[bool, tuple[int, ...], str]

_FIRST_LETTER: Final = regex.compile(r"\p{L}")
# What dictionaries pass over: blanks, apostrophes, hyphens, marks, tatweel and unseen characters.
_PASSED_OVER: Final = regex.compile(r"[^\p{L}\p{N}]|\p{Lm}")


class _Alphabet:
    """An order of letters, some written with several characters; digits before, the rest behind."""

    def __init__(self, letters: str) -> None:
        order = letters.split()
        self._rank = {letter: 11 + at for at, letter in enumerate(order)}
        longest = sorted(order, key=len, reverse=True)
        self._letter = regex.compile("|".join([*longest, "."]), regex.DOTALL)

    def weights(self, text: str) -> tuple[int, ...]:
        return tuple(map(self._weight, self._letter.findall(text)))

    def _weight(self, letter: str) -> int:
        if letter in self._rank:
            return self._rank[letter]
        digit = unicodedata.digit(letter, None)
        return 1000 + ord(letter) if digit is None else 1 + digit


def order_key(text: str, language: str) -> SortKey:
    """Sorts names for a reader of the language; any language but dz, ur and km reads Latin."""
    script, weights = _SCRIPTS.get(language, (_LATIN, _latin))
    first = _FIRST_LETTER.search(text)
    if first and script.match(first[0]):
        return False, weights(text), text
    return True, _latin(text), text


def _latin(text: str) -> tuple[int, ...]:
    bare = unicodedata.normalize("NFKD", text).casefold()
    return tuple(map(ord, _PASSED_OVER.sub("", bare)))


# آ is a letter of its own behind ا, as CLDR and the dictionary of the National Language Authority
# have it: آواران follows all names in ا. So are the aspirates: بھکر comes after بیلا.
_URDU: Final = _Alphabet(
    "ا آ ب بھ پ پھ ت تھ ٹ ٹھ ث ج جھ چ چھ ح خ د دھ ڈ ڈھ ذ ر رھ ڑ ڑھ ز ژ س ش ص ض ط ظ ع غ ف ق "
    "ک کھ گ گھ ل لھ م مھ ن نھ ں و وھ ہ ھ ء ی یھ ے"
)
# What Arabic and Persian keyboards write, and letters with a hamza: in Urdu these do not differ.
_URDU_FOLDED: Final = str.maketrans("أإٱؤئيىكهةۃۂۀۓ", "اااویییکہہہہہے")


def _urdu(text: str) -> tuple[int, ...]:
    # NFKC, not NFKD: آ must stay one letter, and the letter forms of old encodings become letters.
    folded = unicodedata.normalize("NFKC", text).translate(_URDU_FOLDED)
    return _URDU.weights(_PASSED_OVER.sub("", folded))


# As CLDR orders km, after Chuon Nath: a consonant's words go on with its finals, then its vowels,
# then its subscripts, so the coeng sign weighs more than any vowel. Vowels with nikahit or reahmuk
# that the alphabet counts as vowels are letters here.
_KHMER: Final = _Alphabet(
    "ក ខ គ ឃ ង ច ឆ ជ ឈ ញ ដ ឋ ឌ ឍ ណ ត ថ ទ ធ ន ប ផ ព ភ ម យ រ ឫ ឬ ល ឭ ឮ វ ឝ ឞ ស ហ ឡ អ"
    " \u17b6 \u17b7 \u17b8 \u17b9 \u17ba \u17bb \u17bc \u17bd \u17be \u17bf"
    " \u17c0 \u17c1 \u17c2 \u17c3 \u17c4 \u17c5 \u17bb\u17c6 \u17c6 \u17b6\u17c6"
    " \u17c7 \u17b7\u17c7 \u17bb\u17c7 \u17c1\u17c7 \u17c4\u17c7 \u17d2"
)
# Independent vowels stand with អ and the vowel they sound; ឫ ឬ ឭ ឮ have their own places above.
_KHMER_FOLDED: Final = str.maketrans(
    {
        "ឣ": "អ",
        "ឤ": "អ\u17b6",
        "ឥ": "អ\u17b7",
        "ឦ": "អ\u17b8",
        "ឧ": "អ\u17bb",
        "ឨ": "អ\u17bbក",
        "ឩ": "អ\u17bc",
        "ឪ": "អ\u17bcវ",
        "ឯ": "អ\u17c2",
        "ឰ": "អ\u17c3",
        "ឱ": "អ\u17c4",
        "ឲ": "អ\u17c4",
        "ឳ": "អ\u17c5",
    }
)
# Series shifters, bantoc and other signs above a letter decide only between equals.
_KHMER_PASSED_OVER: Final = regex.compile(
    r"[^\p{L}\p{M}\p{N}]|\p{Lm}|[\u17b4\u17b5\u17c8-\u17cb\u17cd-\u17d1\u17d3\u17dd]"
)
_ROBAT: Final = regex.compile(r"([ក-ឮ])((?:\u17d2[ក-ឮ])*+)\u17cc")
_KHMER_MARKS: Final = regex.compile(r"(?:\u17d2[ក-ឮ]|[\u17b6-\u17c7])++")
_COENG: Final = regex.compile(r"\u17d2.")


def _khmer(text: str) -> tuple[int, ...]:
    plain = _KHMER_PASSED_OVER.sub("", text).translate(_KHMER_FOLDED)
    # CLDR reads robat, an old រ above the next consonant, before that consonant: ធម៌ as ធរ្ម.
    spoken = _ROBAT.sub("រ\u17d2\\1\\2", plain)
    return _KHMER.weights(_KHMER_MARKS.sub(lambda found: _one_encoding(found[0]), spoken))


def _one_encoding(marks: str) -> str:
    """The one order for marks that look the same in any: subscripts, រ last of them, then vowels.

    Subscript ដ looks like subscript ត, and a vowel of two parts may be typed as its parts.
    """
    below = sorted(_COENG.findall(marks), key="\u17d2រ".__eq__)
    vowels = "".join(sorted(_COENG.sub("", marks)))
    whole = vowels.replace("\u17b6\u17c1", "\u17c4").replace("\u17b8\u17c1", "\u17be")
    return "".join(below).replace("ដ", "ត") + whole


# The order of glibc's dz_BT, made for the Dzongkha Development Commission: under each root the bare
# one, prefixed, superscribed, then both; within these no subscript first, no vowel first, no suffix
# first. Vowel signs weigh more than letters. Folding the foreign letters (ཊ as ཏ) is our decision;
# no native speaker has reviewed the order.
_DZONGKHA: Final = _Alphabet(
    "ཀ ཁ ག ང ཅ ཆ ཇ ཉ ཏ ཐ ད ན པ ཕ བ མ ཙ ཚ ཛ ཝ ཞ ཟ འ ཡ ར ལ ཤ ས ཧ ཨ"
    " \u0f71 \u0f72 \u0f71\u0f72 \u0f80 \u0f71\u0f80 \u0f74 \u0f71\u0f74"
    " \u0f7a \u0f7b \u0f7c \u0f7d"
)


def _dzongkha(text: str) -> tuple[int, ...]:
    parts = (part for syllable in syllables(text) for part in _by_importance(syllable))
    return tuple(_ended(map(_DZONGKHA.weights, parts)))


def _by_importance(syllable: Syllable) -> tuple[str, ...]:
    root, prefix, superscript, subscripts, vowel, rest = syllable
    # That there is a superscript counts before the prefix, which one it is behind: ལྐ < བརྐ < བསྐ.
    return root, superscript and "0", prefix, superscript, subscripts, vowel, rest


def _ended(parts: Iterable[tuple[int, ...]]) -> Iterator[int]:
    """Each part ends in a 0, less than any weight: a shorter one comes before its longer ones."""
    for part in parts:
        yield from part
        yield 0


_Weights = Callable[[str], tuple[int, ...]]
_LATIN: Final = regex.compile(r"\p{Script=Latin}")
_SCRIPTS: Final[dict[str, tuple[regex.Pattern[str], _Weights]]] = {
    "dz": (regex.compile(r"\p{Script=Tibetan}"), _dzongkha),
    "ur": (regex.compile(r"\p{Script=Arabic}"), _urdu),
    "km": (regex.compile(r"\p{Script=Khmer}"), _khmer),
}
