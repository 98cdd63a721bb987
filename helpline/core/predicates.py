"""The named questions that a flow may branch on, answered from the session alone."""

from collections.abc import Callable, Mapping

from helpline.core.flow import When
from helpline.core.message import Kind
from helpline.core.script import Script, areas_of, desk_of, has_forms, ladder_of
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


def _areas_to_ask(script: Script, session: Session) -> bool:
    return "area" not in session.answers and bool(areas_of(script, session))


def _may_write(script: Script, session: Session) -> bool:
    return script.kind is Kind.SMS and session.answers.get("consent") == "yes"


_PREDICATES: Mapping[When, Callable[[Script, Session], bool]] = {
    When.NO_CALL: _answer("window", NEVER),
    When.DANGER: _answer("danger", "yes"),
    When.QUEUED: lambda script, session: bool(session.code),
    When.FINDING: _finding,
    When.CHILD_NOTICE: _child_notice,
    When.HAS_FORMS: lambda script, session: has_forms(script, session.answers.get("concern", "")),
    When.DISTRICT_HAS_AREAS: _areas_to_ask,
    When.DESK_ALWAYS_OPEN: lambda script, session: desk_of(script, session).always_open,
    When.OTHER_DESK: lambda script, session: len(ladder_of(script, session)) > 1,
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
