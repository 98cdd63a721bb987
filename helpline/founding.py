"""Makes a deployment and brings an old one up: key ring, schema, desks. Safe to repeat."""

import logging
import os
import uuid
from pathlib import Path

from helpline import directory, logs
from helpline.config import Config
from helpline.core.errors import ConfigError, RecordUnavailable
from helpline.crypto import new_keyring
from helpline.service import known
from helpline.store import desks, migrate
from helpline.store.record import Record


def initialise(config: Config) -> None:
    """Makes a data folder usable: key ring, schema, desks. Safe to repeat.

    A missing key ring beside a record that holds cases is never replaced: that would make them
    unreadable for good.
    """
    config.data.mkdir(mode=0o700, parents=True, exist_ok=True)
    record = Record(config.database_url)
    try:
        if not config.keys_file.exists():
            if migrate.present(record):
                problem = f"The key ring {config.keys_file} is missing; restore it from backup."
                raise ConfigError([problem])
            _write_once(config.keys_file, new_keyring(os.urandom))
        migrate.upgrade(record)
        answering = known.in_use(record, directory.load()).desks.values()
        with record.writing() as connection:
            desks.put_desks(connection, answering)
    finally:
        record.close()


def check_schema(record: Record) -> None:
    """Refuses a record that `helpline init` has not brought up. One that does not answer passes:
    callers must read the emergency number meanwhile, not a dead line."""
    try:
        behind = migrate.present(record) != migrate.newest(record)
    except RecordUnavailable:
        logs.event("record.unavailable", level=logging.ERROR)
        return
    if behind:
        raise ConfigError(["The record's schema is not the newest; run `helpline init`."])


def _write_once(path: Path, text: str) -> None:
    """Writes a file that must never be replaced or lost: on disk before it has its name."""
    draft = path.with_name(f"{path.name}.{uuid.uuid4().hex}")
    write_private(draft.as_posix(), text)
    try:
        os.link(draft, path)
    except FileExistsError:  # another process was first: its file counts
        return
    finally:
        draft.unlink()
        folder = os.open(path.parent, os.O_RDONLY)
        os.fsync(folder)
        os.close(folder)


def write_private(path: str, text: str) -> None:
    """Writes a file that only its owner can read, from its first byte on."""
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as stored:
        stored.write(text)
        stored.flush()
        os.fsync(stored.fileno())
