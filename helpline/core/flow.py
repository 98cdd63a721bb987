"""The vocabulary of flows: frozen tables of screens, no code and no content of their own."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum

from helpline.core.label import N_ as N_  # flows import everything they need from here


class Source(Enum):
    """Where a menu's choices come from when they are data and not written in the flow."""

    LANGUAGES = "languages"
    CONCERNS = "concerns"
    FORMS = "forms"
    REGIONS = "regions"
    PARTS = "parts"  # of a region
    DISTRICTS = "districts"
    AREAS = "areas"
    CANDIDATES = "candidates"  # the places that were typed, perhaps
    WINDOWS = "windows"
    BOOKLETS = "booklets"


class Said(Enum):
    """A prompt that is the programme's own and not written in the flow."""

    GREETING = "greeting"  # the emergency number first, before a language is known
    DISTRICT_QUESTION = "district_question"
    BOOKLET = "booklet"


class Input(Enum):
    """What may be typed at a menu besides its keys."""

    PLACE = "place"  # a place of the programme, by any of its names
    CASE = "case"  # a request number
    WORD = "word"  # a code word, or digits that are no key
    STORY = "story"  # free text


class When(Enum):
    """Named questions about the answers so far; the only branching that a flow can do."""

    NO_CALL = "no_call"
    DANGER = "danger"
    QUEUED = "queued"
    FINDING = "finding"
    CHILD_NOTICE = "child_notice"
    HAS_FORMS = "has_forms"
    REGION_HAS_PARTS = "region_has_parts"
    PLACE_UNKNOWN = "place_unknown"  # the region has more than one district
    PLACE_DOUBTFUL = "place_doubtful"  # what was typed may be one of several
    ABROAD = "abroad"  # in another programme's country
    AREA_MATTERS = "area_matters"  # parts of the district have desks of their own
    DESK_HOURS_KNOWN = "desk_hours_known"
    OTHER_DESK = "other_desk"  # there is another desk to go to
    ELSEWHERE = "elsewhere"  # another desk was asked for
    MAY_WRITE = "may_write"  # a text can be longer than a key, and sharing was agreed
    CAN_TEXT = "can_text"  # the answer can be sent to an inbox that is not this one
    TEXTED = "texted"
    LANGUAGE_KNOWN = "language_known"
    CASE_KNOWN = "case_known"
    CASE_OPEN = "case_open"
    CASE_WORKING = "case_working"
    CASE_HELD = "case_held"
    CASE_ENDED = "case_ended"


class Effect(Enum):
    """What a choice does beyond showing the next screen."""

    FILE_CALL = "file_call"  # a callback at the chosen time, unless she wants none
    FILE_DANGER = "file_danger"
    FILE_REPORT = "file_report"  # what was told, where no call was wanted; else like TELL
    TELL = "tell"  # the newest answers join what this dialogue filed
    FIND_CASE = "find_case"
    CHANGE_TIME = "change_time"
    WITHDRAW = "withdraw"
    ERASE = "erase"
    TEXT_DESK = "text_desk"


@dataclass(frozen=True, slots=True)
class Branch:
    when: When
    goto: str


Goto = str | tuple[Branch | str, ...]


@dataclass(frozen=True, slots=True)
class Choice:
    """One option. Its key is its place on the page, so that paging can never lose one.

    `sets` are answers remembered in the session; with `when` it is offered only while that holds,
    with `unless` only while that does not. `returns`: it leads back to the screen before, as key
    0 does.
    """

    label: str
    goto: Goto = ""
    sets: Mapping[str, str] = field(default_factory=dict)
    effects: tuple[Effect, ...] = ()
    when: When | None = None
    unless: When | None = None
    returns: bool = False


@dataclass(frozen=True, slots=True)
class From:
    """Choices from data: the chosen value is remembered as `slot`."""

    source: Source
    slot: str
    goto: Goto
    effects: tuple[Effect, ...] = ()


@dataclass(frozen=True, slots=True)
class Typed:
    """What a caller may type here, remembered as `slot` (a place: as place, candidates, abroad).

    `hint` is said instead of the flow's when it was not understood.
    """

    input: Input
    slot: str
    goto: Goto
    effects: tuple[Effect, ...] = ()
    hint: str = ""


@dataclass(frozen=True, slots=True)
class Variant:
    """Other words for a prompt, said instead while `when` holds."""

    when: When
    prompt: str


@dataclass(frozen=True, slots=True)
class Menu:
    """A question. `choices` written here come after those of `source`."""

    prompt: str | Said
    choices: tuple[Choice, ...] = ()
    source: From | None = None
    typed: Typed | None = None
    variants: tuple[Variant, ...] = ()


@dataclass(frozen=True, slots=True)
class End:
    """The last screen of a session: neutral enough to be seen by someone else (SAFETY 13)."""

    prompt: str
    variants: tuple[Variant, ...] = ()


Screens = Mapping[str, Menu | End]


@dataclass(frozen=True, slots=True)
class Shortcut:
    """A stable way straight to a screen: `*1098*dial#`, or a text that begins with a word.

    `words` are per language; a word of one language alone also chooses that language. What
    follows the word is typed at the screen: `DESK Punakha`.
    """

    name: str
    dial: str
    goto: str
    words: Mapping[str, tuple[str, ...]]
    sets: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Flow:
    """A named, versioned set of screens. A renamed or removed screen bumps the version.

    `home` is where 00 leads and what a known language begins with; `resume` is offered when a
    dropped dialogue is dialled again; `lost` is offered after three wrong keys, `enough` instead
    where a callback is queued already; `case` shows a request; `urgent` stands before the screen
    of a shortcut; `decoy`, `hint` and the labels of the keys are said on any screen.
    """

    name: str
    version: int
    first: str
    home: str
    resume: str
    lost: str
    lost_again: str
    enough: Goto
    case: str
    screens: Screens
    shortcuts: tuple[Shortcut, ...]
    urgent: str
    decoy: str
    hint: str
    more: str
    back: str
    hide: str
    not_saved: str
