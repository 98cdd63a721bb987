"""The GSM 7-bit default alphabet and its extension table (3GPP TS 23.038, 6.2.1 and 6.2.1.1)."""

from typing import Final

# In the order of their codes 0x00 to 0x7F. Code 0x1B is the escape to the extension table: it is
# no character of a text, so it is left out.
DEFAULT: Final = (
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ"
    " !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§"
    "¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
# Each goes on the air as escape + code: two septets.
EXTENSION: Final = "\f^{}\\[~]|€"

_ALPHABET: Final = frozenset(DEFAULT + EXTENSION)


def is_gsm7(text: str) -> bool:
    return _ALPHABET.issuperset(text)


def septets(text: str) -> int:
    """How many septets the text costs; ValueError if the alphabet cannot carry it."""
    if not is_gsm7(text):
        raise ValueError("the text holds a character outside the GSM 7-bit alphabet")
    return len(text) + sum(map(text.count, EXTENSION))
