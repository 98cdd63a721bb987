"""The webhooks: believed or refused at once, turned into messages, answered in the wire's form.

A refused request stores nothing and leaves one log line without its content.
"""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from starlette.types import Receive, Scope, Send

from helpline.core.errors import RecordUnavailable, RefusedRequest
from helpline.core.message import MO, Kind, Receipt, SessionEnd
from helpline.gateways.base import Answer, Channel, Gateway, WireAnswer, same_secret
from helpline.logs import event
from helpline.service.dialogue import not_saved
from helpline.service.messages import Messenger
from helpline.service.receive import Receiver
from helpline.web import wire


@dataclass(frozen=True)
class Webhooks:
    """The ASGI application behind `/hooks/{channel}[/{secret}]/{endpoint}`."""

    base_url: str
    channels: Mapping[str, Channel]
    gateways: Mapping[str, Gateway]
    receiver: Receiver
    messenger: Messenger
    clock: Callable[[], datetime]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        parameters = scope["path_params"]
        name = str(parameters["channel"])
        try:
            channel, gateway = self._channel(name)
            answer = await self._serve(channel, gateway, scope, receive)
        except RefusedRequest as refused:
            known = name if name in self.channels else "unknown"
            event(
                "webhook.refused",
                level=logging.WARNING,
                channel=known,
                status=refused.status,
                reason=refused.reason,
            )
            await wire.write(send, refused.status, b"")
        except RecordUnavailable:
            event("webhook.unavailable", level=logging.ERROR, channel=name, status=503)
            await wire.write(send, 503, b"", headers=[("retry-after", "60")])
        else:
            await wire.write(send, 200, answer.body, answer.content_type, answer.headers)

    def _channel(self, name: str) -> tuple[Channel, Gateway]:
        channel = self.channels.get(name)
        if channel is None:
            raise RefusedRequest(404, "no such channel")
        return channel, self.gateways[channel.gateway]

    async def _serve(
        self, channel: Channel, gateway: Gateway, scope: Scope, receive: Receive
    ) -> WireAnswer:
        parameters = scope["path_params"]
        given = parameters.get("secret", "")
        if gateway.authentic is None and not same_secret(channel, given):
            raise RefusedRequest(403, "wrong path secret")
        parser = gateway.parsers.get(parameters["endpoint"])
        if parser is None or (gateway.authentic is not None and given):
            raise RefusedRequest(404, "no such webhook")
        if scope["method"] != "POST":
            raise RefusedRequest(405, "not a POST")
        request = await wire.read(scope, receive, self.base_url)
        if gateway.authentic is not None and not gateway.authentic(channel, request):
            raise RefusedRequest(403, "signature does not match")
        return await self._take(channel, gateway, parser(channel, request))

    async def _take(
        self, channel: Channel, gateway: Gateway, message: MO | SessionEnd | Receipt
    ) -> WireAnswer:
        match message:
            case MO() if gateway.kind is Kind.USSD:
                return gateway.render(await self._screen(channel, message))
            case MO():
                await self.messenger.receive(channel, message, self.clock())
            case SessionEnd():
                await self.receiver.ended(channel, message, self.clock())
                return WireAnswer(b"")
            case Receipt():
                await self.messenger.receipt(channel, message)
        return gateway.render(Answer("", ends=True))

    async def _screen(self, channel: Channel, mo: MO) -> Answer:
        """The next screen. Whatever goes wrong, the caller reads the emergency number."""
        try:
            step = await self.receiver.turn(channel, mo, self.clock())
        except Exception as broken:  # no input may end in an error page
            event(
                "turn.failed",
                level=logging.ERROR,
                channel=channel.name,
                error=type(broken).__name__,
            )
            player = self.receiver.players[channel.name]
            step = not_saved(player, player.begin())
        return Answer(step.text, step.ends)
