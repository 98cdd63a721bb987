"""accounts, logins, shifts, referrals, and what a callback asks of its officer"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision: str | None = "0002"
branch_labels: str | None = None
depends_on: str | None = None

_ROW_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    _officers()
    _logins()
    _shifts()
    _cases()
    _referrals()


def _officers() -> None:
    for column in (
        sa.Column("role", sa.String(16), nullable=False, server_default="officer"),
        sa.Column("interviewer", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.Column("speaks", sa.JSON(), nullable=False, server_default="[]"),
        sa.Column("language", sa.String(16), nullable=False, server_default="en"),
        sa.Column("password_hash", sa.Text(), nullable=False, server_default=""),
        sa.Column("sealed_totp", sa.LargeBinary()),
        sa.Column("totp_step", sa.BigInteger(), nullable=False, server_default="0"),
    ):
        op.add_column("officers", column)
    op.create_table(
        "duty_holders",
        _desk("duty_holders", "desk"),
        _officer("duty_holders"),
        sa.PrimaryKeyConstraint("desk", name=op.f("pk_duty_holders")),
    )
    op.create_table(
        "invites",
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        _officer("invites"),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("until", sa.DateTime(), nullable=False),
        sa.Column("used_at", sa.DateTime()),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_invites")),
    )
    op.create_table(
        "recovery_codes",
        _officer("recovery_codes"),
        sa.Column("code_hash", sa.String(length=64), nullable=False),
        sa.Column("used_at", sa.DateTime()),
        sa.PrimaryKeyConstraint("officer_id", "code_hash", name=op.f("pk_recovery_codes")),
    )


def _officer(table: str) -> "sa.Column[int]":
    key = sa.ForeignKey("officers.id", name=f"fk_{table}_officer_id_officers")
    return sa.Column("officer_id", _ROW_ID, key, nullable=False)


def _desk(table: str, name: str) -> "sa.Column[str]":
    key = sa.ForeignKey("desks.code", name=f"fk_{table}_{name}_desks")
    return sa.Column(name, sa.String(length=64), key, nullable=False)


def _logins() -> None:
    op.create_table(
        "logins",
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        _officer("logins"),
        sa.Column("form_token", sa.String(length=64), nullable=False),
        sa.Column("agent", sa.String(length=80), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("seen_at", sa.DateTime(), nullable=False),
        sa.Column("until", sa.DateTime(), nullable=False),
        sa.Column("ended_at", sa.DateTime()),
        sa.Column("ended_why", sa.String(length=16), nullable=False),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_logins")),
    )
    op.create_index("ix_logins_officer_id", "logins", ["officer_id"])
    op.create_table(
        "throttles",
        sa.Column("key", sa.String(length=80), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("until", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_throttles")),
    )
    op.create_index("ix_throttles_until", "throttles", ["until"])


def _shifts() -> None:
    op.create_table(
        "shifts",
        sa.Column("id", _ROW_ID, nullable=False),
        _officer("shifts"),
        _desk("shifts", "desk"),
        sa.Column("starts_at", sa.DateTime(), nullable=False),
        sa.Column("ends_at", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_shifts")),
    )
    columns = ["officer_id", "desk", "starts_at"]
    op.create_index("uq_shifts_officer_id_desk_starts_at", "shifts", columns, unique=True)
    op.create_index("ix_shifts_desk_ends_at", "shifts", ["desk", "ends_at"])


def _cases() -> None:
    op.add_column("cases", sa.Column("sealed_notes", sa.LargeBinary()))
    for column in (
        sa.Column("interviewer", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.Column("language", sa.String(16), nullable=False, server_default=""),
        sa.Column("if_nobody", sa.String(8), nullable=False, server_default=""),
    ):
        op.add_column("callbacks", column)


def _referrals() -> None:
    case = sa.ForeignKey("cases.id", name="fk_referrals_case_id_cases")
    op.create_table(
        "referrals",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("case_id", sa.String(length=32), case, nullable=False),
        _desk("referrals", "from_desk"),
        _desk("referrals", "to_desk"),
        _officer("referrals"),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("reason", sa.String(length=32), nullable=False),
        sa.Column("fields", sa.JSON(), nullable=False),
        sa.Column("sealed", sa.LargeBinary()),
        sa.Column("consent_until", sa.DateTime(), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("changed_at", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_referrals")),
    )
    op.create_index("ix_referrals_case_id", "referrals", ["case_id"])
    op.create_index("ix_referrals_to_desk_state", "referrals", ["to_desk", "state"])


def downgrade() -> None:
    raise RuntimeError("Going back would lose reports: restore a backup instead.")
