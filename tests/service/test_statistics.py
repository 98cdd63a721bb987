"""Reports from a real record: which cases count, who may see them, and what is logged."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import update

from helpline.core import periods
from helpline.core.access import Role
from helpline.core.callback import Attempted, Outcome
from helpline.core.errors import Refused
from helpline.core.facts import Age, Sex
from helpline.core.referral import ReferralState
from helpline.core.report import Priority
from helpline.core.statistics import UNKNOWN, By, CaseFacts
from helpline.core.suppression import MARK
from helpline.service.filing import Filed
from helpline.service.notes import Facts, Notes
from helpline.service.statistics import Asked, Scope, Statistics, ladder
from helpline.store import audit, cases, officers
from helpline.store.officers import Officer
from helpline.store.schema import audit as audit_table
from helpline.store.schema import cases as cases_table
from helpline.store.schema import referrals
from tests.private import PRIVATE_NUMBERS
from tests.world import (
    DAY,
    HAA,
    HOUR,
    PARO,
    START,
    THIMPHU,
    World,
    daily,
    report,
    world,
)

MINUTE = timedelta(minutes=1)
BT = Scope("bt")
YEAR = periods.parse("2031")


@pytest.fixture
def here(tmp_path: Path, database_url: str) -> Iterator[World]:
    with world(tmp_path, database_url) as built:
        yield built


@pytest.fixture
def counted(here: World) -> Statistics:
    return here.runtime.statistics


def officer(here: World, name: str, role: Role, *desks: str) -> tuple[Officer, tuple[str, ...]]:
    with here.record.writing() as connection:
        officers.put(connection, name, woman=True, desks=desks, role=role)
        found = officers.named(connection, name)
        assert found is not None
        return found, officers.desks_of(connection, found.id)


def call(here: World, filed: Filed, outcome: Attempted = Attempted.REACHED_SAFE) -> None:
    """Pema claims, rings and writes down."""
    pema, desk = here.people["Pema"], here.runtime.desk
    line = here.claim("Pema", filed)
    desk.attempt(HAA, pema, line.id, line.fence, here.clock())
    desk.record_attempt(HAA, pema, line.id, outcome, line.fence, here.clock())


def only(counted: Statistics, scope: Scope = BT) -> CaseFacts:
    (fact,) = counted.facts(scope, YEAR)
    return fact


class TestFacts:
    def test_an_open_case(self, here: World, counted: Statistics) -> None:
        here.file(report(concern="home", priority=Priority.HIGH))
        assert only(counted) == CaseFacts(
            month="2031-03",
            district="BT-13",
            concern="home",
            age="unknown",
            sex="unknown",
            language="en",
            priority="high",
            requested_at=START,
            due_at=START + HOUR,
            first_attempt_at=None,
            reached=False,
            outcome=UNKNOWN,
            referred=False,
            attempts=0,
            about="me",
        )

    def test_a_case_with_its_call_and_outcome(self, here: World, counted: Statistics) -> None:
        filed = here.file(report())
        here.clock.move(10 * MINUTE)
        call(here, filed)
        line = here.runtime.desk.queue(HAA, here.clock())[0]
        here.runtime.desk.close(
            HAA, here.people["Pema"], line.id, Outcome.ADVISED, line.fence, here.clock()
        )
        fact = only(counted)
        assert fact.first_attempt_at == START + 10 * MINUTE
        assert (fact.reached, fact.outcome, fact.attempts) == (True, "advised", 1)

    def test_the_first_attempt_counts_whatever_it_came_to(
        self, here: World, counted: Statistics
    ) -> None:
        filed = here.file(report(windows=daily(START, 2)))
        call(here, filed, Attempted.NO_ANSWER)
        here.clock.move(DAY)
        call(here, filed)
        fact = only(counted)
        assert (fact.first_attempt_at, fact.reached, fact.attempts) == (START, True, 2)

    def test_what_the_officer_noted(self, here: World, counted: Statistics) -> None:
        filed = here.file(report())
        with here.record.writing() as connection:
            case = cases.get(connection, filed.case_id)
            facts = Facts(Age.UNDER_13, Sex.FEMALE)
            Notes(here.runtime.sealer).set_facts(connection, case, facts)
        fact = only(counted)
        assert (fact.age, fact.sex) == ("10-12", "female")

    def test_the_latest_dialogue_counts_where_it_says_something(
        self, here: World, counted: Statistics
    ) -> None:
        here.file(report(concern="home", place="BT-13"))
        here.clock.move(HOUR)
        here.file(report(concern="sexual", place="BT"))
        fact = only(counted)
        assert (fact.concern, fact.district) == ("sexual", "BT-13")

    def test_a_village_counts_for_its_district(self, here: World, counted: Statistics) -> None:
        places = here.runtime.content.directory.places
        village = next(p.code for p in places.values() if p.parent == "BT-33")
        here.file(report(place=village))
        assert only(counted).district == "BT-33"

    @pytest.mark.parametrize("place", ["BT", "nowhere", ""])
    def test_what_is_no_district_is_unknown(
        self, here: World, counted: Statistics, place: str
    ) -> None:
        here.file(report(place=place))
        assert only(counted).district == UNKNOWN

    def test_the_month_is_the_programmes(self, here: World, counted: Statistics) -> None:
        here.clock.now = datetime.fromisoformat("2031-03-31T19:00:00+00:00")  # April in Thimphu
        here.file(report())
        assert only(counted).month == "2031-04"

    def test_cases_of_other_times_are_not_even_opened(
        self, here: World, counted: Statistics
    ) -> None:
        here.file(report())
        here.clock.now = datetime.fromisoformat("2031-03-31T18:00:00+00:00")  # April in Thimphu
        here.file(report(about="child"))
        months = ("2031-02", "2031-03", "2031-04", "2031-05", "2031-Q1", "2031", "2030")
        found = {name: len(counted.facts(BT, periods.parse(name))) for name in months}
        assert found == dict(zip(months, (0, 1, 1, 0, 1, 2, 0), strict=True))
        assert counted.facts(BT, periods.parse("all", "", "2031-03")) == []

    def test_who_is_not_to_be_called_has_no_deadline(
        self, here: World, counted: Statistics
    ) -> None:
        here.file(report(windows=()))
        assert only(counted).due_at is None

    def test_safety_20_an_erased_case_still_counts_and_nothing_of_it_is_known(
        self, here: World, counted: Statistics
    ) -> None:
        filed = here.file(report(concern="home"))
        with here.record.writing() as connection:
            cases.erase(connection, filed.case_id)
        fact = only(counted)
        told = (fact.district, fact.concern, fact.form, fact.about, fact.language)
        assert told == (UNKNOWN,) * 5
        assert (fact.age, fact.sex, fact.month) == ("unknown", "unknown", "2031-03")

    @pytest.mark.parametrize(
        ("state", "counts"),
        [
            (ReferralState.SENT, True),
            (ReferralState.ACCEPTED, True),
            (ReferralState.DONE, True),
            (ReferralState.REJECTED, False),
            (ReferralState.REVOKED, False),
        ],
    )
    def test_a_referral_counts_unless_it_came_to_nothing(
        self, here: World, counted: Statistics, state: ReferralState, counts: bool
    ) -> None:
        filed = here.file(report())
        row = {
            "case_id": filed.case_id,
            "from_desk": HAA,
            "to_desk": PARO,
            "officer_id": here.people["Pema"].id,
            "state": state.value,
            "reason": "",
            "fields": [],
            "consent_until": START + DAY,
            "created_at": START,
            "changed_at": START,
        }
        with here.record.writing() as connection:
            for name in ("a" * 32, "b" * 32):
                connection.execute(referrals.insert().values(id=name, **row))
        assert only(counted).referred == counts


class TestScopes:
    def test_an_administrator_sees_programmes(self, here: World, counted: Statistics) -> None:
        who, own = officer(here, "Ada", Role.ADMINISTRATOR)
        assert set(counted.scopes(who, own)) == {Scope("bt"), Scope("pk"), Scope("kh")}

    def test_a_supervisor_sees_her_desk_and_those_below(
        self, here: World, counted: Statistics
    ) -> None:
        who, own = officer(here, "Dema", Role.SUPERVISOR, PARO)
        (scope,) = counted.scopes(who, own)
        assert scope.programme == "bt"
        assert scope.desks is not None
        assert {PARO, HAA} <= scope.desks
        assert THIMPHU not in scope.desks

    def test_cases_of_other_desks_do_not_count(self, here: World, counted: Statistics) -> None:
        here.file(report())
        assert counted.facts(Scope("bt", frozenset({THIMPHU})), YEAR) == []
        assert len(counted.facts(Scope("bt", frozenset({HAA})), YEAR)) == 1
        assert counted.facts(Scope("pk"), YEAR) == []

    @pytest.mark.parametrize("role", [Role.OFFICER, Role.PARTNER])
    def test_safety_23_others_see_no_reports(
        self, here: World, counted: Statistics, role: Role
    ) -> None:
        who, own = officer(here, "Kezang", role, PARO)
        with pytest.raises(Refused, match="for supervisors"):
            counted.scope(who, own, "bt")

    def test_safety_23_a_supervisor_sees_no_other_programme(
        self, here: World, counted: Statistics
    ) -> None:
        who, own = officer(here, "Dema", Role.SUPERVISOR, PARO)
        with pytest.raises(Refused, match="no desk in this programme"):
            counted.scope(who, own, "pk")

    def test_a_ladder_that_loops_ends(self) -> None:
        assert ladder("a", {"a": "b", "b": "a"}) == ["a", "b"]


class TestReports:
    def filed(self, here: World, number: int, concern: str = "home") -> None:
        for at in range(number):
            here.file(report(about=f"{concern}{at}", concern=concern))

    def test_safety_22_a_month_that_has_ended(self, here: World, counted: Statistics) -> None:
        self.filed(here, 9)
        self.filed(here, 2, "sexual")
        asked = Asked("Ada", BT, counted.period("bt", "2031-03", START))
        said = counted.report(asked, START + 40 * DAY)
        shown = {row.group: row.requests.text for row in said.table(By.CONCERN).rows}
        assert (shown["home"], shown["sexual"], shown["other"]) == (MARK, MARK, MARK)
        assert said.total.requests.text == "11"

    def test_the_last_month_is_the_default(self, here: World, counted: Statistics) -> None:
        assert counted.period("bt", "", START).name == "2031-02"

    def test_all_begins_with_the_first_request(self, here: World, counted: Statistics) -> None:
        assert counted.first_month("bt") == ""
        self.filed(here, 1)
        assert counted.first_month("bt") == "2031-03"
        period = counted.period("bt", periods.ALL, START + 70 * DAY)
        assert period.months == ("2031-03", "2031-04")

    def test_safety_23_each_report_is_logged(self, here: World, counted: Statistics) -> None:
        self.filed(here, 1)
        period = counted.period("bt", "2031-03", START)
        counted.report(Asked("Ada", BT, period, "csv"), START)
        counted.categories(Asked("Dema", Scope("bt", frozenset({HAA})), period), START)
        logged = [row for row in here.rows(audit_table) if row["action"] == "report.made"]
        assert [(row["actor"], row["subject"], row["detail"]) for row in logged] == [
            (
                "Ada",
                "bt",
                {"table": "requests", "from": "2031-03", "act": "csv", "fields": "programme"},
            ),
            (
                "Dema",
                "bt",
                {"table": "categories", "from": "2031-03", "act": "screen", "fields": "desks"},
            ),
        ]
        with here.record.reading() as connection:
            assert audit.verify(connection)[1] == ""

    def test_nothing_private_is_in_a_report(self, here: World, counted: Statistics) -> None:
        here.file(report(said="he beats me at night", code_word="my-secret-words"))
        asked = Asked("Ada", BT, counted.period("bt", "2031-03", START))
        said = repr(counted.report(asked, START + 40 * DAY))
        assert "beats" not in said
        assert PRIVATE_NUMBERS[0] not in said

    def test_a_case_without_a_story_counts(self, here: World, counted: Statistics) -> None:
        filed = here.file(report())
        with here.record.writing() as connection:
            gone = update(cases_table).where(cases_table.c.id == filed.case_id)
            connection.execute(gone.values(sealed_story=None))
        assert only(counted).concern == UNKNOWN
