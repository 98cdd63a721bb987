"""The queue of a desk: what must be rung next on top; begin and end a shift; find a request."""

from collections.abc import Sequence
from functools import partial

from starlette.responses import Response

from helpline.core.access import Act, may
from helpline.core.callback import State
from helpline.core.errors import Refused, RefusedRequest
from helpline.core.label import O_
from helpline.core.report import parse_case_code
from helpline.service.lines import QueueRow
from helpline.service.patience import in_time
from helpline.web.console.doors import GET, POST, Door
from helpline.web.console.rows import row_of
from helpline.web.console.visit import Visit, clock_of, go, page

NOTICES = {
    "released": O_("Given back to the queue."),
    "outcome": O_("Written down."),
    "closed": O_("This request is ended."),
    "passed_on": O_("The other desk has it now."),
    "decided": O_("Decided."),
    "handed_over": O_("Your colleague has it now."),
}
SILENT_PHONE = O_("The duty phone said STOP: it is told of no request until it sends START.")


def _counted(lines: Sequence[QueueRow]) -> dict[str, str]:
    ready = sum(line.state == State.READY.value for line in lines)
    late = sum(line.overdue for line in lines)
    return {"open": str(len(lines)), "ready": str(ready), "late": str(late)}


async def home(visit: Visit) -> Response:
    """The desks of an officer, or where else her role has its work."""
    if not visit.may(Act.WORK):
        return go("/console/accounts" if visit.may(Act.ACCOUNTS) else "/console/referrals")
    desks = visit.signed_in.desks
    if len(desks) == 1:
        return go(f"/console/desk/{desks[0]}")
    lines = await in_time(partial(visit.parts.desk.queue, None, visit.now))
    rows = [
        {
            "code": desk,
            "name": visit.desk_name(desk),
            **_counted([line for line in lines if line.desk == desk]),
        }
        for desk in desks
    ]
    rows.sort(key=lambda row: (row["late"] == "0", row["ready"] == "0", row["name"]))
    return page(visit, "home.html", {"rows": rows})


async def _values(visit: Visit) -> dict[str, object]:
    parts, desk = visit.parts, visit.desk
    lines = await in_time(partial(parts.desk.queue, desk, visit.now))
    team = await in_time(partial(parts.roster.team, desk, visit.now))
    clock = clock_of(visit)
    return {
        "desk": desk,
        "rows": [row_of(visit, line, clock, team.present) for line in lines],
        "count": _counted(lines),
    }


async def queue(visit: Visit) -> Response:
    parts, desk = visit.parts, visit.desk
    on = await in_time(partial(parts.roster.on_now, desk, visit.now))
    holder = await in_time(partial(parts.roster.phone_holder, desk))
    said = NOTICES.get(visit.request.query_params.get("said", ""))
    silent = await in_time(partial(parts.officer_texts.silenced, desk))
    more = {
        "problem": visit.say(SILENT_PHONE) if silent else "",
        "on_shift": visit.officer.id in {one.id for one in on},
        "has_phone": holder == visit.officer.id,
        "notice": visit.say(said) if said else "",
    }
    return page(visit, "queue.html", {**await _values(visit), **more})


async def part(visit: Visit) -> Response:
    """The list alone, for a page that heard of a change."""
    return page(visit, "_queue.html", await _values(visit))


async def shift(visit: Visit) -> Response:
    roster = visit.parts.roster
    acts = {"begin": roster.begin, "end": roster.end, "phone": roster.take_phone}
    act = acts.get(visit.given("do"))
    if act is None:
        raise RefusedRequest(400, "no such act")
    await in_time(partial(act, visit.desk, visit.officer, visit.now))
    return go(f"/console/desk/{visit.desk}")


async def find(visit: Visit) -> Response:
    """By request number, at this desk; a supervisor finds it at all of hers."""
    code = parse_case_code(visit.given("code", limit=40))
    if not code:
        raise Refused("A request number has eight digits, such as 4821-7736. Check it again.")
    desks = visit.signed_in.desks if may(visit.officer.role, Act.REVIEW) else (visit.desk,)
    for desk in dict.fromkeys((visit.desk, *desks)):
        try:
            number = await in_time(partial(visit.parts.desk.find, desk, code))
        except Refused:
            continue
        return go(f"/console/desk/{desk}/callback/{number}")
    raise Refused("Desk {desk} has no case {code}.", desk=visit.desk_name(visit.desk), code=code)


DOORS = [
    Door(GET, "/console", home, Act.OWN),
    Door(GET, "/console/desk/{desk}", queue, Act.WORK),
    Door(GET, "/console/desk/{desk}/queue", part, Act.WORK, quiet=True),
    Door(POST, "/console/desk/{desk}/shift", shift, Act.WORK),
    Door(POST, "/console/desk/{desk}/find", find, Act.WORK),
]
