"""The phone simulator at `/simulator`: a page, and the turns it takes through the real service.

Mounted only when the simulator is on. Its phones have numbers that cannot ring; what is reported
with them is a real row at a desk of this deployment.
"""

import json
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from html import escape

from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from helpline import runtime
from helpline.core.errors import RecordUnavailable, RefusedRequest
from helpline.core.message import MO, Kind, SessionEnd
from helpline.gateways.base import Channel
from helpline.logs import event
from helpline.runtime import Runtime
from helpline.service.glance import Glance
from helpline.service.messages import Messenger
from helpline.service.patience import in_time
from helpline.service.receive import Receiver
from helpline.web import simulator_views as views
from helpline.web.assets import FOLDER
from helpline.web.simulator_input import Asked, read

HEADERS = {
    "content-security-policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; "
        "connect-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'; "
        "frame-ancestors 'none'"
    ),
    "cache-control": "no-store",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
}
NOT_TAKEN = "The record does not answer. Nothing was taken; a gateway would send it again."
FAULT = "This is a fault of the helpline; its log says where."
Told = dict[str, object]


@dataclass(frozen=True)
class Simulator:
    parts: Runtime
    receiver: Receiver
    messenger: Messenger
    glance: Glance
    clock: Callable[[], datetime]

    def routes(self) -> list[Route]:
        turns: dict[str, tuple[Callable[[Asked], Awaitable[Told]], tuple[str, ...]]] = {
            "ussd": (self.ussd, ("session", "text", "language")),
            "sms": (self.sms, ("session", "text")),
            "drop": (self.drop, ("session",)),
            "desk": (self.desk, ()),
        }
        posts = [
            Route(f"/simulator/{name}", partial(self._serve, turn, needs), methods=["POST"])
            for name, (turn, needs) in turns.items()
        ]
        return [Route("/simulator", self.page), *posts]

    async def page(self, _request: Request) -> Response:
        choices = json.dumps(views.setup(self.parts.content.programmes.values()))
        page = (FOLDER / "simulator.html").read_text(encoding="utf-8")
        return HTMLResponse(page.replace("@SETUP@", escape(choices)), headers=HEADERS)

    async def ussd(self, asked: Asked) -> Told:
        """The whole history comes each time, as from a cumulative gateway: the same request is
        then the same turn."""
        channel = self._channel(asked, Kind.USSD)
        mo = MO(asked.number, asked.text, session=asked.session, cumulative=True)
        step = await self.receiver.turn(channel, mo, self.clock(), language=asked.language)
        return {"answers": [views.answer(step.text, channel.budget, step)]}

    async def sms(self, asked: Asked) -> Told:
        """Taken, stored and handed over as by gateway and worker; no answers to a repeat."""
        channel = self._channel(asked, Kind.SMS)
        mo = MO(asked.number, asked.text, provider_id=asked.session)
        step = await self.messenger.receive(channel, mo, self.clock())
        sent = await in_time(partial(self.glance.hand_over, channel, asked.number))
        if step is not None and step.text not in sent:
            sent.append(step.text)  # a worker was quicker and handed it over
        return {
            "answers": [
                views.answer(text, channel.budget, step if step and text == step.text else None)
                for text in sent
            ]
        }

    async def drop(self, asked: Asked) -> Told:
        """The network's word that the caller is gone."""
        end = SessionEnd(asked.session, asked.number, complete=False)
        await self.receiver.ended(self._channel(asked, Kind.USSD), end, self.clock())
        return {}

    async def desk(self, _asked: Asked) -> Told:
        """Nothing but what every answer holds: the desks' lines."""
        return {}

    def _channel(self, asked: Asked, kind: Kind) -> Channel:
        return self.parts.simulated[runtime.simulated_name(asked.programme, kind)]

    async def _serve(
        self,
        turn: Callable[[Asked], Awaitable[Told]],
        needs: tuple[str, ...],
        request: Request,
    ) -> Response:
        status, told = 200, Told()
        try:
            asked = await read(request, self.parts.content.programmes, *needs)
            told = {**await turn(asked), "desk": await self._lines(asked)}
        except RefusedRequest as refused:
            status, told = refused.status, {"error": refused.reason}
        except RecordUnavailable:
            status, told = 503, {"error": NOT_TAKEN}
        except Exception as broken:  # its words may hold what was typed
            event("simulator.failed", level=logging.ERROR, error=type(broken).__name__)
            status, told = 500, {"error": FAULT}
        return JSONResponse(told, status_code=status, headers=HEADERS)

    async def _lines(self, asked: Asked) -> list[Told] | None:
        """None when the record does not answer: a screen is shown all the same."""
        try:
            rows = await in_time(partial(self.glance.lines, asked.number, self.clock()))
        except RecordUnavailable:
            return None
        zone = self.parts.content.programmes[asked.programme].zone
        return [views.desk_line(row, self.parts.content.directory, zone) for row in rows]


def simulator(
    parts: Runtime, receiver: Receiver, messenger: Messenger, clock: Callable[[], datetime]
) -> Simulator:
    glance = Glance(parts.record, parts.sealer, parts.delivery)
    return Simulator(parts, receiver, messenger, glance, clock)
