"""What reviewers said of a string stands beside it, outlives an update, and ends with its words."""

from datetime import date
from io import BytesIO

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po, write_po
from hypothesis import given
from hypothesis import strategies as st

from helpline.catalogue import wording
from helpline.catalogue.review import (
    NONE,
    NOT_REVIEWED,
    Review,
    claims_too_much,
    one_line,
    progress_of,
    put_review,
    review_of,
    settle_state,
    state_of,
)

DAY = date(2026, 11, 22)
SEEN = Review("Ask for help", "ok")


def catalog_of(**strings: str) -> Catalog:
    catalog = Catalog(header_comment="# km catalogue.\n# Review: drafted\n# More.", charset="utf-8")
    for msgid, said in strings.items():
        catalog.add(msgid, said)
    return catalog


def message(catalog: Catalog, msgid: str) -> Message:
    found = catalog.get(msgid)
    assert found is not None
    return found


def stored(catalog: Catalog) -> Catalog:
    """Written and read again, as the catalogues are."""
    written = BytesIO()
    write_po(written, catalog, width=100, sort_output=True)
    return read_po(BytesIO(written.getvalue()), charset="utf-8")


class TestBesideTheString:
    @pytest.mark.parametrize(
        "said", [NONE, SEEN, Review("Only back"), Review("", "unsure"), Review("", "change")]
    )
    def test_it_is_read_as_it_was_written(self, said: Review) -> None:
        catalog = catalog_of(Help="ជំនួយ")
        put_review(message(catalog, "Help"), said)
        assert review_of(message(stored(catalog), "Help")) == said

    @given(st.lists(st.text("ab ក-:#~.,\u00a0", min_size=1, max_size=30), max_size=9, unique=True))
    def test_a_long_back_translation_is_not_torn(self, words: list[str]) -> None:
        back = one_line(" ".join(f"{number} {word}" for number, word in enumerate(words)))
        catalog = catalog_of(Help="ជំនួយ")
        put_review(message(catalog, "Help"), Review(back, "ok"))
        assert review_of(message(stored(catalog), "Help")) == Review(back, "ok")

    def test_other_comments_stay(self) -> None:
        catalog = catalog_of(Help="ជំនួយ")
        message(catalog, "Help").user_comments = ["Ask the ministry."]
        put_review(message(catalog, "Help"), SEEN)
        put_review(message(catalog, "Help"), NONE)
        assert message(catalog, "Help").user_comments == ["Ask the ministry."]

    def test_it_ends_when_the_words_change_by_whatever_hand(self) -> None:
        catalog = catalog_of(Help="ជំនួយ")
        put_review(message(catalog, "Help"), SEEN)
        message(catalog, "Help").string = "ជំនួយ។"
        assert review_of(message(stored(catalog), "Help")) == NONE

    def test_it_is_not_carried_to_other_english(self) -> None:
        catalog = catalog_of(Help="ជំនួយ", Aid="ជំនួយ")
        put_review(message(catalog, "Help"), SEEN)
        message(catalog, "Aid").user_comments = message(catalog, "Help").user_comments
        assert review_of(message(catalog, "Aid")) == NONE

    def test_a_verdict_that_nobody_can_give_counts_as_none(self) -> None:
        catalog = catalog_of(Help="ជំនួយ")
        put_review(message(catalog, "Help"), Review("Help", "splendid"))
        assert review_of(message(catalog, "Help")) == Review("Help", "")


def reviewed(**verdicts: str) -> Catalog:
    catalog = catalog_of(**dict.fromkeys(verdicts, "ជំនួយ"))
    for msgid, verdict in verdicts.items():
        put_review(message(catalog, msgid), Review("", verdict))
    return catalog


HALF = f"1 of 2 strings reviewed; as a whole {NOT_REVIEWED}"
NOTHING = f"0 of 2 strings reviewed; as a whole {NOT_REVIEWED}"


class TestTheHeader:
    @pytest.mark.parametrize(
        ("verdicts", "before", "reviewer", "after"),
        [
            ("ok ok", "drafted", "two readers", "reviewed by two readers on 2026-11-22"),
            ("ok ok", "drafted", "", f"2 of 2 strings reviewed; as a whole {NOT_REVIEWED}"),
            ("ok ok", "reviewed by A on 2026-01-01", "", "reviewed by A on 2026-01-01"),
            ("ok ok", "reviewed by A on 2026-01-01", "B", "reviewed by B on 2026-11-22"),
            ("ok unsure", "drafted", "two readers", HALF),
            ("ok change", "reviewed by A on 2026-01-01", "", HALF),
            ("unsure change", "drafted", "two readers", "drafted"),
            ("unsure change", "reviewed by A on 2026-01-01", "", NOTHING),
            ("unsure change", HALF, "", NOTHING),
        ],
    )
    def test_it_says_no_more_than_the_verdicts(
        self, verdicts: str, before: str, reviewer: str, after: str
    ) -> None:
        catalog = reviewed(**dict(zip(("One", "Two"), verdicts.split(), strict=True)))
        catalog.header_comment = f"# km catalogue.\n# Review: {before}\n# More."
        settle_state(catalog, reviewer, DAY)
        assert state_of(stored(catalog)) == after
        assert stored(catalog).header_comment.count("Review:") == 1
        assert not claims_too_much(catalog)

    def test_a_header_without_the_line_gets_one(self) -> None:
        catalog = reviewed(One="ok")
        catalog.header_comment = "# km catalogue."
        settle_state(catalog, "two readers", DAY)
        assert state_of(stored(catalog)).startswith("reviewed by two readers")

    def test_a_claim_by_hand_is_found(self) -> None:
        catalog = reviewed(One="ok", Two="")
        catalog.header_comment = "# Review: reviewed by us on 2026-01-01"
        assert claims_too_much(catalog)


def test_progress_counts_each_string_once() -> None:
    catalog = reviewed(One="ok", Two="ok", Three="unsure", Four="change", Five="")
    catalog.add("Six", "")
    put_review(message(catalog, "One"), SEEN)
    progress = progress_of(catalog)
    assert (progress.strings, progress.translated, progress.back_translated) == (6, 5, 1)
    assert (progress.ok, progress.change, progress.unsure) == (2, 1, 1)
    assert not progress.complete


WORDING = [  # language, English, text, how the sentence begins ("" for none)
    ("km", "Call {number}.", "ហៅ {number}។", ""),
    ("km", "Call {number}.", "ហៅ។", "placeholders differ: keep {number}"),
    ("km", "Call {number}.", "ហៅ {numbers}។", "placeholders differ"),
    ("km", "Call {number}.", "ហៅ {number:>99999999}។", "placeholders differ"),
    ("km", "Call {number}.", "ហៅ {number!r}។", "placeholders differ"),
    ("km", "Call {number}.", "ហៅ {number}{}។", "placeholders differ"),
    ("km", "Call {number}.", "ហៅ {number} {{x}}។", "placeholders differ"),
    ("km", "Call {number}.", "ហៅ {number។", "placeholders differ"),
    ("km", "Help", "ជំនួយ}", "placeholders differ: keep none"),
    ("km", "Help", "ជំនួ\ufffdយ", "broken character"),
    ("km", "Help", "\ufeffជំនួយ", "broken character"),
    ("km", "Help", "ជំ\u200bនួយ", ""),
    ("dz", "Help", "རོགས་\u200bརམ", "invisible character U+200B"),
    ("ur", "Help", "\u2068113\u2069 مدد\u200c", ""),
    ("ur", "Help", "\u2068113 مدد", "a mark of direction is opened"),
    ("ur", "Help", "\u202eمدد", "invisible character U+202E"),
    ("km", "Help", "ជំ\u202aនួយ", "invisible character U+202A"),
    ("ur", "Help", "مدد\u00a0لیں", "invisible character U+00A0"),
    ("ur", "Help", "مدد\nلیں", "invisible character U+000A"),
    ("ur", "Help\nnow", "مدد\nلیں", ""),
    ("ur", "Help", "مدد\x1b[2J", "invisible character U+001B"),
    ("dz", "Help", "\ue000", "invisible character U+E000"),
    ("dz_Latn", "Help", "Rogram", ""),
    ("dz_Latn", "Help", "Rogram\u2019", "not plain Latin letters: U+2019"),
    ("ur_Latn", "Help", "Madad`", "not plain Latin letters: U+0060"),
    ("en", "Help", "H\u00e9lp", "not plain Latin letters: U+00E9"),
]


@pytest.mark.parametrize(("language", "msgid", "said", "begins"), WORDING)
def test_the_wording_of_one_text(language: str, msgid: str, said: str, begins: str) -> None:
    found = list(wording.problems(language, msgid, said))
    assert [sentence[: len(begins)] for sentence in found] == ([begins] if begins else [])
