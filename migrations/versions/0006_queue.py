"""What is reviewed next, by whom, and who is told."""

import hashlib
from collections.abc import Iterator

import sqlalchemy as sa
from alembic import op

from migrations.changing import change_words
from migrations.columns import data, flag, key, moment, number, real, reference, text, word

revision = "0006"
down_revision = "0005"

JOBS = (
    *("import", "round", "export", "masks", "maps", "strata", "calibration"),
    *("predictions", "measurements", "crops", "detector"),
)
NEW_JOBS = ("queue", "webhook")
PARTS = (
    *("stage", "take-in", "crop", "recrop", "place-boxes", "propose", "refine", "train"),
    *("predict", "export", "read-masks", "maps", "strata", "calibrate", "measure"),
    *("train-detector", "add-detector"),
)
NEW_PARTS = ("queue", "webhook")
WHY = (
    *("benchmark", "uncertain", "shortage", "disagreement", "promising", "check"),
    *("put-off", "no-candidate", "labelled"),
)
NOTICES = (
    *("round-done", "round-failed", "predictions-done", "predictions-failed"),
    *("import-done", "import-failed", "assignment-done", "promoted"),
)
AT_A_TIME = 5000


def upgrade() -> None:
    change_words("job", "kind", "jobkind", JOBS, (*JOBS, *NEW_JOBS))
    change_words("part", "kind", "partkind", PARTS, (*PARTS, *NEW_PARTS))
    order_the_queue()
    lend_specimens()
    assign_specimens()
    tell_people()


def order_the_queue() -> None:
    op.create_table(
        "queue_rule",
        key(),
        *map(real, ("uncertainty", "shortage", "disagreement", "check_share")),
        number("seed"),
        reference("person_id", "person.id"),
        moment("created_at"),
    )
    op.add_column("specimen", real("disagreement", nullable=True))
    op.add_column("specimen", real("shortage", server_default="0"))
    op.add_column("specimen", real("lot", server_default="1"))
    draw_lots()
    op.create_index("ix_specimen_checks", "specimen", ["state", "skips", "lot", "id"])
    op.create_index(
        "ix_specimen_disagreement", "specimen", ["state", sa.text("disagreement DESC"), "id"]
    )
    listed = ", ".join(f"'{why}'" for why in WHY)
    op.execute(
        "ALTER TABLE review ADD COLUMN why VARCHAR(24) "
        f"CONSTRAINT ck_review_why CHECK (why IN ({listed}))"
    )
    op.create_index("ix_review_why", "review", ["why", "id"])
    op.create_table(
        "random_check",
        reference("review_id", "review.id", primary_key=True),
        reference("candidate_id", "candidate.id"),
        reference("version_id", "label_version.id", nullable=True),
        real("dice", nullable=True),
    )


def draw_lots() -> None:
    """As `app.services.queue_score.lot` draws them from the first seed."""
    bind = op.get_bind()
    lots = sa.text("UPDATE specimen SET lot = :lot WHERE id = :id")
    for ids in _specimens(bind):
        bind.execute(lots, [{"id": each, "lot": _lot(each)} for each in ids])


def _specimens(bind: sa.Connection) -> Iterator[list[int]]:
    query = sa.text("SELECT id FROM specimen WHERE id > :last ORDER BY id LIMIT :limit")
    last = 0
    while ids := list(bind.execute(query, {"last": last, "limit": AT_A_TIME}).scalars()):
        yield ids
        last = ids[-1]


def _lot(specimen_id: int) -> float:
    digest = hashlib.sha256(f"0:{specimen_id}".encode()).digest()
    return int.from_bytes(digest[:6], "big") / 2**48


def lend_specimens() -> None:
    op.create_table(
        "lease",
        reference("specimen_id", "specimen.id", primary_key=True),
        reference("person_id", "person.id", primary_key=True),
        moment("until"),
        flag("looking"),
        word("why", "why", *WHY, nullable=True),
        sa.Index("ix_lease_until", "until", "person_id"),
    )


def assign_specimens() -> None:
    op.create_table(
        "assignment",
        key(),
        text("name", 100),
        reference("person_id", "person.id", index=True),
        moment("closed_at", nullable=True),
        moment("created_at"),
    )
    op.create_table(
        "assigned_specimen",
        reference("assignment_id", "assignment.id", primary_key=True),
        reference("specimen_id", "specimen.id", primary_key=True, index=True),
    )
    op.create_table(
        "handover",
        key(),
        reference("assignment_id", "assignment.id", index=True),
        reference("to_id", "person.id", nullable=True),
        reference("person_id", "person.id"),
        moment("created_at"),
    )


def tell_people() -> None:
    op.create_table(
        "notice",
        key(),
        word("kind", "noticekind", *NOTICES),
        data("values"),
        text("address", 200),
        moment("created_at"),
        moment("due_at", nullable=True),
        number("tries"),
        sa.Index("ix_notice_due", "due_at", "id"),
    )
    op.create_table(
        "notice_mark",
        reference("person_id", "person.id", primary_key=True),
        reference("notice_id", "notice.id"),
    )


def downgrade() -> None:
    """Weights, leases, assignments and notices are forgotten; labels and decisions stay."""
    for table in (
        *("notice_mark", "notice", "handover", "assigned_specimen"),
        *("assignment", "lease", "random_check", "queue_rule"),
    ):
        op.drop_table(table)
    op.drop_index("ix_review_why", "review")
    op.execute("ALTER TABLE review DROP COLUMN why")
    op.drop_index("ix_specimen_disagreement", "specimen")
    op.drop_index("ix_specimen_checks", "specimen")
    for column in ("disagreement", "shortage", "lot"):
        op.drop_column("specimen", column)
    op.execute("DELETE FROM part WHERE kind IN ('queue', 'webhook')")
    op.execute("DELETE FROM job WHERE kind IN ('queue', 'webhook')")
    change_words("part", "kind", "partkind", (*PARTS, *NEW_PARTS), PARTS)
    change_words("job", "kind", "jobkind", (*JOBS, *NEW_JOBS), JOBS)
