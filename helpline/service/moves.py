"""The one way a callback changes state: by the core's table, with one audit row each."""

from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection

from helpline.core.callback import (
    Attempted,
    Event,
    after_attempt,
    next_window_after,
    review_due,
    settle,
    step,
)
from helpline.core.programme import Rules
from helpline.core.referral import Revoked
from helpline.service.revoking import revoke_of_case
from helpline.store import audit, callbacks
from helpline.store.callbacks import CallbackRow

NOT_WRITTEN_DOWN = "not_written_down"
_UNSHARES = {Event.WITHDRAW: Revoked.WITHDRAWN, Event.ERASE: Revoked.ERASED}


def move(
    connection: Connection, row: CallbackRow, event: Event, *, actor: str, now: datetime
) -> CallbackRow:
    """Stores the row in its next state; Refused when the table has no such transition."""
    moved = replace(row, state=step(row.state, event))
    callbacks.save(connection, moved)
    if event in _UNSHARES:
        revoke_of_case(connection, row.case_id, _UNSHARES[event], actor=actor, now=now)
    audit.append(
        connection,
        at=now,
        actor=actor,
        action=f"callback.{event.value}",
        subject=str(row.id),
        detail={"from": row.state.value, "to": moved.state.value, "desk": row.desk},
    )
    return moved


def settled(connection: Connection, row: CallbackRow, now: datetime, rules: Rules) -> CallbackRow:
    """The row after the automatic steps that the clock asks for."""
    for event in settle(row.clock, now):
        if event is Event.MISS:
            ended = end_attempt(connection, row, None, now, rules, actor="system")
            return settled(connection, ended, now, rules)
        if event is Event.EXPIRE:
            row = replace(row, lease_officer=None, lease_until=None)
        if event is Event.EXHAUST:
            row = replace(row, due_at=review_due(row.priority, rules, now, row.due_at))
        row = move(connection, row, event, actor="system", now=now)
    return row


def end_attempt(
    connection: Connection,
    row: CallbackRow,
    outcome: Attempted | None,
    now: datetime,
    rules: Rules,
    *,
    actor: str,
) -> CallbackRow:
    """Ends the running attempt. None: nobody wrote it down; the phone rang, so it counts, but it
    is no answer, so the deadline stands and hands it up."""
    written = NOT_WRITTEN_DOWN if outcome is None else outcome.value
    callbacks.end_attempt(connection, row, written, now)
    rang = now if outcome or row.lease_until is None else row.lease_until
    later = next_window_after(row.windows, rang)
    count = row.attempts + 1
    event = after_attempt(outcome or Attempted.NO_ANSWER, count, rules, again=later is not None)
    row = replace(row, attempts=count)
    if event is not Event.REACH:
        row = replace(row, lease_officer=None, lease_until=None)
    if event is Event.MISS:
        row = replace(row, next_at=later)
    if event is Event.MISS and later is not None and outcome is not None:
        row = replace(row, due_at=later + rules.due_high, top_told=False)
    if event is Event.EXHAUST:
        row = replace(row, due_at=review_due(row.priority, rules, now, row.due_at), top_told=False)
    return move(connection, row, event, actor=actor, now=now)
