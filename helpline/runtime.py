"""Builds the program from its configuration: the only place where the parts meet."""

import logging
import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime

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
from helpline.crypto import Keyring, Sealer
from helpline.crypto.tokens import draw as draw
from helpline.crypto.tokens import new_id as new_id
from helpline.crypto.tokens import token as token
from helpline.founding import check_schema as check_schema
from helpline.founding import initialise as initialise
from helpline.founding import write_private as write_private
from helpline.gateways import GATEWAYS, SIMULATED
from helpline.gateways.base import Channel, Gateway
from helpline.redisd import EmbeddedRedis
from helpline.service import known, webhooks
from helpline.service.accounts import Accounts, accounts_of
from helpline.service.carrying import Carrier
from helpline.service.casework import CaseWork
from helpline.service.deadlines import Deadlines
from helpline.service.deliver import Delivery
from helpline.service.desk import DeskService
from helpline.service.duty_phone import telling_channels
from helpline.service.escalate import Escalation
from helpline.service.filing import Filing
from helpline.service.grip import Grip
from helpline.service.live import LivePlayers
from helpline.service.logbook import Logbook
from helpline.service.messages import Messenger
from helpline.service.mycase import MyCase
from helpline.service.nudges import Nudges
from helpline.service.officer_texts import OfficerTexts
from helpline.service.primero import Primero
from helpline.service.receive import Receiver
from helpline.service.referring import Referring
from helpline.service.remembering import Remembering
from helpline.service.roster import Roster
from helpline.service.statistics import Statistics
from helpline.service.telling import Telling
from helpline.service.texting import Texting
from helpline.service.visits import Visits
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


def content_of(record: Record) -> Content:
    """With the operator's rows; without them where the record does not give them."""
    said = content()
    return replace(said, directory=known.in_use(record, said.directory))


def stored_content(config: Config) -> Content:
    """The same for a look from outside. Raises ContentError also for the operator's rows."""
    said, record = content(), Record(config.database_url)
    try:
        if known.absent(record) or not known.revision_of(record):
            return said
        return replace(said, directory=known.directory_of(record))
    except RecordUnavailable:
        return said
    finally:
        record.close()


@dataclass
class Current:
    """What a process says, replaced whole. `refused` is a revision that could not be shown."""

    content: Content
    refused: int = 0


def now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True)
class Runtime:
    """One process's parts. Close it with `close()`; the web also closes its session store.

    `simulated` are the simulator page's own channels, none while it is off. They have no webhook.
    """

    config: Config
    saying: Current
    channels: Mapping[str, Channel]
    simulated: Mapping[str, Channel]
    record: Record
    sealer: Sealer
    nudges: Nudges
    escalation: Escalation
    filing: Filing
    carrier: Carrier
    desk: DeskService
    casework: CaseWork
    roster: Roster
    logbook: Logbook
    visits: Visits
    accounts: Accounts
    referring: Referring
    delivery: Delivery
    statistics: Statistics
    primero: Primero
    officer_texts: OfficerTexts

    @property
    def content(self) -> Content:
        return self.current()

    def current(self) -> Content:
        """What is said now: ask anew for each answer, a later import replaces it."""
        return self.saying.content

    def players(self) -> LivePlayers:
        """One player per channel, each proved: ContentError when a screen cannot be shown. For
        the operator's rows no process stays down: then the packaged directory serves."""
        try:
            return LivePlayers(self._players(self.content))
        except ContentError:
            if not self.content.directory.revision:
                raise
            self._refuse(self.content.directory.revision)
            self.saying.content = content()
            return LivePlayers(self._players(self.content))

    def _players(self, content: Content) -> dict[str, Player]:
        proved: dict[tuple[str, Kind, Budget], Player] = {}
        players: dict[str, Player] = {}
        for name, channel in {**self.channels, **self.simulated}.items():
            shape = (channel.programme, EVERY_GATEWAY[channel.gateway].kind, channel.budget)
            if shape not in proved:
                texts = channel.programme in self.nudges.channels
                proved[shape] = _proved(content.player(*shape, texts=texts))
            players[name] = proved[shape]
        return players

    def refresh(self, players: LivePlayers) -> None:
        """Goes over to the record's newest directory; one that cannot be shown is refused once,
        with a line in the log, and the old one stays. Raises RecordUnavailable."""
        revision = known.revision_of(self.record)
        if revision in (self.content.directory.revision, self.saying.refused):
            return
        try:
            fresh = replace(self.content, directory=known.directory_of(self.record))
            proved = self._players(fresh)
        except (ContentError, LookupError, ValueError):
            self._refuse(revision)
            return
        assert fresh.directory.index  # built here, not at the first caller's search
        players.swap(proved)
        self.saying.content = fresh
        logs.event("directory.changed", row=fresh.directory.revision)

    def _refuse(self, revision: int) -> None:
        self.saying.refused = revision
        logs.event("directory.refused", level=logging.ERROR, row=revision)

    def session_store(self) -> SessionStore:
        return SessionStore(connect(redis_url(self.config)), self.sealer)

    def receiver(self, sessions: SessionStore, players: LivePlayers) -> Receiver:
        remembering = self._remembering(sessions)
        changed = players.changed
        return Receiver(sessions, self.record, self.carrier, remembering, players, changed)

    def messenger(self, sessions: SessionStore, players: Mapping[str, Player]) -> Messenger:
        remembering = self._remembering(sessions)
        parts = (self.carrier, remembering, self.sealer, players, self.officer_texts)
        return Messenger(sessions, self.record, *parts)

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
    """Raises ConfigError or ContentError; a record that does not answer stops nothing.

    Only a process that receives or sends needs the channels file to be there.
    """
    needed = receiving or config.channels_file.exists()
    channels = channels_of(config) if needed else {}
    simulated = simulated_channels(config)
    sealer = Sealer(keyring_of(config), os.urandom)
    record = Record(config.database_url)
    said = content_of(record)
    nudges = Nudges(telling_channels(channels))
    saying = Current(said)
    deadlines = Deadlines(said.programmes, lambda: saying.content.directory)
    escalation = Escalation(record, said.programmes, nudges, deadlines)
    filing = Filing(record, sealer, said.programmes, nudges, deadlines, new_id, draw)
    grip = Grip(record, sealer, said.programmes, escalation)
    texting = Texting(sealer, nudges.channels)
    visits = Visits(record, token)
    return Runtime(
        config=config,
        saying=saying,
        channels=channels,
        simulated=simulated,
        record=record,
        sealer=sealer,
        nudges=nudges,
        escalation=escalation,
        filing=filing,
        carrier=Carrier(filing, Telling(filing), MyCase(filing), texting),
        desk=DeskService(grip),
        casework=CaseWork(grip),
        roster=Roster(record),
        logbook=Logbook(record),
        visits=visits,
        accounts=accounts_of(record, sealer, visits, os.urandom, token),
        referring=Referring(grip, lambda: saying.content.directory),
        delivery=Delivery(
            record, sealer, {**channels, **simulated}, EVERY_GATEWAY, said.voices, clock
        ),
        statistics=Statistics(record, sealer, said.programmes, lambda: saying.content.directory),
        primero=Primero(record, sealer, said.programmes),
        officer_texts=OfficerTexts(grip, texting, said.voices),
    )
