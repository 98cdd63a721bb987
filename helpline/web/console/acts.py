"""What the forms of a request do. A refusal shows the page again with what was typed."""

import re
from collections.abc import Awaitable, Callable
from functools import partial
from http import HTTPStatus

from starlette.responses import Response

from helpline.core.access import Act
from helpline.core.errors import Refused, RefusedRequest
from helpline.service.lines import QueueRow
from helpline.service.notes import LONGEST
from helpline.service.patience import in_time
from helpline.web.console.case import (
    Opened,
    again,
    attempted_of,
    facts_of,
    outcome_of,
    show,
)
from helpline.web.console.doors import POST, Door
from helpline.web.console.visit import HEADERS, Visit, go

_ID = re.compile(r"[0-9a-f]{32}")
_FENCE = re.compile(r"[0-9]{1,9}")
_BASE = "/console/desk/{desk}/callback/{callback}"


def _fence(visit: Visit) -> int:
    given = visit.given("fence")
    if not _FENCE.fullmatch(given):
        raise RefusedRequest(HTTPStatus.BAD_REQUEST, "no claim number")
    return int(given)


def _here(visit: Visit) -> str:
    return f"/console/desk/{visit.desk}/callback/{visit.number}"


def _queue(visit: Visit, said: str) -> Response:
    return go(f"/console/desk/{visit.desk}", said=said)


def _note_id(visit: Visit) -> str:
    given = visit.given("note_id")
    if not _ID.fullmatch(given):
        raise RefusedRequest(HTTPStatus.BAD_REQUEST, "no name for the note")
    return given


async def claim(visit: Visit) -> Response:
    act = visit.parts.desk.claim
    try:
        await in_time(partial(act, visit.desk, visit.officer, visit.number, visit.now))
    except Refused as refused:
        return await again(visit, refused)
    return go(_here(visit))


async def attempt(visit: Visit) -> Response:
    """The number, once, in this answer; with the word that opens the call."""
    try:
        act = visit.parts.desk.attempt
        ring = partial(act, visit.desk, visit.officer, visit.number, _fence(visit), visit.now)
        revealed = await in_time(ring)
    except Refused as refused:
        return await again(visit, refused)
    drops = revealed.if_call_drops
    return await show(visit, Opened(number=revealed.number, words=revealed.words, drops=drops))


async def outcome(visit: Visit) -> Response:
    """How the call went, with a note. Refused, both stand in the form again."""
    desk, who, number, now = visit.desk, visit.officer, visit.number, visit.now
    went, text = attempted_of(visit), visit.given("note", limit=2 * LONGEST)
    note_id, fence = _note_id(visit), _fence(visit)
    try:
        write = visit.parts.casework.write_down
        await in_time(partial(write, desk, who, number, went, fence, note_id, text, now))
    except Refused as refused:
        return await again(visit, refused, outcome=went.value, note=text, note_id=note_id)
    return go(_here(visit)) if went.value == "reached_safe" else _queue(visit, "outcome")


async def note(visit: Visit) -> Response:
    text, note_id = visit.given("note", limit=2 * LONGEST), _note_id(visit)
    add = partial(visit.parts.casework.add_note, visit.desk, visit.officer, visit.number)
    try:
        await in_time(partial(add, note_id, text, visit.now))
    except Refused as refused:
        return await again(visit, refused, note=text, note_id=note_id)
    return go(_here(visit))


async def close(visit: Visit) -> Response:
    desk, who, number, now = visit.desk, visit.officer, visit.number, visit.now
    came, facts, fence = outcome_of(visit), facts_of(visit), _fence(visit)
    try:
        end = visit.parts.casework.end
        await in_time(partial(end, desk, who, number, came, facts, fence, now))
    except Refused as refused:
        return await again(visit, refused, outcome=came.value)
    return _queue(visit, "closed")


async def story(visit: Visit) -> Response:
    """What was told, once, in this answer."""
    desk, who, number = visit.desk, visit.officer, visit.number
    read = partial(visit.parts.casework.story, desk, who, number, visit.given("reason"), visit.now)
    try:
        told = await in_time(read)
    except Refused as refused:
        return await again(visit, refused)
    reports = told["reports"]
    assert isinstance(reports, list)
    return await show(visit, Opened(told=reports))


async def _simple(visit: Visit, act: Callable[[], QueueRow], said: str) -> Response:
    try:
        await in_time(act)
    except Refused as refused:
        return await again(visit, refused)
    return _queue(visit, said)


async def release(visit: Visit) -> Response:
    desk, who, number = visit.desk, visit.officer, visit.number
    act = partial(visit.parts.casework.release, desk, who, number, _fence(visit), visit.now)
    return await _simple(visit, act, "released")


async def hand_over(visit: Visit) -> Response:
    desk, who, number, to = visit.desk, visit.officer, visit.number, visit.given("to")
    act = partial(visit.parts.casework.hand_over, desk, who, number, _fence(visit), to, visit.now)
    return await _simple(visit, act, "handed_over")


async def pass_on(visit: Visit) -> Response:
    desk, who, number, to = visit.desk, visit.officer, visit.number, visit.given("to")
    act = partial(visit.parts.casework.pass_on, desk, who, number, to, visit.now)
    return await _simple(visit, act, "passed_on")


async def decide(visit: Visit) -> Response:
    acts = {"reopen": visit.parts.desk.reopen, "hold": visit.parts.casework.hold}
    act = acts.get(visit.given("do"))
    if act is None:
        raise RefusedRequest(HTTPStatus.BAD_REQUEST, "no such decision")
    decided = partial(act, visit.desk, visit.officer, visit.number, visit.now)
    return await _simple(visit, decided, "decided")


async def renew(visit: Visit) -> Response:
    """Somebody types: the claim lasts on. 204, or 409 once it is over."""
    desk, who, number = visit.desk, visit.officer, visit.number
    act = partial(visit.parts.casework.renew, desk, who, number, _fence(visit), visit.now)
    try:
        await in_time(act)
    except Refused:
        return Response(status_code=HTTPStatus.CONFLICT, headers=HEADERS)
    return Response(status_code=HTTPStatus.NO_CONTENT, headers=HEADERS)


_FORMS: dict[str, tuple[Callable[[Visit], Awaitable[Response]], Act]] = {
    "claim": (claim, Act.WORK),
    "attempt": (attempt, Act.WORK),
    "outcome": (outcome, Act.WORK),
    "note": (note, Act.WORK),
    "close": (close, Act.WORK),
    "story": (story, Act.WORK),
    "release": (release, Act.WORK),
    "hand-over": (hand_over, Act.WORK),
    "renew": (renew, Act.WORK),
    "pass-on": (pass_on, Act.REVIEW),
    "decide": (decide, Act.REVIEW),
}
DOORS = [Door(POST, f"{_BASE}/{name}", answer, act) for name, (answer, act) in _FORMS.items()]
