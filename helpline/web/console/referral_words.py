"""Referrals as pages show them: a line for both sides, and what was shared, in words."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from helpline.core.facts import Age, Sex
from helpline.core.label import N_, O_, Text
from helpline.core.officer_words import AGES, SEXES
from helpline.core.referral import FIELD_WORDS, LIVE, REASON_WORDS, STATE_WORDS, Field
from helpline.core.window import Window
from helpline.service.receiving import Opened
from helpline.service.referral_lines import Sent
from helpline.web.console.rows import language_name, window_words
from helpline.web.console.visit import Clock, Visit

ABOUT = {"me": N_("Me"), "adult": N_("Another adult"), "child": N_("A child")}
UNSAID = O_("not said")
NO_TIME = O_("no safe time now")


@dataclass(frozen=True, slots=True)
class Line:
    """One referral in a list; nothing of the person's. `open`: it can still be answered."""

    id: str
    ref: int
    sender: str
    partner: str
    officer: str
    state: str
    state_code: str
    reason: str
    fields: str
    live: bool
    open: bool
    until: str
    sent: str


def line_of(visit: Visit, sent: Sent, clock: Clock) -> Line:
    return Line(
        id=sent.id,
        ref=sent.ref,
        sender=visit.desk_name(sent.from_desk),
        partner=visit.desk_name(sent.to_desk),
        officer=sent.officer,
        state=visit.say(STATE_WORDS[sent.state]),
        state_code=sent.state.value,
        reason=visit.say(REASON_WORDS[sent.reason]) if sent.reason else "",
        fields=", ".join(visit.say(FIELD_WORDS[field]) for field in sent.fields),
        live=sent.live,
        open=sent.state in LIVE,
        until=clock.moment(sent.consent_until),
        sent=clock.moment(sent.created_at),
    )


def shared_of(visit: Visit, opened: Opened, clock: Clock) -> list[tuple[str, str, str]]:
    """Name of the field, what is known of it, and its code."""
    said: Mapping[Field, Callable[[object], str]] = {
        Field.PLACE: lambda value: _place(visit, str(value)),
        Field.CONCERN: lambda value: _concern(visit, opened.line, str(value)),
        Field.ABOUT: lambda value: _caller(visit, ABOUT.get(str(value), "")),
        Field.LANGUAGE: lambda value: language_name(visit, str(value)),
        Field.SAFE_TIME: lambda value: _times(visit, value, clock),
        Field.AGE: lambda value: visit.say(AGES[Age(str(value))]),
        Field.SEX: lambda value: visit.say(SEXES[Sex(str(value))]),
        Field.NOTE: str,
    }
    return [
        (visit.say(FIELD_WORDS[field]), said[field](value) or visit.say(UNSAID), field.value)
        for field, value in opened.shared.items()
    ]


def _place(visit: Visit, code: str) -> str:
    place = visit.content.directory.places.get(code)
    return place.name.in_language(visit.voice.language) if place else ""


def _concern(visit: Visit, line: Sent, value: str) -> str:
    concerns = visit.programme_of(line.from_desk).concerns
    return next((_caller(visit, c.label) for c in concerns if c.value == value), "")


def _caller(visit: Visit, msgid: str) -> str:
    return visit.caller_voice.say(Text(msgid)) if msgid else ""


def _times(visit: Visit, windows: object, clock: Clock) -> str:
    assert isinstance(windows, tuple)
    known: Iterable[Window] = windows
    current = sorted((one.current(visit.now) for one in known), key=lambda one: one.start)
    words = [window_words(visit, window, clock) for window in current]
    return "; ".join(words) or visit.say(NO_TIME)


def choices(visit: Visit, words: Mapping[object, str]) -> list[tuple[str, str]]:
    """The values of an Enum with their words, for a list to choose from."""
    return [(choice.value, visit.say(label)) for choice, label in words.items()]  # type: ignore[attr-defined]
