"""Every screen fits its channel: no choice is lost, no text is lost, no page is over its budget."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from helpline.core.errors import ContentError
from helpline.core.fit import BACK_KEY, LRM, MORE_KEY, Frame, Option, Page, Screen, fit, fit_hint
from helpline.core.flow import End
from helpline.core.label import Text
from helpline.core.message import Kind
from helpline.core.options import show
from helpline.core.text import SINGLE, Budget, Encoding, segments
from tests.core.test_engine import (
    CLOCK,
    CODE,
    CONTENT,
    SPOKEN,
    begin,
    one_of_each_screen,
    player_of,
)

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


def menu(prompt: str, *labels: str, returns: bool = False) -> Screen:
    return Screen("menu", prompt, tuple(Option(label, label) for label in labels), returns)


def end(prompt: str, *, returns: bool = False) -> Screen:
    return Screen("end", prompt, (), returns, ends=True)


def lines_of(page: Page, screen: Screen, frame: Frame) -> list[str]:
    """The lines that must stand on a page, in order: its choices and the key for more."""
    chosen = {key: int(act[7:]) for key, act in page.keys.items() if act.startswith("choice:")}
    lines = [frame.line(key, screen.options[index].label) for key, index in chosen.items()]
    if page.keys.get(MORE_KEY, "").startswith("page:"):
        lines.append(frame.line(MORE_KEY, Text(frame.flow.more)))
    return lines


def lead_of(page: Page, screen: Screen, frame: Frame) -> str:
    """The prompt's part on a page: what stands before its lines, the keys 0 and 9 being optional.

    Fails when a line is missing, out of order, or followed by anything else.
    """
    back = frame.line(BACK_KEY, Text(frame.flow.back))
    hide = frame.line(frame.hide_key, Text(frame.flow.hide))
    lines = lines_of(page, screen, frame)
    for tail in ([back, hide], [hide], [back], []):
        rows = "\n".join([*lines, *tail])
        if not rows:
            return page.text
        if page.text == rows:
            return ""
        if page.text.endswith(f"\n{rows}"):
            return page.text[: -len(rows) - 1]
    raise AssertionError(f"the lines {lines} are not the end of {page.text!r}")


def check_pages(screen: Screen, frame: Frame, pages: tuple[Page, ...]) -> None:
    """All that is promised of the pages of a screen."""
    shown: list[int] = []
    for number, page in enumerate(pages):
        last = number == len(pages) - 1
        assert (page.number, page.count) == (number, len(pages))
        assert frame.budget.fits(page.text)
        assert page.units <= page.limit
        assert len(segments(page.text)) <= max(1, frame.budget.segments) or (
            frame.budget.limit(page.encoding) > SINGLE[page.encoding]
        )
        check_keys(screen, page, last=last)
        check_hide_line(frame, page)
        assert page.ends is (screen.ends and last)
        shown += range(page.start, page.stop)
    assert shown == list(range(len(screen.options)))
    leads = [lead_of(page, screen, frame) for page in pages]
    assert "".join(leads) == frame.voice.say(screen.prompt)


def check_keys(screen: Screen, page: Page, *, last: bool) -> None:
    chosen = [action for action in page.keys.values() if action.startswith("choice:")]
    assert chosen == [f"choice:{index}" for index in range(page.start, page.stop)]
    assert [key for key, act in page.keys.items() if act in chosen] == [
        str(key) for key in range(1, len(chosen) + 1)
    ]
    assert len(chosen) <= (8 if page.count == 1 else 7)
    if not last:
        assert page.keys[MORE_KEY] == f"page:{page.number + 1}"
    if page.ends:
        assert not page.keys
    elif page.number:
        assert page.keys[BACK_KEY] == f"page:{page.number - 1}"
    elif screen.returns:
        assert page.keys[BACK_KEY] == "back"
    else:
        assert BACK_KEY not in page.keys
    assert not {"9", "99", "00"} & page.keys.keys()


def check_hide_line(frame: Frame, page: Page) -> None:
    """The hide key's line is there exactly when there is room, and never on an end."""
    hide = f"\n{frame.line(frame.hide_key, Text(frame.flow.hide))}"
    if page.ends:
        assert not page.text.endswith(hide)
    elif not page.text.endswith(hide):
        assert not frame.budget.fits(page.text + hide)


# The real screens


def real_screens(code: str, language: str) -> Iterator[Screen]:
    player = player_of(code)
    programme, places = player.script.programme, player.script.directory
    for session in (begin(player)[0], *one_of_each_screen(code, language)):
        spoken = replace(session, code=session.code and CODE)
        if session.screen == "district":
            for region in programme.regions:
                answers = {"region": region.value}
                yield show(player.script, replace(spoken, answers=answers), CLOCK)
        elif session.screen in {"desk", "area"}:
            for region in programme.regions:
                for district in region.districts:
                    for area in ("", *(p.code for p in places.within(district, "area"))):
                        answers = {"region": region.value, "district": district, "area": area}
                        yield show(player.script, replace(spoken, answers=answers), CLOCK)
        elif session.screen == "done":
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


def check_hint(screen: Screen, frame: Frame, page: Page) -> None:
    hint = fit_hint(screen, frame, page)
    assert frame.budget.fits(hint.text)
    assert frame.voice.say(Text(frame.flow.hint)).startswith(
        lead_of(hint, screen, frame)
    ) or hint.text.startswith(frame.voice.say(Text(frame.flow.hint)))
    assert (hint.number, hint.start, hint.ends) == (page.number, page.start, False)
    chosen = [action for action in hint.keys.values() if action.startswith("choice:")]
    assert chosen == [f"choice:{index}" for index in range(page.start, hint.stop)]
    for key in range(1, len(chosen) + 1):
        if str(key) in page.keys and page.keys[str(key)].startswith("choice:"):
            assert hint.keys[str(key)] == page.keys[str(key)]
    assert hint.keys.get(BACK_KEY) == page.keys.get(BACK_KEY)
    if hint.stop < len(screen.options):
        number = int(hint.keys[MORE_KEY].removeprefix("page:"))
        following = fit(screen, frame)[number]
        assert following.start <= hint.stop < following.stop
    else:
        assert not hint.keys.get(MORE_KEY, "").startswith("page:")


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


# Any words, any budget

WORDS = {
    "en": ["help", "a", "police", "Where", "now", "don’t", "[x]", "€5", "agree?", "Yes."],
    "dz": ["ཁྱོད་", "གྲོགས་རམ་", "ཨིན་ན?", "སྤ་རོ།", "རྫོང་ཁག་", "བསམ་གྲུབ་ལྗོངས་མཁར་", "113"],
    "ur": ["مدد", "کہاں", "ہے؟", "پولیس۔", "ابھی", "15", "بلوچستان", "پر"],
    "km": ["ជំនួយ", "ស្ត្រី", "តើ", "ភ្នំពេញ។", "គ្រោះថ្នាក់\u200b", "117", "ឥឡូវនេះ"],
}
BUDGET = st.builds(
    Budget,
    gsm7=st.integers(min_value=60, max_value=182),
    ucs2=st.integers(min_value=40, max_value=80),
    segments=st.integers(min_value=1, max_value=3),
)


def said(language: str, most: int) -> st.SearchStrategy[str]:
    words = st.lists(st.sampled_from(WORDS[language]), min_size=1, max_size=most)
    return st.builds(lambda gap, parts: gap.join(parts), st.sampled_from([" ", ""]), words)


@st.composite
def framed(draw: st.DrawFn) -> tuple[Frame, str]:
    language = draw(st.sampled_from([*WORDS]))
    return frame_of(language, draw(BUDGET), draw(st.sampled_from(["9", "99"]))), language


@st.composite
def menus(draw: st.DrawFn) -> tuple[Screen, Frame]:
    frame, language = draw(framed())
    labels = draw(st.lists(said(language, 6), min_size=1, max_size=20))
    prompt = draw(st.just("") | said(language, 50))
    return menu(prompt, *labels, returns=draw(st.booleans())), frame


@st.composite
def ends(draw: st.DrawFn) -> tuple[Screen, Frame]:
    frame, language = draw(framed())
    return end(draw(said(language, 60)), returns=draw(st.booleans())), frame


def unfittable(screen: Screen, frame: Frame) -> bool:
    """Some choice does not fit on a page of its own, beside the key for more."""
    lines = [frame.line("1", option.label) for option in screen.options]
    return any(
        not frame.fits(frame.body("", [line], more=line is not lines[-1], back=False))
        for line in lines
    )


@settings(deadline=None, max_examples=200)
@given(menus())
def test_any_menu_keeps_every_promise_or_holds_a_choice_that_cannot_fit(
    made: tuple[Screen, Frame],
) -> None:
    screen, frame = made
    try:
        pages = fit(screen, frame)
    except ContentError:
        assert unfittable(screen, frame)
        return
    check_pages(screen, frame, pages)


@settings(deadline=None, max_examples=200)
@given(menus(), st.data())
def test_any_hint_page_keeps_its_choices_and_more_leads_on(
    made: tuple[Screen, Frame], data: st.DataObject
) -> None:
    screen, frame = made
    assume(not unfittable(screen, frame))
    pages = [page for page in fit(screen, frame) if page.stop > page.start]
    check_hint(screen, frame, data.draw(st.sampled_from(pages)))


@settings(deadline=None, max_examples=200)
@given(ends())
def test_any_end_keeps_every_promise(made: tuple[Screen, Frame]) -> None:
    screen, frame = made
    pages = fit(screen, frame)
    check_pages(screen, frame, pages)
    prompt = frame.voice.say(screen.prompt)
    assert (len(pages) == 1) is frame.budget.fits(prompt)


@given(menus())
@settings(deadline=None, max_examples=50)
def test_fitting_is_repeatable(made: tuple[Screen, Frame]) -> None:
    screen, frame = made
    assume(not unfittable(screen, frame))
    assert fit(screen, frame) == fit(screen, frame)


def test_the_kinds_of_channel_have_their_own_hide_key() -> None:
    assert {player_of("bt", kind).script.hide_key for kind in Kind} == {"9", "99"}
    assert Encoding.GSM7 in SINGLE


def test_every_last_screen_is_an_end_table_and_every_other_a_menu() -> None:
    for code, language in SPOKEN:
        for screen in real_screens(code, language):
            assert screen.ends is isinstance(CONTENT.flow.screens[screen.name], End)
