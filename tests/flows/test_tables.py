"""The flows are tables: no code, no other part of the program, and every word in every language."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import flows
from flows import FLOW, PROGRAMMES
from helpline import catalogue
from helpline.core.flow import Branch, Effect, End, Flow, Goto, Input, Menu, Source
from helpline.core.neutral import telling
from helpline.core.programme import CALL_AGAIN, CALL_BACK, IGNORE, REVIEW, WAIT, Programme

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
    yield "enough", flow.enough
    yield from ((known.name, known.goto) for known in flow.shortcuts)
    for name, screen in flow.screens.items():
        if isinstance(screen, Menu):
            yield from ((name, choice.goto) for choice in screen.choices if not choice.returns)
            if screen.source is not None:
                yield name, screen.source.goto
            if screen.typed is not None:
                yield name, screen.typed.goto


def prompts(screen: Menu | End) -> Iterator[str]:
    """What a screen may say of its own; a prompt that is the programme's is not among it."""
    yield from (said for said in (screen.prompt,) if isinstance(said, str))
    yield from (variant.prompt for variant in screen.variants)


def words() -> Iterator[str]:
    """Every catalogue string that a table uses, wherever it stands."""
    yield from (FLOW.decoy, FLOW.hint, FLOW.more, FLOW.back, FLOW.hide, FLOW.not_saved, FLOW.urgent)
    for screen in FLOW.screens.values():
        yield from prompts(screen)
        if isinstance(screen, Menu):
            yield from (choice.label for choice in screen.choices)
    for programme in PROGRAMMES.values():
        yield programme.district_question
        for region in programme.regions:
            yield from (known.label for known in (region, *region.parts) if known.label)
        yield from programme.desk_kinds.values()
        for concern in programme.concerns:
            yield concern.label
            yield from (form.label for form in concern.forms)
        for booklet in programme.booklets:
            yield from (booklet.title, booklet.text)


def test_there_is_a_module_for_every_programme() -> None:
    stems = {path.stem for path in FILES}
    assert {"bhutan", "pakistan", "cambodia", "help", "words", "booklets", "__init__"} <= stems


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


ROLES = {FLOW.first, FLOW.home, FLOW.resume, FLOW.case, FLOW.lost, FLOW.lost_again}


def test_every_named_screen_of_the_flow_exists() -> None:
    assert FLOW.screens.keys() >= ROLES
    assert isinstance(FLOW.screens[FLOW.lost_again], End)


def test_every_screen_is_led_to() -> None:
    led_to = {name for _, goto in gotos(FLOW) for name in targets(goto)}
    assert led_to | ROLES == FLOW.screens.keys()


def test_every_menu_offers_something_that_is_always_there() -> None:
    for name, screen in FLOW.screens.items():
        if isinstance(screen, Menu):
            always = [c for c in screen.choices if c.when is None and c.unless is None]
            assert always or screen.source, name


def test_every_screen_that_asks_for_words_can_be_left_with_a_key() -> None:
    """Digits are the only certain keys: nobody must be able to type words to go on."""
    asking = {n: s for n, s in FLOW.screens.items() if isinstance(s, Menu) and s.typed}
    assert asking.keys() == {
        *("region", "part", "district", "area", "which"),
        *("word", "story", "my_case", "my_word"),
    }
    assert all(screen.choices or screen.source for screen in asking.values())


@pytest.mark.parametrize("wanted", Input)
def test_every_sort_of_words_is_asked_for_somewhere(wanted: Input) -> None:
    menus = [screen for screen in FLOW.screens.values() if isinstance(screen, Menu)]
    assert any(screen.typed and screen.typed.input is wanted for screen in menus)


ASKED_TWICE = {Source.WINDOWS: ["case_window", "window"]}  # for a new request, and for an old one


@pytest.mark.parametrize("source", Source)
def test_every_source_is_asked_once_but_the_safe_time(source: Source) -> None:
    asking = [
        name
        for name, screen in FLOW.screens.items()
        if isinstance(screen, Menu) and screen.source and screen.source.source is source
    ]
    assert len(asking) == 1 or sorted(asking) == ASKED_TWICE[source]


@pytest.mark.parametrize("effect", Effect)
def test_every_effect_is_used(effect: Effect) -> None:
    assert effect in {used for _, effects in effects_of(FLOW) for used in effects}


@pytest.mark.parametrize(
    ("effect", "screens"),
    [
        (Effect.FILE_CALL, {"window"}),
        (Effect.FILE_DANGER, {"danger_call"}),
        (Effect.FILE_REPORT, {"consent"}),
        (Effect.TEXT_DESK, {"text_sure"}),
        (Effect.CHANGE_TIME, {"case_window"}),
        (Effect.WITHDRAW, {"case"}),
        (Effect.ERASE, {"case_sure"}),
        (Effect.FIND_CASE, {"my_word"}),
    ],
)
def test_what_changes_the_record_is_asked_for_by_one_screen(
    effect: Effect, screens: set[str]
) -> None:
    """SAFETY 1: a call follows a safe time or a yes in danger, an SMS a warning and a yes."""
    assert {name for name, effects in effects_of(FLOW) if effect in effects} == screens


def effects_of(flow: Flow) -> Iterator[tuple[str, tuple[Effect, ...]]]:
    for name, screen in flow.screens.items():
        if isinstance(screen, Menu):
            yield from ((name, choice.effects) for choice in screen.choices)
            if screen.source is not None:
                yield name, screen.source.effects
            if screen.typed is not None:
                yield name, screen.typed.effects


def test_the_last_digit_of_a_dialled_code_names_one_shortcut() -> None:
    assert [known.dial for known in FLOW.shortcuts] == ["1", "2", "3", "4"]
    assert len({known.name for known in FLOW.shortcuts}) == len(FLOW.shortcuts)


@EVERY_PROGRAMME
def test_no_word_of_a_programme_names_two_shortcuts(programme: Programme) -> None:
    for language in programme.languages:
        said = [word for known in FLOW.shortcuts for word in known.words[language.code]]
        assert len(said) == len(set(said))


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
        [booklet.value for booklet in programme.booklets],
        *([form.value for form in concern.forms] for concern in programme.concerns),
    ):
        assert len(values) == len(set(values))


@EVERY_LANGUAGE
def test_last_screens_and_the_decoy_tell_an_onlooker_nothing(language: str) -> None:
    """SAFETY 5 and 13."""
    voice = catalogue.voices((language,))[language]
    ends = [screen for screen in FLOW.screens.values() if isinstance(screen, End)]
    last = [said for screen in ends for said in prompts(screen)]
    for prompt in (*last, FLOW.decoy, FLOW.not_saved):
        assert telling(voice.translate(prompt), language) == []


@EVERY_PROGRAMME
def test_what_becomes_of_a_dropped_and_a_missed_call_is_said(programme: Programme) -> None:
    """SAFETY 4 and 16."""
    assert programme.rules.if_call_drops in {WAIT, CALL_AGAIN}
    assert programme.rules.missed_call in {IGNORE, REVIEW, CALL_BACK}
