"""One country's service as data: languages, numbers, concerns, regions and rules."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from zoneinfo import ZoneInfo

RTL = frozenset({"ur"})
WAIT, CALL_AGAIN = "wait", "call_again"  # when a callback's line drops
IGNORE, REVIEW, CALL_BACK = "ignore", "review", "call_back"  # what a missed call is taken for


@dataclass(frozen=True, slots=True)
class Language:
    """`label` is readable on a phone without the language's font."""

    code: str
    label: str


@dataclass(frozen=True, slots=True)
class Form:
    """A kind of one concern that its procedure tells apart."""

    value: str
    label: str


@dataclass(frozen=True, slots=True)
class Concern:
    """An `urgent` concern makes the callback a high priority even without danger now."""

    value: str
    label: str
    urgent: bool = False
    forms: tuple[Form, ...] = ()


@dataclass(frozen=True, slots=True)
class Booklet:
    """One text of "know your rights". `phone` is a verified line that the text names."""

    value: str
    title: str
    text: str
    phone: str = ""


@dataclass(frozen=True, slots=True)
class Region:
    """One choice of "where": some districts, or parts that have them, on one short page.

    Its label is a catalogue string, which may name `place`, or the place's own name. One district
    alone is chosen with the region. `place` is what is known when no more is told.
    """

    value: str
    label: str = ""
    districts: tuple[str, ...] = ()
    place: str = ""
    parts: tuple["Region", ...] = ()


@dataclass(frozen=True, slots=True)
class Rules:
    """Starting values of CALLBACKS.md; each programme may set its own."""

    lease_danger: timedelta = timedelta(minutes=2)
    lease: timedelta = timedelta(minutes=15)
    lease_attempt: timedelta = timedelta(minutes=60)  # a call that helps is long
    consent: timedelta = timedelta(days=7)  # how long a safe time is believed (SAFETY 3)
    due_danger: timedelta = timedelta(minutes=5)
    due_high: timedelta = timedelta(hours=1)
    due_normal: timedelta = timedelta(hours=24)
    attempts: int = 3
    join: timedelta = timedelta(hours=48)
    if_call_drops: str = WAIT  # stored with each request (SAFETY 4)
    # Concerns, or concern.form, of a child that only a trained child interviewer takes.
    interviewer_for: frozenset[str] = frozenset()
    referral_days: tuple[int, ...] = (7, 30, 90)  # how long a partner may read (SAFETY 11)
    missed_call: str = REVIEW  # what a missed call leads to, where a channel takes them (SAFETY 16)


@dataclass(frozen=True)
class Programme:
    """`country` is the root place; `greeting` the first screen's line, before a language is known.

    `helplines` maps a place (or the country) to the verified line shown where a desk has none.
    """

    code: str
    name: str
    country: str
    zone: ZoneInfo
    languages: tuple[Language, ...]
    emergency: str
    greeting: str
    concerns: tuple[Concern, ...]
    booklets: tuple[Booklet, ...]
    regions: tuple[Region, ...]
    district_question: str
    helplines: Mapping[str, str]
    desk_kinds: Mapping[str, str]
    child_notice: bool = True  # the law demands reporting of a child at risk (SAFETY 12)
    rules: Rules = field(default_factory=Rules)

    def speaks(self, language: str) -> bool:
        return any(known.code == language for known in self.languages)

    def region(self, value: str) -> Region | None:
        return next((region for region in self.regions if region.value == value), None)
