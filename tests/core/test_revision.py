"""A directory that changes in the middle of a dialogue: no key means what it did not say."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from helpline import runtime
from helpline.core.engine import advance, resumable
from helpline.core.message import Kind
from helpline.core.play import Player
from helpline.core.session import Session

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
CONTENT = runtime.content()


def player(revision: int = 0) -> Player:
    said = replace(CONTENT, directory=replace(CONTENT.directory, revision=revision))
    return said.player("pk", Kind.USSD, runtime.BUDGETS[Kind.USSD])


OLD, NEW = player(), player(revision=7)


def asked(screen: str = "region", **answers: str) -> Session:
    """A screen as the old directory showed it, in English."""
    session = replace(OLD.begin("en"), screen=screen, trail=("home",), answers=answers)
    return OLD.page(session, NOW)[0]


def test_a_page_is_remembered_with_the_revision_it_was_shown_of() -> None:
    session, _ = NEW.page(NEW.begin("en"), NOW)
    assert session.revision == 7
    assert Session.from_json(session.to_json()) == session


def test_a_session_stored_before_there_were_revisions_reads_as_the_packaged_one() -> None:
    stored = asked().to_json().replace(b',"revision":0', b"")
    assert Session.from_json(stored).revision == 0


@pytest.mark.parametrize("key", ["1", "2", "8", "0"])
def test_a_key_of_an_older_page_shows_the_screen_again(key: str) -> None:
    before = replace(asked(), page=1, wrong=2)
    turn = advance(NEW.script, before, key, NOW)
    assert (turn.session.screen, turn.session.answers) == (before.screen, before.answers)
    assert (turn.session.wrong, turn.session.page, turn.wrong) == (2, 0, False)
    assert turn.effects == ()


def test_then_the_same_key_is_believed() -> None:
    again, _ = NEW.page(advance(NEW.script, asked(), "1", NOW).session, NOW)
    assert advance(NEW.script, again, "1", NOW).session.screen != again.screen


def test_words_are_believed_whatever_was_shown() -> None:
    turn = advance(NEW.script, asked(), "Zhob", NOW)
    assert turn.session.answers["place"] == "PK-BA-ZHOB"


def test_safety_13_the_hide_key_and_the_way_home_always_work() -> None:
    assert advance(NEW.script, asked(), NEW.script.hide_key, NOW).hidden
    assert advance(NEW.script, asked(), "00", NOW).session.screen == NEW.script.flow.home


GONE = [{"place": "PK-NONE"}, {"abroad": "XX"}, {"candidates": "PK-BA-ZHOB PK-NONE"}]


@pytest.mark.parametrize("answers", GONE)
@pytest.mark.parametrize("typed", ["1", "Zhob", "what?"])
def test_an_answer_that_names_no_place_any_more_begins_afresh(
    answers: dict[str, str], typed: str
) -> None:
    session = replace(asked(), answers=answers, filings=3)
    after = advance(NEW.script, session, typed, NOW).session
    assert (after.screen, after.answers, after.filings) == (NEW.script.flow.home, {}, 3)


@pytest.mark.parametrize("answers", GONE)
def test_such_a_dialogue_is_not_gone_on_with(answers: dict[str, str]) -> None:
    session = asked()
    assert resumable(NEW.script, session)
    assert not resumable(NEW.script, replace(session, answers=answers))
