"""What a row of the sheet changes, and every reason not to take one."""

from dataclasses import replace

import pytest
from babel.messages.catalog import Catalog

from helpline.catalogue.review import NONE, Review, put_review, review_of
from helpline.cli.review import plan
from helpline.cli.review.plan import Change, apply, id_of
from helpline.cli.review.sheet import COLUMNS, Numbered, Row

WORDS = {"Get help": "សុំជំនួយ", "Call {number}.": "ហៅ {number}។", "Back": "ថយក្រោយ", "New": ""}
SEEN = Review("Ask for help", "ok")


@pytest.fixture
def catalog() -> Catalog:
    made = Catalog(charset="utf-8")
    for msgid, said in WORDS.items():
        made.add(msgid, said)
    put_review(made["Get help"], SEEN)
    return made


def row(msgid: str = "Get help", at: int = 2, **cells: str) -> Numbered:
    """As exported, but for the given cells."""
    was = SEEN if msgid == "Get help" else NONE
    usual = {
        "id": id_of(msgid),
        "language": "km",
        "english": msgid,
        "text": WORDS.get(msgid, ""),
        "back_translation": was.back,
        "verdict": was.verdict,
    }
    return Numbered(at, Row(**{name: {**usual, **cells}.get(name, "") for name in COLUMNS}))


def at(number: int, msgid: str, cells: dict[str, str]) -> Numbered:
    return replace(row(msgid), number=number, row=replace(row(msgid).row, **cells))


def changed(catalog: Catalog, one: Numbered) -> Change | None:
    changes, refusals = plan.plan("km", catalog, [one])
    assert refusals == ()
    return changes[0] if changes else None


def refused(catalog: Catalog, *rows: Numbered) -> list[str]:
    changes, refusals = plan.plan("km", catalog, rows)
    assert len(changes) < len(rows)
    return [str(refusal) for refusal in refusals]


def test_a_sheet_as_it_was_exported_changes_nothing(catalog: Catalog) -> None:
    rows = [row(msgid, number) for number, msgid in enumerate(WORDS, start=2)]
    assert plan.plan("km", catalog, rows) == ((), ())


ACCEPTED: list[tuple[str, dict[str, str], str, Review]] = [
    # of which string, cells, the text then, its review then
    ("Back", {"verdict": "ok"}, "ថយក្រោយ", Review("", "ok")),
    ("Back", {"verdict": " OK "}, "ថយក្រោយ", Review("", "ok")),
    ("Back", {"verdict": "change"}, "ថយក្រោយ", Review("", "change")),
    ("Back", {"back_translation": " Go\n back--now "}, "ថយក្រោយ", Review("Go back\u2013now", "")),
    ("Back", {"verdict": "change", "new_text": " ក្រោយ "}, "ក្រោយ", NONE),
    (
        "Back",
        {"verdict": "change", "new_text": "ក្រោយ", "back_translation": "Behind"},
        "ក្រោយ",
        Review("Behind"),
    ),
    ("Get help", {"verdict": "unsure"}, "សុំជំនួយ", Review("Ask for help", "unsure")),
    ("Get help", {"verdict": "change", "new_text": "ជួយ"}, "ជួយ", NONE),
    ("New", {"new_text": "ថ្មី"}, "ថ្មី", NONE),
    ("New", {"new_text": "ថ្មី", "verdict": "change", "back_translation": "x"}, "ថ្មី", Review("x")),
]


@pytest.mark.parametrize(("msgid", "cells", "said", "review"), ACCEPTED)
def test_what_a_row_changes(
    catalog: Catalog, msgid: str, cells: dict[str, str], said: str, review: Review
) -> None:
    change = changed(catalog, at(2, msgid, cells))
    assert change is not None
    assert (change.now, change.becomes) == (said, review)
    apply(catalog, [change])
    assert (catalog[msgid].string, review_of(catalog[msgid])) == (said, review)
    assert changed(catalog, at(2, msgid, cells)) is None, "the same sheet once more"


@pytest.mark.parametrize(
    "cells",
    [
        {"verdict": "", "back_translation": ""},  # an empty cell says nothing
        {"new_text": "សុំជំនួយ"},  # the text again
        {"text": "សុំជំនួយ "},
        {"room": "anything", "where": "anything"},
    ],
)
def test_what_changes_nothing(catalog: Catalog, cells: dict[str, str]) -> None:
    assert changed(catalog, at(2, "Get help", cells)) is None


REFUSED: list[tuple[str, dict[str, str], str]] = [
    ("Back", {"id": "s1"}, "unknown id"),
    ("Gone", {}, "the English was changed or taken out since the export"),
    ("Back", {"english": "Go back"}, "the English differs; it is never imported"),
    ("Back", {"text": "ក្រោយ"}, "the column text is not what the catalogue says"),
    ("Back", {"verdict": "fine"}, "unknown verdict 'fine'"),
    ("Back", {"new_text": "ក្រោយ"}, "a new text needs the verdict `change`"),
    ("Back", {"new_text": "ក្រោយ", "verdict": "ok"}, "a new text needs the verdict `change`"),
    ("Back", {"new_text": "ក្រោយ", "verdict": "unsure"}, "a new text needs the verdict `change`"),
    ("New", {"verdict": "ok"}, "there is no text yet"),
    ("New", {"back_translation": "New"}, "there is no text yet"),
    ("New", {"new_text": "ថ្មី\u202e"}, "new_text: invisible character U+202E"),
    ("New", {"new_text": "{x}"}, "new_text: placeholders differ: keep none"),
    ("New", {"new_text": "ថ" * 1001}, "new_text is longer than 1000 letters"),
    ("Back", {"back_translation": "a" * 401}, "back_translation is longer than 400 letters"),
    ("Back", {"back_translation": "a\u200bb"}, "back_translation holds a broken or invisible"),
    ("Back", {"back_translation": "a\ufffdb"}, "back_translation holds a broken or invisible"),
]


@pytest.mark.parametrize(("msgid", "cells", "begins"), REFUSED)
def test_what_is_refused(catalog: Catalog, msgid: str, cells: dict[str, str], begins: str) -> None:
    (sentence,) = refused(catalog, at(7, msgid, cells))
    assert sentence.startswith(f"row 7 ({cells.get('id', id_of(msgid))}): {begins}")


def test_every_reason_is_told(catalog: Catalog) -> None:
    bad = row("Call {number}.", verdict="fine", new_text="\u202e", back_translation="\u202e")
    assert len(refused(catalog, bad, row("Back", 3, verdict="fine"))) == 6


def test_an_id_that_comes_twice(catalog: Catalog) -> None:
    (sentence,) = refused(catalog, row("Back", 2, verdict="ok"), row("Back", 3, verdict="unsure"))
    assert sentence == f"row 3 ({id_of('Back')}): the id was in row 2 already; keep one of them"


class TestLanguage:
    def test_it_is_that_of_the_rows(self) -> None:
        assert plan.language_of([row()], ("km", "ur")) == ("km", ())

    @pytest.mark.parametrize("language", ["en", "", "xx"])
    def test_one_that_is_not_translated(self, language: str) -> None:
        found, refusals = plan.language_of([row(language=language)], ("km", "ur"))
        assert found == ""
        assert "unknown language" in str(refusals[0])

    def test_rows_of_another_one(self) -> None:
        found, refusals = plan.language_of([row(), row("Back", 3, language="ur")], ("km", "ur"))
        assert found == "km"
        assert "row 3" in str(refusals[0])
        assert "one language at a time" in str(refusals[0])


def test_an_id_is_no_number_to_a_spreadsheet() -> None:
    assert all(id_of(str(number))[0] == "s" for number in range(99))
