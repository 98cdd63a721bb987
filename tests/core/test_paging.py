"""Any words in any script on any budget: pages fit, and lose neither a letter nor a choice."""

from dataclasses import dataclass, replace

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from helpline.core.errors import ContentError
from helpline.core.fit import Frame, Screen, fit
from helpline.core.label import Voice
from helpline.core.text import Budget
from helpline.runtime import content
from tests.core.letters import texts
from tests.core.paging import check_hint, check_pages, check_starts, end, lead_of, menu

FLOW = content().flow
FAMILY = "👨\u200d👩\u200d👧\u200d👦"


@dataclass(frozen=True)
class Script:
    """Words of one script as labels have them, and what the keys 8, 0 and 9 are called."""

    words: tuple[str, ...]
    more: str
    back: str
    hide: str
    hint: str

    def frame(self, budget: Budget, *, rtl: bool = False, hide_key: str = "9") -> Frame:
        flow = replace(FLOW, more=self.more, back=self.back, hide=self.hide, hint=self.hint)
        return Frame(Voice("", str, rtl), budget, flow, hide_key)


SCRIPTS = {
    "latin": Script(
        ("help", "a", "police", "Where", "now", "[x]", "€5", "agree?", "Yes.", "don’t", "15"),
        *("More", "Back", "Close", "Please press one of the keys."),
    ),
    "tibetan": Script(
        ("ཁྱོད་", "གྲོགས་རམ་", "ཨིན་ན?", "སྤ་རོ།", "རྫོང་ཁག་", "བསྒྲུབས༌", "ཧཱུྃ་", "༎ ", "༡༡༣"),
        *("ཁ་སྐོང་", "ལོག་", "ཁ་བསྡམ།", "ཨང་གཅིག་གདམ་ཁ་རྐྱབས།"),
    ),
    "arabic": Script(
        ("مدد", "کہاں", "ہے؟", "پولیس۔", "اِسلام", "بَچّہ", "می‌کنم", "\u200fجی\u200e", "۱۵"),
        *("مزید", "واپس", "بند", "کوئی ایک ہندسہ دبائیں۔"),
    ),
    "khmer": Script(
        ("ជំនួយ", "ស្ត្រី", "តើ", "ភ្នំពេញ។", "គ្រោះ\u200bថ្នាក់", "ខ្ញុំ", "ក្ស\u17d2\u200cត", "១១៧", "ៗ"),
        *("បន្ត", "ថយ", "បិទ", "សូមចុចលេខមួយ។"),
    ),
}
STRAY = (
    *(" ", "  ", "\n", "\r\n", "\u00a0", ". ", "? ", "។ ", "། ", "\x00", "\t", "7", "٣", "*", "#"),
    *("\u0301", "\u17d2", "\u0f71", "\u0fb2", "\u064b", "\u0f0b", "\u0f0c", "\u0f0d"),
    *("\u200b", "\u200c", "\u200d", "\u200e", "\u200f", "\u2066", "\u2069", "\ufeff"),
    *("😀", FAMILY, "👍🏽", "🇧🇹", "1\ufe0f\u20e3", "\ud83d"),
)
EVERY_WORD = tuple(word for script in SCRIPTS.values() for word in script.words)
BUDGETS = st.builds(Budget, st.integers(40, 182), st.integers(40, 80), st.integers(1, 3))


def prompts(script: Script) -> st.SearchStrategy[str]:
    plain = texts([*script.words, " ", ". "], 60)
    return st.one_of(st.just(""), plain, texts([*EVERY_WORD, *STRAY, *STRAY], 200))


@st.composite
def frames(draw: st.DrawFn) -> tuple[Frame, Script]:
    script = draw(st.sampled_from([*SCRIPTS.values()]))
    hide_key = draw(st.sampled_from(["9", "99"]))
    return script.frame(draw(BUDGETS), rtl=draw(st.booleans()), hide_key=hide_key), script


@st.composite
def ends(draw: st.DrawFn) -> tuple[Screen, Frame]:
    frame, script = draw(frames())
    return end(draw(prompts(script)), returns=draw(st.booleans())), frame


@st.composite
def menus(draw: st.DrawFn) -> tuple[Screen, Frame]:
    """From no choice to forty, each of one to five words; some do not fit on a page."""
    frame, script = draw(frames())
    gap, count = draw(st.sampled_from([" ", ""])), draw(st.integers(0, 40))
    label = st.lists(st.sampled_from(script.words), min_size=1, max_size=5).map(gap.join)
    labels = draw(st.lists(label, min_size=count, max_size=count))
    return menu(draw(prompts(script)), *labels, returns=draw(st.booleans())), frame


@st.composite
def questions(draw: st.DrawFn) -> tuple[Screen, Frame]:
    """A text as long as a page, whose last sentence asks, and a few short answers."""
    frame, script = draw(frames())
    filler = draw(st.sampled_from([*script.words, *EVERY_WORD])) + draw(st.sampled_from(["", " "]))
    sentence = filler * draw(st.integers(0, 200 // len(filler)))
    stop = draw(st.sampled_from([". ", "? ", "។ ", "། ", "۔ ", ".\n", ". \u200b"]))
    question = draw(texts([*script.words, *STRAY], 24)) + "?"
    labels = draw(st.lists(st.sampled_from(script.words), min_size=1, max_size=8))
    return menu(sentence + stop + question, *labels, returns=draw(st.booleans())), frame


def unfittable(screen: Screen, frame: Frame) -> bool:
    """Some choice does not fit on a page of its own, beside the key for more."""
    last = len(screen.options) - 1
    return any(
        not frame.fits(frame.body("", [frame.line("1", option.label)], more=at < last, back=False))
        for at, option in enumerate(screen.options)
    )


# Edge tables: pages of 40 units, of which "more" takes seven to eleven


def leads(prompt: str, script: str) -> list[str]:
    screen, frame = end(prompt), SCRIPTS[script].frame(Budget(40, 40), rtl=script == "arabic")
    pages = fit(screen, frame)
    check_pages(screen, frame, pages)
    return [lead_of(page, screen, frame) for page in pages]


@pytest.mark.parametrize(
    ("script", "word", "times"),
    [
        ("khmer", "ស្ត្រី\u200b", [4, 4]),  # two coeng, then a zero width space
        ("khmer", "ក្ស\u17d2\u200cត្រិយ៍", [3, 3]),
        ("khmer", "គ្រោះថ្នាក់។ ", [2, 2, 1]),
        ("tibetan", "བསྒྲུབས་", [3, 3, 2]),  # three letters above each other, then tsheg
        ("tibetan", "རྫོང་ཁག།། ", [3, 3, 1]),  # shad
        ("tibetan", "ཧཱུྃ༌", [6, 6]),  # the tsheg that forbids a break stays with its syllable too
        ("arabic", "اِسلام ", [4, 4, 1]),  # zer
        ("arabic", "بَچّہ۔ ", [4, 4, 1]),  # zabar and shadda
        ("arabic", "می\u200cکنم\u200f ", [4, 3]),  # zero width non-joiner, right-to-left mark
        ("latin", FAMILY, [3, 3, 1]),
        ("latin", "🇧🇹", [8, 7]),
        ("latin", "👍🏽", [8, 4]),
        ("latin", "a 1234 ", [4, 4, 1]),  # no page begins with a number
        ("latin", "[a] ", [5, 5, 5, 1]),  # an escape pair counts twice
    ],
)
def test_pages_hold_whole_words(script: str, word: str, times: list[int]) -> None:
    assert leads(word * sum(times), script) == [word * count for count in times]


@pytest.mark.parametrize(
    ("letter", "sizes"),
    [
        ("a" + "\u0301" * 90, [33, 33, 25]),
        ("ក" + "\u17d2រ" * 40, [33, 33, 15]),
        ("ཀ" + "\u0fb2" * 80, [33, 33, 15]),
        ("👩" + "\u200d👩" * 20, [22, 19]),  # cut between joiner and emoji
        ("ب" + "\u064e" * 80, [33, 33, 15]),
        (" " * 70, [33, 33, 4]),
        ("\u200b" * 80, [33, 33, 14]),
    ],
)
def test_a_letter_longer_than_a_page_is_cut_without_loss(letter: str, sizes: list[int]) -> None:
    assert [len(lead) for lead in leads(letter, "latin")] == sizes


@pytest.mark.parametrize("mark", ["\u0301", "\u17d2ក", "\u0f0b", "\u0f71", "\u200d", "\u064b"])
@pytest.mark.parametrize("room", range(38, 58))
def test_a_question_set_beside_its_choices_takes_its_marks_along(mark: str, room: int) -> None:
    """A mark behind the white space after a sentence belongs to that space, not to the question."""
    screen = menu("a" * room + " b. " + mark + "cd?", "Yes", "No")
    frame = SCRIPTS["latin"].frame(Budget())
    check_starts(screen, frame, fit(screen, frame))


@pytest.mark.parametrize("room", range(40, 60))
def test_what_stands_before_a_question_fits_as_well(room: int) -> None:
    """The text fits as UCS-2; its beginning alone is GSM-7, where each € counts twice."""
    screen = menu("€" * room + "b. កក?", "Yes ក" * 3, "No " * 9)
    frame = SCRIPTS["latin"].frame(Budget(40, 80))
    check_pages(screen, frame, fit(screen, frame))


# Properties


@given(st.one_of(menus(), questions()))
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
    check_starts(screen, frame, pages)


@given(st.one_of(menus(), questions()), st.data())
def test_any_hint_page_keeps_its_choices_and_more_leads_on(
    made: tuple[Screen, Frame], data: st.DataObject
) -> None:
    screen, frame = made
    assume(screen.options and not unfittable(screen, frame))
    pages = [page for page in fit(screen, frame) if page.stop > page.start]
    check_hint(screen, frame, data.draw(st.sampled_from(pages)))


@given(ends())
def test_any_end_keeps_every_promise(made: tuple[Screen, Frame]) -> None:
    screen, frame = made
    pages = fit(screen, frame)
    check_pages(screen, frame, pages)
    check_starts(screen, frame, pages)
    assert (len(pages) == 1) is frame.fits(frame.voice.say(screen.prompt))


@given(st.one_of(menus(), questions()))
def test_a_page_that_is_fitted_again_stays_as_it_is(made: tuple[Screen, Frame]) -> None:
    screen, frame = made
    assume(not unfittable(screen, frame))
    pages = fit(screen, frame)
    assert fit(screen, frame) == pages
    for page in pages:
        (again,) = fit(end(page.text), frame)
        assert (again.text, again.units) == (page.text, page.units)
