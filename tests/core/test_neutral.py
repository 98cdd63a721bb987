"""Words that must never stand where someone else may read them (SAFETY 5 and 13)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpline.core.neutral import WORDS, telling
from tests.core.callers import CONTENT

WITHOUT_SPACES = ("dz", "km")
SPACED = tuple(language for language in WORDS if language not in WITHOUT_SPACES)
EVERY_WORD = [(language, word) for language, words in WORDS.items() for word in words]


def test_there_is_a_list_for_every_spoken_language_and_for_no_other() -> None:
    spoken = {lang.code for p in CONTENT.programmes.values() for lang in p.languages}
    assert WORDS.keys() == spoken


@pytest.mark.parametrize("language", WORDS)
def test_a_list_names_the_police_violence_reports_desks_protection_and_trafficking(
    language: str,
) -> None:
    words = WORDS[language]
    assert len(set(words)) == len(words) >= 6
    assert all(word == word.casefold() for word in words)


@pytest.mark.parametrize(("language", "word"), EVERY_WORD)
def test_a_listed_word_tells_wherever_a_word_may_begin(language: str, word: str) -> None:
    for text in (word, f"{word} x", f"x {word}", f"({word})", f"x\n{word}s"):
        assert word in telling(text, language)


@pytest.mark.parametrize(("language", "word"), EVERY_WORD)
def test_capital_letters_hide_nothing(language: str, word: str) -> None:
    assert word in telling(word.upper(), language)


@pytest.mark.parametrize("language", WORDS)
@pytest.mark.parametrize("word", WORDS["en"])
def test_an_english_word_tells_in_every_language(language: str, word: str) -> None:
    """Onlookers read English words in a text of any language."""
    assert word in telling(f"… {word}", language)


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "The airport is closed."),
        ("en", "The community hall is open."),
        ("en", "Two helpdesks."),
        ("ur", "ایئرپورٹ بند ہے"),
        ("ur_Latn", "airport band hai"),
        ("dz_Latn", "xgagpa"),
    ],
)
def test_the_middle_of_another_word_tells_nothing(language: str, text: str) -> None:
    assert telling(text, language) == []


@pytest.mark.parametrize(
    ("language", "text", "word"),
    [
        ("km", "យើងជានគរបាលជាតិ", "នគរបាល"),
        ("dz", "རྒྱལ་གཞུང་འགག་པའི", "འགག་པ"),
    ],
)
def test_scripts_that_write_words_together_are_searched_anywhere(
    language: str, text: str, word: str
) -> None:
    assert telling(text, language) == [word]


def test_a_word_of_another_language_tells_only_who_reads_that_language() -> None:
    assert telling("gagpa", "dz_Latn") == ["gagpa"]
    assert telling("gagpa", "ur_Latn") == []


def test_every_telling_word_is_named_once() -> None:
    assert telling("Police report: police desk", "ur_Latn") == ["police", "report", "desk"]


@given(st.text(), st.sampled_from([*WORDS]))
def test_no_text_raises_and_only_listed_words_are_named(text: str, language: str) -> None:
    assert set(telling(text, language)) <= {*WORDS["en"], *WORDS[language]}


@pytest.mark.parametrize("language", SPACED)
def test_dull_words_tell_nothing(language: str) -> None:
    assert telling("Weather service: no news today. Thank you. 113", language) == []
