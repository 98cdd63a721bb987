"""What is typed instead of a key: places, request numbers, secret words, stories and keywords."""

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpline.core.flow import Input
from helpline.core.message import Kind
from helpline.core.script import Script, plain
from helpline.core.typed import (
    PROSE,
    SAID_LENGTH,
    Answers,
    dialled,
    is_prose,
    read,
    shortcut,
    with_said,
)
from tests.core.callers import CODE, CODES, CONTENT, player_of

CARRIERS = ("STOP", "END", "CANCEL", "QUIT", "UNSUBSCRIBE", "HELP", "STOPALL", "START", "INFO")


def script_of(code: str, kind: Kind = Kind.SMS) -> Script:
    return player_of(code, kind).script


# Names as compared


@pytest.mark.parametrize(
    ("typed", "compared"),
    [
        ("Punakha", "punakha"),
        ("  PUNAKHA. ", "punakha"),
        ("Trashi \t Yangtse", "trashi yangtse"),
        ("Trashi\u200bYangtse", "trashi yangtse"),
        ("སྤ་རོ་", "སྤ་རོ"),  # with the tsheg that keyboards add
        ("སྤ་རོ།", "སྤ་རོ"),
        ("کوئٹہ۔", "کوئٹہ"),
        ("សៀមរាប។", "សៀមរាប"),
        ("Cafe\u0301", "café"),
        ("៤៧១១", "4711"),
        ("۴۷۱۱", "4711"),
        ("", ""),
        (" \ufeff\u200f. ", ""),
    ],
)
def test_names_are_compared_without_case_marks_and_invisible_letters(
    typed: str, compared: str
) -> None:
    assert plain(typed) == compared


@given(st.text())
def test_what_was_made_plain_stays_so(text: str) -> None:
    assert plain(plain(text)) == plain(text)


# Places


@pytest.mark.parametrize(
    ("code", "typed", "given"),
    [
        ("bt", "Punakha", {"place": "BT-23"}),
        ("bt", "སྤུ་ན་ཁ", {"place": "BT-23"}),
        ("bt", "Gakiling", {"candidates": "BT.GE.GL BT.HA.GA"}),  # asked about
        ("bt", "Phnom Penh", {"abroad": "KH-12"}),
        ("pk", "کوئٹہ", {"place": "PK-BA-QUETTA"}),
        ("kh", "ខេត្តកំពង់ចាម", {"place": "KH-3"}),
        ("kh", "ភ្នំពេញ", {"candidates": "KH-12 KH-130404"}),  # the capital, and a commune
        ("kh", "Punjab", {"abroad": "PK-PB"}),
    ],
)
def test_a_typed_place(code: str, typed: str, given: Answers) -> None:
    assert read(script_of(code), Input.PLACE, "place", {}, typed) == given


def test_a_typed_place_takes_the_old_one_away_and_nothing_else() -> None:
    old = {"region": "balochistan", "part": "zhob", "place": "x", "areas": "none"}
    before = {"about": "me", **old, "candidates": "x y", "abroad": "z"}
    found = read(script_of("pk"), Input.PLACE, "place", before, "Rajanpur")
    assert found == {"about": "me", "place": "PK-PB-RAJANPUR"}


@pytest.mark.parametrize("typed", ["", " ", "?", "1 2", "qqqqqqqq", "थिम्फू", "x" * 10_000])
def test_what_names_no_place_is_not_understood(typed: str) -> None:
    assert read(script_of("bt"), Input.PLACE, "place", {}, typed) is None


# Request numbers and words

DIGITS = CODE.replace("-", "")


@pytest.mark.parametrize(
    ("typed", "read_as"),
    [
        (CODE, CODE),
        (DIGITS, CODE),
        (f" {DIGITS[:4]} {DIGITS[4:]}. ", CODE),
        (DIGITS.translate(str.maketrans("0123456789", "០១២៣៤៥៦៧៨៩")), CODE),
        (DIGITS.translate(str.maketrans("0123456789", "༠༡༢༣༤༥༦༧༨༩")), CODE),
        (DIGITS[:7], None),
        (f"{DIGITS}0", None),
        (DIGITS[:7] + str((int(DIGITS[7]) + 1) % 10), None),  # one digit is wrong
        (DIGITS[1] + DIGITS[0] + DIGITS[2:], None),  # two digits are swapped
        (f"my number is {CODE}", None),
        ("", None),
    ],
)
def test_a_request_number_is_read_in_any_dress_and_its_slips_are_found(
    typed: str, read_as: str | None
) -> None:
    wanted = None if read_as is None else {"about": "me", "case": read_as}
    assert read(script_of("bt"), Input.CASE, "case", {"about": "me"}, typed) == wanted


@pytest.mark.parametrize(
    ("typed", "word"),
    [
        ("Blue Bird", "blue bird"),
        ("  BLUE   bird. ", "blue bird"),
        ("abc", "abc"),
        ("4711", "4711"),
        ("༤༧༡༡", "4711"),
        ("གླང་པོ་ཆེ", "གླང་པོ་ཆེ"),
        ("a" * 30, "a" * 30),
        ("ab", None),
        ("...", None),
        ("a" * 31, None),
        ("", None),
    ],
)
def test_a_secret_word_is_the_same_however_it_is_typed(typed: str, word: str | None) -> None:
    """SAFETY 6: three to thirty characters, without case, so that it can be said by voice."""
    wanted = None if word is None else {"word": word}
    assert read(script_of("bt"), Input.WORD, "word", {}, typed) == wanted


# Stories


@pytest.mark.parametrize("typed", ["", "  ", "ok", " a "])
def test_a_slip_is_no_story(typed: str) -> None:
    assert read(script_of("bt"), Input.STORY, "said", {}, typed) is None


def test_a_story_follows_what_was_said_before() -> None:
    before = {"about": "me", "said": "one"}
    after = read(script_of("bt"), Input.STORY, "said", before, " two \n")
    assert after == {"about": "me", "said": "one\ntwo"}


@given(st.lists(st.text(max_size=900), max_size=5))
def test_what_is_said_grows_and_never_beyond_its_limit(texts: list[str]) -> None:
    answers: dict[str, str] = {}
    for text in texts:
        before = answers.get("said", "")
        answers = {**with_said(answers, text)}
        assert answers["said"].startswith(before)
        assert len(answers["said"]) <= SAID_LENGTH


@pytest.mark.parametrize(
    ("kind", "text", "prose"),
    [
        (Kind.SMS, "please help me", True),
        (Kind.SMS, "x" * PROSE, True),
        (Kind.SMS, "x" * (PROSE - 1), False),
        (Kind.SMS, "hello", False),
        (Kind.SMS, " " * 20 + "1" + " " * 20, False),  # a key in wide dress
        (Kind.USSD, "please help me", False),  # a network's noise, not a person's words
    ],
)
def test_only_a_text_message_of_some_length_is_something_a_person_tells(
    kind: Kind, text: str, prose: bool
) -> None:
    assert is_prose(script_of("bt", kind), text) is prose


# Keywords


def keywords() -> Iterator[tuple[str, str, str, str]]:
    """Programme, language, keyword and the shortcut that it names."""
    for code in CODES:
        spoken = [language.code for language in CONTENT.programmes[code].languages]
        for known in CONTENT.flow.shortcuts:
            for language in spoken:
                for word in known.words[language]:
                    yield code, language, word, known.name


@pytest.mark.parametrize(("code", "language", "word", "name"), [*keywords()])
def test_every_keyword_names_its_shortcut_and_its_language_if_it_has_only_one(
    code: str, language: str, word: str, name: str
) -> None:
    owners = {lang for c, lang, w, _ in keywords() if c == code and plain(w) == plain(word)}
    for typed in (word, word.upper(), f" {word}. "):
        found = shortcut(script_of(code), typed)
        assert found is not None
        known, spoken, rest = found
        assert (known.name, rest) == (name, "")
        assert spoken == (language if owners == {language} else "")


@pytest.mark.parametrize(("code", "language", "word", "name"), [*keywords()])
def test_no_keyword_is_one_that_belongs_to_carriers(
    code: str, language: str, word: str, name: str
) -> None:
    """SAFETY 18."""
    assert plain(word) not in {plain(theirs) for theirs in CARRIERS}


def test_every_language_has_a_word_for_every_shortcut() -> None:
    spoken = {lang.code for p in CONTENT.programmes.values() for lang in p.languages}
    for known in CONTENT.flow.shortcuts:
        assert known.words.keys() == spoken
        assert all(known.words.values())


@pytest.mark.parametrize(
    ("text", "rest"),
    [
        ("DESK Punakha", "punakha"),
        ("desk:Punakha", "punakha"),
        ("desk, Trashi Yangtse!", "trashi yangtse"),
        ("desk", ""),
    ],
)
def test_what_follows_a_keyword_is_typed_at_its_screen(text: str, rest: str) -> None:
    found = shortcut(script_of("bt"), text)
    assert found is not None
    known, language, typed = found
    assert (known.name, language, typed) == ("desk", "en", rest)


@pytest.mark.parametrize(
    "text", ["desktop", "casein", "the desk", "rightsx", "", " ", "1", "hello", "ដេស្ក"]
)
def test_a_longer_word_or_a_sentence_is_no_keyword(text: str) -> None:
    assert shortcut(script_of("bt"), text) is None


def test_a_keyword_in_a_script_without_spaces_needs_none_behind_it() -> None:
    found = shortcut(script_of("kh"), "ការិយាល័យសៀមរាប")
    assert found is not None
    known, language, rest = found
    assert (known.name, language, rest) == ("desk", "km", "សៀមរាប")


def test_a_keyword_of_another_programmes_language_is_none() -> None:
    assert shortcut(script_of("bt"), "مدد") is None
    assert shortcut(script_of("pk"), "مدد") is not None


@given(st.text())
def test_no_text_raises_whatever_is_asked_for(text: str) -> None:
    script = script_of("bt")
    shortcut(script, text)
    for wanted in Input:
        read(script, wanted, "slot", {}, text)


# Dialled


@pytest.mark.parametrize(
    ("code", "name"), [("1", "help"), ("2", "desk"), ("3", "rights"), ("4", "case")]
)
def test_the_last_part_of_a_dialled_code_names_a_shortcut(code: str, name: str) -> None:
    found = dialled(script_of("bt", Kind.USSD), code)
    assert found is not None
    assert found.name == name


@pytest.mark.parametrize("code", ["", "0", "5", "11", "x", "2#"])
def test_any_other_code_names_none(code: str) -> None:
    assert dialled(script_of("bt", Kind.USSD), code) is None
