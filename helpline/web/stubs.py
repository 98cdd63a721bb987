"""Stub providers for the demo: they take MTs in the providers' wire shapes and show them.

Mounted only when the simulator is on. What they hold is lost when the process ends.
"""

import secrets
from collections import deque

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from helpline.gateways.base import Form
from helpline.web import wire

KEPT = 200


class StubProviders:
    """`/stub/africastalking` and `/stub/twilio` accept sends; `/stub/inbox` lists them."""

    def __init__(self) -> None:
        self._inbox: deque[dict[str, str]] = deque(maxlen=KEPT)

    def routes(self) -> list[Route]:
        twilio = "/stub/twilio/2010-04-01/Accounts/{account}/Messages.json"
        return [
            Route("/stub/africastalking/version1/messaging", self.africastalking, methods=["POST"]),
            Route(twilio, self.twilio, methods=["POST"]),
            Route("/stub/inbox", self.inbox),
        ]

    def _keep(self, provider: str, number: str, text: str) -> str:
        message_id = f"STUB{secrets.token_hex(14)}"
        self._inbox.append({"id": message_id, "provider": provider, "to": number, "text": text})
        return message_id

    async def _form(self, request: Request) -> Form:
        return (await wire.read(request.scope, request.receive, "")).form()

    async def africastalking(self, request: Request) -> Response:
        form = await self._form(request)
        number, text = form.one("to"), form.one("message")
        sent = {
            "statusCode": 101,
            "number": number,
            "status": "Success",
            "cost": "0",
            "messageId": self._keep("africastalking", number, text),
        }
        summary = {"Message": "Sent to 1/1", "Recipients": [sent]}
        return JSONResponse({"SMSMessageData": summary}, status_code=201)

    async def twilio(self, request: Request) -> Response:
        form = await self._form(request)
        number, text = form.one("To"), form.one("Body")
        sid = self._keep("twilio", number, text)
        account = request.path_params["account"]
        return JSONResponse(
            {"sid": sid, "account_sid": account, "to": number, "status": "queued"}, status_code=201
        )

    async def inbox(self, _request: Request) -> Response:
        return JSONResponse(list(self._inbox))
