"""What one translated text must keep to by itself, before any screen is fitted: placeholders,
letters of its script, nothing that an eye cannot see. Pure; each fault is a sentence."""

import unicodedata
from collections.abc import Iterator
from string import Formatter

from helpline.core.gsm7 import is_gsm7

_JOINERS = "\u200c\u200d"
_DIRECTION = "\u061c\u200e\u200f\u2066\u2067\u2068\u2069"
# Marks that no eye sees and that a script still needs; every other one is a slip of a keyboard.
_NEEDED = {"ur": _JOINERS + _DIRECTION, "km": _JOINERS + "\u200b"}
_BROKEN = "\ufffd\ufeff"
_OPENS, _CLOSES = "\u2066\u2067\u2068", "\u2069"


def is_plain(language: str) -> bool:
    """Whether the language is written in GSM-7, so that 160 units fit instead of 70."""
    return language == "en" or language.endswith("_Latn")


def placeholders(text: str) -> frozenset[str]:
    """The {names} of a text with all that stands in their braces. ValueError for a lone brace."""
    return frozenset(
        name + (f"!{shape}" if shape else "") + (f":{spec}" if spec else "")
        for _, name, spec, shape in Formatter().parse(text)
        if name is not None
    )


def problems(language: str, msgid: str, said: str) -> Iterator[str]:
    """What is wrong with `said` as a translation of `msgid`; nothing when it may be shown."""
    if not _same_placeholders(msgid, said):
        yield f"placeholders differ: keep {_braced(msgid)}, no other braces"
    if any(mark in said for mark in _BROKEN):
        yield "broken character"
    hidden = sorted({c for c in said if c not in _BROKEN and _is_hidden(c, language, msgid)})
    if hidden:
        yield f"invisible character {_codes(hidden)}: type the text again without it"
    if sum(map(said.count, _OPENS)) != said.count(_CLOSES):
        yield "a mark of direction is opened and not closed"
    if is_plain(language) and not (said.isascii() and is_gsm7(said)):
        strange = sorted({c for c in said if not (c.isascii() and is_gsm7(c))})
        yield f"not plain Latin letters: {_codes(strange)}"


def _same_placeholders(msgid: str, said: str) -> bool:
    """Braces that are no placeholder would be shown as they are, or not at all."""
    try:
        fields = placeholders(said)
        literal = "".join(text for text, *_ in Formatter().parse(said))
    except ValueError:
        return False
    return fields == placeholders(msgid) and not any(brace in literal for brace in "{}")


def _braced(msgid: str) -> str:
    return " ".join(f"{{{name}}}" for name in sorted(placeholders(msgid))) or "none"


def _is_hidden(character: str, language: str, msgid: str) -> bool:
    if character in " " + _NEEDED.get(language, "") or (character == "\n" and "\n" in msgid):
        return False
    return unicodedata.category(character)[0] in "CZ"


def _codes(characters: list[str]) -> str:
    return " ".join(f"U+{ord(character):04X}" for character in characters)
