"""A flow table with an error does not start, and every error is named with its file and line."""

import re
from dataclasses import replace

import pytest

from flows import FLOW
from helpline import runtime, sources
from helpline.core.errors import ContentError
from helpline.core.flow import Choice, Flow, Menu
from helpline.core.message import Kind
from helpline.core.text import Budget

A_PLACE = re.compile(r"flows/\w+\.py:(\d+): ")


def line(screen: str) -> str:
    """The text of the line that is said to hold a screen."""
    file, number = sources.where(screen).split(":")
    return (sources.ROOT / file).read_text(encoding="utf-8").splitlines()[int(number) - 1]


@pytest.mark.parametrize("screen", FLOW.screens)
def test_a_screen_is_found_where_it_is_written(screen: str) -> None:
    assert line(screen).strip().startswith(f'"{screen}": ')


def test_what_is_no_screen_is_found_at_the_flow() -> None:
    assert line("") == line("no such screen") == "FLOW = Flow("


def broken() -> Flow:
    """Three faults: a goto that leads nowhere, an empty menu, a home that is not there."""
    lost = Menu("Who needs help?", (Choice("Me", goto="nowhere"),))
    screens = {**FLOW.screens, "about": lost, "rights": Menu("What do you want to know?")}
    return replace(FLOW, home="nowhere", screens=screens)


def test_every_fault_of_the_tables_is_listed_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runtime, "FLOW", broken())
    with pytest.raises(ContentError) as refused:
        runtime.content()
    lines = str(refused.value).splitlines()
    assert all(A_PLACE.match(said) for said in lines)
    found = {said.split(": ", 1)[1] for said in lines}
    assert "about: leads to a screen that is not there: 'nowhere'" in found
    assert "rights: a menu without a choice" in found
    assert ": home names no screen: 'nowhere'" in found


def test_every_screen_that_does_not_fit_is_listed_at_once() -> None:
    player = runtime.content().player("bt", Kind.USSD, Budget(gsm7=60, ucs2=16))
    with pytest.raises(ContentError) as refused:
        runtime._proved(player)
    lines = [said for said in str(refused.value).splitlines() if "screen " in said]
    assert len(lines) > 1
    assert all(A_PLACE.match(said) for said in lines)
