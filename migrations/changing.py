"""Changes in which SQLite and PostgreSQL differ. What is here never changes: see `columns`."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op


def is_sqlite() -> bool:
    return bool(op.get_bind().dialect.name == "sqlite")


def add_references(references: Sequence[tuple[str, str, str]]) -> None:
    """Add what refers in a circle: table, column, table referred to.

    SQLite has taken the references as the tables were made; PostgreSQL needs both tables first.
    """
    if is_sqlite():
        return
    for table, column, referred in references:
        name = f"fk_{table}_{column}_{referred}"
        op.create_foreign_key(name, table, referred, [column], ["id"])


def drop_everything() -> None:
    cascade = "" if is_sqlite() else " CASCADE"
    for table in sa.inspect(op.get_bind()).get_table_names():
        if table != "alembic_version":
            op.execute(f'DROP TABLE "{table}"{cascade}')


def change_words(
    table: str, column: str, kind: str, before: Sequence[str], after: Sequence[str]
) -> None:
    """Let a column hold other words: its check is replaced."""
    if is_sqlite():
        remake(table, (_check(column, before), _check(column, after)))
        return
    name = f"ck_{table}_{kind}"
    op.execute(f"ALTER TABLE {table} DROP CONSTRAINT {name}")
    op.execute(f"ALTER TABLE {table} ADD CONSTRAINT {name} CHECK ({_check(column, after)})")


def remake(table: str, *replaced: tuple[str, str], columns: str = "*") -> None:
    """SQLite only: make the table anew from its own text, with parts replaced, and fill it again.

    `columns` are what is taken from the old table, in the order of the new one.
    """
    bind = op.get_bind()
    definition = _definitions("table", table)[0]
    indexes = _definitions("index", table)
    for before, after in replaced:
        if before not in definition:
            raise LookupError(f"{before!r} is not in the definition of {table}")
        definition = definition.replace(before, after, 1)
    body = definition[definition.index("(") :]
    bind.exec_driver_sql(f"CREATE TABLE {table}_new {body}")
    bind.exec_driver_sql(f"INSERT INTO {table}_new SELECT {columns} FROM {table}")
    bind.exec_driver_sql(f"DROP TABLE {table}")
    bind.exec_driver_sql(f"ALTER TABLE {table}_new RENAME TO {table}")
    for index in indexes:
        bind.exec_driver_sql(index)


def _definitions(kind: str, table: str) -> Sequence[str]:
    query = sa.text(
        "SELECT sql FROM sqlite_master WHERE type = :kind AND tbl_name = :table AND sql > ''"
    )
    return op.get_bind().execute(query, {"kind": kind, "table": table}).scalars().all()


def _check(column: str, words: Sequence[str]) -> str:
    listed = ", ".join(f"'{word}'" for word in words)
    return f"{column} IN ({listed})"
