"""What counts as an officer's command, and that no answer to one tells an onlooker anything."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flows import FLOW, PROGRAMMES
from helpline.catalogue import LANGUAGES, voices
from helpline.core.digits import to_ascii_digits
from helpline.core.neutral import telling
from helpline.core.officer_texts import (
    ANSWERS,
    HOW,
    LONGEST,
    REF_DIGITS,
    WORDS,
    Command,
    Order,
    answer,
    read,
    word_of,
)
from helpline.core.script import plain
from helpline.core.text import segments
from helpline.service.messages import START_WORDS, STOP_WORDS
from tests.private import PRIVATE_NUMBERS, PRIVATE_WORDS

EVERY_WORD = [
    (language, word, order)
    for order, spoken in WORDS.items()
    for language, words in spoken.items()
    for word in words
]
SPOKEN = {code: [one.code for one in p.languages] for code, p in PROGRAMMES.items()}
CARRIERS = STOP_WORDS | START_WORDS | {"help", "info", "arret"}
DIGITS = ("12", "١٢", "۱۲", "១២", "༡༢", "１２")


class TestTheTable:
    def test_every_language_has_a_word_for_every_order(self) -> None:
        assert {order: set(spoken) for order, spoken in WORDS.items()} == {
            order: set(LANGUAGES) for order in Order
        }

    @pytest.mark.parametrize("programme", SPOKEN)
    def test_no_word_means_two_things_in_one_programme(self, programme: str) -> None:
        spoken = SPOKEN[programme]
        for language, word, order in EVERY_WORD:
            if language in spoken:
                assert read(word, spoken) == Command(order)

    @pytest.mark.parametrize(("language", "word", "order"), EVERY_WORD)
    def test_safety_18_no_word_is_a_carriers_or_a_callers(
        self, language: str, word: str, order: Order
    ) -> None:
        callers = {plain(w) for one in FLOW.shortcuts for ws in one.words.values() for w in ws}
        assert plain(word) not in CARRIERS | callers
        assert not CARRIERS & set(plain(word).split())

    @pytest.mark.parametrize("word", sorted(CARRIERS))
    @pytest.mark.parametrize("tail", ["", " 12"])
    def test_safety_18_a_carriers_word_is_no_command(self, word: str, tail: str) -> None:
        assert read(word.upper() + tail, LANGUAGES) is None

    def test_a_word_counts_only_where_its_language_is_spoken(self) -> None:
        assert read("قبول 12", SPOKEN["bt"]) is None
        assert read("قبول 12", SPOKEN["pk"]) == Command(Order.TAKE, 12)


class TestReading:
    @pytest.mark.parametrize(("language", "word", "order"), EVERY_WORD)
    @pytest.mark.parametrize(
        "dress",
        [
            "{0} 12",
            "{0}12",
            " {0}  12\n",
            "{0}. 12.",
            "{0} #12",
            "12 {0}",
            "{0}:12",
            "\u200f{0} 12",
        ],
    )
    def test_dress_does_not_matter(
        self, language: str, word: str, order: Order, dress: str
    ) -> None:
        for written in (word, word.upper(), word.lower(), word.replace(" ", "")):
            assert read(dress.format(written), [language]) == Command(order, 12)

    @pytest.mark.parametrize("digits", DIGITS)
    @pytest.mark.parametrize("word", ["take", "ལེན་", "قبول", "ទទួល"])
    def test_the_number_may_be_of_any_script(self, digits: str, word: str) -> None:
        assert to_ascii_digits(digits) == "12"
        assert read(f"{word} {digits}", LANGUAGES) == Command(Order.TAKE, 12)

    @pytest.mark.parametrize(
        ("text", "order"),
        [
            ("ལེན་།", Order.TAKE),
            ("ལན་ མེད།", Order.NO_ANSWER),
            ("འབད\u0f0cཚར་", Order.DONE),
            ("no-answer", Order.NO_ANSWER),
            ("NoAnswer", Order.NO_ANSWER),
            ("هو گيا", Order.DONE),  # as an Arabic keyboard gives it
            ("ہوگیا۔", Order.DONE),
            ("جواب نہين", Order.NO_ANSWER),
            ("قَبُول", Order.TAKE),
            ("រួច\u200bហើយ។", Order.DONE),
        ],
    )
    def test_each_keyboard_and_habit_is_understood(self, text: str, order: Order) -> None:
        assert read(text, LANGUAGES) == Command(order)

    @pytest.mark.parametrize(
        "text",
        ["TAKE 1 2", "TAKE 12 13", "12 TAKE 13", f"TAKE {'1' * (REF_DIGITS + 1)}", "DONE 1234-5678"]
        + [f"TAKE {number}" for number in PRIVATE_NUMBERS],
    )
    def test_a_number_that_is_no_requests_is_not_looked_at(self, text: str) -> None:
        command = read(text, LANGUAGES)
        assert command is not None
        assert (command.code, command.clear) == (None, False)

    @pytest.mark.parametrize(
        "text",
        [
            "",
            "12",
            "#",
            "hello",
            "take me home",
            "take 2 children away from him",
            "later he beats me",
            "I am done with this life",
            "no answer from my husband",
            "ta12ke",
            "TAKE" + " " * LONGEST,
            "CASE 12",
            *PRIVATE_WORDS,
        ],
    )
    def test_anything_else_is_no_command(self, text: str) -> None:
        """It may be somebody who asks for help on that phone."""
        assert read(text, LANGUAGES) is None

    @given(st.text())
    def test_no_text_raises(self, text: str) -> None:
        read(text, LANGUAGES)


class TestTheAnswers:
    @pytest.mark.parametrize("language", LANGUAGES)
    @pytest.mark.parametrize("words", ANSWERS.values(), ids=ANSWERS)
    def test_safety_05_each_is_neutral_and_fits_one_segment(
        self, language: str, words: str
    ) -> None:
        said = voices()[language].say(answer(words, "9" * REF_DIGITS, "23:59"))
        assert telling(said, language) == []
        assert len(segments(said)) == 1
        assert "{" not in said

    @pytest.mark.parametrize("language", LANGUAGES)
    def test_the_words_to_be_texted_back_are_understood(self, language: str) -> None:
        voice = voices()[language]
        how = voice.say(answer(HOW))
        for order in Order:
            word = voice.say(word_of(order))
            assert word in how
            assert read(f"{word} 7", [language]) == Command(order, 7)
