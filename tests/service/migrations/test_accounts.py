"""Migration 0009 leaves people and what they did alone, on the way up and on the way down."""

from sqlalchemy import text

from app.db import make_engine
from app.migrating import migrate

MOMENT = "2026-01-01 00:00:00+00:00"
HASH = "0" * 64
BEFORE = (f"INSERT INTO person (id, name, created_at) VALUES (1, '林', '{MOMENT}')",)
AFTER = (
    "INSERT INTO account (person_id, role, password_hash, created_at) "
    f"VALUES (1, 'admin', 'x', '{MOMENT}')",
    "INSERT INTO browser_session (id, secret_hash, sign_in, person_id, browser, created_at, "
    f"seen_at) VALUES (1, '{HASH}', 'password', 1, 'Firefox', '{MOMENT}', '{MOMENT}')",
    "INSERT INTO api_token (id, secret_hash, sign_in, person_id, name, scope, created_at, "
    f"expires_at) VALUES (1, '{HASH}', 'password', 1, 'x', 'viewer', '{MOMENT}', '{MOMENT}')",
    "INSERT INTO sign_in_failure (id, name_hash, address, failed_at) "
    f"VALUES (1, '{HASH}', '10.0.0.1', '{MOMENT}')",
)


def test_people_stay_when_accounts_come_and_go(empty_database_url: str) -> None:
    def people() -> list[tuple[object, ...]]:
        with engine.connect() as connection:
            return [tuple(row) for row in connection.execute(text("SELECT id, name FROM person"))]

    def write(rows: tuple[str, ...]) -> None:
        with engine.execution_options(mothmask_writes=True).begin() as connection:
            for row in rows:
                connection.exec_driver_sql(row)

    migrate(empty_database_url, "0008")
    engine = make_engine(empty_database_url)
    write(BEFORE)
    migrate(empty_database_url, "0009")
    write(AFTER)
    migrate(empty_database_url, "0008")
    assert people() == [(1, "林")]
    migrate(empty_database_url, "0009")
    write(AFTER)
    assert people() == [(1, "林")]
    engine.dispose()
