"""What the page for drawing begins with, and which masks it offers beside it."""

import html
import json
import re
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.blobs import FolderBlobs
from app.db import Database
from app.domain.labelling import Candidate
from app.domain.people import Person
from app.domain.specimens import Specimen
from ml.imaging.boxes import Box
from tests import factories


@pytest.fixture
def specimen_id(db: Database, blobs: FolderBlobs) -> int:
    """Two candidates, the better one rejected."""
    with db.transaction() as session:
        specimen = factories.make_specimen(session, blobs)
        _candidates(session)[0].rejected = True
        return specimen.id


def _candidates(session: Session) -> list[Candidate]:
    return list(session.scalars(select(Candidate).order_by(Candidate.id)))


def _data(client: TestClient, specimen_id: int, **query: object) -> dict[str, Any]:
    page = client.get(
        f"/specimens/{specimen_id}/drawing", params={k: str(v) for k, v in query.items()}
    )
    assert page.status_code == 200
    found = re.search(
        r'<script type="application/json" id="page-data">(.*?)</script>', page.text, re.S
    )
    assert found is not None
    data: dict[str, Any] = json.loads(html.unescape(found[1]))
    return data


def test_it_begins_with_the_best_that_is_open(
    client: TestClient, db: Database, specimen_id: int
) -> None:
    with db.reading() as session:
        rejected, best = _candidates(session)
    assert best.digest in _data(client, specimen_id)["start"]
    assert rejected.digest in _data(client, specimen_id, candidate=rejected.id)["start"]
    assert _data(client, specimen_id, empty=1)["start"] is None
    assert _data(client, specimen_id, candidate=999)["start"] is None


def test_it_offers_every_mask_of_the_crop(
    client: TestClient, db: Database, blobs: FolderBlobs, specimen_id: int
) -> None:
    with db.transaction() as session:
        specimen = session.get_one(Specimen, specimen_id)
        version = factories.make_version(session, blobs, specimen, session.get_one(Person, 1))
    masks = _data(client, specimen_id)["masks"]
    assert [each["kind"] for each in masks] == ["version", "candidate", "candidate"]
    assert [each.get("rejected") for each in masks] == [None, False, True]
    assert masks[0]["id"] == version.id
    assert client.get(masks[2]["small"]).headers["content-type"] == "image/png"


def test_masks_of_an_older_crop_are_left_out(
    client: TestClient, db: Database, blobs: FolderBlobs, specimen_id: int
) -> None:
    with db.transaction() as session:
        factories.make_crop(session, blobs, session.get_one(Specimen, specimen_id), Box(0, 0, 9, 9))
    data = _data(client, specimen_id)
    assert (data["masks"], data["start"]) == ([], None)
