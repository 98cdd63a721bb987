"""Every concern has its category, and no category gives a small number away."""

from collections import defaultdict
from itertools import product

import pytest

from flows import PROGRAMMES
from helpline.core import periods
from helpline.core.categories import (
    ABOUT_ADULT,
    CATEGORIES,
    EXPLOITED,
    LABOUR,
    MAPPED,
    MISSING,
    SEXUAL,
    UNCLASSIFIED,
    VIOLENCE,
    Category,
    by_category,
    category,
)
from helpline.core.programme import Programme
from helpline.core.statistics import UNKNOWN, By, CaseFacts, part
from helpline.core.suppression import hide, whole
from tests.core.test_statistics import fact

OCTOBER = periods.parse("2026-10")


@pytest.mark.parametrize("programme", PROGRAMMES.values(), ids=PROGRAMMES)
def test_every_concern_and_form_has_exactly_one_row(programme: Programme) -> None:
    concerns = programme.concerns
    asked = [(concern.value, "") for concern in concerns]
    asked += [(concern.value, form.value) for concern in concerns for form in concern.forms]
    rows = [(row.concern, row.form) for row in MAPPED]
    assert {one: rows.count(one) for one in asked} == dict.fromkeys(asked, 1)


def test_no_row_is_left_over() -> None:
    known = {(concern.value, "") for p in PROGRAMMES.values() for concern in p.concerns}
    known |= {
        (concern.value, form.value)
        for programme in PROGRAMMES.values()
        for concern in programme.concerns
        for form in concern.forms
    }
    assert {(row.concern, row.form) for row in MAPPED} == known | {(UNKNOWN, "")}
    assert {found for row in MAPPED for found in (row.child, row.said)} < set(CATEGORIES)


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        (("sexual", "", "child"), SEXUAL),
        (("sexual", "", "me"), SEXUAL),
        (("sexual", "", "adult"), ABOUT_ADULT),
        (("trafficking", "sexual", "me"), EXPLOITED),
        (("trafficking", "debt", "child"), LABOUR),
        (("trafficking", "debt", "me"), VIOLENCE),  # she may be no child
        (("trafficking", "", "child"), VIOLENCE),
        (("missing", "", "child"), MISSING),
        (("missing", "", "me"), UNCLASSIFIED),
        (("home", "", ""), VIOLENCE),
        (("", "", ""), UNCLASSIFIED),
        (("never heard of", "x", "child"), UNCLASSIFIED),
        (("trafficking", "never heard of", "child"), VIOLENCE),
    ],
)
def test_what_was_told_has_its_category(told: tuple[str, str, str], expected: Category) -> None:
    assert category(*told) == expected


def numbers(facts: list[CaseFacts], concerns: tuple[str, ...]) -> dict[Category, str]:
    rows = by_category(facts, OCTOBER, concerns, "2027-02")
    return {row.category: row.requests.text for row in rows}


CONCERNS = ("home", "trafficking", UNKNOWN)


def forms(sexual: int, work: int, other: int, home: int) -> list[CaseFacts]:
    told = {"concern": "trafficking", "about": "child"}
    found = [fact(form="sexual", **told)] * sexual + [fact(form="work", **told)] * work
    return [*found, *[fact(form="unsure", **told)] * other, *[fact(about="child")] * home]


def test_a_category_adds_up_the_parts_that_are_shown() -> None:
    found = numbers(forms(6, 7, 8, 9), CONCERNS)
    assert found == {
        SEXUAL: "0",
        EXPLOITED: "6",
        LABOUR: "7",
        VIOLENCE: "17",
        MISSING: "0",
        UNCLASSIFIED: "0",
        ABOUT_ADULT: "0",
    }


def test_safety_22_a_small_part_is_hidden_within_its_own_concern() -> None:
    """Hidden behind "home" it could be computed: the concerns' own table shows that number."""
    found = numbers(forms(2, 9, 20, 8), CONCERNS)
    assert (found[EXPLOITED], found[LABOUR], found[VIOLENCE]) == ("0+", "0+", "28")


def test_safety_22_concerns_and_categories_together_give_no_small_number_away() -> None:
    alike: dict[object, list[tuple[int, ...]]] = defaultdict(list)
    for split in product(range(13), repeat=4):
        if sum(split) > 12:
            continue
        facts = forms(*split)
        told = part(facts, By.CONCERN, CONCERNS)
        concerns = hide({concern: len(those) for concern, those in told.items()})
        published = [cell.text for cell in concerns.values()]
        published += numbers(facts, CONCERNS).values()
        alike[str((published, whole(sum(split))))].append(split)
    for same in alike.values():
        for values in zip(*same, strict=True):
            assert len(set(values)) > 1 or values[0] not in range(1, 5), same
