"""What one screen must keep to in one language on one channel, each fault as a sentence.

Pure. Looks at the fitted pages as a phone would show them, never at how they were made.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from helpline.core.digits import to_ascii_digits
from helpline.core.errors import ContentError
from helpline.core.fit import BACK_KEY, LRM, MORE_KEY, Frame, Page, Screen, fit, fit_hint
from helpline.core.label import Text
from helpline.core.neutral import telling
from helpline.core.text import Encoding, measure

_BROKEN = ("\ufffd", "\ufeff")
# A digit of any script at the start of a line, behind marks and blanks that no phone shows.
_DIGIT_LINE = re.compile(r"[\s\u061c\u200b-\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff]*\d")


@dataclass(frozen=True, slots=True)
class Fitted:
    """A screen's pages, the longest of them the one nearest to its limit, and what is wrong."""

    pages: tuple[Page, ...]
    problems: tuple[str, ...]


def fitted(screen: Screen, frame: Frame, *, plain: bool) -> Fitted:
    """`plain`: the screen must cost no more than GSM-7."""
    try:
        pages = fit(screen, frame)
        hints = tuple(fit_hint(screen, frame, page) for page in pages if page.stop > page.start)
    except ContentError as broken:
        return Fitted((), (f"does not fit or cannot be said: {broken}",))
    except (LookupError, ValueError) as broken:
        problem = f"does not fit or cannot be said: {type(broken).__name__}: {broken}"
        return Fitted((), (problem,))
    problems = [*_page_problems(screen, frame, pages), *_key_problems(screen, pages)]
    for page in pages:
        problems += [f"page {page.number + 1} {problem}" for problem in _faults(page, frame, plain)]
    for hint in hints:
        found = (*_faults(hint, frame, plain), *_hint_problems(screen, frame, pages, hint))
        problems += [f"the hint on page {hint.number + 1} {problem}" for problem in found]
    if screen.ends:
        problems += neutral_problems(frame.voice.say(screen.prompt), frame.voice.language)
    return Fitted((*pages, *hints), tuple(dict.fromkeys(problems)))


def _faults(page: Page, frame: Frame, plain: bool) -> Iterator[str]:
    """What is wrong with one text and its keys."""
    if not frame.fits(page.text):
        yield f"does not fit: {page.units} units, {page.limit} allowed"
    yield from text_problems(page.text)
    if plain and page.encoding is not Encoding.GSM7:
        yield f"holds letters outside GSM-7: {_strange(page.text)}"
    if not page.ends and not page.keys:
        yield "has no key that leads anywhere"
    for line in page.text.split("\n"):
        if _DIGIT_LINE.match(line) and not _is_key_line(line, page, frame):
            yield f"has a line that begins with a digit which is no key: {line!r}"


def text_problems(text: str) -> Iterator[str]:
    if any(mark in text for mark in _BROKEN):
        yield "holds a broken character (U+FFFD or U+FEFF)"
    if not text.strip():
        yield "is empty"


def neutral_problems(text: str, language: str) -> list[str]:
    """SAFETY 5 and 13: what an onlooker must not read."""
    return [f"tells an onlooker what this is about: {word!r}" for word in telling(text, language)]


def _strange(text: str) -> str:
    return " ".join(sorted({f"U+{ord(c):04X}" for c in text if not c.isascii()}))


def _is_key_line(line: str, page: Page, frame: Frame) -> bool:
    match = re.match(rf"([0-9]+){LRM if frame.voice.rtl else ''} \S", line)
    return match is not None and match[1] in {*page.keys, frame.hide_key}


def _key_problems(screen: Screen, pages: Sequence[Page]) -> Iterator[str]:
    """Every choice has one key on one page, and every page is a "more" away from the last."""
    actions = [action for page in pages for action in page.keys.values()]
    for index in range(len(screen.options)):
        times = actions.count(f"choice:{index}")
        if times != 1:
            yield f"choice {index + 1} has {times} keys instead of one"
    for page in pages:
        if page.keys.get(MORE_KEY) != f"page:{page.number + 1}" and page.number + 1 < page.count:
            yield f"page {page.number + 1} does not lead to the next page"


def _page_problems(screen: Screen, frame: Frame, pages: Sequence[Page]) -> Iterator[str]:
    leads: list[str] = []
    for page in pages:
        lead, missing = _lead(screen, frame, page)
        leads.append(lead)
        yield from (f"page {page.number + 1} lacks the line {line!r}" for line in missing)
    if "".join(leads) != frame.voice.say(screen.prompt):
        yield "its pages put together are not its text"


def _lead(screen: Screen, frame: Frame, page: Page) -> tuple[str, list[str]]:
    """The page without its key lines, and the key lines that should be there and are not."""
    rest, missing = page.text, []
    optional = [(frame.hide_key, frame.flow.hide), (BACK_KEY, frame.flow.back)]
    for key, said in optional:
        rest, _ = _without(rest, frame.line(key, Text(said)))
    wanted = [
        frame.line(str(key), screen.options[index].label)
        for key, index in enumerate(range(page.start, page.stop), start=1)
    ]
    if MORE_KEY in page.keys and page.keys[MORE_KEY].startswith("page:"):
        wanted.append(frame.line(MORE_KEY, Text(frame.flow.more)))
    for line in reversed(wanted):
        rest, there = _without(rest, line)
        if not there:
            missing.append(line)
    return rest, missing


def _without(text: str, line: str) -> tuple[str, bool]:
    if text == line:
        return "", True
    cut = text.removesuffix(f"\n{line}")
    return cut, cut != text


def _hint_problems(
    screen: Screen, frame: Frame, pages: Sequence[Page], hint: Page
) -> Iterator[str]:
    """After a wrong key every choice of the page is still there, here or behind "more"."""
    _, missing = _lead(screen, frame, hint)
    yield from (f"lacks the line {line!r}" for line in missing)
    reached = {action for action in hint.keys.values() if action.startswith("choice:")}
    if hint.keys.get(MORE_KEY, "").startswith("page:"):
        following = pages[int(hint.keys[MORE_KEY].removeprefix("page:")) :]
        reached |= {action for page in following for action in page.keys.values()}
    for index in range(pages[hint.number].start, len(screen.options)):
        if f"choice:{index}" not in reached:
            yield f"loses choice {index + 1}"


def says(text: str, number: str) -> bool:
    """Whether a number stands in the text, in whatever digits."""
    found = re.findall(r"[0-9]+", to_ascii_digits(text))
    return number in found


def nearest(pages: Sequence[Page]) -> Page | None:
    """The page with the least room left."""
    return max(pages, key=lambda page: page.units / page.limit, default=None)


def one_text(text: str, frame: Frame, *, plain: bool) -> Iterator[str]:
    """A text that is a whole answer by itself: the decoy, "not saved", a notice."""
    size = measure(text, frame.budget)
    if not frame.fits(text):
        yield f"does not fit: {size.units} units, {size.limit} allowed"
    yield from text_problems(text)
    if plain and size.encoding is not Encoding.GSM7:
        yield f"holds letters outside GSM-7: {_strange(text)}"
    if any(_DIGIT_LINE.match(line) for line in text.split("\n")):
        yield "has a line that begins with a digit"
    yield from neutral_problems(text, frame.voice.language)
