"""Every way of writing a name that people use comes to the same keys."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpline import directory
from helpline.core.spelling import LONGEST, Writing, spellings, writing_of

ZWSP, ZWNJ, ZWJ = "\u200b", "\u200c", "\u200d"


def letters(text: str) -> set[str]:
    return {spelling.letters for spelling in spellings(text)}


@pytest.mark.parametrize(
    ("text", "writing"),
    [
        ("Punakha", Writing.LATIN),
        ("Takéo", Writing.LATIN),
        ("ཐིམ་ཕུ", Writing.TIBETAN),
        ("کوئٹہ", Writing.ARABIC),
        ("សៀមរាប", Writing.KHMER),
        ("Paro སྤ་རོ སྤ་རོ", Writing.TIBETAN),  # of most letters
        ("", None),
        ("12 ?!", None),
        ("\u0f0b\u0f0d", None),  # marks alone
        ("Тхимпху", None),  # a script of none of the three countries
        ("थिम्फू", None),
        ("廷布", None),
        ("\ud800\U0001f600", None),
    ],
)
def test_the_script_of_a_text(text: str, writing: Writing | None) -> None:
    assert writing_of(text) is writing
    assert bool(spellings(text)) is (writing is not None)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        # Roman: case, accents, blanks, hyphens, apostrophes
        ("Punakha", "PUNAKHA"),
        ("Takéo", "takeo"),
        ("Bântéay Méanchoăy", "banteay meanchoay"),
        ("Wangdue Phodrang", "wangduephodrang"),
        ("Wangdue-Phodrang", "Wangdue Phodrang"),
        ("Ro'ang", "Roang"),
        ("Ｐａｒｏ", "Paro"),  # full width
        # Tibetan: tsheg of either kind, shad, blanks, vowel signs in either form
        ("ཐིམ་ཕུ་", "ཐིམཕུ"),
        ("ཐིམ༌ཕུ", "ཐིམ་ཕུ"),
        ("ཐིམ་ཕུ།", "ཐིམ་ཕུ"),
        ("\u0f67\u0f71\u0f72", "\u0f67\u0f73"),
        # Urdu: Arabic and Persian letters for the same, marks, joiners
        ("سيالكوٹ", "سیالکوٹ"),
        ("لاهور", "لاہور"),
        ("آواران", "اواران"),
        ("کوئٹہ", "کوئٹه"),
        ("راجن پور", "راجنپور"),
        ("راجن" + ZWNJ + "پور", "راجنپور"),
        ("مُلتان", "ملتان"),
        ("ﻣﻠﺘﺎﻥ", "ملتان"),  # presentation forms
        # Khmer: joiners, the two ways below the line, the order of signs
        ("កំពង់" + ZWSP + "ចាម", "កំពង់ចាម"),
        ("ខេត្\u178fក", "ខេត្\u178aក"),
        ("ព្រ\u17c3វែង", "ព\u17c3្រវែង"),
        ("ស្ត្រី", "ស្រ្តី"),
    ],
)
def test_the_same_letters(one: str, other: str) -> None:
    assert letters(one) == letters(other) != set()


@pytest.mark.parametrize(
    ("with_kind", "name"),
    [
        ("Rajanpur Tehsil", "Rajanpur"),
        ("Haa Dzongkhag", "Haa"),
        ("Khan Doun Penh", "Doun Penh"),
        ("ཐིམ་ཕུ་རྫོང་ཁག", "ཐིམ་ཕུ"),
        ("ضلع راجن پور", "راجن پور"),
        ("ខេត្តកំពង់ចាម", "កំពង់ចាម"),
        ("ក្រុងសៀមរាប", "សៀមរាប"),
    ],
)
def test_a_name_is_also_read_without_the_sort_of_place(with_kind: str, name: str) -> None:
    assert letters(name) < letters(with_kind)


def test_a_khan_at_the_end_belongs_to_the_name() -> None:
    assert letters("Dera Ghazi Khan") == {"deraghazikhan"}


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Chhukha", "Chukkha"),
        ("Phuentsholing", "Phuntsoling"),
        ("Lhuentse", "Lhuntshi"),
        ("Quetta", "Kuetta"),
        ("Thimphu", "Timpu"),
        ("Zhemgang", "Zemgang"),
        ("Haa", "Ha"),
        ("ژوب", "ژوب"),
        ("ڈیرہ بگٹی", "دیرہ بگٹی"),
        ("صحبت پور", "سہبت پور"),
        ("ភ្នំពេញ", "ភ្នំព\u17c2ញ"),
        ("បាត់ដំបង", "បាតដំបង"),
    ],
)
def test_the_same_sound(one: str, other: str) -> None:
    assert {s.sound for s in spellings(one)} & {s.sound for s in spellings(other)}


@pytest.mark.parametrize(
    ("name", "dropped"),
    [
        ("Punakha", "Pnkh"),
        ("Rahim Yar Khan", "Rhm Yr Khn"),
        ("سیالکوٹ", "سلکٹ"),
        ("សៀមរាប", "សមរប"),
    ],
)
def test_the_bones_are_left_when_vowels_are_dropped(name: str, dropped: str) -> None:
    assert {s.bones for s in spellings(name)} & {s.bones for s in spellings(dropped)}


def test_different_districts_never_have_the_same_letters() -> None:
    found: dict[str, str] = {}
    for place in directory.load().places.values():
        if place.level == "district":
            for name in (place.name.en, *place.name.local.values()):
                assert found.setdefault(min(letters(name)), place.code) == place.code


@given(st.text(max_size=500))
def test_any_text_has_bounded_keys(text: str) -> None:
    for spelling in spellings(text):
        assert spelling.letters
        assert spelling.sound
        # A ligature can stand for up to 18 letters (U+FDFA); names have none.
        assert len(spelling.sound) <= 2 * len(spelling.letters) <= 40 * LONGEST


@given(st.text(max_size=80))
def test_what_was_read_once_reads_the_same_again(text: str) -> None:
    for spelling in spellings(text):
        assert spelling.letters in letters(spelling.letters)
