"""The JSON that the review page lives on."""

from typing import Any
from uuid import uuid4

import pytest
from fastapi.testclient import TestClient

from app.blobs import FolderBlobs
from app.db import Database
from ml.imaging.arrays import Pixels
from ml.imaging.masks import decode_mask, encode_mask
from ml.imaging.read import encode_png, read_png
from tests import factories
from tests.unit.imaging.pictures import png_claiming


@pytest.fixture
def specimen_id(db: Database, blobs: FolderBlobs) -> int:
    with db.transaction() as session:
        return factories.make_specimen(session, blobs, "GEO無法辨識-1_SJRS00018_female").id


def first_item(client: TestClient) -> Any:
    return client.get("/api/v1/review-queue").json()["items"][0]


def post_review(client: TestClient, specimen_id: int, **values: object) -> Any:
    wanted = {"decision_id": uuid4().hex, **values}
    return client.post(f"/api/v1/specimens/{specimen_id}/reviews", json=wanted)


def test_the_queue_tells_everything_that_the_page_shows(
    client: TestClient, specimen_id: int
) -> None:
    item = first_item(client)
    assert (item["id"], item["key"]) == (specimen_id, "GEO無法辨識-1_SJRS00018_female")
    assert item["why"] == "drawn by lot"
    assert [candidate["score"] for candidate in item["candidates"]] == [0.9, 0.8]
    picture, mask = item["crop"]["picture"], item["candidates"][0]["mask"]
    pixels = read_png(client.get(picture).content)
    assert decode_mask(client.get(mask).content).shape == pixels.shape[:2]
    assert "immutable" in client.get(picture).headers["cache-control"]


def test_accepting_empties_the_queue(client: TestClient, specimen_id: int) -> None:
    candidate_id = first_item(client)["candidates"][0]["id"]
    answer = post_review(client, specimen_id, decision="accept", candidate_id=candidate_id)
    assert answer.status_code == 201
    assert (answer.json()["number"], answer.json()["state"]) == (1, "labelled")
    queue = client.get("/api/v1/review-queue").json()
    assert (queue["items"], queue["labelled"], queue["total"]) == ([], 1, 1)


def test_a_conflict_shows_the_other_mask(client: TestClient, specimen_id: int) -> None:
    first, second = (candidate["id"] for candidate in first_item(client)["candidates"])
    post_review(client, specimen_id, decision="accept", candidate_id=first)
    answer = post_review(client, specimen_id, decision="accept", candidate_id=second)
    assert answer.status_code == 409
    assert answer.json()["current"]["person"] == "Ada"
    assert client.get(answer.json()["current"]["mask"]).status_code == 200


def test_a_conflict_of_an_upload_shows_both_masks(client: TestClient, specimen_id: int) -> None:
    candidate = first_item(client)["candidates"][0]
    post_review(client, specimen_id, decision="accept", candidate_id=candidate["id"])
    drawn = factories.moth_mask(grown=2)
    answer = client.post(
        f"/api/v1/specimens/{specimen_id}/versions",
        data={"decision_id": uuid4().hex, "origin": "upload", "parent_id": ""},
        files={"file": ("moth.png", encode_mask(drawn), "image/png")},
    )
    assert answer.status_code == 409
    assert answer.json()["current"]["number"] == 1
    assert (decode_mask(client.get(answer.json()["mine"]["full"]).content) == drawn).all()
    assert client.get(answer.json()["mine"]["mask"]).status_code == 200


def test_what_comes_again_after_its_answer_was_lost_counts_once(
    client: TestClient, specimen_id: int
) -> None:
    def save() -> Any:
        return client.post(
            f"/api/v1/specimens/{specimen_id}/versions",
            data={"decision_id": "the-same-mask", "origin": "hand"},
            files={"file": ("mask.png", encode_mask(factories.moth_mask()), "image/png")},
        )

    def skip() -> Any:
        return post_review(client, specimen_id, decision="skip", decision_id="the-same-skip")

    for send in (save, skip):
        first, again = send(), send()
        assert (first.status_code, again.status_code) == (201, 200)
        assert first.json()["review_id"] == again.json()["review_id"]


def test_nobody_decides_in_the_name_of_who_came_in_later(
    client: TestClient, specimen_id: int
) -> None:
    client.headers["Mothmask-Person"] = "1"
    assert post_review(client, specimen_id, decision="skip").status_code == 201
    client.post("/welcome", data={"name": "Lin"})
    answer = post_review(client, specimen_id, decision="skip")
    assert answer.status_code == 401
    assert "Lin" in answer.json()["error"]


@pytest.mark.parametrize(
    ("values", "status"),
    [
        ({"decision": "reject", "candidate_id": 1}, 422),
        ({"decision": "burn"}, 422),
        ({"decision": "accept", "candidate_id": 99}, 404),
    ],
)
def test_refusals_are_sentences(
    client: TestClient, specimen_id: int, values: dict[str, object], status: int
) -> None:
    answer = post_review(client, specimen_id, **values)
    assert answer.status_code == status
    assert answer.json()["error"].endswith(".")


@pytest.mark.parametrize(
    ("picture", "may_be_read_otherwise"),
    [(factories.moth_pixels(1), True), (factories.moth_mask()[:5, :5], None)],
    ids=["a photograph", "a mask of another size"],
)
def test_only_where_the_size_is_right_another_kind_may_help(
    client: TestClient, specimen_id: int, picture: Pixels, may_be_read_otherwise: bool | None
) -> None:
    answer = client.post(
        f"/api/v1/specimens/{specimen_id}/versions",
        data={"decision_id": uuid4().hex, "origin": "upload"},
        files={"file": ("moth.png", encode_png(picture), "image/png")},
    )
    assert answer.status_code == 422
    assert answer.json().get("may_be_read_otherwise") is may_be_read_otherwise


def test_an_uploaded_mask_becomes_a_version(client: TestClient, specimen_id: int) -> None:
    drawn = factories.moth_mask(grown=2)
    answer = client.post(
        f"/api/v1/specimens/{specimen_id}/versions",
        data={"decision_id": uuid4().hex, "origin": "upload", "parent_id": ""},
        files={"file": ("GEO無法辨識.png", encode_mask(drawn), "image/png")},
    )
    assert answer.status_code == 201
    current = client.get(f"/api/v1/specimens/{specimen_id}/review-item").json()["current"]
    assert (decode_mask(client.get(current["mask_full"]).content) == drawn).all()


def test_a_draft_is_kept_and_goes_when_it_is_saved(client: TestClient, specimen_id: int) -> None:
    address = f"/api/v1/specimens/{specimen_id}/draft"
    assert client.get(address).status_code == 404
    for grown in (1, 2):
        data = encode_mask(factories.moth_mask(grown))
        kept = client.put(address, files={"file": ("draft.png", data, "image/png")})
        assert kept.status_code == 204
    draft = client.get(address).json()
    assert (decode_mask(client.get(draft["mask"]).content) == factories.moth_mask(2)).all()
    parent = None
    for origin, status in (("upload", 200), ("hand", 404)):  # a file is not what was being drawn
        answer = client.post(
            f"/api/v1/specimens/{specimen_id}/versions",
            data={"decision_id": uuid4().hex, "origin": origin, "parent_id": parent or ""},
            files={"file": ("mask.png", data, "image/png")},
        )
        parent = answer.json()["version_id"]
        assert client.get(address).status_code == status


@pytest.mark.parametrize(
    ("drawn_at", "status"), [("2020-01-01T10:00:00Z", 409), ("2100-01-01T10:00:00Z", 204)]
)
def test_a_draft_that_a_browser_kept_replaces_only_an_older_one(
    client: TestClient, specimen_id: int, drawn_at: str, status: int
) -> None:
    address = f"/api/v1/specimens/{specimen_id}/draft"

    def keep(grown: int, **data: str) -> int:
        file = ("draft.png", encode_mask(factories.moth_mask(grown)), "image/png")
        return int(client.put(address, data=data, files={"file": file}).status_code)

    assert keep(1, drawn_at=drawn_at) == 204  # there is none yet
    assert keep(2) == 204
    assert keep(3, drawn_at=drawn_at) == status
    kept = decode_mask(client.get(client.get(address).json()["mask"]).content)
    assert (kept == factories.moth_mask(2 if status == 409 else 3)).all()


@pytest.mark.parametrize(
    ("method", "path", "values"),
    [
        ("GET", f"/api/v1/jobs/{10**20}", {}),
        ("GET", f"/specimens/{10**20}", {}),
        ("POST", "/api/v1/specimens/1/reviews", {"decision": "retract", "retracts_id": 10**20}),
    ],
)
def test_numbers_that_no_table_holds_are_refused(
    client: TestClient, specimen_id: int, method: str, path: str, values: dict[str, object]
) -> None:
    assert specimen_id == 1
    answer = client.request(method, path, json={"decision_id": uuid4().hex, **values})
    assert answer.status_code == 422
    assert "cannot hold" in answer.text


def test_reasons_have_an_end(client: TestClient, specimen_id: int) -> None:
    wanted = {"decision_id": uuid4().hex, "decision": "skip", "reasons": ["x" * 1000]}
    answer = client.post(f"/api/v1/specimens/{specimen_id}/reviews", json=wanted)
    assert answer.status_code == 422


def test_a_draft_of_an_unknown_label_is_refused(client: TestClient, specimen_id: int) -> None:
    data = encode_mask(factories.moth_mask())
    answer = client.put(
        f"/api/v1/specimens/{specimen_id}/draft",
        files={"file": ("draft.png", data, "image/png")},
        data={"parent_id": "999"},
    )
    assert answer.status_code == 422


def test_the_size_of_a_draft_is_looked_at_before_its_pixels(
    client: TestClient, specimen_id: int
) -> None:
    answer = client.put(
        f"/api/v1/specimens/{specimen_id}/draft",
        files={"file": ("draft.png", png_claiming(15_000, 15_000), "image/png")},
    )
    assert "15000 × 15000 pixels, but the crop has 64 × 48" in answer.json()["error"]
