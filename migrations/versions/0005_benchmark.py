"""A fixed benchmark that no training can ever see: the database itself refuses it."""

import sqlalchemy as sa
from alembic import op

from migrations.changing import is_sqlite, remake
from migrations.columns import flag, key, moment, number, real, reference, text

revision = "0005"
down_revision = "0004"

OF_SPECIMEN = "fk_round_label_specimen_id_in_benchmark_specimen"
OF_VERSION = "fk_round_label_version_id_specimen_id_label_version"
REFERENCES = (
    (OF_SPECIMEN, "specimen", ["specimen_id", "in_benchmark"], ["id", "in_benchmark"]),
    (OF_VERSION, "label_version", ["version_id", "specimen_id"], ["id", "specimen_id"]),
)


def upgrade() -> None:
    op.add_column("specimen", flag("in_benchmark", server_default=sa.false()))
    op.create_index("uq_specimen_in_benchmark", "specimen", ["in_benchmark", "id"], unique=True)
    version_of = ["id", "specimen_id"]
    op.create_index("uq_label_version_specimen", "label_version", version_of, unique=True)
    lock_rounds()
    make_tables()
    take_members()


def lock_rounds() -> None:
    """Labels of rounds name their specimen as one that is not of the benchmark."""
    op.add_column("round_label", number("specimen_id", nullable=True))
    op.execute(
        "ALTER TABLE round_label ADD COLUMN in_benchmark BOOLEAN DEFAULT false NOT NULL "
        "CONSTRAINT ck_round_label_never_of_benchmark CHECK (NOT in_benchmark)"
    )
    op.execute(
        "UPDATE round_label SET specimen_id = (SELECT label_version.specimen_id "
        "FROM label_version WHERE label_version.id = round_label.version_id)"
    )
    if is_sqlite():
        references = "".join(
            f"CONSTRAINT {name} FOREIGN KEY({', '.join(mine)}) "
            f"REFERENCES {table} ({', '.join(theirs)}), "
            for name, table, mine, theirs in REFERENCES
        )
        before = "CONSTRAINT pk_round_label"
        filled = ("specimen_id INTEGER", "specimen_id INTEGER NOT NULL")
        remake("round_label", (before, references + before), filled)
    else:
        op.alter_column("round_label", "specimen_id", nullable=False)
        for name, table, mine, theirs in REFERENCES:
            op.create_foreign_key(name, "round_label", table, mine, theirs)
    op.create_index("ix_round_label_specimen_id", "round_label", ["specimen_id"])


def make_tables() -> None:
    op.create_table(
        "benchmark_change",
        key(),
        reference("specimen_id", "specimen.id", index=True),
        flag("joined"),
        reference("person_id", "person.id", nullable=True),
        moment("created_at"),
    )
    op.create_table(
        "second_label",
        key(),
        text("decision_id", 64, unique=True),
        reference("specimen_id", "specimen.id", index=True),
        reference("crop_id", "crop.id"),
        text("digest", 64),
        text("origin", 100),
        reference("person_id", "person.id"),
        moment("created_at"),
    )
    op.create_table(
        "agreement",
        reference("second_label_id", "second_label.id", primary_key=True),
        reference("version_id", "label_version.id", primary_key=True, index=True),
        real("dice"),
        real("boundary_f"),
        moment("created_at"),
    )


def take_members() -> None:
    """Who was a member, or has the tag, stays one, unless a round has learned from it."""
    members = (
        "SELECT specimen_id, person_id, created_at FROM benchmark_member UNION ALL "
        "SELECT specimen_id, person_id, created_at FROM tag WHERE word = 'benchmark' "
        "AND specimen_id NOT IN (SELECT specimen_id FROM benchmark_member)"
    )
    op.execute(
        "INSERT INTO benchmark_change (specimen_id, joined, person_id, created_at) "
        f"SELECT specimen_id, true, person_id, created_at FROM ({members}) AS member "
        "WHERE specimen_id NOT IN (SELECT specimen_id FROM round_label) ORDER BY specimen_id"
    )
    op.execute(
        "UPDATE specimen SET in_benchmark = true "
        "WHERE id IN (SELECT specimen_id FROM benchmark_change)"
    )
    op.execute(
        "INSERT INTO tag (specimen_id, word, person_id, created_at) "
        "SELECT specimen_id, 'benchmark', person_id, created_at FROM benchmark_change "
        "WHERE specimen_id NOT IN (SELECT specimen_id FROM tag WHERE word = 'benchmark')"
    )
    op.drop_table("benchmark_member")


def downgrade() -> None:
    """Second masks, and who joined or left when, are forgotten; members and labels stay."""
    op.create_table(
        "benchmark_member",
        reference("specimen_id", "specimen.id", primary_key=True),
        reference("person_id", "person.id"),
        moment("created_at"),
    )
    op.execute(
        "INSERT INTO benchmark_member (specimen_id, person_id, created_at) "
        "SELECT change.specimen_id, COALESCE(change.person_id, (SELECT MIN(id) FROM person)), "
        "change.created_at FROM benchmark_change AS change "
        "JOIN specimen ON specimen.id = change.specimen_id AND specimen.in_benchmark "
        "WHERE change.id IN (SELECT MAX(id) FROM benchmark_change GROUP BY specimen_id)"
    )
    for table in ("agreement", "second_label", "benchmark_change"):
        op.drop_table(table)
    unlock_rounds()
    op.drop_index("uq_label_version_specimen", "label_version")
    op.drop_index("uq_specimen_in_benchmark", "specimen")
    op.execute("ALTER TABLE specimen DROP COLUMN in_benchmark")


def unlock_rounds() -> None:
    op.drop_index("ix_round_label_specimen_id", "round_label")
    if is_sqlite():
        gone = [
            (
                f"CONSTRAINT {name} FOREIGN KEY({', '.join(mine)}) "
                f"REFERENCES {table} ({', '.join(theirs)}), ",
                "",
            )
            for name, table, mine, theirs in REFERENCES
        ]
        remake("round_label", *gone)
    else:
        for name, *_ in REFERENCES:
            op.drop_constraint(name, "round_label")
    for column in ("in_benchmark", "specimen_id"):
        op.execute(f"ALTER TABLE round_label DROP COLUMN {column}")
