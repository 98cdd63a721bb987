"""The outbox: what must be sent, stored with the change that asked for it, sent at most once."""

from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, insert, or_, select, update

from helpline.core.message import Receipt, ReceiptState
from helpline.store.schema import outbox

PENDING, SENDING, SENT, FAILED, UNKNOWN, EXPIRED = (
    "pending",
    "sending",
    "sent",
    "failed",
    "unknown",
    "expired",
)
STUCK = timedelta(minutes=2)  # a row taken this long ago belonged to a worker that died


@dataclass(frozen=True, slots=True)
class Posting:
    """A row to be written. `once` names it for good: the same name is never stored twice.

    `kind` is `mt` (to a caller, sealed) or `nudge`/`overdue`/`referral` (to a desk's duty phone).
    """

    kind: str
    once: str
    urgent: bool
    channel: str
    due_at: datetime
    valid_until: datetime
    created_at: datetime
    callback_id: int | None = None
    desk: str = ""
    number_index: str = ""
    sealed: bytes | None = None


@dataclass(frozen=True, slots=True)
class Taken:
    """A row that this worker alone may send now."""

    id: int
    kind: str
    once: str
    channel: str
    callback_id: int | None
    desk: str
    sealed: bytes | None
    valid_until: datetime
    tries: int


def put(connection: Connection, posting: Posting) -> bool:
    """Stores the row unless one with the same `once` is there; True when it was new."""
    known = connection.scalar(select(outbox.c.id).where(outbox.c.once == posting.once))
    if known is not None:
        return False
    fixed = {
        "state": PENDING,
        "tries": 0,
        "provider_id": "",
        "receipt": ReceiptState.UNKNOWN.value,
        "receipt_raw": "",
        "receipt_reason": "",
    }
    connection.execute(insert(outbox).values({**asdict(posting), **fixed}))
    return True


@dataclass(frozen=True, slots=True)
class Due:
    id: int
    urgent: bool
    tries: int
    due_at: datetime


def due(connection: Connection, now: datetime, limit: int = 200) -> list[Due]:
    """The rows to be sent now, urgent and oldest first."""
    rows = connection.execute(
        select(outbox.c.id, outbox.c.urgent, outbox.c.tries, outbox.c.due_at)
        .where(outbox.c.state == PENDING, outbox.c.due_at <= now)
        .order_by(outbox.c.urgent.desc(), outbox.c.due_at)
        .limit(limit)
    )
    return [Due(*row) for row in rows]


def take(connection: Connection, row_id: int, now: datetime) -> Taken | None:
    """Marks the row as being sent; None when another worker has it or it is done."""
    taken = connection.execute(
        update(outbox)
        .where(outbox.c.id == row_id, outbox.c.state == PENDING, outbox.c.due_at <= now)
        .values(state=SENDING, taken_at=now, tries=outbox.c.tries + 1)
        .returning(
            outbox.c.id,
            outbox.c.kind,
            outbox.c.once,
            outbox.c.channel,
            outbox.c.callback_id,
            outbox.c.desk,
            outbox.c.sealed,
            outbox.c.valid_until,
            outbox.c.tries,
        )
    ).one_or_none()
    return None if taken is None else Taken(*taken)


def was_sent(connection: Connection, once: str) -> bool:
    """Whether the provider took it; only then may an answer to it be believed."""
    return connection.scalar(select(outbox.c.state).where(outbox.c.once == once)) == SENT


def finish(connection: Connection, row_id: int, state: str, provider_id: str = "") -> None:
    """The row is over: its content and whose it was go, its fate stays."""
    gone = {"sealed": None, "number_index": ""}
    connection.execute(
        update(outbox)
        .where(outbox.c.id == row_id)
        .values(state=state, provider_id=provider_id, **gone)
    )


def again(connection: Connection, row_id: int, at: datetime) -> None:
    """The provider certainly did not send it: it may be tried again, unless it was silenced."""
    connection.execute(
        update(outbox)
        .where(outbox.c.id == row_id, outbox.c.state == SENDING)
        .values(state=PENDING, due_at=at)
    )


def give_up_stuck(connection: Connection, now: datetime) -> int:
    """Rows of workers that died while sending: perhaps sent, so never sent again (SAFETY 7)."""
    return connection.execute(
        update(outbox)
        .where(outbox.c.state == SENDING, outbox.c.taken_at <= now - STUCK)
        .values(state=UNKNOWN, sealed=None)
    ).rowcount


def silence(connection: Connection, channel: str, number_indexes: tuple[str, ...]) -> None:
    """What waits for this number is never sent; what is being sent is never tried again."""
    ours = (outbox.c.channel == channel) & outbox.c.number_index.in_(number_indexes)
    for now, then in ((PENDING, EXPIRED), (SENDING, UNKNOWN)):
        connection.execute(
            update(outbox).where(ours, outbox.c.state == now).values(state=then, sealed=None)
        )


def revive(connection: Connection, posting: Posting) -> None:
    """A text that was called off before anybody took it is wanted again."""
    ours = (outbox.c.once == posting.once) & (outbox.c.state == EXPIRED) & (outbox.c.tries == 0)
    again = {"state": PENDING, "due_at": posting.due_at, "valid_until": posting.valid_until}
    connection.execute(update(outbox).where(ours).values(again))


def call_off(connection: Connection, callback_id: int, kind: str) -> None:
    """Texts about this callback that nobody has sent yet are not wanted any more."""
    ours = (outbox.c.callback_id == callback_id) & (outbox.c.kind == kind)
    waiting = ours & (outbox.c.state == PENDING)
    connection.execute(update(outbox).where(waiting).values(state=EXPIRED, sealed=None))


def withhold(connection: Connection, once: str) -> None:
    """This one text is not wanted any more, unless it was sent already."""
    waiting = (outbox.c.once == once) & (outbox.c.state == PENDING)
    connection.execute(update(outbox).where(waiting).values(state=EXPIRED, sealed=None))


def record_receipt(connection: Connection, channel: str, receipt: Receipt) -> bool:
    """Moves a sent row's receipt forward, never back; False when nothing changed."""
    changed = connection.execute(
        update(outbox)
        .where(
            outbox.c.channel == channel,
            outbox.c.provider_id == receipt.provider_id,
            outbox.c.provider_id != "",
            or_(
                outbox.c.receipt < receipt.state.value,
                outbox.c.receipt_raw == "",
            ),
        )
        .values(
            receipt=receipt.state.value,
            receipt_raw=receipt.raw[:64],
            receipt_reason=receipt.reason[:64],
        )
    )
    return changed.rowcount > 0
