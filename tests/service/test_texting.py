"""One neutral text about a desk, to the phone that asked, and none where STOP was said."""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from helpline.core.effects import TextDesk
from helpline.core.message import Kind
from helpline.core.neutral import telling
from helpline.core.options import note_of
from helpline.core.predicates import TEXTED
from helpline.core.text import Budget, segments
from helpline.service.carrying import Carried
from helpline.service.texting import ANSWER_VALID, Texting
from helpline.store import optouts
from helpline.store.schema import outbox
from tests.private import PRIVATE_NUMBERS
from tests.world import HAA, NUMBER, START, World, world


@pytest.fixture
def here(tmp_path: Path, database_url: str) -> Iterator[World]:
    with world(tmp_path, database_url) as built:
        yield built


def desk(here: World, code: str = HAA) -> TextDesk:
    content = here.runtime.content
    script = content.player("bt", Kind.USSD, Budget()).script
    return TextDesk("bt", code, note_of(script, content.directory.desks[code]))


def letters(here: World) -> list[dict[str, str]]:
    sealer = here.runtime.sealer
    rows = [(str(row["once"]), row["sealed"]) for row in here.rows(outbox)]
    return [
        json.loads(sealer.open_session(once, bytes(sealed)))  # type: ignore[call-overload]
        for once, sealed in rows
    ]


def stop(here: World, channel: str, number: str = NUMBER) -> None:
    with here.record.writing() as connection:
        numbers = here.runtime.sealer.blind_indexes(number)
        optouts.stop(connection, channel, numbers, START)


def test_it_says_where_and_when_and_goes_to_who_asked(here: World) -> None:
    assert here.carry(desk(here)) == Carried(found=TEXTED)
    assert letters(here) == [{"number": NUMBER, "text": "Haa: phone 1098. Open day and night."}]


def test_safety_07_it_is_valid_for_a_quarter_of_an_hour(here: World) -> None:
    here.carry(desk(here))
    (row,) = here.rows(outbox)
    assert (row["kind"], row["channel"], row["urgent"]) == ("mt", "bt-sms", False)
    assert (row["due_at"], row["valid_until"]) == (START, START + ANSWER_VALID)


def test_safety_07_the_same_input_sends_one_text(here: World) -> None:
    for _ in range(3):
        assert here.carry(desk(here), input_id="one").found == TEXTED
    assert len(letters(here)) == 1


def test_another_desk_or_another_input_is_another_text(here: World) -> None:
    for code, name in ((HAA, "one"), ("BT-WCPD-22", "one"), (HAA, "two")):
        here.carry(desk(here, code), input_id=name)
    assert len(letters(here)) == 3


@pytest.mark.parametrize("programme", ["bt", "pk", "kh"])
def test_safety_05_no_desk_is_named_in_any_language(here: World, programme: str) -> None:
    """The text stays in the inbox; it fits one segment where the phone needs no other letters."""
    content = here.runtime.content
    known = content.programmes[programme]
    script = content.player(programme, Kind.USSD, Budget()).script
    known_desks = content.directory.desks.values()
    desks = [d for d in known_desks if d.programme == programme and d.public]
    assert desks
    for language in known.languages:
        say = content.voices[language.code].say
        for one in desks:
            words = say(note_of(script, one))
            assert telling(words, language.code) == []
            assert say(known.desk_kinds[one.kind]) not in words
            assert len(segments(words)) == 1


def test_safety_10_nothing_else_is_stored(here: World) -> None:
    before = here.everything()
    here.carry(desk(here))
    after = here.everything()
    assert {name for name in after if after[name] != before[name]} == {"outbox"}


def test_safety_09_number_and_text_are_sealed(here: World) -> None:
    here.carry(desk(here))
    stored = repr(here.rows(outbox))
    assert [word for word in (NUMBER[1:], "1098", "day and night") if word in stored] == []


def test_safety_19_a_number_that_said_stop_gets_none(here: World) -> None:
    stop(here, "bt-sms")
    assert here.carry(desk(here)) == Carried(found="")
    assert here.carry(desk(here), number=PRIVATE_NUMBERS[3]) == Carried(found=TEXTED)
    assert [letter["number"] for letter in letters(here)] == [PRIVATE_NUMBERS[3]]


def test_who_starts_again_can_be_texted_again(here: World) -> None:
    stop(here, "bt-sms")
    with here.record.writing() as connection:
        optouts.start(connection, "bt-sms", here.runtime.sealer.blind_indexes(NUMBER))
    assert here.carry(desk(here)).found == TEXTED


@pytest.mark.parametrize("number", ["", NUMBER], ids=["no number", "no channel that can text"])
def test_a_phone_that_cannot_be_texted_is_told_so(here: World, number: str) -> None:
    texting = here.runtime.carrier.texting
    none = replace(texting, channels={}) if number else texting
    with here.record.writing() as connection:
        assert not none.desk(connection, desk(here), number, "Haa", "one", START)
    assert here.rows(outbox) == []


def test_only_a_channel_that_can_send_is_used(here: World) -> None:
    assert isinstance(here.runtime.carrier.texting, Texting)
    assert here.runtime.carrier.texting.channels == {"bt": "bt-sms"}
