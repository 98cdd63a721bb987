"""A turn on a screen channel (USSD): session, engine, record, fitting, answer.

Nothing is confirmed before it is durable, a repeated turn gives the same bytes, and no input is
left without an answer. Redis is never waited for; only a turn with effects touches the record.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from helpline.core.effects import CHANGES, FindCase
from helpline.core.engine import Turn, advance, current, jump_to, resumable, resume
from helpline.core.errors import RecordUnavailable
from helpline.core.message import MO, SessionEnd
from helpline.core.play import Player
from helpline.core.recover import Arrival, recover
from helpline.core.session import Session
from helpline.core.typed import dialled
from helpline.gateways.base import Channel
from helpline.service.carrying import Carrier
from helpline.service.dialogue import Step, carried_out, not_saved, shown, without_effects
from helpline.service.filing import Origin
from helpline.service.patience import in_time
from helpline.service.remembering import Remembering, allowed
from helpline.store.record import Record
from helpline.store.sessions import USSD_TTL, SessionStore

REPLAYED = 60  # inputs; a longer history is not a person's


@dataclass(frozen=True, slots=True)
class _Call:
    """What stays the same during one turn. `sure`: it is known how this session began."""

    player: Player
    channel: Channel
    mo: MO
    key: str
    now: datetime
    language: str
    sure: bool

    def origin(self, filings: int) -> Origin:
        """Names the input by its session and how often that session filed before it."""
        return Origin(self.channel.name, f"{self.key}|{filings}", self.mo.number)


def _arrival(player: Player, mo: MO, session: Session | None) -> tuple[Arrival, str]:
    """Gateways that send only the latest input say no more than whether there is a session.

    A first input that is a shortcut's number was dialled: `*1098*2#`.
    """
    if session is None and dialled(player.script, mo.text):
        return Arrival.FIRST, mo.text
    if mo.cumulative:
        return recover(None if session is None else session.history, mo.text)
    return (Arrival.FIRST if session is None else Arrival.INPUT), mo.text


@dataclass(frozen=True)
class Receiver:
    """`players` has one entry per channel name. `changed`: keys may have meant something else when
    a call began, because the directory was replaced since."""

    sessions: SessionStore
    record: Record
    carrier: Carrier
    remembering: Remembering
    players: Mapping[str, Player]
    changed: Callable[[], bool] = lambda: False

    async def turn(self, channel: Channel, mo: MO, now: datetime, *, language: str = "") -> Step:
        """Answers one input. `language` begins a new session in a language already known."""
        player = self.players[channel.name]
        key = self.sessions.key(channel.name, mo.session, mo.number)
        session = await self.sessions.get(key)
        if session is not None and not current(session, player.script.flow):
            session = None
        arrival, typed = _arrival(player, mo, session)
        call = _Call(player, channel, mo, key, now, language, bool(language))
        if session is None or arrival is Arrival.OLD:
            call = await self._recalled(call)
        if arrival is Arrival.OLD:
            return await self._replay(call, late=True)
        step = await self._arrive(call, session, arrival, typed)
        if step.screen != "not_saved":
            await self.sessions.put(key, step.remembered(mo.text), USSD_TTL)
            await self.remembering.after(channel, mo, key, session, step)
        return step

    async def _recalled(self, call: _Call) -> _Call:
        """With the language that this phone chose in an earlier call; a session in which it was
        chosen began with the question."""
        if call.language:
            return call
        spoken = await self.remembering.language(call.channel, call.mo.number, call.player)
        if spoken is None or spoken.session == call.key:
            return replace(call, sure=spoken is not None)
        return replace(call, language=spoken.language)

    async def _arrive(
        self, call: _Call, session: Session | None, arrival: Arrival, typed: str
    ) -> Step:
        if arrival is Arrival.LOST:
            return await self._replay(call)
        if session is None:
            return await self._open(call, typed)
        if arrival in (Arrival.FIRST, Arrival.DIVERGENT):
            return self._again_from_the_start(call, session)
        if arrival is Arrival.REPEAT:
            return Step(session, session.text, session.ends, session.screen)
        if session.ends:
            return self._again_from_the_start(call, session)
        return await self._step(call, session, typed)

    async def _open(self, call: _Call, typed: str) -> Step:
        """A call's first screen: where a shortcut leads, where the last call was cut off, or the
        beginning."""
        script, blank = call.player.script, call.player.begin(call.language)
        known = dialled(script, typed)
        if known is not None:
            turn = jump_to(script, blank, known, call.language, "", call.now)
            return shown(call.player, turn.session, call.now)
        key = await self.remembering.cut_off(call.channel, call.mo.number)
        left = await self.sessions.get(key) if key and key != call.key else None
        if left is not None and resumable(script, left):
            return shown(call.player, resume(script, left), call.now)
        return self._begin(call)

    def _again_from_the_start(self, call: _Call, session: Session) -> Step:
        """The same phone on the same session id; its language is known."""
        language = call.language or session.language
        return self._begin(replace(call, language=language), session.filings)

    def _begin(self, call: _Call, filings: int = 0) -> Step:
        """The first screen. `filings` of a session before it keep its inputs' names apart."""
        fresh = replace(call.player.begin(call.language), filings=filings)
        return shown(call.player, fresh, call.now)

    async def _step(self, call: _Call, session: Session, typed: str) -> Step:
        turn = advance(call.player.script, session, typed, call.now)
        if any(isinstance(effect, FindCase) for effect in turn.effects):
            turn = allowed(turn, await self.remembering.may_open(call.channel, call.mo))
        if not turn.effects:
            return without_effects(call.player, turn, call.now)
        step = await self._durably(call, session, lambda: self._commit(call, session, turn, typed))
        await self.remembering.learned(call.channel, call.mo, step)
        return step

    def _commit(self, call: _Call, session: Session, turn: Turn, typed: str) -> Step:
        origin = call.origin(session.filings)
        with self.record.writing() as connection:
            return carried_out(
                call.player, self.carrier, connection, session, turn, typed, origin, call.now
            )

    async def _durably(self, call: _Call, session: Session, work: Callable[[], Step]) -> Step:
        """Runs `work` on the record; a record that refuses gives an honest screen."""
        try:
            return await in_time(work)
        except RecordUnavailable:
            return not_saved(call.player, session)

    async def _replay(self, call: _Call, *, late: bool = False) -> Step:
        """A lost session, walked again from the gateway's history.

        Inputs before the last did their work already or never will: they only look it up. Where
        it is not certain what the phone showed (a known language skips a question, a wrong key,
        a typed `*` that looks like two inputs), the last question is asked again, not acted on.
        """
        inputs = call.mo.text.split("*")
        if len(inputs) > REPLAYED:
            return self._begin(call)
        try:
            doubtful = late or not call.sure or self.changed()
            return await self._walk(call, inputs, doubtful=doubtful)
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
        # Answers that were told are asked again, too: going on would leave them unsaid.
        told = any(not isinstance(effect, CHANGES) for effect in turn.effects)
        known = None if told else await self._again(call, step.session, inputs[-1])
        return known or shown(call.player, step.session, call.now)

    async def _again(self, call: _Call, session: Session, typed: str) -> Step | None:
        """One input of a replay that may not change anything; None when it never did what it asks.

        Answers told since are newer than this one, a request is not opened by a history that
        anybody can dial, and nothing is texted twice: of all effects only what was done is found.
        """
        turn = advance(call.player.script, session, typed, call.now)
        origin = call.origin(session.filings)
        changes = tuple(effect for effect in turn.effects if isinstance(effect, CHANGES))
        turn = replace(turn, effects=changes)
        if not changes:
            return without_effects(call.player, turn, call.now)

        def look_up() -> Step | None:
            known = all(self.carrier.known(effect, origin, call.now) for effect in changes)
            return self._commit(call, session, turn, typed) if known else None

        return await in_time(look_up)

    async def ended(self, channel: Channel, end: SessionEnd, now: datetime) -> None:
        """The gateway's word that a session is over. One that was cut off can be gone on with."""
        if end.complete:
            await self.sessions.forget(self.sessions.key(channel.name, end.session, end.number))
