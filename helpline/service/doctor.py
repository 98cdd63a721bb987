"""Looks at a deployment and says what would keep a call for help from reaching somebody.

Changes nothing. No sentence holds a secret, a number or anything a caller told.
"""

import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

from redis import Redis, RedisError
from redis.backoff import NoBackoff
from redis.retry import Retry
from sqlalchemy import Connection, func, make_url, select
from sqlalchemy.exc import SQLAlchemyError

from helpline import catalogue
from helpline.config import Config
from helpline.core.directory import Directory
from helpline.core.errors import ConfigError, RecordUnavailable
from helpline.core.partners import is_partner
from helpline.core.programme import Programme
from helpline.crypto import Keyring, Sealer
from helpline.directory.faults import Rows
from helpline.gateways import GATEWAYS
from helpline.gateways.base import Channel
from helpline.service.doctor_directory import directory_findings
from helpline.service.duty_phone import silenced, telling_channels
from helpline.service.findings import Finding as Finding
from helpline.service.findings import Level as Level
from helpline.service.findings import error as error
from helpline.service.findings import some, warning
from helpline.store import audit, callbacks, desks, migrate, outbox
from helpline.store.record import Record
from helpline.store.schema import memberships, officers
from helpline.store.schema import outbox as outbox_rows

OTHERS = 0o077  # permission bits of everybody but the owner
LOCAL = frozenset({"localhost", "127.0.0.1", "::1"})
RECENT = timedelta(days=1)
REDIS_TIMEOUT = 0.5  # seconds


def wrong_setting(problems: ConfigError) -> list[Finding]:
    return [error(problem) for problem in problems.problems]


@dataclass(frozen=True)
class Deployment:
    """What is to be looked at; `channels` is empty when their file cannot be used. `holidays` are
    the directory's rows, which say what is an estimate."""

    config: Config
    channels: Mapping[str, Channel]
    directory: Directory
    holidays: Rows
    programmes: Mapping[str, Programme]
    redis_url: str

    @property
    def served(self) -> tuple[str, ...]:
        """The programmes that have a channel here; all of them before any is configured."""
        have = {channel.programme for channel in self.channels.values()}
        return tuple(code for code in self.programmes if code in have or not have)

    def desks(self, programme: str) -> list[str]:
        """Those that may be given a callback."""
        return [
            desk.code
            for desk in self.directory.desks.values()
            if desk.programme == programme and desk.verified and not is_partner(desk)
        ]


def examine(deployment: Deployment, now: datetime) -> list[Finding]:
    """Everything found, errors first."""
    config = deployment.config
    served = [deployment.programmes[code] for code in deployment.served]
    found = [
        *key_findings(config.keys_file),
        *address_findings(config),
        *redis_findings(deployment.redis_url, embedded=config.embedded_redis),
        *channel_findings(deployment),
        *record_findings(deployment, now),
        *directory_findings(deployment.directory, deployment.holidays, served, now),
        *catalogue_findings(),
    ]
    return in_order(found)


def in_order(findings: Iterable[Finding]) -> list[Finding]:
    return sorted(findings, key=lambda finding: finding.level is not Level.ERROR)


def key_findings(path: Path) -> Iterator[Finding]:
    try:
        mode = path.stat().st_mode
        Keyring.parse(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        mend = "Restore it from backup; for a new deployment run `helpline init`."
        yield error(f"There is no key ring {path}.", mend)
        return
    except (OSError, UnicodeDecodeError) as broken:
        mend = "Let the helpline's user read it, or restore it from backup."
        yield error(f"The key ring {path} cannot be read ({type(broken).__name__}).", mend)
        return
    except ConfigError as wrong:
        yield from (
            error(problem, "Restore the key ring from backup.") for problem in wrong.problems
        )
    if mode & OTHERS:
        what = f"Other users of this machine can open the key ring {path}."
        yield error(what, f"Run: chmod 600 {path}")


def address_findings(config: Config) -> Iterator[Finding]:
    address = urlsplit(config.public_base_url)
    if address.hostname in LOCAL:
        return
    if address.scheme == "http":
        what = "PUBLIC_BASE_URL is http: what callers type would cross the network in the clear."
        yield error(what, "Put a certificate in front and set it to https.")
    if config.simulator:
        what = "The simulator is on, on a public address: anybody could play a caller."
        yield error(what, "Set HELPLINE_SIMULATOR to off.")


def redis_findings(url: str, *, embedded: bool) -> Iterator[Finding]:
    once = Retry(NoBackoff(), 0)
    try:
        with Redis.from_url(
            url, socket_timeout=REDIS_TIMEOUT, socket_connect_timeout=REDIS_TIMEOUT, retry=once
        ) as client:
            client.ping()
    except (OSError, RedisError, ValueError) as broken:
        if embedded:
            what = "The embedded Redis does not answer."
            yield warning(
                what, "The demo starts its own; a deployment sets REDIS_URL to a running server."
            )
            return
        what = f"Redis does not answer ({type(broken).__name__}): a dropped screen starts again."
        yield error(what, "Start it, or mend REDIS_URL.")


def channel_findings(deployment: Deployment) -> Iterator[Finding]:
    if not deployment.channels:
        what = "No channel is configured: nobody can reach this deployment."
        mend = f"Write {deployment.config.channels_file}; deploy/channels.toml is an example."
        yield error(what, mend)
        return
    for programme in deployment.served:
        kinds = [c.gateway for c in deployment.channels.values() if c.programme == programme]
        if all(GATEWAYS[gateway].send is None for gateway in kinds):
            what = f"{programme}: no channel can send an SMS, so no duty phone is told."
            yield warning(what, "Add an SMS channel, or let officers watch the desk console.")


def record_findings(deployment: Deployment, now: datetime) -> Iterator[Finding]:
    place = make_url(deployment.config.database_url)
    sqlite = place.get_backend_name() == "sqlite"
    if sqlite and not Path(place.database or "").is_file():  # opening it would make one
        yield error("There is no database.", "Run `helpline init`.")
        return
    record = Record(deployment.config.database_url)
    try:
        yield from _schema_findings(deployment, record, now)
    except (RecordUnavailable, SQLAlchemyError) as broken:
        what = f"The database cannot be used ({_short(broken)})."
        yield error(what, "Start it, free its disk, or mend DATABASE_URL; see its own log.")
    finally:
        record.close()


def _short(broken: Exception) -> str:
    """The kind of the fault only: a driver's words may hold a host, a name or a row."""
    if isinstance(broken, RecordUnavailable):
        return str(broken)
    return type(getattr(broken, "orig", broken)).__name__


def _schema_findings(deployment: Deployment, record: Record, now: datetime) -> Iterator[Finding]:
    here, newest = migrate.present(record), migrate.newest(record)
    if here != newest:
        what = f"The database is at revision {here or 'none'}, this program needs {newest}."
        yield error(what, "Make a backup, then run `helpline init`.")
        return
    with record.reading() as connection:
        yield from _desk_findings(deployment, connection)
        yield from _silenced_findings(deployment, connection)
        yield from _work_findings(connection, now)
        _rows, fault = audit.verify(connection)
    if fault:
        what = f"The audit log is not whole: {fault}."
        yield error(what, "Keep a copy of the database and find out who could write to it.")


def _desk_findings(deployment: Deployment, connection: Connection) -> Iterator[Finding]:
    staffed = set(
        connection.scalars(
            select(memberships.c.desk)
            .join(officers, memberships.c.officer_id == officers.c.id)
            .where(officers.c.active)
        )
    )
    rows = desks.all_desks(connection)
    known = {row.code for row in rows}
    phones = {row.code for row in rows if row.duty_phone}
    for programme in deployment.served:
        wanted = deployment.desks(programme)
        if missing := [code for code in wanted if code not in known]:
            what = f"{programme}: {some(missing, wanted)} missing from the database."
            yield error(what, "Run `helpline init`.")
        if empty := [code for code in wanted if code not in staffed]:
            what = f"{programme}: {some(empty, wanted)} without an active officer."
            yield warning(what, "Add officers; until then the level above must answer.")
        if silent := [code for code in wanted if code not in phones]:
            what = f"{programme}: {some(silent, wanted)} without a duty phone."
            yield warning(what, "Set duty phones; until then nobody is told of a new callback.")


def _silenced_findings(deployment: Deployment, connection: Connection) -> Iterator[Finding]:
    try:
        keys = Keyring.parse(deployment.config.keys_file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, ConfigError):
        return  # `key_findings` says why
    sealer, channels = Sealer(keys, os.urandom), telling_channels(deployment.channels)
    rows = desks.all_desks(connection)
    quiet = {row.code for row in rows if silenced(connection, sealer, channels, row)}
    for programme in deployment.served:
        wanted = deployment.desks(programme)
        if stopped := [code for code in wanted if code in quiet]:
            what = f"{programme}: {some(stopped, wanted)} whose duty phone said STOP."
            yield warning(what, "Text START from that phone, or give the desk another one.")


def _work_findings(connection: Connection, now: datetime) -> Iterator[Finding]:
    for state, meaning in (
        (outbox.FAILED, "could not be sent"),
        (outbox.UNKNOWN, "may or may not have been sent"),
    ):
        count = connection.scalar(
            select(func.count())
            .select_from(outbox_rows)
            .where(outbox_rows.c.state == state, outbox_rows.c.created_at >= now - RECENT)
        )
        if count:
            what = f"In the last day {count} texts {meaning}."
            yield warning(what, "Look at the channel's account and at the provider's status.")
    if overdue := len(callbacks.overdue(connection, now, told=True)):
        what = f"{overdue} callbacks are overdue."
        yield warning(what, "See `helpline callbacks`, and that the workers run.")


def catalogue_findings() -> Iterator[Finding]:
    alone = [language for language in catalogue.LANGUAGES if not _reviewed(language)]
    if alone:
        what = f"No native speaker has reviewed the words in: {', '.join(alone)}."
        mend = "Have them reviewed, then say so in the header of each catalogue."
        yield warning(what, mend)


def _reviewed(language: str) -> bool:
    state = catalogue.review_state(language)
    return bool(state) and catalogue.NOT_REVIEWED not in state
