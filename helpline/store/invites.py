"""Invitations to open an account: stored by the hash of their token, each of use once."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, insert, select, update

from helpline.store.schema import invites


@dataclass(frozen=True, slots=True)
class Invite:
    token_hash: str
    officer_id: int
    created_at: datetime
    until: datetime
    used_at: datetime | None = None

    def open(self, now: datetime) -> bool:
        return self.used_at is None and now < self.until


def put(connection: Connection, invite: Invite) -> None:
    values = {name: getattr(invite, name) for name in Invite.__dataclass_fields__}
    connection.execute(insert(invites).values(values))


def get(connection: Connection, token_hash: str) -> Invite | None:
    query = select(invites).where(invites.c.token_hash == token_hash)
    row = connection.execute(query).one_or_none()
    return None if row is None else Invite(**row._mapping)


def waiting(connection: Connection, now: datetime) -> dict[int, datetime]:
    """Officers with an open invitation, and until when."""
    query = select(invites.c.officer_id, invites.c.until)
    rows = connection.execute(query.where(invites.c.used_at.is_(None), invites.c.until > now))
    return {row.officer_id: row.until for row in rows}


def use(connection: Connection, token_hash: str, at: datetime) -> bool:
    """False when it was used or voided before."""
    unused = (invites.c.token_hash == token_hash) & invites.c.used_at.is_(None)
    return connection.execute(update(invites).where(unused).values(used_at=at)).rowcount == 1


def void(connection: Connection, officer_id: int, at: datetime) -> None:
    """No invitation of this officer opens anything any more."""
    unused = (invites.c.officer_id == officer_id) & invites.c.used_at.is_(None)
    connection.execute(update(invites).where(unused).values(used_at=at))
