"""The page of a specimen: two versions are compared, an earlier one comes back, a file comes in."""

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from app.domain.people import Person
from app.domain.specimens import Specimen
from ml.imaging.difference import ADDED, REMOVED
from ml.imaging.masks import encode_mask
from ml.imaging.read import read_png
from tests import factories
from tests.browser.conftest import OpenWindow
from tests.browser.installations import Installation, until
from tests.browser.watching import Watch, png_file


@pytest.fixture
def specimen_id(page: Page, web: Installation) -> int:
    """Three versions: a larger one, a small one, and the small one moved aside."""
    specimen_id = web.add_specimen("moth")
    with web.db.transaction() as session:
        specimen = session.get_one(Specimen, specimen_id)
        for grown in (3, 0, 0):
            version = factories.make_version(
                session, web.blobs, specimen, session.get_one(Person, 1), grown=grown
            )
        moved = np.roll(factories.moth_mask(), 4, axis=1)
        version.digest = web.blobs.put(encode_mask(moved))
    page.goto(f"{web.address}/specimens/{specimen_id}")
    return specimen_id


def test_two_versions_are_compared(page: Page, web: Installation, specimen_id: int) -> None:
    assert specimen_id
    expect(page.get_by_role("heading", name="Version 2 → Version 3")).to_be_visible()
    expect(page.locator("#version-2 [data-dice]")).to_contain_text("to version 1 · 0 pixels added")
    page.locator("#version-2 .pick").click()
    expect(page.get_by_role("heading", name="Version 2", exact=True).first).to_be_visible()
    page.locator("#version-1 .pick").click()
    card = page.locator("#comparison")
    expect(card).to_contain_text("Version 1 → Version 2")
    old, new = factories.moth_mask(3), factories.moth_mask()
    expect(card).to_contain_text("0 pixels added")
    expect(card).to_contain_text(f"{(old > new).sum()} pixels removed")
    address = page.locator("#comparison img").get_attribute("src")
    picture = read_png(page.request.get(f"{web.address}{address}").body())
    assert ((picture == REMOVED).all(axis=2) == (old > new)).all()
    assert not (picture == ADDED).all(axis=2).any()


def test_an_earlier_version_comes_back(page: Page, web: Installation, specimen_id: int) -> None:
    page.locator("#version-1").get_by_role("button", name="Restore").click()
    expect(page.locator("#version-4")).to_contain_text("counts now")
    expect(page.locator("#version-4")).to_contain_text("Brings back version 1")
    first, *_, last = web.versions(specimen_id)
    assert (last.number, last.restores_id, last.digest) == (4, first.id, first.digest)
    assert web.specimen(specimen_id).version_id == last.id


def test_whoever_saw_an_older_label_is_asked(
    page: Page, web: Installation, specimen_id: int, open_window: OpenWindow, watch: Watch
) -> None:
    watch.expect("status of 409")
    lin = open_window(web, "Lin")
    lin.goto(f"{web.address}/specimens/{specimen_id}")
    lin.locator("#version-2").get_by_role("button", name="Restore").click()
    expect(lin.locator("#version-4")).to_contain_text("counts now")
    page.locator("#version-1").get_by_role("button", name="Restore").click()
    expect(page.locator("#banner")).to_contain_text("Lin has saved version 4 of moth meanwhile")
    assert len(web.versions(specimen_id)) == 4


def test_a_file_becomes_the_next_version(page: Page, web: Installation, specimen_id: int) -> None:
    drawn = factories.moth_mask(grown=5)
    page.set_input_files("#upload-file", png_file(drawn))
    expect(page.locator("#version-4")).to_contain_text("Uploaded")
    until(lambda: len(web.versions(specimen_id)) == 4, "the version")
    assert (web.mask(web.versions(specimen_id)[-1]) == drawn).all()
