"""Rounds of several variants, their choices, and what was made of each model."""

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
