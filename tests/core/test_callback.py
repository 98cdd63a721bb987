"""A callback's life: what may follow what, what the clock does, how long it takes."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpline.core.callback import (
    TERMINAL,
    TRANSITIONS,
    Attempted,
    Clock,
    Event,
    State,
    after_attempt,
    due_at,
    lease_for,
    next_window_after,
    opening,
    settle,
    step,
)
from helpline.core.errors import Refused
from helpline.core.programme import Rules
from helpline.core.report import Priority
from helpline.core.window import Window

S, E = State, Event
RULES = Rules()
NOW = datetime(2026, 3, 10, 12, 0, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
SECOND = timedelta(seconds=1)

WORKING = {
    S.REQUESTED: {
        E.WAIT: S.WAITING,
        E.OPEN: S.READY,
        E.HOLD: S.HELD,
        E.EXHAUST: S.REVIEW,
    },
    S.WAITING: {E.OPEN: S.READY, E.HOLD: S.HELD, E.EXHAUST: S.REVIEW},
    S.READY: {E.WAIT: S.WAITING, E.HOLD: S.HELD, E.EXHAUST: S.REVIEW, E.CLAIM: S.CLAIMED},
    S.CLAIMED: {
        E.RELEASE: S.READY,
        E.EXPIRE: S.READY,
        E.ATTEMPT: S.ATTEMPTING,
        E.HOLD: S.HELD,
    },
    S.ATTEMPTING: {
        E.ATTEMPT: S.ATTEMPTING,
        E.REACH: S.REACHED,
        E.MISS: S.WAITING,
        E.EXHAUST: S.REVIEW,
        E.UNSAFE: S.HELD,
    },
    S.REACHED: {
        E.REFER: S.REFERRED,
        E.CLOSE: S.CLOSED,
        E.OPEN: S.READY,
        E.WAIT: S.WAITING,
    },
    S.REFERRED: {E.CLOSE: S.CLOSED, E.OPEN: S.READY, E.WAIT: S.WAITING},
    S.REVIEW: {E.CLOSE: S.CLOSED, E.OPEN: S.READY, E.WAIT: S.WAITING, E.HOLD: S.HELD},
    S.HELD: {
        E.CLOSE: S.CLOSED,
        E.OPEN: S.READY,
        E.WAIT: S.WAITING,
        E.EXHAUST: S.REVIEW,
    },
}
ALLOWED: dict[tuple[State, Event], State] = {
    **{(state, event): after for state, row in WORKING.items() for event, after in row.items()},
    **{(state, E.WITHDRAW): S.WITHDRAWN for state in WORKING},
    **{(state, E.ERASE): S.ERASED for state in (*WORKING, S.CLOSED, S.WITHDRAWN)},
}
PAIRS = [(state, event) for state in State for event in Event]


def once(start: timedelta, end: timedelta) -> Window:
    return Window(NOW + start, NOW + end, daily=False)


def daily(start: timedelta, end: timedelta) -> Window:
    return Window(NOW + start, NOW + end, daily=True)


OPEN = daily(-HOUR, HOUR)
LATER = daily(2 * HOUR, 4 * HOUR)
OVER = once(-2 * HOUR, -HOUR)
JUST_NOW = once(timedelta(0), HOUR)


def test_the_table_holds_the_listed_transitions_and_no_other() -> None:
    assert TRANSITIONS == ALLOWED


@pytest.mark.parametrize(("state", "event"), PAIRS, ids=lambda part: part.value)
def test_a_listed_transition_is_made_and_every_other_one_refused(
    state: State, event: Event
) -> None:
    if (state, event) in ALLOWED:
        assert step(state, event) is ALLOWED[state, event]
    else:
        with pytest.raises(Refused, match=r"^This does not fit the request as it is now"):
            step(state, event)


def test_nothing_leaves_a_terminal_state_but_erasing() -> None:
    assert {S.CLOSED, S.WITHDRAWN, S.ERASED} == TERMINAL
    leaving = {(state, event) for state, event in ALLOWED if state in TERMINAL}
    assert leaving == {(S.CLOSED, E.ERASE), (S.WITHDRAWN, E.ERASE)}


@given(st.lists(st.sampled_from(Event), max_size=30))
def test_no_way_through_the_table_comes_back_from_the_end(events: list[Event]) -> None:
    state = S.REQUESTED
    for event in events:
        before = state
        try:
            state = step(state, event)
        except Refused:
            continue
        if before in TERMINAL:
            assert state is S.ERASED


def test_only_a_claimed_callback_is_rung() -> None:
    assert {state for state, event in ALLOWED if event is E.ATTEMPT} == {S.CLAIMED, S.ATTEMPTING}
    assert {state for state, event in ALLOWED if event is E.CLAIM} == {S.READY}


@pytest.mark.parametrize(
    ("outcome", "attempts", "again", "event"),
    [
        (Attempted.REACHED_SAFE, 1, True, E.REACH),
        (Attempted.REACHED_SAFE, 3, False, E.REACH),
        (Attempted.REACHED_UNSAFE, 1, True, E.UNSAFE),
        (Attempted.REACHED_UNSAFE, 3, False, E.UNSAFE),
        (Attempted.NO_ANSWER, 1, True, E.MISS),
        (Attempted.NO_ANSWER, 2, True, E.MISS),
        (Attempted.NO_ANSWER, 3, True, E.EXHAUST),  # SAFETY 21
        (Attempted.NO_ANSWER, 4, True, E.EXHAUST),
        (Attempted.NO_ANSWER, 1, False, E.EXHAUST),  # no later safe window
        (Attempted.BUSY, 1, True, E.MISS),
        (Attempted.BUSY, 3, True, E.EXHAUST),
        (Attempted.BUSY, 1, False, E.EXHAUST),
        (Attempted.WRONG_PERSON, 1, True, E.MISS),
        (Attempted.WRONG_PERSON, 3, True, E.EXHAUST),
        (Attempted.NUMBER_INVALID, 1, True, E.EXHAUST),
        (Attempted.DECLINED, 1, True, E.WITHDRAW),
        (Attempted.DECLINED, 3, False, E.WITHDRAW),
    ],
)
def test_what_an_attempt_leads_to(
    outcome: Attempted, attempts: int, again: bool, event: Event
) -> None:
    assert after_attempt(outcome, attempts, RULES, again=again) is event


@pytest.mark.parametrize("outcome", Attempted)
@pytest.mark.parametrize("attempts", [1, 2, 3, 9])
@pytest.mark.parametrize("again", [True, False])
def test_every_outcome_of_an_attempt_is_a_legal_step(
    outcome: Attempted, attempts: int, again: bool
) -> None:
    step(S.ATTEMPTING, after_attempt(outcome, attempts, RULES, again=again))


@pytest.mark.parametrize(
    ("windows", "event"),
    [
        ((), E.HOLD),
        ((OPEN,), E.OPEN),
        ((LATER,), E.WAIT),
        ((OVER,), E.EXHAUST),
        ((OVER, LATER), E.WAIT),
        ((LATER, OPEN), E.OPEN),
    ],
)
def test_what_a_fresh_or_released_callback_does(windows: tuple[Window, ...], event: Event) -> None:
    assert opening(windows, NOW) is event


@pytest.mark.parametrize(
    ("state", "windows", "lease", "next_at", "events"),
    [
        # a lease
        (S.CLAIMED, (OPEN,), SECOND, None, ()),
        (S.CLAIMED, (OPEN,), timedelta(0), None, (E.EXPIRE,)),
        (S.CLAIMED, (OPEN,), -SECOND, None, (E.EXPIRE,)),
        (S.CLAIMED, (LATER,), -SECOND, None, (E.EXPIRE, E.WAIT)),
        (S.CLAIMED, (OVER,), -SECOND, None, (E.EXPIRE, E.EXHAUST)),
        (S.CLAIMED, (), -SECOND, None, (E.EXPIRE, E.HOLD)),
        (S.CLAIMED, (OPEN,), -SECOND, HOUR, (E.EXPIRE, E.WAIT)),
        (S.ATTEMPTING, (OPEN,), SECOND, None, ()),
        # an attempt that nobody wrote down: the phone has rung (SAFETY 21)
        (S.ATTEMPTING, (OPEN,), -SECOND, None, (E.MISS,)),
        (S.ATTEMPTING, (LATER,), -SECOND, None, (E.MISS,)),
        (S.CLAIMED, (OVER,), None, None, ()),
        # a window opens, closes, is over, or was taken back
        (S.REQUESTED, (OPEN,), None, None, (E.OPEN,)),
        (S.REQUESTED, (LATER,), None, None, (E.WAIT,)),
        (S.REQUESTED, (), None, None, (E.HOLD,)),
        (S.WAITING, (OPEN,), None, None, (E.OPEN,)),
        (S.WAITING, (LATER,), None, None, ()),
        (S.WAITING, (OVER,), None, None, (E.EXHAUST,)),
        (S.WAITING, (), None, None, (E.HOLD,)),
        (S.READY, (OPEN,), None, None, ()),
        (S.READY, (LATER,), None, None, (E.WAIT,)),
        (S.READY, (OVER,), None, None, (E.EXHAUST,)),
        (S.READY, (), None, None, (E.HOLD,)),
        # not before the next safe window after a missed call
        (S.WAITING, (OPEN,), None, HOUR, ()),
        (S.WAITING, (OPEN,), None, timedelta(0), (E.OPEN,)),
        (S.WAITING, (OPEN,), None, -HOUR, (E.OPEN,)),
        (S.READY, (OPEN,), None, HOUR, (E.WAIT,)),
        # what people decide is not undone by the clock
        (S.HELD, (OPEN,), -SECOND, None, ()),
        (S.REVIEW, (OPEN,), -SECOND, None, ()),
        (S.REACHED, (OVER,), -SECOND, None, ()),
        (S.REFERRED, (OVER,), -SECOND, None, ()),
        (S.CLOSED, (OPEN,), -SECOND, None, ()),
        (S.WITHDRAWN, (OPEN,), -SECOND, None, ()),
        (S.ERASED, (OPEN,), -SECOND, None, ()),
    ],
)
def test_what_the_clock_does_by_itself(
    state: State,
    windows: tuple[Window, ...],
    lease: timedelta | None,
    next_at: timedelta | None,
    events: tuple[Event, ...],
) -> None:
    clock = Clock(
        state,
        windows,
        None if lease is None else NOW + lease,
        None if next_at is None else NOW + next_at,
    )
    assert settle(clock, NOW) == events


DELTAS = st.integers(min_value=-72, max_value=72).map(lambda hours: hours * HOUR)
SOME_WINDOWS = st.lists(
    st.builds(
        lambda start, hours, every: Window(NOW + start, NOW + start + hours * HOUR, every),
        DELTAS,
        st.integers(min_value=1, max_value=23),
        st.booleans(),
    ),
    max_size=3,
).map(tuple)


@given(
    st.sampled_from(State),
    SOME_WINDOWS,
    st.none() | DELTAS.map(NOW.__add__),
    st.none() | DELTAS.map(NOW.__add__),
)
def test_settling_is_legal_and_settled_once_done(
    state: State,
    windows: tuple[Window, ...],
    lease: datetime | None,
    next_at: datetime | None,
) -> None:
    for _ in range(2):  # a missed attempt first, then what the windows say
        for event in settle(Clock(state, windows, lease, next_at), NOW):
            state = step(state, event)
    assert settle(Clock(state, windows, lease, next_at), NOW) == ()


@given(SOME_WINDOWS, st.none() | DELTAS.map(NOW.__add__))
def test_no_callback_stays_ready_outside_its_safe_windows(
    windows: tuple[Window, ...], next_at: datetime | None
) -> None:
    state = S.READY
    for event in settle(Clock(state, windows, None, next_at), NOW):
        state = step(state, event)
    if state is S.READY:
        assert any(window.contains(NOW) for window in windows)
        assert next_at is None or next_at <= NOW


@pytest.mark.parametrize(
    ("priority", "opens", "due"),
    [
        (Priority.DANGER, None, timedelta(minutes=5)),
        (Priority.DANGER, 3 * HOUR, timedelta(minutes=5)),  # from now, whatever the window
        (Priority.HIGH, None, HOUR),
        (Priority.HIGH, timedelta(0), HOUR),
        (Priority.HIGH, -3 * HOUR, HOUR),
        (Priority.HIGH, 3 * HOUR, 4 * HOUR),
        (Priority.NORMAL, None, DAY),
        (Priority.NORMAL, 3 * HOUR, DAY + 3 * HOUR),
    ],
)
def test_when_the_first_response_is_due(
    priority: Priority, opens: timedelta | None, due: timedelta
) -> None:
    opening_time = None if opens is None else NOW + opens
    assert due_at(priority, RULES, NOW, opening_time) == NOW + due


@pytest.mark.parametrize(
    ("priority", "minutes"), [(Priority.DANGER, 2), (Priority.HIGH, 15), (Priority.NORMAL, 15)]
)
def test_how_long_a_claim_lasts(priority: Priority, minutes: int) -> None:
    assert lease_for(priority, RULES) == timedelta(minutes=minutes)


def test_a_programme_may_set_its_own_lease_and_deadlines() -> None:
    rules = Rules(lease_danger=SECOND, due_high=2 * HOUR, attempts=1)
    assert lease_for(Priority.DANGER, rules) == SECOND
    assert due_at(Priority.HIGH, rules, NOW, None) == NOW + 2 * HOUR
    assert after_attempt(Attempted.BUSY, 1, rules, again=True) is E.EXHAUST


@pytest.mark.parametrize(
    ("windows", "opens"),
    [
        ((), None),
        ((JUST_NOW,), None),  # "now" was said once and is not repeated
        ((OVER,), None),
        ((OPEN,), DAY - HOUR),  # the same hours, tomorrow
        ((LATER,), 2 * HOUR),
        ((OPEN, LATER), 2 * HOUR),
        ((JUST_NOW, OPEN), DAY - HOUR),
        ((JUST_NOW, LATER), 2 * HOUR),
        ((once(3 * HOUR, 4 * HOUR), LATER), 2 * HOUR),
    ],
)
def test_the_retry_waits_for_another_safe_window(
    windows: tuple[Window, ...], opens: timedelta | None
) -> None:
    assert next_window_after(windows, NOW) == (None if opens is None else NOW + opens)


@given(SOME_WINDOWS)
def test_the_retry_never_falls_into_the_window_of_the_attempt(windows: tuple[Window, ...]) -> None:
    opens = next_window_after(windows, NOW)
    if opens is not None:
        assert opens > NOW
        assert any(
            window.contains(opens) and window.current(opens) != window.current(NOW)
            if window.contains(NOW)
            else window.contains(opens)
            for window in windows
        )
