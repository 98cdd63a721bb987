"""`helpline demo`: the whole helpline on this machine until Ctrl-C, nothing left behind."""

import argparse
import fcntl
import os
import shutil
import socket
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from helpline import logs, redisd, runtime
from helpline.cli import seed
from helpline.cli.common import Commands
from helpline.cli.supervise import Supervisor, spawn
from helpline.config import Config
from helpline.core.errors import ConfigError

HOST = "127.0.0.1"
START_SECONDS = 60.0
NEEDED = 100 * 1024 * 1024  # bytes of disk
MARK = "helpline.env"  # a folder without it is not ours to wipe


def register(commands: "Commands[argparse.ArgumentParser]") -> None:
    command = commands.add_parser("demo", help="run everything on this machine, with seeded desks")
    command.add_argument("--port", type=int, default=8000, help="port of the web (default 8000)")
    command.add_argument("--data", default="var", help="data folder (default var)")
    command.add_argument("--reset", action="store_true", help="begin with an empty data folder")
    command.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    os.umask(0o077)  # nothing that the demo writes is for other users
    data = Path(args.data).resolve()
    _prepare_folder(data, reset=args.reset)
    with _alone(data):
        _check_port(args.port)
        if args.reset:
            _wipe(data)
        base = f"http://{HOST}:{args.port}"
        os.environ["HELPLINE_DATA"] = str(data)
        (data / MARK).write_text(
            f"PUBLIC_BASE_URL={base}\nHELPLINE_SIMULATOR=on\n", encoding="utf-8"
        )
        config = Config.from_env()
        seed.write_channels(config.channels_file, base)
        runtime.initialise(config)
        seed.seed(config)
        seed.open_accounts(config)
        runtime.build(config).close()  # says now what is wrong, not in a child's log
        return _serve(config, args.port, base)


def _serve(config: Config, port: int, base: str) -> int:
    logs.configure(config.log_level)
    supervisor = Supervisor()
    supervisor.stop_on_signals()
    data, log = config.data, config.data / "demo.log"
    try:
        if config.embedded_redis:
            supervisor.add("redis", redisd.EmbeddedRedis(data / "redis").start)
        for name, arguments in _parts(port).items():
            supervisor.add(name, lambda arguments=arguments: spawn(arguments, data, log))  # type: ignore[misc]
        _wait_until_ready(supervisor, base, log)
        if not supervisor.stopping:
            print(_welcome(config, base), flush=True)
            supervisor.watch()
    finally:
        supervisor.stop()
    print("\nStopped.", flush=True)
    return 0


def _parts(port: int) -> dict[str, list[str]]:
    return {
        "web": ["-m", "helpline.web.server", HOST, str(port)],
        "worker urgent": ["-m", "workers.worker", "urgent"],
        "worker routine": ["-m", "workers.worker", "routine"],
        "relay": ["-m", "workers.relay"],
    }


def _prepare_folder(data: Path, *, reset: bool) -> None:
    if data.exists() and not data.is_dir():
        raise ConfigError([f"{data} is a file; give a folder as --data."])
    if reset and data.exists() and any(data.iterdir()) and not (data / MARK).is_file():
        raise ConfigError([f"{data} was not made by the demo; --reset will not empty it."])
    try:
        data.mkdir(mode=0o700, parents=True, exist_ok=True)
        (data / "demo.lock").touch()
    except OSError as refused:
        problem = f"The data folder {data} cannot be written: {refused.strerror}."
        raise ConfigError([problem]) from None
    if shutil.disk_usage(data).free < NEEDED:
        raise ConfigError([f"The disk of {data} has less than 100 MB free; make room first."])


@contextmanager
def _alone(data: Path) -> Iterator[None]:
    """One demo per data folder."""
    with (data / "demo.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            problem = f"A demo already runs on {data}; stop it first or give another --data."
            raise ConfigError([problem]) from None
        yield


def _wipe(data: Path) -> None:
    for entry in data.iterdir():
        if entry.name == "demo.lock":
            continue
        if entry.is_dir():
            shutil.rmtree(entry)
        else:
            entry.unlink()


def _check_port(port: int) -> None:
    if not 0 < port < 65536:
        raise ConfigError([f"{port} is not a port; give one between 1 and 65535."])
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except PermissionError:
            problem = f"Port {port} may not be used by this user; try --port 8000."
            raise ConfigError([problem]) from None
        except OSError:
            problem = f"Port {port} is taken by another program; try --port {port + 1}."
            raise ConfigError([problem]) from None


def _wait_until_ready(supervisor: Supervisor, base: str, log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and not supervisor.stopping:
        for child in supervisor.children:
            if child.process is not None and child.process.poll() is not None:
                raise ConfigError([f"The {child.name} process ended at once; see {log}."])
        try:
            with urllib.request.urlopen(f"{base}/readyz", timeout=1) as answer:  # noqa: S310
                if answer.status == 200:
                    return
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
    if not supervisor.stopping:
        raise ConfigError([f"The web did not become ready in {START_SECONDS:.0f} s; see {log}."])


def _welcome(config: Config, base: str) -> str:
    helpline = Path(sys.executable).parent / "helpline"
    try:
        shown = helpline.relative_to(Path.cwd()).as_posix()
    except ValueError:
        shown = helpline.as_posix()
    default = config.data == Path("var").resolve()
    prefix = "" if default else f"HELPLINE_DATA={config.data} "
    command = f"{prefix}{shown}"
    return f"""
The helpline runs at {base}  (health: {base}/readyz)
  a phone to try     {base}/simulator
  the desks' side    {base}/console
  accounts to use    {config.data / seed.ACCOUNTS}
  data folder        {config.data}
  channels, secrets  {config.channels_file}
  texts it sent      {base}/stub/inbox
  logs               {config.data / "demo.log"}

Try, in another terminal:
  {command} play --programme bt --language dz      a phone
  {command} channels                               webhook addresses for curl
  {command} callbacks list                         what waits at the desks
  {command} callbacks claim --desk BT-WCPD-15      take the next call (officer bt-officer-one)
  {command} officers code bt-officer-one           the 6-digit code to sign in with
  {command} doctor                                 what is not set up yet

Officers: bt-officer-one, bt-officer-two, bt-supervisor; pk-...; kh-... (officer two is a man);
admin looks after accounts.
Ctrl-C stops everything; the data stays. `./scripts/demo --reset` begins anew."""
