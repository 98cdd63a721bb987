"""Reads the key a person typed, in whatever digits and dress their phone gave it."""

import re
from typing import Final

# Arabic-Indic, Extended Arabic-Indic (Urdu), Khmer, Tibetan, full-width.
_ZEROS: Final = (0x0660, 0x06F0, 0x17E0, 0x0F20, 0xFF10)
_TO_ASCII: Final = {zero + value: str(value) for zero in _ZEROS for value in range(10)}

# What keyboards and copied text add unseen: ALM, zero width space to RLM, old and
# new bidi controls, word joiner, byte order mark.
_INVISIBLE: Final = re.compile("[\u061c\u200b-\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff]")
# The possessive *+ keep a long run of blanks linear: typed text has any length.
_KEY: Final = re.compile(r"\s*+([0-9]{1,2})\s*+[.)\]]?\s*+#?\s*+")


def to_ascii_digits(text: str) -> str:
    return text.translate(_TO_ASCII)


def key_of(text: str) -> str | None:
    """The one or two ASCII digits of a menu key such as ' ១. ' or '2#'; None for anything else.

    White space counts only at the ends: '1 2' may be two answers, so it is none.
    """
    match = _KEY.fullmatch(to_ascii_digits(_INVISIBLE.sub("", text)))
    return match[1] if match else None
