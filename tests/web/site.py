"""A whole web process for the tests: fresh data folder, real record, real Redis, real uvicorn."""

import contextlib
import io
import json
import logging
import socket
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode

import httpx2
import pytest
import uvicorn
from redis import Redis
from sqlalchemy import func, select
from starlette.datastructures import FormData
from twilio.request_validator import RequestValidator  # type: ignore[import-untyped]

from helpline import runtime
from helpline.cli import main, seed
from helpline.config import Config
from helpline.runtime import Runtime
from helpline.store.schema import metadata
from helpline.web.app import create
from tests.servers import wait_until

PUBLIC = "https://help.example.org"  # what the providers call; never where the test listens
FORM = "application/x-www-form-urlencoded"
Fields = Sequence[tuple[str, str]]


@dataclass
class Site:
    """`addresses` is what `helpline channels --json` prints; `base` is where uvicorn listens."""

    parts: Runtime
    base: str
    addresses: Mapping[str, Mapping[str, str]]
    redis: Redis
    client: httpx2.Client

    def url(self, channel: str, endpoint: str = "inbound") -> str:
        """The address that an operator pastes at the provider."""
        return self.addresses[channel][endpoint]

    def here(self, url: str) -> str:
        """The same address where the test can reach it, as through a proxy in front."""
        assert url.startswith(f"{PUBLIC}/")
        return self.base + url.removeprefix(PUBLIC)

    def secrets(self) -> list[str]:
        return [secret for channel in self.parts.channels.values() for secret in channel.secrets]

    def token(self, channel: str) -> str:
        return self.parts.channels[channel].secrets[0]

    def post(
        self,
        url: str,
        body: Fields | bytes | Iterable[bytes],
        *,
        method: str = "POST",
        content_type: str = FORM,
        **headers: str,
    ) -> httpx2.Response:
        """Header names are given with underscores; an iterator goes out in chunks."""
        content = urlencode(body).encode() if isinstance(body, list | tuple) else body
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.client.request(
            method,
            self.here(url),
            content=content,  # type: ignore[arg-type]
            headers={"content-type": content_type, **named},
        )

    def dial(
        self, text: str, *, session: str, number: str, channel: str = "bt-ussd"
    ) -> httpx2.Response:
        """One Africa's Talking turn with the whole history in `text`."""
        return self.post(self.url(channel), ussd(text, session=session, number=number))

    def signed(
        self, fields: Fields, *, channel: str = "bt-twilio", endpoint: str = "inbound"
    ) -> httpx2.Response:
        url = self.url(channel, endpoint)
        return self.post(
            url, list(fields), x_twilio_signature=signature(self.token(channel), url, fields)
        )

    def counts(self) -> dict[str, int]:
        """How many rows each table holds."""
        with self.parts.record.reading() as connection:
            return {
                table.name: connection.execute(select(func.count()).select_from(table)).scalar_one()
                for table in metadata.sorted_tables
            }

    def sessions(self) -> int:
        return len(self.redis.keys("session:*"))


def ussd(text: str, *, session: str = "ATUid_1", number: str = "+97510000001") -> Fields:
    """GATEWAYS 9.1, in the recorded order."""
    return [
        ("sessionId", session),
        ("serviceCode", "*384*1098#"),
        ("phoneNumber", number),
        ("networkCode", "99999"),
        ("text", text),
    ]


def signature(token: str, url: str, fields: Fields) -> str:
    """By Twilio's own library over Starlette's form (not over ours)."""
    return str(RequestValidator(token).compute_signature(url, FormData([*fields])))


def refused(caplog: pytest.LogCaptureFixture) -> list[logging.LogRecord]:
    return [record for record in caplog.records if record.getMessage() == "webhook.refused"]


def prepare(data: Path, redis_url: str, channels: str = "", *, simulator: bool = True) -> Runtime:
    """The parts of one process on a fresh folder, with the demo's channels unless given."""
    config = Config.from_env(
        {
            "HELPLINE_DATA": str(data),
            "HELPLINE_SIMULATOR": "on" if simulator else "off",
            "PUBLIC_BASE_URL": PUBLIC,
            "REDIS_URL": redis_url,
        }
    )
    runtime.initialise(config)
    if channels:
        config.channels_file.write_text(channels, encoding="utf-8")
    else:
        seed.write_channels(config.channels_file, PUBLIC)
    return runtime.build(config)


@contextmanager
def site(
    data: Path, redis_url: str, channels: str = "", *, simulator: bool = True
) -> Iterator[Site]:
    """Serves until the block ends; uvicorn is stopped and its thread joined."""
    parts = prepare(data, redis_url, channels, simulator=simulator)
    with (
        Redis.from_url(redis_url) as redis,
        served(parts) as base,
        httpx2.Client(timeout=20, trust_env=False) as client,
    ):
        yield Site(parts, base, printed_addresses(data), redis, client)


@contextmanager
def served(parts: Runtime) -> Iterator[str]:
    """The options of `helpline.web.server`, on a port that the system chose."""
    settings = uvicorn.Config(
        create(parts),
        access_log=False,
        log_config=None,
        server_header=False,
        proxy_headers=False,
        timeout_graceful_shutdown=5,
        limit_concurrency=512,
    )
    server = uvicorn.Server(settings)
    listener = socket.create_server(("127.0.0.1", 0), backlog=512)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    try:
        assert wait_until(lambda: server.started or not thread.is_alive(), 10)
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(20)
        listener.close()
        assert not thread.is_alive()


def printed_addresses(data: Path) -> dict[str, dict[str, str]]:
    """What `helpline channels --json` prints for this folder."""
    settings = {"HELPLINE_DATA": str(data), "HELPLINE_SIMULATOR": "on", "PUBLIC_BASE_URL": PUBLIC}
    out = io.StringIO()
    with pytest.MonkeyPatch.context() as patch, contextlib.redirect_stdout(out):
        for name, value in settings.items():
            patch.setenv(name, value)
        assert main(["channels", "--json"]) == 0
    return {row["name"]: row["webhooks"] for row in json.loads(out.getvalue())}
