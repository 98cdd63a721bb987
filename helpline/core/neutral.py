"""Words that must never stand in a notification or on a session's last screen (SAFETY 5)."""

# One list per language: organisations, violence, police, reports, desks, child protection.
WORDS = {
    "en": ("police", "violen", "report", "desk", "protect", "abuse", "traffick", "unit", "victim"),
    "dz": ("འགག་པ", "རྩུབ་སྤྱོད", "སྙན་ཞུ", "ཡིག་ཚང", "ཉེན་སྐྱོབ", "སྲུང་སྐྱོབ", "ཉོ་བཙོང"),
    "dz_Latn": ("gagpa", "tsubchoe", "nyenzhu", "yigtshang", "nyenchop", "nyotsong"),
    "ur": ("پولیس", "تشدد", "رپورٹ", "ڈیسک", "تحفظ", "زیادتی", "ظلم", "خرید و فروخت"),
    "ur_Latn": ("police", "tashaddud", "report", "desk", "tahaffuz", "zyadti", "zulm"),
    "km": ("នគរបាល", "ហិង្សា", "របាយការណ៍", "ការិយាល័យ", "ការពារ", "រំលោភ", "ជួញដូរ"),
}


def telling(text: str, language: str) -> list[str]:
    """The words of `text` that would tell an onlooker what this is about."""
    lowered = text.casefold()
    return [word for word in (*WORDS[language], *WORDS["en"]) if word in lowered]
