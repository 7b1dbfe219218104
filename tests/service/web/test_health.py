"""What a proxy is told, what is logged of a request, and what Prometheus is given."""

import json
import logging
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from io import StringIO
from math import inf

import pytest
from fastapi.testclient import TestClient
from prometheus_client import REGISTRY, CollectorRegistry
from sqlalchemy import text

from app import logs
from app.blobs import FolderBlobs
from app.db import Database
from app.domain.jobs import JobKind, PartKind
from app.logs import LogFormat
from app.main import create_app
from app.metrics import Installation
from app.migrating import migrate
from app.queue import Queue
from app.services import jobs
from app.settings import Settings
from app.web import watching
from tests.conftest import MovableClock
from tests.service.web.conftest import ORIGIN, TOKEN

PROBES = ("/health", "/ready")


@pytest.fixture
def url(empty_database_url: str) -> str:
    migrate(empty_database_url)
    return empty_database_url


@pytest.fixture
def probed(url: str, settings: Settings, blobs: FolderBlobs) -> Iterator[TestClient]:
    database = Database(url)
    with TestClient(create_app(settings, database, blobs), base_url=ORIGIN) as client:
        yield client
    database.close()


def change(url: str, statement: str) -> None:
    database = Database(url)
    with database.transaction() as session:
        session.execute(text(statement))
    database.close()


def test_probes_need_nobody_to_be_signed_in(probed: TestClient) -> None:
    assert [probed.get(path).status_code for path in PROBES] == [200, 200]
    assert probed.get("/ready").json() == {"ready": True, "database": "answers"}


def test_a_server_goes_on_while_the_schema_becomes_a_newer_one(
    probed: TestClient, url: str
) -> None:
    change(url, "UPDATE alembic_version SET version_num = '9999_of_a_later_version'")
    assert probed.get("/ready").status_code == 200


@pytest.mark.parametrize("revision", ["'0001'", None])
def test_an_older_schema_is_not_ready(probed: TestClient, url: str, revision: str | None) -> None:
    change(
        url,
        f"UPDATE alembic_version SET version_num = {revision}"
        if revision
        else "DELETE FROM alembic_version",
    )
    answer = probed.get("/ready")
    assert (answer.status_code, answer.json()["database"]) == (503, "older schema")
    assert probed.get("/health").status_code == 200


def test_without_a_database_it_lives_but_is_not_ready(
    settings: Settings, blobs: FolderBlobs
) -> None:
    nowhere = Database("postgresql://nobody@127.0.0.1:1/none")
    client = TestClient(create_app(settings, nowhere, blobs), base_url=ORIGIN)
    assert [client.get(path).status_code for path in PROBES] == [200, 503]


@pytest.mark.parametrize(
    ("given", "kept"),
    [("of-the-proxy.7", True), ("two words", False), ("x" * 65, False), ("臺", False), ("", False)],
)
def test_each_request_has_a_number(stranger: TestClient, given: str, kept: bool) -> None:
    answer = stranger.get("/health", headers={"X-Request-ID": given.encode()})
    number = answer.headers["X-Request-ID"]
    assert (number == given) is kept
    assert number


@pytest.fixture
def written() -> Iterator[StringIO]:
    """What a web server writes that is told to write JSON."""
    lines, server = StringIO(), logging.getLogger("app")
    handler, level = logs.handler(LogFormat.JSON, lines), server.level
    server.addHandler(handler)
    server.setLevel(logging.INFO)
    yield lines
    server.removeHandler(handler)
    server.setLevel(level)


def test_what_fails_is_a_line_with_its_number_and_without_the_token(
    written: StringIO, stranger: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watching, "SLOW_SECONDS", inf)
    stranger.get("/health", headers={"X-Request-ID": "quiet"})
    stranger.get("/no-such-page", params={"token": TOKEN}, headers={"X-Request-ID": "loud"})
    assert TOKEN not in written.getvalue()
    (line,) = map(json.loads, written.getvalue().splitlines())
    assert line["logger"] == "app.requests"
    assert (line["request_id"], line["path"], line["status"]) == ("loud", "/no-such-page", 404)
    assert line["ms"] >= 0


def test_what_is_slow_is_a_line_too(
    written: StringIO, stranger: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watching, "SLOW_SECONDS", 0)
    stranger.get("/health")
    (line,) = map(json.loads, written.getvalue().splitlines())
    assert (line["path"], line["status"]) == ("/health", 200)


def counted(route: str, status: str) -> float:
    labels = {"method": "GET", "route": route, "status": status}
    return REGISTRY.get_sample_value("mothmask_request_seconds_count", labels) or 0


def test_requests_are_counted_by_route_and_made_up_addresses_together(
    stranger: TestClient,
) -> None:
    draft = "/api/v1/specimens/{specimen_id}/draft"
    asked = [("/health", "200"), ("(none)", "404"), (draft, "401")]
    before = [counted(*each) for each in asked]
    for path in ("/health", "/made/up", "/made/up/too", "/api/v1/specimens/7/draft"):
        stranger.get(path)
    after = [counted(*each) for each in asked]
    assert [b - a for a, b in zip(before, after, strict=True)] == [1, 2, 1]


def figures(db: Database, settings: Settings) -> dict[tuple[str, ...], float]:
    registry = CollectorRegistry()
    registry.register(Installation(db, settings))
    return {
        (sample.name.removeprefix("mothmask_"), *sample.labels.values()): sample.value
        for family in registry.collect()
        for sample in family.samples
    }


def test_the_figures_tell_of_queue_jobs_disk_and_database(
    db: Database, settings: Settings, clock: MovableClock
) -> None:
    settings.data.mkdir(exist_ok=True)
    with db.transaction() as session:
        done = jobs.start(session, JobKind.EXPORT, None)
        waiting = jobs.start(session, JobKind.IMPORT, None)
        for queue in (Queue.CPU, Queue.CPU, Queue.GPU):
            jobs.add_part(session, waiting.id, PartKind.CROP, {}, queue)
    clock.move(seconds=timedelta(minutes=2).total_seconds())
    with db.transaction() as session:
        jobs.settle(session, done.id)
    told = figures(db, settings)
    assert told["open_parts", "cpu", "crop", "queued"] == 2
    assert told["open_parts", "gpu", "crop", "queued"] == 1
    assert told["job_seconds", "export", "done"] == 120
    assert told["reviews_per_minute",] == 0
    assert told["database_up",] == 1
    assert 0 < told["disk_bytes", "free"] <= told["disk_bytes", "total"]


def test_figures_are_given_while_the_database_is_away(settings: Settings) -> None:
    settings.data.mkdir()
    told = figures(Database("postgresql://nobody@127.0.0.1:1/none"), settings)
    assert told["database_up",] == 0
    assert told["disk_bytes", "free"] > 0


def test_the_servers_own_log_of_requests_stays_silent(capfd: pytest.CaptureFixture[str]) -> None:
    """Its lines would hold the link's token."""
    code = (
        "import logging; from uvicorn import Config; from app import logs; "
        "Config('app.main:make_app', access_log=False); logs.set_up(logs.LogFormat.JSON); "
        "logging.getLogger('uvicorn.access').info('GET /?token=secret'); "
        "logging.getLogger('uvicorn.error').info('told')"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
    written = capfd.readouterr().err
    assert "told" in written
    assert "secret" not in written
