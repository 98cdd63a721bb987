"""The audit log: append-only and hash-chained, written in the transaction that it speaks of."""

import hashlib
import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, insert, select, update

from helpline.store.schema import audit, audit_head

GENESIS = "0" * 64
LOOKED_AT = 5000  # rows that one page looks through for those of its desks
DETAILS = frozenset(
    {
        "act", "added", "agent", "attempt", "case", "changed", "channel", "consent_until", "desk",
        "due_at", "event", "fence", "fields", "from", "from_desk", "interviewer", "language",
        "level", "officer", "outcome", "priority", "reason", "referral", "role", "row", "state",
        "table", "to", "to_desk", "until", "woman",
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class AuditRow:
    seq: int
    at: datetime
    actor: str
    action: str
    subject: str
    detail: Mapping[str, Any]


def newest(
    connection: Connection, desks: Collection[str] | None, before: int | None, most: int
) -> tuple[list[AuditRow], int]:
    """At most `most` rows, the newest first, older than `before`; those that name one of `desks`,
    or all of them (None). And the last row looked at, to go on from; 0 at the beginning."""
    columns = [audit.c[name] for name in AuditRow.__dataclass_fields__]
    query = select(*columns).order_by(audit.c.seq.desc())
    if before is not None:
        query = query.where(audit.c.seq < before)
    found: list[AuditRow] = []
    last = 0
    for row in connection.execute(query.limit(LOOKED_AT)):
        last = row.seq
        named = {row.detail.get(name) for name in ("desk", "from_desk", "to_desk")}
        if desks is None or named & set(desks):
            found.append(AuditRow(*row))
            if len(found) == most:
                break
    return found, 0 if last == 1 else last


def append(
    connection: Connection,
    *,
    at: datetime,
    actor: str,
    action: str,
    subject: str,
    detail: Mapping[str, str | int | bool] | None = None,
) -> None:
    """Adds one row inside `Record.writing()`, which holds the lock on the head.

    `detail` takes only the names in DETAILS: never content, never a number.
    """
    detail = dict(detail or {})
    if stray := detail.keys() - DETAILS:
        raise ValueError(f"not allowed in the audit log: {sorted(stray)}")
    head = connection.execute(
        select(audit_head.c.seq, audit_head.c.hash).where(audit_head.c.id == 1)
    ).one()
    row = {
        "seq": head.seq + 1,
        "at": at,
        "actor": actor,
        "action": action,
        "subject": subject,
        "detail": detail,
        "previous": head.hash,
    }
    row["hash"] = digest(row)
    connection.execute(insert(audit).values(row))
    connection.execute(
        update(audit_head).where(audit_head.c.id == 1).values(seq=row["seq"], hash=row["hash"])
    )


def digest(row: Mapping[Any, Any]) -> str:
    """SHA-256 over the canonical row and the hash before it."""
    at = row["at"]
    assert isinstance(at, datetime)
    fields = [
        row["seq"],
        at.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds"),
        row["actor"],
        row["action"],
        row["subject"],
        row["detail"],
        row["previous"],
    ]
    canonical = json.dumps(fields, sort_keys=True, ensure_ascii=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()


def verify(connection: Connection) -> tuple[int, str]:
    """How many rows were checked, and the first fault ("" when the chain is whole)."""
    head = connection.execute(select(audit_head)).one()  # what comes later is not looked at
    previous, count = GENESIS, 0
    rows = select(audit).where(audit.c.seq <= head.seq).order_by(audit.c.seq)
    for row in connection.execute(rows).mappings():
        count += 1
        if row["seq"] != count:
            return count, f"row {count} is missing"
        if row["previous"] != previous or digest(row) != row["hash"]:
            return count, f"row {row['seq']} was altered"
        previous = row["hash"]
    if (head.seq, head.hash) != (count, previous):
        return count, "rows were removed at the end"
    return count, ""
