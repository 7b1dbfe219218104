"""The JSON that the grid lives on: tiles, batches of decisions, tags."""

from typing import Any
from uuid import uuid4

import pytest
from fastapi.testclient import TestClient

from app.blobs import FolderBlobs
from app.db import Database
from tests import factories


@pytest.fixture
def specimen_ids(db: Database, blobs: FolderBlobs) -> list[int]:
    with db.transaction() as session:
        return [factories.make_specimen(session, blobs, f"蛾-{n}").id for n in range(3)]


def grid_tiles(client: TestClient, **wanted: object) -> Any:
    return client.get("/api/v1/grid", params=wanted).json()["tiles"]


def batch(client: TestClient, tiles: list[Any], **fields: object) -> Any:
    items = [
        {
            "decision_id": f"decision-{tile['id']}",
            "specimen_id": tile["id"],
            "candidate_id": tile["candidate"],
            "parent_id": tile["parent"],
        }
        for tile in tiles
    ]
    return client.post("/api/v1/reviews", json={"decision": "accept", "items": items, **fields})


def test_tiles_come_in_pages_and_empty_fields_of_a_form_filter_nothing(
    client: TestClient, specimen_ids: list[int]
) -> None:
    first = client.get("/api/v1/grid?limit=2&stratum=&tag=&uncertainty_from=").json()
    assert (first["total"], len(first["tiles"])) == (3, 2)
    last = first["tiles"][-1]
    after = {"after_rank": last["rank"], "after_id": last["id"]}
    second = client.get("/api/v1/grid", params={"limit": 2, **after}).json()
    assert second["total"] is None
    found = [tile["id"] for tile in first["tiles"] + second["tiles"]]
    assert found == specimen_ids
    assert second["tiles"][0]["title"] == "Border otsu"


def test_a_thumbnail_is_kept_and_shows_the_specimen_alone(
    client: TestClient, specimen_ids: list[int]
) -> None:
    tile = grid_tiles(client)[0]
    assert tile["id"] == specimen_ids[0]
    address = f"/pictures/thumbnails/{tile['crop']}/{tile['mask']}.png"
    for look in ("cutout", "outline"):
        once, again = (client.get(address, params={"look": look}) for _ in range(2))
        assert once.status_code == 200
        assert once.content == again.content
        assert "immutable" in once.headers["cache-control"]
        no_mask = f"/pictures/thumbnails/{tile['crop']}/{tile['crop']}.png"
        assert client.get(no_mask, params={"look": look}).status_code == 422


def test_a_batch_is_accepted_and_taken_back(client: TestClient, specimen_ids: list[int]) -> None:
    made = batch(client, grid_tiles(client))
    assert made.status_code == 201
    assert [each["specimen_id"] for each in made.json()["reviews"]] == specimen_ids
    assert grid_tiles(client) == []
    labelled = grid_tiles(client, state="labelled")
    assert {tile["version"] for tile in labelled} == {
        each["version_id"] for each in made.json()["reviews"]
    }
    undo = [
        {"decision_id": uuid4().hex, "specimen_id": id_, "retracts": f"decision-{id_}"}
        for id_ in specimen_ids
    ]
    taken_back = client.post("/api/v1/reviews", json={"decision": "retract", "items": undo})
    assert taken_back.status_code == 201
    assert len(grid_tiles(client)) == 3


def test_a_batch_names_the_specimens_that_moved_on(
    client: TestClient, specimen_ids: list[int]
) -> None:
    tiles = grid_tiles(client)
    client.post(
        f"/api/v1/specimens/{specimen_ids[1]}/reviews",
        json={
            "decision_id": uuid4().hex,
            "decision": "accept",
            "candidate_id": tiles[1]["candidate"],
        },
    )
    answer = batch(client, tiles)
    assert answer.status_code == 409
    [stale] = answer.json()["stale"]
    assert stale["specimen_id"] == specimen_ids[1]
    assert stale["error"] == "Ada has saved version 1 of 蛾-1 meanwhile."
    assert stale["current"]["person"] == "Ada"
    assert len(grid_tiles(client)) == 2


def test_a_batch_has_a_limit(client: TestClient) -> None:
    item = {"decision_id": "x" * 8, "specimen_id": 1}
    for items in ([], [item] * 5001):
        answer = client.post("/api/v1/reviews", json={"decision": "skip", "items": items})
        assert answer.status_code == 422


def test_tags_of_one_and_of_many(client: TestClient, specimen_ids: list[int]) -> None:
    address = f"/api/v1/specimens/{specimen_ids[0]}/tags"
    assert client.post(address, json={"word": " 白翅 "}).json() == {"tags": ["白翅"]}
    many = client.post("/api/v1/tags", json={"word": "worn", "on": True, "specimens": specimen_ids})
    assert many.json() == {"word": "worn", "specimens": 3}
    counts = client.get("/api/v1/tags").json()["tags"]
    assert counts == [{"word": "worn", "count": 3}, {"word": "白翅", "count": 1}]
    gone = client.post(address, json={"word": "白翅", "on": False})
    assert gone.json() == {"tags": ["worn"]}
    assert grid_tiles(client, tag="worn")[0]["tags"] == ["worn"]


def test_the_page_keeps_the_filter(client: TestClient, specimen_ids: list[int]) -> None:
    assert specimen_ids
    page = client.get("/grid?state=labelled&search=%E8%9B%BE&stratum=").text
    assert 'value="labelled" selected' in page
    assert 'value="蛾"' in page
    assert client.get("/grid?state=everything").status_code == 422
