"""What an officer's text is about: whose desk, which of its callbacks, and why it is refused."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from helpline.core import officer_texts as texts
from helpline.core.callback import Attempted, State
from helpline.core.errors import Refused
from helpline.core.label import Text
from helpline.core.matching import lacking
from helpline.core.officer_texts import Order, answer
from helpline.service.grip import member
from helpline.service.lines import in_order, line, needs_of
from helpline.service.roster import skills, team_of
from helpline.store import callbacks, officers, shifts
from helpline.store.callbacks import CallbackRow
from helpline.store.desks import DeskRow
from helpline.store.officers import Officer

_AT_WORK = frozenset({State.CLAIMED, State.ATTEMPTING})
OUTCOMES = {Order.NO_ANSWER: Attempted.NO_ANSWER, Order.DONE: Attempted.REACHED_SAFE}


@dataclass(frozen=True, slots=True)
class Found:
    """What a command is about: whose desk, who acts there, which callback."""

    desk: DeskRow
    officer: Officer
    row: CallbackRow


@dataclass(frozen=True, slots=True)
class Said:
    """An answer before it is said in a desk's language."""

    desk: DeskRow
    text: Text


def holders_of(
    connection: Connection, served: tuple[DeskRow, ...]
) -> Iterator[tuple[str, Officer]]:
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


def named(
    connection: Connection,
    code: int,
    served: tuple[DeskRow, ...],
    holders: Mapping[str, Officer],
) -> Found | Said:
    """The callback of one of these desks; another desk's is not found, like one that is not."""
    row = callbacks.get(connection, code)
    desk = next((one for one in served if row is not None and one.code == row.desk), None)
    if row is None or desk is None:
        return Said(served[0], answer(texts.UNKNOWN, code))
    officer = holders.get(desk.code)
    if officer is None:
        return Said(desk, answer(texts.TAKE_PHONE))
    return Found(desk, officer, row)


def works_on(found: Found) -> bool:
    return found.row.lease_officer == found.officer.id and found.row.state in _AT_WORK


def due(connection: Connection, rows: list[Found], now: datetime) -> list[Found]:
    """Those that may be taken now, each by its desk's holder; what must be rung first on top."""
    free = {
        one.row.id: one
        for one in rows
        if one.row.state is State.READY and _suits(connection, one, now)
    }
    lines = in_order([line(connection, one.row, now) for one in free.values()], now)
    return [free[one.id] for one in lines]


def _suits(connection: Connection, found: Found, now: datetime) -> bool:
    team = team_of(connection, found.desk.code, now).present
    return lacking(needs_of(found.row), skills(found.officer), team) is None


def told_before(connection: Connection, found: Found, order: Order) -> bool:
    """Whether this officer told this outcome of the last attempt, and it is not to be rung again
    yet: the text came twice."""
    outcome = OUTCOMES.get(order)
    tried = callbacks.attempts_of(connection, found.row.id) if outcome else []
    if outcome is None or not tried or found.row.state in (State.READY, *_AT_WORK):
        return False
    last = (tried[-1]["officer_id"], tried[-1]["fence"], tried[-1]["outcome"])
    return last == (found.officer.id, found.row.fence, outcome.value)


def why(connection: Connection, order: Order, found: Found, now: datetime) -> str:
    """Why the rules refused, in words that tell an onlooker nothing."""
    row, officer = found.row, found.officer
    if row.lease_officer not in (None, officer.id):
        return texts.COLLEAGUE
    if row.state is State.ATTEMPTING and order in (Order.TAKE, Order.LATER):
        return texts.FINISH
    if row.state is not State.READY:
        return texts.NOT_NOW
    if not _suits(connection, found, now):
        return texts.OTHERS
    return texts.NOT_NOW if order is Order.TAKE else texts.NOT_YOURS
