"""The vocabulary of flows: frozen tables of screens, no code and no content of their own."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum

from helpline.core.label import N_ as N_  # flows import everything they need from here


class Source(Enum):
    """Where a menu's choices come from when they are data and not written in the flow."""

    LANGUAGES = "languages"
    CONCERNS = "concerns"
    REGIONS = "regions"
    DISTRICTS = "districts"
    AREAS = "areas"
    WINDOWS = "windows"


class When(Enum):
    """Named questions about the answers so far; the only branching that a flow can do."""

    NO_CALL = "no_call"
    DISTRICT_HAS_AREAS = "district_has_areas"
    DESK_ALWAYS_OPEN = "desk_always_open"
    OTHER_DESK = "other_desk"
    QUEUED = "queued"
    FINDING = "finding"
    CHILD_NOTICE = "child_notice"


class Effect(Enum):
    """What a choice does beyond showing the next screen."""

    FILE_REPORT = "file_report"
    FILE_DANGER = "file_danger"
    PLACE_REPORT = "place_report"


@dataclass(frozen=True, slots=True)
class Branch:
    when: When
    goto: str


Goto = str | tuple[Branch | str, ...]


@dataclass(frozen=True, slots=True)
class Choice:
    """One option. Its key is its place on the page, so that paging can never lose one.

    `sets` are answers remembered in the session; with `when` it is offered only while that holds.
    """

    label: str
    goto: Goto
    sets: Mapping[str, str] = field(default_factory=dict)
    effects: tuple[Effect, ...] = ()
    when: When | None = None


@dataclass(frozen=True, slots=True)
class From:
    """Choices from data: the chosen value is remembered as `slot`."""

    source: Source
    slot: str
    goto: Goto
    effects: tuple[Effect, ...] = ()


@dataclass(frozen=True, slots=True)
class Variant:
    """Other words for a prompt, said instead while `when` holds."""

    when: When
    prompt: str


@dataclass(frozen=True, slots=True)
class Menu:
    """A question. `choices` written here come after those of `source`."""

    prompt: str
    choices: tuple[Choice, ...] = ()
    source: From | None = None
    variants: tuple[Variant, ...] = ()


@dataclass(frozen=True, slots=True)
class End:
    """The last screen of a session: neutral enough to be seen by someone else (SAFETY 13)."""

    prompt: str


@dataclass(frozen=True)
class Flow:
    """A named, versioned set of screens. A renamed or removed screen bumps the version.

    `home` is where 00 leads and what a known language begins with; `lost` is offered after three
    wrong keys; `decoy`, `hint` and the labels of the keys are said on any screen.
    """

    name: str
    version: int
    first: str
    home: str
    lost: str
    lost_again: str
    screens: Mapping[str, Menu | End]
    decoy: str
    hint: str
    more: str
    back: str
    hide: str
    not_saved: str
