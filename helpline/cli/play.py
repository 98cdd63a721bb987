"""`helpline play`: a phone in the terminal, through the real service and the real record.

With `--channel sms` the screens are fitted as texts are, and shown as a dialogue.
"""

import argparse
import asyncio
import sys
from collections.abc import Iterator
from contextlib import ExitStack

from helpline import redisd, runtime
from helpline.cli.common import Commands, as_json
from helpline.config import Config
from helpline.core.errors import ConfigError
from helpline.core.message import MO, Kind
from helpline.core.text import measure
from helpline.gateways.base import Channel
from helpline.runtime import Runtime
from helpline.service.dialogue import Step
from helpline.service.live import LivePlayers
from helpline.service.receive import Receiver

NUMBERS = {  # prefixes that no operator of the country has: these cannot ring
    "bt": "+97510000001",
    "pk": "+923800000001",
    "kh": "+85520000001",
}


def register(commands: "Commands[argparse.ArgumentParser]") -> None:
    command = commands.add_parser("play", help="a phone in the terminal; one input per line")
    command.add_argument("--programme", required=True, choices=("bt", "pk", "kh"))
    command.add_argument("--channel", choices=("ussd", "sms"), default="ussd")
    command.add_argument("--language", help="begin at home in this language")
    command.add_argument("--number", help="the phone's number (default: one that cannot ring)")
    command.add_argument("--json", action="store_true", help="one JSON object per screen")
    command.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    config = Config.from_env()
    with ExitStack() as stack:
        runtime.initialise(config)
        if config.embedded_redis:
            stack.enter_context(redisd.running(config.data / "redis"))
        parts = runtime.build(config, receiving=False)
        stack.callback(parts.close)
        known = parts.content.programmes[args.programme]
        if args.language and not known.speaks(args.language):
            spoken = ", ".join(language.code for language in known.languages)
            raise ConfigError([f"{known.name} speaks {spoken}, not {args.language}."])
        asyncio.run(_talk(parts, args))
    return 0


async def _talk(parts: Runtime, args: argparse.Namespace) -> None:
    kind = Kind(args.channel)
    channel = _channel(args.programme, kind)
    players = {channel.name: parts.content.player(args.programme, kind, runtime.BUDGETS[kind])}
    sessions = parts.session_store()
    receiver = parts.receiver(sessions, LivePlayers(players))
    phone = _Phone(receiver, channel, args)
    step = await phone.send("", first=True)
    phone.show(step)
    for typed in _inputs():
        if step.ends:
            break
        step = await phone.send(typed)
        phone.show(step)
    await sessions.close()


def _channel(programme: str, kind: Kind) -> Channel:
    return Channel(
        name=f"play-{programme}-{kind.value}",
        gateway="simulator",
        programme=programme,
        address="play",
        region=programme.upper(),
        budget=runtime.BUDGETS[kind],
        secrets=(),
    )


def _inputs() -> Iterator[str]:
    if sys.stdin.isatty():
        print("(type what the phone would send, one input per line; Ctrl-D ends)", file=sys.stderr)
    for line in sys.stdin:
        yield line.rstrip("\r\n")[:1600]


class _Phone:
    """Sends the history as a cumulative gateway does, so that nothing depends on Redis."""

    def __init__(self, receiver: Receiver, channel: Channel, args: argparse.Namespace) -> None:
        self._receiver, self._channel, self._args = receiver, channel, args
        self._session = runtime.new_id()
        self._history = ""

    async def send(self, typed: str, *, first: bool = False) -> Step:
        if not first:
            self._history = f"{self._history}*{typed}" if self._history else typed
        number = self._args.number or NUMBERS[self._args.programme]
        mo = MO(number, self._history, session=self._session, cumulative=True)
        language = self._args.language or ""
        return await self._receiver.turn(self._channel, mo, runtime.now(), language=language)

    def show(self, step: Step) -> None:
        size = measure(step.text, self._channel.budget)
        number, count = (step.page.number + 1, step.page.count) if step.page else (1, 1)
        if not self._args.json:
            end = "  (end)" if step.ends else ""
            print(f"{step.text}\n--- {step.screen} {size.units}/{size.limit}{end}")
            return
        screen = {
            "screen": step.screen,
            "text": step.text,
            "encoding": size.encoding.value,
            "units": size.units,
            "limit": size.limit,
            "page": number,
            "pages": count,
            "ends": step.ends,
        }
        print(as_json(screen), flush=True)
