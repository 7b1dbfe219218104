"""Migration 0007 keeps configurations, what filled squares, and which model replaced which."""

import json

from sqlalchemy import text

from app.db import make_engine
from app.migrating import migrate

MOMENT = "2026-01-01 00:00:00+00:00"
MIX = {"epochs": 7, "sampling": {"draw": "mix"}}
ROWS = (
    f"INSERT INTO person (id, name, created_at) VALUES (1, 'Lin', '{MOMENT}')",
    *(
        "INSERT INTO job (id, kind, state, growing, message, person_id, created_at, result) "
        f"VALUES ({number}, 'round', 'done', false, '', 1, '{MOMENT}', '{{}}')"
        for number in (1, 2)
    ),
    "INSERT INTO round (id, number, job_id, preset, config, created_at) "
    f"VALUES (1, 1, 1, 'tiny', '{json.dumps(MIX)}', '{MOMENT}')",
    "INSERT INTO round (id, number, job_id, preset, config, created_at) "
    f"VALUES (2, 2, 2, 'tiny', '{{}}', '{MOMENT}')",
    *(
        "INSERT INTO trained_model (id, round_id, variant, weights_digest, card_digest, metrics, "
        f"created_at) VALUES ({number}, {number}, 'mix', 'w', 'c', '{{}}', '{MOMENT}')"
        for number in (1, 2)
    ),
    *(
        "INSERT INTO promotion (id, model_id, person_id, created_at) "
        f"VALUES ({number}, {model_id}, 1, '{MOMENT}')"
        for number, model_id in ((1, 2), (2, 1))
    ),
)


def test_rounds_and_promotions_go_up_and_down(empty_database_url: str) -> None:
    def all_of(query: str) -> list[tuple[object, ...]]:
        with engine.connect() as connection:
            return [tuple(row) for row in connection.execute(text(query))]

    migrate(empty_database_url, "0006")
    engine = make_engine(empty_database_url)
    with engine.execution_options(mothmask_writes=True).begin() as connection:
        for row in ROWS:
            connection.exec_driver_sql(row.replace("%", "%%"))
    migrate(empty_database_url, "0007")
    configs = [_read(value) for (value,) in all_of("SELECT configs FROM round ORDER BY id")]
    assert configs == [{"mix": MIX}, {"random": {}}]
    assert all_of("SELECT model_id, before_id FROM promotion ORDER BY id") == [(2, None), (1, 2)]
    migrate(empty_database_url, "0006")
    config = [_read(value) for (value,) in all_of("SELECT config FROM round ORDER BY id")]
    assert config == [MIX, {}]
    assert all_of("SELECT id, model_id FROM promotion ORDER BY id") == [(1, 2), (2, 1)]
    engine.dispose()


def _read(value: object) -> object:
    return json.loads(value) if isinstance(value, str) else value
