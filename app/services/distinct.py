"""The values that a column holds, found without walking all rows.

Each value is one look into an index (a loose index scan), so this is for few values in many rows.
"""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import InstrumentedAttribute, Session


def distinct(
    session: Session, column: InstrumentedAttribute[Any], *conditions: ColumnElement[bool]
) -> Iterator[Any]:
    """In their order, without nothing; `column` leads an index."""
    least = select(func.min(column)).where(*conditions)
    value = session.scalar(least)
    while value is not None:
        yield value
        value = session.scalar(least.where(column > value))
