"""What a phone can send, drawn at random: keys, keys in disguise, names, and garbage of every sort.

Gateways refuse what is not UTF-8, so half a surrogate pair never gets here.
"""

import sys
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from random import Random

from helpline.core.effects import (
    ChangeTime,
    Erase,
    FileReport,
    FindCase,
    Made,
    TellReport,
    TextDesk,
    Withdraw,
)
from helpline.core.fit import BACK_KEY
from helpline.core.flow import Input, Menu
from helpline.core.predicates import CASE_STATES, TEXTED
from helpline.core.report import case_code
from helpline.core.script import Script
from helpline.core.session import Session

LONG = 10_000
NATIVE = ("٠١٢٣٤٥٦٧٨٩", "۰۱۲۳۴۵۶۷۸۹", "០១២៣៤៥៦៧៨៩", "༠༡༢༣༤༥༦༧༨༩", "０１２３４５６７８９")
EVERY_DIGIT = [c for c in map(chr, range(sys.maxunicode)) if unicodedata.category(c) == "Nd"]
INVISIBLE = (
    "\u00ad\u034f\u061c\u17b4\u200b\u200c\u200d\u200e\u200f\u202a\u202e\u2060\u2066\u2069\ufeff"
)
CONTROLS = [chr(code) for code in (*range(32), *range(127, 160), 0x2028, 0x2029)]
SCRIPTS = "abZ é ខ្ញុំស្ត្រី។ བསྒྲུབས་ཧཱུྃ།། مددکہاں؟ بَچّہ देवनागरी 中文 Ελλάδα עברית 12٣៤༥۶ '’€[]{}^|~\\"
EMOJI = ("😀", "👍🏽", "🇧🇹", "👨\u200d👩\u200d👧\u200d👦", "1\ufe0f\u20e3", "\ufffd", "\U0010ffff")
CODES = ("*", "#", "**", "##", "*1#", "*#06#", "1*2*3", "*1098*2#", "1#2", "*" * 300, "1*" * 200)
ODD = ("", " ", "\r\n", "-1", "1.5", "1 2", "½", "²", "Ⅷ", "999", "0" * 50, "STOP", "HELP", "yes")
CODE_LIKE = ("4821-7736", "48217736", "៤៨២១៧៧៣៦", "0000-0000", "4821 7736 8", "+97510000000")
PATTERNS = (
    "{number}",
    "{0.__class__}",
    "%s%n",
    "choice:0",
    "page:99",
    "back",
    "\\u0000",
    "<b>&amp;",
)
SYLLABLES = (
    "a",
    " ",
    "\n",
    "\u0301",
    "ស្ត្រី",
    "\u17d2",
    "བསྒྲུབས་",
    "مدد ",
    "\u200b",
    "😀",
    "1",
    "*",
    "#",
    "é",
)


def key(random: Random, script: Script, session: Session) -> str:
    """A key of the page that is shown."""
    return random.choice([*session.keys]) if session.keys else "1"


def forward(random: Random, script: Script, session: Session) -> str:
    """A choice of the page, or on to the next one."""
    led = [known for known in session.keys if known != BACK_KEY]
    return random.choice(led) if led else key(random, script, session)


def native(random: Random, script: Script, session: Session) -> str:
    """A key of the page in other digits, dressed as phones and people dress it."""
    digits = str.maketrans("0123456789", random.choice(NATIVE))
    before, after = (
        random.choice(["", " ", "\u200f", "\ufeff"]),
        random.choice(["", ".", " )", "#"]),
    )
    return before + key(random, script, session).translate(digits) + after


def command(random: Random, script: Script, session: Session) -> str:
    return random.choice(["0", "00", "8", "9", "98", script.hide_key])


def name(random: Random, script: Script, session: Session) -> str:
    """A place of any programme, in any script and spelling, or a language."""
    place = random.choice([*script.directory.places.values()])
    languages = [language.label for language in script.programme.languages]
    names = [place.name.en, *place.name.local.values(), *place.aliases, *languages]
    said = random.choice(sorted(names))
    return random.choice([said, said.upper(), f" {said}. ", said[: len(said) // 2], said * 3])


def odd(random: Random, script: Script, session: Session) -> str:
    return random.choice([*ODD, *CODES, *CODE_LIKE, *PATTERNS, *EMOJI])


def digits(random: Random, script: Script, session: Session) -> str:
    """Digits of every script that has some, also mixed."""
    return "".join(random.choices(EVERY_DIGIT, k=random.choice([1, 1, 2, 3, 8])))


def unseen(random: Random, script: Script, session: Session) -> str:
    return "".join(random.choices([*INVISIBLE, *CONTROLS, "1", "x"], k=random.randint(1, 12)))


def mixed(random: Random, script: Script, session: Session) -> str:
    """Words of several scripts; long enough to be taken for a story."""
    return "".join(random.choices([*SCRIPTS, *EMOJI], k=random.randint(1, 160)))


def anything(random: Random, script: Script, session: Session) -> str:
    """Octets that happen to be UTF-8, and others as a gateway would mend them."""
    return random.randbytes(random.randint(1, 40)).decode("utf-8", "replace")


def long(random: Random, script: Script, session: Session) -> str:
    """Ten thousand characters, with a key at an end or without."""
    run = (random.choice(SYLLABLES) * LONG)[: LONG - 1]
    return random.choice([run + "1", "1" + run, run + "x", "1" + run[1:] + "x"])


def keyword(random: Random, script: Script, session: Session) -> str:
    """A shortcut's word in some language, alone or with something behind it."""
    known = random.choice(script.flow.shortcuts)
    word = random.choice(sorted(said for words in known.words.values() for said in words))
    behind = random.choice(["", " Punakha", f" {random.choice(CODE_LIKE)}", ": Gwadar", "x"])
    return f"{word}{behind}"


def asked(random: Random, script: Script, session: Session) -> str:
    """The words that the screen asks for; elsewhere a key."""
    screen = script.flow.screens[session.screen]
    wanted = screen.typed.input if isinstance(screen, Menu) and screen.typed else None
    match wanted:
        case Input.CASE:
            return random.choice([case_code(random.randrange(10**7)), *CODE_LIKE])
        case Input.WORD:
            return random.choice(["blue bird", "  Blue BIRD.", "4711", "ab", "x" * 31, "གླང"])
        case Input.STORY:
            return mixed(random, script, session)
        case Input.PLACE:
            return name(random, script, session)
        case None:
            return forward(random, script, session)


WAYS: Mapping[Callable[[Random, Script, Session], str], int] = {
    forward: 46,
    asked: 12,
    keyword: 2,
    key: 8,
    native: 12,
    command: 5,
    name: 6,
    odd: 5,
    digits: 2,
    unseen: 2,
    mixed: 4,
    anything: 2,
    long: 2,
}


def typed(random: Random, script: Script, session: Session) -> str:
    """One input. Most are valid, so that a session gets anywhere."""
    (way,) = random.choices([*WAYS], [*WAYS.values()])
    return way(random, script, session)


def acknowledged(
    random: Random,
    before: Session,
    after: Session,
    effects: Sequence[Made],
    script: Script,
    now: datetime,
) -> Session:
    """The session once the record has answered each effect, in any way that it may."""
    for effect in effects:
        match effect:
            case FileReport():
                code = case_code(random.randrange(10**7))
                after = replace(after, code=code, filed_at=now.isoformat())
            case TellReport():  # split off for its own word: another request from then on
                code = random.choice([after.code, after.code, case_code(random.randrange(10**7))])
                after = replace(after, code=code)
            case FindCase():
                after = replace(after, found=random.choice(("", *CASE_STATES)))
            case TextDesk():
                after = replace(after, found=random.choice(("", TEXTED)))
            case ChangeTime() | Withdraw() | Erase():
                if random.random() < 0.2:  # refused: the request is shown as it stands
                    found = random.choice(("", *CASE_STATES))
                    after = replace(before, screen=script.flow.case, found=found, page=0)
    return after
