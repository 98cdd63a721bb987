"""One thing that is wrong with a deployment, and how to mend it."""

from dataclasses import dataclass
from enum import Enum


class Level(Enum):
    ERROR = "error"  # calls for help are lost or unprotected until this is mended
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Finding:
    level: Level
    what: str
    mend: str

    def __str__(self) -> str:
        return f"{self.level.value}: {self.what} {self.mend}".rstrip()


def error(what: str, mend: str = "") -> Finding:
    return Finding(Level.ERROR, what, mend)


def warning(what: str, mend: str = "") -> Finding:
    return Finding(Level.WARNING, what, mend)


def some(codes: list[str], of: list[str], named: int = 1) -> str:
    """How many desks of how many, with the first few codes."""
    more = f" and {len(codes) - named} more" if len(codes) > named else ""
    return f"{len(codes)} of {len(of)} desks ({', '.join(codes[:named])}{more})"
