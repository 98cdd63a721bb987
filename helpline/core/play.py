"""Puts the engine and the fitting together: a session in, the fitted page and its keys out."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from helpline.core.engine import start
from helpline.core.fit import Frame, Page, Screen, fit, fit_hint
from helpline.core.label import Joined, Text
from helpline.core.options import show
from helpline.core.script import Script
from helpline.core.session import Session


def _may_hint(screen: Screen, page: Page) -> bool:
    """A hint never hides the emergency number, nor skips text that was not read yet."""
    match screen.prompt:
        case Text(msgid):
            urgent = "{number}" in msgid or "{abroad_number}" in msgid
        case Joined():
            urgent = True
        case _:
            urgent = False
    return page.stop > page.start and not urgent and not screen.words


@dataclass(frozen=True)
class Player:
    """One programme on one channel kind and budget, in all of its languages.

    `frames` has one entry per language; the first is also used before a language is chosen.
    """

    script: Script
    frames: Mapping[str, Frame]

    def frame(self, session: Session) -> Frame:
        return self.frames.get(session.language) or next(iter(self.frames.values()))

    def begin(self, language: str = "") -> Session:
        return start(self.script, language)

    def page(self, session: Session, now: datetime) -> tuple[Session, Page]:
        """The page the session is at, and the session that remembers its keys and text."""
        screen, frame = show(self.script, session, now), self.frame(session)
        pages = fit(screen, frame)
        page = pages[min(session.page, len(pages) - 1)]
        if session.hint and _may_hint(screen, page):
            page = fit_hint(screen, frame, page)
        shown = replace(session, page=page.number, keys=page.keys, text=page.text, ends=page.ends)
        return replace(shown, revision=self.script.directory.revision), page

    def decoy(self, session: Session) -> str:
        """The harmless text of the hide key: one page, whatever the language."""
        return self.frame(session).voice.say(Text(self.script.flow.decoy))

    def not_saved(self, session: Session) -> str:
        """The honest text for a record that refused: never an unanswered turn (SAFETY 24)."""
        number = {"number": self.script.programme.emergency}
        return self.frame(session).voice.say(Text(self.script.flow.not_saved, number))
