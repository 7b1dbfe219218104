"""Starting rounds and promoting models over the JSON API, and what the pages say about it."""

import pytest
from fastapi.testclient import TestClient

from app.blobs import FolderBlobs
from app.db import Database
from app.domain.people import Person
from app.domain.rounds import Epoch, TrainedModel
from app.services import models, rounds
from ml.config import TrainingConfig
from ml.presets import PRESETS
from tests import factories


def add_labels(db: Database, blobs: FolderBlobs, count: int) -> None:
    with db.transaction() as session:
        for number in range(count):
            specimen = factories.make_specimen(session, blobs, f"moth-{number}")
            factories.make_version(session, blobs, specimen, session.get_one(Person, 1))


def add_model(db: Database, round_id: int) -> int:
    with db.transaction() as session:
        return factories.make_model(session, round_id).id


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
    for page in ("/", "/rounds"):
        assert '<a href="/rounds/1">Round 1 is running.</a>' in client.get(page).text
    assert '<a href="/rounds/1">Round 1 (job 1)</a>' in client.get("/jobs").text


def test_a_form_that_nobody_filled_in_means_the_preset(
    client: TestClient, db: Database, blobs: FolderBlobs
) -> None:
    add_labels(db, blobs, 4)
    names = "request_id draws sample_factor minority network contour augmentation transfer seed"
    empty = dict.fromkeys([*names.split(), "contour_weight", "start_model_id"], "")
    assert client.post("/api/v1/rounds", json={"preset": "tiny", **empty}).status_code == 202
    with db.reading() as session:
        stored = rounds.get_round(session, 1).configs["random"]
    assert TrainingConfig.from_json(stored) == PRESETS["tiny"]
    page = client.get("/rounds/1").text
    assert "Every setting is as preset tiny has it now." in page
    assert "It began from scratch." in page


def test_wishes_are_met_and_shown_beside_the_preset(
    client: TestClient, db: Database, blobs: FolderBlobs
) -> None:
    add_labels(db, blobs, 12)
    client.post("/api/v1/tags", json={"word": "white wing", "specimens": list(range(1, 13))})
    assert '<input type="checkbox" name="hard_tags" value="white wing">' in (
        client.get("/rounds").text
    )
    wishes = {"draws": "mix", "hard_tags": "white wing", "contour": "true", "seed": "7"}
    answer = client.post("/api/v1/rounds", json={"preset": "tiny", **wishes})
    assert answer.status_code == 202
    with db.reading() as session:
        round_ = rounds.get_round(session, 1)
    config = TrainingConfig.from_json(round_.configs["mix"])
    assert (config.sampling.draw, config.seed, round_.hard_tags) == ("mix", 7, ["white wing"])
    assert config.loss.contour is not None
    page = client.get("/rounds/1").text
    assert "Settings are as preset tiny has them now, except for:" in page
    assert '<th scope="row">seed</th><td>7</td><td class="quiet">0</td>' in page
    assert "?tag=white%20wing" in page


@pytest.mark.parametrize(
    ("wishes", "sentence"),
    [
        ({"draws": "mix"}, "Choose the tags that make up the hard group"),
        ({"draws": "mix", "hard_tags": ["rare"]}, "None of the labels that are trained on has"),
        ({"draws": "often"}, "The request is not understood: body.draws"),
        ({"seed": "-1"}, "The seed is a number from 0 to"),
    ],
)
def test_wishes_that_cannot_be_met_are_refused_with_a_sentence(
    client: TestClient,
    db: Database,
    blobs: FolderBlobs,
    wishes: dict[str, object],
    sentence: str,
) -> None:
    add_labels(db, blobs, 4)
    answer = client.post("/api/v1/rounds", json=wishes)
    assert answer.status_code == 422
    assert answer.json()["error"].startswith(sentence)


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
                variant="random",
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


@pytest.mark.parametrize("configs", [{}, {"random": {}}])
def test_a_round_whose_configuration_was_not_kept_has_a_page(
    client: TestClient, db: Database, blobs: FolderBlobs, configs: dict[str, object]
) -> None:
    add_labels(db, blobs, 4)
    client.post("/api/v1/rounds", json={})
    with db.transaction() as session:
        rounds.get_round(session, 1).configs = configs
    assert "Its configuration was not kept." in client.get("/rounds/1").text
    model_id = add_model(db, 1)
    assert client.get(f"/models/{model_id}").status_code == 200
    assert client.get("/rounds/composition").status_code == 200


def test_the_same_request_sent_twice_is_one_round(
    client: TestClient, db: Database, blobs: FolderBlobs
) -> None:
    add_labels(db, blobs, 4)
    sent = [client.post("/api/v1/rounds", json={"request_id": "one"}) for _ in range(2)]
    assert [answer.status_code for answer in sent] == [202, 202]
    assert sent[0].json() == sent[1].json()


def test_a_round_is_steered_over_the_api(
    client: TestClient, db: Database, blobs: FolderBlobs
) -> None:
    add_labels(db, blobs, 4)
    job = client.post("/api/v1/rounds", json={}).json()["job"]
    assert client.post("/api/v1/rounds/1/best", json={"variant": "random"}).status_code == 202
    assert client.post("/api/v1/rounds/1/pause").json()["job"]["state"] == "cancelled"
    page = client.get("/rounds/1").text
    assert "paused" in page
    assert "Go on with it" in page
    assert client.post(f"/api/v1/jobs/{job['id']}/resumption").status_code == 202
    assert client.post("/api/v1/rounds/1/again", json={}).status_code == 409
    assert client.post("/api/v1/rounds/1/export").status_code == 202
    assert client.get("/rounds/1/labels").text.count("<tr>") == 5
    set_ = client.post("/api/v1/round-schedules", json={"new_labels": "5", "hour": ""})
    assert set_.status_code == 201
    assert "After 5 new labels." in client.get("/rounds").text


def test_models_are_promoted_discarded_and_gone_back_to(
    client: TestClient, db: Database, blobs: FolderBlobs
) -> None:
    add_labels(db, blobs, 4)
    client.post("/api/v1/rounds", json={})
    first = add_model(db, 1)
    with db.transaction() as session:
        session.get_one(TrainedModel, first).variant = "mix"
    second = add_model(db, 1)
    for model_id in (first, second):
        assert client.post(f"/api/v1/models/{model_id}/promotion").status_code == 201
    assert client.post("/api/v1/models/roll-back").json() == {
        "model_id": first,
        "before_id": second,
    }
    assert "Roll back to U-Net 2" in client.get("/models").text
    verdict = {"verdict": "discard"}
    assert client.post(f"/api/v1/models/{first}/verdicts", json=verdict).status_code == 409
    assert client.post(f"/api/v1/models/{second}/verdicts", json=verdict).status_code == 201
    page = client.get("/models").text
    assert 'id="discarded"' in page
    assert f'action="/api/v1/models/{second}/promotion"' not in page
    assert "discarded" in client.get(f"/models/{second}").text


def test_an_unknown_preset_is_refused(client: TestClient) -> None:
    answer = client.post("/api/v1/rounds", json={"preset": "huge"})
    assert answer.status_code == 422
    known = ", ".join(PRESETS)
    assert answer.json()["error"] == f"There is no preset “huge”; use one of {known}."


def test_the_promoted_model_serves(client: TestClient, db: Database, blobs: FolderBlobs) -> None:
    add_labels(db, blobs, 4)
    client.post("/api/v1/rounds", json={})
    model_id = add_model(db, 1)
    assert client.post(f"/api/v1/models/{model_id}/promotion").status_code == 201
    with db.reading() as session:
        serving = models.serving(session)
    assert serving is not None
    assert serving.id == model_id


def test_a_model_that_does_not_exist_cannot_be_promoted(client: TestClient) -> None:
    answer = client.post("/api/v1/models/7/promotion")
    assert (answer.status_code, answer.json()["error"]) == (404, "There is no model 7.")


def test_weights_and_card_can_be_taken_along(
    client: TestClient, db: Database, blobs: FolderBlobs
) -> None:
    add_labels(db, blobs, 4)
    client.post("/api/v1/rounds", json={})
    model_id = add_model(db, 1)
    with db.transaction() as session:
        model = session.get_one(TrainedModel, model_id)
        model.weights_digest, model.card_digest = blobs.put(b"numbers"), blobs.put(b"{}")
    weights = client.get(f"/api/v1/models/{model_id}/weights")
    card = client.get(f"/api/v1/models/{model_id}/card")
    assert (weights.content, card.json()) == (b"numbers", {})
    assert 'filename="mothmask-1.safetensors"' in weights.headers["content-disposition"]
    assert client.get("/api/v1/models/99/weights").status_code == 404
