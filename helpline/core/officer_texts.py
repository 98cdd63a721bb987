"""What officers text from a duty phone, and what that phone is told: command words and answers.

Pure. A text is a command only as a whole: one word of the table, perhaps with a request's short
number. Anything else may be somebody who asks for help on that phone, and is no command.
"""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import Enum

from helpline.core.label import N_, Name, Text
from helpline.core.script import plain


class Order(Enum):
    TAKE = "take"
    NO_ANSWER = "no_answer"
    DONE = "done"
    LATER = "later"


# The first word of a language is the one that the answers name. No carrier's word stands here
# (SAFETY 18), no word that leads callers to a screen, and no word in two rows.
WORDS: Mapping[Order, Mapping[str, tuple[str, ...]]] = {
    Order.TAKE: {
        "en": ("TAKE", "I take", "mine"),
        "dz": ("ལེན", "ང་ལེན", "ང་གིས་ལེན"),
        "dz_Latn": ("LEN", "nga len", "nga gi len"),
        "ur": ("قبول", "قبول ہے", "لے لیا"),
        "ur_Latn": ("QABOOL", "qabul", "kabool", "qabool hai", "le liya"),
        "km": ("ទទួល", "ខ្ញុំទទួល", "យក"),
    },
    Order.NO_ANSWER: {
        "en": ("NO ANSWER", "no reply", "not answered"),
        "dz": ("ལན་མེད", "ལན་མིན་འདུག"),
        "dz_Latn": ("LEN ME", "len med", "lan me", "len mindu"),
        "ur": ("جواب نہیں", "جواب نہیں ملا", "کوئی جواب نہیں"),
        "ur_Latn": ("JAWAB NAHIN", "jawab nahi", "jawab nai", "jawab nahin mila", "no jawab"),
        "km": ("មិនឆ្លើយ", "អត់ឆ្លើយ", "គ្មានចម្លើយ"),
    },
    Order.DONE: {
        "en": ("DONE", "reached"),
        "dz": ("འབད་ཚར", "འབད་ཚར་ཡི", "ཚར་ཡི"),
        "dz_Latn": ("BAY TSHAR", "be tshar", "bay tshar yi", "tshar yi"),
        "ur": ("ہو گیا", "ہو گئی", "مکمل"),
        "ur_Latn": ("HO GAYA", "ho gya", "ho gai", "ho gayi", "mukammal"),
        "km": ("រួចហើយ", "រួច"),
    },
    Order.LATER: {
        "en": ("LATER", "release"),
        "dz": ("ཤུལ་ལས", "ཤུལ་ལུ"),
        "dz_Latn": ("SHUE LAY", "shu lay", "shue lu"),
        "ur": ("بعد میں",),
        "ur_Latn": ("BAAD MEIN", "bad mein", "baad me", "baad main", "bad me"),
        "km": ("ពេលក្រោយ", "ក្រោយ"),
    },
}

# NOTE: {ref} is a short number that opens nothing by itself. Anyone may see this phone.
YOURS = N_("Request {ref} is yours until {time}.")
NOTED = N_("Request {ref}: noted.")
COLLEAGUE = N_("Request {ref} is with a colleague.")
# NOTE: this officer may not take the request, another one may; not why
OTHERS = N_("Request {ref} is for another colleague.")
NOT_NOW = N_("Request {ref} cannot be called now.")
UNKNOWN = N_("Request {ref} was not found.")
# NOTE: {take} is a word to be texted back, such as TAKE
NOT_YOURS = N_("Request {ref} is not yours now. Send {take} {ref}.")
# NOTE: {done} and {noanswer} are words to be texted back, such as DONE and NO ANSWER
FINISH = N_("Request {ref}: first send {done} or {noanswer}.")
NOTHING = N_("No request is ready to be called now.")
NONE_HELD = N_("You have no request now. Send {take}.")
TAKE_PHONE = N_("Please sign in and take this phone first.")
# NOTE: four words to be texted back, such as TAKE 12
HOW = N_("Send {take}, {done}, {noanswer} or {later} with the number.")

ANSWERS: Mapping[str, str] = {
    "yours": YOURS,
    "noted": NOTED,
    "colleague": COLLEAGUE,
    "others": OTHERS,
    "not now": NOT_NOW,
    "unknown": UNKNOWN,
    "not yours": NOT_YOURS,
    "finish": FINISH,
    "nothing": NOTHING,
    "none held": NONE_HELD,
    "take phone": TAKE_PHONE,
    "how": HOW,
}

LONGEST = 60  # characters of a text that is looked at
REF_DIGITS = 7  # longer ones are no request's number: a phone's or a case's is never said back
# Blanks, tshegs, punctuation and marks that no eye sees: not part of a word.
_DRESS = re.compile(
    "[\\s\u00ad\u061c\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\u0f0b-\u0f14"
    "'’`\"#+*.,:;!?()\\[\\]/_\\-\u2013\u2026\u060c\u061b\u061f\u06d4\u17d4-\u17d6]+"
)
_NUMBER = re.compile("[0-9]+")
_WHOLE = re.compile("[0-9]*([^0-9]+)[0-9]*")
# Keyboards for Arabic, Persian and Urdu give one letter under several codes.
_ALIKE = str.maketrans(
    {**dict.fromkeys("يىې", "ی"), **dict.fromkeys("كڪ", "ک"), **dict.fromkeys("هةۃۂۀەھ", "ہ")}
    | {**dict.fromkeys("أإٱآ", "ا"), "ؤ": "و", "ئ": "ی", "ں": "ن"}
)
_VOWEL_MARKS = re.compile("[\u0610-\u061a\u0640\u064b-\u0655\u0670]")


@dataclass(frozen=True, slots=True)
class Command:
    """`code` None: none was given. Not `clear`: more than one number, or none of a request."""

    order: Order
    code: int | None = None
    clear: bool = True


def read(text: str, languages: Collection[str]) -> Command | None:
    """The command that the whole text is, in one of these languages; None for anything else."""
    if len(text) > LONGEST:
        return None
    said = plain(text)
    word = _WHOLE.fullmatch(_DRESS.sub("", said))
    order = _orders(languages).get(_bare(word[1])) if word else None
    if order is None:
        return None
    numbers = _NUMBER.findall(said)
    if not numbers:
        return Command(order)
    if len(numbers) > 1 or len(numbers[0]) > REF_DIGITS:
        return Command(order, clear=False)
    return Command(order, int(numbers[0]))


def _bare(word: str) -> str:
    """A word as compared: no dress, one code per letter."""
    return _VOWEL_MARKS.sub("", _DRESS.sub("", plain(word))).translate(_ALIKE)


def _orders(languages: Collection[str]) -> Mapping[str, Order]:
    return {
        _bare(word): order
        for order, spoken in WORDS.items()
        for language in languages
        for word in spoken.get(language, ())
    }


def word_of(order: Order) -> Name:
    """The word that the answers name, in each language."""
    local = {language: words[0] for language, words in WORDS[order].items()}
    return Name(local["en"], local)


def answer(words: str, ref: int | str = "", time: str = "") -> Text:
    """The words of one of ANSWERS, filled in."""
    named = {order.value.replace("_", ""): word_of(order) for order in Order}
    return Text(words, {**named, "ref": str(ref), "time": time})
