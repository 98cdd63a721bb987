"""The record's tables: one schema for SQLite and PostgreSQL. Clear columns hold no content."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    DateTime,
    Dialect,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
)


class Instant(TypeDecorator[datetime]):
    """A moment in UTC; both databases store it without a zone, Python always sees one."""

    impl = DateTime
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return None if value is None else value.astimezone(UTC).replace(tzinfo=None)

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:  # noqa: ANN401
        return None if value is None else value.replace(tzinfo=UTC)


RowId = BigInteger().with_variant(Integer, "sqlite")  # SQLite numbers only INTEGER keys by itself

metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    }
)

desks = Table(
    "desks",
    metadata,
    Column("code", String(64), primary_key=True),
    Column("programme", String(8), nullable=False),
    Column("parent", String(64), nullable=False),
    Column("duty_phone", String(20), nullable=False),  # an office's phone, never a person's
    Column("duty_language", String(16), nullable=False),
)

officers = Table(
    "officers",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("name", String(64), nullable=False, unique=True),
    Column("woman", Boolean, nullable=False),
    Column("active", Boolean, nullable=False),
    Column("role", String(16), nullable=False),  # core.access.Role
    Column("interviewer", Boolean, nullable=False),  # trained to interview children
    Column("speaks", JSON, nullable=False),  # languages beside English, as caller codes
    Column("language", String(16), nullable=False),  # of the console's pages
    Column("password_hash", Text, nullable=False),  # Argon2id; "" until enrolled
    Column("sealed_totp", LargeBinary),  # the shared secret; None until enrolled
    Column("totp_step", BigInteger, nullable=False),  # the last time step used: codes work once
)

memberships = Table(
    "memberships",
    metadata,
    Column("officer_id", ForeignKey("officers.id"), primary_key=True),
    Column("desk", ForeignKey("desks.code"), primary_key=True),
)

duty_holders = Table(
    "duty_holders",
    metadata,
    Column("desk", ForeignKey("desks.code"), primary_key=True),
    Column("officer_id", ForeignKey("officers.id"), nullable=False),  # has the duty phone in hand
)

invites = Table(
    "invites",
    metadata,
    Column("token_hash", String(64), primary_key=True),
    Column("officer_id", ForeignKey("officers.id"), nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("until", Instant, nullable=False),
    Column("used_at", Instant),
)

recovery_codes = Table(
    "recovery_codes",
    metadata,
    Column("officer_id", ForeignKey("officers.id"), primary_key=True),
    Column("code_hash", String(64), primary_key=True),
    Column("used_at", Instant),
)

logins = Table(
    "logins",
    metadata,
    Column("token_hash", String(64), primary_key=True),
    Column("officer_id", ForeignKey("officers.id"), nullable=False, index=True),
    Column("form_token", String(64), nullable=False),  # what every form of this login carries
    Column("agent", String(80), nullable=False),  # kind of browser, in a few words
    Column("created_at", Instant, nullable=False),
    Column("seen_at", Instant, nullable=False),
    Column("until", Instant, nullable=False),  # whatever is done, it ends then
    Column("ended_at", Instant),
    Column("ended_why", String(16), nullable=False),
)

throttles = Table(
    "throttles",
    metadata,
    Column("key", String(80), primary_key=True),  # blind, of a name and a device
    Column("failures", Integer, nullable=False),
    Column("until", Instant, nullable=False, index=True),
)

shifts = Table(
    "shifts",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("officer_id", ForeignKey("officers.id"), nullable=False),
    Column("desk", ForeignKey("desks.code"), nullable=False),
    Column("starts_at", Instant, nullable=False),
    Column("ends_at", Instant, nullable=False),
    Index("uq_shifts_officer_id_desk_starts_at", "officer_id", "desk", "starts_at", unique=True),
    Index("ix_shifts_desk_ends_at", "desk", "ends_at"),
)

cases = Table(
    "cases",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("code", String(16), nullable=False, unique=True),
    Column("programme", String(8), nullable=False),
    Column("channel", String(64), nullable=False),
    Column("number_index", String(80), nullable=False, index=True),  # blind, of the number
    Column("person_index", String(80), nullable=False, index=True),  # blind, of number + whom
    Column("wrapped_key", Text, nullable=False),  # "" once the case is erased
    Column("sealed_number", LargeBinary),  # apart from the story (SAFETY 9)
    Column("sealed_story", LargeBinary),
    Column("sealed_notes", LargeBinary),  # what officers wrote down
    Column("safe_contact_confirmed_at", Instant),
    Column("outcome", String(32), nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("closed_at", Instant),
)

callbacks = Table(
    "callbacks",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("case_id", ForeignKey("cases.id"), nullable=False, unique=True),
    Column("desk", ForeignKey("desks.code"), nullable=False),
    Column("state", String(16), nullable=False),
    Column("priority", String(8), nullable=False),
    Column("level", Integer, nullable=False),  # times it was handed up
    Column("top_told", Boolean, nullable=False),  # overdue at the top: told once, still overdue
    Column("windows", JSON, nullable=False),
    Column("woman", Boolean, nullable=False),
    Column("interviewer", Boolean, nullable=False),  # only who is trained may claim
    Column("language", String(16), nullable=False),  # of the caller; "" not known
    Column("if_nobody", String(8), nullable=False),  # no such officer: "wait", "next", "" not asked
    Column("due_at", Instant),  # the next deadline; None when nobody may ring
    Column("next_at", Instant),  # not before this, whatever the window says
    Column("consent_until", Instant),  # then the safe time must be asked again
    Column("attempts", Integer, nullable=False),
    Column("lease_officer", ForeignKey("officers.id")),
    Column("lease_until", Instant),
    Column("fence", Integer, nullable=False),  # grows with every claim; an old claim cannot act
    Column("created_at", Instant, nullable=False),
    Index("ix_callbacks_desk_state", "desk", "state"),
    Index("ix_callbacks_due_at", "due_at"),
)

attempts = Table(
    "attempts",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("callback_id", ForeignKey("callbacks.id"), nullable=False, index=True),
    Column("officer_id", ForeignKey("officers.id"), nullable=False),
    Column("fence", Integer, nullable=False),
    Column("started_at", Instant, nullable=False),
    Column("ended_at", Instant),
    Column("outcome", String(32), nullable=False),  # "" while the attempt goes on
    Index("uq_attempts_callback_id_fence", "callback_id", "fence", "started_at", unique=True),
)

referrals = Table(
    "referrals",
    metadata,
    Column("id", String(32), primary_key=True),  # made by the form: sent twice, stored once
    Column("case_id", ForeignKey("cases.id"), nullable=False, index=True),
    Column("from_desk", ForeignKey("desks.code"), nullable=False),
    Column("to_desk", ForeignKey("desks.code"), nullable=False),
    Column("officer_id", ForeignKey("officers.id"), nullable=False),
    Column("state", String(16), nullable=False),  # core.referral.ReferralState
    Column("reason", String(32), nullable=False),  # why it was rejected or revoked, from a list
    Column("fields", JSON, nullable=False),  # names of what was agreed to be shared
    Column("sealed", LargeBinary),  # the note to the partner, under the case's key
    Column("consent_until", Instant, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("changed_at", Instant, nullable=False),
    Index("ix_referrals_to_desk_state", "to_desk", "state"),
)

outbox = Table(
    "outbox",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("kind", String(16), nullable=False),
    Column("once", String(200), nullable=False, unique=True),  # what must never be sent twice
    Column("urgent", Boolean, nullable=False),
    Column("channel", String(64), nullable=False),  # "" for rows that send nothing
    Column("callback_id", ForeignKey("callbacks.id")),
    Column("desk", String(64), nullable=False),  # whose duty phone is told; "" for a caller
    Column("number_index", String(80), nullable=False),  # blind; "" for a desk
    Column("sealed", LargeBinary),  # a caller's number and text; gone once handed over
    Column("state", String(16), nullable=False),
    Column("due_at", Instant, nullable=False),
    Column("valid_until", Instant, nullable=False),
    Column("tries", Integer, nullable=False),
    Column("taken_at", Instant),
    Column("provider_id", String(128), nullable=False),
    Column("receipt", Integer, nullable=False),
    Column("receipt_raw", String(64), nullable=False),
    Column("receipt_reason", String(64), nullable=False),
    Column("created_at", Instant, nullable=False),
    Index("ix_outbox_state_due_at", "state", "due_at"),
    Index("ix_outbox_channel_provider_id", "channel", "provider_id"),
)

dedupe = Table(
    "dedupe",
    metadata,
    Column("channel", String(64), primary_key=True),
    Column("provider_id", String(300), primary_key=True),
    Column("number_index", String(80), nullable=False),  # blind; "" on screen channels
    Column("case_id", ForeignKey("cases.id")),
    Column("at", Instant, nullable=False),
    Index("ix_dedupe_channel_number_index_at", "channel", "number_index", "at"),
)

opt_outs = Table(
    "opt_outs",
    metadata,
    Column("channel", String(64), primary_key=True),
    Column("number_index", String(80), primary_key=True),
    Column("at", Instant, nullable=False),
)

directory_imports = Table(
    "directory_imports",
    metadata,
    Column("id", RowId, primary_key=True),  # the highest is the directory's revision
    Column("at", Instant, nullable=False),
    Column("actor", String(80), nullable=False),
    Column("table_name", String(16), nullable=False),
    Column("added", Integer, nullable=False),
    Column("changed", Integer, nullable=False),
)

directory_rows = Table(
    "directory_rows",
    metadata,
    Column("table_name", String(16), primary_key=True),
    Column("key", String(64), primary_key=True),
    Column("cells", JSON, nullable=False),
    Column("position", Integer, nullable=False),  # as imported: an export gives this order back
    Column("import_id", ForeignKey("directory_imports.id"), nullable=False),
)

audit = Table(
    "audit",
    metadata,
    Column("seq", RowId, primary_key=True, autoincrement=False),
    Column("at", Instant, nullable=False),
    Column("actor", String(80), nullable=False),
    Column("action", String(40), nullable=False),
    Column("subject", String(80), nullable=False),
    Column("detail", JSON, nullable=False),  # allow-listed words, never content
    Column("previous", String(64), nullable=False),
    Column("hash", String(64), nullable=False, unique=True),
)

audit_head = Table(
    "audit_head",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("seq", BigInteger, nullable=False),
    Column("hash", String(64), nullable=False),
)
