"""Starts child processes, restarts those that die, and leaves none behind."""

import ctypes
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from helpline import logs

STOP_SECONDS = 8.0
PAUSE = 0.5  # seconds before a dead child is started again
_PR_SET_PDEATHSIG = 1  # linux/prctl.h


@dataclass
class Child:
    """One process to keep running. `start` returns it started."""

    name: str
    start: Callable[[], "subprocess.Popen[bytes]"]
    process: "subprocess.Popen[bytes] | None" = None


@dataclass
class Supervisor:
    """Children are started in order and stopped in reverse; call from the main thread."""

    children: list[Child] = field(default_factory=list)
    _stop: threading.Event = field(default_factory=threading.Event)

    def add(self, name: str, start: Callable[[], "subprocess.Popen[bytes]"]) -> None:
        child = Child(name, start)
        child.process = start()
        self.children.append(child)

    def stop_on_signals(self) -> None:
        for sign in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(sign, lambda *_: self._stop.set())

    @property
    def stopping(self) -> bool:
        return self._stop.is_set()

    def watch(self) -> None:
        """Until a signal says stop: whatever died is started again."""
        while not self._stop.wait(PAUSE):
            for child in self.children:
                if child.process is not None and child.process.poll() is not None:
                    logs.event("process.restarted", process=child.name)
                    child.process = child.start()

    def stop(self) -> None:
        """Asks every child to end, then ends it."""
        running = [c.process for c in reversed(self.children) if c.process is not None]
        for process in running:
            _signal(process, signal.SIGTERM)
        deadline = time.monotonic() + STOP_SECONDS
        for process in running:
            try:
                process.wait(max(0.1, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                _signal(process, signal.SIGKILL)
                process.wait()


def _signal(process: "subprocess.Popen[bytes]", sign: signal.Signals) -> None:
    """To the child's whole group: RQ's workers fork."""
    try:
        os.killpg(process.pid, sign)
    except ProcessLookupError:
        return


def spawn(arguments: Sequence[str], data: Path, log: Path) -> "subprocess.Popen[bytes]":
    """A Python child in its own group, its output appended to `log`; it dies with its parent."""
    with log.open("ab") as output:
        return subprocess.Popen(  # noqa: S603
            [sys.executable, *arguments],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            env={**os.environ, "HELPLINE_DATA": str(data)},
            process_group=0,
            preexec_fn=_die_with_parent if sys.platform == "linux" else None,
        )


def _die_with_parent() -> None:
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
