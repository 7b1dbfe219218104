"""Strata, splits that stay, measurements of models, contact sheets, learned ranking scores."""

import sqlalchemy as sa
from alembic import op

from migrations.changing import change_words
from migrations.columns import data, flag, key, moment, number, real, reference, text, word

revision = "0003"
down_revision = "0002"

JOBS = ("import", "round", "export", "masks", "maps")
NEW_JOBS = ("strata", "calibration")
PARTS = (
    *("take-in", "crop", "propose", "refine", "train", "predict", "export"),
    *("read-masks", "maps"),
)
NEW_PARTS = ("strata", "calibrate", "measure")
SPLITS = ("training", "validation")


def upgrade() -> None:
    change_words("job", "kind", "jobkind", JOBS, (*JOBS, *NEW_JOBS))
    change_words("part", "kind", "partkind", PARTS, (*PARTS, *NEW_PARTS))
    make_strata()
    make_measurements()
    op.create_table(
        "calibration",
        key(),
        reference("source_id", "source.id", index=True),
        number("reviews"),
        data("coefficients"),
        data("quality"),
        moment("created_at"),
    )
    op.add_column("candidate", real("own_score", server_default="0"))
    op.execute("UPDATE candidate SET own_score = score")
    keep_splits()


def make_strata() -> None:
    op.create_table(
        "stratification",
        key(),
        reference("job_id", "job.id", unique=True),
        data("config"),
        data("findings"),
        moment("created_at"),
    )
    op.create_table(
        "stratum",
        reference("stratification_id", "stratification.id", primary_key=True),
        number("number", primary_key=True),
        text("name", 100),
        number("specimens"),
        data("findings"),
        text("sheet_digest", 64, nullable=True),
    )


def make_measurements() -> None:
    op.create_table(
        "measurement",
        key(),
        reference("model_id", "trained_model.id"),
        reference("version_id", "label_version.id", index=True),
        word("split", "split", *SPLITS, nullable=True),
        real("dice"),
        real("iou"),
        real("pixel_accuracy"),
        real("mean_pixel_accuracy"),
        real("mean_iou"),
        real("frequency_weighted_iou"),
        real("boundary_f"),
        real("hausdorff_95", nullable=True),
        moment("created_at"),
        sa.UniqueConstraint("model_id", "version_id"),
    )
    op.create_table(
        "contact_sheet",
        key(),
        reference("round_id", "round.id"),
        text("variant", 60),
        number("epoch"),
        text("digest", 64),
        sa.UniqueConstraint("round_id", "variant", "epoch"),
    )


def keep_splits() -> None:
    """A specimen stays where the first round that used its label put it."""
    listed = ", ".join(f"'{split}'" for split in SPLITS)
    op.execute(
        "ALTER TABLE specimen ADD COLUMN split VARCHAR(24) "
        f"CONSTRAINT ck_specimen_split CHECK (split IN ({listed}))"
    )
    op.execute(
        "UPDATE specimen SET split = (SELECT round_label.split FROM round_label "
        "JOIN label_version ON label_version.id = round_label.version_id "
        "WHERE label_version.specimen_id = specimen.id ORDER BY round_label.round_id LIMIT 1)"
    )
    op.add_column("round", data("hard_tags", server_default="[]"))
    op.add_column("round_label", flag("hard", server_default="0"))
    op.add_column("round_label", number("stratum", nullable=True))


def downgrade() -> None:
    """What was learned about candidates, models and strata is forgotten; labels stay."""
    for table, columns in (
        ("round_label", ("hard", "stratum")),
        ("round", ("hard_tags",)),
        ("candidate", ("own_score",)),
    ):
        for column in columns:
            op.drop_column(table, column)
    op.execute("ALTER TABLE specimen DROP COLUMN split")
    for table in ("calibration", "contact_sheet", "measurement", "stratum", "stratification"):
        op.drop_table(table)
    op.execute("DELETE FROM part WHERE kind IN ('strata', 'calibrate', 'measure')")
    op.execute(
        "DELETE FROM part WHERE job_id IN "
        "(SELECT id FROM job WHERE kind IN ('strata', 'calibration'))"
    )
    op.execute("DELETE FROM job WHERE kind IN ('strata', 'calibration')")
    change_words("job", "kind", "jobkind", (*JOBS, *NEW_JOBS), JOBS)
    change_words("part", "kind", "partkind", (*PARTS, *NEW_PARTS), PARTS)
