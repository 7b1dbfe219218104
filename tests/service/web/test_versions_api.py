"""Comparing and restoring over the API, the audit's page and table, and files for editing."""

import csv
import io
from uuid import uuid4
from zipfile import ZipFile

import pytest
from fastapi.testclient import TestClient

from app.blobs import FolderBlobs
from app.db import Database
from app.domain.jobs import PartKind
from app.domain.labelling import Decision
from app.domain.people import Person
from app.services import labelling
from app.services.labelling import NewDecision
from ml.imaging.difference import ADDED
from ml.imaging.masks import decode_mask
from ml.imaging.read import read_png
from tests import factories
from tests.conftest import Drain
from worker.context import Context
from worker.jobs import export

KEY = "GEO無法辨識-1_SJRS00018_female"


@pytest.fixture
def version_ids(client: TestClient, db: Database, blobs: FolderBlobs) -> list[int]:
    """Two versions of specimen 1; the second counts."""
    assert client.get("/").status_code == 200
    with db.transaction() as session:
        person = session.get_one(Person, 1)
        specimen = factories.make_specimen(session, blobs, KEY)
        return [
            factories.make_version(session, blobs, specimen, person, grown=grown).id
            for grown in (0, 3)
        ]


def restore(client: TestClient, **wanted: object) -> tuple[int, dict[str, object]]:
    body = {"decision_id": uuid4().hex, **wanted}
    answer = client.post("/api/v1/specimens/1/restorations", json=body)
    return answer.status_code, answer.json()


def test_a_version_is_restored_once(client: TestClient, version_ids: list[int]) -> None:
    first, second = version_ids
    wanted = {"decision_id": uuid4().hex, "version_id": first, "parent_id": second}
    status, made = restore(client, **wanted)
    assert (status, made["number"], made["state"]) == (201, 3, "labelled")
    assert restore(client, **wanted) == (200, made)
    assert "Brings back version 1" in client.get("/specimens/1").text


def test_a_stale_restoration_shows_both_masks(client: TestClient, version_ids: list[int]) -> None:
    first, second = version_ids
    restore(client, version_id=first, parent_id=second)
    status, refusal = restore(client, version_id=first, parent_id=second)
    assert status == 409
    for side in ("current", "mine"):
        shown = refusal[side]
        assert isinstance(shown, dict)
        mask = decode_mask(client.get(str(shown["mask"])).content)
        assert (mask == factories.moth_mask()).all()


@pytest.mark.parametrize("version", [2, 99])
def test_a_restoration_without_sense_is_a_sentence(
    client: TestClient, version_ids: list[int], version: int
) -> None:
    status, refusal = restore(client, version_id=version, parent_id=version_ids[1])
    assert status in (404, 422)
    assert str(refusal["error"]).endswith(".")


@pytest.mark.usefixtures("version_ids")
def test_a_comparison_leads_to_its_picture(client: TestClient) -> None:
    answer = client.get("/api/v1/comparisons/version-1/version-2").json()
    added = (factories.moth_mask(3) > factories.moth_mask()).sum()
    assert (answer["added"], answer["removed"]) == (added, 0)
    assert 0.5 < answer["dice"] < 1
    picture = client.get(answer["picture"])
    assert "immutable" in picture.headers["cache-control"]
    assert (read_png(picture.content) == ADDED).all(axis=2).sum() == added


@pytest.mark.usefixtures("version_ids")
@pytest.mark.parametrize("name", ["version-0", "version-99999999999999999999", "draft-1"])
def test_a_mask_that_is_not_there_cannot_be_compared(client: TestClient, name: str) -> None:
    assert client.get(f"/api/v1/comparisons/version-1/{name}").status_code in (404, 422)
    assert client.get(f"/pictures/differences/version-1/{name}.png").status_code in (404, 422)


@pytest.mark.usefixtures("version_ids")
def test_older_versions_come_as_a_fragment(client: TestClient) -> None:
    assert "version-2" in client.get("/specimens/1/versions").text
    older = client.get("/specimens/1/versions", params={"before": 2}).text
    assert 'id="version-1"' in older
    assert 'id="version-2"' not in older


@pytest.mark.usefixtures("version_ids")
def test_the_audit_is_filtered_by_what_the_form_sends(client: TestClient, db: Database) -> None:
    with db.transaction() as session:
        rejected = NewDecision(
            uuid4().hex,
            Decision.REJECT,
            parent_id=2,
            version_id=2,
            reasons=["hole"],
            note="<b>=1</b>",
        )
        labelling.decide(session, 1, 1, rejected)
    form = {"person": "", "source": "1", "decision": "reject", "since": "2026-01-01", "until": ""}
    page = client.get("/audit", params=form)
    assert "rejected version 2" in page.text
    assert "&lt;b&gt;=1&lt;/b&gt;" in page.text
    table = client.get("/audit.csv", params=form)
    assert table.headers["content-type"] == "text/csv; charset=utf-8"
    rows = list(csv.DictReader(io.StringIO(table.content.decode("utf-8-sig"), newline="")))
    assert [(row["specimen"], row["version"]) for row in rows] == [(KEY, "2")]


@pytest.mark.parametrize(
    ("offset", "day", "found"),
    [(0, "2026-01-01", 1), (-60, "2025-12-31", 1), (-60, "2026-01-01", 0), (480, "2026-01-01", 1)],
)
def test_days_begin_by_the_readers_clock(
    client: TestClient, version_ids: list[int], offset: int, day: str, found: int
) -> None:
    """The tests' clock stands at midnight of the first of January, UTC."""
    restore(client, version_id=version_ids[0], parent_id=version_ids[1])
    form = {"offset": offset, "since": day, "until": day}
    assert client.get("/audit.csv", params=form).text.count("\r\n") == 1 + found


@pytest.mark.parametrize("wrong", [{"person": "Ada"}, {"since": "today"}, {"decision": "burn"}])
def test_a_filter_that_is_not_understood_is_refused(
    client: TestClient, wrong: dict[str, str]
) -> None:
    assert client.get("/audit", params=wrong).status_code == 422


@pytest.mark.usefixtures("version_ids")
def test_one_specimen_is_downloaded_for_editing(client: TestClient) -> None:
    answer = client.get("/api/v1/specimens/1/editing.zip")
    assert "GEO%E7%84%A1" in answer.headers["content-disposition"]
    assert int(answer.headers["content-length"]) == len(answer.content)
    archive = ZipFile(io.BytesIO(answer.content))
    assert archive.testzip() is None
    assert archive.namelist() == [
        "README.txt",
        *(f"TEST/{KEY}_{ending}.png" for ending in ("cropped", "mask_rgbfill", "mask")),
    ]
    mask = decode_mask(archive.read(f"TEST/{KEY}_mask.png"))
    assert (mask == factories.moth_mask(3)).all()
    assert "pure blue" in archive.read("README.txt").decode()


def test_a_specimen_without_a_crop_cannot_be_edited(
    client: TestClient, db: Database, blobs: FolderBlobs
) -> None:
    with db.transaction() as session:
        factories.make_specimen(session, blobs, cropped=False)
    answer = client.get("/api/v1/specimens/1/editing.zip")
    assert answer.status_code == 422
    assert answer.json()["error"].endswith(".")
    assert client.get("/api/v1/specimens/2/editing.zip").status_code == 404


@pytest.mark.usefixtures("version_ids")
def test_a_selection_is_an_export(client: TestClient, context: Context, drain: Drain) -> None:
    with context.db.transaction() as session:
        factories.make_specimen(session, context.blobs, "moth-2")
    wanted = {"kind": "editing", "state": "proposed", "source": "", "tag": "", "search": "moth"}
    started = client.post("/api/v1/exports", json=wanted)
    drain(context, {PartKind.EXPORT: export.run})
    answer = client.get(f"/api/v1/exports/{started.json()['id']}/archive")
    names = ZipFile(io.BytesIO(answer.content)).namelist()
    assert names[:2] == ["README.txt", "TEST/moth-2_cropped.png"]
    assert not any(KEY in name for name in names)


@pytest.mark.usefixtures("version_ids")
def test_labels_of_a_selection_are_exported(
    client: TestClient, context: Context, drain: Drain
) -> None:
    with context.db.transaction() as session:
        other = factories.make_specimen(session, context.blobs, "moth-2")
        factories.make_version(session, context.blobs, other, session.get_one(Person, 1))
    started = client.post("/api/v1/exports", json={"kind": "masks", "specimens": [other.id]})
    drain(context, {PartKind.EXPORT: export.run})
    answer = client.get(f"/api/v1/exports/{started.json()['id']}/archive")
    names = ZipFile(io.BytesIO(answer.content)).namelist()
    assert names == ["TEST/masks/moth-2.png", "manifest.csv"]
