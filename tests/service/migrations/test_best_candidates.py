"""Migration 0011 ranks the candidates that are there, and lets reviews say that a lot drew them."""

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import IntegrityError

from app.db import make_engine
from app.migrating import migrate
from tests.service.migrations.test_benchmark import MOMENT, all_of, specimen

CANDIDATES = ((1, "grabcut", 0.7, False), (2, "border", 0.9, True), (3, "saliency", 0.8, False))
ROWS = (
    f"INSERT INTO person (id, name, created_at) VALUES (1, 'Lin', '{MOMENT}')",
    "INSERT INTO source (id, code, scale_w, scale_ht, scale_hb, half_split, created_at) "
    f"VALUES (1, 'CARS', 0, 0, 0, false, '{MOMENT}')",
    *specimen(1),
    *specimen(2),
    "UPDATE specimen SET crop_id = id",
    *(
        "INSERT INTO candidate (id, specimen_id, crop_id, origin, agreeing, digest, own_score, "
        f"score, rejected, created_at) VALUES ({number}, 1, 1, '{origin}', '[]', 'm', {score}, "
        f"{score}, {str(rejected).lower()}, '{MOMENT}')"
        for number, origin, score, rejected in CANDIDATES
    ),
    "INSERT INTO review (specimen_id, decision_id, decision, reasons, note, person_id, created_at, "
    f"why) VALUES (1, 'a', 'skip', '[]', '', 1, '{MOMENT}', 'promising')",
)
DRAWN = "UPDATE review SET why = 'lot'"


def run(engine: Engine, *statements: str) -> None:
    with engine.begin() as connection:
        for statement in statements:
            connection.execute(text(statement))


def test_best_candidates_are_known_and_lots_may_be_drawn(empty_database_url: str) -> None:
    migrate(empty_database_url, "0010")
    engine = make_engine(empty_database_url)
    run(engine, *ROWS)
    with pytest.raises(IntegrityError):
        run(engine, DRAWN)
    migrate(empty_database_url, "0011")
    best = "SELECT id, best_candidate_id, best_score FROM specimen ORDER BY id"
    assert all_of(engine, best) == [(1, 3, 0.8), (2, None, None)]
    why = "SELECT why FROM review"
    assert all_of(engine, why) == [("promising",)]
    run(engine, DRAWN)
    engine.dispose()

    migrate(empty_database_url, "0010")
    assert all_of(engine, why) == [("promising",)]
    engine.dispose()
