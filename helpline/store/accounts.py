"""What opens an account, in the record: password hash, sealed second factor, recovery codes."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Connection, delete, func, insert, select, update

from helpline.core.access import Role
from helpline.store.schema import officers, recovery_codes


@dataclass(frozen=True, slots=True)
class Credentials:
    """`totp_step` is the last time step whose code was used."""

    password_hash: str = field(default="", repr=False)
    sealed_totp: bytes | None = field(default=None, repr=False)
    totp_step: int = 0

    @property
    def joined(self) -> bool:
        """The officer has chosen a password and a second factor."""
        return bool(self.password_hash) and self.sealed_totp is not None


NONE = Credentials()


def credentials(connection: Connection, officer_id: int) -> Credentials:
    columns = (officers.c.password_hash, officers.c.sealed_totp, officers.c.totp_step)
    row = connection.execute(select(*columns).where(officers.c.id == officer_id)).one_or_none()
    return NONE if row is None else Credentials(**row._mapping)


def joined(connection: Connection) -> frozenset[int]:
    """The ids of everybody who has a password and a second factor."""
    theirs = (officers.c.password_hash != "") & officers.c.sealed_totp.is_not(None)
    return frozenset(connection.scalars(select(officers.c.id).where(theirs)))


def administrators(connection: Connection) -> frozenset[int]:
    """The ids of those who can sign in and look after accounts."""
    theirs = (officers.c.role == Role.ADMINISTRATOR.value) & officers.c.active
    found = frozenset(connection.scalars(select(officers.c.id).where(theirs)))
    return found & joined(connection)


def put(connection: Connection, officer_id: int, fresh: Credentials) -> None:
    values = {
        "password_hash": fresh.password_hash,
        "sealed_totp": fresh.sealed_totp,
        "totp_step": fresh.totp_step,
    }
    connection.execute(update(officers).where(officers.c.id == officer_id).values(values))


def set_password(connection: Connection, officer_id: int, password_hash: str) -> None:
    values = {"password_hash": password_hash}
    connection.execute(update(officers).where(officers.c.id == officer_id).values(values))


def use_step(connection: Connection, officer_id: int, step: int) -> bool:
    """False when a code of this step or of a later one was used before."""
    unused = (officers.c.id == officer_id) & (officers.c.totp_step < step)
    return connection.execute(update(officers).where(unused).values(totp_step=step)).rowcount == 1


def set_profile(
    connection: Connection,
    officer_id: int,
    *,
    woman: bool,
    role: Role,
    interviewer: bool,
    speaks: Iterable[str],
    language: str,
) -> None:
    values = {
        "woman": woman,
        "role": role.value,
        "interviewer": interviewer,
        "speaks": list(speaks),
        "language": language,
    }
    connection.execute(update(officers).where(officers.c.id == officer_id).values(values))


def set_recovery(connection: Connection, officer_id: int, hashes: Iterable[str]) -> None:
    """Exactly these codes, none used; the older ones are void."""
    connection.execute(delete(recovery_codes).where(recovery_codes.c.officer_id == officer_id))
    for code_hash in hashes:
        row = {"officer_id": officer_id, "code_hash": code_hash}
        connection.execute(insert(recovery_codes).values(row))


def use_recovery(connection: Connection, officer_id: int, code_hash: str, at: datetime) -> bool:
    """False when there is no such code, or it was used before."""
    unused = (
        (recovery_codes.c.officer_id == officer_id)
        & (recovery_codes.c.code_hash == code_hash)
        & recovery_codes.c.used_at.is_(None)
    )
    used = connection.execute(update(recovery_codes).where(unused).values(used_at=at))
    return used.rowcount == 1


def recovery_left(connection: Connection, officer_id: int) -> int:
    unused = (recovery_codes.c.officer_id == officer_id) & recovery_codes.c.used_at.is_(None)
    return connection.scalar(select(func.count()).select_from(recovery_codes).where(unused)) or 0
