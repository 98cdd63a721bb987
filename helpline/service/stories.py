"""What was told, sealed with its case: one entry per dialogue, the newest answers of each.

An entry is named by the moment it was filed. The number is sealed apart (SAFETY 9).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from helpline.core.report import Report
from helpline.crypto import Sealer
from helpline.store import cases
from helpline.store.cases import CaseRow

NUMBER, STORY = "number", "story"  # the two sealed fields, kept apart (SAFETY 9)
JOINED, MOVED = "joined", "moved"  # what a repeat request changed; where an entry went
Entry = Mapping[str, object]


def told(report: Report, at: str) -> Entry:
    return {**report.content(), "at": at}


def words_of(entries: Sequence[Entry]) -> frozenset[str]:
    """The secret words that were agreed, in any of the dialogues."""
    return frozenset(str(entry["code_word"]) for entry in entries if entry.get("code_word"))


@dataclass(frozen=True)
class Stories:
    sealer: Sealer

    def read(self, case: CaseRow) -> list[Entry]:
        assert case.sealed_story is not None
        story = self.sealer.open(case.id, STORY, case.wrapped_key, case.sealed_story)
        entries = story["reports"]
        assert isinstance(entries, list)
        return entries

    def seal(self, case_id: str, wrapped_key: str, entries: Sequence[Entry]) -> bytes:
        return self.sealer.seal(case_id, STORY, wrapped_key, {"reports": list(entries)})

    def write(self, connection: Connection, case: CaseRow, entries: Sequence[Entry]) -> None:
        cases.set_story(connection, case.id, self.seal(case.id, case.wrapped_key, entries))

    def add(self, connection: Connection, case: CaseRow, entry: Entry) -> None:
        self.write(connection, case, [*self.read(case), entry])

    def renew(self, connection: Connection, case: CaseRow, entry: Entry) -> list[Entry]:
        """Puts the newest answers in place of the same dialogue's earlier ones."""
        entries = self.read(case)
        same = [at for at, known in enumerate(entries) if known["at"] == entry["at"]]
        if same:
            kept = {k: v for k, v in entries[same[-1]].items() if k == JOINED}
            entries[same[-1]] = {**entry, **kept}
        else:
            entries.append(entry)
        self.write(connection, case, entries)
        return entries

    def number(self, case: CaseRow) -> str:
        assert case.sealed_number is not None
        opened = self.sealer.open(case.id, NUMBER, case.wrapped_key, case.sealed_number)
        return str(opened["number"])
