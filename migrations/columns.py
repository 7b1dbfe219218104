"""Short words for the columns of migrations. What is here never changes: old migrations use it."""

from typing import Any

import sqlalchemy as sa


def key() -> sa.Column[Any]:
    return sa.Column("id", sa.Integer, primary_key=True)


def reference(name: str, target: str, *, circular: bool = False, **options: Any) -> sa.Column[Any]:
    options.setdefault("nullable", False)
    foreign_key = sa.ForeignKey(target, use_alter=circular)
    return sa.Column(name, sa.Integer, foreign_key, **options)


def number(name: str, **options: Any) -> sa.Column[Any]:
    return _column(name, sa.Integer(), options)


def real(name: str, **options: Any) -> sa.Column[Any]:
    return _column(name, sa.Double(), options)


def flag(name: str, **options: Any) -> sa.Column[Any]:
    return _column(name, sa.Boolean(), options)


def text(name: str, length: int, **options: Any) -> sa.Column[Any]:
    return _column(name, sa.String(length), options)


def data(name: str, **options: Any) -> sa.Column[Any]:
    return _column(name, sa.JSON(), options)


def moment(name: str, **options: Any) -> sa.Column[Any]:
    return _column(name, sa.DateTime(timezone=True), options)


def word(name: str, kind: str, *words: str, **options: Any) -> sa.Column[Any]:
    one_of = sa.Enum(*words, name=kind, native_enum=False, create_constraint=True, length=24)
    return _column(name, one_of, options)


def _column(name: str, kind: Any, options: dict[str, Any]) -> sa.Column[Any]:
    options.setdefault("nullable", False)
    return sa.Column(name, kind, **options)
