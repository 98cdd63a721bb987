"""The grids that are shown, drawn and put into files."""

from collections.abc import Callable

import pytest

from flows import PROGRAMMES
from helpline import directory
from helpline.core import periods
from helpline.core.callback import Outcome
from helpline.core.categories import by_category
from helpline.core.facts import Age, Sex
from helpline.core.label import Label, Name, Text
from helpline.core.report_words import (
    COLUMNS,
    NONE,
    TITLES,
    Grid,
    Names,
    category_grid,
    grids,
    notes,
)
from helpline.core.statistics import UNKNOWN, By, CaseFacts, Groups, Report, report
from helpline.core.suppression import MARK
from tests.core.test_statistics import GROUPS, NOW, RUNNING, fact


def say(label: Label) -> str:
    match label:
        case Text(msgid, params):
            return msgid.format_map({name: say(param) for name, param in params.items()})
        case Name(en):
            return en
        case _:
            return str(label)


NAMES = Names(PROGRAMMES["bt"], directory.load(), say, say)
Make = Callable[..., Report]


def made(facts: list[CaseFacts], period: str = "2026-10", groups: Groups = GROUPS) -> Report:
    return report(facts, periods.parse(period), groups, RUNNING, NOW)


def one(facts: list[CaseFacts], by: By, period: str = "2026-10") -> Grid:
    (found,) = grids(made(facts, period), NAMES, by)
    return found


def test_a_table_in_words() -> None:
    found = one([fact()] * 7 + [fact(concern="sexual")] * 9, By.CONCERN)
    assert (found.name, found.title) == ("concern", "Requests by concern")
    assert found.header == ("Concern", "Requests")
    assert found.rows == (
        ("Violence at home", 7),
        ("Sexual abuse", 9),
        ("Something else", 0),
        ("not known", 0),
        ("Total", 16),
    )


def test_safety_22_what_is_hidden_is_the_mark() -> None:
    found = one([fact()] * 2 + [fact(concern="sexual")] * 9, By.CONCERN)
    assert [row[1] for row in found.rows] == [MARK, MARK, MARK, MARK, 11]
    assert {cell.number for _, cell in found.cells} == {0}


def test_districts_without_requests_are_left_out() -> None:
    assert one([fact()] * 6, By.DISTRICT).rows == (("Haa", 6), ("Total", 6))


def test_safety_22_not_where_zeros_are_hidden() -> None:
    names = [row[0] for row in one([fact()] * 4, By.DISTRICT).rows]
    assert names == ["Paro", "Haa", "not known", "Total"]


def test_a_quarter_has_its_measures() -> None:
    found = one([fact()] * 30 + [fact(concern="sexual")] * 9, By.CONCERN, "2026-Q4")
    assert found.header[2:] == (
        "Half were tried within (minutes)",
        "First try in time",
        "Reached",
        "Referred",
    )
    assert found.rows[0] == ("Violence at home", 30, 10, "80–100%", "80–100%", "0–20%")
    assert found.rows[1] == ("Sexual abuse", 9, *[NONE] * 4)


def test_a_median_that_never_was_is_said_in_words() -> None:
    found = one([fact(first_attempt_at=None)] * 30, By.SEX, "2026-Q4")
    assert found.rows[0][2] == "Less than half were tried"


def test_an_open_case_has_no_outcome_yet() -> None:
    found = one([fact(outcome=UNKNOWN)] * 6, By.OUTCOME)
    assert ("Still open", 6) in found.rows


def test_every_table_of_a_report_is_there_in_its_order() -> None:
    assert [found.name for found in grids(made([fact()] * 5), NAMES)] == [by.value for by in By]


@pytest.mark.parametrize("programme", PROGRAMMES)
def test_every_group_of_every_programme_has_a_name(programme: str) -> None:
    names = Names(PROGRAMMES[programme], directory.load(), say, say)
    concerns = [(By.CONCERN, known.value) for known in PROGRAMMES[programme].concerns]
    languages = [(By.LANGUAGE, known.code) for known in PROGRAMMES[programme].languages]
    assert all(names.of(by, group) for by, group in [*concerns, *languages])


def test_every_choice_has_its_words() -> None:
    assert set(TITLES) == set(COLUMNS) == set(By)
    for by, choices in ((By.AGE, Age), (By.SEX, Sex), (By.OUTCOME, Outcome)):
        names = [NAMES.of(by, choice.value) for choice in choices]
        assert len({*names}) == len(names)


def test_categories_in_words() -> None:
    told = [fact(concern="sexual", about="child")] * 6
    rows = by_category(told, periods.parse("2026-10"), ("sexual", UNKNOWN), RUNNING)
    found = category_grid(rows, say)
    assert found.header == ("Category", "Sub-category", "Requests")
    assert found.rows[0] == ("Violence", "Sexual violence", 6)
    assert not found.totalled


class TestNotes:
    def test_the_mark_is_explained(self) -> None:
        said = notes(made([fact()] * 5), say, public=True)
        assert said[0].startswith(f"{MARK}: fewer than 5, or hidden")
        assert len(said) == 2

    def test_safety_22_numbers_of_some_desks_are_not_for_publishing(self) -> None:
        said = notes(made([fact()] * 5), say, public=False)
        assert said[0].startswith("These numbers are of some desks only. Do not publish them")

    def test_a_running_month_says_so(self) -> None:
        said = notes(made([fact("2027-02")] * 7, "2027"), say, public=True)
        assert said[0].startswith("This month is not over: 5+ requests so far.")
