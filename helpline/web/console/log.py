"""The audit log as a page: who did what when, and whether the chain is whole."""

import re
from functools import partial
from http import HTTPStatus

from starlette.responses import Response

from helpline.core.access import Act, Role
from helpline.core.errors import RefusedRequest
from helpline.service.patience import in_time
from helpline.web.console.doors import GET, Door
from helpline.web.console.visit import Visit, clock_of, page
from helpline.web.console.within import within

_NUMBER = re.compile(r"[0-9]{1,12}")
A_PAGE = 50


async def log(visit: Visit) -> Response:
    """A supervisor reads what happened at her desks and below, an administrator all of it."""
    before = visit.request.query_params.get("before", "")
    if before and not _NUMBER.fullmatch(before):
        raise RefusedRequest(HTTPStatus.BAD_REQUEST, "not a number")
    everything = visit.officer.role is Role.ADMINISTRATOR
    desks = None if everything else within(visit, below=True)
    read = partial(visit.parts.logbook.read, desks, int(before) if before else None, A_PAGE)
    rows = await in_time(read)
    clock = clock_of(visit)
    values = {
        "entries": [
            {
                "seq": row.seq,
                "at": f"{clock.day(row.at)} {clock.time(row.at)}",
                "actor": row.actor,
                "action": row.action,
                "subject": row.subject,
                "detail": ", ".join(f"{k}: {v}" for k, v in sorted(row.detail.items())),
            }
            for row in rows
        ],
        "older": rows[-1].seq if len(rows) == A_PAGE else 0,
        "whole": await in_time(visit.parts.logbook.whole),
    }
    return page(visit, "log.html", values)


DOORS = [Door(GET, "/console/audit", log, Act.AUDIT)]
