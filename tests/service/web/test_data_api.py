"""Tables of figures: whole, in pieces, harmless in a spreadsheet, every column explained."""

import csv
import io

import pytest
from fastapi.testclient import TestClient

from app.blobs import FolderBlobs
from app.db import Database
from app.domain.people import Person
from app.services import data_tables
from app.services.data_tables import MEANINGS, TABLES
from tests import factories


@pytest.fixture
def labels(client: TestClient, db: Database, blobs: FolderBlobs) -> TestClient:
    with db.transaction() as session:
        person = session.get_one(Person, 1)
        for key in ("=1+1", "GEO無法辨識-1", "moth-3"):
            factories.make_version(
                session, blobs, factories.make_specimen(session, blobs, key), person
            )
    return client


def test_labels_come_in_pieces_and_harmless(
    labels: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(data_tables, "CHUNK", 2)
    table = labels.get("/api/v1/data/labels.csv")
    assert table.headers["content-type"] == "text/csv; charset=utf-8"
    rows = list(csv.DictReader(io.StringIO(table.content.decode("utf-8-sig"))))
    assert [row["specimen"] for row in rows] == ["'=1+1", "GEO無法辨識-1", "moth-3"]
    objects = labels.get("/api/v1/data/labels.json").json()
    assert [each["specimen"] for each in objects] == ["=1+1", "GEO無法辨識-1", "moth-3"]
    assert {each["author"] for each in objects} == {"Ada"}


@pytest.mark.parametrize("code", [table.code for table in TABLES])
def test_every_table_can_be_empty(client: TestClient, code: str) -> None:
    assert client.get(f"/api/v1/data/{code}.json").json() == []
    head = client.get(f"/api/v1/data/{code}.csv").content.decode("utf-8-sig")
    assert set(head.strip().split(",")) <= set(MEANINGS)


@pytest.mark.parametrize("database_kind", ["sqlite"])
def test_a_table_that_is_not_there_is_said_so(client: TestClient) -> None:
    assert client.get("/api/v1/data/people.csv").status_code == 404
