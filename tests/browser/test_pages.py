"""All pages in the narrowest window that is promised: nothing is cut off, nothing complains."""

from playwright.sync_api import Page

from app.domain.jobs import JobKind, PartKind
from app.domain.people import Person
from app.services import jobs, round_starting
from tests import factories
from tests.browser.installations import Installation
from tests.browser.watching import Watch

PATHS = [
    "/",
    "/review",
    "/boxes",
    "/boxes/grid",
    "/boxes/grid?look=all",
    "/sources",
    "/sources/TEST",
    "/taxa",
    "/detectors",
    "/specimens",
    "/specimens/1",
    "/specimens/1/drawing",
    "/imports",
    "/imports/1",
    "/rounds",
    "/rounds/1",
    "/models",
    "/models/1",
    "/strata",
    "/ranking",
    "/exports",
    "/jobs",
    "/jobs/1",
    "/audit",
    "/welcome",
    "/nowhere",
]
LONG = "GEO無法辨識-1_SJRS00018_female_with_a_name_that_never_seems_to_end_" * 2


def test_no_page_scrolls_sideways(page: Page, web: Installation, watch: Watch) -> None:
    watch.expect("status of 404")
    _fill(web)
    overflow = {path: _overflow(page, web.address + path) for path in PATHS}
    assert {path: by for path, by in overflow.items() if by > 0} == {}


def _overflow(page: Page, url: str) -> int:
    page.goto(url, wait_until="load")
    root = "document.documentElement"
    return int(page.evaluate(f"{root}.scrollWidth - {root}.clientWidth"))


def _fill(web: Installation) -> None:
    with web.db.transaction() as session:
        person = session.get_one(Person, 1)
        job = jobs.start(session, JobKind.IMPORT, person.id)
        jobs.add_part(session, job.id, PartKind.TAKE_IN, {})
        for number in range(6):
            specimen = factories.make_specimen(session, web.blobs, f"{LONG}{number}")
            if number:
                factories.make_version(session, web.blobs, specimen, person)
    with web.db.transaction() as session:
        round_ = round_starting.start_round(session, preset="tiny", person_id=1)
        factories.make_model(session, round_.id)
