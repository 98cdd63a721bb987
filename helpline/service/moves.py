"""The one way a callback changes state: by the core's table, with one audit row each."""

from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection

from helpline.core.callback import Event, settle, step
from helpline.store import audit, callbacks
from helpline.store.callbacks import CallbackRow


def move(
    connection: Connection, row: CallbackRow, event: Event, *, actor: str, now: datetime
) -> CallbackRow:
    """Stores the row in its next state; Refused when the table has no such transition."""
    moved = replace(row, state=step(row.state, event))
    callbacks.save(connection, moved)
    audit.append(
        connection,
        at=now,
        actor=actor,
        action=f"callback.{event.value}",
        subject=str(row.id),
        detail={"from": row.state.value, "to": moved.state.value, "desk": row.desk},
    )
    return moved


def settled(connection: Connection, row: CallbackRow, now: datetime) -> CallbackRow:
    """The row after the automatic steps that the clock asks for."""
    for event in settle(row.clock, now):
        if event is Event.EXPIRE:
            row = replace(row, lease_officer=None, lease_until=None)
        row = move(connection, row, event, actor="system", now=now)
    return row
