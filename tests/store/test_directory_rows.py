"""The operator's rows: put by their keys, kept in order, and counted by imports."""

from collections.abc import Iterator, Mapping

import pytest
from alembic import command
from sqlalchemy import MetaData, insert, inspect, select, text

from helpline.core.errors import RecordFault
from helpline.store import audit, desks, directory_rows, migrate, officers
from helpline.store.record import Record
from tests.world import START, empty_record


@pytest.fixture
def record(database_url: str) -> Iterator[Record]:
    with empty_record(database_url) as opened:
        yield opened


def put(record: Record, table: str, rows: Mapping[str, Mapping[str, str]], added: int = 0) -> int:
    with record.writing() as connection:
        return directory_rows.put(connection, table, rows, at=START, actor="sonam", added=added)


def rows(record: Record) -> list[tuple[str, str, dict[str, str], int]]:
    with record.reading() as connection:
        found = directory_rows.rows(connection)
    return [(row.table, row.key, dict(row.cells), row.import_id) for row in found]


def revision(record: Record) -> int:
    with record.reading() as connection:
        return directory_rows.revision(connection)


def test_a_new_record_holds_none_and_is_at_revision_0(record: Record) -> None:
    assert (rows(record), revision(record)) == ([], 0)


def test_rows_come_back_as_they_were_put_in_their_order(record: Record) -> None:
    number = put(record, "desks", {"B": {"code": "B", "name": "གཞུང"}, "A": {"code": "A"}}, 2)
    assert rows(record) == [
        ("desks", "B", {"code": "B", "name": "གཞུང"}, number),
        ("desks", "A", {"code": "A"}, number),
    ]
    assert revision(record) == number == 1


def test_a_row_of_the_same_key_is_changed_where_it_stands(record: Record) -> None:
    put(record, "desks", {"B": {"code": "B"}, "A": {"code": "A"}}, 2)
    number = put(record, "desks", {"C": {"code": "C"}, "B": {"code": "B", "phone": "1098"}}, 1)
    assert [(key, cells) for _table, key, cells, _id in rows(record)] == [
        ("B", {"code": "B", "phone": "1098"}),
        ("A", {"code": "A"}),
        ("C", {"code": "C"}),
    ]
    assert [import_id for *_, import_id in rows(record)] == [number, number - 1, number]


def test_one_key_in_two_tables_is_two_rows(record: Record) -> None:
    put(record, "desks", {"A": {"code": "A"}}, 1)
    put(record, "places", {"A": {"code": "A", "level": "town"}}, 1)
    assert [(table, key) for table, key, *_ in rows(record)] == [("desks", "A"), ("places", "A")]


def test_an_import_says_when_who_and_how_much(record: Record) -> None:
    put(record, "desks", {"A": {"code": "A"}, "B": {"code": "B"}}, 1)
    stored = migrated(record).tables["directory_imports"]
    with record.reading() as connection:
        (row,) = connection.execute(select(stored)).mappings().all()
    assert (row["actor"], row["table_name"], row["added"], row["changed"]) == (
        "sonam",
        "desks",
        1,
        1,
    )
    assert row["at"] == START.replace(tzinfo=None)


def test_a_transaction_that_fails_leaves_nothing(record: Record) -> None:
    with pytest.raises(ZeroDivisionError), record.writing() as connection:
        directory_rows.put(connection, "desks", {"A": {}}, at=START, actor="x", added=1)
        raise ZeroDivisionError
    assert (rows(record), revision(record)) == ([], 0)


def test_a_whole_country_is_put_at_once(record: Record) -> None:
    many = {f"KH-{number}": {"code": f"KH-{number}"} for number in range(3000)}
    put(record, "places", many, 3000)
    put(record, "places", {key: {**cells, "lat": "12"} for key, cells in many.items()})
    assert [(key, cells["lat"]) for _table, key, cells, _id in rows(record)] == [
        (key, "12") for key in many
    ]


def migrated(record: Record) -> MetaData:
    stored = MetaData()
    with record.engine.connect() as connection:
        stored.reflect(connection)
    return stored


class TestUpgrade:
    def test_a_record_of_the_first_schema_keeps_all_that_it_holds(self, database_url: str) -> None:
        record = Record(database_url)
        try:
            migrate.upgrade(record, "0001")
            stored = migrated(record)
            assert "directory_rows" not in stored.tables
            values = {"programme": "bt", "duty_phone": "", "duty_language": "en"}
            with record.writing() as connection:
                row = insert(stored.tables["desks"]).values(code="BT-1", parent="", **values)
                connection.execute(row)
                night = {"id": 1, "name": "Night", "woman": True, "active": True}
                connection.execute(insert(stored.tables["officers"]).values(night))
                at_work = {"officer_id": 1, "desk": "BT-1"}
                connection.execute(insert(stored.tables["memberships"]).values(at_work))
                audit.append(connection, at=START, actor="a", action="case.filed", subject="1")
            migrate.upgrade(record)
            assert {"directory_rows", "directory_imports"} <= set(
                inspect(record.engine).get_table_names()
            )
            with record.reading() as connection:
                assert [desk.code for desk in desks.all_desks(connection)] == ["BT-1"]
                assert [o.name for o in officers.of_desk(connection, "BT-1")] == ["Night"]
                assert audit.verify(connection) == (1, "")
            assert put(record, "desks", {"A": {"code": "A"}}, 1) == 1
        finally:
            record.close()

    def test_going_back_is_refused(self, record: Record) -> None:
        with pytest.raises(RuntimeError, match="restore a backup"):
            command.downgrade(migrate.alembic_config(record), "0001")
        assert migrate.present(record) == migrate.newest(record)

    def test_the_rows_are_foreign_to_no_import(self, record: Record) -> None:
        put(record, "desks", {"A": {"code": "A"}}, 1)
        with pytest.raises(RecordFault), record.writing() as connection:
            connection.execute(text("DELETE FROM directory_imports"))
