"""Finds the parts of a syllable in Tibetan script, by the spelling rules of Dzongkha and Tibetan.

Any text has parts: what breaks the rules is its first stack as the root, and the rest behind it.
"""

import unicodedata
from typing import Final, NamedTuple

import regex


class Syllable(NamedTuple):
    root: str
    prefix: str = ""
    superscript: str = ""
    subscripts: str = ""
    vowel: str = ""
    # Suffix, second suffix and particle (the འི of མཐའི), vowel signs included.
    rest: str = ""


class _Stack(NamedTuple):
    letters: str  # from the top down, each in its full form
    vowel: str


_SUPERSCRIBED: Final = {
    "ར": "ཀགངཇཉཏདནབམཙཛ",
    "ལ": "ཀགངཅཇཏདཔབཧ",
    "ས": "ཀགངཉཏདནཔབམཙ",
}
# After བ also superscribed roots, and རླ, where ར is the root (a bare ར takes no prefix).
_SUPERSCRIBED_PREFIXED: Final = {"ར": "ཀགངཇཉཏདནཙཛལ", "ལ": "ཅཏད", "ས": "ཀགངཉཏདནཙ"}
_PREFIXED: Final = {
    "ག": frozenset("ཅཉཏདནཙཞཟཡཤས"),
    "ད": frozenset("ཀགངཔབམ"),
    "བ": frozenset("ཀགཅཏདཙཞཟཤས")
    | {top + root for top, roots in _SUPERSCRIBED_PREFIXED.items() for root in roots},
    "མ": frozenset("ཁགངཆཇཉཐདནཚཛ"),
    "འ": frozenset("ཁགཆཇཐདཕབཚཛ"),
}
_SUFFIXES: Final = frozenset("གངདནབམའརལས")
# Three bare letters are prefix, root, suffix wherever that is allowed, as in དགས, དབས, དམས, འགས.
# These four are root, suffix, second suffix by usage (མངས mangs); glibc's dz_BT has them so too.
_WITHOUT_PREFIX: Final = frozenset({"དངས", "བགས", "མགས", "མངས"})

_SPLIT: Final = regex.compile(r"[^\p{L}\p{M}\p{N}]+")
_STACK: Final = regex.compile(r"(.)(\p{M}*+)", regex.DOTALL)
_VOWELS: Final = frozenset("\u0f71\u0f72\u0f74\u0f7a\u0f7b\u0f7c\u0f7d\u0f80")
# Letters that are another letter in foreign or fixed form, and sound signs that write a final མ.
_FOLDED: Final = str.maketrans("ཊཋཌཎཥཪཫཬ\u0f7e\u0f82\u0f83", "ཏཐདནཤརཀརམམམ")
_SUBJOINED: Final = {code: chr(code - 0x50) for code in range(0x0F90, 0x0FBA)} | {
    0x0FBA: "ཝ",
    0x0FBB: "ཡ",
    0x0FBC: "ར",
}


def syllables(text: str) -> list[Syllable]:
    """The parts of each syllable; tsheg, blanks and shad only divide, unseen marks do not count."""
    seen = regex.sub(r"\p{Cf}", "", unicodedata.normalize("NFKD", text).replace("ༀ", "ཨོཾ"))
    return [_parsed(_stacks(part)) for part in _SPLIT.split(seen.translate(_FOLDED)) if part]


def _stacks(syllable: str) -> list[_Stack]:
    return [_stack(base, marks) for base, marks in _STACK.findall(syllable)]


def _stack(base: str, marks: str) -> _Stack:
    """Sorted by kind, so that a vowel sign written before a subscript makes no difference."""
    below = "".join(_SUBJOINED.get(ord(mark), "") for mark in marks)
    return _Stack(
        base + below.translate(_FOLDED), "".join(mark for mark in marks if mark in _VOWELS)
    )


def _parsed(stacks: list[_Stack]) -> Syllable:
    at = _root_at(stacks)
    superscript, root, subscripts = _onset(stacks[at])
    return Syllable(
        root=root,
        prefix=stacks[0].letters if at else "",
        superscript=superscript,
        subscripts=subscripts,
        vowel=stacks[at].vowel,
        rest="".join(letters + vowel for letters, vowel in stacks[at + 1 :]),
    )


def _root_at(stacks: list[_Stack]) -> int:
    """1 behind a prefix, else 0.

    A vowel sign or a stack shows the root. Without either, two letters are root and suffix, and
    three or more have a prefix where the rules allow it.
    """
    if len(stacks) == 1 or not _takes_prefix(stacks[1], stacks[0]):
        return 0
    letters, vowel = stacks[1]
    if vowel or letters not in _SUFFIXES:
        return 1
    return int(len(stacks) > 2 and "".join(map("".join, stacks)) not in _WITHOUT_PREFIX)


def _takes_prefix(stack: _Stack, prefix: _Stack) -> bool:
    allowed = _PREFIXED.get(prefix.letters, frozenset())
    superscript, root, _ = _onset(stack)
    return not prefix.vowel and not allowed.isdisjoint({superscript + root, stack.letters})


def _onset(stack: _Stack) -> tuple[str, str, str]:
    """The superscript or '', the root and the subscripts."""
    first, rest = stack.letters[:1], stack.letters[1:]
    if rest and rest[0] in _SUPERSCRIBED.get(first, ""):
        return first, rest[0], rest[1:]
    return "", first, rest
