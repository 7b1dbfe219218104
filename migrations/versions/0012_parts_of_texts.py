"""PostgreSQL finds parts of names, and how taxa begin, by indexes."""

from alembic import op

from migrations.changing import is_sqlite

revision = "0012"
down_revision = "0011"

PARTS = {
    "ix_specimen_key_parts": ("specimen", "key"),
    "ix_metadata_field_parts": ("metadata_field", "value"),
}
AVAILABLE = "SELECT count(*) FROM pg_available_extensions WHERE name = 'pg_trgm'"


def upgrade() -> None:
    if is_sqlite():
        return
    ops = {"taxon": "text_pattern_ops"}
    op.create_index("ix_specimen_taxon_begins", "specimen", ["taxon"], postgresql_ops=ops)
    if not op.get_bind().exec_driver_sql(AVAILABLE).scalar():
        return  # PostgreSQL without its contributed modules: searching reads all names, as before
    op.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
    for name, (table, column) in PARTS.items():
        trigrams = {column: "gin_trgm_ops"}
        op.create_index(name, table, [column], postgresql_using="gin", postgresql_ops=trigrams)


def downgrade() -> None:
    """The extension stays: somebody else may use it."""
    if is_sqlite():
        return
    op.drop_index("ix_specimen_taxon_begins", "specimen")
    for name, (table, _) in PARTS.items():
        op.drop_index(name, table, if_exists=True)
