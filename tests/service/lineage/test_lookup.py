"""A file leads to its label version by pixels, by place, or by its name alone."""

import io

import numpy as np
import pytest
from fastapi.testclient import TestClient
from PIL import Image

from app.blobs import FolderBlobs
from app.db import Database
from app.domain.labelling import LabelVersion
from app.domain.people import Person
from ml.imaging.arrays import Pixels
from ml.imaging.boxes import Box
from ml.imaging.fills import BLUE, fill_background
from ml.imaging.masks import encode_mask
from tests import factories
from tests.service.web.conftest import client, stranger

__all__ = ["client", "stranger"]

BOX = Box(6, 4, 60, 46)
INSIDE = factories.moth_mask()
pytestmark = pytest.mark.parametrize("database_kind", ["sqlite"])


@pytest.fixture
def version(client: TestClient, db: Database, blobs: FolderBlobs) -> LabelVersion:
    """Of a specimen whose crop is a part of its photograph."""
    assert client.get("/").status_code == 200
    with db.transaction() as session:
        specimen = factories.make_specimen(session, blobs, "moth-1", cropped=False)
        factories.make_crop(session, blobs, specimen, BOX)
        made = factories.make_version(session, blobs, specimen, session.get_one(Person, 1))
        made.digest = blobs.put(encode_mask(BOX.cut(INSIDE)))
        return made


def png(pixels: Pixels) -> bytes:
    """As another program writes it."""
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "PNG", compress_level=1)
    return file.getvalue()


def moth() -> Pixels:
    return BOX.cut(factories.moth_pixels(1))


@pytest.mark.parametrize(
    ("name", "data", "how"),
    [
        ("anything.png", png(BOX.cut(INSIDE)), "pixels"),
        ("anything.png", png(fill_background(moth(), BOX.cut(INSIDE), BLUE)), "pixels"),
        ("moth-1.png", png(INSIDE), "place"),
        ("moth-1_mask.png", png(BOX.cut(factories.moth_mask(2))), "name"),
    ],
)
def test_a_file_is_looked_up(
    client: TestClient, version: LabelVersion, name: str, data: bytes, how: str
) -> None:
    answer = client.post("/api/v1/lineage", files={"files": (name, data)}).json()
    assert [(each["id"], each["how"]) for each in answer["matches"]] == [(version.id, how)]
    assert client.get(answer["page"]).status_code == 200


def test_what_leads_nowhere_is_a_sentence(client: TestClient, version: LabelVersion) -> None:
    nothing = png(np.zeros_like(INSIDE))
    for files in ({"files": ("other.png", nothing)}, {"files": ("x.txt", b"no picture")}):
        answer = client.post("/api/v1/lineage", files=files)
        assert answer.status_code in (404, 422)
        assert answer.json()["error"].endswith(".")
    assert client.get("/api/v1/lineage?of=nobody").status_code == 404
    assert client.get(f"/api/v1/versions/{version.id + 1}").status_code == 404


@pytest.mark.parametrize("text", ["{digest}", "{id}", "version-{id}", "moth-1_mask_Unet.png"])
def test_a_text_is_looked_up(client: TestClient, version: LabelVersion, text: str) -> None:
    wanted = text.format(digest=version.digest, id=version.id)
    answer = client.get("/api/v1/lineage", params={"of": wanted}).json()
    assert [each["id"] for each in answer["matches"]] == [version.id]
    assert f'href="/versions/{version.id}"' in client.get("/lineage", params={"of": wanted}).text
