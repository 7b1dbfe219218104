"""How a row is named in what is told of it."""

from typing import Any

from sqlalchemy import ColumnElement, String, Table, cast, literal
from sqlalchemy.orm import InstrumentedAttribute


def key_of(table: Table) -> ColumnElement[str]:
    """The primary key as one text."""
    first, *rest = table.primary_key.columns
    key: ColumnElement[str] = cast(first, String)
    for part in rest:
        key = key + literal(" ") + cast(part, String)
    return key


def name_of(column: InstrumentedAttribute[Any]) -> str:
    return f"{column.class_.__table__.name}.{column.key}"
