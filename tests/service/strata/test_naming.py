"""Names and mergers of strata: specimens follow, everything is written down, names survive."""

from collections import Counter

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select

from app.db import Database
from app.domain.specimens import Specimen
from app.domain.strata import Stratum, StratumChange
from tests.conftest import Drain
from tests.service.strata.conftest import HANDLERS, AddMoths
from tests.service.web.conftest import client, stranger
from worker.context import Context

__all__ = ["client", "stranger"]


def strata_of(db: Database) -> Counter[int | None]:
    with db.reading() as session:
        return Counter(session.scalars(select(Specimen.stratum)))


@pytest.fixture
def made(client: TestClient, context: Context, drain: Drain, add_moths: AddMoths) -> TestClient:
    add_moths(36)
    client.post("/api/v1/strata")
    drain(context, HANDLERS)
    return client


def test_strata_are_named_merged_and_split_again(made: TestClient, db: Database) -> None:
    before = strata_of(db)
    assert len(before) == 6
    assert made.post("/api/v1/strata/2/name", json={"name": " white wings "}).status_code == 201
    assert made.post("/api/v1/strata/3/merger", json={"into": 2}).json()["number"] == 2
    after = strata_of(db)
    assert after[2] == before[2] + before[3]
    assert after[3] == 0
    page = made.get("/strata").text
    assert "Stratum 2 · white wings" in page
    assert page.count('class="card stratum"') == 5
    assert made.post("/api/v1/strata/3/separation").status_code == 201
    assert strata_of(db) == before
    with db.reading() as session:
        changes = session.scalars(select(StratumChange).order_by(StratumChange.id)).all()
    assert [(each.kind.value, each.number, each.person_id) for each in changes] == [
        ("named", 2, 1),
        ("merged", 3, 1),
        ("split", 3, 1),
    ]


@pytest.mark.parametrize("database_kind", ["sqlite"])
def test_what_makes_no_sense_is_a_sentence(made: TestClient) -> None:
    made.post("/api/v1/strata/1/name", json={"name": "dark"})
    made.post("/api/v1/strata/3/merger", json={"into": 2})
    for path, body, status in (
        ("99/name", {"name": "x"}, 404),
        ("2/name", {"name": "dark"}, 409),
        ("2/name", {"name": "x" * 101}, 422),
        ("2/merger", {"into": 2}, 422),
        ("3/merger", {"into": 1}, 409),
        ("1/merger", {"into": 3}, 409),
        ("1/separation", {}, 409),
    ):
        answer = made.post(f"/api/v1/strata/{path}", json=body)
        assert (answer.status_code, answer.json()["error"][-1]) == (status, "."), path


@pytest.mark.parametrize("database_kind", ["sqlite"])
def test_names_survive_and_newcomers_join_what_was_merged(
    made: TestClient, db: Database, context: Context, drain: Drain, add_moths: AddMoths
) -> None:
    made.post("/api/v1/strata/2/name", json={"name": "white wings"})
    with db.reading() as session:
        named = set(session.scalars(select(Specimen.id).where(Specimen.stratum == 2)))
    made.post("/api/v1/strata/3/merger", json={"into": 1})
    add_moths(6)
    made.post("/api/v1/strata/newcomers")
    drain(context, HANDLERS)
    assert strata_of(db)[3] == 0
    assert strata_of(db)[1] == 14
    made.post("/api/v1/strata")
    drain(context, HANDLERS)
    with db.reading() as session:
        [number] = session.scalars(
            select(Stratum.number).where(
                Stratum.stratification_id == 2, Stratum.name == "white wings"
            )
        )
        assert named <= set(session.scalars(select(Specimen.id).where(Specimen.stratum == number)))
