"""Reports: what is counted, over which time, and that no two of them can be subtracted."""

from collections import defaultdict
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpline.core import periods
from helpline.core.errors import Refused
from helpline.core.periods import Kind, Period
from helpline.core.statistics import ONE_WAY, UNKNOWN, By, CaseFacts, Groups, Report, report
from helpline.core.suppression import MARK, Band, Shown

START = datetime(2026, 10, 3, 4, tzinfo=UTC)
NOW = datetime(2027, 2, 3, tzinfo=UTC)
RUNNING = "2027-02"
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
GROUPS: Groups = {
    By.DISTRICT: ("BT-11", "BT-13", UNKNOWN),
    By.CONCERN: ("home", "sexual", "other", UNKNOWN),
    By.AGE: ("0-6", "7-9", UNKNOWN),
    By.SEX: ("female", "male", UNKNOWN),
    By.LANGUAGE: ("dz", "en", UNKNOWN),
    By.OUTCOME: ("advised", UNKNOWN),
}


def fact(month: str = "2026-10", **other: object) -> CaseFacts:
    plain = CaseFacts(
        month=month,
        district="BT-13",
        concern="home",
        age="0-6",
        sex="female",
        language="dz",
        priority="high",
        requested_at=START,
        due_at=START + HOUR,
        first_attempt_at=START + 10 * MINUTE,
        reached=True,
        outcome="advised",
        referred=False,
        attempts=1,
    )
    return replace(plain, **other)  # type: ignore[arg-type]


def made(facts: list[CaseFacts], period: str = "2026-10", running: str = RUNNING) -> Report:
    return report(facts, periods.parse(period), GROUPS, running, NOW)


def shown(said: Report, by: By) -> dict[str, str]:
    return {row.group: row.requests.text for row in said.table(by).rows}


class TestPeriods:
    @pytest.mark.parametrize(
        ("text", "kind", "months"),
        [
            ("2026-11", Kind.MONTH, ("2026-11",)),
            ("2026-Q4", Kind.QUARTER, ("2026-10", "2026-11", "2026-12")),
            ("2026", Kind.YEAR, tuple(f"2026-{n:02}" for n in range(1, 13))),
            ("all", Kind.ALL, ("2026-11", "2026-12", "2027-01")),
        ],
    )
    def test_a_period_is_whole_months(self, text: str, kind: Kind, months: tuple[str, ...]) -> None:
        assert periods.parse(text, "2026-11", "2027-02") == Period(text, kind, months)

    @pytest.mark.parametrize("text", ["", "2026-13", "2026-00", "2026-Q5", "26", "1999", "last"])
    def test_anything_else_is_refused(self, text: str) -> None:
        with pytest.raises(Refused, match="2026-Q4"):
            periods.parse(text)

    def test_before_the_first_request_there_is_nothing(self) -> None:
        assert periods.parse("all", "", "2027-02").months == ()

    def test_what_is_offered_begins_with_the_newest(self) -> None:
        assert periods.offered("2026-12", "2027-01") == [
            *("2027-01", "2026-12", "2027-Q1", "2026-Q4", "2027", "2026", "all")
        ]


class TestMonths:
    def test_each_table_counts_the_same_requests(self) -> None:
        said = made([fact()] * 7 + [fact(concern="sexual", district="BT-11")] * 6)
        assert said.total.requests.text == "13"
        assert shown(said, By.CONCERN) == {"home": "7", "sexual": "6", "other": "0", UNKNOWN: "0"}
        assert shown(said, By.DISTRICT) == {"BT-11": "6", "BT-13": "7", UNKNOWN: "0"}
        assert shown(said, By.MONTH) == {"2026-10": "13"}

    def test_what_no_table_knows_is_unknown(self) -> None:
        said = made([fact(concern="new one", age="unknown")] * 5)
        assert shown(said, By.CONCERN)[UNKNOWN] == "5"
        assert shown(said, By.AGE)[UNKNOWN] == "5"

    def test_safety_22_small_numbers_are_hidden(self) -> None:
        said = made([fact()] * 3 + [fact(concern="sexual")] * 9 + [fact(concern="other")] * 12)
        hidden = {"home": MARK, "sexual": MARK, "other": "12", UNKNOWN: "0"}
        assert shown(said, By.CONCERN) == hidden

    def test_safety_22_of_a_month_with_less_than_five_nothing_is_said(self) -> None:
        said = made([fact()] * 4)
        assert said.total.requests.text == MARK
        assert {text for by in By for text in shown(said, by).values()} == {MARK}

    def test_safety_22_of_a_month_no_shares_are_said(self) -> None:
        assert made([fact()] * 100).total.measures is None


class TestLongerPeriods:
    def test_a_quarter_adds_up_what_its_months_show(self) -> None:
        facts = [fact()] * 7 + [fact("2026-11")] * 8 + [fact("2026-12")] * 5
        assert shown(made(facts, "2026-Q4"), By.CONCERN)["home"] == "20"

    def test_safety_22_and_nothing_that_they_hide(self) -> None:
        facts = [fact()] * 7 + [fact("2026-11")] * 3
        facts += [fact("2026-11", concern="sexual")] * 6
        said = made(facts, "2026-Q4")
        assert shown(said, By.CONCERN) == {
            "home": "7+",
            "sexual": "0+",
            "other": "0+",
            UNKNOWN: "0+",
        }
        assert said.total.requests.text == "16"
        assert shown(said, By.MONTH) == {"2026-10": "7", "2026-11": "9", "2026-12": "0"}

    @given(st.lists(st.sampled_from(["2026-10", "2026-11", "2026-12"]), max_size=40))
    def test_safety_22_a_longer_period_says_nothing_new(self, months: list[str]) -> None:
        """It can be made from the months' own reports, so it cannot be subtracted from them."""
        concerns = ("home", "sexual", "other")
        facts = [fact(month, concern=concerns[at % 3]) for at, month in enumerate(months)]
        parts = [made(facts, month) for month in ("2026-10", "2026-11", "2026-12")]
        for row in made(facts, "2026-Q4").table(By.CONCERN).rows:
            cells = [
                found.requests
                for one in parts
                for found in one.table(By.CONCERN).rows
                if found.group == row.group
            ]
            exact = [cell for cell in cells if cell.shown is Shown.EXACT]
            assert row.requests.number == sum(cell.number for cell in exact)
            assert (row.requests.shown is Shown.EXACT) == (len(exact) == len(cells))

    def test_safety_22_of_the_running_month_only_fives_are_said(self) -> None:
        facts = [fact()] * 7 + [fact("2026-11")] * 13
        said = made(facts, "2026-Q4", running="2026-11")
        assert said.running is not None
        assert (said.running.text, said.total.requests.text) == ("10+", "7")
        assert shown(said, By.MONTH) == {"2026-10": "7"}
        month = made(facts, "2026-11", running="2026-11")
        assert {text for by in ONE_WAY for text in shown(month, by).values()} == {"0+"}

    def test_a_period_that_is_over_says_nothing_of_running(self) -> None:
        assert made([fact()] * 5, "2026").running is None


class TestMeasures:
    def quarter(self, facts: list[CaseFacts]) -> Report:
        return made(facts, "2026-Q4")

    def test_shares_are_bands(self) -> None:
        late = fact(first_attempt_at=START + 2 * HOUR, reached=False)
        said = self.quarter([fact()] * 20 + [late] * 4).total.measures
        assert said is not None
        assert (said.in_time, said.reached) == (Band(75, 100), Band(75, 100))
        assert said.referred == Band(0, 25)

    def test_safety_22_of_ten_none_is_said(self) -> None:
        assert self.quarter([fact()] * 10).total.measures is None
        assert self.quarter([fact()] * 11).total.measures is not None

    def test_safety_22_of_a_group_that_one_month_hides_none_is_said(self) -> None:
        facts = [fact()] * 30 + [fact("2026-11")] * 3 + [fact("2026-11", concern="sexual")] * 9
        rows = {row.group: row for row in self.quarter(facts).table(By.CONCERN).rows}
        assert rows["home"].measures is None

    def test_safety_22_of_a_quarter_that_goes_on_none_is_said(self) -> None:
        assert made([fact()] * 30, "2026-Q4", running="2026-12").total.measures is None

    def test_the_median_counts_who_still_waits(self) -> None:
        waiting = fact(first_attempt_at=None)
        slow = fact(first_attempt_at=START + 3 * HOUR + 20 * MINUTE)

        def median(facts: list[CaseFacts]) -> int | None:
            said = self.quarter(facts).total.measures
            assert said is not None
            return said.median

        assert median([fact()] * 11) == 10
        assert median([fact()] * 5 + [slow] * 6) == 180  # to the hour
        assert median([fact()] * 6 + [waiting] * 5) == 10
        assert median([fact()] * 5 + [waiting] * 6) is None

    def test_who_may_not_be_rung_or_is_not_due_yet_is_not_late(self) -> None:
        never = fact(due_at=None, first_attempt_at=None)
        later = fact(due_at=NOW + HOUR, first_attempt_at=None)
        said = self.quarter([fact()] * 11 + [never] * 5 + [later] * 5).total.measures
        assert said is not None
        assert said.in_time == Band(50, 100)


def test_safety_22_all_tables_of_a_month_together_give_no_small_number_away() -> None:
    """All ways to give two concerns and two districts to up to nine requests: what is published of
    the one table is the same for all that the other could be."""
    groups = {**GROUPS, By.CONCERN: ("home", "sexual"), By.DISTRICT: ("BT-11", "BT-13")}
    alike: dict[object, list[tuple[int, ...]]] = defaultdict(list)
    for split in product(range(7), repeat=4):
        if sum(split) > 9:
            continue
        kinds = list(product(("home", "sexual"), ("BT-11", "BT-13")))
        facts = [
            fact(concern=concern, district=district)
            for count, (concern, district) in zip(split, kinds, strict=True)
            for _ in range(count)
        ]
        said = report(
            facts, periods.parse("2026-10"), {**groups, **_unknowns(groups)}, RUNNING, NOW
        )
        texts = [shown(said, by) for by in (By.CONCERN, By.DISTRICT)]
        first, second, third, fourth = split
        counts = (first + second, third + fourth, first + third, second + fourth)
        alike[str(texts)].append((*counts, *split))
    for same in alike.values():
        for values in zip(*(one[:4] for one in same), strict=True):
            assert len(set(values)) > 1 or values[0] not in range(1, 5)


def _unknowns(groups: Groups) -> Groups:
    return {by: (*names, UNKNOWN) for by, names in groups.items() if UNKNOWN not in names}
