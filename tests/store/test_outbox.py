"""The outbox: one row for one thing to say, taken by one worker, sent at most once."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial

import pytest
from sqlalchemy import select

from helpline.core.message import Receipt, ReceiptState
from helpline.store import outbox
from helpline.store.outbox import Posting, Taken
from helpline.store.record import Record
from helpline.store.schema import outbox as table
from tests.world import HOUR, START, at_once, empty_record

LETTER = Posting(
    kind="mt",
    once="mt|bt-sms|1",
    urgent=False,
    channel="bt-sms",
    due_at=START,
    valid_until=START + HOUR,
    created_at=START,
    sealed=b"sealed",
)
A_MOMENT = timedelta(seconds=1)


@pytest.fixture
def record(database_url: str) -> Iterator[Record]:
    with empty_record(database_url) as opened:
        yield opened


def put(record: Record, posting: Posting = LETTER) -> bool:
    with record.writing() as connection:
        return outbox.put(connection, posting)


def take(record: Record, row_id: int = 1, now: datetime = START) -> Taken | None:
    with record.writing() as connection:
        return outbox.take(connection, row_id, now)


def finish(record: Record, state: str, provider_id: str = "") -> None:
    with record.writing() as connection:
        outbox.finish(connection, 1, state, provider_id)


def due(record: Record, now: datetime = START) -> list[int]:
    with record.reading() as connection:
        return [row.id for row in outbox.due(connection, now)]


def give_up_stuck(record: Record, now: datetime) -> int:
    with record.writing() as connection:
        return outbox.give_up_stuck(connection, now)


def row(record: Record) -> dict[str, object]:
    with record.reading() as connection:
        return dict(connection.execute(select(table).where(table.c.id == 1)).mappings().one())


def test_what_was_put_is_taken_whole(record: Record) -> None:
    assert put(record)
    assert take(record) == Taken(
        id=1,
        kind="mt",
        once="mt|bt-sms|1",
        channel="bt-sms",
        callback_id=None,
        desk="",
        sealed=b"sealed",
        valid_until=START + HOUR,
        tries=1,
    )


def test_the_same_thing_is_stored_once(record: Record) -> None:
    assert put(record)
    assert not put(record, replace(LETTER, sealed=b"other", due_at=START + HOUR))
    assert row(record)["sealed"] == b"sealed"


def test_threads_that_put_the_same_thing_store_it_once(record: Record) -> None:
    assert sorted(map(str, at_once([partial(put, record)] * 12))) == ["False"] * 11 + ["True"]


def test_threads_that_take_the_same_row_get_it_once(record: Record) -> None:
    put(record)
    taken = at_once([partial(take, record)] * 12)
    assert not [failed for failed in taken if isinstance(failed, Exception)]
    assert len([one for one in taken if one is not None]) == 1


def test_a_row_is_not_taken_before_it_is_due(record: Record) -> None:
    put(record, replace(LETTER, due_at=START + A_MOMENT))
    assert due(record) == []
    assert take(record) is None
    assert take(record, now=START + A_MOMENT)


@pytest.mark.parametrize(
    "state", [outbox.SENT, outbox.FAILED, outbox.UNKNOWN, outbox.EXPIRED, outbox.SENDING]
)
def test_only_a_pending_row_is_due_or_taken(record: Record, state: str) -> None:
    put(record)
    finish(record, state)
    assert due(record) == []
    assert take(record) is None


def test_a_row_that_does_not_exist_is_not_taken(record: Record) -> None:
    assert take(record, row_id=77) is None


def test_urgent_rows_go_first_then_the_oldest(record: Record) -> None:
    rows = [(False, 2), (True, 3), (False, 1), (True, 1)]
    for number, (urgent, seconds) in enumerate(rows):
        at = START + seconds * A_MOMENT
        put(record, replace(LETTER, once=str(number), urgent=urgent, due_at=at))
    assert due(record, START + HOUR) == [4, 2, 3, 1]


def test_a_row_tried_again_waits_and_counts_its_tries(record: Record) -> None:
    put(record)
    for tries in (1, 2, 3):
        now = START + tries * HOUR
        taken = take(record, now=now)
        assert taken is not None
        assert taken.tries == tries
        with record.writing() as connection:
            outbox.again(connection, 1, now + HOUR)
        assert due(record, now + HOUR - A_MOMENT) == []
        assert due(record, now + HOUR) == [1]


@pytest.mark.parametrize("state", [outbox.SENT, outbox.FAILED, outbox.EXPIRED])
def test_safety_20_a_row_that_is_over_holds_no_content(record: Record, state: str) -> None:
    put(record)
    take(record)
    finish(record, state, "ATXid_1")
    assert row(record)["sealed"] is None
    assert row(record)["state"] == state


def test_safety_07_a_row_whose_worker_died_is_never_sent_again(record: Record) -> None:
    put(record)
    take(record)
    assert give_up_stuck(record, START + outbox.STUCK - A_MOMENT) == 0
    assert row(record)["state"] == outbox.SENDING
    assert give_up_stuck(record, START + outbox.STUCK) == 1
    assert row(record)["state"] == outbox.UNKNOWN
    assert row(record)["sealed"] is None
    assert due(record, START + HOUR) == []
    assert take(record, now=START + HOUR) is None
    assert give_up_stuck(record, START + HOUR) == 0


R = ReceiptState
RECEIPTS = [
    pytest.param([R.SENT, R.DELIVERED], R.DELIVERED, id="forward"),
    pytest.param([R.DELIVERED, R.SENT], R.DELIVERED, id="late"),
    pytest.param([R.FAILED, R.SENT], R.FAILED, id="late after failure"),
    pytest.param([R.FAILED, R.DELIVERED], R.DELIVERED, id="delivered after all"),
    pytest.param([R.DELIVERED, R.FAILED], R.DELIVERED, id="failure after delivery"),
    pytest.param([R.UNKNOWN, R.SENT], R.SENT, id="odd word first"),
    pytest.param([R.SENT, R.UNKNOWN], R.SENT, id="odd word later"),
    pytest.param([R.SENT, R.SENT, R.SENT], R.SENT, id="repeated"),
]


@pytest.mark.parametrize(("states", "last"), RECEIPTS)
def test_a_receipt_only_moves_forward(
    record: Record, states: list[ReceiptState], last: ReceiptState
) -> None:
    put(record)
    take(record)
    finish(record, outbox.SENT, "ATXid_1")
    for state in states:
        with record.writing() as connection:
            outbox.record_receipt(connection, "bt-sms", Receipt("ATXid_1", state, state.name))
    assert row(record)["receipt"] == last
    assert row(record)["receipt_raw"] == last.name


@pytest.mark.parametrize(
    ("channel", "provider_id"), [("bt-sms", "ATXid_2"), ("other", "ATXid_1"), ("bt-sms", "")]
)
def test_a_receipt_for_something_else_changes_nothing(
    record: Record, channel: str, provider_id: str
) -> None:
    put(record)
    before = row(record)
    take(record)
    with record.writing() as connection:
        assert not outbox.record_receipt(connection, channel, Receipt("", R.DELIVERED, "x"))
    finish(record, outbox.SENT, "ATXid_1")
    with record.writing() as connection:
        receipt = Receipt(provider_id, R.DELIVERED, "Success")
        assert not outbox.record_receipt(connection, channel, receipt)
    assert row(record)["receipt"] == before["receipt"]
