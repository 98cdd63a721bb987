"""Whether callers can still be shown every screen when the directory has changed."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime

from helpline.core.check import directory_problems, notice_findings
from helpline.core.check_walk import shows_desk
from helpline.core.directory import Directory
from helpline.core.errors import ContentError
from helpline.core.fit import fit
from helpline.core.gazetteer import DISTRICT
from helpline.core.options import show
from helpline.core.play import Player
from helpline.core.programme import Programme, Region
from helpline.core.prove import prove
from helpline.core.script import Script
from helpline.core.session import Session

Named = tuple[str, Player]  # with the kind of channel, or with the channel whose budget it has


def unfit(players: Iterable[Named], now: datetime) -> list[str]:
    """What is wrong with the players' screens, one line each; every fault once."""
    found = dict[str, None]()
    asked: set[str] = set()
    for name, player in players:
        script = player.script
        if script.programme.code not in asked:
            asked.add(script.programme.code)
            found.update(dict.fromkeys(_of_programme(player)))
        if not any(_of_choices(script.programme, script.directory)):
            lines = (*_of_screens(player, now), *_of_desks(player, now))
            found.update(dict.fromkeys(f"{script.programme.code} {name}: {line}" for line in lines))
    return list(found)


def _of_programme(player: Player) -> Iterator[str]:
    """What is the same on every channel."""
    script = player.script
    yield from _of_choices(script.programme, script.directory)
    yield from (problem for _table, problem in directory_problems(script))
    for frame in player.frames.values():
        yield from map(str, notice_findings(script, frame, {}))


def _of_choices(programme: Programme, directory: Directory) -> Iterator[str]:
    """The flow asks for these districts by their codes."""
    for code in _districts(programme.regions):
        known = directory.places.get(code)
        country = directory.places.country_of(code) if known else ""
        if known is None or known.rank > DISTRICT or country != programme.country:
            yield f"{code} is offered to callers: it must not lie within a district, nor abroad."


def _districts(regions: Iterable[Region]) -> Iterator[str]:
    for region in regions:
        yield from region.districts
        yield from _districts(region.parts)


def _of_screens(player: Player, now: datetime) -> list[str]:
    try:
        prove(player, now)
    except ContentError as wrong:
        return str(wrong).split("\n")
    return []


def _of_desks(player: Player, now: datetime) -> Iterator[str]:
    """Each desk's own screens, seen from where it stands."""
    script = player.script
    for session in _at_desks(script):
        for language, frame in player.frames.items():
            try:
                fit(show(script, replace(session, language=language), now), frame)
            except ContentError as wrong:
                yield f"{language}: {session.answers['place']}: {wrong}"


def _at_desks(script: Script) -> Iterator[Session]:
    flow, desks = script.flow, script.directory.desks.values()
    ours = [d for d in desks if d.programme == script.programme.code and d.verified and d.public]
    for name in (name for name in flow.screens if shows_desk(flow, name)):
        for place in dict.fromkeys(desk.place for desk in ours):
            blank = Session(flow.name, flow.version, name, trail=(flow.home,))
            yield replace(blank, answers={"place": place})
