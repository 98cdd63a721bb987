"""One input of a dialogue carried through: engine, record, fitting. Used by every channel kind."""

from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection

from helpline.core.engine import Turn, advance
from helpline.core.fit import Page
from helpline.core.play import Player
from helpline.core.session import Session
from helpline.service.filing import Filing, Origin


@dataclass(frozen=True, slots=True)
class Step:
    """Where the dialogue stands after one input, and what is to be shown.

    `page` is None for the decoy and for "not saved", which are one fixed text.
    """

    session: Session
    text: str
    ends: bool
    screen: str
    page: Page | None = None
    wrong: bool = False

    def remembered(self, history: str) -> Session:
        """What the session store keeps: an ended dialogue keeps only its last answer."""
        if not self.ends:
            return replace(self.session, history=history)
        blank = _blank(self.session)
        return replace(blank, history=history, text=self.text, ends=True)


def shown(player: Player, session: Session, now: datetime, *, wrong: bool = False) -> Step:
    """The session's own screen, as it stands."""
    session, page = player.page(session, now)
    return Step(session, page.text, page.ends, page.screen, page, wrong)


def hidden(player: Player, session: Session) -> Step:
    """The decoy: nothing that was answered is kept (SAFETY 13)."""
    return Step(_blank(session), player.decoy(session), ends=True, screen="decoy")


def _blank(session: Session) -> Session:
    """Nothing that was answered; only where it was and what keeps its inputs' names apart."""
    blank = Session(session.flow, session.version, session.screen, language=session.language)
    return replace(blank, filings=session.filings)


def not_saved(player: Player, session: Session) -> Step:
    """The record refused: the session stays as it was, so that a repeat can still succeed."""
    return Step(session, player.not_saved(session), ends=True, screen="not_saved")


def without_effects(player: Player, turn: Turn, now: datetime) -> Step:
    if turn.hidden:
        return hidden(player, turn.session)
    return shown(player, turn.session, now, wrong=turn.wrong)


def with_effects(
    player: Player,
    filing: Filing,
    connection: Connection,
    session: Session,
    typed: str,
    origin: Origin,
    now: datetime,
) -> Step:
    """Commits what `typed` asks for and gives the confirmation.

    An input that was filed before is carried through again at the time of its first filing: the
    same input always shows the same bytes, also after its session was lost.
    """
    turn = advance(player.script, session, typed, now)
    filed = filing.commit(connection, turn.effects, origin, session.code, now)
    if filed is None:
        return shown(player, turn.session, now)
    if filed.at != now:
        turn = advance(player.script, session, typed, filed.at)
    return shown(player, replace(turn.session, code=filed.code), filed.at)
