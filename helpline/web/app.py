"""The ASGI application: routes, health, and the page at `/`."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from html import escape

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from helpline import runtime
from helpline.core.errors import RecordUnavailable
from helpline.gateways import GATEWAYS
from helpline.runtime import Runtime
from helpline.service.live import follow
from helpline.service.patience import in_time
from helpline.store.sessions import SessionStore
from helpline.web.assets import Assets
from helpline.web.console import console
from helpline.web.desks import desks
from helpline.web.simulator import simulator
from helpline.web.stubs import StubProviders
from helpline.web.webhooks import Webhooks

SAFE_HEADERS = {
    "content-security-policy": "default-src 'none'; style-src 'self'",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
}


@dataclass(frozen=True)
class Pages:
    """Health and the front page; nothing of a caller is in reach of them."""

    parts: Runtime
    sessions: SessionStore

    async def front(self, _request: Request) -> Response:
        rows = "".join(
            f"<li>{escape(name)}: {escape(channel.gateway)}, {escape(channel.programme)}, "
            f"{escape(channel.address)}</li>"
            for name, channel in self.parts.channels.items()
        )
        more = (
            '<p><a href="/simulator">A phone to try</a></p>' if self.parts.config.simulator else ""
        )
        page = (
            '<!doctype html><html lang="en"><meta charset="utf-8">'
            '<meta name="viewport" content="width=device-width"><title>Helpline</title>'
            "<h1>Helpline</h1><p>This service answers phone gateways. "
            "Callers dial or text one of its numbers.</p>"
            '<p><a href="/desks">Where the desks are</a></p>'
            f"{more}<h2>Channels</h2><ul>{rows}</ul>"
            '<p><a href="/readyz">Is it ready?</a></p></html>'
        )
        return HTMLResponse(page, headers=SAFE_HEADERS)

    async def healthy(self, _request: Request) -> Response:
        return PlainTextResponse("ok\n")

    async def ready(self, _request: Request) -> Response:
        """Ready means: a report can be stored. Without Redis the dialogue only loses comfort."""
        try:
            record = await in_time(self.parts.record.alive)
        except RecordUnavailable:
            record = False
        redis = await self.sessions.alive()
        state = {"ready": record, "record": record, "redis": redis}
        return JSONResponse(state, status_code=200 if record else 503)


def create(parts: Runtime, clock: Callable[[], datetime] = runtime.now) -> Starlette:
    """The application of one process. Every screen was fitted before it answers (see `check`)."""
    sessions, players = parts.session_store(), parts.players()
    receiver, messenger = parts.receiver(sessions, players), parts.messenger(sessions, players)
    webhooks = Webhooks(
        parts.config.public_base_url, parts.channels, GATEWAYS, receiver, messenger, clock
    )
    pages = Pages(parts, sessions)

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        following = asyncio.create_task(follow(partial(parts.refresh, players)))
        yield
        following.cancel()
        with suppress(asyncio.CancelledError):
            await following
        await sessions.close()
        parts.close()

    routes = [
        Route("/", pages.front),
        Route("/healthz", pages.healthy),
        Route("/readyz", pages.ready),
        Route("/hooks/{channel}/{endpoint}", webhooks, methods=None),
        Route("/hooks/{channel}/{secret}/{endpoint}", webhooks, methods=None),
        *desks(lambda: parts.content, parts.channels.values(), clock).routes(),
        *console(parts, clock),
        *Assets(simulator=parts.config.simulator).routes(),
    ]
    if parts.config.simulator:
        routes.extend(StubProviders().routes())
        routes.extend(simulator(parts, receiver, messenger, clock).routes())
    return Starlette(routes=routes, lifespan=lifespan)
