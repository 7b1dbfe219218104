"""Maps of crops, masks imported from files, restored versions, preferences and the mask rule."""

import sqlalchemy as sa
from alembic import op

from migrations.changing import change_words, is_sqlite, remake
from migrations.columns import data, flag, key, moment, reference, text, word

revision = "0002"
down_revision = "0001"

JOBS = ("import", "round", "export")
PARTS = ("take-in", "crop", "propose", "refine", "train", "predict", "export")
MASK_KINDS = ("mask", "cutout", "blocks", "inverse-cutout", "blue")
OUTCOMES = (
    "waiting",
    "matched",
    "unmatched",
    "ambiguous",
    "wrong-size",
    "empty",
    "unreadable",
    "repeated",
)
RESTORES = "fk_label_version_restores_id_label_version"
SELF = "REFERENCES label_version (id)"


def upgrade() -> None:
    change_words("job", "kind", "jobkind", JOBS, (*JOBS, "masks", "maps"))
    change_words("part", "kind", "partkind", PARTS, (*PARTS, "read-masks", "maps"))
    make_crop_map()
    make_mask_import()
    op.create_table(
        "preference",
        reference("person_id", "person.id", primary_key=True),
        text("name", 60, primary_key=True),
        data("value"),
    )
    op.create_table(
        "mask_rule",
        key(),
        sa.Column("text", sa.Text(), nullable=False),
        reference("person_id", "person.id"),
        moment("created_at"),
    )
    add_restores()
    op.create_index("ix_review_created", "review", ["created_at", "id"])


def make_crop_map() -> None:
    """The block maps that candidates held are the crop's from now on."""
    op.create_table(
        "crop_map",
        reference("crop_id", "crop.id", primary_key=True),
        word("kind", "mapkind", "superpixels", "blocks", primary_key=True),
        text("method", 60, primary_key=True),
        text("digest", 64),
        moment("created_at"),
    )
    op.execute(
        "INSERT INTO crop_map (crop_id, kind, method, digest, created_at) "
        "SELECT crop_id, 'blocks', 'kanezaki', MIN(blocks_digest), MIN(created_at) "
        "FROM candidate WHERE blocks_digest IS NOT NULL GROUP BY crop_id"
    )
    op.execute("ALTER TABLE candidate DROP COLUMN blocks_digest")


def make_mask_import() -> None:
    op.create_table(
        "mask_import",
        key(),
        reference("job_id", "job.id", unique=True),
        reference("person_id", "person.id"),
        moment("created_at"),
        word("taken_as", "takenas", "versions", "candidates", nullable=True),
        moment("taken_at", nullable=True),
    )
    op.create_table(
        "mask_file",
        key(),
        reference("import_id", "mask_import.id"),
        text("name", 1000),
        text("digest", 64),
        word("outcome", "maskoutcome", *OUTCOMES),
        data("reason"),
        word("kind", "maskkind", *MASK_KINDS, nullable=True),
        flag("kind_chosen"),
        flag("inverted"),
        reference("specimen_id", "specimen.id", nullable=True),
        reference("crop_id", "crop.id", nullable=True),
        text("mask_digest", 64, nullable=True),
        reference("version_id", "label_version.id", nullable=True),
        reference("candidate_id", "candidate.id", nullable=True),
        sa.Index("ix_mask_file_outcome", "import_id", "outcome", "id"),
    )


def add_restores() -> None:
    if not is_sqlite():
        op.execute("ALTER TABLE label_version ADD COLUMN restores_id INTEGER")
        op.execute(
            f"ALTER TABLE label_version ADD CONSTRAINT {RESTORES} FOREIGN KEY (restores_id) {SELF}"
        )
        return
    primary = "CONSTRAINT pk_label_version"
    reference_ = f"CONSTRAINT {RESTORES} FOREIGN KEY(restores_id) {SELF}"
    remake(
        "label_version",
        (primary, f"restores_id INTEGER, \n\t{reference_}, \n\t{primary}"),
        columns="*, NULL",
    )


def downgrade() -> None:
    """Jobs of the new kinds are forgotten; the masks that came of them stay."""
    op.drop_index("ix_review_created", "review")
    op.execute("ALTER TABLE candidate ADD COLUMN blocks_digest VARCHAR(64)")
    op.execute(
        "UPDATE candidate SET blocks_digest = (SELECT MIN(digest) FROM crop_map "
        "WHERE crop_map.crop_id = candidate.crop_id AND kind = 'blocks') "
        "WHERE model_id IS NULL"
    )
    for table in ("mask_file", "mask_import", "mask_rule", "preference", "crop_map"):
        op.drop_table(table)
    remove_restores()
    op.execute("DELETE FROM part WHERE kind IN ('read-masks', 'maps')")
    op.execute(
        "DELETE FROM part WHERE job_id IN (SELECT id FROM job WHERE kind IN ('masks', 'maps'))"
    )
    op.execute("DELETE FROM job WHERE kind IN ('masks', 'maps')")
    change_words("job", "kind", "jobkind", (*JOBS, "masks", "maps"), JOBS)
    change_words("part", "kind", "partkind", (*PARTS, "read-masks", "maps"), PARTS)


def remove_restores() -> None:
    """A restored version stays a version; only the name of the one it restored is forgotten."""
    if not is_sqlite():
        op.execute("ALTER TABLE label_version DROP COLUMN restores_id")
        return
    restores = (
        f"restores_id INTEGER, \n\tCONSTRAINT {RESTORES} FOREIGN KEY(restores_id) {SELF}, \n\t"
    )
    columns = (
        "id, specimen_id, number, parent_id, crop_id, digest, person_id, origin, candidate_id, "
        "model_id, created_at"
    )
    remake("label_version", (restores, ""), columns=columns)
