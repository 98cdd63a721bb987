"""One input of a dialogue carried through: engine, record, fitting. Used by every channel kind."""

from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection

from helpline.core.effects import Made
from helpline.core.engine import Turn, advance
from helpline.core.fit import Page
from helpline.core.play import Player
from helpline.core.session import Session
from helpline.service.carrying import Carried, Carrier
from helpline.service.filing import Origin


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
    effects: tuple[Made, ...] = ()

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


def carried_out(
    player: Player,
    carrier: Carrier,
    connection: Connection,
    session: Session,
    turn: Turn,
    typed: str,
    origin: Origin,
    now: datetime,
) -> Step:
    """Commits what a turn asks for and gives the confirmation.

    An input that changed the record before is carried through again at the time of its first
    time: the same input always shows the same bytes, also after its session was lost.
    """
    say = player.frame(turn.session).voice.say
    after, at = turn.session, now
    for effect in turn.effects:
        carried = carrier.carry(connection, effect, origin, say, now)
        if carried.at is not None and carried.at != now:
            at = carried.at
            after = advance(player.script, session, typed, at).session
        after = _learned(player, session, after, carried)
    return replace(shown(player, after, at), effects=turn.effects)


def _learned(player: Player, before: Session, after: Session, carried: Carried) -> Session:
    """The session after the record's answer; a change that was refused shows the request again."""
    if carried.refused:
        case = player.script.flow.case
        return replace(before, screen=case, found=carried.found or "", page=0, hint=False)
    if carried.filed is not None:
        filed = carried.filed
        after = replace(after, code=filed.code, filed_at=filed.at.isoformat())
    return after if carried.found is None else replace(after, found=carried.found)
