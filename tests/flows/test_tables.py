"""The flows are tables: no code, no other part of the program, and every word in every language."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import flows
from flows import FLOW, PROGRAMMES
from helpline import catalogue
from helpline.core.flow import Branch, End, Flow, Goto, Menu, Source
from helpline.core.neutral import telling
from helpline.core.programme import Programme

FILES = sorted(Path(next(iter(flows.__path__))).glob("*.py"))
EVERY_FILE = pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
EVERY_PROGRAMME = pytest.mark.parametrize("programme", PROGRAMMES.values(), ids=PROGRAMMES)
EVERY_LANGUAGE = pytest.mark.parametrize("language", catalogue.LANGUAGES)
CODE = (
    ast.FunctionDef,
    ast.AsyncFunctionDef,
    ast.Lambda,
    ast.ClassDef,
    ast.If,
    ast.IfExp,
    ast.For,
    ast.While,
    ast.Try,
    ast.With,
)


def parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def imported(path: Path) -> Iterator[str]:
    for node in ast.walk(parsed(path)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "absolute imports only"
            yield node.module or ""


def marked(path: Path) -> Iterator[str]:
    for node in ast.walk(parsed(path)):
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "N_":
            (argument,) = node.args
            assert isinstance(argument, ast.Constant)
            yield str(argument.value)


def targets(goto: Goto) -> list[str]:
    if isinstance(goto, str):
        return [goto]
    return [step.goto if isinstance(step, Branch) else step for step in goto]


def gotos(flow: Flow) -> Iterator[tuple[str, Goto]]:
    for name, screen in flow.screens.items():
        if isinstance(screen, Menu):
            yield from ((name, choice.goto) for choice in screen.choices)
            if screen.source is not None:
                yield name, screen.source.goto


def words() -> Iterator[str]:
    """Every catalogue string that a table uses, wherever it stands."""
    yield from (FLOW.decoy, FLOW.hint, FLOW.more, FLOW.back, FLOW.hide, FLOW.not_saved)
    for screen in FLOW.screens.values():
        yield screen.prompt
        if isinstance(screen, Menu):
            yield from (choice.label for choice in screen.choices)
            yield from (variant.prompt for variant in screen.variants)
    for programme in PROGRAMMES.values():
        yield from (programme.district_question, programme.other_district)
        yield from (concern.label for concern in programme.concerns)
        yield from (region.label for region in programme.regions)
        yield from programme.desk_kinds.values()


def test_there_is_a_module_for_every_programme() -> None:
    stems = {path.stem for path in FILES}
    assert {"bhutan", "pakistan", "cambodia", "help", "__init__"} <= stems


@EVERY_FILE
def test_a_flow_holds_no_code(path: Path) -> None:
    allowed = path.stem == "__init__"
    found = [type(node).__name__ for node in ast.walk(parsed(path)) if isinstance(node, CODE)]
    assert found == []
    loops = [node for node in ast.walk(parsed(path)) if isinstance(node, ast.DictComp)]
    assert allowed or not loops


@EVERY_FILE
def test_a_flow_imports_only_the_core_and_other_tables(path: Path) -> None:
    for module in imported(path):
        assert module.startswith(("helpline.core.", "flows")) or module == "zoneinfo"


@EVERY_FILE
@EVERY_LANGUAGE
def test_every_marked_string_is_in_every_catalogue(path: Path, language: str) -> None:
    translated = {str(m.id) for m in catalogue.read(language) if m.string and not m.fuzzy}
    assert set(marked(path)) <= translated


@EVERY_LANGUAGE
def test_every_string_that_a_table_uses_can_be_said(language: str) -> None:
    voice = catalogue.voices((language,))[language]
    assert all(voice.translate(text) for text in words() if text)


def test_every_string_that_a_table_uses_is_marked() -> None:
    assert {text for text in words() if text} <= {text for path in FILES for text in marked(path)}


def test_the_catalogues_are_fresh_and_complete() -> None:
    assert [str(fault) for fault in catalogue.faults()] == []


@pytest.mark.parametrize(("screen", "goto"), [*gotos(FLOW)])
def test_every_goto_leads_to_a_screen(screen: str, goto: Goto) -> None:
    assert set(targets(goto)) <= FLOW.screens.keys(), screen
    if not isinstance(goto, str):
        *branches, last = goto
        assert isinstance(last, str), "branches end in a screen"
        assert all(isinstance(branch, Branch) for branch in branches)


def test_every_named_screen_of_the_flow_exists() -> None:
    assert {FLOW.first, FLOW.home, FLOW.lost, FLOW.lost_again} <= FLOW.screens.keys()
    assert isinstance(FLOW.screens[FLOW.lost_again], End)


def test_every_screen_is_led_to() -> None:
    led_to = {name for _, goto in gotos(FLOW) for name in targets(goto)}
    assert led_to | {FLOW.first, FLOW.lost, FLOW.lost_again} == FLOW.screens.keys()


def test_every_menu_offers_something() -> None:
    for screen in FLOW.screens.values():
        assert isinstance(screen, End) or screen.choices or screen.source


def test_every_source_is_asked_once() -> None:
    sources = [
        screen.source.source
        for screen in FLOW.screens.values()
        if isinstance(screen, Menu) and screen.source is not None
    ]
    assert sorted(sources, key=str) == sorted(Source, key=str)


@EVERY_PROGRAMME
def test_the_greeting_says_the_emergency_number_and_fits_any_screen(programme: Programme) -> None:
    assert programme.emergency in programme.greeting
    assert len(programme.greeting) < 35


@EVERY_PROGRAMME
def test_every_language_of_a_programme_has_a_catalogue_and_a_plain_label(
    programme: Programme,
) -> None:
    for language in programme.languages:
        assert language.code in catalogue.LANGUAGES
        assert any(char.isascii() and char.isalpha() for char in language.label)


@EVERY_PROGRAMME
def test_the_values_of_a_programmes_choices_differ(programme: Programme) -> None:
    for values in (
        [concern.value for concern in programme.concerns],
        [region.value for region in programme.regions],
        [language.code for language in programme.languages],
    ):
        assert len(values) == len(set(values))


@EVERY_LANGUAGE
def test_last_screens_and_the_decoy_tell_an_onlooker_nothing(language: str) -> None:
    """SAFETY 5 and 13."""
    voice = catalogue.voices((language,))[language]
    last = [screen.prompt for screen in FLOW.screens.values() if isinstance(screen, End)]
    for prompt in (*last, FLOW.decoy, FLOW.not_saved):
        assert telling(voice.translate(prompt), language) == []
