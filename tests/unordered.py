"""Rows that nobody asked to be in order come in the reverse of the order they usually have."""

from typing import Any

from sqlalchemy import Connection, Engine, event


def turn_around(engine: Engine) -> None:
    """Let tests fail here, not some day elsewhere, where a query forgot its ORDER BY."""
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _reverse_sqlite)
    else:
        event.listen(engine, "before_cursor_execute", _reverse_postgresql, retval=True)


def _reverse_sqlite(connection: Any, _record: Any) -> None:
    connection.execute("PRAGMA reverse_unordered_selects=ON")


def _reverse_postgresql(
    _connection: Connection,
    _cursor: Any,
    statement: str,
    parameters: Any,
    _context: Any,
    _many: Any,
) -> tuple[str, Any]:
    said = statement.upper()
    if said.startswith("SELECT ") and "ORDER BY" not in said and "FOR UPDATE" not in said:
        statement = f"SELECT * FROM ({statement}) rows ORDER BY row_number() OVER () DESC"
    return statement, parameters
