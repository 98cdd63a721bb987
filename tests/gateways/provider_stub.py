"""A real HTTP server with the send shapes of both providers that misbehaves on demand."""

import base64
import json
import socket
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from typing import Literal
from urllib.parse import parse_qs, urlencode

from helpline.core.text import Budget
from helpline.gateways.base import Channel, Wire

AT_KEY = "atsk_secret_of_the_stub"
TWILIO_ACCOUNT = "AC00000000000000000000000000000001"
TWILIO_TOKEN = "token_secret_of_the_stub"
SECRETS = (AT_KEY, TWILIO_TOKEN)
PUBLIC_URL = "https://help.example.org/hook/one"
FORM = "application/x-www-form-urlencoded"

Manner = Literal["answer", "hang", "drop", "cut"]


@dataclass(frozen=True)
class Received:
    path: str
    headers: dict[str, str]
    form: dict[str, list[str]]

    def one(self, key: str) -> str:
        (value,) = self.form[key]
        return value


@dataclass(frozen=True)
class Reply:
    status: int = 200
    body: str = ""
    content_type: str = "application/json"


@dataclass
class Provider:
    """`url` is its base; `reply` may be set; `received` holds every request that arrived."""

    url: str
    reply: Callable[[Received], Reply]
    manner: Manner = "answer"
    received: list[Received] = field(default_factory=list)
    released: Event = field(default_factory=Event)


def at_reply(
    code: object = 101, *, status: int = 201, content_type: str = "application/json"
) -> Callable[[Received], Reply]:
    def reply(request: Received) -> Reply:
        if request.path != "/version1/messaging":
            return Reply(404, "not found", "text/plain")
        if request.headers.get("apikey") != AT_KEY:
            return Reply(401, "The supplied authentication is invalid", "text/plain")
        recipient = {
            "statusCode": code,
            "number": request.one("to"),
            "status": "as the code says",
            "cost": "KES 0.8000",
            "messageId": "ATXid_1" if code in (100, 101, 102) else "None",
        }
        data = {"Message": f"Sent {request.one('message')}", "Recipients": [recipient]}
        return Reply(status, json.dumps({"SMSMessageData": data}), content_type)

    return reply


def twilio_reply(status: int = 201, code: int = 0) -> Callable[[Received], Reply]:
    expected = base64.b64encode(f"{TWILIO_ACCOUNT}:{TWILIO_TOKEN}".encode()).decode()

    def reply(request: Received) -> Reply:
        if request.path != f"/2010-04-01/Accounts/{TWILIO_ACCOUNT}/Messages.json":
            return Reply(404, "{}")
        if request.headers.get("authorization") != f"Basic {expected}":
            return Reply(401, json.dumps({"code": 20003, "message": "Authenticate"}))
        if status != 201:
            message = f"The 'To' number {request.one('To')} got {request.one('Body')}"
            return Reply(status, json.dumps({"code": code, "message": message, "status": status}))
        sent = {"sid": "SM1", "status": "queued", "to": request.one("To"), "error_code": None}
        return Reply(201, json.dumps(sent))

    return reply


@contextmanager
def provider(reply: Callable[[Received], Reply]) -> Iterator[Provider]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler)
    server.daemon_threads = False  # so that closing waits for every answer
    stub = Provider(f"http://127.0.0.1:{server.server_address[1]}", reply)
    server.RequestHandlerClass = _handler(stub)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield stub
    finally:
        stub.released.set()
        server.shutdown()
        thread.join()
        server.server_close()


def _handler(stub: Provider) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length", "0")))
            headers = {name.lower(): value for name, value in self.headers.items()}
            request = Received(self.path, headers, parse_qs(body.decode()))
            stub.received.append(request)
            if stub.manner == "hang":
                stub.released.wait(30)
            elif stub.manner != "drop":
                self._answer(stub.reply(request))

        def _answer(self, reply: Reply) -> None:
            body = reply.body.encode()
            self.send_response(reply.status)
            self.send_header("Content-Type", reply.content_type)
            self.send_header("Content-Length", str(len(body) + (stub.manner == "cut")))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            pass

    return Handler


def nobody_listens() -> str:
    """The URL of a port that was free a moment ago: connections are refused."""
    with socket.create_server(("127.0.0.1", 0)) as once:
        return f"http://127.0.0.1:{once.getsockname()[1]}"


@contextmanager
def nobody_accepts() -> Iterator[str]:
    """The URL of a port whose queue is full: a connection is never made (Linux drops the SYN)."""
    with ExitStack() as stack:
        server = stack.enter_context(socket.create_server(("127.0.0.1", 0), backlog=0))
        for _ in range(4):
            caller = stack.enter_context(socket.socket())
            caller.setblocking(False)
            caller.connect_ex(server.getsockname())
        yield f"http://127.0.0.1:{server.getsockname()[1]}"


def channel(
    gateway: str, *, region: str = "BT", secrets: tuple[str, ...] = ("path-secret",), **options: str
) -> Channel:
    return Channel(
        name="one",
        gateway=gateway,
        programme="bt",
        address="+15005550006",
        region=region,
        budget=Budget(gsm7=160, ucs2=70, segments=1),
        secrets=secrets,
        options=options,
    )


def posted(
    fields: Sequence[tuple[str, str]] | bytes,
    *,
    url: str = PUBLIC_URL,
    content_type: str = FORM,
    **headers: str,
) -> Wire:
    """The request for form fields or a raw body; header names are given with underscores."""
    body = fields if isinstance(fields, bytes) else urlencode(fields).encode()
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Wire("POST", url, {"content-type": content_type, **named}, body)


def told(error: BaseException) -> str:
    """All that an exception could show to a log: itself and whatever it was raised from."""
    chain: list[str] = []
    link: BaseException | None = error
    while link is not None:
        chain.append(f"{link} {link!r} {vars(link)}")
        link = link.__cause__ or link.__context__
    return "\n".join(chain)
