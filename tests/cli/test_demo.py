"""`helpline demo` as a real process: it comes up, stays up, says what is wrong, goes away."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx2
import psutil
import pytest

from helpline.cli.demo import MARK
from helpline.redisd import EmbeddedRedis
from tests.cli.tool import Ran, Tool
from tests.servers import gone, wait_until

PARTS = ["redis-server", "helpline.web.server", "urgent", "routine", "workers.relay"]
START = 60  # seconds; five processes on two cores


@dataclass
class Demo:
    process: "subprocess.Popen[str]"
    data: Path
    port: int

    @property
    def base(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def tool(self) -> Tool:
        return Tool({"HELPLINE_DATA": str(self.data)})

    def children(self) -> list[psutil.Process]:
        return psutil.Process(self.process.pid).children(recursive=True)

    def child(self, part: str) -> psutil.Process | None:
        """The running process of that part (the first: RQ's workers fork)."""
        for process in psutil.Process(self.process.pid).children():
            try:
                if part in " ".join(process.cmdline()) and not gone(process.pid):
                    return process
            except psutil.NoSuchProcess:
                continue
        return None

    def ready(self) -> bool:
        try:
            answer = httpx2.get(f"{self.base}/readyz", timeout=2, trust_env=False)
        except httpx2.HTTPError:
            return False
        return bool(answer.status_code == 200 and answer.json()["redis"])

    def stop(self, sign: signal.Signals) -> tuple[int, str]:
        """The exit code and what was printed; every process of it is gone."""
        children = self.children()
        self.process.send_signal(sign)
        out, _ = self.process.communicate(timeout=30)
        assert [child for child in children if not gone(child.pid)] == []
        assert not EmbeddedRedis(self.data / "redis").alive()
        return self.process.returncode, out


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


def environment() -> dict[str, str]:
    """As in a new terminal: no setting of this test run."""
    names = ("HELPLINE_", "DATABASE_URL", "REDIS_URL", "PUBLIC_BASE_URL")
    return {name: value for name, value in os.environ.items() if not name.startswith(names)}


@contextmanager
def demo(data: Path, port: int) -> Iterator[Demo]:
    """A demo that says it runs; killed with all its processes if the test left it."""
    command = [sys.executable, "-m", "helpline.cli", "demo"]
    process = subprocess.Popen(
        [*command, "--port", str(port), "--data", str(data)],
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    running = Demo(process, data, port)
    try:
        assert wait_until(lambda: running.ready() or process.poll() is not None, START)
        yield running
    finally:
        if process.poll() is None:
            left = running.children()
            process.kill()
            process.communicate()
            for child in left:
                if not gone(child.pid):
                    child.kill()


def refused(*arguments: str) -> Ran:
    done = subprocess.run(
        [sys.executable, "-m", "helpline.cli", "demo", *arguments],
        env=environment(),
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    return Ran(done.returncode, done.stdout, done.stderr)


def dial(running: Demo, text: str) -> str:
    """One turn at the address that `helpline channels` prints."""
    rows = running.tool()("channels", "--json").json()
    (hooks,) = [row["webhooks"] for row in rows if row["name"] == "bt-ussd"]
    assert isinstance(hooks, dict)
    form = {
        "sessionId": "demo-1",
        "serviceCode": "*1098#",
        "phoneNumber": "+97510000001",
        "networkCode": "99999",
        "text": text,
    }
    answer = httpx2.post(hooks["inbound"], data=form, timeout=10, trust_env=False)
    assert answer.status_code == 200
    return answer.text


def duty_texts(running: Demo) -> list[str]:
    inbox = httpx2.get(f"{running.base}/stub/inbox", timeout=5, trust_env=False).json()
    return [message["text"] for message in inbox]


def callbacks(running: Demo) -> list[str]:
    return [str(row["case_code"]) for row in running.tool()("callbacks", "list", "--json").json()]


def test_from_the_first_start_to_the_second(tmp_path: Path) -> None:
    data, port = tmp_path / "var", free_port()
    with demo(data, port) as running:
        assert all(running.child(part) for part in PARTS)
        assert (data / "channels.toml").stat().st_mode & 0o077 == 0
        assert data.stat().st_mode & 0o077 == 0

        for text in ("", "3", "3*1", "3*1*1", "3*1*1*1"):
            assert dial(running, text).startswith("CON ")
        dial(running, "3*1*1*1*1")
        (code,) = callbacks(running)
        # record -> relay -> Redis -> worker -> provider
        assert wait_until(lambda: bool(duty_texts(running)), 15)

        before = {part: running.child(part) for part in PARTS}
        for child in before.values():
            assert child is not None
            child.send_signal(signal.SIGKILL)
        for part, child in before.items():
            assert child is not None
            assert wait_until(restarted(running, part, child.pid), 30), part
        assert wait_until(running.ready, START)
        assert callbacks(running) == [code]

        again = refused("--port", str(free_port()), "--data", str(data))
        assert again.code == 2
        assert again.sentence() == (
            f"A demo already runs on {data}; stop it first or give another --data."
        )
        taken = refused("--port", str(port), "--data", str(tmp_path / "other"))
        assert taken.code == 2
        assert taken.sentence() == (
            f"Port {port} is taken by another program; try --port {port + 1}."
        )

        exit_code, out = running.stop(signal.SIGINT)
        assert exit_code == 0
        assert f"The helpline runs at http://127.0.0.1:{port}" in out
        assert f"http://127.0.0.1:{port}/simulator\n" in out
        assert f"{data}/accounts.txt\n" in out
        assert out.endswith("Stopped.\n")
        secrets = re.findall(r"[0-9a-f]{32}", (data / "channels.toml").read_text())
        secrets += re.findall(
            r"[0-9a-f]{6}(?:-[0-9a-f]{6}){2}", (data / "accounts.txt").read_text()
        )
        said = out + (data / "demo.log").read_text()
        assert not any(secret in said for secret in secrets if secret != "0" * 32)
        assert "97510000001" not in said

    stored = (data / "channels.toml").read_bytes()
    with demo(data, port) as running:
        assert (data / "channels.toml").read_bytes() == stored
        assert callbacks(running) == [code]
        assert running.stop(signal.SIGTERM)[0] == 0


def restarted(running: Demo, part: str, before: int) -> Callable[[], bool]:
    def yes() -> bool:
        now = running.child(part)
        return now is not None and now.pid != before

    return yes


class TestRefusals:
    """Quick: nothing is started."""

    def refuse(self, *arguments: str) -> str:
        ran = refused(*arguments)
        assert ran.code == 2
        return ran.sentence()

    def test_a_folder_that_cannot_be_made(self, tmp_path: Path) -> None:
        (tmp_path / "file").touch()
        said = self.refuse("--data", str(tmp_path / "file" / "var"))
        assert said.startswith(f"The data folder {tmp_path}/file/var cannot be written: ")

    @pytest.mark.parametrize("options", [(), ("--reset",)])
    def test_a_folder_that_is_a_file(self, tmp_path: Path, options: tuple[str, ...]) -> None:
        (tmp_path / "file").write_text("mine")
        assert f"{tmp_path}/file" in self.refuse("--data", str(tmp_path / "file"), *options)
        assert (tmp_path / "file").read_text() == "mine"

    def test_reset_never_empties_a_folder_of_somebody_else(self, tmp_path: Path) -> None:
        (tmp_path / "thesis.txt").write_text("mine")
        said = self.refuse("--data", str(tmp_path), "--reset")
        assert said == f"{tmp_path} was not made by the demo; --reset will not empty it."
        assert [entry.name for entry in tmp_path.iterdir()] == ["thesis.txt"]

    def test_reset_of_its_own_folder_waits_until_the_port_is_known_to_be_free(
        self, tmp_path: Path
    ) -> None:
        (tmp_path / MARK).touch()
        (tmp_path / "helpline.sqlite3").write_text("callbacks")
        with socket.create_server(("127.0.0.1", 0)) as other:
            port = other.getsockname()[1]
            said = self.refuse("--data", str(tmp_path), "--reset", "--port", str(port))
        assert f"Port {port} is taken" in said
        assert (tmp_path / "helpline.sqlite3").read_text() == "callbacks"

    @pytest.mark.parametrize("port", ["0", "65536", "-1"])
    def test_a_port_that_is_none(self, tmp_path: Path, port: str) -> None:
        said = self.refuse("--data", str(tmp_path), "--port", port)
        assert said == f"{port} is not a port; give one between 1 and 65535."

    def test_the_settings_it_wrote_hold_for_every_later_command(self, tmp_path: Path) -> None:
        """Also when it was refused half-way, nothing of it is in the way."""
        (tmp_path / MARK).write_text("PUBLIC_BASE_URL=http://127.0.0.1:8123\n")
        ran = Tool({"HELPLINE_DATA": str(tmp_path)})("channels", "--json")
        assert ran.code == 2
        assert json.dumps(ran.sentence()).count("channels.toml") == 2
