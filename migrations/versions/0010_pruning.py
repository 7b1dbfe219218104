"""Old rejected candidates can be without their masks."""

import sqlalchemy as sa
from alembic import op

from migrations.columns import flag

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    op.add_column("candidate", flag("pruned", server_default=sa.false()))


def downgrade() -> None:
    """Which masks were removed is forgotten; reviews of them stay."""
    op.execute("ALTER TABLE candidate DROP COLUMN pruned")
