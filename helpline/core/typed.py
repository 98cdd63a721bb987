"""Reads what a caller types instead of a key: places, request numbers, secret words, keywords.

Pure. Nothing here is ever wrong for the caller: what is not understood is None.
"""

from collections.abc import Callable, Mapping

from helpline.core.digits import key_of
from helpline.core.flow import Input, Shortcut
from helpline.core.message import Kind
from helpline.core.report import parse_case_code
from helpline.core.script import EDGES, Script, placed, plain

Answers = Mapping[str, str]
WORD_LENGTH = range(3, 31)  # characters; one or two digits are a key
SAID_LENGTH = 1600  # characters of free text kept: what one long SMS holds
PLACES = ("region", "part", "place", "areas", "candidates", "abroad")  # answers to "where?"
PROSE = 12  # characters: shorter texts are slips of the finger, not a story


def read(script: Script, wanted: Input, slot: str, answers: Answers, text: str) -> Answers | None:
    """The answers that `text` gives, or None when it is not such an input."""
    return _READERS[wanted](script, slot, answers, text)


def _place(script: Script, slot: str, answers: Answers, text: str) -> Answers | None:
    """Sure, or to be asked about; abroad too. What is not found leaves the screen as it is."""
    found = script.directory.index.find(text, script.programme.country)
    kept = {name: value for name, value in answers.items() if name not in PLACES}
    if found.told and is_prose(script, text):  # nothing that a person tells us is lost
        kept = dict(with_said(kept, text))
    if found.place and script.knows(found.place):
        return {**kept, **placed(script, found.place)}
    if candidates := [place for place in found.candidates if script.knows(place)]:
        return {**kept, "candidates": " ".join(candidates)}
    return None


def _case(script: Script, slot: str, answers: Answers, text: str) -> Answers | None:
    code = parse_case_code(text)
    return {**answers, slot: code} if code else None


def _word(script: Script, slot: str, answers: Answers, text: str) -> Answers | None:
    word = plain(text)
    return {**answers, slot: word} if len(word) in WORD_LENGTH else None


def _story(script: Script, slot: str, answers: Answers, text: str) -> Answers | None:
    return with_said(answers, text) if len(text.strip()) > 2 else None


_READERS: Mapping[Input, Callable[[Script, str, Answers, str], Answers | None]] = {
    Input.PLACE: _place,
    Input.CASE: _case,
    Input.WORD: _word,
    Input.STORY: _story,
}


def with_said(answers: Answers, text: str) -> Answers:
    """Adds free text to what was said before; what does not fit is cut at the end."""
    said = "\n".join(filter(None, (answers.get("said", ""), text.strip())))
    return {**answers, "said": said[:SAID_LENGTH]}


def is_prose(script: Script, text: str) -> bool:
    """Whether a text that no screen asked for is something a person tells us."""
    return script.kind is Kind.SMS and key_of(text) is None and len(text.strip()) >= PROSE


def shortcut(script: Script, text: str) -> tuple[Shortcut, str, str] | None:
    """The shortcut whose word begins the text, its language ("" if several) and what follows."""
    said = plain(text)
    for known in script.flow.shortcuts:
        for word in sorted(_words(script, known), key=len, reverse=True):
            rest = said.removeprefix(word)
            if rest != said and (not rest or not word.isascii() or rest[0] in EDGES):
                return known, _language(script, known, word), rest.strip(EDGES)
    return None


def dialled(script: Script, code: str) -> Shortcut | None:
    """The shortcut of a dial string's last part, such as 2 in *1098*2#."""
    return next((known for known in script.flow.shortcuts if known.dial == code), None)


def _words(script: Script, known: Shortcut) -> set[str]:
    spoken = [language.code for language in script.programme.languages]
    return {plain(word) for code in spoken for word in known.words.get(code, ())}


def _language(script: Script, known: Shortcut, word: str) -> str:
    speaking = [
        language.code
        for language in script.programme.languages
        if word in map(plain, known.words.get(language.code, ()))
    ]
    return speaking[0] if len(speaking) == 1 else ""
