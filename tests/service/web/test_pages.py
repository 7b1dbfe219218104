"""Every page renders, with nothing in the database and with something of everything."""

import re
from html.parser import HTMLParser

import pytest
from fastapi.routing import APIRoute
from fastapi.testclient import TestClient

from app.blobs import FolderBlobs
from app.db import Database
from app.domain.jobs import JobKind, PartKind
from app.domain.labelling import LabelVersion
from app.domain.mask_imports import MaskImport
from app.domain.people import Person
from app.domain.rounds import Epoch
from app.domain.specimens import Specimen
from app.services import jobs, round_starting, tags
from app.web.pages import PAGES
from tests import factories
from tests.service.detectors.flow import add_detector

WITH_ACCOUNTS = {"/people", "/sign-in", "/first-admin", "/sign-in/openid", "/sign-in/openid/return"}
"""Shown in tests/service/people."""
HOSTILE = "<img src=x onerror=alert(1)>"


class Inline(HTMLParser):
    """What the policy forbids: scripts and styles in the page itself."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        script = tag == "script" and "src" not in given and given["type"] != "application/json"
        handlers = [name for name in given if name.startswith("on") or name == "style"]
        led = [value for value in given.values() if (value or "").startswith("javascript:")]
        if script or handlers or led or tag == "style":
            self.found.append(str(self.get_starttag_text()))


EMPTY = [
    "/api/v1/docs",
    "/",
    "/home/now",
    "/specimens",
    "/rounds",
    "/rounds/now",
    "/rounds/composition",
    "/models",
    "/benchmark",
    "/benchmark/proposal",
    "/detectors",
    "/detectors/now",
    "/strata",
    "/strata/now",
    "/jobs",
    "/exports",
    "/imports",
    "/review",
    "/rule",
    "/ranking",
    "/preferences",
    "/account",
    "/audit",
    "/audit.csv",
    "/grid",
    "/boxes",
    "/boxes/grid",
    "/mask-imports",
    "/sources",
    "/taxa",
    "/lineage",
    "/data",
    "/storage",
    "/queue",
    "/second-look",
    "/assignments",
    "/notices",
]
FILLED = [
    *EMPTY,
    "/specimens/1",
    "/specimens/1/versions",
    "/specimens/1/drawing",
    "/versions/1",
    "/lineage?of=version-1",
    "/specimens?state=labelled&search=moth&source=TEST&tag=white",
    "/audit?person=1&source=&specimen=1&decision=&since=2026-01-01&until=&offset=480",
    "/review?specimen=1",
    "/review?stratum=0",
    "/boxes?specimen=1&look=unchecked",
    "/boxes/grid?look=all",
    "/boxes/grid?look=nothing-found&source=TEST&after=0.25,7",
    "/boxes/grid?look=ruler-or-card&after=-1.0,7",
    "/jobs/1",
    "/jobs/1/progress",
    "/imports/1",
    "/imports/1/files",
    "/mask-imports/1",
    "/rounds/1",
    "/rounds/1/now",
    "/rounds/1/sheets",
    "/rounds/1/after",
    "/rounds/1/labels",
    "/models/1/against",
    "/models/1",
    "/benchmark/1",
    "/benchmark?sort=change&source=TEST&stratum=1&tag=benchmark&page=2",
    "/specimens/1/drawing?empty=true",
    "/detectors/1",
    "/sources/TEST",
    "/sources/TEST?after=7",
    "/specimens?taxon=LYM&family=Erebidae&sex=male&field=place&value=Tai",
]


@pytest.fixture
def filled(client: TestClient, db: Database, blobs: FolderBlobs) -> TestClient:
    with db.transaction() as session:
        person = session.get_one(Person, 1)
        person.name = HOSTILE
        job = jobs.start(session, JobKind.IMPORT, person.id)
        jobs.add_part(session, job.id, PartKind.TAKE_IN, {})
        masks = jobs.start(session, JobKind.MASKS, person.id)
        session.add(MaskImport(job_id=masks.id, person_id=person.id, created_at=db.clock()))
        for number in range(6):
            specimen = factories.make_specimen(session, blobs, f"moth-{HOSTILE}-{number}")
            factories.make_version(session, blobs, specimen, person)
        tags.tag(session, person.id, [1, 2], HOSTILE, on=True)
        factories.join_benchmark(session, 1)
    with db.transaction() as session:
        round_ = round_starting.start_round(session, preset="tiny", person_id=person.id)
        for number in (1, 2):
            session.add(
                Epoch(
                    round_id=round_.id,
                    variant="random",
                    number=number,
                    learning_rate=1e-3,
                    seconds=1.0,
                    train_loss=1 / number,
                    validation_loss=0.5,
                    validation_dice=0.9,
                )
            )
        factories.make_model(session, round_.id)
    add_detector(db)
    return client


@pytest.mark.parametrize("path", EMPTY)
def test_a_page_without_data(client: TestClient, path: str) -> None:
    answer = client.get(path)
    assert (answer.status_code, answer.url.path) == (200, path)


@pytest.mark.parametrize("path", FILLED)
def test_a_page_with_data(filled: TestClient, path: str) -> None:
    answer = filled.get(path)
    assert answer.status_code == 200
    assert HOSTILE not in answer.text
    assert Inline(answer.text).found == []


@pytest.mark.parametrize(
    "path", ["/specimens/99", "/jobs/99", "/rounds/99", "/models/99", "/detectors/99", "/nothing"]
)
def test_what_is_not_there_is_said_so(client: TestClient, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 404
    assert "There is no" in answer.text
    assert 'href="/specimens"' in answer.text, "the way to the other pages stays open"


def test_redrawing_begins_with_the_mask_that_counts(filled: TestClient, db: Database) -> None:
    with db.reading() as session:
        version_id = session.get_one(Specimen, 1).version_id
        version = session.get_one(LabelVersion, version_id)
    assert version.digest in filled.get("/specimens/1/drawing").text


def test_no_page_is_forgotten_here() -> None:
    pages = {
        re.sub(r"\{(\w+_id|number)\}", "1", route.path)
        for module in PAGES
        for route in module.router.routes
        if isinstance(route, APIRoute) and "GET" in (route.methods or ())
    }
    named = {page.replace("{code}", "TEST") for page in pages}
    assert named - {path.split("?")[0] for path in FILLED} == {
        "/welcome",
        "/api/v1/openapi.json",
        *WITH_ACCOUNTS,
    }
