"""Commands that come by SMS from a desk's duty phone: its holder works the queue without data.

The console's own services act, under their own rules. Effect, answer and the mark that the message
was taken are one transaction. No answer holds more than a request's short number and a time.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from helpline.core import officer_texts as texts
from helpline.core.callback import TERMINAL
from helpline.core.errors import Refused
from helpline.core.label import Text, Voice
from helpline.core.message import MO
from helpline.core.officer_texts import Command, Order, answer
from helpline.gateways.base import Channel
from helpline.service import duty_phone
from helpline.service.casework import CaseWork
from helpline.service.desk import DeskService
from helpline.service.grip import Grip
from helpline.service.officer_finds import (
    OUTCOMES,
    Found,
    Said,
    due,
    holders_of,
    named,
    told_before,
    why,
    works_on,
)
from helpline.service.texting import Texting
from helpline.store import audit, callbacks, desks
from helpline.store.desks import DeskRow
from helpline.store.officers import Officer


@dataclass(frozen=True, slots=True)
class Heard:
    """A command from a duty phone, and the desks that the phone serves, at least one."""

    command: Command
    desks: tuple[DeskRow, ...]


@dataclass(frozen=True)
class OfficerTexts:
    grip: Grip
    texting: Texting
    voices: Mapping[str, Voice]

    def heard(
        self, channel: Channel, mo: MO, languages: Collection[str], now: datetime
    ) -> Heard | None:
        """None for every text that is no command or comes from another phone. Lets the clock
        have its say first, as every look at a queue does."""
        command = texts.read(mo.text, languages)
        if command is None:
            return None
        with self.grip.record.reading() as connection:
            served = duty_phone.desks_of(connection, channel, mo.number)
        if not served:
            return None
        self.grip.escalation.settle(now)
        if command.code is None:
            self.grip.escalation.run(now)
        return Heard(command, served)

    def carry(
        self,
        connection: Connection,
        heard: Heard,
        channel: Channel,
        mo: MO,
        once: str,
        now: datetime,
    ) -> None:
        """Acts and queues the answer, unless the phone said STOP; what it tells still counts."""
        said = self._said(connection, heard, now)
        if duty_phone.stopped(connection, self.texting.sealer, channel.name, mo.number):
            return
        voice = self.voices.get(said.desk.duty_language) or self.voices["en"]
        text = voice.say(said.text)
        self.texting.post(connection, channel.name, mo.number, text, once, now, urgent=True)

    def silenced(self, code: str) -> bool:
        """Whether the desk's duty phone said STOP, so that the desk is not told of anything."""
        with self.grip.record.reading() as connection:
            desk = desks.get(connection, code)
            channels = self.texting.channels
            sealer = self.texting.sealer
            return desk is not None and duty_phone.silenced(connection, sealer, channels, desk)

    def mark(
        self, connection: Connection, channel: Channel, number: str, action: str, now: datetime
    ) -> None:
        """Writes into the log of each desk of this phone that it said STOP, or START."""
        if channel.name == self.texting.channels.get(channel.programme):
            for desk in duty_phone.desks_of(connection, channel, number):
                duty_phone.mark(connection, desk, action, now)

    def _said(self, connection: Connection, heard: Heard, now: datetime) -> Said:
        command, first = heard.command, heard.desks[0]
        holders = dict(holders_of(connection, heard.desks))
        if not holders:
            return Said(first, answer(texts.TAKE_PHONE))
        if not command.clear:
            return Said(first, answer(texts.HOW))
        if command.code is None:
            found = self._unnamed(connection, command.order, heard.desks, holders, now)
        else:
            found = named(connection, command.code, heard.desks, holders)
        if isinstance(found, Said):
            return found
        return Said(found.desk, self._act(connection, command.order, found, now))

    def _unnamed(
        self,
        connection: Connection,
        order: Order,
        served: tuple[DeskRow, ...],
        holders: Mapping[str, Officer],
        now: datetime,
    ) -> Found | Said:
        """What is in the holder's hands; to take: else what is due next at these desks."""
        held = [desk for desk in served if desk.code in holders]
        rows = [
            Found(desk, holders[desk.code], row)
            for desk in held
            for row in callbacks.of_desk(connection, desk.code, over=TERMINAL)
        ]
        mine = [one for one in rows if works_on(one)]
        if order is Order.TAKE:
            next_up = mine or due(connection, rows, now)
            return next_up[0] if next_up else Said(held[0], answer(texts.NOTHING))
        if len(mine) > 1:  # a guess could end the wrong one
            return Said(mine[0].desk, answer(texts.HOW))
        again = [] if mine else [one for one in rows if told_before(connection, one, order)]
        if not mine and not again:
            return Said(held[0], answer(texts.NONE_HELD))
        return mine[0] if mine else again[-1]

    def _act(self, connection: Connection, order: Order, found: Found, now: datetime) -> Text:
        """The rules of the console decide; a refusal leaves nothing behind."""
        row = found.row
        if told_before(connection, found, order):
            return answer(texts.NOTED, row.id)
        try:
            with connection.begin_nested():
                self._carry_out(connection, order, found, now)
        except Refused:
            return answer(why(connection, order, found, now), row.id)
        after = callbacks.get(connection, row.id)
        assert after is not None
        if (after.state, after.fence) != (row.state, row.fence):
            _audit(connection, order, found, now)
        if order is not Order.TAKE or after.lease_until is None:
            return answer(texts.NOTED, row.id)
        zone = self.grip.programmes[found.desk.programme].zone
        return answer(texts.YOURS, row.id, f"{after.lease_until.astimezone(zone):%H:%M}")

    def _carry_out(self, connection: Connection, order: Order, found: Found, now: datetime) -> None:
        grip = self.grip.within(connection)
        desk, officer, ref = found.desk.code, found.officer, found.row.id
        if order is Order.TAKE:
            DeskService(grip).claim(desk, officer, ref, now)
        elif order is Order.LATER:
            CaseWork(grip).release(desk, officer, ref, None, now)
        else:
            outcome = OUTCOMES[order]
            DeskService(grip).record_attempt(desk, officer, ref, outcome, None, now, unseen=True)


def _audit(connection: Connection, order: Order, found: Found, now: datetime) -> None:
    """Beside the services' own rows: that it came by text, from a phone that others may hold."""
    audit.append(
        connection,
        at=now,
        actor=found.officer.name,
        action="phone.told",
        subject=str(found.row.id),
        detail={"act": order.value, "desk": found.desk.code},
    )
