"""The schema: what the code expects is what the migrations make, whatever they began with."""

from collections.abc import Iterator

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import MetaData, insert, inspect, select

from helpline.core.errors import RecordFault
from helpline.store import audit, migrate
from helpline.store.record import Record
from helpline.store.schema import audit as audit_table
from helpline.store.schema import desks, metadata
from tests.world import START

ROWS: dict[str, dict[str, object]] = {
    "desks": {
        "code": "BT-1",
        "programme": "bt",
        "parent": "",
        "duty_phone": "",
        "duty_language": "en",
    },
    "opt_outs": {"channel": "bt-sms", "number_index": "01ab", "at": START.replace(tzinfo=None)},
}


@pytest.fixture
def record(database_url: str) -> Iterator[Record]:
    opened = Record(database_url)
    yield opened
    opened.close()


def revisions(record: Record) -> list[str]:
    """All revisions, the oldest first."""
    script = ScriptDirectory.from_config(migrate.alembic_config(record))
    return [found.revision for found in script.walk_revisions()][::-1]


def test_an_empty_database_has_no_revision(record: Record) -> None:
    assert migrate.present(record) == ""


def test_an_empty_database_gets_every_table(record: Record) -> None:
    migrate.upgrade(record)
    assert set(inspect(record.engine).get_table_names()) == {*metadata.tables, "alembic_version"}
    assert migrate.present(record) == migrate.newest(record)


def test_the_migrations_make_exactly_the_schema_of_the_code(record: Record) -> None:
    migrate.upgrade(record)
    with record.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []


def test_there_is_one_line_of_revisions(record: Record) -> None:
    script = ScriptDirectory.from_config(migrate.alembic_config(record))
    assert script.get_heads() == [migrate.newest(record)]
    assert script.get_bases() == [revisions(record)[0]]


def test_every_revision_can_be_upgraded_with_rows_in_it(record: Record) -> None:
    for revision in revisions(record):
        migrate.upgrade(record, revision)
        assert migrate.present(record) == revision
        before = _put_rows(record)
        migrate.upgrade(record)
        assert _kept(record) == before
        _start_over(record)


def _put_rows(record: Record) -> dict[str, int]:
    """Rows in the tables as they are at this revision; how many of each."""
    stored = MetaData()
    with record.engine.begin() as connection:
        stored.reflect(connection)
        for name, values in ROWS.items():
            known = {column.name for column in stored.tables[name].columns}
            assert known >= values.keys()
            connection.execute(insert(stored.tables[name]).values(values))
    return dict.fromkeys(ROWS, 1)


def _kept(record: Record) -> dict[str, int]:
    with record.reading() as connection:
        return {name: len(connection.execute(select(metadata.tables[name])).all()) for name in ROWS}


def _start_over(record: Record) -> None:
    stored = MetaData()
    with record.engine.begin() as connection:
        stored.reflect(connection)
        stored.drop_all(connection)


def test_repeating_the_upgrade_changes_nothing(record: Record) -> None:
    migrate.upgrade(record)
    with record.writing() as connection:
        audit.append(connection, at=START, actor="system", action="case.filed", subject="1")
    migrate.upgrade(record)
    migrate.upgrade(record)
    with record.reading() as connection:
        assert audit.verify(connection) == (1, "")


def test_going_back_is_refused_with_a_sentence(record: Record) -> None:
    migrate.upgrade(record)
    with pytest.raises(RuntimeError, match=r"^Going back would lose reports: restore a backup"):
        command.downgrade(migrate.alembic_config(record), "base")
    assert migrate.present(record) == migrate.newest(record)
    assert set(inspect(record.engine).get_table_names()) >= set(metadata.tables)


def test_a_fresh_record_begins_its_audit_chain(record: Record) -> None:
    migrate.upgrade(record)
    with record.reading() as connection:
        assert audit.verify(connection) == (0, "")
        assert connection.execute(select(audit_table)).all() == []


def test_a_case_and_a_desk_cannot_be_stored_twice(record: Record) -> None:
    migrate.upgrade(record)
    with record.writing() as connection:
        connection.execute(insert(desks).values(ROWS["desks"]))
    with pytest.raises(RecordFault), record.writing() as connection:
        connection.execute(insert(desks).values(ROWS["desks"]))


def test_a_callback_without_its_case_is_refused(record: Record) -> None:
    """Foreign keys hold on both databases; SQLite has them off unless asked."""
    migrate.upgrade(record)
    with pytest.raises(RecordFault), record.writing() as connection:
        connection.execute(
            insert(metadata.tables["memberships"]).values(officer_id=1, desk="nowhere")
        )
