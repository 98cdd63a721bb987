"""Who may take a callback, and when it goes up because nobody there may."""

import pytest

from helpline.core.matching import (
    NEXT,
    WAIT,
    Lack,
    Needs,
    Skills,
    Team,
    lacking,
    needs_interviewer,
    rises,
    suits,
)
from helpline.core.programme import Rules
from helpline.core.report import Priority, Report

ANYONE, WOMAN = Needs(), Needs(woman=True)
CHILD, BOTH = Needs(interviewer=True), Needs(woman=True, interviewer=True)
MAN, HER = Skills(), Skills(woman=True)
TRAINED, TRAINED_HER = Skills(interviewer=True), Skills(woman=True, interviewer=True)
URDU, ENGLISH = Skills(speaks=("ur",)), Skills(speaks=("en",))
DZONGKHA_HER = Skills(woman=True, speaks=("dz",))
DANGER, HIGH, NORMAL = Priority.DANGER, Priority.HIGH, Priority.NORMAL


def speaks(language: str, *, woman: bool = False) -> Needs:
    return Needs(woman=woman, language=language)


@pytest.mark.parametrize(
    ("needs", "skills", "allowed"),
    [
        (ANYONE, MAN, True),
        (WOMAN, MAN, False),
        (WOMAN, HER, True),
        (CHILD, HER, False),
        (CHILD, TRAINED, True),
        (BOTH, HER, False),
        (BOTH, TRAINED, False),
        (BOTH, TRAINED_HER, True),
        (speaks("ur"), ENGLISH, True),  # a language is no hard rule
    ],
)
def test_the_hard_rules(needs: Needs, skills: Skills, allowed: bool) -> None:
    assert suits(needs, skills) is allowed


@pytest.mark.parametrize(
    ("needs", "skills", "others", "lack"),
    [
        (ANYONE, MAN, (), None),
        (WOMAN, MAN, (), Lack.WOMAN),
        (WOMAN, MAN, (HER,), Lack.WOMAN),
        (BOTH, MAN, (), Lack.WOMAN),
        (BOTH, HER, (), Lack.INTERVIEWER),
        (BOTH, TRAINED_HER, (), None),
        # A language is asked for while somebody there has it.
        (speaks("ur"), ENGLISH, (URDU,), Lack.LANGUAGE),
        (speaks("ur"), URDU, (ENGLISH,), None),
        (speaks("ur"), ENGLISH, (), None),  # known nowhere: it must not wait for nobody
        (speaks("ur"), ENGLISH, (MAN,), None),  # of him nothing is known
        (speaks("ur"), MAN, (URDU,), None),  # nor of this one, so nothing speaks against him
        (speaks("ur_Latn"), URDU, (), None),  # in whatever script
        (speaks("ur_Latn"), ENGLISH, (URDU,), Lack.LANGUAGE),
        (speaks("ur"), ENGLISH, (Skills(speaks=("ur_Latn",)),), Lack.LANGUAGE),
        (speaks("en"), URDU, (ENGLISH,), None),  # English is everybody's
        (speaks(""), URDU, (ENGLISH,), None),
        # He has the language and may not take it: she is not kept from it.
        (speaks("ur", woman=True), DZONGKHA_HER, (URDU,), None),
        (
            speaks("ur", woman=True),
            DZONGKHA_HER,
            (Skills(woman=True, speaks=("ur",)),),
            Lack.LANGUAGE,
        ),
    ],
)
def test_why_an_officer_may_not_take_it(
    needs: Needs, skills: Skills, others: tuple[Skills, ...], lack: Lack | None
) -> None:
    assert lacking(needs, skills, (skills, *others)) is lack


EMPTY = Team(members=(HER, TRAINED_HER), rostered=True)  # nobody is on shift
NOBODY_AT_ALL = Team()


def there(*present: Skills) -> Team:
    return Team(members=(MAN, HER, TRAINED_HER), on_shift=present, rostered=True)


@pytest.mark.parametrize(
    ("needs", "priority", "if_nobody", "team", "above", "up"),
    [
        # Danger goes up where nobody is there.
        pytest.param(ANYONE, DANGER, "", EMPTY, (there(MAN),), True, id="danger, nobody there"),
        pytest.param(ANYONE, DANGER, "", there(MAN), (there(MAN),), False, id="somebody there"),
        pytest.param(ANYONE, DANGER, "", EMPTY, (EMPTY, there(MAN)), True, id="two levels up"),
        pytest.param(ANYONE, DANGER, "", EMPTY, (EMPTY,), False, id="nobody anywhere"),
        pytest.param(ANYONE, DANGER, "", EMPTY, (), False, id="nothing above"),
        pytest.param(ANYONE, DANGER, "", Team((MAN,)), (there(MAN),), False, id="no roster"),
        pytest.param(ANYONE, DANGER, "", NOBODY_AT_ALL, (there(MAN),), True, id="no officers"),
        pytest.param(ANYONE, HIGH, "", EMPTY, (there(MAN),), False, id="high waits"),
        pytest.param(ANYONE, NORMAL, "", EMPTY, (there(MAN),), False, id="normal waits"),
        pytest.param(WOMAN, DANGER, "", there(MAN), (there(HER),), True, id="a woman above"),
        pytest.param(WOMAN, DANGER, "", there(MAN), (there(MAN),), False, id="none above"),
        pytest.param(WOMAN, DANGER, "", EMPTY, (there(MAN),), True, id="somebody sees it"),
        # A child interviewer's case does where none is.
        pytest.param(CHILD, NORMAL, "", there(HER), (there(TRAINED),), True, id="trained above"),
        pytest.param(CHILD, NORMAL, "", there(TRAINED), (there(TRAINED),), False, id="here too"),
        pytest.param(CHILD, NORMAL, "", there(HER), (there(HER),), False, id="trained nowhere"),
        pytest.param(CHILD, NORMAL, "", Team((MAN,)), (Team((TRAINED,)),), True, id="no rosters"),
        # A request for a woman only when the caller chose so.
        pytest.param(WOMAN, NORMAL, NEXT, there(MAN), (there(HER),), True, id="next"),
        pytest.param(WOMAN, NORMAL, NEXT, there(HER), (there(HER),), False, id="next, she is here"),
        pytest.param(WOMAN, NORMAL, NEXT, there(MAN), (there(MAN),), False, id="next, no woman"),
        pytest.param(WOMAN, HIGH, WAIT, there(MAN), (there(HER),), False, id="wait"),
        pytest.param(WOMAN, HIGH, WAIT, EMPTY, (there(HER),), False, id="wait, nobody there"),
        pytest.param(WOMAN, HIGH, "", there(MAN), (there(HER),), False, id="not asked"),
        # Both: whoever waits for a woman waits where a trained officer is.
        pytest.param(BOTH, HIGH, WAIT, there(TRAINED), (there(TRAINED_HER),), False, id="waits"),
        pytest.param(BOTH, HIGH, WAIT, there(HER), (there(TRAINED_HER),), True, id="not trained"),
        pytest.param(BOTH, HIGH, NEXT, there(TRAINED), (there(TRAINED_HER),), True, id="both up"),
    ],
)
def test_when_a_callback_goes_up_at_once(
    needs: Needs, priority: Priority, if_nobody: str, team: Team, above: tuple[Team, ...], up: bool
) -> None:
    assert rises(needs, priority, if_nobody, team, above) is up


SEXUAL = Rules(interviewer_for=frozenset({"sexual", "trafficking.sexual"}))


@pytest.mark.parametrize(
    ("rules", "about", "concern", "form", "needed"),
    [
        (SEXUAL, "child", "sexual", "", True),
        (SEXUAL, "child", "trafficking", "sexual", True),
        (SEXUAL, "child", "trafficking", "debt", False),
        (SEXUAL, "child", "home", "", False),
        (SEXUAL, "me", "sexual", "", False),
        (SEXUAL, "adult", "sexual", "", False),
        (Rules(), "child", "sexual", "", False),
    ],
)
def test_which_cases_need_a_child_interviewer(
    rules: Rules, about: str, concern: str, form: str, needed: bool
) -> None:
    told = Report(
        programme="kh",
        desk="KH-AHTJP-12",
        place="KH-12",
        about=about,
        concern=concern,
        form=form,
        priority=HIGH,
        windows=(),
        woman=False,
        consented=False,
        language="km",
    )
    assert needs_interviewer(rules, told) is needed
