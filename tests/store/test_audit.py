"""The audit log: whoever changes, removes or reorders a row is found out."""

from collections.abc import Iterator
from datetime import timedelta
from functools import partial
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import delete, event, select, update

from helpline.store import audit
from helpline.store.record import Record
from helpline.store.schema import audit as table
from tests.world import START, at_once, empty_record


@pytest.fixture
def record(database_url: str) -> Iterator[Record]:
    with empty_record(database_url) as opened:
        yield opened


def add(record: Record, subject: str, **detail: str | int | bool) -> None:
    with record.writing() as connection:
        audit.append(
            connection,
            at=START + timedelta(microseconds=1),
            actor="Pema",
            action="callback.claim",
            subject=subject,
            detail=detail,
        )


def verified(record: Record) -> tuple[int, str]:
    with record.reading() as connection:
        return audit.verify(connection)


def test_a_chain_verifies(record: Record) -> None:
    assert verified(record) == (0, "")
    for number in range(5):
        add(record, str(number), desk="BT-WCPD-13", fence=number, woman=True)
    assert verified(record) == (5, "")


def test_the_first_row_stands_on_zeros_and_each_next_on_the_one_before(record: Record) -> None:
    for number in range(3):
        add(record, str(number))
    with record.reading() as connection:
        rows = connection.execute(select(table).order_by(table.c.seq)).all()
    assert [row.previous for row in rows] == [audit.GENESIS, rows[0].hash, rows[1].hash]


def change(seq: int, **values: object) -> object:
    return update(table).where(table.c.seq == seq).values(values)


@pytest.mark.parametrize(
    ("tamper", "fault"),
    [
        (change(2, actor="Dorji"), "row 2 was altered"),
        (change(2, subject="9"), "row 2 was altered"),
        (change(4, detail={"desk": "other"}), "row 4 was altered"),
        (change(1, at=START + timedelta(days=1)), "row 1 was altered"),
        (delete(table).where(table.c.seq == 1), "row 1 is missing"),
        (delete(table).where(table.c.seq == 3), "row 3 is missing"),
        (delete(table).where(table.c.seq >= 3), "rows were removed at the end"),
        (delete(table), "rows were removed at the end"),
    ],
)
def test_an_altered_or_removed_row_is_found(record: Record, tamper: object, fault: str) -> None:
    for number in range(4):
        add(record, str(number), desk="BT-WCPD-13")
    with record.engine.begin() as connection:
        connection.execute(tamper)  # type: ignore[call-overload]
    assert verified(record)[1] == fault


def test_reordered_rows_are_found(record: Record) -> None:
    for number in range(4):
        add(record, str(number))
    with record.engine.begin() as connection:
        for before, after in ((2, 99), (3, 2), (99, 3)):
            connection.execute(update(table).where(table.c.seq == before).values(seq=after))
    assert verified(record)[1] == "row 2 was altered"


def test_an_altered_row_with_a_recomputed_hash_is_still_found(record: Record) -> None:
    """The next row stands on the old hash."""
    for number in range(3):
        add(record, str(number))
    with record.engine.begin() as connection:
        row = dict(connection.execute(select(table).where(table.c.seq == 2)).mappings().one())
        row["actor"] = "Dorji"
        forged = {"actor": "Dorji", "hash": audit.digest(row)}
        connection.execute(update(table).where(table.c.seq == 2).values(forged))
    assert verified(record)[1] == "row 3 was altered"


@pytest.mark.parametrize("name", ["number", "phone", "text", "story", "note", "name"])
def test_safety_09_details_outside_the_list_are_refused(record: Record, name: str) -> None:
    with pytest.raises(ValueError, match="not allowed in the audit log"):
        add(record, "1", **{name: "anything"})
    assert verified(record) == (0, "")


def test_the_refusal_does_not_repeat_what_was_to_be_written(record: Record) -> None:
    with pytest.raises(ValueError, match="number") as refused:
        add(record, "1", number="97510999999")
    assert "97510999999" not in str(refused.value)


def test_a_row_and_the_change_it_speaks_of_stand_or_fall_together(record: Record) -> None:
    add(record, "1")
    with pytest.raises(ZeroDivisionError), record.writing() as connection:
        audit.append(connection, at=START, actor="Pema", action="case.closed", subject="2")
        _ = 1 // 0
    assert verified(record) == (1, "")


def test_concurrent_appends_give_one_unbroken_chain(record: Record) -> None:
    results = at_once([partial(add, record, str(number), fence=number) for number in range(24)])
    assert results == [None] * 24
    assert verified(record) == (24, "")
    with record.reading() as connection:
        subjects = set(connection.scalars(select(table.c.subject)))
    assert subjects == {str(number) for number in range(24)}


def test_the_time_of_a_row_may_be_given_in_any_zone(record: Record) -> None:
    with record.writing() as connection:
        local = START.astimezone(ZoneInfo("Asia/Thimphu"))
        audit.append(connection, at=local, actor="Pema", action="case.closed", subject="1")
    assert verified(record) == (1, "")


def test_a_row_added_during_the_check_is_no_fault(record: Record) -> None:
    """The helpline does not stand still while somebody verifies its log."""
    add(record, "1")

    waiting = ["2"]

    def meanwhile(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        if waiting and "audit.previous" in statement:
            add(record, waiting.pop())

    event.listen(record.engine, "before_cursor_execute", meanwhile)
    assert verified(record) == (1, "")
    assert verified(record) == (2, "")
