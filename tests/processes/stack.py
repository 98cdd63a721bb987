"""The whole helpline as real processes: the demo with its supervisor, driven over HTTP."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import httpx2
import psutil
from redis import Redis

from helpline.cli.demo import START_SECONDS
from helpline.redisd import EmbeddedRedis

T = TypeVar("T")
PATIENCE = 30.0  # seconds until a condition must hold
PAUSE = 0.02
PARTS = {
    "web": "helpline.web.server",
    "relay": "workers.relay",
    "urgent": "workers.worker urgent",
    "routine": "workers.worker routine",
    "redis": "redis-server",
}


def until(what: str, condition: Callable[[], T | None], patience: float = PATIENCE) -> T:
    """The first true value of `condition`; fails the test with `what` when none comes."""
    deadline = time.monotonic() + patience
    while time.monotonic() < deadline:
        if value := condition():
            return value
        time.sleep(PAUSE)
    raise AssertionError(f"not in {patience:.0f} s: {what}")


@dataclass
class Stack:
    """A running demo. `inbound` is the webhook of the channel `bt-ussd`."""

    process: "subprocess.Popen[bytes]"
    data: Path
    base: str
    inbound: str

    def pid(self, part: str) -> int | None:
        """The process of one part, by its command line among the supervisor's children."""
        for child in psutil.Process(self.process.pid).children():
            try:
                if PARTS[part] in " ".join(child.cmdline()):
                    return child.pid
            except psutil.Error:
                continue
        return None

    def kill(self, part: str) -> None:
        """kill -9, and Redis loses its data as well."""
        pid = until(f"{part} runs", lambda: self.pid(part))
        if part == "redis":
            self.wipe_redis()
        os.kill(pid, signal.SIGKILL)

    def wipe_redis(self) -> None:
        with Redis.from_url(EmbeddedRedis(self.data / "redis").url) as client:
            client.flushall()

    def ready(self) -> bool:
        try:
            return httpx2.get(f"{self.base}/readyz", timeout=2).status_code == 200
        except httpx2.HTTPError:
            return False

    def dial(self, session: str, number: str, text: str) -> str:
        """One USSD turn, sent again with the same bytes until it is answered."""
        body = {
            "sessionId": session,
            "serviceCode": "*1098#",
            "phoneNumber": number,
            "networkCode": "99999",
            "text": text,
        }

        def post() -> str | None:
            try:
                answer = httpx2.post(self.inbound, data=body, timeout=10)
            except httpx2.HTTPError:
                return None
            assert answer.status_code == 200, answer.status_code
            return answer.text

        return until("the turn is answered", post)

    def helpline(self, *arguments: str) -> Any:  # noqa: ANN401
        """A command's JSON output."""
        done = subprocess.run(
            [sys.executable, "-m", "helpline.cli", *arguments, "--json"],
            env={**os.environ, "HELPLINE_DATA": str(self.data)},
            capture_output=True,
            check=True,
            timeout=60,
        )
        return json.loads(done.stdout)


@contextmanager
def running(data: Path) -> Iterator[Stack]:
    port = _free_port()
    command = [sys.executable, "-m", "helpline.cli", "demo"]
    with (data.parent / "demo.out").open("wb") as output:
        process = subprocess.Popen(
            [*command, "--data", str(data), "--port", str(port)],
            stdout=output,
            stderr=output,
            process_group=0,
        )
    base = f"http://127.0.0.1:{port}"
    stack = Stack(process, data, base, "")
    try:
        until("the demo is ready", lambda: stack.ready() or None, patience=START_SECONDS)
        channels = stack.helpline("channels")
        stack.inbound = next(c["webhooks"]["inbound"] for c in channels if c["name"] == "bt-ussd")
        yield stack
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(30)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
