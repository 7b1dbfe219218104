"""Rounds of several variants, what people ask of them, and what became of each model."""

import json
from collections.abc import Callable
from typing import Any

import sqlalchemy as sa
from alembic import op

from migrations.changing import is_sqlite, remake
from migrations.columns import data, flag, key, moment, number, reference, text, word

revision = "0007"
down_revision = "0006"

REFERENCES = (
    ("round", "again_of_id", "round"),
    ("round", "schedule_id", "round_schedule"),
    ("promotion", "before_id", "trained_model"),
)


def upgrade() -> None:
    make_tables()
    op.add_column("round", data("configs", server_default="{}"))
    change_values("config", "configs", lambda config: {drawn(config): config})
    op.execute("ALTER TABLE round DROP COLUMN config")
    op.add_column("round", text("request_id", 64, nullable=True))
    for table, column, target in REFERENCES:
        add_reference(table, column, target)
    op.create_index("ix_round_request", "round", ["request_id"], unique=True)
    op.add_column("promotion", flag("automatic", server_default=sa.false()))
    op.execute(
        "UPDATE promotion SET before_id = (SELECT earlier.model_id FROM promotion AS earlier "
        "WHERE earlier.id < promotion.id ORDER BY earlier.id DESC LIMIT 1)"
    )
    op.add_column("round_label", text("padding", 20, server_default="white"))
    op.execute(
        "UPDATE round_label SET padding = (SELECT source.padding FROM label_version "
        "JOIN specimen ON specimen.id = label_version.specimen_id "
        "JOIN source ON source.id = specimen.source_id "
        "WHERE label_version.id = round_label.version_id)"
    )
    op.add_column("epoch", number("pictures", server_default="0"))
    op.add_column("epoch", text("device", 100, server_default=""))


def make_tables() -> None:
    op.create_table(
        "round_order",
        key(),
        reference("round_id", "round.id"),
        text("variant", 60),
        word("kind", "orderkind", "pause", "enough"),
        reference("person_id", "person.id", nullable=True),
        moment("created_at"),
        sa.Index("ix_round_order_round", "round_id", "id"),
    )
    op.create_table(
        "training_line",
        key(),
        reference("round_id", "round.id"),
        text("variant", 60),
        text("template", 300),
        data("values"),
        moment("created_at"),
        sa.Index("ix_training_line_round", "round_id", "variant", "id"),
    )
    op.create_table(
        "model_verdict",
        key(),
        reference("model_id", "trained_model.id"),
        word("verdict", "verdictkind", "keep", "discard"),
        reference("person_id", "person.id", nullable=True),
        moment("created_at"),
        sa.Index("ix_model_verdict_model", "model_id", "id"),
    )
    op.create_table(
        "round_schedule",
        key(),
        number("new_labels", nullable=True),
        number("hour", nullable=True),
        text("preset", 40),
        flag("promotes"),
        reference("person_id", "person.id", nullable=True),
        moment("created_at"),
    )
    op.create_table("loose_blob", text("digest", 64, primary_key=True), moment("created_at"))


def add_reference(table: str, column: str, target: str) -> None:
    op.add_column(table, number(column, nullable=True))
    if is_sqlite():
        with_it, without = referring(table, column, target)
        remake(table, (without, with_it))
    else:
        name = f"fk_{table}_{column}_{target}"
        op.create_foreign_key(name, table, target, [column], ["id"])


def drop_reference(table: str, column: str, target: str) -> None:
    if is_sqlite():
        remake(table, referring(table, column, target))
    op.execute(f"ALTER TABLE {table} DROP COLUMN {column}")


def referring(table: str, column: str, target: str) -> tuple[str, str]:
    """A piece of the text of a SQLite table with such a reference, and without it."""
    primary, name = f"CONSTRAINT pk_{table}", f"fk_{table}_{column}_{target}"
    added = f"CONSTRAINT {name} FOREIGN KEY({column}) REFERENCES {target} (id), "
    return added + primary, primary


def drawn(config: dict[str, Any]) -> str:
    """How pictures were drawn is what variants were called before there were several."""
    return str(config.get("sampling", {}).get("draw", "random"))


def change_values(before: str, after: str, change: Callable[[Any], Any]) -> None:
    bind = op.get_bind()
    for id_, value in bind.execute(sa.text(f"SELECT id, {before} FROM round")).all():
        found = json.loads(value) if isinstance(value, str) else value
        bind.execute(
            sa.text(f"UPDATE round SET {after} = :value WHERE id = :id"),
            {"value": json.dumps(change(found)), "id": id_},
        )


def downgrade() -> None:
    """Of a round with several variants the first stays; models of the others are kept."""
    for table, columns in (
        ("epoch", ("device", "pictures")),
        ("round_label", ("padding",)),
        ("promotion", ("automatic",)),
    ):
        for column in columns:
            op.execute(f"ALTER TABLE {table} DROP COLUMN {column}")
    op.drop_index("ix_round_request", "round")
    for table, column, target in reversed(REFERENCES):
        drop_reference(table, column, target)
    op.execute("ALTER TABLE round DROP COLUMN request_id")
    op.add_column("round", data("config", server_default="{}"))
    change_values("configs", "config", lambda configs: next(iter(configs.values()), {}))
    op.execute("ALTER TABLE round DROP COLUMN configs")
    for table in ("loose_blob", "round_schedule", "model_verdict", "training_line", "round_order"):
        op.drop_table(table)
