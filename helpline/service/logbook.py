"""The audit log, read: the newest rows of some desks, page by page."""

from collections.abc import Collection
from dataclasses import dataclass

from helpline.store import audit
from helpline.store.audit import AuditRow
from helpline.store.record import Record


@dataclass(frozen=True)
class Logbook:
    record: Record

    def read(
        self, desks: Collection[str] | None, before: int | None, most: int
    ) -> tuple[list[AuditRow], int]:
        """At most `most` rows, the newest first, older than `before`; of these desks, or all. And
        where to go on, 0 at the beginning."""
        with self.record.reading() as connection:
            return audit.newest(connection, desks, before, most)
