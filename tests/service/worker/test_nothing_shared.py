"""Web servers and workers share a database, a broker and a bucket: no folder."""

import io
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from zipfile import ZipFile

import pytest
from fastapi.testclient import TestClient

from app.blobs import open_blobs
from app.db import Database
from app.domain.jobs import JobState
from app.main import create_app
from app.queue import CeleryPublisher, make_celery
from app.services import jobs
from app.settings import Settings
from ml.imaging.drawn import draw_specimen
from ml.imaging.read import encode_png
from tests.s3 import bucket_settings, make_bucket, running_s3
from tests.service.web.conftest import TOKEN, browser
from tests.service.worker.processes import running_worker, wait_until

PHOTOGRAPHS = 6
OWN_FILES = {".log"}


@pytest.fixture
def database_kind() -> str:
    return "postgresql"


@pytest.fixture
def shared(database_url: str, redis_url: str) -> Iterator[dict[str, object]]:
    """What every one of them is told."""
    with running_s3() as address:
        make_bucket(address, "museum")
        yield {
            **bucket_settings(address, "museum"),
            "database_url": database_url,
            "broker_url": redis_url,
            "token": TOKEN,
        }


def photograph(seed: int) -> bytes:
    return encode_png(draw_specimen(seed, width=300, height=220).pixels)


def settings_in(folder: Path, shared: dict[str, object]) -> Settings:
    folder.mkdir()
    return Settings.model_validate({**shared, "data": folder})


@pytest.fixture
def webs(tmp_path: Path, shared: dict[str, object]) -> Iterator[list[TestClient]]:
    """Two servers, of which a proxy would choose one for each request."""
    with ExitStack() as open_:
        servers = []
        for name in ("web 1", "web 2"):
            settings = settings_in(tmp_path / name, shared)
            database = Database(settings.database, CeleryPublisher(make_celery(settings)))
            open_.callback(database.close)
            app = create_app(settings, database, open_blobs(settings))
            servers.append(open_.enter_context(browser(app)))
        yield servers


@pytest.fixture
def workers(tmp_path: Path, shared: dict[str, object]) -> Iterator[list[Settings]]:
    with ExitStack() as open_:
        settings = [settings_in(tmp_path / name, shared) for name in ("worker 1", "worker 2")]
        for each in settings:
            open_.enter_context(running_worker(each, each.data.name))
        yield settings


def test_each_step_of_the_way_can_be_on_another_machine(
    webs: list[TestClient], workers: list[Settings], shared: dict[str, object]
) -> None:
    one, other = webs
    one.get("/", params={"token": TOKEN})
    one.post("/welcome", data={"name": "Ada"})
    other.cookies = one.cookies
    database = Database(str(shared["database_url"]))

    def wait_for(job_id: int) -> None:
        def ended() -> bool:
            with database.reading() as session:
                return not jobs.get_job(session, job_id).is_open

        wait_until(ended, workers[0])
        with database.reading() as session:
            assert jobs.get_job(session, job_id).state is JobState.DONE

    files = [("files", (f"moth-{n}.png", photograph(n))) for n in range(PHOTOGRAPHS)]
    imported = one.post("/api/v1/imports", data={"source": "SJTT"}, files=files)
    wait_for(imported.json()["job"]["id"])

    item = other.get("/api/v1/review-queue").json()["items"][0]
    assert other.get(item["crop"]["picture"]).status_code == 200
    decision = {
        "decision_id": "made-at-the-other",
        "decision": "accept",
        "candidate_id": item["candidates"][0]["id"],
        "parent_id": None,
    }
    assert other.post(f"/api/v1/specimens/{item['id']}/reviews", json=decision).status_code == 201

    wanted = {"kind": "masks", "frame": "crop"}
    export = other.post("/api/v1/exports", json=wanted).json()["id"]
    wait_for(export)
    archive = one.get(f"/api/v1/exports/{export}/archive")
    assert any(name.endswith(".png") for name in ZipFile(io.BytesIO(archive.content)).namelist())
    handout = one.get(f"/api/v1/specimens/{item['id']}/editing.zip")
    assert ZipFile(io.BytesIO(handout.content)).testzip() is None

    logs = {each.data.name: (each.data / f"{each.data.name}.log").read_text() for each in workers}
    assert {name: "run_part" in log for name, log in logs.items()} == dict.fromkeys(logs, True)
    kept = [path for each in workers for path in each.data.rglob("*") if path.is_file()]
    assert {path.suffix for path in kept} <= OWN_FILES, "what a worker makes is in the bucket"
    database.close()
