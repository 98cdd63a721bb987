"""What an operator does with the directory: see what files would change, and import them.

Gather the tables, decide over all of them together, commit in one transaction: all or nothing.
"""

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from helpline import directory
from helpline.core.directory import Directory
from helpline.core.errors import ConfigError, ContentError, Refused
from helpline.directory import Tables, faults, reading
from helpline.directory.tables import Row
from helpline.service import known
from helpline.service.directory_proof import Named, unfit
from helpline.store import audit, desks, directory_rows
from helpline.store.record import Record

_AT = re.compile(r"(.*?): line ([0-9]+): ")


@dataclass(frozen=True, slots=True)
class Change:
    """One row that a file makes other than it is; `before` is None for a new one."""

    table: str
    before: Row | None
    after: Row

    def cells(self) -> Iterator[tuple[str, str, str]]:
        """Column, old and new cell of all that differ; of a new row all that say something."""
        for column, cell in self.after.cells.items():
            old = self.before[column] if self.before else ""
            if old != cell:
                yield column, old, cell


@dataclass(frozen=True, slots=True)
class Plan:
    """The tables as they would be, and what makes them so."""

    tables: Tables
    changes: tuple[Change, ...]

    def of(self, table: str) -> list[Change]:
        return [change for change in self.changes if change.table == table]

    def counts(self) -> dict[str, tuple[int, int]]:
        """New and changed rows of every table that changes."""
        found = {name: self.of(name) for name in directory.NAMES}
        new = {name: sum(c.before is None for c in changes) for name, changes in found.items()}
        return {name: (new[name], len(c) - new[name]) for name, c in found.items() if c}


@dataclass(frozen=True)
class DirectoryAdmin:
    """`record` is None before there is one. `kinds` are, by programme, the kinds of desks that
    have words for callers; `players` says everything that is said with a directory."""

    record: Record | None
    kinds: Mapping[str, Collection[str]]
    players: Callable[[Directory], Iterable[Named]]

    def tables(self) -> Tables:
        return known.tables_of(self.record) if self.record else directory.packaged()

    def own(self) -> Tables:
        return known.own_tables(self.record) if self.record else known.nothing()

    def plan(self, paths: Iterable[Path], now: datetime) -> Plan:
        """What the files would change. Raises ContentError that names every fault at once."""
        told, before = reading.read_all(paths), self.tables()
        after = before
        for name, rows in told.rows.items():
            after = after.with_rows(name, rows)
        wrong = [*told.wrong, *self._wrong(before, after, now.date())]
        if wrong:
            raise ContentError("\n".join(_by_line(wrong)))
        return Plan(after, tuple(_changes(before, told.rows)))

    def _wrong(self, before: Tables, after: Tables, today: date) -> Iterator[str]:
        every = {kind: "" for kinds in self.kinds.values() for kind in kinds}
        places, rows = after.rows["places"], after.rows["desks"]
        yield from directory.wrong(after, today, every)
        yield from faults.without_desk(rows, places)
        for key, row in rows.items():
            if row["kind"] in every and row["kind"] not in self.kinds.get(row["programme"], every):
                programme = row["programme"]
                yield faults.said(row, f"{programme} has no words for the kind {row['kind']!r}.")
            old = before.rows["desks"].get(key)
            if old and old["programme"] != row["programme"]:
                yield faults.said(row, f"stays a desk of {old['programme']}: cases refer to it.")

    def prove(self, plan: Plan, now: datetime) -> None:
        """Raises ContentError when a caller could not be shown every screen any more."""
        built = directory.build(plan.tables, today=date.max)
        if wrong := unfit(self.players(built), now):
            raise ContentError("\n".join(wrong))

    def commit(self, plan: Plan, actor: str, now: datetime) -> int:
        """All changes durable together, or none. Gives the directory's new revision."""
        if self.record is None:
            raise ConfigError(["There is no database; run `helpline init`."])
        refreshed = directory.build(plan.tables, today=date.max).desks.values()
        number = plan.tables.revision
        with self.record.writing() as connection:
            if directory_rows.revision(connection) != number:
                raise Refused("Somebody imported in between; nothing was taken, try again.")
            for table, (added, changed) in plan.counts().items():
                rows = {change.after.key: change.after.cells for change in plan.of(table)}
                number = directory_rows.put(
                    connection, table, rows, at=now, actor=actor, added=added
                )
                audit.append(
                    connection,
                    at=now,
                    actor=actor,
                    action="directory.imported",
                    subject=str(number),
                    detail={"table": table, "added": added, "changed": changed},
                )
            desks.put_desks(connection, refreshed)
        return number


def _changes(before: Tables, told: Mapping[str, Iterable[Row]]) -> Iterator[Change]:
    for name, rows in told.items():
        for row in rows:
            old = before.rows[name].get(row.key)
            if old is None or dict(old.cells) != dict(row.cells):
                yield Change(name, old, row)


def _by_line(wrong: Iterable[str]) -> list[str]:
    """By file and line; what stands in no file of the operator comes as it was found."""

    def place(fault: str) -> tuple[str, int]:
        at = _AT.match(fault)
        return (at[1], int(at[2])) if at else ("", 0)

    return sorted(dict.fromkeys(wrong), key=place)
