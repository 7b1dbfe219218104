"""The boxes that need a look, in order, and what can be said of them, over HTTP."""

from collections.abc import Mapping
from uuid import uuid4

import pytest
from fastapi.testclient import TestClient

from app.blobs import FolderBlobs
from app.db import Database
from app.domain.specimens import Specimen
from tests import factories

TIGHT = {"left": 6, "top": 4, "right": 60, "bottom": 46}
DOUBTS = (0.4, 0.9, 0.1, 0.9, 0.6)


@pytest.fixture
def moths(db: Database, blobs: FolderBlobs) -> None:
    """Five boxes, of which the third is sure, and the fifth has a ruler in it."""
    with db.transaction() as session:
        for number, doubt in enumerate(DOUBTS):
            moth = factories.make_specimen(session, blobs, f"moth-{number + 1}")
            moth.box_doubt = doubt
            factories.as_detected(session, moth, 1 - doubt)
        factories.as_detected(session, moth, 1 - doubt, ["ruler-or-card"])


pytestmark = pytest.mark.usefixtures("moths")


def check(client: TestClient, number: int, **fields: object) -> Mapping[str, object]:
    sent = {"decision_id": uuid4().hex, **fields}
    reply = client.post(f"/api/v1/specimens/{number}/box-checks", json=sent)
    return {"status": reply.status_code, **reply.json()}


def ids(client: TestClient, **query: object) -> list[int]:
    reply = client.get("/api/v1/box-queue", params={"limit": 50, **query}).json()
    return [item["id"] for item in reply["items"]]


def test_the_queue_follows_the_doubt(client: TestClient) -> None:
    assert ids(client) == [4, 2, 5, 1]
    assert ids(client, look="unchecked") == [4, 2, 5, 1, 3]
    assert ids(client, look="ruler-or-card") == [5]
    assert ids(client, look="aspect") == []
    assert ids(client, exclude="4,5") == [2, 1]


def test_a_page_goes_on_where_the_last_one_ended(client: TestClient) -> None:
    first = client.get("/api/v1/box-queue", params={"limit": 2}).json()
    last = first["items"][-1]

    assert first["waiting"] == 4
    assert ids(client, after_doubt=last["doubt"], after_id=last["id"]) == [5, 1]


def test_what_is_checked_leaves_the_queue(client: TestClient) -> None:
    reply = check(client, 4, verdict="right", crop_id=4)

    assert (reply["status"], reply["crop_id"]) == (201, 4)
    assert ids(client) == [2, 5, 1]


def test_an_item_says_all_that_the_page_shows(client: TestClient) -> None:
    item = client.get("/api/v1/specimens/5/box").json()

    assert item["box"] == {"left": 0, "top": 0, "right": 64, "bottom": 48, "angle": 0.0}
    assert (item["width"], item["height"]) == (64, 48)
    assert item["warnings"] == ["ruler or card suspected"]
    assert client.get(item["photograph"]).status_code == 200
    assert client.get(item["crop"]).status_code == 200
    assert client.get("/api/v1/specimens/99/box").status_code == 404


def test_a_turned_box_is_cut_and_answered(client: TestClient) -> None:
    reply = check(client, 1, verdict="corrected", crop_id=1, box=TIGHT | {"angle": 10})

    assert reply["status"] == 201
    item = client.get("/api/v1/specimens/1/box").json()
    assert item["box"] == TIGHT | {"angle": 10.0}
    assert item["checked"]
    assert item["crop_id"] == reply["crop_id"]


def test_what_would_be_cut_off_can_be_asked_before(
    client: TestClient, db: Database, blobs: FolderBlobs
) -> None:
    half = {"left": 0, "top": 0, "right": 32, "bottom": 48}
    address = "/api/v1/specimens/1/box/left-out"
    assert client.get(address, params=half).json() == {"outside": 0, "total": 0}

    with db.transaction() as session:
        bea = factories.make_person(session, "Bea")
        factories.make_version(session, blobs, session.get_one(Specimen, 1), bea)

    told = client.get(address, params=half).json()
    assert told["outside"] * 2 == pytest.approx(told["total"], rel=0.1)
    assert client.get(address, params=TIGHT).json()["outside"] == 0


def test_whoever_is_late_is_told(client: TestClient) -> None:
    check(client, 1, verdict="corrected", crop_id=1, box=TIGHT)

    late = check(client, 1, verdict="right", crop_id=1)

    assert late["status"] == 409
    assert "another box" in str(late["error"])


@pytest.mark.parametrize(
    "fields",
    [
        {"verdict": "corrected"},
        {"verdict": "corrected", "box": {"left": 1, "top": 1, "right": 3, "bottom": 40}},
        {"verdict": "corrected", "box": {"left": 900, "top": 1, "right": 990, "bottom": 40}},
        {"verdict": "corrected", "box": {"left": 1e30, "top": 1, "right": 990, "bottom": 40}},
        {"verdict": "splendid"},
        {"verdict": "undone", "retracts": "never-made"},
    ],
)
def test_what_cannot_be_meant_is_refused_with_a_sentence(
    client: TestClient, fields: dict[str, object]
) -> None:
    reply = check(client, 1, crop_id=1, **fields)

    assert reply["status"] == 422
    assert reply["error"]


def test_a_box_beside_becomes_a_specimen(client: TestClient) -> None:
    sent = {"decision_id": uuid4().hex, "box": TIGHT}

    reply = client.post("/api/v1/photographs/1/specimens", json=sent).json()

    assert reply["key"] == "moth-1#2"
    beside = client.get("/api/v1/specimens/1/box").json()["beside"]
    assert [each["id"] for each in beside] == [reply["specimen_id"]]
    assert (
        client.post(
            "/api/v1/photographs/99/specimens", json=sent | {"decision_id": "x" * 9}
        ).status_code
        == 404
    )
