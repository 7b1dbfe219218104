"""Starting rounds and promoting models over the JSON API, and what the pages say about it."""

import pytest
from fastapi.testclient import TestClient

from app.blobs import FolderBlobs
from app.db import Database
from app.domain.people import Person
from app.domain.rounds import Epoch, TrainedModel
from app.services import rounds
from ml.presets import PRESETS
from tests import factories


def add_labels(db: Database, blobs: FolderBlobs, count: int) -> None:
    with db.transaction() as session:
        for number in range(count):
            specimen = factories.make_specimen(session, blobs, f"moth-{number}")
            factories.make_version(session, blobs, specimen, session.get_one(Person, 1))


def add_model(db: Database, round_id: int) -> int:
    with db.transaction() as session:
        model = TrainedModel(
            round_id=round_id,
            variant=rounds.ONLY_VARIANT,
            weights_digest="0" * 64,
            card_digest="0" * 64,
            metrics={"validation_dice": 0.9, "best_epoch": 1, "epochs": 1},
            created_at=db.clock(),
        )
        session.add(model)
    return model.id


@pytest.mark.parametrize("labels", [0, 3])
def test_too_few_labels_are_refused_with_a_sentence(
    client: TestClient, db: Database, blobs: FolderBlobs, labels: int
) -> None:
    add_labels(db, blobs, labels)
    answer = client.post("/api/v1/rounds", json={"preset": "tiny"})
    assert answer.status_code == 422
    assert answer.json()["error"] == (
        f"Training needs at least 4 labels, and there are {labels}. "
        "Accept or draw some masks first."
    )
    page = client.get("/rounds").text
    assert "Training needs at least 4 labels" in page
    assert 'action="/api/v1/rounds"' not in page


def test_a_round_starts_once(client: TestClient, db: Database, blobs: FolderBlobs) -> None:
    add_labels(db, blobs, 4)
    assert 'action="/api/v1/rounds"' in client.get("/rounds").text
    started = client.post("/api/v1/rounds", json={"preset": "tiny"})
    assert started.status_code == 202
    assert started.json()["round"] == 1
    assert started.json()["job"]["state"] == "queued"
    again = client.post("/api/v1/rounds", json={"preset": "tiny"})
    assert again.status_code == 409
    assert again.json()["error"].startswith("Round 1 is still running")
    assert "A round is running." in client.get("/rounds").text


def test_the_page_of_a_running_round_tells_how_long_it_takes(
    client: TestClient, db: Database, blobs: FolderBlobs
) -> None:
    add_labels(db, blobs, 4)
    client.post("/api/v1/rounds", json={"preset": "tiny"})
    assert "at most" not in client.get("/rounds/1").text
    epochs = PRESETS["tiny"].epochs
    with db.transaction() as session:
        session.add(
            Epoch(
                round_id=1,
                variant=rounds.ONLY_VARIANT,
                number=epochs - 5,
                train_loss=0.5,
                validation_loss=0.5,
                validation_dice=0.9,
                learning_rate=1e-3,
                seconds=30.0,
            )
        )
    assert "Training takes 3 more minutes at most." in client.get("/rounds/1").text


def test_a_cancelled_round_makes_way(client: TestClient, db: Database, blobs: FolderBlobs) -> None:
    add_labels(db, blobs, 4)
    job = client.post("/api/v1/rounds", json={}).json()["job"]
    assert client.post(f"/api/v1/jobs/{job['id']}/cancellation").status_code == 202
    assert client.post("/api/v1/rounds", json={}).json()["round"] == 2


def test_an_unknown_preset_is_refused(client: TestClient) -> None:
    answer = client.post("/api/v1/rounds", json={"preset": "huge"})
    assert answer.status_code == 422
    assert answer.json()["error"] == "There is no preset “huge”; use one of tiny, unet64."


def test_the_promoted_model_serves(client: TestClient, db: Database, blobs: FolderBlobs) -> None:
    add_labels(db, blobs, 4)
    client.post("/api/v1/rounds", json={})
    model_id = add_model(db, 1)
    assert client.post(f"/api/v1/models/{model_id}/promotion").status_code == 201
    with db.reading() as session:
        serving = rounds.serving_model(session)
    assert serving is not None
    assert serving.id == model_id


def test_a_model_that_does_not_exist_cannot_be_promoted(client: TestClient) -> None:
    answer = client.post("/api/v1/models/7/promotion")
    assert (answer.status_code, answer.json()["error"]) == (404, "There is no model 7.")
