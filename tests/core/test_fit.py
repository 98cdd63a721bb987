"""Every screen fits its channel: no choice is lost, no text is lost, no page is over its budget."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from helpline.core.errors import ContentError
from helpline.core.fit import LRM, Frame, Screen, fit
from helpline.core.flow import End
from helpline.core.label import Joined, Text
from helpline.core.message import Kind
from helpline.core.options import show
from helpline.core.predicates import CASE_STATES
from helpline.core.text import SINGLE, Budget, Encoding
from tests.core.callers import (
    CLOCK,
    CODE,
    CONTENT,
    SPOKEN,
    begin,
    one_of_each_screen,
    player_of,
    reachable,
)
from tests.core.paging import check_hint, check_pages, end, menu

BUDGETS = {
    "ussd": Budget(),
    "ussd_182": Budget(182, 80),
    "sms_2": Budget(segments=2),
    "sms_3": Budget(segments=3),
}
IN_EVERY_LANGUAGE = pytest.mark.parametrize(("code", "language"), SPOKEN)
ON_EVERY_BUDGET = pytest.mark.parametrize("budget", BUDGETS.values(), ids=BUDGETS)


def frame_of(language: str, budget: Budget, hide: str = "9") -> Frame:
    return Frame(CONTENT.voices[language], budget, CONTENT.flow, hide)


# The real screens


def real_screens(code: str, language: str) -> Iterator[Screen]:
    player = player_of(code)
    programme, places = player.script.programme, player.script.directory
    urgent = [session for session in reachable(code, language) if session.urgent]
    for session in (begin(player)[0], *one_of_each_screen(code, language), *urgent):
        spoken = replace(session, code=session.code and CODE)
        if session.screen == "district":
            for region in programme.regions:
                for part in region.parts or (region,):
                    answers = {"region": region.value, "part": part.value}
                    yield show(player.script, replace(spoken, answers=answers), CLOCK)
        elif session.screen in {"desk", "area"}:
            desks = places.desks.values()
            for place in sorted({d.place for d in desks if d.programme == programme.code}):
                answers = {"place": place}
                yield show(player.script, replace(spoken, answers=answers), CLOCK)
        elif session.screen == "part":
            for region in (known for known in programme.regions if known.parts):
                answers = {"region": region.value}
                yield show(player.script, replace(spoken, answers=answers), CLOCK)
        elif session.screen == "form":
            for concern in (known for known in programme.concerns if known.forms):
                answers = {"concern": concern.value}
                yield show(player.script, replace(spoken, answers=answers), CLOCK)
        elif session.screen == "booklet":
            for booklet in programme.booklets:
                answers = {"booklet": booklet.value}
                yield show(player.script, replace(spoken, answers=answers), CLOCK)
        elif session.screen == "case":
            for found in ("", *CASE_STATES):
                yield show(player.script, replace(spoken, found=found), CLOCK)
        elif session.screen in {"done", "case_changed"}:
            for when in ("soon", "today, afternoon", "tomorrow, afternoon"):
                yield show(player.script, replace(spoken, when=when), CLOCK)
        else:
            yield show(player.script, spoken, CLOCK)


@ON_EVERY_BUDGET
@IN_EVERY_LANGUAGE
def test_every_real_screen_keeps_every_promise(code: str, language: str, budget: Budget) -> None:
    frame = frame_of(language, budget)
    for screen in real_screens(code, language):
        check_pages(screen, frame, fit(screen, frame))


@ON_EVERY_BUDGET
@IN_EVERY_LANGUAGE
def test_every_real_hint_page_keeps_its_choices(code: str, language: str, budget: Budget) -> None:
    frame = frame_of(language, budget)
    for screen in real_screens(code, language):
        for page in fit(screen, frame):
            if page.stop > page.start:
                check_hint(screen, frame, page)


@IN_EVERY_LANGUAGE
def test_a_yes_or_no_is_never_torn_over_two_pages(code: str, language: str) -> None:
    """Who sees only "Yes" may take it for all there is."""
    frame = frame_of(language, Budget())
    for screen in real_screens(code, language):
        if [option.label for option in screen.options] == [Text("Yes"), Text("No")]:
            pages = [page for page in fit(screen, frame) if page.stop > page.start]
            assert len(pages) == 1, pages[0].text


@ON_EVERY_BUDGET
@IN_EVERY_LANGUAGE
def test_the_number_and_the_danger_that_it_is_for_stand_on_one_page(
    code: str, language: str, budget: Budget
) -> None:
    """SAFETY 17: a shortcut's screen begins with the emergency number, whatever its page holds."""
    frame, number = frame_of(language, budget), player_of(code).script.programme.emergency
    urgent = [s for s in real_screens(code, language) if isinstance(s.prompt, Joined)]
    assert {screen.name for screen in urgent} == {"about", "region", "rights", "my_case"}
    for screen in urgent:
        assert isinstance(screen.prompt, Joined)
        danger = frame.voice.say(screen.prompt.first)
        assert number in danger
        assert fit(screen, frame)[0].text.startswith(danger)


# The shape of pages


def test_eight_choices_stand_on_one_page_when_they_fit() -> None:
    (page,) = fit(menu("Which?", *"abcdefgh"), frame_of("en", Budget()))
    assert page.keys == {str(key): f"choice:{key - 1}" for key in range(1, 9)}
    assert page.text == "Which?\n1 a\n2 b\n3 c\n4 d\n5 e\n6 f\n7 g\n8 h\n9 Close"


def test_nine_choices_are_seven_and_two() -> None:
    first, second = fit(menu("Which?", *"abcdefghi"), frame_of("en", Budget()))
    assert first.text == "Which?\n1 a\n2 b\n3 c\n4 d\n5 e\n6 f\n7 g\n8 More\n9 Close"
    assert second.text == "1 h\n2 i\n0 Back\n9 Close"
    assert second.keys == {"1": "choice:7", "2": "choice:8", "0": "page:0"}


def test_the_hide_key_of_a_text_message_is_99() -> None:
    (page,) = fit(menu("Which?", "a"), frame_of("en", Budget(segments=3), hide="99"))
    assert page.text == "Which?\n1 a\n99 Close"


@pytest.mark.parametrize(("room", "shown"), [(17, False), (18, True)])
def test_the_hide_line_is_there_only_when_there_is_room(room: int, shown: bool) -> None:
    (page,) = fit(menu("Which?", "a"), frame_of("en", Budget(gsm7=room)))
    assert page.text.endswith("9 Close") is shown


def test_a_screen_that_leads_back_says_so() -> None:
    (page,) = fit(menu("Which?", "a", returns=True), frame_of("en", Budget()))
    assert page.text == "Which?\n1 a\n0 Back\n9 Close"
    assert page.keys["0"] == "back"


def test_an_urdu_line_keeps_its_digit_at_the_left_edge() -> None:
    frame = frame_of("ur", Budget())
    (page,) = fit(menu("کون؟", "میں", "ایک بچہ", returns=True), frame)
    for line in page.text.splitlines()[1:]:
        assert line[0].isascii()
        assert line[0].isdigit()
        assert line[1] == LRM


@pytest.mark.parametrize("language", ["dz", "dz_Latn", "ur_Latn", "km", "en"])
def test_a_left_to_right_line_has_no_mark(language: str) -> None:
    for page in fit(menu("?", "a", "b"), frame_of(language, Budget())):
        assert LRM not in page.text


def test_an_end_that_is_too_long_ends_on_its_last_page() -> None:
    pages = fit(end("word " * 80), frame_of("en", Budget()))
    assert [page.ends for page in pages] == [False, False, True]
    assert pages[-1].keys == {}


@pytest.mark.parametrize("returns", [False, True])
@IN_EVERY_LANGUAGE
def test_an_end_that_fits_is_one_page(code: str, language: str, returns: bool) -> None:
    prompt = "x" * Budget().gsm7
    (page,) = fit(end(prompt, returns=returns), frame_of(language, Budget()))
    assert page.text == prompt


def test_a_choice_that_can_never_fit_is_a_fault_of_the_content() -> None:
    with pytest.raises(ContentError, match="screen menu: choice 2 does not fit"):
        fit(menu("Which?", "a", "b" * 200, "c"), frame_of("en", Budget()))


def test_the_question_stays_with_its_choices_when_the_text_is_long() -> None:
    text = "We send your answers to those who help. " * 4 + "Do you agree?"
    pages = fit(menu(text, "Yes", "No"), frame_of("en", Budget()))
    assert "Do you agree?\n1 Yes\n2 No" in pages[-1].text


def test_a_question_is_cut_from_what_was_joined_before_it_and_never_inside() -> None:
    prompt = Joined("In danger now? Please call 113.", "Who needs help?")
    screen = Screen("menu", prompt, menu("", "Me", "A child").options)
    first, second = fit(screen, frame_of("en", Budget(gsm7=58)))
    assert first.text.startswith("In danger now? Please call 113. \n")
    assert second.text.startswith("Who needs help?\n1 Me\n2 A child")


def test_the_kinds_of_channel_have_their_own_hide_key() -> None:
    assert {player_of("bt", kind).script.hide_key for kind in Kind} == {"9", "99"}
    assert Encoding.GSM7 in SINGLE


def test_every_last_screen_is_an_end_table_and_every_other_a_menu() -> None:
    for code, language in SPOKEN:
        for screen in real_screens(code, language):
            assert screen.ends is isinstance(CONTENT.flow.screens[screen.name], End)
