"""What pages and scripts ask of the queue."""

import pytest
from fastapi.testclient import TestClient

from app.blobs import FolderBlobs
from app.db import Database
from app.domain.notices import NoticeKind
from app.services import notices
from tests import factories

pytestmark = pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)


def test_what_is_taken_is_said_why_and_not_handed_to_others(
    client: TestClient, db: Database, blobs: FolderBlobs
) -> None:
    with db.transaction() as session:
        ids = [factories.make_specimen(session, blobs, f"moth-{n}").id for n in range(3)]
    taken = client.post("/api/v1/review-queue", json={"limit": 2}).json()
    assert [item["id"] for item in taken["items"]] == ids[:2]
    assert taken["items"][0]["why"] == "drawn by lot"
    beat = {"specimens": ids[:2], "looking_at": ids[0]}
    assert client.put("/api/v1/leases", json=beat).json() == {"names": []}
    client.post("/welcome", data={"name": "Lin"})
    others = client.post("/api/v1/review-queue", json={}).json()
    assert [item["id"] for item in others["items"]] == ids[2:]
    seen = client.put("/api/v1/leases", json={"looking_at": ids[0]}).json()
    assert seen == {"names": ["Ada"]}


def test_weights_are_kept_with_who_chose_them(client: TestClient) -> None:
    signals = {"uncertainty": 2, "shortage": 0.5, "disagreement": 0, "lot": 0.75}
    wanted = {**signals, "check_share": 0.1, "seed": 4}
    assert client.post("/api/v1/queue/weights", json=wanted).status_code == 201
    assert client.get("/api/v1/queue/weights").json() == wanted
    page = client.get("/queue").text
    assert "Ada" in page
    assert "10 %" in page
    nothing = dict.fromkeys(signals, 0)
    refused = client.post("/api/v1/queue/weights", json=nothing)
    assert (refused.status_code, refused.json()["error"]) == (
        422,
        "Give at least one of the four a weight above 0.",
    )


def test_an_assignment_is_made_reviewed_and_closed(
    client: TestClient, db: Database, blobs: FolderBlobs
) -> None:
    with db.transaction() as session:
        factories.make_specimen(session, blobs)
        lin = factories.make_person(session, "Lin").id
    wanted = {"name": "白翅", "person": lin, "count": 5, "stratum": "", "source": "TEST", "tag": ""}
    made = client.post("/api/v1/assignments", json=wanted).json()
    assert made == {
        **{"id": 1, "name": "白翅", "person": "Lin", "finished": 0, "total": 1, "open": True}
    }
    assert "白翅" in client.get("/assignments").text
    assert "白翅" in client.get("/review", params={"assignment": 1}).text
    moved = client.post("/api/v1/assignments/1/handovers", json={"person": 1}).json()
    assert moved["person"] == "Ada"
    assert "白翅" in client.get("/review").text, "it is Ada's now"
    assert client.post("/api/v1/assignments/1/closing").json()["open"] is False
    assert client.get("/api/v1/assignments").json() == []


def test_notices_are_new_until_they_are_read(client: TestClient, db: Database) -> None:
    with db.transaction() as session:
        values = {"round": 3, "message": "The disk is full."}
        notices.add(session, NoticeKind.ROUND_FAILED, values, address="/rounds")
    (notice,) = client.get("/api/v1/notices").json()
    assert notice["text"] == "Round 3 has failed: The disk is full."
    assert "1 new notice" in client.get("/queue").text
    assert client.put("/api/v1/notices/read", json={"up_to": notice["id"]}).status_code == 204
    assert "new notice" not in client.get("/notices").text


def test_advice_is_given_before_anything_is_known(client: TestClient) -> None:
    advice = client.get("/api/v1/queue/advice").json()
    assert (advice["decisions"], advice["dice"], advice["may_stop"]) == (0, None, False)
    assert client.get("/second-look").status_code == 200
