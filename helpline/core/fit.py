"""Fits a screen to a channel: pages that never exceed the budget, drop a choice or tear a cluster.

Keys: 1-8 choose (1-7 where there are several pages), 8 is "more" on every page but the last,
0 back, 9 (99 in SMS) hide. A page is filled with the text first, then with choices; the lines of
keys 0 and 9 stand only where there is room to spare (the keys always work).
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from helpline.core.clusters import breaks, split_to_fit
from helpline.core.errors import ContentError
from helpline.core.flow import Flow
from helpline.core.label import Joined, Label, Text, Voice
from helpline.core.text import Budget, Encoding, measure

_SENTENCE = re.compile(r"[.?!؟۔།។]\s+(?=[^\d\s])")
LRM = "\u200e"  # after the key, so that a menu line keeps its digit at the left edge
MORE_KEY, BACK_KEY = "8", "0"


@dataclass(frozen=True, slots=True)
class Option:
    """A resolved choice: its words, the value it stands for, and other ways to type it."""

    label: Label
    value: str
    aliases: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Screen:
    """What is to be shown, before it is fitted. `returns`: key 0 leads somewhere; `words`: it
    asks for words, so that "choose a number" would be no help. `hint` is its own."""

    name: str
    prompt: Label
    options: tuple[Option, ...] = ()
    returns: bool = False
    ends: bool = False
    words: bool = False
    hint: str = ""


@dataclass(frozen=True, slots=True)
class Page:
    """One text that fits; it holds the choices `start` to `stop` of its screen."""

    screen: str
    text: str
    keys: Mapping[str, str]
    encoding: Encoding
    units: int
    limit: int
    number: int
    count: int
    start: int
    stop: int
    ends: bool


@dataclass(frozen=True, slots=True)
class Frame:
    """What every page of one channel kind, language and flow has in common."""

    voice: Voice
    budget: Budget
    flow: Flow
    hide_key: str

    def line(self, key: str, label: Label) -> str:
        mark = LRM if self.voice.rtl else ""
        return f"{key}{mark} {self.voice.say(label)}"

    def body(self, lead: str, lines: Sequence[str], *, more: bool, back: bool) -> str:
        """The text of a page without the hide key's line."""
        rows = [lead, *lines] if lead else list(lines)
        if more:
            rows.append(self.line(MORE_KEY, Text(self.flow.more)))
        if back:
            rows.append(self.line(BACK_KEY, Text(self.flow.back)))
        return "\n".join(rows)

    def fits(self, text: str) -> bool:
        return self.budget.fits(text)


@dataclass(frozen=True, slots=True)
class _Draft:
    lead: str
    start: int
    stop: int
    more: bool


def fit(screen: Screen, frame: Frame) -> tuple[Page, ...]:
    """All pages of a screen. Raises ContentError when a single choice cannot fit on a page."""
    labels = [frame.voice.say(option.label) for option in screen.options]
    drafts = _drafts(screen, frame, labels)
    return tuple(
        _page(screen, frame, labels, draft, number, len(drafts))
        for number, draft in enumerate(drafts)
    )


def _drafts(screen: Screen, frame: Frame, labels: list[str]) -> list[_Draft]:
    prompt = frame.voice.say(screen.prompt)
    whole = _Draft(prompt, 0, len(labels), more=False)
    if len(labels) <= 8 and frame.fits(_text(frame, labels, whole, back=False)):
        return [whole]
    drafts: list[_Draft] = []
    pieces = _question_with_choices(_pieces(prompt, frame), screen, frame, labels)
    for piece in pieces[:-1]:
        drafts.append(_Draft(piece, 0, 0, more=True))
    lead, start = pieces[-1], 0
    while True:
        draft = _fullest(screen, frame, labels, lead, start)
        drafts.append(draft)
        if not draft.more:
            return drafts
        lead, start = "", draft.stop


def _question_with_choices(
    pieces: tuple[str, ...], screen: Screen, frame: Frame, labels: list[str]
) -> tuple[str, ...]:
    """Moves the closing sentences beside the choices, where no choice would stand with the text."""
    *before, last = pieces
    if not labels or _fullest(screen, frame, labels, last, 0).stop:
        return pieces
    whole = {cut.offset for cut in breaks(last)}  # a mark may follow the white space
    # What comes first is never torn: a page that asks about danger says the number (SAFETY 17).
    first = 0 if before else _first_words(screen.prompt, frame)
    for cut in [mark.end() for mark in _SENTENCE.finditer(last) if mark.end() > first]:
        draft = _Draft(last[cut:], 0, len(labels), more=False)
        together = len(labels) < 8 and frame.fits(_text(frame, labels, draft, back=False))
        # What fits as UCS-2 may not fit as GSM-7, where the budget for that is small.
        if cut in whole and together and _piece_fits(last[:cut], frame):
            return (*before, last[:cut], last[cut:])
    return pieces


def _first_words(prompt: Label, frame: Frame) -> int:
    return len(frame.voice.say(prompt.first)) if isinstance(prompt, Joined) else 0


def _pieces(prompt: str, frame: Frame) -> tuple[str, ...]:
    """The prompt in pieces that each leave room for the keys below them."""
    return split_to_fit(prompt, lambda piece: _piece_fits(piece, frame))


def _piece_fits(piece: str, frame: Frame) -> bool:
    return frame.fits(frame.body(piece, (), more=True, back=False))


def _fullest(screen: Screen, frame: Frame, labels: list[str], lead: str, start: int) -> _Draft:
    """The page with the most choices from `start` on; with a lead it may hold none."""
    last = len(labels)
    for stop in range(min(start + 7, last), start - 1, -1):
        draft = _Draft(lead, start, stop, more=stop < last)
        if (stop > start or lead) and frame.fits(_text(frame, labels, draft, back=False)):
            return draft
    raise ContentError(f"screen {screen.name}: choice {start + 1} does not fit on a page")


def _text(frame: Frame, labels: list[str], draft: _Draft, *, back: bool) -> str:
    lines = [
        frame.line(str(key), labels[index])
        for key, index in enumerate(range(draft.start, draft.stop), start=1)
    ]
    return frame.body(draft.lead, lines, more=draft.more, back=back)


def _page(
    screen: Screen, frame: Frame, labels: list[str], draft: _Draft, number: int, count: int
) -> Page:
    ends = screen.ends and not draft.more
    returns = not ends and (screen.returns or number > 0)
    text = _text(frame, labels, draft, back=returns)
    if not frame.fits(text):
        text = _text(frame, labels, draft, back=False)
    if not ends:
        text = _with_hide(frame, text)
    size = measure(text, frame.budget)
    return Page(
        screen=screen.name,
        text=text,
        keys=_keys(draft, number, returns=returns),
        encoding=size.encoding,
        units=size.units,
        limit=size.limit,
        number=number,
        count=count,
        start=draft.start,
        stop=draft.stop,
        ends=ends,
    )


def _with_hide(frame: Frame, text: str) -> str:
    longer = f"{text}\n{frame.line(frame.hide_key, Text(frame.flow.hide))}"
    return longer if frame.fits(longer) else text


def _keys(draft: _Draft, number: int, *, returns: bool) -> dict[str, str]:
    keys = {
        str(key): f"choice:{index}"
        for key, index in enumerate(range(draft.start, draft.stop), start=1)
    }
    if draft.more:
        keys[MORE_KEY] = f"page:{number + 1}"
    if returns:
        keys[BACK_KEY] = f"page:{number - 1}" if number else "back"
    return keys


def fit_hint(screen: Screen, frame: Frame, at: Page) -> Page:
    """The page `at` shown again after a wrong key: a short hint, then its choices.

    Fewer choices may fit beside the hint; "more" then leads to the usual page that has the next.
    """
    said = Text(screen.hint or frame.flow.hint)
    rest = Screen(screen.name, said, screen.options[at.start :], screen.returns)
    first = fit(rest, frame)[0]
    shift = {
        key: f"choice:{int(action[7:]) + at.start}" if action.startswith("choice:") else action
        for key, action in first.keys.items()
    }
    shown = at.start + first.stop
    if MORE_KEY in first.keys and shown < len(screen.options):
        shift[MORE_KEY] = f"page:{_page_of(screen, frame, shown)}"
    if at.number:
        shift[BACK_KEY] = f"page:{at.number - 1}"
    return Page(
        screen=screen.name,
        text=first.text,
        keys=shift,
        encoding=first.encoding,
        units=first.units,
        limit=first.limit,
        number=at.number,
        count=at.count,
        start=at.start,
        stop=shown,
        ends=False,
    )


def _page_of(screen: Screen, frame: Frame, choice: int) -> int:
    return next(page.number for page in fit(screen, frame) if page.start <= choice < page.stop)
