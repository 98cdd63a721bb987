"""Measures text as a phone network bills it and cuts an SMS into segments; no letter is lost."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum

from helpline.core.clusters import split_to_fit
from helpline.core.gsm7 import is_gsm7, septets


class Encoding(Enum):
    GSM7 = "gsm7"
    UCS2 = "ucs2"


# 3GPP TS 23.038 and 23.040: 140 octets, or 134 beside the 6-octet header that joins the parts.
SINGLE = {Encoding.GSM7: 160, Encoding.UCS2: 70}
JOINED = {Encoding.GSM7: 153, Encoding.UCS2: 67}


def encoding_of(text: str) -> Encoding:
    """The cheapest encoding: one curly quote or U+200B turns the whole text to UCS-2."""
    return Encoding.GSM7 if is_gsm7(text) else Encoding.UCS2


def units(text: str, encoding: Encoding | None = None) -> int:
    """Septets or UTF-16 code units; ValueError if GSM-7 is asked for and cannot carry the text."""
    if (encoding or encoding_of(text)) is Encoding.GSM7:
        return septets(text)
    # surrogatepass: a stray surrogate from a damaged MO must be counted, not raise.
    return len(text.encode("utf-16-be", "surrogatepass")) // 2


@dataclass(frozen=True, slots=True)
class Budget:
    """What one screen may cost on a channel: units of one piece, or a number of SMS segments."""

    gsm7: int = 160
    ucs2: int = 70
    segments: int = 1

    def limit(self, encoding: Encoding) -> int:
        if self.segments > 1:
            return self.segments * JOINED[encoding]
        return self.gsm7 if encoding is Encoding.GSM7 else self.ucs2

    def fits(self, text: str) -> bool:
        measured = measure(text, self)
        if self.segments == 1 or measured.units > measured.limit:
            return measured.units <= measured.limit
        # Cuts fall between clusters, so a text within the product can still need one more segment.
        return _fewest(text, measured) <= self.segments


@dataclass(frozen=True, slots=True)
class Measure:
    encoding: Encoding
    units: int
    limit: int


def measure(text: str, budget: Budget) -> Measure:
    encoding = encoding_of(text)
    return Measure(encoding, units(text, encoding), budget.limit(encoding))


def segments(text: str) -> tuple[str, ...]:
    """The SMS parts of a text, all in the encoding of the whole; ''.join(parts) == text.

    Cuts at words and syllables where that costs no extra segment, else between clusters. A GSM-7
    escape pair is one character here, so no cut can fall inside it.
    """
    encoding = encoding_of(text)
    if units(text, encoding) <= SINGLE[encoding]:
        return (text,)
    dense = split_to_fit(text, _part_fits(encoding), tidy=False)
    tidy = split_to_fit(text, _part_fits(encoding))
    return tidy if len(tidy) <= len(dense) else dense


def _fewest(text: str, measured: Measure) -> int:
    """len(segments(text)), without looking for the tidy cuts."""
    if measured.units <= SINGLE[measured.encoding]:
        return 1
    return len(split_to_fit(text, _part_fits(measured.encoding), tidy=False))


def _part_fits(encoding: Encoding) -> Callable[[str], bool]:
    def fits(piece: str) -> bool:
        return units(piece, encoding) <= JOINED[encoding]

    return fits
