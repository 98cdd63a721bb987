"""A turn on a screen channel (USSD): session, engine, record, fitting, answer.

Nothing is confirmed before it is durable, a repeated turn gives the same bytes, and no input is
left without an answer. Redis is never waited for; only a turn with effects touches the record.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from helpline.core.engine import advance, current, dropped
from helpline.core.errors import RecordUnavailable
from helpline.core.message import MO, SessionEnd
from helpline.core.play import Player
from helpline.core.recover import Arrival, recover
from helpline.core.session import Session
from helpline.gateways.base import Channel
from helpline.service.dialogue import Step, not_saved, shown, with_effects, without_effects
from helpline.service.filing import Filing, Origin
from helpline.service.patience import in_time
from helpline.store.record import Record
from helpline.store.sessions import USSD_TTL, SessionStore

REPLAYED = 60  # inputs; a longer history is not a person's


@dataclass(frozen=True, slots=True)
class _Call:
    """What stays the same during one turn."""

    player: Player
    channel: Channel
    mo: MO
    key: str
    now: datetime
    language: str

    def origin(self, filings: int) -> Origin:
        """Names the input by its session and how often that session filed before it."""
        return Origin(self.channel.name, f"{self.key}|{filings}", self.mo.number)


def _arrival(mo: MO, session: Session | None) -> tuple[Arrival, str]:
    """Gateways that send only the latest input say no more than whether there is a session."""
    if mo.cumulative:
        return recover(None if session is None else session.history, mo.text)
    return (Arrival.FIRST if session is None else Arrival.INPUT), mo.text


@dataclass(frozen=True)
class Receiver:
    """`players` has one entry per channel name."""

    sessions: SessionStore
    record: Record
    filing: Filing
    players: Mapping[str, Player]

    async def turn(self, channel: Channel, mo: MO, now: datetime, *, language: str = "") -> Step:
        """Answers one input. `language` begins a new session in a language already known."""
        key = self.sessions.key(channel.name, mo.session, mo.number)
        call = _Call(self.players[channel.name], channel, mo, key, now, language)
        session = await self.sessions.get(key)
        if session is not None and not current(session, call.player.script.flow):
            session = None
        arrival, typed = _arrival(mo, session)
        if arrival is Arrival.OLD:
            return await self._replay(call, late=True)
        step = await self._arrive(call, session, arrival, typed)
        if step.screen != "not_saved":
            await self.sessions.put(key, step.remembered(mo.text), USSD_TTL)
        return step

    async def _arrive(
        self, call: _Call, session: Session | None, arrival: Arrival, typed: str
    ) -> Step:
        filings = session.filings if session else 0
        if arrival is Arrival.LOST:
            return await self._replay(call)
        if session is None or arrival in (Arrival.FIRST, Arrival.DIVERGENT):
            return self._begin(call, filings)
        if arrival is Arrival.REPEAT:
            return Step(session, session.text, session.ends, session.screen)
        if session.ends:
            return self._begin(call, filings)
        return await self._step(call, session, typed)

    def _begin(self, call: _Call, filings: int = 0) -> Step:
        """The first screen. `filings` of a session before it keep its inputs' names apart."""
        fresh = replace(call.player.begin(call.language), filings=filings)
        return shown(call.player, fresh, call.now)

    async def _step(self, call: _Call, session: Session, typed: str) -> Step:
        turn = advance(call.player.script, session, typed, call.now)
        if not turn.effects:
            return without_effects(call.player, turn, call.now)
        origin = call.origin(session.filings)
        return await self._durably(
            call, session, lambda: self._commit(call, session, typed, origin)
        )

    def _commit(self, call: _Call, session: Session, typed: str, origin: Origin) -> Step:
        with self.record.writing() as connection:
            return with_effects(
                call.player, self.filing, connection, session, typed, origin, call.now
            )

    async def _durably(self, call: _Call, session: Session, work: Callable[[], Step]) -> Step:
        """Runs `work` on the record; a record that refuses gives an honest screen."""
        try:
            return await in_time(work)
        except RecordUnavailable:
            return not_saved(call.player, session)

    async def _replay(self, call: _Call, *, late: bool = False) -> Step:
        """A lost session, walked again from the gateway's history.

        Inputs before the last filed their report already or never will: they only look it up.
        Where a wrong key makes the history uncertain (a typed `*` looks like two inputs), the
        last question is asked again instead of being acted on.
        """
        inputs = call.mo.text.split("*")
        if len(inputs) > REPLAYED:
            return self._begin(call)
        try:
            return await self._walk(call, inputs, doubtful=late)
        except RecordUnavailable:
            return not_saved(call.player, call.player.begin(call.language))

    async def _walk(self, call: _Call, inputs: list[str], *, doubtful: bool) -> Step:
        step = self._begin(call)
        for typed in inputs[:-1]:
            again = await self._again(call, step.session, typed)
            if again is None or again.ends:
                return self._begin(call)
            step, doubtful = again, doubtful or again.wrong
        turn = advance(call.player.script, step.session, inputs[-1], call.now)
        if not turn.effects or not doubtful:
            return await self._step(call, step.session, inputs[-1])
        known = await self._again(call, step.session, inputs[-1])
        return known or shown(call.player, step.session, call.now)

    async def _again(self, call: _Call, session: Session, typed: str) -> Step | None:
        """One input of a replay that may not file anything new; None when it never filed."""
        turn = advance(call.player.script, session, typed, call.now)
        if not turn.effects:
            return without_effects(call.player, turn, call.now)
        origin = call.origin(session.filings)

        def look_up() -> Step | None:
            if (
                self.filing.known(origin, call.now) is None
                and turn.session.filings > session.filings
            ):
                return None
            return self._commit(call, session, typed, origin)

        return await in_time(look_up)

    async def ended(self, channel: Channel, end: SessionEnd, now: datetime) -> None:
        """The gateway's word that a session is over; what was agreed in it is filed.

        Raises RecordUnavailable: the gateway may then say it again.
        """
        key = self.sessions.key(channel.name, end.session, end.number)
        session = await self.sessions.get(key)
        player = self.players[channel.name]
        if session is not None and not end.complete and current(session, player.script.flow):
            left = dropped(player.script, session, now)
            if left is not None:
                origin = Origin(channel.name, f"{key}|{session.filings}", end.number)

                def file() -> None:
                    with self.record.writing() as connection:
                        self.filing.commit(connection, (left,), origin, "", now)

                await in_time(file)
        await self.sessions.forget(key)
