"""Somebody draws while the box is changed: what they drew stays where it is on the photograph."""

import numpy as np
import pytest
from fastapi.testclient import TestClient

from app.blobs import FolderBlobs
from app.db import Database
from app.services import boxes
from app.services.boxes import NewBox
from ml.imaging.arrays import Mask
from ml.imaging.boxes import Box
from ml.imaging.frame import Placement, into_photograph
from ml.imaging.masks import decode_mask, encode_mask
from tests import factories
from tests.service.crops.flow import crop, label, specimen
from tests.service.web.conftest import client, stranger

__all__ = ["client", "stranger"]

ADDRESS = "/api/v1/specimens/1"
WHOLE = Placement(Box(0, 0, factories.WIDTH, factories.HEIGHT))
MOVED = NewBox(Box(4, 2, factories.WIDTH, factories.HEIGHT - 2))
DRAWN = factories.moth_mask(-3)


@pytest.fixture(autouse=True)
def moth(db: Database, blobs: FolderBlobs) -> None:
    with db.transaction() as session:
        factories.make_specimen(session, blobs)


def on_photograph(mask: Mask, placement: Placement) -> Mask:
    return into_photograph(mask, placement, factories.HEIGHT, factories.WIDTH)


def send(client: TestClient, how: str, **fields: object) -> int:
    files = {"file": ("mask.png", encode_mask(DRAWN), "image/png")}
    data = {name: str(value) for name, value in fields.items() if value is not None}
    path = f"{ADDRESS}/{'draft' if how == 'PUT' else 'versions'}"
    status: int = client.request(how, path, files=files, data=data).status_code
    return status


def test_what_was_drawn_on_the_earlier_crop_becomes_a_label_of_the_new_one(
    client: TestClient, db: Database, blobs: FolderBlobs
) -> None:
    made = boxes.place(db, blobs, 1, MOVED)
    fields = {"decision_id": "a-decision", "origin": "hand", "crop_id": 1}
    assert send(client, "POST", **fields) == 201
    saved = label(db)
    assert saved.crop_id == made
    mask = decode_mask(blobs.read(saved.digest))
    expected = on_photograph(DRAWN, WHOLE)
    np.testing.assert_array_equal(on_photograph(mask, crop(db, made).placement), expected)
    assert send(client, "POST", **fields) == 200, "the same decision is one"


def test_a_label_that_was_carried_meanwhile_is_still_the_one_that_was_seen(
    client: TestClient, db: Database, blobs: FolderBlobs
) -> None:
    assert send(client, "POST", decision_id="the-first", origin="hand") == 201
    seen = specimen(db).version_id
    boxes.place(db, blobs, 1, MOVED)
    fields = {"origin": "hand", "parent_id": seen, "crop_id": 1}
    assert send(client, "POST", decision_id="the-second", **fields) == 201
    assert send(client, "POST", decision_id="the-third", **fields) == 409


@pytest.mark.parametrize("sent", ["before", "after"])
def test_a_draft_is_laid_onto_the_new_crop(
    client: TestClient, db: Database, blobs: FolderBlobs, sent: str
) -> None:
    if sent == "before":
        assert send(client, "PUT") == 204
    made = boxes.place(db, blobs, 1, MOVED)
    if sent == "after":
        assert send(client, "PUT", crop_id=1) == 204
    draft = client.get(f"{ADDRESS}/draft").json()
    assert draft["carried"]
    mask = decode_mask(client.get(draft["mask"]).content)
    expected = on_photograph(DRAWN, WHOLE)
    np.testing.assert_array_equal(on_photograph(mask, crop(db, made).placement), expected)
    assert draft["mask"] in client.get("/specimens/1/drawing").text

    boxes.place(db, blobs, 1, NewBox(WHOLE.box))
    again = client.get(f"{ADDRESS}/draft").json()["mask"]
    np.testing.assert_array_equal(decode_mask(client.get(again).content), DRAWN)


def test_a_draft_of_which_nothing_lies_in_the_box_waits(
    client: TestClient, db: Database, blobs: FolderBlobs
) -> None:
    assert send(client, "PUT") == 204
    boxes.place(db, blobs, 1, NewBox(Box(0, 0, 9, 9)))
    assert client.get(f"{ADDRESS}/draft").status_code == 404
    assert client.get("/specimens/1/drawing").status_code == 200
    boxes.place(db, blobs, 1, NewBox(WHOLE.box))
    assert client.get(f"{ADDRESS}/draft").json()["carried"]


def test_a_crop_of_another_specimen_is_refused(client: TestClient) -> None:
    assert send(client, "PUT", crop_id=99) == 404
