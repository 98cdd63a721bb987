"""Each reader finds a name where a dictionary of their script would have it.

The tables are in the expected order. All names of places were compared once with glibc's dz_BT and
ICU's km and ur, which agree but for Urdu blanks and for the Khmer subscript ដ.
"""

from collections.abc import Iterable
from itertools import pairwise

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from helpline.core.order import order_key
from helpline.core.tibetan import Syllable, syllables

LANGUAGES = ("dz", "dz_Latn", "ur", "ur_Latn", "km", "en")
SCRIPTS = {"dz": "\u0f00-\u0fda", "ur": "\u0600-\u06ff", "km": "\u1780-\u17f9"}
LETTERS = {"dz": "ཀམཨཥ", "ur": "اکےٻ", "km": "កអឥឮ"}


def first_level(text: str, language: str) -> tuple[int, ...]:
    return order_key(text, language)[1]


def assert_ascending(names: Iterable[str], language: str) -> None:
    """Each name before the next at the first level already, not only as text."""
    for before, after in pairwise(names):
        assert first_level(before, language) < first_level(after, language), (before, after)


DZONGKHAGS = (
    "ཀྲོང་གསར་ བཀྲ་ཤིས་གཡང་རྩེ་ བཀྲིས་སྒང་ མགར་ས་ ཆུ་ཁ་ ཐིམ་ཕུ་ དར་དཀར་ན་ པད་མ་དགའ་ཚལ་ "
    "སྤ་རོ་ སྤུ་ན་ཁ་ བུམ་ཐང་ དབང་འདུས་ཕོ་བྲང་ མོང་སྒར་ རྩི་རང་ གཞལམ་སྒང་ གསར་སྤང་ བསམ་གྲུབ་ལྗོངས་མཁར་ བསམ་རྩེ་ ཧཱ་ ལྷུན་རྩེ་"
)
BHUTAN_IN_LATIN = (
    "Bumthang|Chhukha|Dagana|Gasa|Haa|Lhuentse|Mongar|Paro|Pema Gatshel|Punakha|Samdrup Jongkhar|"
    "Samtse|Sarpang|Thimphu|Trashigang|Trashi Yangtse|Trongsa|Tsirang|Wangdue Phodrang|Zhemgang"
)
PROVINCES_OF_CAMBODIA = (
    "កណ្តាល កែប កំពង់ចាម កំពង់ឆ្នាំង កំពង់ធំ កំពង់ស្ពឺ កំពត កោះកុង ក្រចេះ តាកែវ ត្បូងឃ្មុំ បន្ទាយមានជ័យ "
    "បាត់ដំបង ប៉ៃលិន ពោធិ៍សាត់ ព្រៃវែង ព្រះវិហារ ព្រះសីហនុ ភ្នំពេញ មណ្ឌលគិរី រតនគិរី សៀមរាប "
    "ស្ទឹងត្រែង ស្វាយរៀង ឧត្តរមានជ័យ"
)
DISTRICTS_OF_BALOCHISTAN = (
    "بارخان|پشین|پنجگور|جعفر آباد|جھل مگسی|چاغی|چمن|خاران|خضدار|دکی|ڈیرہ بگٹی|زیارت|ژوب|سبی|سوراب|"
    "شیرانی|صحبت پور|قلات|قلعہ سیف اللہ|قلعہ عبداللہ|کچھی|کوہلو|کوئٹہ|کیچ|گوادر|لسبیلہ|لورالائی|"
    "مستونگ|موسیٰ خیل|نصیر آباد|نوشکی|واشک|ہرنائی"
)
DISTRICTS_OF_PUNJAB = (
    "اٹک|اوکاڑہ|بہاولپور|بہاولنگر|بھکر|پاکپتن|تلہ گنگ|ٹوبہ ٹیک سنگھ|جہلم|جھنگ|چکوال|چنیوٹ|"
    "حافظ آباد|خانیوال|خوشاب|ڈیرہ غازی خان|راجن پور|راولپنڈی|رحیم یار خان|ساہیوال|سرگودھا|سیالکوٹ|"
    "شیخوپورہ|فیصل آباد|قصور|کوٹ ادو|گجرات|گوجرانوالہ|لاہور|لودھراں|لیہ|مری|مظفر گڑھ|ملتان|"
    "منڈی بہاؤالدین|میانوالی|نارووال|ننکانہ صاحب|وزیر آباد|وہاڑی"
)


def test_places_of_bhutan() -> None:
    assert_ascending(DZONGKHAGS.split(), "dz")
    assert_ascending(BHUTAN_IN_LATIN.split("|"), "dz_Latn")
    assert len(DZONGKHAGS.split()) == len(BHUTAN_IN_LATIN.split("|")) == 20


def test_places_of_cambodia() -> None:
    assert_ascending(PROVINCES_OF_CAMBODIA.split(), "km")
    assert len(PROVINCES_OF_CAMBODIA.split()) == 25
    assert_ascending(["៧មករា", "កំបូល", "ចំការមន", "ឫស្សីកែវ", "សែនសុខ"], "km")


@pytest.mark.parametrize("names", [DISTRICTS_OF_BALOCHISTAN, DISTRICTS_OF_PUNJAB])
def test_places_of_pakistan(names: str) -> None:
    assert_ascending(names.split("|"), "ur")


@pytest.mark.parametrize(
    "ascending",
    [
        "ཀ ཁ ག ང ཅ ཆ ཇ ཉ ཏ ཐ ད ན པ ཕ བ མ ཙ ཚ ཛ ཝ ཞ ཟ འ ཡ ར ལ ཤ ས ཧ ཨ",
        # Under a root: bare, behind a prefix, under a superscript, both.
        "ཀ ཀོ དཀའ བཀའ རྐ ལྐ སྐ བརྐ བསྐ ཁ མཁའ འཁའ ག",
        "ག གླ དགའ བགའ མགའ འགའ རྒ ལྒ སྒ བརྒ བསྒ ང དངའ མངའ རྔ ལྔ སྔ བརྔ བསྔ ཅ གཅའ བཅའ ལྕ བལྕ ཆ",
        "ཏ གཏའ བཏའ རྟ ལྟ སྟ བརྟ བལྟ བསྟ ཐ ཤ ས གསའ བསའ ཧ ལྷ ཨ",
        # Then by subscript, before any vowel or suffix counts.
        "ག གང གས གི གུ གེ གོ གོས གྭ གྱ གྱི གྲ གྲོང གླ དགའ",
        "ཟ ཟོ ཟླ གཟའ བཟའ བཟླ འ ཡ གཡའ ར རོ བརླ ལ",
        # Then by vowel and suffixes.
        "ཧ ཧང ཧཱ ཧི ཧུ ཧེ ཧོ",
        "ཆ ཆག ཆགས ཆང ཆད ཆན ཆབ ཆབས ཆམ ཆའ ཆར ཆལ ཆས ཆི ཆིག",
        # Syllable by syllable: the end comes before anything else.
        "མི མི་ཤ མིག མིག་ཆུ མིང",
    ],
)
def test_tibetan_letters(ascending: str) -> None:
    assert_ascending(ascending.split(), "dz")


@pytest.mark.parametrize(
    ("text", "syllable"),
    [
        ("ཀ", Syllable("ཀ")),
        ("བསྒྲུབས", Syllable("ག", "བ", "ས", "ར", "\u0f74", "བས")),
        ("སྒང", Syllable("ག", superscript="ས", rest="ང")),
        ("གྲྭ", Syllable("ག", subscripts="རཝ")),
        ("ལྷུན", Syllable("ཧ", superscript="ལ", vowel="\u0f74", rest="ན")),
        # ླ is under its letter even where that letter could be a superscript.
        ("ཟླ", Syllable("ཟ", subscripts="ལ")),
        ("སླ", Syllable("ས", subscripts="ལ")),
        ("བརླ", Syllable("ར", "བ", subscripts="ལ")),
        ("བརྡ", Syllable("ད", "བ", "ར")),
        # A vowel sign shows the root.
        ("མགོ", Syllable("ག", "མ", vowel="\u0f7c")),
        ("གཡུ", Syllable("ཡ", "ག", vowel="\u0f74")),
        ("བོད", Syllable("བ", vowel="\u0f7c", rest="ད")),
        # Two bare letters: root and suffix, if the second can be one.
        ("དག", Syllable("ད", rest="ག")),
        ("མཁ", Syllable("ཁ", "མ")),
        # Three: prefix, root, suffix, if the rules allow the prefix.
        ("མགར", Syllable("ག", "མ", rest="ར")),
        ("གཞལམ", Syllable("ཞ", "ག", rest="ལམ")),
        ("ཚངས", Syllable("ཚ", rest="ངས")),
        ("གངས", Syllable("ག", rest="ངས")),
        ("བརས", Syllable("བ", rest="རས")),
        # Both readings are allowed: usage decides.
        *((word, Syllable(word[1], word[0], rest="ས")) for word in ("དགས", "འགས", "དབས", "དམས")),
        *((word, Syllable(word[0], rest=word[1:])) for word in ("དངས", "བགས", "མགས", "མངས")),
        # The particle འི is no root.
        ("མཐའི", Syllable("ཐ", "མ", rest="འ\u0f72")),
        ("པའི", Syllable("པ", rest="འ\u0f72")),
        # Words from other languages break the rules.
        ("པདྨ", Syllable("པ", rest="དམ")),
        ("ཧཱུྃ", Syllable("ཧ", vowel="\u0f71\u0f74", rest="མ")),
        ("༡༢", Syllable("༡", rest="༢")),
        ("\u0f72", Syllable("\u0f72")),
    ],
)
def test_parts_of_a_tibetan_syllable(text: str, syllable: Syllable) -> None:
    assert syllables(text) == [syllable]


@pytest.mark.parametrize(
    "ascending",
    [
        "ا آ ب پ ت ٹ ث ج چ ح خ د ڈ ذ ر ڑ ز ژ س ش ص ض ط ظ ع غ ف ق ک گ ل م ن ں و ہ ھ ء ی ے",
        # آ is a letter behind ا: all other names in ا come first.
        "اٹک اسلام ایمن آباد آواران بارخان",
        # An aspirate is a letter behind its plain one.
        "بگٹی بہاولپور بیلا بھکر پاکپتن پیر پھالیا",
        "۰ا ۱ا ۹ا ا",
    ],
)
def test_urdu_letters(ascending: str) -> None:
    expected = ascending.replace("۰ا ۱ا ۹ا ا", "۰ا ۱ا ۹ا ا").split()
    assert_ascending(expected, "ur")


@pytest.mark.parametrize(
    "ascending",
    [
        "ក ខ គ ឃ ង ច ឆ ជ ឈ ញ ដ ឋ ឌ ឍ ណ ត ថ ទ ធ ន ប ផ ព ភ ម យ រ ឫ ឬ ល ឭ ឮ វ ឝ ឞ ស ហ ឡ អ",
        "ក កា កិ កី កឹ កឺ កុ កូ កួ កើ កឿ កៀ កេ កែ កៃ កោ កៅ កុំ កំ កាំ កះ កិះ កុះ កេះ កោះ ក្ក ខ",
        # A final, then a vowel, then a subscript.
        "ក កក កង កអ កា កាក ក្ក ក្កា ក្ខ ក្រ ខ",
        "អ អង្គរ ឥ អិន ឦ ឧ ឩ ឪ អួ ឯ ឰ ឱ ឳ អំ",
        "រ រូ ឫ ឫស្សី ឬ ល ឭ ឮ វ",
    ],
)
def test_khmer_letters(ascending: str) -> None:
    assert_ascending(ascending.split(), "km")


def test_latin_letters() -> None:
    names = ["7 Makara", "Kampong Cham", "Kampot", "Kep", "Koh Kong", "Takéo", "Takeo Leu", "Zhob"]
    for language in ("en", "dz_Latn", "ur_Latn"):
        assert_ascending(names, language)


@pytest.mark.parametrize(
    ("language", "variants"),
    [
        ("en", ["Takeo", "Takéo", "Take\u0301o", "TAKEO", "ta keo", "Ｔａｋｅｏ"]),
        ("en", ["Rolea Bier", "Rolea B'ier", "Rolea B\u2019ier", "Rolea B\u02bcier", "Rolea-Bier"]),
        ("ur_Latn", ["Khushab", "Khushāb"]),
        ("ur", ["وزیر آباد", "وزیرآباد", "وزیر\u200cآباد", "وزير آباد", "وزیر ا\u0653باد"]),
        ("ur", ["کوئٹہ", "كوئٹه", "کوی\u0654ٹہ", "کوئٹۃ", "کُوئٹہ", "کـوئٹہ", "\ufedaوئٹہ"]),
        ("ur", ["بہاؤ", "بہاو", "بہاو\u0654"]),
        ("ur", ["موسیٰ خیل", "موسی خیل", "موسى خيل"]),
        ("ur", ["احمد", "أحمد", "إحمد"]),
        ("dz", ["ཐིམ་ཕུ", "ཐིམ་ཕུ་", "ཐིམ༌ཕུ", "ཐིམ ཕུ", "ཐིམ་ཕུ།", "ཐིམ\u200b་ཕུ"]),
        ("dz", ["ཧཱ\u0f72", "ཧ\u0f73", "ཧ\u0f72\u0f71"]),
        ("dz", ["ཧཱ\u0f74", "ཧ\u0f75"]),
        ("dz", ["ག\u0fb7ི", "\u0f43ི"]),
        ("dz", ["གྲུབ", "ག\u0f74\u0fb2བ", "ག\u0fbcུབ"]),
        ("dz", ["ཨོཾ", "ༀ", "ཨོམ"]),
        ("km", ["កណ្តាល", "កណ្ដាល", "កណ្តា\u200bល", "\u200cកណ្តាល", "ក ណ្តាល"]),
        ("km", ["ស\u17d2ត\u17d2រី", "ស\u17d2រ\u17d2តី", "សី\u17d2ត\u17d2រ"]),
        ("km", ["ភ្នំ", "ភំ\u17d2ន"]),
        ("km", ["ក\u17bb\u17c6", "ក\u17c6\u17bb"]),
        ("km", ["ក\u17c4ះ", "ក\u17c1\u17b6ះ", "ក\u17b6\u17c1ះ"]),
        ("km", ["ក\u17be", "ក\u17c1\u17b8"]),
        ("km", ["ប៉ៃលិន", "បៃលិន", "បៃ\u17c9លិន"]),
        ("km", ["ពោធិ៍សាត់", "ពោធិសាត"]),
        ("km", ["ធម៌", "ធរ្ម"]),
        ("km", ["ឧត្តរ", "អុត្តរ"]),
    ],
)
def test_equal_at_the_first_level(language: str, variants: list[str]) -> None:
    assert {first_level(text, language) for text in variants} == {
        first_level(variants[0], language)
    }
    assert len({order_key(text, language) for text in variants}) == len(variants)


@pytest.mark.parametrize(
    ("language", "menu"),
    [
        ("dz", ["མགར་ས་", "ཧཱ་", "", "Bumthang", "Dagana མགར", "Gasa"]),
        ("ur", ["آواران", "یاسین", "Hub", "Wah Cantt"]),
        ("km", ["៧មករា", "កែប", "អង្គរ Thom", "Aoral", "Takéo", "མགར་ས་"]),
        ("en", ["Gasa", "Zhob", "لاہور", "མགར་ས་", "កែប"]),
    ],
)
def test_other_scripts_come_last_and_in_latin_order(language: str, menu: list[str]) -> None:
    keys = [order_key(name, language) for name in menu]
    assert keys == sorted(keys)


def test_languages_without_a_table_read_latin() -> None:
    assert order_key("Gasa", "xx") == order_key("Gasa", "en")


_ANY = st.text(st.characters(exclude_categories=()))  # surrogates too
_OF_OUR_SCRIPTS = st.from_regex(rf"[{''.join(SCRIPTS.values())} a-c\u200b]*", fullmatch=True)
_TEXT = _ANY | _OF_OUR_SCRIPTS
_LANGUAGE = st.sampled_from(LANGUAGES)


@given(_TEXT, _TEXT, _LANGUAGE)
@example("ក\ud800", "\udfff", "km")
@example("ཀ\ud800", "ཀ\udfff", "dz")
@example("ا\ud800", "ا\u0653\udfff", "ur")
@example("a\ud800", "\udfffa", "en")
def test_one_order_for_any_two_texts(one: str, other: str, language: str) -> None:
    key, another = order_key(one, language), order_key(other, language)
    assert (key < another) + (key == another) + (key > another) == 1
    assert (key == another) == (one == other)
    assert key == order_key(one, language)


@given(st.lists(_TEXT), _LANGUAGE)
def test_a_menu_is_the_same_however_its_names_came(names: list[str], language: str) -> None:
    def ordered(some: list[str]) -> list[str]:
        return sorted(some, key=lambda name: order_key(name, language))

    assert ordered(names) == ordered(names[::-1])


@given(_TEXT, st.text("abcXYZéł '-", min_size=1), st.sampled_from(["dz", "ur", "km"]), st.data())
def test_native_before_latin(rest: str, latin: str, language: str, data: st.DataObject) -> None:
    native = data.draw(st.sampled_from(LETTERS[language])) + rest
    assert order_key(native, language) < order_key(latin, language)


@given(_TEXT)
def test_a_tibetan_syllable_loses_no_root(text: str) -> None:
    assert all(syllable.root for syllable in syllables(text))
