"""Draws a flow's screens and what leads from one to the other, for a browser to show.

Mermaid goes into any Markdown page; DOT into Graphviz. Keys 0, 00 and 9 work everywhere and are
not drawn.
"""

from collections.abc import Callable, Iterator, Mapping

from helpline.core.flow import Branch, End, Flow, Goto, Menu

Edge = tuple[str, str, str]  # from, to, what leads there


def edges(flow: Flow) -> Iterator[Edge]:
    for known in flow.shortcuts:
        yield "dialled", known.goto, f"*{known.dial}#"
    yield "cut off", flow.resume, "dials again"
    for name, screen in flow.screens.items():
        if isinstance(screen, Menu):
            yield from _ways(name, screen)
    yield "three wrong keys", flow.lost, ""


def _ways(name: str, menu: Menu) -> Iterator[Edge]:
    if menu.source:
        yield from _targets(name, menu.source.goto, f"a choice of {menu.source.source.value}")
    if menu.typed:
        yield from _targets(name, menu.typed.goto, f"types a {menu.typed.input.value}")
    for choice in menu.choices:
        if not choice.returns:
            yield from _targets(name, choice.goto, choice.label)


def _targets(name: str, goto: Goto, label: str) -> Iterator[Edge]:
    for step in (goto,) if isinstance(goto, str) else goto:
        if isinstance(step, Branch):
            yield name, step.goto, f"{label} ({step.when.value})"
        else:
            yield name, step, label


def _said(flow: Flow, name: str) -> str:
    prompt = flow.screens[name].prompt
    return prompt if isinstance(prompt, str) else prompt.value


def mermaid(flow: Flow) -> str:
    lines = ["flowchart TD"]
    for name, screen in flow.screens.items():
        opens, closes = ("([", "])") if isinstance(screen, End) else ("[", "]")
        words = f"<b>{name}</b><br>{_escaped(_said(flow, name))}"
        lines.append(f'  {_id(name)}{opens}"{words}"{closes}')
    for start in ("dialled", "cut off", "three wrong keys"):
        lines.append(f'  {_id(start)}(("{start}"))')
    for start, target, label in dict.fromkeys(edges(flow)):
        arrow = f'-->|"{_escaped(label)}"|' if label else "-->"
        lines.append(f"  {_id(start)} {arrow} {_id(target)}")
    return "\n".join(lines)


def _id(name: str) -> str:
    """A name that is no word of Mermaid's own, such as `end`."""
    return "s_" + name.replace(" ", "_")


def _escaped(text: str) -> str:
    for letter in '#&"<>{}|':
        text = text.replace(letter, f"#{ord(letter)};") if letter != "#" else text
    return text


def dot(flow: Flow) -> str:
    lines = ["digraph flow {", "  node [shape=box, style=rounded];"]
    for name in flow.screens:
        label = f"{name}\\n{_quoted(_said(flow, name))}"
        lines.append(f'  "{name}" [label="{label}"];')
    for start, target, label in dict.fromkeys(edges(flow)):
        lines.append(f'  "{start}" -> "{target}" [label="{_quoted(label)}"];')
    return "\n".join([*lines, "}"])


def _quoted(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"')


DRAWN: Mapping[str, Callable[[Flow], str]] = {"mermaid": mermaid, "dot": dot}
