"""The roster of a desk: who is on when, planned by a supervisor for a day or some weeks."""

import re
from datetime import date, datetime, time, timedelta
from functools import partial
from http import HTTPStatus

from starlette.responses import Response

from helpline.core.access import Act
from helpline.core.errors import Refused, RefusedRequest
from helpline.service.patience import in_time
from helpline.service.roster import WEEKS
from helpline.web.console.doors import GET, POST, Door
from helpline.web.console.visit import Visit, clock_of, go, page

_AHEAD = timedelta(days=28)
_NUMBER = re.compile(r"[0-9]{1,9}")


async def roster(visit: Visit) -> Response:
    return await _shown(visit, "", HTTPStatus.OK)


async def _shown(visit: Visit, problem: str, status: int) -> Response:
    parts, clock = visit.parts, clock_of(visit)
    members = await in_time(partial(parts.roster.members, visit.desk))
    until = visit.now + _AHEAD
    planned = await in_time(partial(parts.roster.planned, visit.desk, visit.now, until))
    names = {one.id: one.name for one in members}
    shifts = [
        {
            "id": shift.id,
            "who": names.get(shift.officer_id, "-"),
            "now": shift.starts_at <= visit.now,
            "day": clock.day(shift.starts_at),
            "from": clock.time(shift.starts_at),
            "to": clock.time(shift.ends_at),
        }
        for shift in planned
    ]
    values = {
        "desk": visit.desk,
        "shifts": shifts,
        "members": [(str(one.id), one.name) for one in members],
        "today": visit.now.astimezone(clock.zone).date().isoformat(),
        "problem": problem,
    }
    return page(visit, "roster.html", values, status)


async def plan(visit: Visit) -> Response:
    """Shifts on the desk's own clock; one that ends before it begins ends the next day."""
    try:
        starts, lasts = _when(visit)
        who = _number(visit.given("officer"))
        act = partial(visit.parts.roster.plan, visit.desk, visit.officer, who, starts, lasts)
        await in_time(partial(act, visit.now))
    except Refused as refused:
        return await _shown(visit, visit.voice.say(refused.label), HTTPStatus.CONFLICT)
    return go(f"/console/desk/{visit.desk}/roster")


def _when(visit: Visit) -> tuple[list[datetime], timedelta]:
    zone = visit.zone_of(visit.desk)
    try:
        day = date.fromisoformat(visit.given("day"))
        begins, ends = (time.fromisoformat(visit.given(name)) for name in ("from", "to"))
        if begins.tzinfo or ends.tzinfo or not 2000 < day.year < 3000:
            raise ValueError("not on this desk's clock")
    except ValueError:
        raise Refused("Give the day and both times, such as 2026-12-01, 09:00 and 17:00.") from None
    weeks = _number(visit.given("weeks") or "1")
    if not 1 <= weeks <= WEEKS:
        raise Refused("A plan repeats at most {weeks} times.", weeks=WEEKS)
    over = timedelta(days=ends <= begins)
    lasts = datetime.combine(day + over, ends, zone) - datetime.combine(day, begins, zone)
    starts = [datetime.combine(day + timedelta(weeks=w), begins, zone) for w in range(weeks)]
    return starts, lasts


def _number(text: str) -> int:
    if not _NUMBER.fullmatch(text):
        raise RefusedRequest(HTTPStatus.BAD_REQUEST, "not a number")
    return int(text)


async def remove(visit: Visit) -> Response:
    shift = _number(visit.given("shift"))
    await in_time(partial(visit.parts.roster.remove, visit.desk, visit.officer, shift, visit.now))
    return go(f"/console/desk/{visit.desk}/roster")


DOORS = [
    Door(GET, "/console/desk/{desk}/roster", roster, Act.ROSTER),
    Door(POST, "/console/desk/{desk}/roster", plan, Act.ROSTER),
    Door(POST, "/console/desk/{desk}/roster/remove", remove, Act.ROSTER),
]
