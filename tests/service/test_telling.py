"""What is told after the filing: it joins the request, and takes nothing away that was begun."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from helpline.core.callback import State
from helpline.core.effects import Erase, FindCase
from helpline.core.report import Priority, Report
from helpline.service.filing import Filed, Origin
from helpline.service.stories import JOINED, MOVED
from helpline.store.schema import outbox
from tests.private import PRIVATE_WORDS
from tests.world import (
    BUMTHANG,
    DAY,
    HAA,
    HOUR,
    NUMBER,
    PARO,
    START,
    THIMPHU,
    World,
    daily,
    open_for,
    report,
    world,
)

A_MOMENT = timedelta(seconds=9)
NEVER = ()  # "do not call me"
AFTERNOON, EVENING = daily(START + 2 * HOUR, 5), daily(START + 7 * HOUR, 4)


@pytest.fixture
def here(tmp_path: Path, database_url: str) -> Iterator[World]:
    with world(tmp_path, database_url) as built:
        yield built


def unplaced(priority: Priority = Priority.HIGH) -> Report:
    """What is known when the time was agreed: no concern, no place."""
    return report(desk=THIMPHU, place="BT", concern="", priority=priority, consented=False)


@pytest.fixture
def filed(here: World) -> Filed:
    made = here.file(unplaced())
    here.clock.move(A_MOMENT)
    return made


@pytest.fixture
def danger(here: World) -> Filed:
    made = here.file(unplaced(Priority.DANGER))
    here.clock.move(A_MOMENT)
    return made


def in_danger(*, desk: str = HAA, place: str = "BT-13") -> Report:
    return report(priority=Priority.DANGER, desk=desk, place=place)


def everything_else(here: World) -> dict[str, list[dict[str, object]]]:
    """The record without the stories: sealing the same again gives other bytes."""
    stored = here.everything()
    for case in stored["cases"]:
        del case["sealed_story"]
    return stored


class TestTheStory:
    def test_the_newest_answers_take_the_place_of_the_earlier_ones(
        self, here: World, filed: Filed
    ) -> None:
        here.tell(filed, report(concern="law", consented=False))
        here.tell(filed, report(concern="law", said=PRIVATE_WORDS[1]))
        (told,) = here.told(filed)
        expected = {"concern": "law", "place": "BT-13", "consented": True, "said": PRIVATE_WORDS[1]}
        assert {name: told[name] for name in expected} == expected
        assert told["at"] == START.isoformat()

    def test_an_officer_reads_them(self, here: World, filed: Filed) -> None:
        here.tell(filed, report(concern="law", code_word="sparrow"))
        pema, callback = here.people["Pema"], here.callback(filed)
        story = here.runtime.casework.story(HAA, pema, callback.id, "callback", START)
        assert story["reports"] == here.told(filed)

    def test_what_another_dialogue_told_stays(self, here: World, filed: Filed) -> None:
        again = here.file(report(concern="home"))
        here.tell(again, report(concern="law"))
        here.tell(filed, report(concern="other"))
        assert [told["concern"] for told in here.told(filed)] == ["other", "law"]

    def test_repeating_it_changes_nothing(self, here: World, filed: Filed) -> None:
        first = here.tell(filed, report())
        before, told = everything_else(here), here.told(filed)
        here.clock.move(A_MOMENT)
        assert here.tell(filed, report()) == first == filed
        assert (everything_else(here), here.told(filed)) == (before, told)

    def test_an_unknown_code_is_nothing(self, here: World, filed: Filed) -> None:
        before = here.everything()
        assert here.tell(Filed("", "0000-0000", START), report()) is None
        assert here.everything() == before

    def test_safety_11_an_erased_case_stays_empty(self, here: World, filed: Filed) -> None:
        here.carry(Erase(FindCase("bt", filed.code, "")))
        before = here.everything()
        assert here.tell(filed, report(said=PRIVATE_WORDS[1])) is None
        assert here.everything() == before

    @pytest.mark.parametrize("state", ["closed", "withdrawn"])
    def test_an_ended_callback_is_not_changed_by_it(
        self, here: World, filed: Filed, state: str
    ) -> None:
        with here.record.engine.begin() as connection:
            connection.exec_driver_sql(f"UPDATE callbacks SET state = '{state}'")
        before = here.rows(outbox), here.callback(filed)
        here.tell(filed, report(woman=True))
        assert (here.rows(outbox), here.callback(filed)) == before


class TestTheDesk:
    def test_an_unbegun_callback_goes_to_the_desk_of_its_place(
        self, here: World, filed: Filed
    ) -> None:
        here.tell(filed, report())
        assert here.callback(filed).desk == HAA

    def test_the_nudge_that_waited_is_called_off_and_the_desk_there_told_at_once(
        self, here: World, filed: Filed
    ) -> None:
        here.tell(filed, report())
        told = [(row["desk"], row["state"], row["due_at"]) for row in here.rows(outbox)]
        later = START + timedelta(minutes=5)
        assert told == [(THIMPHU, "expired", later), (HAA, "pending", here.clock())]

    def test_a_desk_that_gets_it_back_is_told_again(self, here: World, filed: Filed) -> None:
        """Key 0 and another district, and back: nobody's phone may stay silent for that."""
        for desk, place in ((HAA, "BT-13"), (PARO, "BT-11"), (HAA, "BT-13")):
            here.tell(filed, report(desk=desk, place=place))
        waiting = [row["desk"] for row in here.rows(outbox) if row["state"] == "pending"]
        assert waiting == [HAA]

    def test_until_a_place_is_told_it_stays_where_it_is(self, here: World, filed: Filed) -> None:
        here.tell(filed, unplaced())
        assert here.callback(filed).desk == THIMPHU
        assert [row["state"] for row in here.rows(outbox)] == ["pending"]

    def test_a_repeat_request_without_a_place_does_not_move_it(self, here: World) -> None:
        first = here.file(report())
        here.clock.move(A_MOMENT)
        again = here.file(unplaced())
        here.tell(again, unplaced())
        assert here.callback(first).desk == HAA
        waiting = {row["desk"] for row in here.rows(outbox) if row["state"] == "pending"}
        assert waiting == {HAA}

    def test_a_claimed_one_stays_with_who_is_about_to_ring(
        self, here: World, danger: Filed
    ) -> None:
        here.claim("Sonam", danger, desk=THIMPHU)
        here.tell(danger, in_danger())
        assert here.callback(danger).desk == THIMPHU
        assert [told["place"] for told in here.told(danger)] == ["BT-13"]

    def test_an_escalated_one_is_not_handed_down_again(self, here: World) -> None:
        filed = here.file(in_danger(desk=PARO, place="BT-11"))
        here.runtime.escalation.run(here.clock.move(timedelta(minutes=5)))
        here.tell(filed, in_danger())
        assert here.callback(filed).desk == THIMPHU

    def test_the_move_is_audited_from_desk_to_desk(self, here: World, danger: Filed) -> None:
        here.tell(danger, in_danger(desk=BUMTHANG, place="BT-33"))
        (row,) = [r for r in here.everything()["audit"] if r["action"] == "callback.placed"]
        assert row["detail"] == {"from_desk": THIMPHU, "to_desk": BUMTHANG}
        assert (row["actor"], row["subject"]) == ("caller", danger.code)


DUE = {Priority.HIGH: START + HOUR, Priority.NORMAL: START + DAY}


class TestTheUrgency:
    @pytest.mark.parametrize("priority", [Priority.HIGH, Priority.NORMAL])
    def test_the_concern_decides_and_the_deadline_counts_from_the_request(
        self, here: World, filed: Filed, priority: Priority
    ) -> None:
        assert here.callback(filed).due_at == START + HOUR
        here.tell(filed, report(priority=priority))
        row = here.callback(filed)
        assert (row.priority, row.due_at) == (priority, DUE[priority])

    def test_a_request_that_others_joined_is_never_lowered(self, here: World, filed: Filed) -> None:
        again = here.file(unplaced())
        for dialogue in (filed, again):
            here.tell(dialogue, report(priority=Priority.NORMAL))
        assert here.callback(filed).priority is Priority.HIGH
        assert here.callback(filed).due_at == START + HOUR

    def test_a_request_that_an_officer_began_is_never_lowered(
        self, here: World, filed: Filed
    ) -> None:
        here.claim("Sonam", filed, desk=THIMPHU)
        here.tell(filed, report(priority=Priority.NORMAL))
        assert here.callback(filed).priority is Priority.HIGH

    def test_a_request_that_joins_raises_it(self, here: World) -> None:
        here.file(report(priority=Priority.NORMAL))
        here.clock.move(A_MOMENT)
        again = here.file(report(priority=Priority.NORMAL))
        here.tell(again, report(priority=Priority.HIGH))
        assert here.callback(again).priority is Priority.HIGH

    def test_safety_17_danger_stays_danger_when_its_place_is_told(
        self, here: World, danger: Filed
    ) -> None:
        here.tell(danger, in_danger())
        row = here.callback(danger)
        assert (row.priority, row.due_at) == (Priority.DANGER, START + timedelta(minutes=5))

    def test_safety_01_who_asked_not_to_be_called_has_no_deadline(self, here: World) -> None:
        held = here.file(report(windows=NEVER))
        here.tell(held, report(windows=NEVER, priority=Priority.HIGH, woman=True))
        row = here.callback(held)
        assert (row.state, row.due_at, row.priority) == (State.HELD, None, Priority.HIGH)


class TestWhoCalls:
    @pytest.mark.parametrize("woman", [True, False])
    def test_the_last_word_of_the_only_dialogue_counts(
        self, here: World, filed: Filed, woman: bool
    ) -> None:
        here.tell(filed, report(woman=not woman))
        here.tell(filed, report(woman=woman))
        assert here.callback(filed).woman is woman

    def test_what_another_dialogue_asked_for_stays(self, here: World, filed: Filed) -> None:
        here.tell(filed, report(woman=True))
        here.clock.move(A_MOMENT)
        again = here.file(report())
        here.tell(again, report(woman=False))
        assert here.callback(filed).woman

    @pytest.mark.parametrize(("name", "state"), [("Karma", State.READY), ("Pema", State.CLAIMED)])
    def test_a_man_who_had_claimed_it_does_not_ring(
        self, here: World, filed: Filed, name: str, state: State
    ) -> None:
        here.tell(filed, report())
        here.claim(name, filed)
        here.tell(filed, report(woman=True))
        row = here.callback(filed)
        assert (row.woman, row.state) == (True, state)
        assert (row.lease_officer is None) == (state is State.READY)


def test_safety_01_the_agreed_time_is_not_changed_by_what_is_told(here: World) -> None:
    filed = here.file(report(windows=AFTERNOON))
    here.clock.move(A_MOMENT)
    here.tell(filed, report(windows=open_for(start=here.clock())))
    row = here.callback(filed)
    assert (row.windows, row.state) == (AFTERNOON, State.WAITING)
    assert here.case(filed).safe_contact_confirmed_at == START


class TestTwoPeopleBehindOneNumber:
    """SAFETY 15. A repeat request joins, until another secret word shows another person."""

    def first(self, here: World, word: str = "sparrow", **asked: object) -> Filed:
        told = report(code_word=word, **{"windows": AFTERNOON, **asked})  # type: ignore[arg-type]
        filed = here.file(told)
        here.tell(filed, told)
        here.clock.move(HOUR)
        return filed

    def second(self, here: World, word: str, **asked: object) -> Filed:
        """The other dialogue: filed without a word, which is agreed afterwards."""
        wanted: dict[str, object] = {"windows": EVENING, "concern": "home", **asked}
        joined = here.file(report(**wanted), input_id="second")  # type: ignore[arg-type]
        told = report(code_word=word, **wanted)  # type: ignore[arg-type]
        after = here.tell(joined, told)
        assert after is not None
        return after

    def test_safety_15_before_the_word_is_given_it_is_one_request(self, here: World) -> None:
        first = self.first(here)
        joined = here.file(report(windows=EVENING))
        assert joined.case_id == first.case_id
        assert here.callback(first).windows == (*AFTERNOON, *EVENING)

    def test_safety_15_another_word_makes_it_a_case_of_its_own(self, here: World) -> None:
        first = self.first(here)
        second = self.second(here, "river")
        assert second.case_id != first.case_id
        assert second.code != first.code
        assert here.callback(second).windows == EVENING
        assert [told["concern"] for told in here.told(second)] == ["home"]
        assert here.case(second).number_index == here.case(first).number_index

    def test_safety_15_the_first_gets_its_own_times_back(self, here: World) -> None:
        first = self.first(here)
        before = here.callback(first)
        self.second(here, "river", woman=True, priority=Priority.HIGH)
        after = here.callback(first)
        assert (after.windows, after.woman, after.priority) == (AFTERNOON, False, before.priority)

    def test_safety_15_neither_story_tells_of_the_other(self, here: World) -> None:
        first = self.first(here, concern="law")
        second = self.second(here, "river", said=PRIVATE_WORDS[1])
        mine, left = here.told(first)
        assert mine["concern"] == "law"
        assert sorted(left) == ["at", MOVED]
        assert [JOINED in told for told in here.told(second)] == [False]

    def test_safety_15_where_the_first_said_no_call_it_is_held_again(self, here: World) -> None:
        first = self.first(here, windows=NEVER)
        second = self.second(here, "river", windows=open_for(start=here.clock()))
        assert (here.callback(first).state, here.callback(first).windows) == (State.HELD, ())
        assert here.callback(second).state is State.READY

    def test_safety_15_the_no_of_the_second_does_not_stop_the_first(self, here: World) -> None:
        first = self.first(here)
        before = here.callback(first)
        confirmed = here.case(first).safe_contact_confirmed_at
        second = self.second(here, "river", windows=NEVER)
        assert here.callback(second).state is State.HELD
        assert here.callback(first) == before
        assert here.case(first).safe_contact_confirmed_at == confirmed

    def test_safety_03_the_consent_of_the_second_does_not_renew_the_first(
        self, here: World
    ) -> None:
        first = self.first(here)
        before = here.callback(first), here.case(first).safe_contact_confirmed_at
        self.second(here, "river")
        assert (here.callback(first), here.case(first).safe_contact_confirmed_at) == before

    @pytest.mark.parametrize(
        ("first_word", "second_word"),
        [("sparrow", "sparrow"), ("sparrow", ""), ("", "river"), ("", "")],
        ids=["same word", "no word now", "no word before", "no word at all"],
    )
    def test_it_stays_one_request_when_nothing_shows_another_person(
        self, here: World, first_word: str, second_word: str
    ) -> None:
        first = self.first(here, first_word)
        second = self.second(here, second_word)
        assert second.case_id == first.case_id
        assert len(here.everything()["callbacks"]) == 1

    def test_what_it_tells_later_joins_its_own_case(self, here: World) -> None:
        """The answers may still come under the first case's code: its session was lost."""
        first = self.first(here)
        second = self.second(here, "river")
        before = here.told(first)
        lost = Filed(first.case_id, first.code, second.at)
        told = report(code_word="river", windows=EVENING, concern="missing")
        assert here.tell(lost, told) == second
        assert [entry["concern"] for entry in here.told(second)] == ["missing"]
        assert here.told(first) == before
        assert len(here.everything()["cases"]) == 2

    def test_its_input_is_found_in_its_own_case_from_then_on(self, here: World) -> None:
        self.first(here)
        second = self.second(here, "river")
        origin = Origin("bt-ussd", "second", NUMBER)
        assert here.runtime.filing.known(origin, here.clock()) == second
        repeated = here.file(report(windows=EVENING), input_id="second")
        assert repeated == second

    def test_a_dialogue_that_joined_nothing_only_changes_its_word(self, here: World) -> None:
        first = self.first(here)
        assert here.tell(first, report(code_word="river", windows=AFTERNOON)) == first
        assert [told["code_word"] for told in here.told(first)] == ["river"]

    def test_the_split_is_audited_without_content(self, here: World) -> None:
        first = self.first(here)
        second = self.second(here, "river")
        (row,) = [r for r in here.everything()["audit"] if r["action"] == "case.split"]
        assert (row["subject"], row["detail"]) == (first.code, {"case": second.code})
