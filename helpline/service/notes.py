"""What officers write down in a case: notes and facts, sealed with the case's own key."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from helpline.core.facts import Age, Sex
from helpline.crypto import Sealer
from helpline.store import cases
from helpline.store.cases import CaseRow

NOTES = "notes"  # the sealed field
LONGEST = 2000  # characters of one note
Note = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Facts:
    age: Age = Age.UNKNOWN
    sex: Sex = Sex.UNKNOWN


@dataclass(frozen=True)
class Notes:
    """Nothing here checks who asks: the desk service does, before."""

    sealer: Sealer

    def read(self, case: CaseRow) -> tuple[Note, ...]:
        """The oldest first: `id`, `at` (ISO 8601, UTC), `by` and `text` of each."""
        found = self._open(case).get("notes", [])
        assert isinstance(found, list)
        return tuple(found)

    def add(self, connection: Connection, case: CaseRow, note: Note) -> bool:
        """False when a note of that `id` is there: a form that was sent twice is one note."""
        notes = self.read(case)
        if any(known["id"] == note["id"] for known in notes):
            return False
        self._seal(connection, case, {**self._open(case), "notes": [*notes, dict(note)]})
        return True

    def facts(self, case: CaseRow) -> Facts:
        found = self._open(case).get("facts", {})
        assert isinstance(found, dict)
        return Facts(Age(found.get("age", "unknown")), Sex(found.get("sex", "unknown")))

    def set_facts(self, connection: Connection, case: CaseRow, facts: Facts) -> None:
        said = {"age": facts.age.value, "sex": facts.sex.value}
        self._seal(connection, case, {**self._open(case), "facts": said})

    def _open(self, case: CaseRow) -> Mapping[str, object]:
        if case.sealed_notes is None or not case.wrapped_key:
            return {}
        return self.sealer.open(case.id, NOTES, case.wrapped_key, case.sealed_notes)

    def _seal(self, connection: Connection, case: CaseRow, content: Mapping[str, object]) -> None:
        sealed = self.sealer.seal(case.id, NOTES, case.wrapped_key, content)
        cases.set_notes(connection, case.id, sealed)


def note(note_id: str, at: datetime, by: str, text: str) -> Note:
    return {"id": note_id, "at": at.isoformat(), "by": by, "text": text}
