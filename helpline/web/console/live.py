"""Tells open pages that their desk's queue changed: server-sent events that hold nothing but that.

The audit chain grows with every change, so its length is looked at each second, once per page. A
stream ends by itself; the browser asks for the next.
"""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from functools import partial
from http import HTTPStatus

from starlette.responses import Response, StreamingResponse

from helpline.core.access import Act
from helpline.core.errors import RecordUnavailable
from helpline.service.patience import in_time
from helpline.web.console import cookies
from helpline.web.console.doors import GET, Door
from helpline.web.console.visit import HEADERS, Visit

EVERY = 1.0  # seconds between two looks
BEAT = 15  # looks between two signs of life
LASTS = 300  # looks of one stream
MOST = 100  # streams of one process; a page without one asks again after half a minute
EACH = 5  # of one login
_open: Counter[str] = Counter()


async def events(visit: Visit) -> Response:
    login = visit.signed_in.login.token_hash
    if _open.total() >= MOST or _open[login] >= EACH:
        return Response(status_code=HTTPStatus.SERVICE_UNAVAILABLE, headers=HEADERS)
    headers = {**HEADERS, "x-accel-buffering": "no"}
    return StreamingResponse(_stream(visit), media_type="text/event-stream", headers=headers)


async def _stream(visit: Visit) -> AsyncIterator[str]:
    login = visit.signed_in.login.token_hash
    _open[login] += 1
    try:
        seen = await _length(visit)
        yield "retry: 3000\n\n"
        for look in range(LASTS):
            await asyncio.sleep(EVERY)
            if look % BEAT == BEAT - 1:
                if not await _still_in(visit):
                    yield "event: over\ndata: \n\n"
                    return
                yield ": here\n\n"
            now = await _length(visit)
            if now != seen:
                seen = now
                yield "event: changed\ndata: \n\n"
    finally:
        _open[login] -= 1
        if not _open[login]:
            del _open[login]


async def _length(visit: Visit) -> int:
    try:
        return await in_time(visit.parts.record.changes)
    except RecordUnavailable:
        return -1  # when it answers again, that is a change


async def _still_in(visit: Visit) -> bool:
    token = cookies.read(visit, cookies.LOGIN)
    try:
        look = partial(visit.parts.visits.look, token, visit.clock(), active=False)
        return await in_time(look) is not None
    except RecordUnavailable:
        return True


DOORS = [Door(GET, "/console/desk/{desk}/events", events, Act.WORK, quiet=True)]
