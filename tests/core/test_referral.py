"""A referral's life as one table, and what may be shared."""

from datetime import UTC, datetime, timedelta
from itertools import chain, combinations, product

import pytest

from helpline.core.errors import Refused
from helpline.core.referral import (
    BY_DESK,
    FIELD_WORDS,
    LIVE,
    LONGEST_NOTE,
    PRESELECTED,
    REASON_WORDS,
    REJECTED_WORDS,
    REVOKED_WORDS,
    STATE_WORDS,
    TRANSITIONS,
    WHY_WORDS,
    Event,
    Field,
    ReferralState,
    Rejected,
    Revoked,
    Why,
    check_note,
    in_order,
    is_live,
    only,
    step,
)

SENT, ACCEPTED, REJECTED, DONE, REVOKED = ReferralState
NOW = datetime(2031, 3, 4, 4, tzinfo=UTC)
ALLOWED = {
    (SENT, Event.ACCEPT): ACCEPTED,
    (SENT, Event.REJECT): REJECTED,
    (SENT, Event.REVOKE): REVOKED,
    (ACCEPTED, Event.FINISH): DONE,
    (ACCEPTED, Event.REVOKE): REVOKED,
}
SUBSETS = [*chain.from_iterable(combinations(Field, size) for size in range(len(Field) + 1))]


@pytest.mark.parametrize(("state", "event"), [*product(ReferralState, Event)])
def test_every_transition_is_in_the_table_or_refused(state: ReferralState, event: Event) -> None:
    if (state, event) in ALLOWED:
        assert step(state, event) is ALLOWED[state, event]
        return
    with pytest.raises(Refused, match=f"The referral is: {STATE_WORDS[state]}."):
        step(state, event)


def test_the_table_holds_nothing_else() -> None:
    assert ALLOWED == TRANSITIONS


@pytest.mark.parametrize("state", ReferralState)
def test_safety_11_what_can_be_read_can_be_taken_back(state: ReferralState) -> None:
    assert (state in LIVE) == ((state, Event.REVOKE) in TRANSITIONS)


@pytest.mark.parametrize("state", ReferralState)
@pytest.mark.parametrize(("left", "holds"), [(1, True), (0, False), (-1, False)])
def test_safety_11_consent_ends_with_its_time(state: ReferralState, left: int, holds: bool) -> None:
    until = NOW + timedelta(seconds=left)
    assert is_live(state, until, NOW) == (holds and state in LIVE)


def test_safety_09_number_and_note_are_never_ticked_beforehand() -> None:
    assert {Field.NUMBER, Field.NOTE, Field.SAFE_TIME}.isdisjoint(PRESELECTED)
    assert PRESELECTED == (Field.PLACE, Field.CONCERN, Field.ABOUT, Field.LANGUAGE)


def test_safety_11_of_what_is_known_exactly_what_was_agreed_is_shared() -> None:
    known: dict[Field, object] = {field: field.value for field in Field}
    for agreed in SUBSETS:
        assert [*only(reversed(agreed), known)] == [*agreed]


def test_what_is_not_known_is_not_shared() -> None:
    assert only(Field, {Field.AGE: "7-9"}) == {Field.AGE: "7-9"}


def test_fields_come_in_one_order_and_once() -> None:
    assert in_order([*reversed(Field), *Field]) == tuple(Field)


@pytest.mark.parametrize(
    ("fields", "note", "words"),
    [
        ((), "", ""),
        ((Field.NOTE,), "x" * LONGEST_NOTE, ""),
        ((Field.PLACE,), "x", "You wrote a note but did not tick it."),
        ((Field.NOTE,), "", "You ticked the note but wrote nothing."),
        ((Field.NOTE,), "x" * (LONGEST_NOTE + 1), "The note has at most 500 letters."),
    ],
)
def test_a_note_and_its_tick_agree(fields: tuple[Field, ...], note: str, words: str) -> None:
    if not words:
        check_note(fields, note)
        return
    with pytest.raises(Refused, match=words):
        check_note(fields, note)


def test_every_choice_has_words() -> None:
    assert FIELD_WORDS.keys() == set(Field)
    assert STATE_WORDS.keys() == set(ReferralState)
    assert REJECTED_WORDS.keys() == set(Rejected)
    assert REVOKED_WORDS.keys() == set(Revoked)
    assert WHY_WORDS.keys() == set(Why)


def test_every_stored_reason_has_words_of_its_own() -> None:
    stored = [one.value for one in (*Rejected, *Revoked)]
    assert len(set(stored)) == len(stored)
    assert REASON_WORDS.keys() == {"", *stored}


def test_a_desk_cannot_say_what_only_the_person_does() -> None:
    assert set(Revoked) - set(BY_DESK) == {Revoked.WITHDRAWN, Revoked.ERASED}
