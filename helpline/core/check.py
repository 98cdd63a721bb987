"""Proves the content before anybody dials: every state, screen, page and key of every channel.

Pure. Finds what a caller would meet as a dead end, a lost choice or a text that does not fit.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from helpline.core.check_pages import Fitted, fitted, nearest, one_text, says
from helpline.core.check_paths import MOST_QUESTIONS, Cost, Path, cost, paths, without_human
from helpline.core.check_screens import places_of, screens_of
from helpline.core.check_walk import Graph, walk
from helpline.core.engine import RESTART_KEY, advance
from helpline.core.errors import ContentError
from helpline.core.fit import Frame, Page, Screen
from helpline.core.gsm7 import is_gsm7
from helpline.core.label import Joined, Label, Text
from helpline.core.message import Kind
from helpline.core.options import note_of
from helpline.core.partners import PARTNER_KINDS, only_receives
from helpline.core.play import Player
from helpline.core.programme import Programme
from helpline.core.script import Script
from helpline.core.text import Budget

# Times of day (programme's clock) at which the offered windows read differently.
_TIMES = ((0, 30), (11, 30), (16, 30), (20, 30))
_ONE_SEGMENT = Budget()  # 160 or 70: what a notification may cost (SAFETY 5)


@dataclass(frozen=True, slots=True)
class Finding:
    """One fault. Language and kind are "" where the fault lies in the tables themselves."""

    programme: str
    language: str
    kind: str
    screen: str
    problem: str

    def __str__(self) -> str:
        place = " ".join(filter(None, (self.programme, self.language, self.kind)))
        return f"{place}: {self.screen or 'flow'}: {self.problem}"


@dataclass(frozen=True, slots=True)
class Row:
    """One programme in one language on one channel kind: what was looked at."""

    programme: str
    language: str
    kind: str
    states: int
    screens: int
    pages: int
    choices: int
    units: int  # of the page with the least room left
    limit: int


@dataclass(frozen=True)
class Checked:
    """`paths`: per programme the ways with the fewest questions; `costs`: what they cost by SMS."""

    rows: tuple[Row, ...]
    findings: tuple[Finding, ...]
    paths: Mapping[str, tuple[Path, ...]] = field(default_factory=dict)
    costs: tuple[Cost, ...] = ()

    def counts(self) -> dict[str, int]:
        """States are counted once for a programme: they are the same in every language."""
        states = {row.programme: row.states for row in self.rows}
        return {
            "programmes": len(states),
            "languages": len({row.language for row in self.rows}),
            "kinds": len({row.kind for row in self.rows}),
            "states": sum(states.values()),
            "screens": sum(row.screens for row in self.rows),
            "pages": sum(row.pages for row in self.rows),
            "choices": sum(row.choices for row in self.rows),
        }


@dataclass
class _Looked:
    """What was found so far."""

    rows: list[Row] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    paths: dict[str, tuple[Path, ...]] = field(default_factory=dict)
    costs: list[Cost] = field(default_factory=list)
    reached: set[str] = field(default_factory=set)
    screens: dict[str, None] = field(default_factory=dict)


def check(players: Iterable[tuple[str, Player]], notices: Mapping[str, Label]) -> Checked:
    """`players` are named by their channel kind; `notices` are the other texts sent by SMS."""
    looked = _Looked()
    graphs: dict[tuple[str, Kind], Graph] = {}
    for kind, player in players:
        script = player.script
        known = (script.programme.code, script.kind)
        if known not in graphs:
            graphs[known] = _walked(looked, script, kind)
        _play(looked, kind, player, graphs[known])
        if script.programme.code not in looked.paths:
            for frame in player.frames.values():
                looked.findings += notice_findings(script, frame, notices)
        looked.paths.setdefault(script.programme.code, _paths(looked, script, graphs[known]))
    unseen = (name for name in looked.screens if name not in looked.reached)
    looked.findings += [Finding("", "", "", name, "no caller can reach it") for name in unseen]
    findings = tuple(dict.fromkeys(looked.findings))
    return Checked(tuple(looked.rows), findings, looked.paths, tuple(looked.costs))


def _walked(looked: _Looked, script: Script, kind: str) -> Graph:
    """The graph of one programme on one kind of channel, its faults found."""
    moments, code = _moments(script.programme), script.programme.code
    graph, now = walk(script, moments), moments[0]
    looked.reached |= graph.screens()
    looked.screens |= dict.fromkeys(script.flow.screens)
    tables = [(f.screen, f.problem) for f in graph.faults]
    for name, problem in (*tables, *directory_problems(script)):
        looked.findings.append(Finding(code, "", "", name, problem))
    for name in dict.fromkeys(() if graph.faults else without_human(script, graph, now)):
        problem = "no choices lead from it to a call or to a number that answers"
        looked.findings.append(Finding(code, "", kind, name, problem))
    return graph


def _paths(looked: _Looked, script: Script, graph: Graph) -> tuple[Path, ...]:
    found = () if graph.faults else paths(script, graph, _moments(script.programme)[0])
    for path in found:
        if path.name.startswith(("call", "danger")) and path.questions > MOST_QUESTIONS:
            problem = f"{path.questions} questions until something is queued: {path.name}"
            looked.findings.append(Finding(script.programme.code, "", "", "", problem))
    return found


def _play(looked: _Looked, kind: str, player: Player, graph: Graph) -> None:
    """Everything that one player says, in each of its languages."""
    script, moments = player.script, _moments(player.script.programme)
    shown = tuple(screens_of(script, graph, moments))
    looked.findings += _key_findings(kind, player, graph, moments[0])
    for language, frame in player.frames.items():
        row, found = _look(kind, player, frame, graph, shown)
        looked.rows.append(row)
        looked.findings += found
        sound = not graph.faults and not any(f.language == language for f in found)
        if script.kind is Kind.SMS and sound:
            looked.costs += _costs(script, graph, frame, moments[0])


def _costs(script: Script, graph: Graph, frame: Frame, now: datetime) -> Iterator[Cost]:
    for path in paths(script, graph, now):
        received, sent = cost(script, graph, path, frame, now)
        code, language = script.programme.code, frame.voice.language
        yield Cost(code, language, path.name, received, sent)


def _moments(programme: Programme) -> tuple[datetime, ...]:
    return tuple(datetime(2026, 1, 5, h, m, tzinfo=programme.zone) for h, m in _TIMES)


def _key_findings(kind: str, player: Player, graph: Graph, now: datetime) -> Iterator[Finding]:
    script = player.script
    for session in graph.states.values():
        if not advance(script, session, script.hide_key, now).hidden:
            problem = f"the hide key {script.hide_key} does not hide"
            yield Finding(script.programme.code, "", kind, session.screen, problem)
        again = advance(script, session, RESTART_KEY, now).session.screen
        if session.language and again != script.flow.home:
            problem = f"the key {RESTART_KEY} does not start again"
            yield Finding(script.programme.code, "", kind, session.screen, problem)


def _look(
    kind: str, player: Player, frame: Frame, graph: Graph, shown: Sequence[Screen]
) -> tuple[Row, list[Finding]]:
    """All screens in one language on one channel."""
    script, language = player.script, frame.voice.language
    code = script.programme.code
    pages: list[Page] = []
    findings: list[Finding] = []
    for screen in shown:
        plain = _plain(language) and screen.name != script.flow.first
        result: Fitted = fitted(screen, frame, plain=plain)
        pages += result.pages
        problems = [*result.problems, *_number_problems(script, screen, result.pages)]
        findings += [Finding(code, language, kind, screen.name, p) for p in problems]
    for name, problem in _fixed_problems(player, frame):
        findings.append(Finding(code, language, kind, name, problem))
    near = nearest(pages)
    row = Row(
        programme=code,
        language=language,
        kind=kind,
        states=len(graph.states),
        screens=len(shown),
        pages=len(pages),
        choices=sum(len(screen.options) for screen in shown),
        units=near.units if near else 0,
        limit=near.limit if near else 0,
    )
    return row, findings


def _plain(language: str) -> bool:
    return language == "en" or language.endswith("_Latn")


def _number_problems(script: Script, screen: Screen, pages: Sequence[Page]) -> Iterator[str]:
    """SAFETY 17: the live number stands on the first page a caller sees, a shortcut's too."""
    first = screen.name in (script.flow.first, script.flow.home)
    first = first or isinstance(screen.prompt, Joined)
    if first and pages and not says(pages[0].text, script.programme.emergency):
        yield f"the emergency number {script.programme.emergency} is not on its first page"


def _fixed_problems(player: Player, frame: Frame) -> Iterator[tuple[str, str]]:
    """The texts that stand on no screen, and the names of places."""
    flow, number = player.script.flow, player.script.programme.emergency
    plain, voice = _plain(frame.voice.language), frame.voice
    not_saved = Text(flow.not_saved, {"number": number})
    for name, label in (("decoy", Text(flow.decoy)), ("not_saved", not_saved)):
        for problem in _said_problems(label, frame):
            yield name, problem
    # SAFETY 24: where nothing could be stored, the live number is all that is left.
    if "{number}" not in flow.not_saved:
        yield "not_saved", f"does not name the emergency number {number}"
    for place in places_of(player.script) if plain else ():
        name = place.name.in_language(voice.language)
        if not is_gsm7(name):
            yield "places", f"the name of {place.code} has a letter outside GSM-7: {name!r}"


def directory_problems(script: Script) -> Iterator[tuple[str, str]]:
    """Every place of the programme has a desk that answers for it, every desk words for callers."""
    for place in places_of(script):
        try:
            script.directory.desk_for(place.code)
        except KeyError:
            yield "places", f"no verified desk answers for {place.code} or for what it lies in"
    for desk in script.directory.desks.values():
        told = desk.kind in script.programme.desk_kinds
        known = told or (only_receives(desk) and desk.kind in PARTNER_KINDS)
        if desk.programme == script.programme.code and not known:
            yield "desks", f"the kind of {desk.code} has no words for callers: {desk.kind!r}"


def _said_problems(label: Label, frame: Frame) -> Iterator[str]:
    """What is wrong with a text that is a whole answer by itself, told to anybody."""
    try:
        said = frame.voice.say(label)
    except (ContentError, LookupError) as broken:
        yield f"cannot be said: {broken}"
        return
    yield from one_text(said, frame, plain=_plain(frame.voice.language))


def notice_findings(
    script: Script, frame: Frame, notices: Mapping[str, Label]
) -> Iterator[Finding]:
    """Texts that stay in an inbox: one segment, and nothing that tells what they are about."""
    single = replace(frame, budget=_ONE_SEGMENT)
    for name, notice in (*notices.items(), *_desk_notes(script)):
        for problem in _said_problems(notice, single):
            code, language = script.programme.code, frame.voice.language
            yield Finding(code, language, "notice", name, problem)


def _desk_notes(script: Script) -> Iterator[tuple[str, Label]]:
    for desk in script.directory.desks.values():
        if desk.programme == script.programme.code and desk.verified:
            yield desk.code, note_of(script, desk)
