"""All that is promised of the pages of a screen, whatever its words and its budget."""

from itertools import pairwise

import regex

from helpline.core.clusters import breaks
from helpline.core.fit import BACK_KEY, MORE_KEY, Frame, Option, Page, Screen, fit, fit_hint
from helpline.core.label import Text
from helpline.core.text import SINGLE, segments

# Marks (so also coeng and subjoined letters), tsheg and shad, white space, invisible joiners.
BAD_START = regex.compile(r"[\p{M}\u0f0b-\u0f12\u0f14\u0fd2\s\u200b-\u200f\u061c]")


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


def check_hint(screen: Screen, frame: Frame, page: Page) -> None:
    hint = fit_hint(screen, frame, page)
    assert frame.budget.fits(hint.text)
    assert frame.voice.say(Text(screen.hint or frame.flow.hint)).startswith(
        lead_of(hint, screen, frame)
    ) or hint.text.startswith(frame.voice.say(Text(screen.hint or frame.flow.hint)))
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


def stretches(text: str) -> list[str]:
    """What no cut may fall into."""
    bounds = [0, *(cut.offset for cut in breaks(text)), len(text)]
    return [text[one:two] for one, two in pairwise(bounds)]


def check_starts(screen: Screen, frame: Frame, pages: tuple[Page, ...]) -> None:
    """No page begins inside a letter, or with what belongs to the letter before it.

    Only a stretch without a place to cut that is longer than a page is torn, and only a letter
    longer than a page: then nothing is lost, which check_pages sees to.
    """

    def too_long(part: str) -> bool:
        return not frame.fits(frame.body(part, (), more=True, back=False))

    prompt, at = frame.voice.say(screen.prompt), 0
    torn = any(map(too_long, stretches(prompt)))
    letters = {match.end() for match in regex.finditer(r"\X", prompt)}
    huge = any(map(too_long, regex.findall(r"\X", prompt)))
    for page in pages:
        assert torn or not (at and BAD_START.match(page.text)), page.text
        assert huge or at in {0, len(prompt), *letters}
        at += len(lead_of(page, screen, frame))
