"""The named questions that a flow may branch on, answered from the session alone."""

from collections.abc import Callable, Mapping

from helpline.core.flow import When
from helpline.core.message import Kind
from helpline.core.script import (
    Script,
    doubtful,
    has_forms,
    near_of,
    near_shown,
    place_of,
    region_of,
)
from helpline.core.session import Session
from helpline.core.window import NEVER

# What the record may answer about a request; neutral words for each stand in the flow.
WAITING, WORKING, HELD, ENDED = "waiting", "working", "held", "ended"
TEXTED = "texted"
CASE_STATES = (WAITING, WORKING, HELD, ENDED)


def holds(script: Script, session: Session, when: When) -> bool:
    return _PREDICATES[when](script, session)


def _answer(slot: str, value: str) -> Callable[[Script, Session], bool]:
    return lambda script, session: session.answers.get(slot) == value


def _found(*states: str) -> Callable[[Script, Session], bool]:
    return lambda script, session: session.found in states


def _finding(script: Script, session: Session) -> bool:
    """Looking for a desk; who then asks for a call says about whom, and looks no more."""
    return session.answers.get("task") == "find" and "about" not in session.answers


def _child_notice(script: Script, session: Session) -> bool:
    return script.programme.child_notice and session.answers.get("about") == "child"


def _has_parts(script: Script, session: Session) -> bool:
    region = region_of(script, session)
    return region is not None and bool(region.parts)


def _area_matters(script: Script, session: Session) -> bool:
    asked = "areas" in session.answers
    return not asked and script.directory.undecided(place_of(script, session))


def _may_write(script: Script, session: Session) -> bool:
    return script.kind is Kind.SMS and session.answers.get("consent") == "yes"


_PREDICATES: Mapping[When, Callable[[Script, Session], bool]] = {
    When.NO_CALL: _answer("window", NEVER),
    When.DANGER: _answer("danger", "yes"),
    When.QUEUED: lambda script, session: bool(session.code),
    When.FINDING: _finding,
    When.CHILD_NOTICE: _child_notice,
    When.HAS_FORMS: lambda script, session: has_forms(script, session.answers.get("concern", "")),
    When.REGION_HAS_PARTS: _has_parts,
    When.PLACE_UNKNOWN: lambda script, session: "place" not in session.answers,
    When.PLACE_DOUBTFUL: lambda script, session: doubtful(session),
    When.ABROAD: lambda script, session: "abroad" in session.answers,
    When.AREA_MATTERS: _area_matters,
    When.DESK_HOURS_KNOWN: lambda script, session: near_shown(script, session).desk.hours.known,
    When.OTHER_DESK: lambda script, session: len(near_of(script, session)) > 1,
    When.ELSEWHERE: _answer("elsewhere", "yes"),
    When.MAY_WRITE: _may_write,
    When.CAN_TEXT: lambda script, session: script.texts,
    When.TEXTED: _found(TEXTED),
    When.LANGUAGE_KNOWN: lambda script, session: bool(session.language),
    When.CASE_KNOWN: _found(*CASE_STATES),
    When.CASE_OPEN: _found(WAITING, WORKING, HELD),
    When.CASE_WORKING: _found(WORKING),
    When.CASE_HELD: _found(HELD),
    When.CASE_ENDED: _found(ENDED),
}
