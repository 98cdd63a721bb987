"""A turn by SMS: the same dialogue, its answer an MT in the outbox of the same transaction."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from sqlalchemy import Connection

from helpline.core.digits import key_of
from helpline.core.engine import advance, current, open_with
from helpline.core.label import N_, Text
from helpline.core.message import MO, Receipt
from helpline.core.play import Player
from helpline.core.script import lost_place, plain
from helpline.core.session import Session
from helpline.crypto import Sealer
from helpline.gateways.base import Channel
from helpline.service.carrying import Carrier
from helpline.service.dialogue import Step, carried_out, shown, without_effects
from helpline.service.duty_phone import HEARD, SILENCED
from helpline.service.filing import Origin
from helpline.service.officer_texts import Heard, OfficerTexts
from helpline.service.patience import in_time
from helpline.service.remembering import Remembering, allowed
from helpline.store import cases, optouts, outbox
from helpline.store.record import Record
from helpline.store.sessions import SMS_TTL, SessionStore

# Words that belong to carriers (SAFETY 18): never asked for, and final when they come.
STOP_WORDS = frozenset(
    {"stop", "stopall", "unsubscribe", "end", "quit", "cancel", "revoke", "optout"}
)
START_WORDS = frozenset({"start", "unstop"})
STOPPED = N_("OK. No more messages.")
ANSWERED_WITHIN = timedelta(minutes=30)  # a key that comes later is asked for once more
SAME_TEXT = 3  # the third of one text in an hour may come from a machine: it gets no answer


def _once(channel: Channel, provider_id: str) -> str:
    """The name of the answer to one message."""
    return f"mt|{channel.name}|{provider_id}"


def _usable(player: Player, session: Session) -> bool:
    """Whether a dialogue can go on; another flow or a place that is gone makes it begin anew."""
    script = player.script
    return not session.ends and current(session, script.flow) and not lost_place(script, session)


@dataclass(frozen=True, slots=True)
class _Message:
    """What stays the same while one message is taken."""

    player: Player
    channel: Channel
    mo: MO
    now: datetime
    language: str
    looping: bool  # no answer by itself: it may be another machine's
    may_open: bool

    @property
    def origin(self) -> Origin:
        return Origin(self.channel.name, self.mo.provider_id, self.mo.number, inbox=True)


@dataclass(frozen=True)
class Messenger:
    """`players` has one entry per channel name."""

    sessions: SessionStore
    record: Record
    carrier: Carrier
    remembering: Remembering
    sealer: Sealer
    players: Mapping[str, Player]
    officers: OfficerTexts

    async def receive(self, channel: Channel, mo: MO, now: datetime) -> Step | None:
        """Takes one message; when it returns, the message and its answer are durable.

        None: no screen to answer with (a sender that is not a phone, a repeat, an opted-out number,
        the third of one text in an hour, an officer's command). Raises RecordUnavailable: the
        gateway must send it again.
        """
        if not mo.number:  # short codes and names: answering them can start a loop
            return None
        player = self.players[channel.name]
        key = self.sessions.key(channel.name, "", mo.number)
        before = await self.sessions.get(key)
        message = await self._message(player, channel, mo, before, now)
        session = before if before and _usable(player, before) else None
        step = await in_time(partial(self._store, message, session))
        if step is not None:
            await self.sessions.put(key, step.remembered(mo.provider_id), SMS_TTL)
            await self.remembering.after(channel, mo, key, before, step)
            await self.remembering.learned(channel, mo, step)
        return step

    async def _message(
        self, player: Player, channel: Channel, mo: MO, before: Session | None, now: datetime
    ) -> _Message:
        language = before.language if before else ""
        if not language:
            spoken = await self.remembering.language(channel, mo.number, player)
            language = spoken.language if spoken else ""
        same = 0
        if key_of(mo.text) is None:  # keys are the same for everybody
            same = await self.remembering.memory.repeats(
                channel.name, mo.number, plain(mo.text), mo.provider_id
            )
        may_open = await self.remembering.may_open(channel, mo)
        return _Message(player, channel, mo, now, language, same >= SAME_TEXT, may_open)

    def _store(self, message: _Message, session: Session | None) -> Step | None:
        channel, mo, now = message.channel, message.mo, message.now
        languages = [spoken.code for spoken in message.player.script.programme.languages]
        heard = self.officers.heard(channel, mo, languages, now)
        with self.record.writing() as connection:
            if cases.seen(connection, channel.name, mo.provider_id):
                return None
            if heard is not None:
                self._ordered(connection, message, heard)
                return None
            numbers = self.sealer.blind_indexes(mo.number)
            latest = cases.latest(connection, channel.name, numbers)
            if session and (latest is None or session.history != latest):
                session = None  # it missed a turn: its keys would not mean what the phone shows
            step = self._answer(connection, message, session)
            if cases.seen(connection, channel.name, mo.provider_id) is None:
                cases.remember(
                    connection,
                    channel.name,
                    mo.provider_id,
                    # A message that got no answer must not make the last screen look stale.
                    number_index="" if message.looping else numbers[0],
                    case_id=None,
                    at=now,
                )
            if step is not None:
                self._post(connection, message, step.text)
            return step

    def _ordered(self, connection: Connection, message: _Message, heard: Heard) -> None:
        """An officer's command; a dialogue on the same phone stays where it is."""
        channel, mo, now = message.channel, message.mo, message.now
        cases.remember(
            connection, channel.name, mo.provider_id, number_index="", case_id=None, at=now
        )
        once = _once(channel, mo.provider_id)
        self.officers.carry(connection, heard, channel, mo, once, now)

    def _answer(
        self, connection: Connection, message: _Message, session: Session | None
    ) -> Step | None:
        word, channel = plain(message.mo.text), message.channel.name
        numbers = self.sealer.blind_indexes(message.mo.number)
        if word in STOP_WORDS:
            return self._stop(connection, message)
        if word in START_WORDS:
            self._start(connection, message)
        elif message.looping or optouts.stopped(connection, channel, numbers):
            return None
        player, now = message.player, message.now
        if session is None:
            turn = open_with(player.script, player.begin(message.language), message.mo.text, now)
            return shown(player, turn.session, now)
        if not self._seen_screen(connection, message.channel, session, now):
            return shown(player, session, now)
        text = message.mo.text
        turn = allowed(advance(player.script, session, text, now), message.may_open)
        if not turn.effects:
            return without_effects(player, turn, now)
        origin = message.origin
        return carried_out(player, self.carrier, connection, session, turn, text, origin, now)

    def _seen_screen(
        self, connection: Connection, channel: Channel, session: Session, now: datetime
    ) -> bool:
        """Whether a key can be an answer to this session's screen: it was handed to the provider,
        and not so long ago that "now" means another time. Otherwise the screen is sent again."""
        asked = cases.seen(connection, channel.name, session.history)
        fresh = asked is not None and now - asked.at < ANSWERED_WITHIN
        return fresh and outbox.was_sent(connection, _once(channel, session.history))

    def _stop(self, connection: Connection, message: _Message) -> Step | None:
        """Silences the channel for this number; one answer that names nothing (SAFETY 19)."""
        channel, player = message.channel.name, message.player
        numbers = self.sealer.blind_indexes(message.mo.number)
        if optouts.stopped(connection, channel, numbers):
            return None
        outbox.silence(connection, channel, numbers)
        optouts.stop(connection, channel, numbers, message.now)
        self.officers.mark(connection, message.channel, message.mo.number, SILENCED, message.now)
        session = player.begin(message.language)
        said = player.frame(session).voice.say(Text(STOPPED))
        return Step(session, said, ends=True, screen="stopped")

    def _start(self, connection: Connection, message: _Message) -> None:
        channel, number = message.channel, message.mo.number
        numbers = self.sealer.blind_indexes(number)
        if optouts.stopped(connection, channel.name, numbers):
            optouts.start(connection, channel.name, numbers)
            self.officers.mark(connection, channel, number, HEARD, message.now)

    def _post(self, connection: Connection, message: _Message, text: str) -> None:
        """The answer takes the place of those still waiting: an old screen would mislead."""
        channel, mo = message.channel, message.mo
        outbox.silence(connection, channel.name, self.sealer.blind_indexes(mo.number))
        once = _once(channel, mo.provider_id)
        self.carrier.texting.post(connection, channel.name, mo.number, text, once, message.now)

    async def receipt(self, channel: Channel, receipt: Receipt) -> None:
        """A delivery report; one for an unknown MT is taken and changes nothing."""
        await in_time(partial(self._record_receipt, channel, receipt))

    def _record_receipt(self, channel: Channel, receipt: Receipt) -> None:
        with self.record.writing() as connection:
            outbox.record_receipt(connection, channel.name, receipt)
