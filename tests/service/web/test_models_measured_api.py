"""Predicting with chosen models and measuring them, over the JSON API."""

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select

from app.blobs import FolderBlobs
from app.db import Database
from app.domain.people import Person
from app.domain.specimens import Specimen
from app.services.predictions import origin_of
from tests import factories
from tests.service.rounds import flow


@pytest.fixture
def models(client: TestClient, db: Database, blobs: FolderBlobs) -> list[int]:
    """Two that nobody trained; the specimen that validates both has a mask of the first."""
    assert client
    with db.transaction() as session:
        for number in range(4):
            specimen = factories.make_specimen(session, blobs, f"moth-{number}")
            factories.make_version(session, blobs, specimen, session.get_one(Person, 1))
    made = [flow.add_model(db, flow.start(db)).id for _ in range(2)]
    with db.transaction() as session:
        for specimen in session.scalars(select(Specimen)):
            factories.make_candidate(session, blobs, specimen, origin_of(made[0]), model_id=made[0])
    return made


@pytest.mark.parametrize(
    ("wanted", "status", "error"),
    [
        ([7], 404, "There is no model 7."),
        ([1, 1], 422, "Name each model once."),
        ([1], 422, "Each specimen has its prediction already."),
        ([1, 2], 202, None),
        ("2", 202, None),
    ],
)
def test_predicting_with_one_model_or_several(
    client: TestClient, models: list[int], wanted: list[int] | str, status: int, error: str | None
) -> None:
    assert models == [1, 2]
    answer = client.post("/api/v1/predictions", json={"model_ids": wanted})
    assert (answer.status_code, answer.json().get("error")) == (status, error)


def test_a_model_is_measured_on_request_when_there_is_something_to_measure(
    client: TestClient, models: list[int]
) -> None:
    first, second = models
    started = client.post(f"/api/v1/models/{first}/measurements")
    assert (started.status_code, started.json()["state"]) == (202, "queued")
    refused = client.post(f"/api/v1/models/{second}/measurements")
    assert refused.status_code == 422
    assert refused.json()["error"] == "Model 2 is measured on every label that can be."


def test_before_it_is_measured_a_model_has_no_figures(
    client: TestClient, models: list[int]
) -> None:
    figures = client.get(f"/api/v1/models/{models[0]}/measurements").json()
    assert figures["tables"]["overall"] is None
    assert figures["comparisons"] == []


def test_a_model_that_does_not_exist_has_no_measurements(client: TestClient) -> None:
    assert client.get("/api/v1/models/7/measurements").status_code == 404
    assert client.post("/api/v1/models/7/measurements").status_code == 404
