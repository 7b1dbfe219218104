"""Sources as museums have them, names in their parts, boxes that people check, own detectors."""

import sqlalchemy as sa
from alembic import op

from migrations.changing import change_words
from migrations.columns import data, flag, key, moment, number, real, reference, text, word

revision = "0004"
down_revision = "0003"

JOBS = ("import", "round", "export", "masks", "maps", "strata", "calibration")
NEW_JOBS = ("predictions", "measurements", "crops", "detector")
PARTS = (
    *("take-in", "crop", "propose", "refine", "train", "predict", "export"),
    *("read-masks", "maps", "strata", "calibrate", "measure"),
)
NEW_PARTS = (
    "stage",
    *PARTS[:2],
    "recrop",
    "place-boxes",
    *PARTS[2:],
    "train-detector",
    "add-detector",
)
OUTCOMES = ("waiting", "new", "duplicate", "conflict", "refused", "unpacked")
NEW_OUTCOMES = ("excluded", "label", "unpacked")


def upgrade() -> None:
    change_words("job", "kind", "jobkind", JOBS, (*JOBS, *NEW_JOBS))
    change_words("part", "kind", "partkind", PARTS, NEW_PARTS)
    change_words("imported_file", "outcome", "outcome", OUTCOMES, (*OUTCOMES[:-1], *NEW_OUTCOMES))
    describe_sources()
    name_photographs()
    check_boxes()
    make_detectors()


def describe_sources() -> None:
    for column in (
        text("name", 200, server_default=""),
        text("name_pattern", 1000, server_default=""),
        text("label_pattern", 1000, server_default=""),
        text("padding", 20, server_default="white"),
        text("detector", 100, server_default=""),
        flag("drawers", server_default="0"),
    ):
        op.add_column("source", column)
    op.create_table(
        "exclusion",
        key(),
        reference("source_id", "source.id"),
        text("key", 400),
        text("reason", 200),
        text("note", 1000),
        reference("person_id", "person.id", nullable=True),
        moment("created_at"),
        sa.UniqueConstraint("source_id", "key", "reason"),
    )
    op.create_table(
        "metadata_field",
        reference("source_id", "source.id", primary_key=True),
        text("key", 400, primary_key=True),
        text("name", 100, primary_key=True),
        text("value", 1000),
        sa.Index("ix_metadata_field_value", "name", "value", "source_id", "key"),
    )
    op.create_table(
        "taxon", text("code", 60, primary_key=True), text("family", 100), text("name", 200)
    )


def name_photographs() -> None:
    op.execute(
        "ALTER TABLE photograph ADD COLUMN kind VARCHAR(24) DEFAULT 'specimen' NOT NULL "
        "CONSTRAINT ck_photograph_photographkind CHECK (kind IN ('specimen', 'label'))"
    )
    op.add_column("photograph", text("linked_path", 1000, nullable=True))
    op.add_column("photograph", text("key", 400, server_default=""))
    op.execute(
        "UPDATE photograph SET key = COALESCE((SELECT specimen.key FROM specimen "
        "WHERE specimen.photograph_id = photograph.id ORDER BY specimen.id LIMIT 1), '')"
    )
    op.create_index(
        "ix_photograph_label",
        "photograph",
        ["source_id"],
        sqlite_where=sa.text("kind = 'label'"),
        postgresql_where=sa.text("kind = 'label'"),
    )
    op.drop_index("ix_photograph_source_id", "photograph")
    op.create_index("ix_photograph_key", "photograph", ["source_id", "key"])
    op.add_column("imported_file", text("stamp", 64, server_default=""))
    op.create_index("ix_imported_file_stamp", "imported_file", ["source_id", "stamp"])
    for name, length in (("taxon", 60), ("number", 100), ("individual", 60), ("sex", 60)):
        op.add_column("specimen", text(name, length, server_default=""))
    op.add_column("specimen", text("view", 60, server_default=""))
    op.create_index("ix_specimen_taxon", "specimen", ["taxon"])
    op.create_index("ix_specimen_number", "specimen", ["number"])


def check_boxes() -> None:
    op.add_column("crop", real("angle", server_default="0"))
    op.add_column("crop", data("warnings", server_default="[]"))
    op.add_column("specimen", flag("box_checked", server_default="0"))
    op.add_column("specimen", real("box_doubt", server_default="0"))
    op.add_column("specimen", real("box_confidence", server_default="-1"))
    op.add_column("specimen", flag("box_warned", server_default="0"))
    op.execute(
        "UPDATE specimen SET box_confidence = COALESCE((SELECT COALESCE(crop.confidence, 2) "
        "FROM crop WHERE crop.id = specimen.crop_id), -1)"
    )
    asked = ("state", "source_id", "box_warned")
    for name, by in (("boxes", "box_doubt"), ("confidence", "box_confidence")):
        op.create_index(f"ix_specimen_{name}", "specimen", ["box_checked", by, "id", *asked])
    op.create_table(
        "box_check",
        key(),
        text("decision_id", 64, unique=True),
        reference("specimen_id", "specimen.id"),
        reference("crop_id", "crop.id", nullable=True),
        reference("before_id", "crop.id", nullable=True),
        word("verdict", "boxverdict", "right", "corrected", "no-specimen", "undone"),
        reference("retracts_id", "box_check.id", nullable=True, unique=True),
        reference("person_id", "person.id", nullable=True),
        moment("created_at"),
        sa.Index("ix_box_check_specimen", "specimen_id", "id"),
    )


def make_detectors() -> None:
    op.create_table(
        "detector_round",
        key(),
        number("number", unique=True),
        reference("job_id", "job.id", unique=True),
        data("config"),
        text("start", 100),
        text("checkpoint_digest", 64, nullable=True),
        reference("person_id", "person.id", nullable=True),
        moment("created_at"),
    )
    op.create_table(
        "detector_box",
        reference("round_id", "detector_round.id", primary_key=True),
        reference("specimen_id", "specimen.id", primary_key=True),
        reference("crop_id", "crop.id", nullable=True),
        reference("version_id", "label_version.id", nullable=True),
        *(number(edge, nullable=True) for edge in ("left", "top", "right", "bottom")),
        word("split", "split", "training", "validation"),
    )
    op.create_table(
        "detector_point",
        reference("round_id", "detector_round.id", primary_key=True),
        number("step", primary_key=True),
        *(real(name) for name in ("loss", "mean_iou", "share_good", "share_whole", "seconds")),
    )
    op.create_table(
        "trained_detector",
        key(),
        reference("round_id", "detector_round.id", unique=True, nullable=True),
        text("digest", 64),
        text("weights_digest", 64, nullable=True),
        text("file_name", 400),
        text("layout", 20),
        data("classes"),
        data("metrics"),
        moment("created_at"),
    )
    op.create_table(
        "detector_promotion",
        key(),
        text("detector", 100),
        reference("person_id", "person.id", nullable=True),
        moment("created_at"),
    )


def downgrade() -> None:
    """What was said about sources, names, boxes and detectors is forgotten; labels stay."""
    op.drop_table("trained_detector")
    for table in ("detector_promotion", "detector_point", "detector_box", "detector_round"):
        op.drop_table(table)
    for table in ("box_check", "taxon", "metadata_field", "exclusion"):
        op.drop_table(table)
    for name in ("boxes", "confidence", "taxon", "number"):
        op.drop_index(f"ix_specimen_{name}", "specimen")
    op.drop_index("ix_photograph_label", "photograph")
    op.drop_index("ix_imported_file_stamp", "imported_file")
    op.drop_index("ix_photograph_key", "photograph")
    op.create_index("ix_photograph_source_id", "photograph", ["source_id"])
    drop_columns()
    op.execute("DELETE FROM part WHERE kind IN ('train-detector', 'add-detector', 'stage')")
    kinds = ", ".join(f"'{kind}'" for kind in NEW_JOBS)
    op.execute(f"DELETE FROM part WHERE job_id IN (SELECT id FROM job WHERE kind IN ({kinds}))")
    op.execute(f"DELETE FROM job WHERE kind IN ({kinds})")
    op.execute("UPDATE imported_file SET outcome = 'new' WHERE outcome IN ('excluded', 'label')")
    change_words("imported_file", "outcome", "outcome", (*OUTCOMES[:-1], *NEW_OUTCOMES), OUTCOMES)
    change_words("part", "kind", "partkind", NEW_PARTS, PARTS)
    change_words("job", "kind", "jobkind", (*JOBS, *NEW_JOBS), JOBS)


def drop_columns() -> None:
    for table, columns in (
        ("source", ("name", "name_pattern", "label_pattern", "padding", "detector", "drawers")),
        ("photograph", ("kind", "linked_path", "key")),
        ("specimen", ("taxon", "number", "individual", "sex", "view")),
        ("specimen", ("box_checked", "box_doubt", "box_confidence", "box_warned")),
        ("crop", ("angle", "warnings")),
        ("imported_file", ("stamp",)),
    ):
        for column in columns:
            op.execute(f'ALTER TABLE {table} DROP COLUMN "{column}"')
