"""Finds in a flow's tables what no caller must meet: gotos that lead nowhere, empty menus."""

from collections.abc import Iterator
from dataclasses import dataclass

from helpline.core.flow import Flow, Goto, Menu


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with a screen, whatever the language; `screen` is "" for the flow itself."""

    screen: str
    problem: str


def table_faults(flow: Flow) -> Iterator[Fault]:
    """Gotos that lead nowhere, and menus without a choice."""
    for role in ("first", "home", "resume", "case", "lost", "lost_again"):
        if getattr(flow, role) not in flow.screens:
            yield Fault("", f"{role} names no screen: {getattr(flow, role)!r}")
    yield from _goto_faults(flow, "", flow.enough)
    for known in flow.shortcuts:
        if known.goto not in flow.screens:
            yield Fault("", f"shortcut {known.name} leads to no screen: {known.goto!r}")
    for name, screen in flow.screens.items():
        if not isinstance(screen, Menu):
            continue
        if not screen.choices and screen.source is None:
            yield Fault(name, "a menu without a choice")
        yield from _way_faults(flow, name, screen)


def _way_faults(flow: Flow, name: str, menu: Menu) -> Iterator[Fault]:
    for goto in _gotos(menu):
        yield from _goto_faults(flow, name, goto)


def _gotos(menu: Menu) -> Iterator[Goto]:
    if menu.source is not None:
        yield menu.source.goto
    if menu.typed is not None:
        yield menu.typed.goto
    yield from (choice.goto for choice in menu.choices if not choice.returns)


def _goto_faults(flow: Flow, name: str, goto: Goto) -> Iterator[Fault]:
    steps = (goto,) if isinstance(goto, str) else goto
    for step in steps:
        target = step if isinstance(step, str) else step.goto
        if target not in flow.screens:
            yield Fault(name, f"leads to a screen that is not there: {target!r}")
    if not steps or not isinstance(steps[-1], str):
        yield Fault(name, "its branches do not end in a screen")
