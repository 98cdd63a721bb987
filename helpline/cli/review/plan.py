"""What an import would change, string by string, and what in a row cannot be taken.

Pure; looks at each row beside the string it speaks of. Whether the new words still fit their
screens is asked afterwards, of all of them together.
"""

import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from babel.messages.catalog import Catalog, Message

from helpline.catalogue import review, wording
from helpline.catalogue.review import Review
from helpline.cli.review.sheet import Numbered, Refusal, Row

LONGEST_TEXT, LONGEST_BACK = 1_000, 400  # letters; no screen of a phone comes near


@dataclass(frozen=True, slots=True)
class Change:
    """One string before and after. `number` is its row in the sheet."""

    number: int
    id: str
    msgid: str
    said: str
    now: str
    was: Review
    becomes: Review

    @property
    def of_text(self) -> bool:
        return self.said != self.now

    def lines(self) -> Iterator[str]:
        """For people: what will be different."""
        yield f"row {self.number} ({self.id}) {self.msgid!r}"
        for what, before, after in (
            ("text", self.said, self.now),
            ("back-translation", self.was.back, self.becomes.back),
            ("verdict", self.was.verdict, self.becomes.verdict),
        ):
            if before != after:
                yield f"    {what}: {before or '-'} -> {after or '-'}"


def id_of(msgid: str) -> str:
    """The same as long as the English is the same."""
    return review.mark_of(msgid)


def language_of(rows: Iterable[Numbered], known: Iterable[str]) -> tuple[str, tuple[Refusal, ...]]:
    """The one language of a sheet, that of its first row; rows of another one are refused."""
    numbered, languages = list(rows), tuple(known)
    first = numbered[0].row.language if numbered else ""
    if first not in languages:
        number, mark = (numbered[0].number, numbered[0].row.id) if numbered else (0, "")
        reason = f"unknown language {first!r}; known are {', '.join(languages)}"
        return "", (Refusal(number, mark, reason),)
    reason = f"another language than {first}; import one language at a time"
    others = (row for row in numbered if row.row.language != first)
    return first, tuple(Refusal(row.number, row.row.id, reason) for row in others)


def plan(
    language: str, catalog: Catalog, rows: Iterable[Numbered]
) -> tuple[tuple[Change, ...], tuple[Refusal, ...]]:
    """What differs from the catalogue, and every reason not to take a row."""
    strings = {id_of(str(message.id)): message for message in catalog if message.id}
    changes: list[Change] = []
    refusals: list[Refusal] = []
    seen: dict[str, int] = {}
    for numbered in rows:
        number, row = numbered.number, numbered.row
        problems = list(_identity_problems(row, strings, seen.setdefault(row.id, number), number))
        if not problems:
            message = strings[row.id]
            problems = list(_content_problems(language, row, message))
            changes += [] if problems else _changed(number, row, message)
        refusals += [Refusal(number, row.id, problem) for problem in problems]
    return tuple(changes), tuple(refusals)


def apply(catalog: Catalog, changes: Iterable[Change]) -> None:
    for change in changes:
        message = catalog.get(change.msgid)
        assert message is not None, "planned on the same catalogue"
        message.string = change.now
        message.flags -= {"fuzzy"}
        review.put_review(message, change.becomes)


def _identity_problems(
    row: Row, strings: Mapping[str, Message], first: int, number: int
) -> Iterator[str]:
    """Whether the row speaks of a string, and of the words that we have."""
    if first != number:
        yield f"the id was in row {first} already; keep one of them"
    elif row.id not in strings:
        yield (
            "the English was changed or taken out since the export; export again"
            if row.id == id_of(row.english)
            else "unknown id; the column id must stay as it was exported"
        )
    elif not _same(row.english, str(strings[row.id].id)):
        yield "the English differs; it is never imported: leave it as it was exported"
    elif not (_speaks_of(row, strings[row.id]) or _is_taken(row, strings[row.id])):
        yield (
            "the column text is not what the catalogue says: it was edited, or the catalogue was "
            "changed since the export; export again and write in new_text"
        )


def _speaks_of(row: Row, message: Message) -> bool:
    return _same(row.text, str(message.string or ""))


def _is_taken(row: Row, message: Message) -> bool:
    """The same sheet once more: its new text is the text by now."""
    return bool(row.new_text.strip()) and _same(row.new_text, str(message.string or ""))


def _same(cell: str, stored: str) -> bool:
    """Spreadsheets may trim a text or write its letters in another order; neither is imported."""
    return _folded(cell) == _folded(stored)


def _folded(text: str) -> str:
    return unicodedata.normalize("NFC", text.strip())


def _content_problems(language: str, row: Row, message: Message) -> Iterator[str]:
    said, verdict, new = str(message.string or ""), _verdict(row), _new(row, message)
    if verdict not in ("", *review.VERDICTS):
        yield f"unknown verdict {row.verdict!r}; write ok, change or unsure, or leave it empty"
    if new and said and verdict != review.CHANGE:
        yield "a new text needs the verdict `change`; empty new_text if the text is good"
    if not new and not said and (verdict or row.back_translation):
        yield "there is no text yet; write one in new_text"
    if len(new) > LONGEST_TEXT:
        yield f"new_text is longer than {LONGEST_TEXT} letters"
    elif new:
        yield from (f"new_text: {p}" for p in wording.problems(language, str(message.id), new))
    if len(row.back_translation) > LONGEST_BACK:
        yield f"back_translation is longer than {LONGEST_BACK} letters"
    if any(_is_strange(letter) for letter in row.back_translation):
        yield "back_translation holds a broken or invisible character; type it again"


def _is_strange(letter: str) -> bool:
    return letter != "\n" and (unicodedata.category(letter)[0] == "C" or letter == "\ufffd")


def _verdict(row: Row) -> str:
    return row.verdict.strip().casefold()


def _new(row: Row, message: Message) -> str:
    """The words to put in; none when the cell repeats what is there."""
    new = row.new_text.strip()
    return "" if _same(new, str(message.string or "")) else new


def _changed(number: int, row: Row, message: Message) -> list[Change]:
    """An empty cell says nothing: it changes nothing."""
    if not _speaks_of(row, message):
        return []
    said, was = str(message.string or ""), review.review_of(message)
    new, back = _new(row, message), review.one_line(row.back_translation)
    if new:
        becomes = Review(back if back != was.back else "")
    else:
        becomes = Review(back or was.back, _verdict(row) or was.verdict)
    now = new or said
    if (now, becomes) == (said, was):
        return []
    return [Change(number, row.id, str(message.id), said, now, was, becomes)]
