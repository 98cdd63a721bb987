"""What officers may do and when: every rule holds below the screen."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import text

from helpline.core.callback import Attempted, Outcome, State
from helpline.core.errors import Refused
from helpline.core.report import Priority
from helpline.core.window import Window
from helpline.service.desk import DeskService
from helpline.service.filing import Filed
from helpline.service.lines import QueueRow
from helpline.store import audit, officers
from helpline.store.officers import Officer
from helpline.store.schema import attempts
from helpline.store.schema import audit as audit_table
from tests.world import (
    DAY,
    HAA,
    HOUR,
    NUMBER,
    PARO,
    START,
    THIMPHU,
    World,
    at_once,
    daily,
    open_for,
    report,
    world,
)

MINUTE = timedelta(minutes=1)
MORNING = daily(START, 1)  # 10:00 to 11:00 in Thimphu, each day
NEVER = ()


@pytest.fixture
def here(tmp_path: Path, database_url: str) -> Iterator[World]:
    with world(tmp_path, database_url) as built:
        yield built


def audited(here: World) -> list[tuple[object, ...]]:
    return [(row["actor"], row["action"], row["detail"]) for row in here.rows(audit_table)]


def refusal(job: Callable[[], object]) -> str:
    with pytest.raises(Refused) as refused:
        job()
    return str(refused.value)


class At:
    """One officer at Haa with a claim, in short words."""

    def __init__(self, here: World, filed: Filed, name: str = "Pema") -> None:
        self.here, self.filed = here, filed
        self.officer: Officer = here.people[name]
        self.desk: DeskService = here.runtime.desk
        self.line: QueueRow | None = None

    @property
    def id(self) -> int:
        return self.here.callback(self.filed).id

    @property
    def fence(self) -> int | None:
        return self.line.fence if self.line else None

    def claim(self) -> QueueRow:
        self.line = self.desk.claim(HAA, self.officer, self.id, self.here.clock())
        return self.line

    def ring(self) -> str:
        now = self.here.clock()
        return self.desk.attempt(HAA, self.officer, self.id, self.fence, now).number

    def note(self, outcome: Attempted) -> QueueRow:
        now = self.here.clock()
        return self.desk.record_attempt(HAA, self.officer, self.id, outcome, self.fence, now)

    def close(self, outcome: Outcome = Outcome.ADVISED) -> QueueRow:
        return self.desk.close(HAA, self.officer, self.id, outcome, self.fence, self.here.clock())

    def call(self, outcome: Attempted) -> QueueRow:
        """One whole attempt."""
        self.claim()
        self.ring()
        return self.note(outcome)


@pytest.fixture
def pema(here: World) -> At:
    return At(here, here.file(report()))


@pytest.fixture
def karma(here: World, pema: At) -> At:
    return At(here, pema.filed, "Karma")


class TestClaiming:
    def test_of_two_hundred_simultaneous_claims_one_wins(self, here: World) -> None:
        filed = here.file(report())
        with here.record.writing() as connection:
            for number in range(200):
                officers.put(connection, f"Officer {number}", woman=True, desks=[HAA])
        with here.record.reading() as connection:
            crowd = [o for o in officers.of_desk(connection, HAA) if o.name.startswith("Off")]
        callback_id = here.callback(filed).id
        claim = here.runtime.desk.claim
        results = at_once([partial(claim, HAA, one, callback_id, START) for one in crowd])
        (won,) = [result for result in results if isinstance(result, QueueRow)]
        told = {str(result) for result in results if result is not won}
        assert told == {f"Callback {callback_id} is with {won.lease_holder} now."}
        assert here.callback(filed).fence == 1
        with here.record.reading() as connection:
            assert audit.verify(connection)[1] == ""

    def test_a_claim_shows_who_has_it_and_no_number(self, pema: At) -> None:
        line = pema.claim()
        assert (line.state, line.lease_holder, line.fence) == ("claimed", "Pema", 1)
        assert NUMBER[1:] not in repr(line)

    def test_claiming_again_what_is_mine_changes_nothing(self, here: World, pema: At) -> None:
        line = pema.claim()
        before = here.everything()
        assert pema.claim() == line
        assert here.everything() == before

    def test_nobody_can_claim_what_somebody_has(self, pema: At, karma: At) -> None:
        pema.claim()
        assert refusal(karma.claim) == f"Callback {pema.id} is with Pema now."

    def test_without_a_number_the_most_urgent_is_claimed(self, here: World) -> None:
        here.file(report(about="me"))
        urgent = here.file(report(about="child", priority=Priority.DANGER))
        line = here.runtime.desk.claim(HAA, here.people["Pema"], None, START)
        assert line.case_code == urgent.code

    def test_with_nothing_ready_the_officer_is_told(self, here: World) -> None:
        here.file(report(windows=NEVER))
        claim = partial(here.runtime.desk.claim, HAA, here.people["Pema"], None, START)
        assert refusal(claim) == "Nothing is ready to be rung at this desk."

    def test_safety_23_a_desk_cannot_name_the_callback_of_another(
        self, here: World, pema: At
    ) -> None:
        dorji = here.people["Dorji"]
        desk = here.runtime.desk
        expected = f"Desk {PARO} has no callback {pema.id}."
        assert refusal(lambda: desk.claim(PARO, dorji, pema.id, START)) == expected
        assert refusal(lambda: desk.show(PARO, dorji, pema.id, START)) == expected
        assert (
            refusal(lambda: here.runtime.casework.story(PARO, dorji, pema.id, "callback", START))
            == expected
        )
        assert refusal(lambda: desk.find(PARO, pema.filed.code)).startswith(f"Desk {PARO} has no")
        assert desk.queue(PARO, START) == []

    @pytest.mark.parametrize("what", ["claim", "story"])
    def test_safety_23_an_officer_of_another_desk_is_refused(
        self, here: World, pema: At, what: str
    ) -> None:
        """Membership is checked where the act is, not only where the officer is looked up."""
        dorji, desk = here.people["Dorji"], here.runtime.desk
        acts: dict[str, Callable[[], object]] = {
            "claim": lambda: desk.claim(HAA, dorji, pema.id, START),
            "story": lambda: here.runtime.casework.story(HAA, dorji, pema.id, "callback", START),
        }
        assert "Dorji" in refusal(acts[what])

    def test_an_unknown_desk_or_officer_is_refused(self, here: World) -> None:
        desk = here.runtime.desk
        assert refusal(lambda: desk.officer("nowhere", None)) == "There is no desk nowhere."
        expected = f"Dorji is not an officer of desk {HAA}."
        assert refusal(lambda: desk.officer(HAA, "Dorji")) == expected


class TestAWomanOfficer:
    @pytest.fixture
    def asked(self, here: World) -> Filed:
        return here.file(report(woman=True))

    def test_a_man_cannot_claim_it(self, here: World, asked: Filed) -> None:
        assert "asks for a woman officer" in refusal(At(here, asked, "Karma").claim)

    def test_a_woman_can(self, here: World, asked: Filed) -> None:
        assert At(here, asked).claim().lease_holder == "Pema"

    def test_a_man_who_asks_for_the_next_one_gets_one_that_he_may_ring(
        self, here: World, asked: Filed
    ) -> None:
        other = here.file(report(about="child"))
        line = here.runtime.desk.claim(HAA, here.people["Karma"], None, START)
        assert line.case_code == other.code

    def test_a_man_who_claimed_before_she_asked_does_not_ring(self, here: World) -> None:
        filed = here.file(report())
        karma = At(here, filed, "Karma")
        karma.claim()
        here.file(report(woman=True))
        assert "claim it first" in refusal(karma.ring)
        assert "asks for a woman officer" in refusal(karma.claim)


class TestTheLease:
    def test_it_lasts_15_minutes_for_a_normal_request(self, pema: At, karma: At) -> None:
        pema.claim()
        pema.here.clock.move(15 * MINUTE - timedelta(seconds=1))
        assert "is with Pema now" in refusal(karma.claim)
        pema.here.clock.move(timedelta(seconds=1))
        assert karma.claim().lease_holder == "Karma"

    def test_it_lasts_2_minutes_in_danger(self, here: World) -> None:
        filed = here.file(report(priority=Priority.DANGER))
        At(here, filed).claim()
        here.clock.move(2 * MINUTE)
        assert At(here, filed, "Karma").claim().fence == 2

    def test_an_expired_claim_cannot_act(self, pema: At, karma: At) -> None:
        pema.claim()
        pema.here.clock.move(15 * MINUTE)
        for act in (pema.ring, pema.close, partial(pema.note, Attempted.REACHED_SAFE)):
            assert refusal(act) == f"Callback {pema.id} is not yours now; claim it first."
        karma.claim()
        assert refusal(pema.ring) == f"Callback {pema.id} is with Karma now."

    def test_an_old_claim_of_the_same_officer_cannot_act(self, pema: At) -> None:
        """Two windows of one officer: the fencing number tells the older claim apart."""
        old = pema.claim()
        pema.here.clock.move(15 * MINUTE)
        new = pema.claim()
        assert (old.fence, new.fence) == (1, 2)
        pema.line = old
        assert refusal(pema.ring) == f"Your claim of callback {pema.id} is over; claim it again."
        pema.line = new
        assert pema.ring() == NUMBER

    def test_it_shows_in_the_queue_as_free_once_it_expired(self, pema: At) -> None:
        pema.claim()
        (line,) = pema.desk.queue(HAA, pema.here.clock.move(15 * MINUTE))
        assert (line.state, line.lease_holder) == ("ready", "")

    def test_ringing_renews_it(self, here: World) -> None:
        filed = here.file(report(priority=Priority.DANGER))
        pema = At(here, filed)
        pema.claim()
        here.clock.move(MINUTE)
        pema.ring()
        here.clock.move(10 * MINUTE)  # a call may take longer than the lease of an urgent claim
        assert pema.note(Attempted.REACHED_SAFE).state == "reached"


class TestTheSafeWindow:
    def test_safety_02_the_queue_never_shows_the_number(self, here: World, pema: At) -> None:
        pema.call(Attempted.REACHED_SAFE)
        assert NUMBER[1:] not in repr(here.runtime.desk.queue(None, START, closed=True))
        assert NUMBER[1:] not in repr(
            here.runtime.desk.show(HAA, here.people["Pema"], pema.id, START)
        )

    def test_safety_02_inside_it_the_number_is_given(self, pema: At) -> None:
        pema.claim()
        assert pema.ring() == NUMBER

    def test_safety_02_before_it_nothing_can_be_claimed(self, here: World) -> None:
        filed = here.file(report(windows=open_for(start=START + 2 * HOUR)))
        pema = At(here, filed)
        words = refusal(pema.claim)
        assert words.endswith("outside its safe time. It begins at 2031-03-04 06:00 UTC.")
        here.clock.move(2 * HOUR)
        assert pema.claim().state == "claimed"

    def test_safety_02_when_it_closes_after_the_claim_nobody_is_rung(self, here: World) -> None:
        filed = here.file(report(windows=MORNING))
        pema = At(here, filed)
        here.clock.move(HOUR - MINUTE)
        pema.claim()
        here.clock.move(MINUTE)
        words = refusal(pema.ring)
        assert words.endswith("outside its safe time. It begins at 2031-03-05 04:00 UTC.")
        assert here.rows(attempts) == []
        assert "reveal.number" not in str(audited(here))

    def test_safety_02_when_it_closes_during_the_attempt_the_number_is_not_given_again(
        self, here: World
    ) -> None:
        filed = here.file(report(windows=MORNING))
        pema = At(here, filed)
        here.clock.move(HOUR - MINUTE)
        pema.claim()
        pema.ring()
        here.clock.move(MINUTE)
        assert "outside its safe time" in refusal(pema.ring)
        assert pema.note(Attempted.REACHED_SAFE).state == "reached"

    def test_safety_03_now_is_stale_after_an_hour(self, here: World) -> None:
        """A time that will not come again is for a supervisor, never for dialling."""
        pema = At(here, here.file(report()))
        here.clock.move(HOUR)
        assert "cannot be claimed" in refusal(pema.claim)
        (line,) = here.runtime.desk.queue(HAA, here.clock())
        assert line.state == "review"

    def test_safety_03_a_daily_time_agreed_long_ago_is_not_dialled(self, here: World) -> None:
        filed = here.file(report(windows=MORNING))
        here.clock.move(90 * DAY)
        assert refusal(At(here, filed).claim)

    def test_safety_01_who_asked_not_to_be_called_is_never_claimed_or_shown(
        self, here: World
    ) -> None:
        filed = here.file(report(windows=NEVER))
        pema = At(here, filed)
        assert (
            refusal(pema.claim) == f"Callback {pema.id} is held: the person asked not to be called."
        )
        assert refusal(pema.ring).endswith("It is: do not call.")
        here.clock.move(DAY)
        assert (
            refusal(pema.claim) == f"Callback {pema.id} is held: the person asked not to be called."
        )

    def test_safety_01_a_no_call_after_the_claim_takes_the_claim_away(self, here: World) -> None:
        filed = here.file(report())
        pema = At(here, filed)
        pema.claim()
        here.file(report(windows=NEVER))
        assert refusal(pema.ring).endswith("It is: do not call.")
        assert "held" in refusal(pema.claim)

    def test_safety_01_a_no_call_during_the_attempt_hides_the_number(self, here: World) -> None:
        filed = here.file(report())
        pema = At(here, filed)
        pema.claim()
        pema.ring()
        here.file(report(windows=NEVER))
        assert "outside its safe time, which does not come again." in refusal(pema.ring)

    def test_the_queue_shows_the_open_window_or_the_next(self, here: World) -> None:
        evening = daily(START + 7 * HOUR, 2)
        here.file(report(windows=(*MORNING, *evening)))
        shown = [
            here.runtime.desk.queue(HAA, here.clock.move(by))[0].window
            for by in (timedelta(0), 2 * HOUR, 6 * HOUR, 4 * HOUR)
        ]
        tomorrow = Window(START + DAY, START + DAY + HOUR, daily=True)
        assert shown == [MORNING[0], evening[0], evening[0], tomorrow]


class TestReveals:
    def test_safety_23_each_reveal_of_a_number_is_audited(self, here: World, pema: At) -> None:
        pema.claim()
        pema.ring()
        pema.ring()
        reveals = [row for row in audited(here) if row[1] == "reveal.number"]
        detail = {"reason": "attempt", "desk": HAA, "fence": 1}
        assert reveals == [("Pema", "reveal.number", detail)] * 2

    def test_safety_23_each_reading_of_a_story_is_audited_with_its_reason(
        self, here: World, pema: At
    ) -> None:
        told = pema.here.runtime.casework.story(HAA, pema.officer, pema.id, "callback", START)
        assert NUMBER[1:] not in str(told)
        detail = {"reason": "callback", "desk": HAA, "fence": 0}
        assert ("Pema", "reveal.story", detail) in audited(here)

    @pytest.mark.parametrize("reason", ["", "   ", "curious"])
    def test_safety_23_without_a_reason_no_story_is_read(self, pema: At, reason: str) -> None:
        assert refusal(
            lambda: pema.here.runtime.casework.story(HAA, pema.officer, pema.id, reason, START)
        )

    def test_safety_23_no_reveal_without_its_audit_row(self, here: World, pema: At) -> None:
        """When the log does not take the row, nobody sees the number."""
        pema.claim()
        with here.record.engine.begin() as connection:
            connection.execute(text("DELETE FROM audit_head"))
        with pytest.raises(Exception, match="No row was found"):
            pema.ring()
        assert here.callback(pema.filed).state is State.CLAIMED

    def test_the_audit_log_holds_no_number(self, here: World, pema: At) -> None:
        pema.call(Attempted.REACHED_SAFE)
        pema.close()
        assert NUMBER[1:] not in repr(here.rows(audit_table))

    def test_an_erased_case_has_nothing_to_reveal(self, here: World, pema: At) -> None:
        pema.claim()
        with here.record.engine.begin() as connection:
            connection.execute(text("UPDATE cases SET wrapped_key = '', sealed_number = NULL"))
        assert refusal(pema.ring) == f"The information of callback {pema.id} was erased."


class TestOutcomes:
    TABLE = (
        (Attempted.REACHED_SAFE, "reached"),
        (Attempted.REACHED_UNSAFE, "held"),
        (Attempted.NO_ANSWER, "waiting"),
        (Attempted.BUSY, "waiting"),
        (Attempted.WRONG_PERSON, "waiting"),
        (Attempted.NUMBER_INVALID, "review"),
        (Attempted.DECLINED, "withdrawn"),
    )

    @pytest.mark.parametrize(("outcome", "state"), TABLE)
    def test_an_outcome_leads_to_its_state(
        self, here: World, outcome: Attempted, state: str
    ) -> None:
        pema = At(here, here.file(report(windows=MORNING)))
        line = pema.call(outcome)
        assert (line.state, line.attempts) == (state, 1)
        (row,) = here.rows(attempts)
        assert (row["outcome"], row["started_at"], row["ended_at"]) == (
            outcome.value,
            START,
            START,
        )

    @pytest.mark.parametrize(("outcome", "state"), TABLE)
    def test_only_a_reached_callback_keeps_its_officer(
        self, here: World, outcome: Attempted, state: str
    ) -> None:
        pema = At(here, here.file(report(windows=MORNING)))
        kept = pema.call(outcome).lease_holder
        assert kept == ("Pema" if state == "reached" else "")

    def test_an_outcome_without_an_attempt_is_refused(self, pema: At) -> None:
        pema.claim()
        assert "No attempt is going on" in refusal(lambda: pema.note(Attempted.BUSY))

    def test_safety_21_a_miss_waits_for_another_window(self, here: World) -> None:
        pema = At(here, here.file(report(windows=MORNING)))
        pema.call(Attempted.NO_ANSWER)
        here.clock.move(30 * MINUTE)
        assert "outside its safe time" in refusal(pema.claim)
        here.clock.move(DAY - 30 * MINUTE)
        assert pema.claim().state == "claimed"

    def test_after_a_miss_the_officer_is_told_the_true_next_time(self, here: World) -> None:
        pema = At(here, here.file(report(windows=MORNING)))
        pema.call(Attempted.NO_ANSWER)
        here.clock.move(30 * MINUTE)
        assert refusal(pema.claim).endswith("It begins at 2031-03-05 04:00 UTC.")

    def test_safety_21_three_misses_lead_to_a_supervisor(self, here: World) -> None:
        pema = At(here, here.file(report(windows=MORNING)))
        states = []
        for _ in range(3):
            states.append(pema.call(Attempted.NO_ANSWER).state)
            here.clock.move(DAY)
        assert states == ["waiting", "waiting", "review"]
        assert (
            refusal(pema.claim)
            == f"Callback {pema.id} cannot be claimed. It is: for the supervisor."
        )

    def test_safety_21_a_miss_without_another_window_leads_to_a_supervisor(self, pema: At) -> None:
        assert pema.call(Attempted.BUSY).state == "review"

    def test_safety_21_an_attempt_that_was_never_written_down_counts(self, here: World) -> None:
        """The phone has rung three times, whatever the officers forgot to say."""
        pema = At(here, here.file(report(windows=MORNING)))
        for _ in range(3):
            pema.claim()
            pema.ring()
            here.clock.move(DAY)
        assert refusal(pema.claim)
        assert here.callback(pema.filed).attempts == 3

    def test_safety_21_after_an_attempt_never_written_down_another_window_is_awaited(
        self, here: World
    ) -> None:
        pema = At(here, here.file(report(windows=MORNING)))
        pema.claim()
        pema.ring()
        here.clock.move(20 * MINUTE)
        assert refusal(pema.claim)


class TestTheQueue:
    def test_what_must_be_rung_first_is_on_top(self, here: World) -> None:
        later = open_for(start=START + 3 * HOUR)
        codes = {
            name: here.file(report(about=name, priority=priority, windows=windows)).code
            for name, priority, windows in (
                ("waits", Priority.HIGH, later),
                ("normal", Priority.NORMAL, None),
                ("held", Priority.NORMAL, NEVER),
                ("high", Priority.HIGH, None),
                ("danger", Priority.DANGER, None),
            )
        }
        order = [line.case_code for line in here.runtime.desk.queue(HAA, START)]
        names = {code: name for name, code in codes.items()}
        assert [names[code] for code in order] == ["danger", "high", "normal", "waits", "held"]

    def test_closed_ones_are_left_out_unless_asked_for(self, here: World, pema: At) -> None:
        pema.call(Attempted.REACHED_SAFE)
        pema.close()
        assert here.runtime.desk.queue(HAA, START) == []
        (line,) = here.runtime.desk.queue(HAA, START, closed=True)
        assert line.state == "closed"

    def test_looking_twice_changes_nothing(self, here: World, pema: At) -> None:
        now = here.clock.move(10 * MINUTE)
        first = here.runtime.desk.queue(None, now)
        before = here.everything()
        assert here.runtime.desk.queue(None, now) == first
        assert here.everything() == before

    def test_a_reached_callback_is_not_overdue(self, here: World, pema: At) -> None:
        pema.call(Attempted.REACHED_SAFE)
        (line,) = here.runtime.desk.queue(HAA, here.clock.move(2 * DAY))
        assert not line.overdue

    def test_an_unanswered_one_is_overdue_once_its_time_is_over(self, here: World) -> None:
        here.file(report(windows=daily(START, 20), desk=THIMPHU))
        show, sonam = here.runtime.desk.show, here.people["Sonam"]
        callback_id = here.runtime.desk.queue(THIMPHU, START)[0].id
        assert not show(THIMPHU, sonam, callback_id, START + DAY - MINUTE).overdue
        assert show(THIMPHU, sonam, callback_id, START + DAY).overdue

    def test_a_case_is_found_by_its_code(self, here: World, pema: At) -> None:
        assert here.runtime.desk.find(HAA, pema.filed.code) == pema.id

    def test_the_hyphen_of_a_case_code_is_optional(self, here: World, pema: At) -> None:
        assert here.runtime.desk.find(HAA, pema.filed.code.replace("-", "")) == pema.id


class TestClosing:
    def test_a_reached_callback_is_closed_with_its_outcome(self, here: World, pema: At) -> None:
        pema.call(Attempted.REACHED_SAFE)
        now = here.clock.move(MINUTE)
        assert pema.close(Outcome.VISITED_DESK).state == "closed"
        case = here.case(pema.filed)
        assert (case.outcome, case.closed_at) == ("visited_desk", now)
        assert ("Pema", "case.closed", {"outcome": "visited_desk", "desk": HAA}) in audited(here)

    def test_help_given_in_a_running_attempt_means_reached(self, here: World, pema: At) -> None:
        pema.claim()
        pema.ring()
        assert pema.close(Outcome.ADVISED).state == "closed"
        (row,) = here.rows(attempts)
        assert row["outcome"] == "reached_safe"

    def test_a_running_attempt_cannot_end_as_unreachable(self, pema: At) -> None:
        pema.claim()
        pema.ring()
        words = refusal(lambda: pema.close(Outcome.UNREACHABLE))
        assert words.startswith("This does not fit the request as it is now.")

    def test_a_claim_alone_closes_nothing(self, pema: At) -> None:
        pema.claim()
        assert refusal(pema.close).startswith("Nobody was reached for callback 1, ")

    def test_a_callback_in_review_is_closed_by_a_supervisor_alone(
        self, here: World, pema: At
    ) -> None:
        pema.call(Attempted.NUMBER_INVALID)
        pema.line = None
        unreachable = partial(pema.close, Outcome.UNREACHABLE)
        assert refusal(unreachable) == "A supervisor must decide this."
        assert At(here, pema.filed, "Wangmo").close(Outcome.UNREACHABLE).state == "closed"

    def test_nothing_happens_after_the_close(self, pema: At) -> None:
        pema.call(Attempted.REACHED_SAFE)
        pema.close()
        for act in (pema.claim, pema.ring, pema.close):
            assert refusal(act)

    def test_safety_20_a_declined_callback_ends_its_case(self, here: World, pema: At) -> None:
        """Erasing counts from the closing: a case that never closes would be kept for ever."""
        pema.call(Attempted.DECLINED)
        case = here.case(pema.filed)
        assert (case.outcome, case.closed_at) == ("withdrawn", START)


class TestReopening:
    def test_after_a_review_it_may_be_rung_again(self, here: World, pema: At) -> None:
        pema.call(Attempted.NUMBER_INVALID)
        desk, now = pema.desk, pema.here.clock()
        words = refusal(lambda: desk.reopen(HAA, pema.officer, pema.id, now))
        assert words == "A supervisor must decide this."
        row = desk.reopen(HAA, here.people["Wangmo"], pema.id, now)
        assert (row.state, row.attempts) == ("ready", 0)
        assert pema.claim().state == "claimed"

    def test_safety_01_never_against_the_word_of_the_person(self, here: World) -> None:
        pema = At(here, here.file(report(windows=NEVER)))
        now = here.clock()
        refused = refusal(lambda: pema.desk.reopen(HAA, here.people["Wangmo"], pema.id, now))
        assert refused.endswith("has no safe time any more; close it.")

    def test_safety_03_not_once_the_consent_is_stale(self, here: World) -> None:
        pema = At(here, here.file(report(windows=daily(START, 8))))
        pema.call(Attempted.NUMBER_INVALID)
        later = here.clock.move(8 * DAY)
        refused = refusal(lambda: pema.desk.reopen(HAA, here.people["Wangmo"], pema.id, later))
        assert "no safe time" in refused


class TestADecisionGivesANewDeadline:
    def test_a_reopened_callback_is_due_again(self, here: World, pema: At) -> None:
        pema.call(Attempted.NUMBER_INVALID)
        here.clock.move(10 * MINUTE)
        wangmo, now = here.people["Wangmo"], here.clock()
        row = here.runtime.desk.reopen(HAA, wangmo, pema.id, now)
        assert row.due_at is not None
        assert row.due_at > now
        here.runtime.escalation.run(now)
        assert here.callback(pema.filed).desk == HAA

    def test_who_asks_again_after_a_call_is_not_late_at_once(self, here: World) -> None:
        pema = At(here, here.file(report(priority=Priority.HIGH, windows=daily(START, 8))))
        pema.call(Attempted.REACHED_SAFE)
        here.clock.move(3 * HOUR)
        here.file(report(priority=Priority.HIGH, windows=daily(START, 8)))
        here.runtime.escalation.run(here.clock())
        row = here.callback(pema.filed)
        assert (row.desk, row.level) == (HAA, 0)

    def test_a_colleague_who_is_at_home_binds_nobody(self, here: World) -> None:
        with here.record.writing() as connection:
            officers.put(connection, "Abi", woman=True, desks=[HAA], speaks=["dz"])
            officers.put(connection, "Pema", woman=True, desks=[HAA], speaks=["km"])
        people = {o.name: o for o in here.runtime.roster.members(HAA)}
        asked = replace(report(), language="dz")
        filed = here.file(asked)
        claim = partial(here.runtime.desk.claim, HAA, people["Pema"], here.callback(filed).id)
        assert "a colleague does" in refusal(lambda: claim(here.clock()))
        here.runtime.roster.begin(HAA, people["Pema"], here.clock())  # now the desk has a roster
        assert claim(here.clock()).state == "claimed"
