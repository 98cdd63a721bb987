"""Words that must never stand in a notification or on a session's last screen (SAFETY 5)."""

import re

# One list per language: organisations, violence, police, reports, desks, child protection.
WORDS = {
    "en": ("police", "violen", "report", "desk", "protect", "abuse", "traffick", "unit", "victim"),
    "dz": ("འགག་པ", "རྩུབ་སྤྱོད", "སྙན་ཞུ", "ཡིག་ཚང", "ཉེན་སྐྱོབ", "སྲུང་སྐྱོབ", "ཉོ་བཙོང"),
    "dz_Latn": ("gagpa", "tsubchoe", "nyenzhu", "yigtshang", "nyenchop", "nyotsong"),
    "ur": ("پولیس", "تشدد", "رپورٹ", "ڈیسک", "تحفظ", "زیادتی", "ظلم", "خرید و فروخت"),
    "ur_Latn": ("police", "tashaddud", "report", "desk", "tahaffuz", "zyadti", "zulm"),
    "km": ("នគរបាល", "ហិង្សា", "របាយការណ៍", "ការិយាល័យ", "ការពារ", "រំលោភ", "ជួញដូរ"),
}


_WRITTEN_TOGETHER = ("dz", "km")  # no spaces between words: a word is looked for anywhere


def telling(text: str, language: str) -> list[str]:
    """The words of `text` that would tell an onlooker what this is about."""
    lowered = text.casefold()
    found = [word for word in WORDS["en"] if _begins_a_word(word, lowered)]
    for word in WORDS[language]:
        anywhere = language in _WRITTEN_TOGETHER
        if word in lowered if anywhere else _begins_a_word(word, lowered):
            found.append(word)
    return list(dict.fromkeys(found))


def _begins_a_word(word: str, text: str) -> bool:
    """Not in the middle of another: an airport is no report, in Urdu either."""
    return re.search(rf"(?<!\w){re.escape(word)}", text) is not None
