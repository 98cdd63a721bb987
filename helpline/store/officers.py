"""Officers in the record: who they are, what they can, at which desks they work."""

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import Connection, Select, delete, insert, select, update

from helpline.core.access import Role
from helpline.store.schema import memberships, officers


@dataclass(frozen=True, slots=True)
class Officer:
    """Somebody who works at desks. `speaks` holds caller languages; `language` is the pages'."""

    id: int
    name: str
    woman: bool
    role: Role = Role.OFFICER
    interviewer: bool = False
    speaks: tuple[str, ...] = ()
    language: str = "en"
    active: bool = True


_COLUMNS = (
    officers.c.id,
    officers.c.name,
    officers.c.woman,
    officers.c.role,
    officers.c.interviewer,
    officers.c.speaks,
    officers.c.language,
    officers.c.active,
)


def _found(connection: Connection, query: "Select[tuple[object, ...]]") -> list[Officer]:
    found: list[Officer] = []
    for row in connection.execute(query).mappings():
        values = {**row, "role": Role(row["role"]), "speaks": tuple(row["speaks"])}
        found.append(Officer(**values))
    return found


def _one(connection: Connection, query: "Select[tuple[object, ...]]") -> Officer | None:
    return next(iter(_found(connection, query)), None)


def get(connection: Connection, officer_id: int) -> Officer | None:
    return next(
        iter(_found(connection, select(*_COLUMNS).where(officers.c.id == officer_id))), None
    )


def named(connection: Connection, name: str) -> Officer | None:
    return _one(connection, select(*_COLUMNS).where(officers.c.name == name))


def everybody(connection: Connection) -> list[Officer]:
    return _found(connection, select(*_COLUMNS).order_by(officers.c.name))


def of_desk(connection: Connection, desk: str) -> list[Officer]:
    """The active officers of a desk, by name."""
    query = (
        select(*_COLUMNS)
        .join(memberships, memberships.c.officer_id == officers.c.id)
        .where(memberships.c.desk == desk, officers.c.active)
        .order_by(officers.c.name)
    )
    return _found(connection, query)


def desks_of(connection: Connection, officer_id: int) -> tuple[str, ...]:
    """The codes of an officer's desks, in order."""
    query = select(memberships.c.desk).where(memberships.c.officer_id == officer_id)
    return tuple(sorted(connection.scalars(query)))


def names(connection: Connection) -> dict[int, str]:
    return {row.id: row.name for row in connection.execute(select(officers.c.id, officers.c.name))}


def put(
    connection: Connection,
    name: str,
    *,
    woman: bool,
    desks: Iterable[str] = (),
    role: Role = Role.OFFICER,
    interviewer: bool = False,
    speaks: Iterable[str] = (),
    language: str = "en",
) -> int:
    """Adds an officer, or renews what is said of one; desks are added, never taken. The id."""
    said = {
        "woman": woman,
        "role": role.value,
        "interviewer": interviewer,
        "speaks": list(speaks),
        "language": language,
    }
    known = named(connection, name)
    if known is None:
        fixed = {"name": name, "active": True, "password_hash": "", "totp_step": 0}
        row = insert(officers).values({**said, **fixed}).returning(officers.c.id)
        officer_id = int(connection.execute(row).scalar_one())
    else:
        officer_id = known.id
        connection.execute(update(officers).where(officers.c.id == officer_id).values(said))
    for desk in set(desks) - set(desks_of(connection, officer_id)):
        connection.execute(insert(memberships).values(officer_id=officer_id, desk=desk))
    return officer_id


def set_desks(connection: Connection, officer_id: int, desks: Iterable[str]) -> None:
    """Exactly these desks, from now on."""
    connection.execute(delete(memberships).where(memberships.c.officer_id == officer_id))
    for desk in sorted(set(desks)):
        connection.execute(insert(memberships).values(officer_id=officer_id, desk=desk))


def set_active(connection: Connection, officer_id: int, active: bool) -> None:
    connection.execute(update(officers).where(officers.c.id == officer_id).values(active=active))


def set_language(connection: Connection, officer_id: int, language: str) -> None:
    connection.execute(
        update(officers).where(officers.c.id == officer_id).values(language=language)
    )


def folded(name: str) -> str:
    """A name as it is compared: without case, width and stray blanks."""
    return " ".join(unicodedata.normalize("NFKC", name).casefold().split())


def called(connection: Connection, typed: str) -> Officer | None:
    """Who is meant by a typed name, whatever its case."""
    same = [officer for officer in everybody(connection) if folded(officer.name) == folded(typed)]
    exact = [officer for officer in same if officer.name == typed]
    return next(iter(exact or same), None)
