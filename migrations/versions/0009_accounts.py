"""Accounts with roles, sessions of browsers, tokens of programs, and wrong passwords."""

import sqlalchemy as sa
from alembic import op

from migrations.columns import key, moment, reference, text, word

revision = "0009"
down_revision = "0008"

ROLES = ("viewer", "curator", "lead", "admin")
SIGN_INS = ("link", "password", "proxy", "openid")


def upgrade() -> None:
    op.create_table(
        "account",
        reference("person_id", "person.id", primary_key=True),
        word("role", "role", *ROLES),
        text("password_hash", 200, nullable=True),
        text("subject", 400, nullable=True, unique=True),
        moment("created_at"),
        moment("closed_at", nullable=True),
    )
    op.create_table(
        "browser_session",
        key(),
        text("secret_hash", 64, unique=True),
        word("sign_in", "signin", *SIGN_INS),
        reference("person_id", "person.id", nullable=True),
        text("browser", 200),
        moment("created_at"),
        moment("seen_at", index=True),
        sa.Index("ix_browser_session_person", "person_id", "id"),
    )
    op.create_table(
        "api_token",
        key(),
        text("secret_hash", 64, unique=True),
        word("sign_in", "signin", *SIGN_INS),
        reference("person_id", "person.id"),
        text("name", 100),
        word("scope", "role", *ROLES),
        moment("created_at"),
        moment("expires_at"),
        moment("used_at", nullable=True),
        moment("revoked_at", nullable=True),
        sa.Index("ix_api_token_person", "person_id", "id"),
    )
    op.create_table(
        "sign_in_failure",
        key(),
        text("name_hash", 64),
        text("address", 60),
        moment("failed_at", index=True),
        sa.Index("ix_sign_in_failure_name", "name_hash", "failed_at"),
        sa.Index("ix_sign_in_failure_address", "address", "failed_at"),
    )


def downgrade() -> None:
    """People stay, who did what too; passwords, roles and tokens are forgotten."""
    for table in ("sign_in_failure", "api_token", "browser_session", "account"):
        op.drop_table(table)
