"""Strata are named and merged; exports, days of work and who made what have their indexes."""

import sqlalchemy as sa
from alembic import op

from migrations.columns import key, moment, number, real, reference, text, word

revision = "0008"
down_revision = "0007"

WALKS = (
    ("specimen", "labels", ["state", "in_benchmark", "version_id"]),
    ("specimen", "waiting", ["state", "open_candidates"]),
    ("label_version", "model", ["model_id", "id"]),
    ("label_version", "person", ["person_id", "id"]),
    ("label_version", "created", ["created_at", "person_id", "origin"]),
    ("candidate", "model", ["model_id", "id"]),
)
ORIGINS = ("proposed", "predicted", "drawn", "uploaded", "brought_back")


def upgrade() -> None:
    name_strata()
    op.create_table(
        "exported_mask",
        reference("job_id", "job.id", primary_key=True),
        reference("version_id", "label_version.id", primary_key=True),
        text("digest", 64, primary_key=True, index=True),
        sa.Index("ix_exported_mask_version", "version_id", "job_id"),
    )
    for table, name, columns in WALKS:
        op.create_index(f"ix_{table}_{name}", table, columns)
    op.create_table(
        "day_of_work",
        text("day", 10, primary_key=True),
        reference("person_id", "person.id", primary_key=True),
        *(number(name) for name in ORIGINS),
        *(number(name) for name in ("accepted", "rejected", "gaps")),
        real("seconds", nullable=True),
    )


def name_strata() -> None:
    op.add_column("specimen", number("cluster", nullable=True))
    op.execute("UPDATE specimen SET cluster = stratum")
    op.add_column("stratum", number("merged_into", nullable=True))
    op.create_index("ix_specimen_stratum", "specimen", ["stratum", "state", "source_id"])
    op.create_table(
        "stratum_change",
        key(),
        reference("stratification_id", "stratification.id"),
        number("number"),
        word("kind", "stratumchangekind", "named", "merged", "split"),
        text("name", 100),
        number("into", nullable=True),
        reference("person_id", "person.id", nullable=True),
        moment("created_at"),
        sa.Index("ix_stratum_change_stratification", "stratification_id", "id"),
    )


def downgrade() -> None:
    """Merged strata are apart again; which exports hold what is forgotten, labels stay."""
    op.drop_table("day_of_work")
    for table, name, _ in WALKS:
        op.drop_index(f"ix_{table}_{name}", table)
    op.drop_table("exported_mask")
    op.drop_table("stratum_change")
    op.drop_index("ix_specimen_stratum", "specimen")
    op.execute("UPDATE specimen SET stratum = cluster")
    op.execute('ALTER TABLE specimen DROP COLUMN "cluster"')
    op.execute('ALTER TABLE stratum DROP COLUMN "merged_into"')
