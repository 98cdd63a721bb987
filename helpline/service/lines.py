"""The lines of a desk's queue: what an officer may see before a reveal, and their order."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from helpline.core.callback import State
from helpline.core.matching import Needs
from helpline.core.referral import ReferralState
from helpline.core.report import Priority
from helpline.core.window import Window
from helpline.store import cases, officers, referrals
from helpline.store.callbacks import CallbackRow

_FIRST = {State.READY: 0, State.CLAIMED: 1, State.ATTEMPTING: 1}


@dataclass(frozen=True, slots=True)
class QueueRow:
    """One line of a desk's queue: nothing of the caller's. `returned`: a partner said no."""

    id: int
    case_code: str
    desk: str
    state: str
    priority: str
    due_at: datetime | None
    window: Window | None
    lease_holder: str
    overdue: bool
    attempts: int
    fence: int
    woman: bool
    interviewer: bool
    language: str
    level: int
    created_at: datetime
    lease_until: datetime | None
    returned: bool


def line(
    connection: Connection,
    row: CallbackRow,
    now: datetime,
    names: Mapping[int, str] | None = None,
) -> QueueRow:
    """`names` of all officers, for who has many lines to show."""
    holder = row.lease_officer
    known = names if names is not None or holder is None else officers.names(connection)
    return QueueRow(
        id=row.id,
        case_code=cases.get(connection, row.case_id).code,
        desk=row.desk,
        state=row.state.value,
        priority=row.priority.value,
        due_at=row.due_at,
        window=_window(row, now),
        lease_holder=known.get(holder, "") if known and holder else "",
        overdue=row.is_overdue(now),
        attempts=row.attempts,
        fence=row.fence,
        woman=row.woman,
        interviewer=row.interviewer,
        language=row.language,
        level=row.level,
        created_at=row.created_at,
        lease_until=row.lease_until,
        returned=row.state is State.REFERRED and _returned(connection, row),
    )


def _returned(connection: Connection, row: CallbackRow) -> bool:
    """Whether a partner said no and no other has it: the desk must do something else."""
    states = [found.state for found in referrals.of_case(connection, row.case_id)]
    answered = ReferralState.REJECTED in states
    return answered and not {ReferralState.SENT, ReferralState.ACCEPTED} & set(states)


def needs_of(row: CallbackRow) -> Needs:
    """In danger nobody waits for a colleague who speaks the language: an interpreter is sought."""
    language = "" if row.priority is Priority.DANGER else row.language
    return Needs(row.woman, row.interviewer, language)


def in_order(lines: list[QueueRow], now: datetime) -> list[QueueRow]:
    """What must be rung next on top: ready first, then by priority and deadline."""
    last = datetime.max.replace(tzinfo=now.tzinfo)

    def rank(row: QueueRow) -> tuple[int, int, datetime, int]:
        first = 0 if row.returned else _FIRST.get(State(row.state), 2)
        return first, Priority(row.priority).rank, row.due_at or last, row.id

    return sorted(lines, key=rank)


def _window(row: CallbackRow, now: datetime) -> Window | None:
    """The safe window that is open, else the next one."""
    current = [w.current(now) for w in row.windows if w.opens(now) is not None]
    return min(current, key=lambda w: w.start, default=None)
