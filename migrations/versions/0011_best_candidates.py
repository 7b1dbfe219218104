"""A specimen knows its best open candidate; the grid's walks have indexes; lots have a weight."""

import sqlalchemy as sa
from alembic import op

from migrations.changing import change_words
from migrations.columns import number, real

revision = "0011"
down_revision = "0010"

BEST = """
SELECT candidate.id FROM candidate
WHERE candidate.specimen_id = specimen.id AND candidate.crop_id = specimen.crop_id
AND NOT candidate.rejected ORDER BY candidate.score DESC, candidate.id LIMIT 1
"""
SCORE = "SELECT candidate.score FROM candidate WHERE candidate.id = specimen.best_candidate_id"
WHY = (
    *("benchmark", "uncertain", "shortage", "disagreement", "promising", "check"),
    *("put-off", "no-candidate", "labelled"),
)
OF_ORIGIN: list[str | sa.TextClause] = [
    "origin",
    "rejected",
    sa.text("score DESC"),
    "specimen_id",
    "crop_id",
]


def upgrade() -> None:
    op.add_column("specimen", number("best_candidate_id", nullable=True))
    op.add_column("specimen", real("best_score", nullable=True))
    op.add_column("queue_rule", real("lot", server_default="0"))
    for table in ("review", "lease"):
        change_words(table, "why", "why", WHY, (*WHY, "lot"))
    op.execute(f"UPDATE specimen SET best_candidate_id = ({BEST})")
    op.execute(f"UPDATE specimen SET best_score = ({SCORE})")
    op.create_index("ix_specimen_best", "specimen", ["state", sa.text("best_score DESC"), "id"])
    op.create_index("ix_candidate_origin", "candidate", OF_ORIGIN)
    op.create_index("ix_specimen_sex", "specimen", ["sex"])
    op.drop_index("ix_specimen_labels", "specimen")
    op.create_index("ix_specimen_labels", "specimen", ["state", "version_id", "in_benchmark"])


def downgrade() -> None:
    """What was drawn by lot was promising: before, that stood where the lot stands now."""
    for table in ("review", "lease"):
        op.execute(f"UPDATE {table} SET why = 'promising' WHERE why = 'lot'")
        change_words(table, "why", "why", (*WHY, "lot"), WHY)
    op.drop_index("ix_specimen_labels", "specimen")
    op.create_index("ix_specimen_labels", "specimen", ["state", "in_benchmark", "version_id"])
    op.drop_index("ix_specimen_sex", "specimen")
    op.drop_index("ix_candidate_origin", "candidate")
    op.drop_index("ix_specimen_best", "specimen")
    op.drop_column("queue_rule", "lot")
    op.drop_column("specimen", "best_score")
    op.drop_column("specimen", "best_candidate_id")
