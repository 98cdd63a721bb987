"""A flow played for one programme on one kind of channel: what a dialogue needs beside itself."""

from dataclasses import dataclass

from helpline.core.directory import Desk, Directory, Place
from helpline.core.flow import Flow
from helpline.core.message import Kind
from helpline.core.programme import Programme, Region
from helpline.core.session import Session


@dataclass(frozen=True)
class Script:
    """`hide_key` is 9 on USSD and 99 in SMS. `texts`: an answer can be sent to an inbox."""

    flow: Flow
    programme: Programme
    directory: Directory
    hide_key: str
    kind: Kind = Kind.USSD
    texts: bool = False


def region_of(script: Script, session: Session) -> Region:
    return script.programme.region(session.answers["region"])


def place_of(script: Script, session: Session) -> str:
    """The most exact place told so far, at least the country."""
    answers = session.answers
    return answers.get("area") or answers.get("district") or script.programme.country


def areas_of(script: Script, session: Session) -> tuple[Place, ...]:
    return script.directory.within(session.answers.get("district", ""), "area")


def ladder_of(script: Script, session: Session) -> tuple[Desk, ...]:
    """The desk of the place so far and those above it."""
    desk = script.directory.desk_for(place_of(script, session))
    return tuple(script.directory.ladder(desk.code))


def desk_of(script: Script, session: Session) -> Desk:
    """The desk to show; asking the same screen again goes one level up the ladder."""
    ladder = ladder_of(script, session)
    return ladder[session.trail.count(session.screen) % len(ladder)]


def desk_for_report(script: Script, session: Session) -> Desk:
    """Whose queue the report joins: not the local desk's where another was asked for (SAFETY 14)."""
    ladder = ladder_of(script, session)
    return ladder[min(1, len(ladder) - 1) if session.answers.get("elsewhere") else 0]
