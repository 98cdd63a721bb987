"""What reviewers said of each string: kept beside it in the catalogue, gone when it changes.

Three comments of the translator: the verdict, a mark of the words it was given for, and the
back-translation. A mark that is not of today's words makes all three void, however the words came.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from hashlib import sha256

from babel.messages.catalog import Catalog, Message

OK, CHANGE, UNSURE = "ok", "change", "unsure"
VERDICTS = (OK, CHANGE, UNSURE)
NOT_REVIEWED = "not reviewed by a native speaker"
REVIEWED_BY = "reviewed by "
_COUNTED = re.compile(r"\d+ of \d+ strings reviewed")
_VERDICT, _OF, _BACK = "Verdict:", "Review of:", "Back:"
_HEADER = "Review:"


@dataclass(frozen=True, slots=True)
class Review:
    """`back` is a translation back into English; `verdict` one of VERDICTS, or "" for none."""

    back: str = ""
    verdict: str = ""


NONE = Review()


@dataclass(frozen=True, slots=True)
class Progress:
    """How many strings a catalogue has, and how far their review is."""

    strings: int
    translated: int
    back_translated: int
    ok: int
    change: int
    unsure: int

    @property
    def complete(self) -> bool:
        return 0 < self.strings == self.ok


def mark_of(*words: str) -> str:
    """Short, the same on every machine, and no number to a spreadsheet."""
    return "s" + sha256("\0".join(words).encode()).hexdigest()[:10]


def one_line(text: str) -> str:
    """A text that a comment gives back as it was: single blanks, no place to break but them."""
    return re.sub(r"-{2,}", "\u2013", " ".join(text.split()))


def review_of(message: Message) -> Review:
    """What was said of the words that the message has today."""
    said, _ = _split(message.user_comments)
    if said.get(_OF) != _mark(message) or not message.string:
        return NONE
    verdict = said.get(_VERDICT, "")
    return Review(said.get(_BACK, ""), verdict if verdict in VERDICTS else "")


def put_review(message: Message, review: Review) -> None:
    """Replaces what was said; the other comments of translators stay."""
    _, others = _split(message.user_comments)
    mine: list[str] = []
    if review != NONE:
        mine = [f"{_VERDICT} {review.verdict}"] if review.verdict else []
        mine.append(f"{_OF} {_mark(message)}")
        mine += [f"{_BACK} {review.back}"] if review.back else []
    message.user_comments = [*others, *mine]


def _mark(message: Message) -> str:
    return mark_of(str(message.id), str(message.string))


def _split(comments: Iterable[str]) -> tuple[dict[str, str], list[str]]:
    """Our comments by their heads, and the others. The back-translation runs to the end."""
    said: dict[str, str] = {}
    others: list[str] = []
    for line in comments:
        head = next((head for head in (_VERDICT, _OF, _BACK) if line.startswith(head)), "")
        if _BACK in said:
            said[_BACK] = f"{said[_BACK]} {line}".strip()
        elif head:
            said[head] = line.removeprefix(head).strip()
        else:
            others.append(line)
    return said, others


def progress_of(catalog: Catalog) -> Progress:
    strings = [message for message in catalog if message.id]
    reviews = [review_of(message) for message in strings]
    verdicts = [review.verdict for review in reviews]
    return Progress(
        strings=len(strings),
        translated=sum(1 for message in strings if message.string and not message.fuzzy),
        back_translated=sum(1 for review in reviews if review.back),
        ok=verdicts.count(OK),
        change=verdicts.count(CHANGE),
        unsure=verdicts.count(UNSURE),
    )


def state_of(catalog: Catalog) -> str:
    """What the header says of the review; "" when it says nothing."""
    for line in _header(catalog).splitlines():
        if _HEADER in line:
            return line.partition(_HEADER)[2].strip()
    return ""


def settle_state(catalog: Catalog, reviewer: str = "", on: date | None = None) -> None:
    """Makes the header say no more than the verdicts do; `reviewer` signs when all are ok."""
    now, progress = state_of(catalog), progress_of(catalog)
    if progress.complete and reviewer and on is not None:
        _put_state(catalog, f"{REVIEWED_BY}{reviewer} on {on.isoformat()}")
    elif progress.complete and now.startswith(REVIEWED_BY):
        return
    elif progress.ok or now.startswith(REVIEWED_BY) or _COUNTED.match(now):
        counted = f"{progress.ok} of {progress.strings} strings reviewed"
        _put_state(catalog, f"{counted}; as a whole {NOT_REVIEWED}")


def claims_too_much(catalog: Catalog) -> bool:
    return state_of(catalog).startswith(REVIEWED_BY) and not progress_of(catalog).complete


def _header(catalog: Catalog) -> str:
    return str(catalog.header_comment)


def _put_state(catalog: Catalog, state: str) -> None:
    lines = _header(catalog).splitlines()
    kept = [line for line in lines if _HEADER not in line]
    at = next((number for number, line in enumerate(lines) if _HEADER in line), len(lines))
    catalog.header_comment = "\n".join([*kept[:at], f"# {_HEADER} {state}", *kept[at:]])
