"""The audit log as a page: who did what when, and why something sealed was opened."""

import re
from functools import partial
from http import HTTPStatus

from starlette.responses import Response

from helpline.core.access import Act, Role
from helpline.core.errors import RefusedRequest
from helpline.core.report import parse_case_code
from helpline.service.patience import in_time
from helpline.store.audit import AuditRow
from helpline.web.console.doors import GET, Door
from helpline.web.console.reach import reach
from helpline.web.console.visit import Visit, clock_of, page

_NUMBER = re.compile(r"[0-9]{1,12}")
A_PAGE = 50


async def log(visit: Visit) -> Response:
    """A supervisor reads what happened at her desks and below, an administrator all of it."""
    before = visit.request.query_params.get("before", "")
    if before and not _NUMBER.fullmatch(before):
        raise RefusedRequest(HTTPStatus.BAD_REQUEST, "not a number")
    everything = visit.officer.role is Role.ADMINISTRATOR
    desks = None if everything else reach(visit)
    read = partial(visit.parts.logbook.read, desks, int(before) if before else None, A_PAGE)
    rows, older = await in_time(read)
    clock = clock_of(visit)
    values = {
        "entries": [
            {
                "seq": row.seq,
                "at": f"{clock.day(row.at)} {clock.time(row.at)}",
                "actor": row.actor,
                "action": row.action,
                "subject": _subject(visit, row),
                "detail": ", ".join(f"{k}: {v}" for k, v in sorted(row.detail.items())),
            }
            for row in rows
        ],
        "older": older,
    }
    return page(visit, "log.html", values)


def _subject(visit: Visit, row: AuditRow) -> str:
    """A request number opens "my case" with a phone: it stands for the officers of its own desk."""
    named = {row.detail.get(name) for name in ("desk", "from_desk", "to_desk")}
    hers = visit.may(Act.WORK) and named & set(visit.signed_in.desks)
    return row.subject if hers or not parse_case_code(row.subject) else "-"


DOORS = [Door(GET, "/console/audit", log, Act.AUDIT)]
