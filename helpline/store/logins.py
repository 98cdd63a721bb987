"""Logins in the record: every process asks here, so that an ended one is over everywhere."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, insert, select, update

from helpline.store.schema import logins


@dataclass(frozen=True, slots=True)
class Login:
    """`form_token` stands in every form of the login; `until` is its end whatever is done."""

    token_hash: str
    officer_id: int
    form_token: str
    agent: str
    created_at: datetime
    seen_at: datetime
    until: datetime
    ended_at: datetime | None = None
    ended_why: str = ""


def put(connection: Connection, login: Login) -> None:
    values = {name: getattr(login, name) for name in Login.__dataclass_fields__}
    connection.execute(insert(logins).values(values))


def get(connection: Connection, token_hash: str) -> Login | None:
    row = connection.execute(select(logins).where(logins.c.token_hash == token_hash)).one_or_none()
    return None if row is None else Login(**row._mapping)


def of_officer(connection: Connection, officer_id: int, since: datetime) -> list[Login]:
    """Those begun since, the newest first, ended ones too."""
    query = select(logins).where(logins.c.officer_id == officer_id, logins.c.created_at >= since)
    found = connection.execute(query.order_by(logins.c.created_at.desc()))
    return [Login(**row._mapping) for row in found]


def seen(connection: Connection, token_hash: str, at: datetime) -> None:
    connection.execute(update(logins).where(logins.c.token_hash == token_hash).values(seen_at=at))


def end(connection: Connection, token_hash: str, at: datetime, why: str) -> bool:
    """False when it was over already."""
    live = (logins.c.token_hash == token_hash) & logins.c.ended_at.is_(None)
    ended = connection.execute(update(logins).where(live).values(ended_at=at, ended_why=why))
    return ended.rowcount > 0


def end_all(connection: Connection, officer_id: int, at: datetime, why: str) -> int:
    live = (logins.c.officer_id == officer_id) & logins.c.ended_at.is_(None)
    ended = connection.execute(update(logins).where(live).values(ended_at=at, ended_why=why))
    return ended.rowcount
