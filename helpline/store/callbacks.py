"""Callbacks and attempts in the record: rows in, rows out; the rules are the core's."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert, select, update

from helpline.core.callback import UNANSWERED, Clock, State
from helpline.core.report import Priority
from helpline.core.window import Window
from helpline.store.schema import attempts, callbacks


@dataclass(frozen=True, slots=True)
class CallbackRow:
    """A callback. `fence` grows with every claim, `level` with every escalation."""

    id: int
    case_id: str
    desk: str
    state: State
    priority: Priority
    level: int
    top_told: bool
    windows: tuple[Window, ...]
    woman: bool
    interviewer: bool
    language: str
    if_nobody: str
    due_at: datetime | None
    next_at: datetime | None
    consent_until: datetime | None
    attempts: int
    lease_officer: int | None
    lease_until: datetime | None
    fence: int
    created_at: datetime

    def is_overdue(self, now: datetime) -> bool:
        late = self.due_at is not None and self.due_at <= now
        return late and self.state in UNANSWERED

    @property
    def clock(self) -> Clock:
        return Clock(self.state, self.windows, self.lease_until, self.next_at, self.consent_until)


def _stored_windows(windows: Iterable[Window]) -> list[dict[str, object]]:
    return [
        {"start": w.start.isoformat(), "end": w.end.isoformat(), "daily": w.daily} for w in windows
    ]


def agreed(row: CallbackRow) -> dict[str, object]:
    """What a repeat request may change, so that it can be undone."""
    return {
        "windows": _stored_windows(row.windows),
        "priority": row.priority.value,
        "woman": row.woman,
        "interviewer": row.interviewer,
        "if_nobody": row.if_nobody,
        "due_at": _text(row.due_at),
        "consent_until": _text(row.consent_until),
        "state": row.state.value,
        "desk": row.desk,
        "level": row.level,
        "attempts": row.attempts,
        "next_at": _text(row.next_at),
        "fence": row.fence,
    }


def untouched(row: CallbackRow, before: Mapping[str, Any]) -> CallbackRow:
    """The row with where it stood, too: only for one that no officer has claimed since."""
    return replace(
        row,
        state=State(before["state"]),
        desk=before["desk"],
        level=before["level"],
        attempts=before["attempts"],
        next_at=_instant(before["next_at"]),
    )


def _text(at: datetime | None) -> str:
    return at.isoformat() if at else ""


def _instant(text: str) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def as_agreed(row: CallbackRow, before: Mapping[str, Any]) -> CallbackRow:
    """The row with what `agreed` kept."""
    windows = read_windows(before["windows"])
    priority = Priority(before["priority"])
    return replace(
        row,
        windows=windows,
        priority=priority,
        woman=before["woman"],
        interviewer=before.get("interviewer", row.interviewer),
        if_nobody=before.get("if_nobody", row.if_nobody),
        due_at=_instant(before["due_at"]),
        consent_until=_instant(before["consent_until"]),
    )


def read_windows(stored: Iterable[Mapping[str, Any]]) -> tuple[Window, ...]:
    return tuple(
        Window(datetime.fromisoformat(w["start"]), datetime.fromisoformat(w["end"]), w["daily"])
        for w in stored
    )


def _row(mapping: dict[str, object]) -> CallbackRow:
    stored = mapping["windows"]
    assert isinstance(stored, list)
    changed = {
        "windows": read_windows(stored),
        "state": State(mapping["state"]),
        "priority": Priority(mapping["priority"]),
    }
    return CallbackRow(**{**mapping, **changed})  # type: ignore[arg-type]


def _values(row: CallbackRow) -> dict[str, object]:
    values = asdict(row)
    values["windows"] = _stored_windows(row.windows)
    values["state"], values["priority"] = row.state.value, row.priority.value
    return values


def insert_callback(connection: Connection, row: CallbackRow) -> int:
    """Stores a new callback (its `id` is ignored) and returns the id it was given."""
    values = _values(row)
    del values["id"]
    statement = insert(callbacks).values(values).returning(callbacks.c.id)
    return int(connection.execute(statement).scalar_one())


def save(connection: Connection, row: CallbackRow) -> None:
    values = _values(row)
    del values["id"]
    connection.execute(update(callbacks).where(callbacks.c.id == row.id).values(values))


def get(connection: Connection, callback_id: int) -> CallbackRow | None:
    found = connection.execute(select(callbacks).where(callbacks.c.id == callback_id))
    row = found.mappings().one_or_none()
    return None if row is None else _row(dict(row))


def of_case(connection: Connection, case_id: str) -> CallbackRow:
    found = connection.execute(select(callbacks).where(callbacks.c.case_id == case_id))
    return _row(dict(found.mappings().one()))


def of_desk(
    connection: Connection, desk: str | None, *, over: Iterable[State] = ()
) -> list[CallbackRow]:
    """The callbacks of one desk (None: of all), without those in a state of `over`."""
    query = select(callbacks).where(callbacks.c.state.not_in([state.value for state in over]))
    if desk is not None:
        query = query.where(callbacks.c.desk == desk)
    found = connection.execute(query.order_by(callbacks.c.id)).mappings()
    return [_row(dict(row)) for row in found]


def overdue(connection: Connection, now: datetime, *, told: bool = False) -> list[int]:
    """Ids of unanswered callbacks whose deadline has passed, the longest overdue first; with
    `told` also those at the top of the ladder, which were told already."""
    waiting = [state.value for state in UNANSWERED]
    query = select(callbacks.c.id).where(callbacks.c.due_at <= now, callbacks.c.state.in_(waiting))
    if not told:
        query = query.where(callbacks.c.top_told.is_(False))
    return list(connection.scalars(query.order_by(callbacks.c.due_at)))


def rising(connection: Connection) -> list[int]:
    """Ids of callbacks that could be rung now and that nobody has: they might go up at once."""
    query = select(callbacks.c.id).where(callbacks.c.state == State.READY.value)
    return list(connection.scalars(query.order_by(callbacks.c.id)))


def unsettled(connection: Connection) -> list[CallbackRow]:
    """Callbacks that the clock may move by itself."""
    moving = [state.value for state in (*UNANSWERED, State.ATTEMPTING)]
    found = connection.execute(select(callbacks).where(callbacks.c.state.in_(moving)))
    return [_row(dict(row)) for row in found.mappings()]


def begin_attempt(connection: Connection, row: CallbackRow, officer: int, at: datetime) -> None:
    connection.execute(
        insert(attempts).values(
            callback_id=row.id,
            officer_id=officer,
            fence=row.fence,
            started_at=at,
            outcome="",
        )
    )


def pass_attempt(connection: Connection, row: CallbackRow, fence: int) -> None:
    """The attempt that is going on goes on under another claim."""
    going = (attempts.c.callback_id == row.id) & (attempts.c.outcome == "")
    connection.execute(
        update(attempts).where(going, attempts.c.fence == row.fence).values(fence=fence)
    )


def end_attempt(connection: Connection, row: CallbackRow, outcome: str, at: datetime) -> None:
    """Writes the outcome into the attempt that is going on under this claim."""
    connection.execute(
        update(attempts)
        .where(
            attempts.c.callback_id == row.id,
            attempts.c.fence == row.fence,
            attempts.c.outcome == "",
        )
        .values(outcome=outcome, ended_at=at)
    )


def attempts_of(connection: Connection, callback_id: int) -> list[dict[str, object]]:
    found = connection.execute(
        select(attempts).where(attempts.c.callback_id == callback_id).order_by(attempts.c.id)
    )
    return [dict(row) for row in found.mappings()]
