"""The audit log, read: the newest rows of some desks, and whether nothing was taken out of it."""

from collections.abc import Collection
from dataclasses import dataclass

from helpline.store import audit
from helpline.store.audit import AuditRow
from helpline.store.record import Record


@dataclass(frozen=True)
class Logbook:
    record: Record

    def read(self, desks: Collection[str] | None, before: int | None, most: int) -> list[AuditRow]:
        """At most `most` rows, the newest first, older than `before`; of these desks, or all."""
        with self.record.reading() as connection:
            return audit.newest(connection, desks, before, most)

    def whole(self) -> bool:
        with self.record.reading() as connection:
            return audit.verify(connection)[1] == ""
