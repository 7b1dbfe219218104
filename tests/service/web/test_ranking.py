"""The pages say what the order of masks rests on."""

import html

import pytest
from fastapi.testclient import TestClient

from app.blobs import FolderBlobs
from app.db import Database
from app.services import calibrating
from tests import factories

OWN = "Order by the program's own scores"
QUALITY = {
    "specimens": 200,
    "own": {"log_loss": 0.9, "auc": 0.7, "first": 0.62},
    "learned": {"log_loss": 0.4, "auc": 0.85, "first": 0.81},
    "used": True,
}


def learn(
    db: Database, source_id: int, coefficients: dict[str, float], quality: dict[str, object]
) -> None:
    with db.transaction() as session:
        calibrating.store(
            session,
            source_id,
            decisions=214,
            coefficients=coefficients,
            quality=quality,
            learned_at=db.clock(),
        )


@pytest.fixture
def specimen(db: Database, blobs: FolderBlobs) -> tuple[int, int]:
    """Its number and its source's."""
    with db.transaction() as session:
        made = factories.make_specimen(session, blobs, source_code="CARS")
        return made.id, made.source_id


def sentences(client: TestClient, specimen_id: int) -> set[str]:
    """What the review is told, and what the specimen's page shows."""
    [item] = client.get("/api/v1/review-queue").json()["items"]
    page = html.unescape(client.get(f"/specimens/{specimen_id}").text)
    shown = f'<a href="/ranking">{item["order"]}</a>'
    return {item["order"], item["order"] if shown in page else page}


def test_the_order_says_how_many_decisions_it_was_learned_from(
    client: TestClient, db: Database, specimen: tuple[int, int]
) -> None:
    specimen_id, source_id = specimen
    assert sentences(client, specimen_id) == {OWN}
    learn(db, source_id, {"curator": -1.0}, QUALITY)
    assert sentences(client, specimen_id) == {"Order learned from 214 decisions in CARS"}


def test_an_order_that_is_no_better_is_not_claimed(
    client: TestClient, db: Database, specimen: tuple[int, int]
) -> None:
    learn(db, specimen[1], {}, QUALITY | {"used": False})
    assert sentences(client, specimen[0]) == {f"{OWN}: 214 decisions in CARS taught none better"}


def test_the_page_shows_how_good_each_order_is(
    client: TestClient, db: Database, specimen: tuple[int, int]
) -> None:
    assert "Nothing yet" in client.get("/ranking").text
    learn(db, specimen[1], {"curator": -1.0}, QUALITY)
    page = client.get("/ranking").text
    assert "62 % → 81 %" in page
    assert "70 % → 85 %" in page
    learn(db, specimen[1], {}, {})
    assert "too few choices" in client.get("/ranking").text
