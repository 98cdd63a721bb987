"""Says in which file and line of the flows a screen is written, for those who must mend it."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


@cache
def _lines() -> dict[str, str]:
    found: dict[str, str] = {}
    for path in sorted((ROOT / "flows").glob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        for name, line in _tables(tree):
            found.setdefault(name, f"{path.relative_to(ROOT).as_posix()}:{line}")
    return found


def _tables(tree: ast.Module) -> Iterator[tuple[str, int]]:
    """The screens by name, and the flow itself as ""."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Dict):
            for key, value in zip(node.keys, node.values, strict=True):
                if isinstance(key, ast.Constant) and _calls(value, "Menu", "End"):
                    yield str(key.value), key.lineno
        if _calls(node, "Flow"):
            assert isinstance(node, ast.Call)
            yield "", node.lineno


def _calls(node: ast.AST, *names: str) -> bool:
    return isinstance(node, ast.Call) and getattr(node.func, "id", "") in names


def where(screen: str) -> str:
    """`flows/help.py:61`, or the flow's own line for what is no screen."""
    lines = _lines()
    return lines.get(screen, lines.get("", "flows"))
