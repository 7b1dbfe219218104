"""All rows of one database into another, of whichever kind, in one transaction, and counted.

Each row goes into a sum of its digest, made anew from what the target holds: the sums agree only
where every row has arrived as it was.
"""

import hashlib
import json
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    Connection,
    Engine,
    Row,
    Table,
    event,
    func,
    insert,
    inspect,
    literal,
    select,
    text,
)
from sqlalchemy.exc import IntegrityError

from app.db import make_engine
from app.domain import Base
from app.errors import MothmaskError, Refused
from ml.progress import OnProgress, Progress, silent

AT_ONCE = 1000
MODULUS = 1 << 256


@dataclass(frozen=True)
class Sum:
    """Of the rows of a table, in whatever order they come."""

    rows: int
    digest: str


def copy_rows(
    source: Engine, target_url: str, *, alone: bool = False, on_progress: OnProgress = silent
) -> dict[str, Sum]:
    """Copy everything into an empty database that has the same schema.

    Args:
        source: read as it is at one moment.
        target_url: nothing is left in it if this fails.
        alone: nobody may write to the source meanwhile.

    Returns:
        What each table holds.
    """
    target = unchecked_engine(target_url)
    writing = target.execution_options(mothmask_writes=True)
    try:
        with snapshot(source, alone=alone) as rows, writing.begin() as connection:
            refuse_data(connection)
            with _without_references(connection):
                sums = {
                    table.name: _copy(rows, connection, table, on_progress)
                    for table in Base.metadata.sorted_tables
                }
            _go_on_counting(connection)
            _compare(sums, sums_of(connection, on_progress))
    finally:
        target.dispose()
    return sums


@contextmanager
def snapshot(source: Engine, *, alone: bool = False) -> Iterator[Connection]:
    """All that is read belongs to one moment."""
    if source.dialect.name == "postgresql":
        options = {"isolation_level": "REPEATABLE READ"}
    else:
        options = {"mothmask_writes": alone}  # type: ignore[dict-item]
    with source.execution_options(**options).connect() as connection:
        if alone and source.dialect.name == "postgresql":
            tables = ", ".join(f'"{table.name}"' for table in Base.metadata.sorted_tables)
            connection.execute(text(f"LOCK TABLE {tables} IN SHARE MODE"))
        yield connection


def sums_of(connection: Connection, on_progress: OnProgress = silent) -> dict[str, Sum]:
    found = {}
    for table in Base.metadata.sorted_tables:
        summing = _Summing()
        for batch in _batches(connection, table, "comparing", on_progress):
            summing.add(batch)
        found[table.name] = summing.sum
    return found


def is_empty(connection: Connection) -> bool:
    """Whether there is no row of ours; tables may be missing, or be of an older schema."""
    there = set(inspect(connection).get_table_names())
    return not any(
        connection.scalar(select(literal(1)).select_from(table).limit(1))
        for table in Base.metadata.sorted_tables
        if table.name in there
    )


def refuse_data(connection: Connection) -> None:
    """Nothing that somebody did is written over."""
    if not is_empty(connection):
        raise Refused(
            "{database} holds other data already, and nothing is written over. Name an empty one.",
            database=connection.engine.url.render_as_string(),
        )


def expect_empty(url: str) -> None:
    engine = make_engine(url)
    try:
        with engine.connect() as connection:
            refuse_data(connection)
    finally:
        engine.dispose()


def unchecked_engine(url: str) -> Engine:
    """An engine that takes rows before those that they refer to."""
    engine = make_engine(url)
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _check_no_references)
    return engine


def _check_no_references(connection: sqlite3.Connection, _record: Any) -> None:
    connection.execute("PRAGMA foreign_keys=OFF")


def _copy(source: Connection, target: Connection, table: Table, on_progress: OnProgress) -> Sum:
    summing = _Summing()
    for batch in _batches(source, table, "tables", on_progress):
        summing.add(batch)
        target.execute(insert(table), [dict(row._mapping) for row in batch])
    return summing.sum


def _batches(
    connection: Connection, table: Table, stage: str, on_progress: OnProgress
) -> Iterator[Sequence[Row[Any]]]:
    tables = Base.metadata.sorted_tables
    place, done = tables.index(table), 0
    query = select(table).execution_options(yield_per=AT_ONCE)
    for batch in connection.execute(query).partitions():
        yield batch
        done += len(batch)
        on_progress(Progress(stage, place, len(tables), f"{table.name} {done}"))
    on_progress(Progress(stage, place + 1, len(tables)))


class _Summing:
    def __init__(self) -> None:
        self.rows, self.total = 0, 0

    def add(self, rows: Sequence[Row[Any]]) -> None:
        for row in rows:
            told = json.dumps(list(row), default=_as_text, sort_keys=True, ensure_ascii=False)
            digest = hashlib.sha256(told.encode(errors="surrogatepass")).digest()
            self.total = (self.total + int.from_bytes(digest, "big")) % MODULUS
        self.rows += len(rows)

    @property
    def sum(self) -> Sum:
        return Sum(self.rows, f"{self.total:064x}")


def _as_text(value: object) -> str:
    return value.astimezone(UTC).isoformat() if isinstance(value, datetime) else str(value)


def _compare(sent: dict[str, Sum], arrived: dict[str, Sum]) -> None:
    for name, found in arrived.items():
        if found != sent[name]:
            raise MothmaskError(
                "The rows of {table} did not arrive as they were: {sent} were sent and {arrived} "
                "are there. Nothing was kept.",
                table=name,
                sent=sent[name].rows,
                arrived=found.rows,
            )


@contextmanager
def _without_references(connection: Connection) -> Iterator[None]:
    """Let rows come in any order; afterwards every reference is checked."""
    if connection.dialect.name == "sqlite":
        yield
        if (broken := connection.exec_driver_sql("PRAGMA foreign_key_check").first()) is not None:
            raise _broken(str(broken[0]))
        return
    query = (
        "SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint "
        "WHERE contype = 'f' AND connamespace = current_schema()::regnamespace"
    )
    constraints = connection.execute(text(query)).all()
    for table, name, _ in constraints:
        connection.exec_driver_sql(f'ALTER TABLE {table} DROP CONSTRAINT "{name}"')
    yield
    for table, name, definition in constraints:
        try:
            connection.exec_driver_sql(f'ALTER TABLE {table} ADD CONSTRAINT "{name}" {definition}')
        except IntegrityError:
            raise _broken(table) from None


def _broken(table: str) -> MothmaskError:
    return MothmaskError(
        "Rows of {table} name rows that do not exist. Nothing was kept; `mothmask verify` tells "
        "which they are.",
        table=table,
    )


def _go_on_counting(connection: Connection) -> None:
    """New rows get numbers after those that came; SQLite does so by itself."""
    if connection.dialect.name != "postgresql":
        return
    for table in Base.metadata.sorted_tables:
        column = table.autoincrement_column
        if column is None:
            continue
        sequence = connection.scalar(
            text("SELECT pg_get_serial_sequence(:table, :column)"),
            {"table": f'"{table.name}"', "column": column.name},
        )
        highest = connection.scalar(select(func.max(column)))
        if sequence and highest:
            connection.execute(select(func.setval(sequence, highest)))
