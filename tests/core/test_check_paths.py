"""Questions until a call is queued, what they cost by SMS, and that a human is near everywhere."""

from dataclasses import replace
from functools import cache

import pytest

from helpline.core.check_paths import MOST_QUESTIONS, Path, cost, paths, without_human
from helpline.core.check_walk import Graph, walk
from helpline.core.message import Kind
from helpline.core.script import Script
from helpline.core.session import Session
from helpline.core.text import Budget
from tests.core.callers import CLOCK, CODES, CONTENT, player_of


@cache
def walked(code: str, kind: Kind) -> tuple[Script, Graph]:
    script = player_of(code, kind).script
    return script, walk(script, (CLOCK,))


def found(code: str, kind: Kind = Kind.USSD) -> dict[str, Path]:
    return {path.name: path for path in paths(*walked(code, kind), CLOCK)}


AT = Session("help", 2, "about", "en")


def stranded(graph: Graph) -> set[str]:
    return set(without_human(player_of("bt").script, graph, CLOCK))


# The fewest questions


@pytest.mark.parametrize("kind", Kind)
@pytest.mark.parametrize("code", CODES)
@pytest.mark.parametrize(
    ("name", "screens"),
    [
        ("call", "language home about danger window concern"),
        ("call for a child", "language home about danger child_notice window concern"),
        ("danger", "language home about danger danger_call region"),
        ("find a desk", "language home region desk"),
    ],
)
def test_the_shortest_way_leads_through_these_screens(
    code: str, kind: Kind, name: str, screens: str
) -> None:
    _, graph = walked(code, kind)
    way = found(code, kind)[name].states
    assert [graph.states[state].screen for state in way] == screens.split()


@pytest.mark.parametrize("code", CODES)
def test_a_screen_with_one_answer_is_no_question(code: str) -> None:
    """The notice about children is read and gone on from: it costs a screen and no question."""
    call, child = found(code)["call"], found(code)["call for a child"]
    assert len(child.states) == len(call.states) + 1
    assert child.questions == call.questions == MOST_QUESTIONS == 5


@pytest.mark.parametrize("code", CODES)
def test_every_way_begins_at_the_language_and_each_step_is_a_choice(code: str) -> None:
    _, graph = walked(code, Kind.USSD)
    for path in found(code).values():
        assert path.states[0] == next(iter(graph.states))
        for state, following in zip(path.states, path.states[1:], strict=False):
            assert following in graph.chosen[state]


def test_a_flow_without_a_first_screen_has_no_ways() -> None:
    script = replace(player_of("bt").script, flow=replace(CONTENT.flow, first="gone"))
    assert paths(script, walk(script, (CLOCK,)), CLOCK) == ()


# What they cost


@pytest.mark.parametrize(
    ("name", "received"), [("call", 7), ("call for a child", 8), ("danger", 6), ("find a desk", 4)]
)
def test_each_screen_costs_one_text_to_us_where_all_fits_on_a_page(
    name: str, received: int
) -> None:
    """English on three segments: a call, each answer, and "more" for the concerns."""
    script, graph = walked("bt", Kind.SMS)
    path = found("bt", Kind.SMS)[name]
    frame = player_of("bt", Kind.SMS).frames["en"]
    texts, segments = cost(script, graph, path, frame, CLOCK)
    assert texts == received
    assert segments >= len(path.states)


def test_small_pages_cost_more_texts_to_us() -> None:
    """Every "more" up to the page of the wanted key is a text and its answer."""
    script, graph = walked("bt", Kind.SMS)
    path = found("bt", Kind.SMS)["call"]
    frames = player_of("bt", Kind.SMS).frames
    wide, narrow = frames["dz"], replace(frames["dz"], budget=Budget())
    assert cost(script, graph, path, narrow, CLOCK)[0] > cost(script, graph, path, wide, CLOCK)[0]


def test_a_script_outside_gsm7_costs_more_segments() -> None:
    script, graph = walked("kh", Kind.SMS)
    path, frames = found("kh", Kind.SMS)["call"], player_of("kh", Kind.SMS).frames
    english, khmer = (cost(script, graph, path, frames[spoken], CLOCK) for spoken in ("en", "km"))
    assert khmer[1] > english[1]


# A human is near


@pytest.mark.parametrize("kind", Kind)
@pytest.mark.parametrize("code", CODES)
def test_from_every_screen_choices_lead_to_a_call_or_a_number_that_answers(
    code: str, kind: Kind
) -> None:
    assert set(without_human(*walked(code, kind), CLOCK)) == set()


@pytest.mark.parametrize(
    ("session", "alone"),
    [
        (AT, True),
        (replace(AT, screen="booklet", answers={"booklet": "forced"}), True),
        (replace(AT, screen="home"), False),  # it names {number}
        (replace(AT, screen="desk"), False),  # it names {line}
        (replace(AT, code="4821-7739"), False),  # a call is queued already
        (replace(AT, urgent=True), False),  # the number stands before the question
        (replace(AT, language=""), False),  # the greeting has the number
        (replace(AT, screen="goodbye"), False),  # an end is no menu to be stuck in
    ],
)
def test_a_menu_from_which_nothing_leads_on_is_named_unless_a_human_is_there(
    session: Session, alone: bool
) -> None:
    assert stranded(Graph(states={("here",): session})) == ({session.screen} if alone else set())


@pytest.mark.parametrize("edges", ["chosen", "back"])
@pytest.mark.parametrize(("leads_to", "alone"), [("home", False), ("about", True)])
def test_a_choice_or_key_0_that_leads_to_a_human_is_enough_and_a_circle_is_not(
    edges: str, leads_to: str, alone: bool
) -> None:
    graph = Graph(states={("here",): AT, ("there",): replace(AT, screen=leads_to)})
    getattr(graph, edges)[("here",)] = [("there",)]
    getattr(graph, edges)[("there",)] = [("here",)]
    assert ("about" in stranded(graph)) is alone


def test_wrong_keys_are_no_way_to_a_human() -> None:
    """Nobody looks for help by mistyping three times."""
    graph = Graph(states={("here",): AT, ("lost",): replace(AT, screen="home")})
    graph.lost[("here",)] = [("lost",)]
    assert stranded(graph) == {"about"}


def test_a_screen_that_files_is_itself_the_way_to_a_human() -> None:
    assert stranded(Graph(states={("here",): AT}, filed={("here",): {"call"}})) == set()
