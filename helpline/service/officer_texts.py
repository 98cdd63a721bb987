"""Commands that come by SMS from a desk's duty phone: its holder works the queue without data.

The console's own services act, under their own rules. Effect, answer and the mark that the message
was taken are one transaction. No answer holds more than a request's short number and a time.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from helpline.core import officer_texts as texts
from helpline.core.callback import TERMINAL, Attempted, State
from helpline.core.errors import Refused
from helpline.core.label import Text, Voice
from helpline.core.matching import lacking
from helpline.core.message import MO
from helpline.core.officer_texts import Command, Order, answer
from helpline.gateways.base import Channel
from helpline.service import duty_phone
from helpline.service.casework import CaseWork
from helpline.service.desk import DeskService
from helpline.service.grip import Grip, member
from helpline.service.lines import in_order, line, needs_of
from helpline.service.roster import skills
from helpline.service.texting import Texting
from helpline.store import audit, callbacks, desks, officers, shifts
from helpline.store.callbacks import CallbackRow
from helpline.store.desks import DeskRow
from helpline.store.officers import Officer

_AT_WORK = frozenset({State.CLAIMED, State.ATTEMPTING})
_OUTCOMES = {Order.NO_ANSWER: Attempted.NO_ANSWER, Order.DONE: Attempted.REACHED_SAFE}


@dataclass(frozen=True, slots=True)
class Heard:
    """A command from a duty phone, and the desks that the phone serves, at least one."""

    command: Command
    desks: tuple[DeskRow, ...]


@dataclass(frozen=True, slots=True)
class _Found:
    """What a command is about: whose desk, who acts there, which callback."""

    desk: DeskRow
    officer: Officer
    row: CallbackRow


@dataclass(frozen=True, slots=True)
class _Said:
    """An answer before it is said in a desk's language."""

    desk: DeskRow
    text: Text


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

    def _said(self, connection: Connection, heard: Heard, now: datetime) -> _Said:
        command, first = heard.command, heard.desks[0]
        holders = dict(_holders(connection, heard.desks))
        if not holders:
            return _Said(first, answer(texts.TAKE_PHONE))
        if not command.clear:
            return _Said(first, answer(texts.HOW))
        if command.code is None:
            found = self._unnamed(connection, command.order, heard.desks, holders, now)
        else:
            found = _named(connection, command.code, heard.desks, holders)
        if isinstance(found, _Said):
            return found
        return _Said(found.desk, self._act(connection, command.order, found, now))

    def _unnamed(
        self,
        connection: Connection,
        order: Order,
        served: tuple[DeskRow, ...],
        holders: Mapping[str, Officer],
        now: datetime,
    ) -> _Found | _Said:
        """What is in the holder's hands; to take: else what is due next at these desks."""
        held = [desk for desk in served if desk.code in holders]
        rows = [
            _Found(desk, holders[desk.code], row)
            for desk in held
            for row in callbacks.of_desk(connection, desk.code, over=TERMINAL)
        ]
        mine = [one for one in rows if _works_on(one)]
        if order is Order.TAKE:
            due = mine or _due(connection, rows, now)
            return due[0] if due else _Said(held[0], answer(texts.NOTHING))
        if len(mine) > 1:  # a guess could end the wrong one
            return _Said(mine[0].desk, answer(texts.HOW))
        again = [] if mine else [one for one in rows if _told_before(connection, one, order)]
        if not mine and not again:
            return _Said(held[0], answer(texts.NONE_HELD))
        return mine[0] if mine else again[-1]

    def _act(self, connection: Connection, order: Order, found: _Found, now: datetime) -> Text:
        """The rules of the console decide; a refusal leaves nothing behind."""
        row = found.row
        if _told_before(connection, found, order):
            return answer(texts.NOTED, row.id)
        try:
            with connection.begin_nested():
                self._carry_out(connection, order, found, now)
        except Refused:
            return answer(_why(connection, order, found), row.id)
        after = callbacks.get(connection, row.id)
        assert after is not None
        if (after.state, after.fence) != (row.state, row.fence):
            _audit(connection, order, found, now)
        if order is not Order.TAKE or after.lease_until is None:
            return answer(texts.NOTED, row.id)
        zone = self.grip.programmes[found.desk.programme].zone
        return answer(texts.YOURS, row.id, f"{after.lease_until.astimezone(zone):%H:%M}")

    def _carry_out(
        self, connection: Connection, order: Order, found: _Found, now: datetime
    ) -> None:
        grip = self.grip.within(connection)
        desk, officer, ref = found.desk.code, found.officer, found.row.id
        if order is Order.TAKE:
            DeskService(grip).claim(desk, officer, ref, now)
        elif order is Order.LATER:
            CaseWork(grip).release(desk, officer, ref, None, now)
        else:
            outcome = _OUTCOMES[order]
            DeskService(grip).record_attempt(desk, officer, ref, outcome, None, now, unseen=True)


def _holders(connection: Connection, served: tuple[DeskRow, ...]) -> Iterator[tuple[str, Officer]]:
    """Who has the phone in hand, per desk, and may still work there."""
    for desk in served:
        officer_id = shifts.holder(connection, desk.code)
        officer = None if officer_id is None else officers.get(connection, officer_id)
        if officer is None:
            continue
        try:
            member(connection, desk.code, officer)
        except Refused:
            continue
        yield desk.code, officer


def _named(
    connection: Connection,
    code: int,
    served: tuple[DeskRow, ...],
    holders: Mapping[str, Officer],
) -> _Found | _Said:
    """The callback of one of these desks; another desk's is not found, like one that is not."""
    row = callbacks.get(connection, code)
    desk = next((one for one in served if row is not None and one.code == row.desk), None)
    if row is None or desk is None:
        return _Said(served[0], answer(texts.UNKNOWN, code))
    officer = holders.get(desk.code)
    if officer is None:
        return _Said(desk, answer(texts.TAKE_PHONE))
    return _Found(desk, officer, row)


def _works_on(found: _Found) -> bool:
    return found.row.lease_officer == found.officer.id and found.row.state in _AT_WORK


def _due(connection: Connection, rows: list[_Found], now: datetime) -> list[_Found]:
    """Those that may be taken now, each by its desk's holder; what must be rung first on top."""
    free = {
        one.row.id: one for one in rows if one.row.state is State.READY and _suits(connection, one)
    }
    lines = in_order([line(connection, one.row, now) for one in free.values()], now)
    return [free[one.id] for one in lines]


def _suits(connection: Connection, found: _Found) -> bool:
    team = [skills(one) for one in officers.of_desk(connection, found.desk.code)]
    return lacking(needs_of(found.row), skills(found.officer), team) is None


def _told_before(connection: Connection, found: _Found, order: Order) -> bool:
    """Whether this officer told this outcome of the last attempt, and it is not to be rung again
    yet: the text came twice."""
    outcome = _OUTCOMES.get(order)
    tried = callbacks.attempts_of(connection, found.row.id) if outcome else []
    if outcome is None or not tried or found.row.state in (State.READY, *_AT_WORK):
        return False
    last = (tried[-1]["officer_id"], tried[-1]["fence"], tried[-1]["outcome"])
    return last == (found.officer.id, found.row.fence, outcome.value)


def _why(connection: Connection, order: Order, found: _Found) -> str:
    """Why the rules refused, in words that tell an onlooker nothing."""
    row, officer = found.row, found.officer
    if row.lease_officer not in (None, officer.id):
        return texts.COLLEAGUE
    if row.state is State.ATTEMPTING and order in (Order.TAKE, Order.LATER):
        return texts.FINISH
    if row.state is not State.READY:
        return texts.NOT_NOW
    if not _suits(connection, found):
        return texts.OTHERS
    return texts.NOT_NOW if order is Order.TAKE else texts.NOT_YOURS


def _audit(connection: Connection, order: Order, found: _Found, now: datetime) -> None:
    """Beside the services' own rows: that it came by text, from a phone that others may hold."""
    audit.append(
        connection,
        at=now,
        actor=found.officer.name,
        action="phone.told",
        subject=str(found.row.id),
        detail={"act": order.value, "desk": found.desk.code},
    )
