"""My request, from any phone: number and secret word open it, and what is said tells nothing."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest

from helpline.core.callback import Attempted, State
from helpline.core.effects import ChangeTime, Erase, FindCase, Withdraw
from helpline.core.predicates import ENDED, HELD, WAITING, WORKING
from helpline.core.report import Priority
from helpline.service.carrying import Carried
from helpline.service.filing import Filed
from helpline.store import cases
from helpline.store.schema import outbox
from tests.private import PRIVATE_NUMBERS, PRIVATE_WORDS
from tests.world import DAY, HAA, HOUR, NUMBER, START, World, daily, open_for, report, world

WORD, NEVER = "sparrow", ()
ANOTHER_PHONE = PRIVATE_NUMBERS[3]
EVENING = daily(START + 7 * HOUR, 4)
NOT_FOUND = Carried(found="", refused=True)
Change = Callable[[FindCase], ChangeTime | Withdraw | Erase]
CHANGES = [
    pytest.param(partial(ChangeTime, windows=EVENING), id="another time"),
    pytest.param(Withdraw, id="withdraw"),
    pytest.param(Erase, id="erase"),
]


@pytest.fixture
def here(tmp_path: Path, database_url: str) -> Iterator[World]:
    with world(tmp_path, database_url) as built:
        yield built


@pytest.fixture
def filed(here: World) -> Filed:
    """A request with a secret word, an hour ago."""
    made = here.file(report(code_word=WORD, windows=open_for(3)))
    here.clock.move(HOUR)
    return made


def asked(filed: Filed, word: str = WORD) -> FindCase:
    return FindCase("bt", filed.code, word)


def found(here: World, case: FindCase) -> str | None:
    return here.carry(case, number=ANOTHER_PHONE).found


def in_state(here: World, state: State) -> None:
    with here.record.engine.begin() as connection:
        connection.exec_driver_sql(f"UPDATE callbacks SET state = '{state.value}'")


class TestFinding:
    @pytest.mark.parametrize("word", ["", "Sparrow", "spar", "river", PRIVATE_WORDS[0]])
    def test_safety_06_the_number_without_the_agreed_word_opens_nothing(
        self, here: World, filed: Filed, word: str
    ) -> None:
        assert found(here, asked(filed)) == WAITING
        assert found(here, asked(filed, word)) == ""

    @pytest.mark.parametrize("word", ["", "anything"])
    def test_where_no_word_was_agreed_the_number_is_enough(self, here: World, word: str) -> None:
        assert found(here, asked(here.file(report()), word)) == WAITING

    def test_each_word_of_a_joined_request_opens_it(self, here: World) -> None:
        first = here.file(report())
        here.clock.move(timedelta(minutes=1))
        here.tell(here.file(report()), report(code_word=WORD))
        assert (found(here, asked(first)), found(here, asked(first, ""))) == (WAITING, "")

    def test_safety_06_wrong_number_and_wrong_word_look_the_same(
        self, here: World, filed: Filed
    ) -> None:
        wrong_number = here.carry(FindCase("bt", "0000-0000", WORD))
        assert wrong_number == here.carry(asked(filed, "river")) == Carried(found="")

    def test_a_request_of_another_programme_is_not_found(self, here: World, filed: Filed) -> None:
        assert found(here, FindCase("pk", filed.code, WORD)) == ""

    @pytest.mark.parametrize(
        ("state", "shown"),
        [
            (State.REQUESTED, WAITING),
            (State.WAITING, WAITING),
            (State.READY, WAITING),
            (State.CLAIMED, WORKING),
            (State.ATTEMPTING, WORKING),
            (State.REACHED, WORKING),
            (State.REFERRED, WORKING),
            (State.REVIEW, WORKING),
            (State.HELD, HELD),
            (State.CLOSED, ENDED),
            (State.WITHDRAWN, ENDED),
        ],
    )
    def test_its_state_is_one_of_four_words(
        self, here: World, filed: Filed, state: State, shown: str
    ) -> None:
        in_state(here, state)
        assert found(here, asked(filed)) == shown

    def test_looking_changes_nothing(self, here: World, filed: Filed) -> None:
        before = here.everything()
        found(here, asked(filed))
        assert here.everything() == before


class TestEachChange:
    @pytest.mark.parametrize("change", CHANGES)
    @pytest.mark.parametrize("word", ["", "river"])
    def test_safety_06_without_the_word_nothing_is_changed(
        self, here: World, filed: Filed, change: Change, word: str
    ) -> None:
        before = here.everything()
        assert here.carry(change(asked(filed, word))) == NOT_FOUND
        assert here.everything() == before

    @pytest.mark.parametrize("change", CHANGES)
    def test_the_same_input_again_changes_nothing_and_tells_when_it_was_done(
        self, here: World, filed: Filed, change: Change
    ) -> None:
        """Also when something came in between: a repeat must not undo it."""
        at = here.clock()
        assert here.carry(change(asked(filed)), input_id="one") == Carried()
        before = here.everything()
        here.clock.move(timedelta(minutes=2))
        again = here.carry(change(asked(filed)), input_id="one")
        assert here.everything() == before
        assert again in (Carried(at=at), NOT_FOUND)

    @pytest.mark.parametrize("change", CHANGES)
    def test_it_can_be_done_from_another_phone(
        self, here: World, filed: Filed, change: Change
    ) -> None:
        assert here.carry(change(asked(filed)), number=ANOTHER_PHONE) == Carried()

    @pytest.mark.parametrize("change", CHANGES)
    def test_safety_09_it_leaves_no_word_or_number_in_clear(
        self, here: World, filed: Filed, change: Change
    ) -> None:
        here.carry(change(asked(filed)), number=ANOTHER_PHONE)
        stored = repr(here.everything())
        assert [w for w in (WORD, NUMBER[1:], ANOTHER_PHONE[1:]) if w in stored] == []


class TestAnotherTime:
    def test_safety_02_the_new_time_takes_the_place_of_the_old_one(
        self, here: World, filed: Filed
    ) -> None:
        here.carry(ChangeTime(asked(filed), EVENING))
        assert here.callback(filed).windows == EVENING
        assert here.runtime.desk.queue(HAA, here.clock())[0].state == "waiting"

    def test_safety_03_it_renews_the_consent(self, here: World, filed: Filed) -> None:
        here.carry(ChangeTime(asked(filed), EVENING))
        assert here.case(filed).safe_contact_confirmed_at == START + HOUR
        rules = here.runtime.content.programmes["bt"].rules
        assert here.callback(filed).consent_until == START + HOUR + rules.consent

    def test_the_deadline_counts_from_the_new_time(self, here: World, filed: Filed) -> None:
        here.carry(ChangeTime(asked(filed), EVENING))
        assert here.callback(filed).due_at == START + 7 * HOUR + DAY

    def test_safety_01_do_not_call_me_holds_it(self, here: World, filed: Filed) -> None:
        here.carry(ChangeTime(asked(filed), NEVER))
        row = here.callback(filed)
        assert (row.state, row.windows, row.due_at) == (State.HELD, (), None)
        assert here.case(filed).safe_contact_confirmed_at is None

    def test_safety_01_a_time_after_that_opens_it_again(self, here: World, filed: Filed) -> None:
        here.carry(ChangeTime(asked(filed), NEVER))
        here.carry(ChangeTime(asked(filed), open_for(start=here.clock())))
        assert here.callback(filed).state is State.READY

    def unsafe(self, here: World, filed: Filed) -> None:
        line, desk, pema = here.claim("Pema", filed), here.runtime.desk, here.people["Pema"]
        desk.attempt(HAA, pema, line.id, line.fence, here.clock())
        unsafe = Attempted.REACHED_UNSAFE
        desk.record_attempt(HAA, pema, line.id, unsafe, line.fence, here.clock())
        assert here.callback(filed).state is State.HELD

    def test_safety_06_the_word_opens_what_proved_unsafe(self, here: World, filed: Filed) -> None:
        self.unsafe(here, filed)
        here.carry(ChangeTime(asked(filed), open_for(start=here.clock())))
        assert here.callback(filed).state is State.READY

    def test_safety_06_the_number_alone_does_not(self, here: World) -> None:
        filed = here.file(report())
        self.unsafe(here, filed)
        here.carry(ChangeTime(asked(filed, ""), open_for()))
        assert here.callback(filed).state is State.HELD

    @pytest.mark.parametrize("state", [State.CLOSED, State.WITHDRAWN])
    def test_what_has_ended_is_refused_and_shown_as_ended(
        self, here: World, filed: Filed, state: State
    ) -> None:
        in_state(here, state)
        before = here.everything()
        assert here.carry(ChangeTime(asked(filed), EVENING)) == Carried(found=ENDED, refused=True)
        assert here.everything() == before

    def test_an_officer_who_had_claimed_it_does_not_ring_before(
        self, here: World, filed: Filed
    ) -> None:
        line = here.claim("Pema", filed)
        here.carry(ChangeTime(asked(filed), EVENING))
        with pytest.raises(Exception, match="safe"):
            here.runtime.desk.attempt(HAA, here.people["Pema"], line.id, line.fence, here.clock())


class TestWithdrawing:
    @pytest.mark.parametrize(
        "state", [State.WAITING, State.READY, State.CLAIMED, State.REACHED, State.HELD]
    )
    def test_safety_11_it_ends_at_once_whatever_was_begun(
        self, here: World, filed: Filed, state: State
    ) -> None:
        in_state(here, state)
        here.carry(Withdraw(asked(filed)))
        row, case = here.callback(filed), here.case(filed)
        assert (row.state, row.windows, row.due_at) == (State.WITHDRAWN, (), None)
        assert (case.outcome, case.closed_at) == ("withdrawn", here.clock())
        assert found(here, asked(filed)) == ENDED

    def test_safety_11_a_claim_is_taken_away(self, here: World, filed: Filed) -> None:
        here.claim("Pema", filed)
        here.carry(Withdraw(asked(filed)))
        assert (here.callback(filed).lease_officer, here.callback(filed).lease_until) == (None,) * 2

    def test_a_nudge_that_waits_is_called_off(self, here: World, filed: Filed) -> None:
        here.carry(Withdraw(asked(filed)))
        assert [row["state"] for row in here.rows(outbox)] == ["expired"]

    def test_safety_11_a_case_that_was_closed_keeps_its_outcome(
        self, here: World, filed: Filed
    ) -> None:
        in_state(here, State.CLOSED)
        with here.record.writing() as connection:
            cases.close(connection, filed.case_id, "advised", START)
        assert here.carry(Withdraw(asked(filed))) == Carried()
        assert (here.case(filed).outcome, here.callback(filed).state) == ("advised", State.CLOSED)


class TestErasing:
    def test_safety_20_nothing_readable_stays_but_that_there_was_one(
        self, here: World, filed: Filed
    ) -> None:
        here.carry(Erase(asked(filed)))
        case = here.case(filed)
        assert (case.wrapped_key, case.sealed_number, case.sealed_story) == ("", None, None)
        assert (case.number_index, case.person_index) == ("", "")
        assert (case.code, case.outcome) == (filed.code, "withdrawn")
        assert here.callback(filed).state is State.ERASED

    @pytest.mark.parametrize("word", [WORD, ""])
    def test_safety_20_nobody_opens_it_any_more(self, here: World, filed: Filed, word: str) -> None:
        here.carry(Erase(asked(filed)))
        assert found(here, asked(filed, word)) == ""

    def test_safety_20_no_message_of_the_number_points_to_it(self, here: World) -> None:
        filed = here.file(report(), input_id="one")
        here.carry(Erase(asked(filed, "")), input_id="two")
        assert {row["number_index"] for row in here.everything()["dedupe"]} == {""}

    def test_a_request_after_it_is_a_new_case(self, here: World, filed: Filed) -> None:
        here.carry(Erase(asked(filed)))
        assert here.file(report()).case_id != filed.case_id

    def test_what_was_closed_before_keeps_its_outcome(self, here: World, filed: Filed) -> None:
        in_state(here, State.CLOSED)
        with here.record.writing() as connection:
            cases.close(connection, filed.case_id, "advised", START)
        here.carry(Erase(asked(filed)))
        assert (here.case(filed).outcome, here.callback(filed).state) == ("advised", State.ERASED)

    def test_a_nudge_that_waits_is_called_off(self, here: World) -> None:
        filed = here.file(report(priority=Priority.DANGER))
        here.carry(Erase(asked(filed, "")))
        assert [row["state"] for row in here.rows(outbox)] == ["expired"]


@pytest.mark.parametrize(
    ("change", "action"),
    [
        (partial(ChangeTime, windows=EVENING), "case.time_changed"),
        (Withdraw, "callback.withdraw"),
        (Erase, "case.erased"),
    ],
)
def test_safety_23_each_change_is_audited(
    here: World, filed: Filed, change: Change, action: str
) -> None:
    here.carry(change(asked(filed)))
    rows = [r for r in here.everything()["audit"] if r["action"] == action]
    assert [row["actor"] for row in rows] == ["caller"]
