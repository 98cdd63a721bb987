"""Whether new words still fit: all proofs of `helpline check` with a catalogue not yet written.

Every programme that speaks the language is walked on both kinds of channel, and on every
configured one of another size. What was wrong before is not held against a sheet.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from babel.messages.catalog import Catalog

from helpline import catalogue
from helpline.cli.check import channels, notices, players
from helpline.cli.review.export import found_uses, screens_by_programme
from helpline.cli.review.plan import Change
from helpline.cli.review.sheet import Refusal
from helpline.cli.review.uses import EVERYWHERE
from helpline.core.check import Finding, check
from helpline.runtime import Content

TOO_LONG = "too long:"


def refusals(
    language: str, before: Catalog, after: Catalog, changes: Sequence[Change], content: Content
) -> tuple[Refusal, ...]:
    """One for each changed string that stands on a screen which is not sound any more."""
    texts = [change for change in changes if change.of_text]
    if not texts:
        return ()
    found = findings(language, after, content)
    if found:
        known = set(findings(language, before, content))
        found = [finding for finding in found if finding not in known]
    if not found:
        return ()
    screens = _screens_of(texts, content, language)
    return tuple(_refusals(found, texts, screens))


def findings(language: str, catalog: Catalog, content: Content) -> list[Finding]:
    """What is wrong in the language, apart from strings that are not translated yet."""
    voices = {**content.voices, language: catalogue.voice(language, catalog)}
    spoken = replace(content, voices=voices)
    alone = (
        (kind, replace(player, frames={language: player.frames[language]}))
        for kind, player in players(spoken, channels())
        if language in player.frames
    )
    missing = catalogue.lacks(language)
    return [
        finding
        for finding in check(alone, notices()).findings
        if finding.language == language and missing not in finding.problem
    ]


def _refusals(
    found: Iterable[Finding], texts: Sequence[Change], screens: Mapping[str, set[str]]
) -> Iterator[Refusal]:
    """A problem is told once for each string, with all the places where it shows."""
    places: dict[tuple[int, str, str], dict[str, None]] = {}
    for finding in found:
        place = f"{finding.screen} ({finding.programme} {finding.kind})"
        for number, mark in _blamed(finding.screen, texts, screens):
            places.setdefault((number, mark, _plainly(finding.problem)), {})[place] = None
    for (number, mark, problem), shown in places.items():
        yield Refusal(number, mark, f"{problem}; on {', '.join(shown)}")


def _plainly(problem: str) -> str:
    """What the pager raises means one thing to a translator."""
    if problem.startswith("does not fit or cannot be said"):
        return f"{TOO_LONG} no page can hold it"
    return problem.replace("does not fit:", TOO_LONG)


def _screens_of(texts: Iterable[Change], content: Content, language: str) -> Mapping[str, set[str]]:
    known = frozenset(change.msgid for change in texts)
    uses = found_uses(content, screens_by_programme(content, language), known)
    return {msgid: {use.screen for use in uses.get(msgid, ())} for msgid in known}


def _blamed(
    screen: str, texts: Sequence[Change], screens: Mapping[str, set[str]]
) -> list[tuple[int, str]]:
    """The changed strings of the screen; else those said on every screen; else the file."""
    for name in (screen, EVERYWHERE):
        rows = [(text.number, text.id) for text in texts if name in screens[text.msgid]]
        if rows:
            return rows
    return [(0, "")]
