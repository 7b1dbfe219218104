"""The addresses of a specimen's maps, and having them made."""

import pytest
from fastapi.testclient import TestClient

from app.blobs import FolderBlobs
from app.db import Database
from app.domain.jobs import PartKind
from app.domain.specimens import MapKind
from app.services import maps
from ml.imaging.masks import decode_map
from tests import factories
from tests.conftest import Drain
from worker.context import Context
from worker.jobs import maps as maps_part


@pytest.fixture
def address(db: Database, blobs: FolderBlobs) -> str:
    with db.transaction() as session:
        specimen = factories.make_specimen(session, blobs)
    return f"/api/v1/specimens/{specimen.id}/maps"


def test_maps_are_asked_for_and_then_there(
    client: TestClient, context: Context, drain: Drain, address: str
) -> None:
    assert client.get(address).json() == {"superpixels": None, "blocks": []}
    asked = client.post(address)
    assert asked.status_code == 202
    assert client.post(address).json() == asked.json()
    drain(context, {PartKind.MAPS: maps_part.run})
    found = client.get(address).json()
    assert [(each["method"], each["title"]) for each in found["blocks"]] == [
        ("merged", "Colour blocks")
    ]
    for url in (found["superpixels"], found["blocks"][0]["url"]):
        picture = client.get(url)
        assert picture.headers["content-type"] == "image/png"
        assert decode_map(picture.content).shape == (factories.HEIGHT, factories.WIDTH)
    answer = client.post(address)
    assert (answer.status_code, answer.json()) == (202, {"job": None})


def test_blocks_of_the_slow_method_can_be_chosen_too(
    client: TestClient, db: Database, blobs: FolderBlobs
) -> None:
    with db.transaction() as session:
        specimen = factories.make_specimen(session, blobs)
        for method in (maps.KANEZAKI, "merged"):
            maps.keep(session, specimen.crop_id or 0, MapKind.BLOCKS, method, "0" * 64)
    found = client.get(f"/api/v1/specimens/{specimen.id}/maps").json()
    assert [each["title"] for each in found["blocks"]] == ["Colour blocks", "Kanezaki"]


def test_there_are_no_maps_of_nothing(client: TestClient) -> None:
    assert client.get("/api/v1/specimens/999/maps").status_code == 404
    assert client.post("/api/v1/specimens/999/maps").status_code == 404
