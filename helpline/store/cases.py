"""Cases in the record, and the keys that make filing one idempotent."""

from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, insert, select, update

from helpline.store.schema import callbacks, cases, dedupe


@dataclass(frozen=True, slots=True)
class CaseRow:
    """A case; content only sealed. `wrapped_key` is "" once it was erased."""

    id: str
    code: str
    programme: str
    channel: str
    number_index: str
    person_index: str
    wrapped_key: str
    sealed_number: bytes | None
    sealed_story: bytes | None
    sealed_notes: bytes | None
    safe_contact_confirmed_at: datetime | None
    outcome: str
    created_at: datetime
    closed_at: datetime | None


@dataclass(frozen=True, slots=True)
class Seen:
    """What an earlier delivery of the same input led to."""

    case_id: str | None
    at: datetime


def seen(connection: Connection, channel: str, provider_id: str) -> Seen | None:
    row = connection.execute(
        select(dedupe.c.case_id, dedupe.c.at).where(
            dedupe.c.channel == channel, dedupe.c.provider_id == provider_id
        )
    ).one_or_none()
    return None if row is None else Seen(*row)


def remember(
    connection: Connection,
    channel: str,
    provider_id: str,
    *,
    number_index: str,
    case_id: str | None,
    at: datetime,
) -> None:
    """Marks an input as taken, in place of an older mark of the same name."""
    name = (dedupe.c.channel == channel) & (dedupe.c.provider_id == provider_id)
    connection.execute(delete(dedupe).where(name))
    connection.execute(
        insert(dedupe).values(
            channel=channel,
            provider_id=provider_id,
            number_index=number_index,
            case_id=case_id,
            at=at,
        )
    )


def latest(connection: Connection, channel: str, number_indexes: tuple[str, ...]) -> str | None:
    """The provider's id of the last message taken from this number."""
    return connection.scalar(
        select(dedupe.c.provider_id)
        .where(dedupe.c.channel == channel, dedupe.c.number_index.in_(number_indexes))
        .order_by(dedupe.c.at.desc(), dedupe.c.provider_id)
        .limit(1)
    )


def insert_case(connection: Connection, row: CaseRow) -> None:
    connection.execute(insert(cases).values(asdict(row)))


def get(connection: Connection, case_id: str) -> CaseRow:
    return CaseRow(**connection.execute(select(cases).where(cases.c.id == case_id)).one()._mapping)


def by_code(connection: Connection, code: str) -> CaseRow | None:
    row = connection.execute(select(cases).where(cases.c.code == code)).one_or_none()
    return None if row is None else CaseRow(**row._mapping)


def open_for(
    connection: Connection, person_indexes: tuple[str, ...], since: datetime, over: tuple[str, ...]
) -> CaseRow | None:
    """The newest case of this number about this person whose callback is not `over`."""
    row = connection.execute(
        select(cases)
        .join(callbacks, callbacks.c.case_id == cases.c.id)
        .where(
            cases.c.person_index.in_(person_indexes),
            cases.c.created_at >= since,
            callbacks.c.state.not_in(over),
        )
        .order_by(cases.c.created_at.desc())
        .limit(1)
    ).one_or_none()
    return None if row is None else CaseRow(**row._mapping)


def set_story(connection: Connection, case_id: str, sealed: bytes) -> None:
    connection.execute(update(cases).where(cases.c.id == case_id).values(sealed_story=sealed))


def set_notes(connection: Connection, case_id: str, sealed: bytes) -> None:
    connection.execute(update(cases).where(cases.c.id == case_id).values(sealed_notes=sealed))


def set_confirmed(connection: Connection, case_id: str, at: datetime | None) -> None:
    """When the person last said that a call is safe; None: that it is not."""
    connection.execute(
        update(cases).where(cases.c.id == case_id).values(safe_contact_confirmed_at=at)
    )


def close(connection: Connection, case_id: str, outcome: str, at: datetime) -> None:
    connection.execute(
        update(cases).where(cases.c.id == case_id).values(outcome=outcome, closed_at=at)
    )


def erase(connection: Connection, case_id: str) -> None:
    """Drops the case's key and every trace of its number; the bare event stays. Repeatable."""
    gone = {
        "wrapped_key": "",
        "sealed_number": None,
        "sealed_story": None,
        "sealed_notes": None,
        "number_index": "",
        "person_index": "",
        "safe_contact_confirmed_at": None,
    }
    connection.execute(update(cases).where(cases.c.id == case_id).values(gone))
    marks = update(dedupe).where(dedupe.c.case_id == case_id)
    connection.execute(marks.values(number_index=""))


def move_marks(connection: Connection, case_id: str, at: datetime, to: str) -> None:
    """The inputs that filed at that moment now belong to another case."""
    ours = (dedupe.c.case_id == case_id) & (dedupe.c.at == at)
    connection.execute(update(dedupe).where(ours).values(case_id=to))
