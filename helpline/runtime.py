"""Builds the program from its configuration: the only place where the parts meet."""

import logging
import os
import re
import secrets
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from flows import FLOW, PROGRAMMES
from helpline import catalogue, directory, logs, sources
from helpline.config import Config, read_channels
from helpline.core.check_tables import table_faults
from helpline.core.directory import Directory
from helpline.core.errors import ConfigError, ContentError, RecordUnavailable
from helpline.core.fit import Frame
from helpline.core.flow import Flow
from helpline.core.label import Voice
from helpline.core.message import Kind
from helpline.core.play import Player
from helpline.core.programme import Programme
from helpline.core.prove import prove
from helpline.core.script import Script
from helpline.core.text import Budget
from helpline.crypto import Keyring, Sealer, new_keyring
from helpline.gateways import GATEWAYS, SIMULATED
from helpline.gateways.base import Channel, Gateway
from helpline.redisd import EmbeddedRedis
from helpline.service import webhooks
from helpline.service.carrying import Carrier
from helpline.service.deliver import Delivery
from helpline.service.desk import DeskService
from helpline.service.escalate import Escalation
from helpline.service.filing import Filing
from helpline.service.messages import Messenger
from helpline.service.mycase import MyCase
from helpline.service.nudges import Nudges
from helpline.service.receive import Receiver
from helpline.service.remembering import Remembering
from helpline.service.telling import Telling
from helpline.service.texting import Texting
from helpline.store import desks, migrate
from helpline.store.memory import Memory
from helpline.store.record import Record
from helpline.store.sessions import SessionStore, connect

BUDGETS = {Kind.USSD: Budget(), Kind.SMS: Budget(segments=3)}  # without a channel's own
HIDE_KEYS = {Kind.USSD: "9", Kind.SMS: "99"}
EVERY_GATEWAY: Mapping[str, Gateway] = {**GATEWAYS, **SIMULATED}
SIMULATORS = {Kind.USSD: "simulator", Kind.SMS: "simulator-sms"}


@dataclass(frozen=True)
class Content:
    """Everything said and known: read and checked once."""

    flow: Flow
    programmes: Mapping[str, Programme]
    directory: Directory
    voices: Mapping[str, Voice]

    def player(self, programme: str, kind: Kind, budget: Budget, *, texts: bool = True) -> Player:
        """`texts`: an answer can also be sent to the phone's inbox, which SMS itself is."""
        known = self.programmes[programme]
        inbox = texts and kind is Kind.USSD
        others = {p.country: p.emergency for p in self.programmes.values() if p is not known}
        script = Script(self.flow, known, self.directory, HIDE_KEYS[kind], kind, inbox, others)
        frames = {
            language.code: Frame(self.voices[language.code], budget, self.flow, HIDE_KEYS[kind])
            for language in known.languages
        }
        return Player(script, frames)


def content() -> Content:
    """Raises ContentError when a table, catalogue or directory is wrong; every wrong screen of
    the flow is named with its file and line."""
    wrong = [f"{sources.where(f.screen)}: {f.screen}: {f.problem}" for f in table_faults(FLOW)]
    if wrong:
        raise ContentError("\n".join(wrong))
    return Content(FLOW, PROGRAMMES, directory.load(), catalogue.voices())


def now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True)
class Runtime:
    """One process's parts. Close it with `close()`; the web also closes its session store.

    `simulated` are the simulator page's own channels, none while it is off. They have no webhook.
    """

    config: Config
    content: Content
    channels: Mapping[str, Channel]
    simulated: Mapping[str, Channel]
    record: Record
    sealer: Sealer
    nudges: Nudges
    escalation: Escalation
    filing: Filing
    carrier: Carrier
    desk: DeskService
    delivery: Delivery

    def players(self) -> dict[str, Player]:
        """One player per channel, each proved: ContentError when a screen cannot be shown."""
        proved: dict[tuple[str, Kind, Budget], Player] = {}
        players: dict[str, Player] = {}
        for name, channel in {**self.channels, **self.simulated}.items():
            shape = (channel.programme, EVERY_GATEWAY[channel.gateway].kind, channel.budget)
            if shape not in proved:
                texts = channel.programme in self.nudges.channels
                proved[shape] = _proved(self.content.player(*shape, texts=texts))
            players[name] = proved[shape]
        return players

    def session_store(self) -> SessionStore:
        return SessionStore(connect(redis_url(self.config)), self.sealer)

    def receiver(self, sessions: SessionStore, players: Mapping[str, Player]) -> Receiver:
        remembering = self._remembering(sessions)
        return Receiver(sessions, self.record, self.carrier, remembering, players)

    def messenger(self, sessions: SessionStore, players: Mapping[str, Player]) -> Messenger:
        remembering = self._remembering(sessions)
        return Messenger(sessions, self.record, self.carrier, remembering, self.sealer, players)

    def _remembering(self, sessions: SessionStore) -> Remembering:
        return Remembering(Memory(sessions.redis, self.sealer))

    def close(self) -> None:
        self.record.close()


def _proved(player: Player) -> Player:
    """Raises ContentError with the file and line of every screen that cannot be shown."""
    try:
        prove(player, now())
    except ContentError as wrong:
        raise ContentError("\n".join(map(_located, str(wrong).split("\n")))) from None
    return player


def _located(problem: str) -> str:
    named = re.search(r"screen (\w+)", problem)
    return f"{sources.where(named[1])}: {problem}" if named else problem


def redis_url(config: Config) -> str:
    return config.redis_url or EmbeddedRedis(config.data / "redis").url


def channels_of(config: Config) -> dict[str, Channel]:
    """The configured channels, each knowing where its delivery reports go."""
    in_path = {name: gateway.authentic is None for name, gateway in GATEWAYS.items()}
    found = read_channels(config.channels_file, in_path, tuple(PROGRAMMES))
    cut = [
        f"channel {channel.name}: a screen has no segments; networks would cut it."
        for channel in found.values()
        if GATEWAYS[channel.gateway].kind is Kind.USSD and channel.budget.segments != 1
    ]
    if cut:
        raise ConfigError(cut)
    return {
        name: webhooks.with_status_callback(
            channel, GATEWAYS[channel.gateway], config.public_base_url
        )
        for name, channel in found.items()
        if config.simulator or channel.gateway != "simulator"
    }


def simulated_name(programme: str, kind: Kind) -> str:
    """Its dots keep it apart from every name that a channels file may give."""
    return f"simulator.{programme}.{kind.value}"


def simulated_channels(config: Config) -> dict[str, Channel]:
    """Every programme by USSD and by SMS, for the simulator page; none while it is off."""
    if not config.simulator:
        return {}
    found = [
        Channel(
            name=simulated_name(programme, kind),
            gateway=gateway,
            programme=programme,
            address="simulator",
            region=programme.upper(),
            budget=BUDGETS[kind],
            secrets=(),  # no path secret and no token: no webhook can ever believe anybody
        )
        for programme in PROGRAMMES
        for kind, gateway in SIMULATORS.items()
    ]
    return {channel.name: channel for channel in found}


def keyring_of(config: Config) -> Keyring:
    try:
        return Keyring.parse(config.keys_file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        problem = f"There is no key ring {config.keys_file}; `helpline init` makes one."
        raise ConfigError([problem]) from None


def build(
    config: Config, *, clock: Callable[[], datetime] = now, receiving: bool = True
) -> Runtime:
    """Raises ConfigError or ContentError; connects to nothing yet.

    Only a process that receives or sends needs the channels file to be there.
    """
    said = content()
    needed = receiving or config.channels_file.exists()
    channels = channels_of(config) if needed else {}
    simulated = simulated_channels(config)
    record = Record(config.database_url)
    sealer = Sealer(keyring_of(config), os.urandom)
    nudges = Nudges(nudge_channels(channels))
    escalation = Escalation(record, said.programmes, nudges)
    filing = Filing(record, sealer, said.programmes, nudges, new_id, draw)
    texting = Texting(sealer, nudges.channels)
    return Runtime(
        config=config,
        content=said,
        channels=channels,
        simulated=simulated,
        record=record,
        sealer=sealer,
        nudges=nudges,
        escalation=escalation,
        filing=filing,
        carrier=Carrier(filing, Telling(filing), MyCase(filing), texting),
        desk=DeskService(record, sealer, said.programmes, escalation),
        delivery=Delivery(
            record, sealer, {**channels, **simulated}, EVERY_GATEWAY, said.voices, clock
        ),
    )


def new_id() -> str:
    return uuid.uuid4().hex


def draw() -> int:
    return secrets.randbits(64)


def nudge_channels(channels: Mapping[str, Channel]) -> dict[str, str]:
    """Per programme the first channel that can send texts."""
    found: dict[str, str] = {}
    for name, channel in channels.items():
        if GATEWAYS[channel.gateway].send is not None:
            found.setdefault(channel.programme, name)
    return found


def initialise(config: Config) -> None:
    """Makes a data folder usable: key ring, schema, desks. Safe to repeat.

    A missing key ring beside a record that holds cases is never replaced: that would make them
    unreadable for good.
    """
    config.data.mkdir(mode=0o700, parents=True, exist_ok=True)
    record = Record(config.database_url)
    try:
        if not config.keys_file.exists():
            if migrate.present(record):
                problem = f"The key ring {config.keys_file} is missing; restore it from backup."
                raise ConfigError([problem])
            _write_once(config.keys_file, new_keyring(os.urandom))
        migrate.upgrade(record)
        with record.writing() as connection:
            desks.put_desks(connection, directory.load().desks.values())
    finally:
        record.close()


def check_schema(record: Record) -> None:
    """Refuses a record that `helpline init` has not brought up. One that does not answer passes:
    callers must read the emergency number meanwhile, not a dead line."""
    try:
        behind = migrate.present(record) != migrate.newest(record)
    except RecordUnavailable:
        logs.event("record.unavailable", level=logging.ERROR)
        return
    if behind:
        raise ConfigError(["The record's schema is not the newest; run `helpline init`."])


def _write_once(path: Path, text: str) -> None:
    """Writes a file that must never be replaced or lost: on disk before it has its name."""
    draft = path.with_name(f"{path.name}.{uuid.uuid4().hex}")
    write_private(draft.as_posix(), text)
    try:
        os.link(draft, path)
    except FileExistsError:  # another process was first: its file counts
        return
    finally:
        draft.unlink()
        folder = os.open(path.parent, os.O_RDONLY)
        os.fsync(folder)
        os.close(folder)


def write_private(path: str, text: str) -> None:
    """Writes a file that only its owner can read, from its first byte on."""
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as stored:
        stored.write(text)
        stored.flush()
        os.fsync(stored.fileno())
