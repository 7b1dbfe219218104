"""Alembic's entry: `app.migrating` hands in a connection; the `alembic` command makes its own."""

from typing import Any, Literal

from alembic import context
from alembic.autogenerate.api import AutogenContext
from sqlalchemy import Connection

from app.db import make_engine
from app.domain import Base
from app.domain.base import UtcDateTime
from app.settings import Settings


def run(connection: Connection) -> None:
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        render_as_batch=True,  # SQLite cannot alter most things in place
        render_item=render_item,
        transactional_ddl=True,
    )
    with context.begin_transaction():
        context.run_migrations()


def render_item(kind: str, item: Any, autogen: AutogenContext) -> str | Literal[False]:
    """Migrations name no class of the program, which may change after them."""
    if kind == "type" and isinstance(item, UtcDateTime):
        autogen.imports.add("import sqlalchemy as sa")
        return "sa.DateTime(timezone=True)"
    return False


if (given := context.config.attributes.get("connection")) is not None:
    run(given)
else:
    with make_engine(Settings().database).begin() as own:
        run(own)
