"""The partner's pages: what her desk was sent; one referral, opened with a reason; her answer."""

import re
from dataclasses import replace
from functools import partial
from http import HTTPStatus

from starlette.responses import Response

from helpline.core.access import Act
from helpline.core.errors import Refused, RefusedRequest
from helpline.core.label import O_
from helpline.core.referral import REJECTED_WORDS, WHY_WORDS, Rejected, Why
from helpline.service.patience import in_time
from helpline.service.receiving import Opened, Receiving
from helpline.service.referral_lines import Sent
from helpline.web.console.doors import GET, POST, Door
from helpline.web.console.referral_words import choices, line_of, shared_of
from helpline.web.console.visit import Clock, Visit, clock_of, go, page

_ID = re.compile("[0-9a-f]{32}")
_LIST = "/console/referrals"
_ONE = f"{_LIST}/{{referral}}"
NOTICES = {
    "accepted": O_("Accepted. The desk that sent it sees that."),
    "rejected": O_("Not accepted. The desk that sent it is told."),
    "done": O_("Done. The desk that sent it sees that."),
}


def _partner(visit: Visit) -> Receiving:
    return visit.parts.referring.partner


def _named(visit: Visit) -> str:
    given = str(visit.request.path_params["referral"])
    if not _ID.fullmatch(given):
        raise RefusedRequest(HTTPStatus.NOT_FOUND, "no referral has this name")
    return given


def _clock(visit: Visit, sent: Sent) -> Clock:
    """On the clock of the desk that was sent it."""
    return replace(clock_of(visit), zone=visit.zone_of(sent.to_desk))


async def received(visit: Visit) -> Response:
    """The referrals of all her desks; those that wait for an answer on top."""
    found: list[Sent] = []
    for desk in visit.signed_in.desks:
        found += await in_time(partial(_partner(visit).inbox, desk, visit.officer, visit.now))
    said = NOTICES.get(visit.request.query_params.get("said", ""))
    lines = [line_of(visit, sent, _clock(visit, sent)) for sent in found]
    values = {
        "lines": sorted(lines, key=lambda line: not line.live),
        "several": len(visit.signed_in.desks) > 1,
        "notice": visit.say(said) if said else "",
    }
    return page(visit, "referrals.html", values)


async def one(visit: Visit) -> Response:
    return await _show(visit)


async def _show(
    visit: Visit,
    *,
    opened: Opened | None = None,
    number: str = "",
    problem: str = "",
    status: int = HTTPStatus.OK,
) -> Response:
    """`opened` and `number` are shown once, in the answer to the form that asked for them."""
    look = partial(_partner(visit).look, _named(visit), visit.officer, visit.now)
    sent = await in_time(look)
    clock = _clock(visit, sent)
    values = {
        "line": line_of(visit, sent, clock),
        "here": f"{_LIST}/{sent.id}",
        "shared": shared_of(visit, opened, clock) if opened else [],
        "opened": opened is not None,
        "has_number": opened is not None and opened.number,
        "number": number,
        "reasons": choices(visit, WHY_WORDS),  # type: ignore[arg-type]
        "rejections": choices(visit, REJECTED_WORDS),  # type: ignore[arg-type]
        "problem": problem,
    }
    return page(visit, "referral.html", values, status)


async def _refused(visit: Visit, refused: Refused) -> Response:
    problem = visit.voice.say(refused.label)
    return await _show(visit, problem=problem, status=HTTPStatus.CONFLICT)


async def read(visit: Visit) -> Response:
    """What was shared, once, in this answer."""
    why = Why(visit.choice("reason", Why))
    act = partial(_partner(visit).open, _named(visit), visit.officer, why, visit.now)
    try:
        opened = await in_time(act)
    except Refused as refused:
        return await _refused(visit, refused)
    return await _show(visit, opened=opened)


async def number(visit: Visit) -> Response:
    """The number, once, in this answer; in the safe time only."""
    ask = partial(_partner(visit).number, _named(visit), visit.officer, Why.CONTACT, visit.now)
    try:
        told = await in_time(ask)
    except Refused as refused:
        return await _refused(visit, refused)
    return await _show(visit, number=told)


async def accept(visit: Visit) -> Response:
    act = partial(_partner(visit).accept, _named(visit), visit.officer, visit.now)
    return await _answered(visit, act, "accepted")


async def reject(visit: Visit) -> Response:
    reason = Rejected(visit.choice("reason", Rejected))
    act = partial(_partner(visit).reject, _named(visit), visit.officer, reason, visit.now)
    return await _answered(visit, act, "rejected")


async def done(visit: Visit) -> Response:
    act = partial(_partner(visit).done, _named(visit), visit.officer, visit.now)
    return await _answered(visit, act, "done")


async def _answered(visit: Visit, act: "partial[Sent]", said: str) -> Response:
    try:
        await in_time(act)
    except Refused as refused:
        return await _refused(visit, refused)
    return go(_LIST, said=said)


DOORS = [
    Door(GET, _LIST, received, Act.RECEIVE),
    Door(GET, _ONE, one, Act.RECEIVE),
    Door(POST, f"{_ONE}/open", read, Act.RECEIVE),
    Door(POST, f"{_ONE}/number", number, Act.RECEIVE),
    Door(POST, f"{_ONE}/accept", accept, Act.RECEIVE),
    Door(POST, f"{_ONE}/reject", reject, Act.RECEIVE),
    Door(POST, f"{_ONE}/done", done, Act.RECEIVE),
]
