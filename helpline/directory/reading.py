"""Reads an operator's files: bounded, as UTF-8 text, and every fault with its file and line."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from helpline.core.errors import ContentError
from helpline.directory import faults, tables
from helpline.directory.tables import COLUMNS, Row, Table

LONGEST = 4_000_000  # bytes


@dataclass(frozen=True, slots=True)
class Told:
    """What several files say together, by table and in the tables' order; `wrong`: their lines
    that cannot be used."""

    rows: dict[str, list[Row]]
    wrong: list[str]


def read_all(paths: Iterable[Path]) -> Told:
    """Raises ContentError naming every file that is no table at all."""
    read: list[Table] = []
    unread, wrong = list[str](), list[str]()
    for path in paths:
        try:
            table, faulty = tables.read(_text(path), path.name)
        except ContentError as broken:
            unread.append(str(broken))
            continue
        read.append(table)
        wrong += faulty
    if unread:
        raise ContentError("\n".join([*unread, *wrong]))
    told = {name: [row for t in read if t.name == name for row in t.rows] for name in COLUMNS}
    repeated = (fault for rows in told.values() for fault in faults.twice(rows))
    return Told({name: rows for name, rows in told.items() if rows}, [*wrong, *repeated])


def _text(path: Path) -> str:
    raw = _bytes(path)
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError as broken:
        line = raw.count(b"\n", 0, broken.start) + 1
        raise ContentError(
            f"{path.name}: line {line}: not UTF-8: save the table as CSV in UTF-8."
        ) from None


def _bytes(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            raw = file.read(LONGEST + 1)
    except OSError as broken:
        raise ContentError(f"{path}: cannot be read: {broken.strerror}.") from None
    if len(raw) > LONGEST:
        raise ContentError(f"{path.name}: longer than {LONGEST} bytes; send it in parts.")
    return raw
