"""The command `helpline` on a data folder of its own, in this process or as a real one."""

import contextlib
import io
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from helpline import runtime
from helpline.cli import main, seed
from helpline.config import Config

KEYS = ["screen", "text", "encoding", "units", "limit", "page", "pages", "ends"]


@dataclass(frozen=True)
class Ran:
    code: int
    out: str
    err: str

    def json(self) -> list[dict[str, object]]:
        """One object per line, or the rows of one list."""
        found = [json.loads(line) for line in self.out.splitlines()]
        return found[0] if found and isinstance(found[0], list) else found

    def sentence(self) -> str:
        """The one sentence on standard error; nothing else was printed."""
        assert self.out == ""
        (line,) = self.err.splitlines()
        assert line.startswith("helpline: ")
        assert line.endswith(".")
        return line.removeprefix("helpline: ")


@dataclass
class Reader:
    """Standard input of a person who reads each screen before typing the next key."""

    screens: io.StringIO
    choose: Callable[[dict[str, object]], str]

    def isatty(self) -> bool:
        return False

    def __iter__(self) -> Iterator[str]:
        for _ in range(40):  # more than any dialogue takes
            yield self.choose(json.loads(self.screens.getvalue().splitlines()[-1])) + "\n"


def choosing(wanted: Mapping[str, str]) -> Callable[[dict[str, object]], str]:
    """On a screen of `wanted` the choice of those words, else the first; `8` when not shown."""

    def choose(screen: dict[str, object]) -> str:
        words = wanted.get(str(screen["screen"]), "")
        for line in str(screen["text"]).splitlines():
            key, _, label = line.replace("\u200e", "").partition(" ")
            if key in "1234567" and words in ("", label):
                return key
        return "8"

    return choose


@dataclass(frozen=True)
class Tool:
    """`settings` are the environment of every command."""

    settings: dict[str, str]

    def __call__(
        self,
        *arguments: str,
        typed: Iterable[str] | Callable[[dict[str, object]], str] = (),
    ) -> Ran:
        """Runs it in this process, which costs no start-up; argparse's exit is its code."""
        out, err = io.StringIO(), io.StringIO()
        with pytest.MonkeyPatch.context() as patch, contextlib.ExitStack() as stack:
            for name, value in self.settings.items():
                patch.setenv(name, value)
            patch.setattr(sys, "stdin", _stdin(typed, out))
            stack.enter_context(contextlib.redirect_stdout(out))
            stack.enter_context(contextlib.redirect_stderr(err))
            try:
                code = main(arguments)
            except SystemExit as left:
                code = int(str(left.code))
        return Ran(code, out.getvalue(), err.getvalue())

    def process(self, *arguments: str, typed: Iterable[str] = ()) -> Ran:
        """Runs it as a user does."""
        done = subprocess.run(
            [sys.executable, "-m", "helpline.cli", *arguments],
            input="".join(f"{line}\n" for line in typed),
            env={**os.environ, **self.settings},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        return Ran(done.returncode, done.stdout, done.stderr)

    def play(self, programme: str, language: str, wanted: Mapping[str, str], **options: str) -> Ran:
        """A whole dialogue, read and answered; what is not `wanted` gets the first choice."""
        flags = [part for name, value in options.items() for part in (f"--{name}", value)]
        where = ("--programme", programme, "--language", language)
        return self("play", *where, "--json", *flags, typed=choosing(wanted))


def _stdin(
    typed: Iterable[str] | Callable[[dict[str, object]], str], out: io.StringIO
) -> io.StringIO | Reader:
    if callable(typed):
        return Reader(out, typed)
    return io.StringIO("".join(f"{line}\n" for line in typed))


def prepared(data: Path, redis_url: str = "") -> Tool:
    """A tool on a new folder with the demo's channels, officers and duty phones."""
    settings = {"HELPLINE_DATA": str(data), "REDIS_URL": redis_url, "HELPLINE_SIMULATOR": "on"}
    config = Config.from_env(settings)
    runtime.initialise(config)
    seed.write_channels(config.channels_file, config.public_base_url)
    seed.seed(config)
    return Tool(settings)
