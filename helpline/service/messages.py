"""A turn by SMS: the same dialogue, its answer an MT in the outbox of the same transaction."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from sqlalchemy import Connection, delete, insert, select

from helpline.core.engine import advance, current
from helpline.core.label import N_, Text
from helpline.core.message import MO, Receipt
from helpline.core.play import Player
from helpline.core.session import Session
from helpline.crypto import Sealer
from helpline.gateways.base import Channel
from helpline.service.dialogue import Step, shown, with_effects, without_effects
from helpline.service.filing import Filing, Origin
from helpline.service.patience import in_time
from helpline.store import cases, outbox
from helpline.store.record import Record
from helpline.store.schema import opt_outs
from helpline.store.sessions import SMS_TTL, SessionStore

# Words that belong to carriers (SAFETY 18): never asked for, and final when they come.
STOP_WORDS = frozenset(
    {"stop", "stopall", "unsubscribe", "end", "quit", "cancel", "revoke", "optout"}
)
START_WORDS = frozenset({"start", "unstop"})
STOPPED = N_("OK. No more messages.")
ANSWER_VALID = timedelta(minutes=15)  # an answer that comes later than this would surprise


ANSWERED_WITHIN = timedelta(minutes=30)  # a key that comes later is asked for once more


def _once(channel: Channel, provider_id: str) -> str:
    """The name of the answer to one message."""
    return f"mt|{channel.name}|{provider_id}"


@dataclass(frozen=True)
class Messenger:
    """`players` has one entry per channel name."""

    sessions: SessionStore
    record: Record
    filing: Filing
    sealer: Sealer
    players: Mapping[str, Player]

    async def receive(self, channel: Channel, mo: MO, now: datetime) -> Step | None:
        """Takes one message; when it returns, the message and its answer are durable.

        None: nothing to answer (a sender that is not a phone, a repeat, an opted-out number).
        Raises RecordUnavailable: the gateway must send it again.
        """
        if not mo.number:  # short codes and names: answering them can start a loop
            return None
        player = self.players[channel.name]
        key = self.sessions.key(channel.name, "", mo.number)
        session = await self.sessions.get(key)
        language = session.language if session is not None else ""
        if session is not None and (session.ends or not current(session, player.script.flow)):
            session = None
        store = partial(self._store, player, channel, mo, session, language, now)
        step = await in_time(store)
        if step is not None:
            await self.sessions.put(key, step.remembered(mo.provider_id), SMS_TTL)
        return step

    def _store(
        self,
        player: Player,
        channel: Channel,
        mo: MO,
        session: Session | None,
        language: str,
        now: datetime,
    ) -> Step | None:
        with self.record.writing() as connection:
            if cases.seen(connection, channel.name, mo.provider_id):
                return None
            numbers = self.sealer.blind_indexes(mo.number)
            latest = cases.latest(connection, channel.name, numbers)
            if session and (latest is None or session.history != latest):
                session = None  # it missed a turn: its keys would not mean what the phone shows
            step = self._answer(connection, player, channel, mo, session, language, now)
            if cases.seen(connection, channel.name, mo.provider_id) is None:
                cases.remember(
                    connection,
                    channel.name,
                    mo.provider_id,
                    number_index=numbers[0],
                    case_id=None,
                    at=now,
                )
            if step is not None:
                self._post(connection, channel, mo, step.text, now)
            return step

    def _answer(
        self,
        connection: Connection,
        player: Player,
        channel: Channel,
        mo: MO,
        session: Session | None,
        language: str,
        now: datetime,
    ) -> Step | None:
        word = mo.text.strip().casefold()
        if word in STOP_WORDS:
            return self._stop(connection, player, channel, mo, language, now)
        if word in START_WORDS:
            self._start(connection, channel, mo)
        elif self._stopped(connection, channel, mo):
            return None
        if session is None:
            return shown(player, player.begin(), now)
        if not self._seen_screen(connection, channel, session, now):
            return shown(player, session, now)
        turn = advance(player.script, session, mo.text, now)
        if not turn.effects:
            return without_effects(player, turn, now)
        origin = Origin(channel.name, mo.provider_id, mo.number, inbox=True)
        return with_effects(player, self.filing, connection, session, mo.text, origin, now)

    def _seen_screen(
        self, connection: Connection, channel: Channel, session: Session, now: datetime
    ) -> bool:
        """Whether a key can be an answer to this session's screen: it was handed to the provider,
        and not so long ago that "now" means another time. Otherwise the screen is sent again."""
        asked = cases.seen(connection, channel.name, session.history)
        fresh = asked is not None and now - asked.at < ANSWERED_WITHIN
        return fresh and outbox.was_sent(connection, _once(channel, session.history))

    def _stop(
        self,
        connection: Connection,
        player: Player,
        channel: Channel,
        mo: MO,
        language: str,
        now: datetime,
    ) -> Step | None:
        """Silences the channel for this number; one answer that names nothing (SAFETY 19)."""
        if self._stopped(connection, channel, mo):
            return None
        outbox.silence(connection, channel.name, self.sealer.blind_indexes(mo.number))
        index = self.sealer.blind_index(mo.number)
        connection.execute(
            insert(opt_outs).values(channel=channel.name, number_index=index, at=now)
        )
        session = player.begin(language)
        said = player.frame(session).voice.say(Text(STOPPED))
        return Step(session, said, ends=True, screen="stopped")

    def _start(self, connection: Connection, channel: Channel, mo: MO) -> None:
        connection.execute(
            delete(opt_outs).where(
                opt_outs.c.channel == channel.name,
                opt_outs.c.number_index.in_(self.sealer.blind_indexes(mo.number)),
            )
        )

    def _stopped(self, connection: Connection, channel: Channel, mo: MO) -> bool:
        found = connection.execute(
            select(opt_outs.c.at).where(
                opt_outs.c.channel == channel.name,
                opt_outs.c.number_index.in_(self.sealer.blind_indexes(mo.number)),
            )
        )
        return found.first() is not None

    def _post(
        self, connection: Connection, channel: Channel, mo: MO, text: str, now: datetime
    ) -> None:
        once = _once(channel, mo.provider_id)
        outbox.silence(connection, channel.name, self.sealer.blind_indexes(mo.number))
        letter = json.dumps({"number": mo.number, "text": text}, ensure_ascii=False)
        posting = outbox.Posting(
            kind="mt",
            once=once,
            urgent=False,
            channel=channel.name,
            due_at=now,
            valid_until=now + ANSWER_VALID,
            created_at=now,
            number_index=self.sealer.blind_index(mo.number),
            sealed=self.sealer.seal_session(once, letter.encode()),
        )
        outbox.put(connection, posting)

    async def receipt(self, channel: Channel, receipt: Receipt) -> None:
        """A delivery report; one for an unknown MT is taken and changes nothing."""
        await in_time(partial(self._record_receipt, channel, receipt))

    def _record_receipt(self, channel: Channel, receipt: Receipt) -> None:
        with self.record.writing() as connection:
            outbox.record_receipt(connection, channel.name, receipt)
