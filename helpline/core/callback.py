"""A callback's life as one table: states, what may happen in each, deadlines and leases."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum

from helpline.core.errors import Refused
from helpline.core.opening import Opening
from helpline.core.programme import Rules
from helpline.core.report import Priority
from helpline.core.window import Window, next_opening, open_now


class State(Enum):
    REQUESTED = "requested"
    WAITING = "waiting"  # outside the safe window
    READY = "ready"
    CLAIMED = "claimed"
    ATTEMPTING = "attempting"
    REACHED = "reached"
    REFERRED = "referred"
    REVIEW = "review"  # a supervisor decides how to go on
    HELD = "held"  # nobody rings: the person said no, or it proved unsafe
    CLOSED = "closed"
    WITHDRAWN = "withdrawn"
    ERASED = "erased"


TERMINAL = frozenset({State.CLOSED, State.WITHDRAWN, State.ERASED})
UNANSWERED = frozenset({State.REQUESTED, State.WAITING, State.READY, State.CLAIMED, State.REVIEW})


class Event(Enum):
    WAIT = "wait"
    OPEN = "open"
    HOLD = "hold"
    CLAIM = "claim"
    RELEASE = "release"
    EXPIRE = "expire"
    ATTEMPT = "attempt"
    REACH = "reach"
    MISS = "miss"
    EXHAUST = "exhaust"
    UNSAFE = "unsafe"
    REFER = "refer"
    CLOSE = "close"
    WITHDRAW = "withdraw"
    ERASE = "erase"


_S, _E = State, Event
TRANSITIONS: dict[tuple[State, Event], State] = {
    (_S.REQUESTED, _E.WAIT): _S.WAITING,
    (_S.REQUESTED, _E.OPEN): _S.READY,
    (_S.REQUESTED, _E.HOLD): _S.HELD,
    (_S.REQUESTED, _E.EXHAUST): _S.REVIEW,
    (_S.WAITING, _E.OPEN): _S.READY,
    (_S.WAITING, _E.HOLD): _S.HELD,
    (_S.WAITING, _E.EXHAUST): _S.REVIEW,
    (_S.READY, _E.WAIT): _S.WAITING,
    (_S.READY, _E.HOLD): _S.HELD,
    (_S.READY, _E.EXHAUST): _S.REVIEW,
    (_S.READY, _E.CLAIM): _S.CLAIMED,
    (_S.CLAIMED, _E.RELEASE): _S.READY,
    (_S.CLAIMED, _E.EXPIRE): _S.READY,
    (_S.CLAIMED, _E.ATTEMPT): _S.ATTEMPTING,
    (_S.CLAIMED, _E.HOLD): _S.HELD,
    (_S.ATTEMPTING, _E.ATTEMPT): _S.ATTEMPTING,
    (_S.ATTEMPTING, _E.REACH): _S.REACHED,
    (_S.ATTEMPTING, _E.MISS): _S.WAITING,
    (_S.ATTEMPTING, _E.EXHAUST): _S.REVIEW,
    (_S.ATTEMPTING, _E.UNSAFE): _S.HELD,
    (_S.REACHED, _E.REFER): _S.REFERRED,
    (_S.REACHED, _E.OPEN): _S.READY,  # the person asks again before the case is closed
    (_S.REACHED, _E.WAIT): _S.WAITING,
    (_S.REFERRED, _E.OPEN): _S.READY,
    (_S.REFERRED, _E.WAIT): _S.WAITING,
    (_S.REACHED, _E.CLOSE): _S.CLOSED,
    (_S.REFERRED, _E.CLOSE): _S.CLOSED,
    (_S.REVIEW, _E.CLOSE): _S.CLOSED,
    (_S.HELD, _E.CLOSE): _S.CLOSED,
    (_S.REVIEW, _E.OPEN): _S.READY,
    (_S.REVIEW, _E.WAIT): _S.WAITING,
    (_S.REVIEW, _E.HOLD): _S.HELD,
    (_S.HELD, _E.EXHAUST): _S.REVIEW,  # danger again where a call proved unsafe
    (_S.HELD, _E.OPEN): _S.READY,
    (_S.HELD, _E.WAIT): _S.WAITING,
    **{(state, _E.WITHDRAW): _S.WITHDRAWN for state in State if state not in TERMINAL},
    **{(state, _E.ERASE): _S.ERASED for state in State if state is not _S.ERASED},
}


def step(state: State, event: Event) -> State:
    """The next state; Refused with a sentence when the table has no such transition."""
    try:
        return TRANSITIONS[state, event]
    except KeyError:
        raise Refused("This does not fit the request as it is now. Look at it again.") from None


class Attempted(Enum):
    """Outcomes of one attempt."""

    REACHED_SAFE = "reached_safe"
    REACHED_UNSAFE = "reached_unsafe"
    NO_ANSWER = "no_answer"
    BUSY = "busy"
    WRONG_PERSON = "wrong_person"
    NUMBER_INVALID = "number_invalid"
    DECLINED = "declined"


class Outcome(Enum):
    """Outcomes of a case."""

    ADVISED = "advised"
    VISITED_DESK = "visited_desk"
    REFERRED = "referred"
    SERVICE_RECEIVED = "service_received"
    WITHDRAWN = "withdrawn"
    UNREACHABLE = "unreachable"
    DUPLICATE = "duplicate"
    NOT_A_CONCERN = "not_a_concern"


MEANS_REACHED = frozenset(
    {Outcome.ADVISED, Outcome.VISITED_DESK, Outcome.REFERRED, Outcome.SERVICE_RECEIVED}
)

_AFTER: dict[Attempted, Event] = {
    Attempted.REACHED_SAFE: Event.REACH,
    Attempted.REACHED_UNSAFE: Event.UNSAFE,
    Attempted.NO_ANSWER: Event.MISS,
    Attempted.BUSY: Event.MISS,
    Attempted.WRONG_PERSON: Event.MISS,
    Attempted.NUMBER_INVALID: Event.EXHAUST,
    Attempted.DECLINED: Event.WITHDRAW,
}


def after_attempt(outcome: Attempted, attempts: int, rules: Rules, *, again: bool) -> Event:
    """What an attempt's outcome leads to; `again`: a later safe window exists (SAFETY 21)."""
    event = _AFTER[outcome]
    if event is Event.MISS and (attempts >= rules.attempts or not again):
        return Event.EXHAUST
    return event


def opening(windows: Iterable[Window], now: datetime) -> Event:
    """Whether a fresh or released callback is ready, waits, or may not ring at all."""
    windows = tuple(windows)
    if not windows:
        return Event.HOLD
    if open_now(windows, now):
        return Event.OPEN
    return Event.WAIT if next_opening(windows, now) else Event.EXHAUST


def next_window_after(windows: Iterable[Window], now: datetime) -> datetime | None:
    """The next opening that is not the window open now: the retry waits for another one."""
    later: list[datetime] = []
    for window in windows:
        moment = window.current(now).end if window.contains(now) else now
        opens = window.opens(moment)
        if opens is not None:
            later.append(opens)
    return min(later, default=None)


def review_due(priority: Priority, rules: Rules, now: datetime, due: datetime | None) -> datetime:
    """When a review must have happened: it goes up the ladder like an unanswered request."""
    allowed = rules.due_danger if priority is Priority.DANGER else rules.due_high
    return min(due or now + allowed, now + allowed)


def lease_for(priority: Priority, rules: Rules) -> timedelta:
    return rules.lease_danger if priority is Priority.DANGER else rules.lease


def due_at(
    priority: Priority,
    rules: Rules,
    now: datetime,
    opens: datetime | None,
    desk: Opening | None = None,
) -> datetime:
    """When the first response is due: counted from the first safe moment in the desk's opening
    hours; in danger from now, day and night."""
    if priority is Priority.DANGER:
        return now + rules.due_danger
    allowed = rules.due_high if priority is Priority.HIGH else rules.due_normal
    safe = max(now, opens or now)
    return desk.after(safe, allowed) if desk else safe + allowed


@dataclass(frozen=True, slots=True)
class Clock:
    """A callback as the clock sees it, to find out which automatic steps are due."""

    state: State
    windows: tuple[Window, ...]
    lease_until: datetime | None
    next_at: datetime | None
    consent_until: datetime | None = None


def settle(clock: Clock, now: datetime) -> tuple[Event, ...]:
    """The automatic transitions due at `now`: an expired lease, a window opening or closing.

    An attempt that was begun and never written down is a MISS: the phone has rung (SAFETY 21).
    """
    events: list[Event] = []
    state = clock.state
    expired = clock.lease_until is not None and clock.lease_until <= now
    if state is State.ATTEMPTING and expired:
        return (Event.MISS,)
    if state is State.CLAIMED and expired:
        events.append(Event.EXPIRE)
        state = State.READY
    if state not in (State.REQUESTED, State.WAITING, State.READY):
        return tuple(events)
    due = opening(clock.windows, now)
    if clock.windows and clock.consent_until is not None and clock.consent_until <= now:
        due = Event.EXHAUST  # stale consent is asked again, never dialled (SAFETY 3)
    if due is Event.OPEN and clock.next_at is not None and now < clock.next_at:
        due = Event.WAIT
    settled = {Event.OPEN: State.READY, Event.WAIT: State.WAITING}.get(due)
    if settled is not state:
        events.append(due)
    return tuple(events)
