"""What a caller's answers amount to: a report, and the rules for what becomes of it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum

from helpline.core.digits import to_ascii_digits
from helpline.core.programme import WAIT
from helpline.core.window import Window


class Priority(Enum):
    DANGER = "danger"
    HIGH = "high"
    NORMAL = "normal"

    @property
    def rank(self) -> int:
        """0 is rung first."""
        return list(Priority).index(self)


@dataclass(frozen=True, slots=True)
class Report:
    """A finished intake. No windows means: the person asked not to be called (SAFETY 1).

    `place` is the most exact place known (at least the country), `desk` who answers for it.
    `consented` is False until the person agreed: the desk may ring, nothing may be shared.
    `code_word` is what whoever answers must say, `finished` whether it was asked for; `said` is
    what she wrote in her own words.
    """

    programme: str
    desk: str
    place: str
    about: str
    concern: str
    priority: Priority
    windows: tuple[Window, ...]
    woman: bool
    consented: bool
    language: str
    form: str = ""
    code_word: str = ""
    finished: bool = False
    said: str = ""
    if_nobody: str = ""  # no woman there when one was asked for: "wait", "next", "" not asked
    if_call_drops: str = WAIT

    def content(self) -> Mapping[str, object]:
        """The part that is sealed: what was told, without the number (SAFETY 9)."""
        return {
            "about": self.about,
            "concern": self.concern,
            "form": self.form,
            "place": self.place,
            "danger": self.priority is Priority.DANGER,
            "woman_officer": self.woman,
            "if_nobody": self.if_nobody,
            "consented": self.consented,
            "code_word": self.code_word,
            "finished": self.finished,
            "said": self.said,
            "if_call_drops": self.if_call_drops,
            "language": self.language,
        }


_NOT_DIGITS = re.compile(r"[^0-9]")
_DRESSED = re.compile(r"[0-9]{4}[-\u2010-\u2015 ./\u200e\u200f]*[0-9]{4}[.#]?")

_DAMM = (  # H. M. Damm's quasigroup of order 10: finds every single wrong digit and every swap
    "0317598642",
    "7092154863",
    "4206871359",
    "1750983426",
    "6123045978",
    "3674209581",
    "5869720134",
    "8945362017",
    "9438617205",
    "2581436790",
)


def check_digit(digits: str) -> str:
    row = 0
    for digit in digits:
        row = int(_DAMM[row][int(digit)])
    return str(row)


def case_code(number: int) -> str:
    """A case code such as 4821-7736 from a number drawn at random: seven digits and a check.

    The hyphen keeps the two halves in order inside right-to-left text; it is optional on input.
    """
    digits = f"{1_000_000 + number % 9_000_000}"
    digits += check_digit(digits)
    return f"{digits[:4]}-{digits[4:]}"


def parse_case_code(typed: str) -> str:
    """The case code in what was typed, in any digits, with or without its hyphen; else ""."""
    digits = _NOT_DIGITS.sub("", to_ascii_digits(typed))
    right = len(digits) == 8 and digits.isascii() and check_digit(digits) == "0"
    only = _DRESSED.fullmatch(to_ascii_digits(typed).strip())
    return f"{digits[:4]}-{digits[4:]}" if right and only else ""
