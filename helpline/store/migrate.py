"""Brings the record's schema to the newest revision, or says that it is not there."""

from importlib.resources import files

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from helpline.store.record import Record


def alembic_config(record: Record) -> Config:
    config = Config()
    config.set_main_option("script_location", str(files("helpline.store") / "migrations"))
    config.attributes["engine"] = record.engine
    return config


def upgrade(record: Record, revision: str = "head") -> None:
    """Runs the missing revisions; safe to repeat."""
    command.upgrade(alembic_config(record), revision)


def newest(record: Record) -> str:
    head = ScriptDirectory.from_config(alembic_config(record)).get_current_head()
    assert head is not None
    return head


def present(record: Record) -> str:
    """The revision that the record is at; "" for an empty database."""
    with record.reading() as connection:
        return MigrationContext.configure(connection).get_current_revision() or ""
