"""An export from its start in the browser to the archive on the curator's disk."""

import io
from zipfile import ZipFile

from fastapi.testclient import TestClient

from app.blobs import FolderBlobs
from app.db import Database
from app.domain.jobs import PartKind
from app.domain.people import Person
from tests import factories
from tests.conftest import Drain
from worker.context import Context
from worker.jobs import export

HANDLERS = {PartKind.EXPORT: export.run}


def add_label(db: Database, blobs: FolderBlobs, key: str) -> None:
    with db.transaction() as session:
        specimen = factories.make_specimen(session, blobs, key)
        factories.make_version(session, blobs, specimen, session.get_one(Person, 1))


def download(client: TestClient, context: Context, drain: Drain, **wanted: str) -> ZipFile:
    started = client.post("/api/v1/exports", json=wanted)
    assert started.status_code == 202
    drain(context, HANDLERS)
    answer = client.get(f"/api/v1/exports/{started.json()['id']}/archive")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/zip"
    assert int(answer.headers["content-length"]) == len(answer.content)
    name = f"mothmask-{wanted['kind']}-{wanted['frame']}.zip"
    assert answer.headers["content-disposition"] == f'attachment; filename="{name}"'
    return ZipFile(io.BytesIO(answer.content))


def test_an_archive_is_made_and_downloaded(
    client: TestClient, context: Context, blobs: FolderBlobs, drain: Drain
) -> None:
    add_label(context.db, blobs, "翠綠裳蛾")
    archive = download(client, context, drain, kind="all", frame="photograph")
    assert archive.testzip() is None
    assert "TEST/masks/翠綠裳蛾.png" in archive.namelist()
    assert "翠綠裳蛾" in archive.read("manifest.csv").decode("utf-8-sig")
    assert "mothmask-all-photograph.zip" in client.get("/exports").text


def test_an_export_of_nothing_is_an_empty_manifest(
    client: TestClient, context: Context, drain: Drain
) -> None:
    archive = download(client, context, drain, kind="masks", frame="crop")
    assert archive.namelist() == ["manifest.csv"]


def test_an_archive_that_is_not_ready_is_not_found(client: TestClient) -> None:
    started = client.post("/api/v1/exports", json={}).json()
    answer = client.get(f"/api/v1/exports/{started['id']}/archive")
    assert answer.status_code == 404
    assert "is not ready" in answer.json()["error"]


def test_an_unknown_kind_is_refused(client: TestClient) -> None:
    answer = client.post("/api/v1/exports", json={"kind": "jpeg"})
    assert answer.status_code == 422
    assert "kind" in answer.json()["error"]


def test_a_cancelled_export_leaves_no_archive(
    client: TestClient, context: Context, drain: Drain
) -> None:
    started = client.post("/api/v1/exports", json={}).json()
    assert client.post(f"/api/v1/jobs/{started['id']}/cancellation").status_code == 202
    assert drain(context, HANDLERS) == 0
    assert client.get(f"/api/v1/exports/{started['id']}/archive").status_code == 404
