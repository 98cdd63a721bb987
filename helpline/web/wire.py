"""Reads one request with bounds on size and time, and writes one answer: bare ASGI."""

import asyncio
from collections.abc import Iterable

from starlette.types import Receive, Scope, Send

from helpline.core.errors import RefusedRequest
from helpline.gateways.base import MAX_BODY, Wire

BODY_SECONDS = 5.0
COVERED = ("content-type", "x-twilio-signature", "x-twilio-webhooks-signature-settings")


async def read(scope: Scope, receive: Receive, public_base_url: str, most: int = MAX_BODY) -> Wire:
    """The request as a Wire. Refuses a body that is too large (413), slow or cut short (400)."""
    headers = _headers(scope["headers"])
    length = headers.get("content-length", "")
    if length.isdigit() and int(length) > most:
        raise RefusedRequest(413, "body is too large")
    try:
        async with asyncio.timeout(BODY_SECONDS):
            body = await _body(receive, most)
    except TimeoutError:
        raise RefusedRequest(400, "body did not arrive") from None
    if length.isdigit() and len(body) != int(length):
        raise RefusedRequest(400, "body was cut short")
    return Wire(scope["method"], _public_url(scope, public_base_url), headers, body)


def _headers(raw: Iterable[tuple[bytes, bytes]]) -> dict[str, str]:
    """Names in lower case; a header we rely on may not come twice."""
    headers: dict[str, str] = {}
    for name_bytes, value in raw:
        name = name_bytes.decode("latin-1").lower()
        if name in headers and name in COVERED:
            raise RefusedRequest(400, f"header {name} is repeated")
        headers[name] = value.decode("latin-1")
    return headers


async def _body(receive: Receive, most: int) -> bytes:
    chunks: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise RefusedRequest(400, "body was cut short")
        chunks.append(message.get("body", b""))
        size += len(chunks[-1])
        if size > most:
            raise RefusedRequest(413, "body is too large")
        if not message.get("more_body", False):
            return b"".join(chunks)


def _public_url(scope: Scope, base: str) -> str:
    """Built from configuration, never from Host or X-Forwarded-*: signatures cover it."""
    path: bytes = scope.get("raw_path") or scope["path"].encode()
    query: bytes = scope["query_string"]
    suffix = b"?" + query if query else b""
    return base + (path.split(b"?")[0] + suffix).decode("latin-1")


async def write(
    send: Send,
    status: int,
    body: bytes,
    content_type: str = "text/plain; charset=utf-8",
    headers: Iterable[tuple[str, str]] = (),
) -> None:
    rows = [
        ("content-type", content_type),
        ("content-length", str(len(body))),
        ("cache-control", "no-store"),
        *headers,
    ]
    raw = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in rows]
    await send({"type": "http.response.start", "status": status, "headers": raw})
    await send({"type": "http.response.body", "body": body})
