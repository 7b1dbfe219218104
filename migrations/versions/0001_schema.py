"""The whole schema as the first version has it."""

import sqlalchemy as sa
from alembic import op

from migrations.changing import add_references, drop_everything
from migrations.columns import data, flag, key, moment, number, real, reference, text, word

revision = "0001"
down_revision = None

CIRCULAR = (
    ("round", "start_model_id", "trained_model"),
    ("specimen", "crop_id", "crop"),
    ("specimen", "version_id", "label_version"),
)


def upgrade() -> None:
    create_person_to_job()
    create_photograph_to_part()
    create_round_to_checkpoint()
    create_crop_to_trained_model()
    create_candidate_to_promotion()
    create_label_version_to_round_label()
    add_references(CIRCULAR)


def downgrade() -> None:
    """Before this there was nothing."""
    drop_everything()


def create_person_to_job() -> None:
    op.create_table("person", key(), text("name", 100, unique=True), moment("created_at"))
    op.create_table(
        "source",
        key(),
        text("code", 60, unique=True),
        real("scale_w"),
        real("scale_ht"),
        real("scale_hb"),
        flag("half_split"),
        moment("created_at"),
    )
    op.create_table(
        "job",
        key(),
        word("kind", "jobkind", "import", "round", "export"),
        word("state", "jobstate", "queued", "running", "done", "failed", "cancelled"),
        flag("growing"),
        text("message", 1000),
        data("result"),
        reference("person_id", "person.id", nullable=True),
        moment("created_at"),
        moment("finished_at", nullable=True),
        sa.Index("ix_job_state", "state", "id"),
    )


def create_photograph_to_part() -> None:
    op.create_table(
        "photograph",
        key(),
        reference("source_id", "source.id", index=True),
        text("file_name", 400),
        text("digest", 64, unique=True),
        text("media_type", 40),
        number("width"),
        number("height"),
        data("notes"),
        moment("created_at"),
    )
    op.create_table(
        "imported_file",
        key(),
        reference("job_id", "job.id"),
        reference("source_id", "source.id"),
        text("name", 1000),
        text("digest", 64),
        word(
            "outcome", "outcome", "waiting", "new", "duplicate", "conflict", "refused", "unpacked"
        ),
        text("reason", 1000),
        reference("photograph_id", "photograph.id", nullable=True),
        sa.UniqueConstraint("job_id", "name"),
        sa.Index("ix_imported_file_job_outcome", "job_id", "outcome", "id"),
    )
    op.create_table(
        "part",
        key(),
        reference("job_id", "job.id"),
        word(
            "kind", "partkind", "take-in", "crop", "propose", "refine", "train", "predict", "export"
        ),
        text("queue", 20),
        number("urgency"),
        data("payload"),
        word("state", "jobstate", "queued", "running", "done", "failed", "cancelled"),
        text("claim", 80, nullable=True),
        number("attempts"),
        moment("sent_at"),
        moment("heartbeat_at", nullable=True),
        text("stage", 60),
        number("done"),
        number("total"),
        text("note", 300),
        text("message", 1000),
        sa.Index("ix_part_job", "job_id", "state", "kind"),
        sa.Index("ix_part_waiting", "state", "queue", "urgency", "id"),
    )


def create_round_to_checkpoint() -> None:
    op.create_table(
        "round",
        key(),
        number("number", unique=True),
        reference("job_id", "job.id", unique=True),
        text("preset", 40),
        data("config"),
        reference("start_model_id", "trained_model.id", circular=True, nullable=True),
        reference("person_id", "person.id", nullable=True),
        moment("created_at"),
    )
    op.create_table(
        "specimen",
        key(),
        reference("source_id", "source.id"),
        reference("photograph_id", "photograph.id", index=True),
        text("key", 400),
        moment("created_at"),
        reference("crop_id", "crop.id", circular=True, nullable=True),
        reference("version_id", "label_version.id", circular=True, nullable=True),
        flag("searched"),
        flag("unusable"),
        number("candidates"),
        number("open_candidates"),
        number("skips"),
        real("priority"),
        real("uncertainty", nullable=True),
        number("stratum", nullable=True),
        word(
            "state",
            "specimenstate",
            "imported",
            "uncropped",
            "cropped",
            "proposed",
            "labelled",
            "unusable",
        ),
        sa.UniqueConstraint("source_id", "key"),
        sa.Index("ix_specimen_queue", "state", "skips", sa.text("priority DESC"), "id"),
    )
    op.create_table(
        "benchmark_member",
        reference("specimen_id", "specimen.id", primary_key=True),
        reference("person_id", "person.id"),
        moment("created_at"),
    )
    op.create_table(
        "checkpoint",
        key(),
        reference("round_id", "round.id"),
        text("variant", 60),
        number("epoch"),
        text("digest", 64),
        sa.UniqueConstraint("round_id", "variant"),
    )


def create_crop_to_trained_model() -> None:
    op.create_table(
        "crop",
        key(),
        reference("specimen_id", "specimen.id"),
        number("number"),
        number("left"),
        number("top"),
        number("right"),
        number("bottom"),
        data("found_box", nullable=True),
        real("confidence", nullable=True),
        text("origin", 100),
        text("digest", 64),
        text("preview_digest", 64),
        moment("created_at"),
        sa.UniqueConstraint("specimen_id", "number"),
    )
    op.create_table(
        "epoch",
        key(),
        reference("round_id", "round.id"),
        text("variant", 60),
        number("number"),
        real("train_loss"),
        real("validation_loss"),
        real("validation_dice"),
        real("learning_rate"),
        real("seconds"),
        sa.Index("ix_epoch_round", "round_id", "variant", "number", unique=True),
    )
    op.create_table(
        "tag",
        reference("specimen_id", "specimen.id", primary_key=True),
        text("word", 60, primary_key=True, index=True),
        reference("person_id", "person.id", nullable=True),
        moment("created_at"),
    )
    op.create_table(
        "trained_model",
        key(),
        reference("round_id", "round.id"),
        text("variant", 60),
        text("weights_digest", 64),
        text("card_digest", 64),
        data("metrics"),
        moment("created_at"),
        sa.UniqueConstraint("round_id", "variant"),
    )


def create_candidate_to_promotion() -> None:
    op.create_table(
        "candidate",
        key(),
        reference("specimen_id", "specimen.id"),
        reference("crop_id", "crop.id"),
        text("origin", 100),
        reference("model_id", "trained_model.id", nullable=True),
        data("agreeing"),
        text("digest", 64),
        real("score"),
        real("uncertainty", nullable=True),
        text("probability_digest", 64, nullable=True),
        text("blocks_digest", 64, nullable=True),
        flag("rejected"),
        moment("created_at"),
        sa.UniqueConstraint("crop_id", "origin"),
        sa.Index("ix_candidate_open", "specimen_id", "rejected", "score"),
    )
    op.create_table(
        "promotion",
        key(),
        reference("model_id", "trained_model.id"),
        reference("person_id", "person.id"),
        moment("created_at"),
    )


def create_label_version_to_round_label() -> None:
    op.create_table(
        "label_version",
        key(),
        reference("specimen_id", "specimen.id"),
        number("number"),
        reference("parent_id", "label_version.id", nullable=True),
        reference("crop_id", "crop.id"),
        text("digest", 64, index=True),
        reference("person_id", "person.id"),
        text("origin", 100),
        reference("candidate_id", "candidate.id", nullable=True),
        reference("model_id", "trained_model.id", nullable=True),
        moment("created_at"),
        sa.UniqueConstraint("specimen_id", "number"),
    )
    op.create_table(
        "draft",
        key(),
        reference("specimen_id", "specimen.id"),
        reference("person_id", "person.id"),
        reference("crop_id", "crop.id"),
        reference("parent_id", "label_version.id", nullable=True),
        text("digest", 64),
        moment("updated_at"),
        sa.UniqueConstraint("specimen_id", "person_id"),
    )
    op.create_table(
        "review",
        key(),
        text("decision_id", 64, unique=True),
        reference("specimen_id", "specimen.id"),
        reference("person_id", "person.id", index=True),
        word("decision", "decision", "accept", "reject", "skip", "unusable", "retract"),
        data("reasons"),
        text("note", 2000),
        reference("candidate_id", "candidate.id", nullable=True),
        reference("version_id", "label_version.id", nullable=True),
        reference("parent_id", "label_version.id", nullable=True),
        reference("retracts_id", "review.id", nullable=True, unique=True),
        moment("created_at"),
        sa.Index("ix_review_specimen", "specimen_id", "id"),
    )
    op.create_table(
        "round_label",
        reference("round_id", "round.id", primary_key=True),
        reference("version_id", "label_version.id", primary_key=True, index=True),
        word("split", "split", "training", "validation"),
    )
