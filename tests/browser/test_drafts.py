"""Unfinished work outlives the window and the server, and is given up only by whoever made it."""

import numpy as np
import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select

from app.domain.labelling import Draft
from ml.imaging.arrays import Mask
from ml.imaging.masks import decode_mask
from tests import factories
from tests.browser.conftest import OpenWindow
from tests.browser.drawing import Drawing, rectangle
from tests.browser.installations import Installation, WebServer, until
from tests.browser.watching import Watch, share_of_blue

MOTH = factories.moth_mask()
STROKE = rectangle(3, 3, 9, 4)


@pytest.fixture
def drawing(page: Page, web: Installation) -> Drawing:
    """The editor, with a stroke that nobody has saved."""
    web.add_specimen("moth")
    page.goto(f"{web.address}/specimens/1/drawing")
    drawing = Drawing(page)
    drawing.finest()
    stroke(drawing)
    return drawing


def stroke(drawing: Drawing) -> None:
    drawing.drag((3.5, 3.5), (8.5, 3.5))


def drafts(web: Installation) -> list[Mask]:
    with web.db.reading() as session:
        return [decode_mask(web.blobs.read(each.digest)) for each in session.scalars(select(Draft))]


def choose(drawing: Drawing, answer: str) -> None:
    """Come back and decide about the draft, which is shown."""
    drawing.page.reload()
    drawing.page.get_by_role("button", name=answer).wait_for()
    assert share_of_blue(drawing.page, ".resume-picture") > 0.5
    drawing.page.get_by_role("button", name=answer).click()
    drawing.is_ready()


def test_a_draft_is_resumed_and_becomes_a_version(drawing: Drawing, web: Installation) -> None:
    expect(drawing.page.get_by_text("Draft saved")).to_be_visible()
    np.testing.assert_array_equal(drafts(web), [MOTH | STROKE])
    choose(drawing, "Continue the draft")
    np.testing.assert_array_equal(drawing.shown(), MOTH | STROKE)
    drawing.save_and_accept()
    np.testing.assert_array_equal(web.mask(web.versions(1)[0]), MOTH | STROKE)
    until(lambda: not drafts(web), "no draft any more")


def test_a_stroke_that_the_server_never_saw_is_resumed(drawing: Drawing) -> None:
    choose(drawing, "Continue the draft")
    np.testing.assert_array_equal(drawing.shown(), MOTH | STROKE)


def test_a_discarded_draft_can_be_had_back(drawing: Drawing, web: Installation) -> None:
    expect(drawing.page.get_by_text("Draft saved")).to_be_visible()
    choose(drawing, "Discard the draft")
    expect(drawing.page.get_by_text("The draft is discarded")).to_be_visible()
    until(lambda: not drafts(web), "no draft any more")
    np.testing.assert_array_equal(drawing.shown(), MOTH)
    drawing.page.locator("#others .choice", has_text="Draft from").click()
    drawing.button("Start from this")
    np.testing.assert_array_equal(drawing.shown(), MOTH | STROKE)


def test_without_a_server_the_drawing_goes_on(
    drawing: Drawing, web: Installation, web_server: WebServer, watch: Watch
) -> None:
    watch.expect("ERR_")
    expect(drawing.page.get_by_text("Draft saved")).to_be_visible()
    web_server.stop()
    drawing.drag((3.5, 5.5), (8.5, 5.5))
    drawing.press("i", "Escape")
    expect(drawing.page.get_by_text("The draft is kept in this browser")).to_be_visible()
    wanted = drawing.shown()
    np.testing.assert_array_equal(wanted, MOTH)
    web_server.start()
    drawing.page.evaluate("dispatchEvent(new Event('online'))")
    expect(drawing.page.get_by_text("Draft saved")).to_be_visible()
    np.testing.assert_array_equal(drafts(web), [wanted])


def test_what_came_in_between_is_merged(
    drawing: Drawing, web: Installation, open_window: OpenWindow, watch: Watch
) -> None:
    watch.expect("status of 409")
    lin = open_window(web, "Lin")
    lin.goto(f"{web.address}/review?specimen=1")
    lin.wait_for_selector("#stage[data-specimen='1']")
    lin.keyboard.press("2")
    lin.keyboard.press("a")
    until(lambda: web.versions(1), "Lin's label")
    drawing.press("Control+Enter")
    drawing.page.get_by_role("button", name="Merge in the editor").click()
    theirs = drawing.page.locator("#others .choice", has_text="Version 1")
    expect(theirs).to_have_attribute("aria-pressed", "true")
    expect(drawing.page.locator("#banner")).to_be_hidden()
    drawing.press("q")
    drawing.drag((32, 0), (64, 0), (64, 48), (32, 48), (32, 0))
    drawing.save_and_accept()
    first, second = web.versions(1)
    merged = np.where(rectangle(32, 0, 64, 48) > 0, factories.moth_mask(1), MOTH | STROKE)
    assert (second.parent_id, second.origin) == (first.id, "hand")
    np.testing.assert_array_equal(web.mask(second), merged)


def test_a_refused_decision_is_merged_in_the_editor(
    page: Page, web: Installation, open_window: OpenWindow, watch: Watch
) -> None:
    watch.expect("status of 409")
    web.add_specimen("moth")
    lin = open_window(web, "Lin")
    for window in (lin, page):
        window.goto(f"{web.address}/review?specimen=1")
        window.wait_for_selector("#stage[data-specimen='1']")
    lin.keyboard.press("a")
    until(lambda: web.versions(1), "Lin's label")
    page.keyboard.press("2")
    page.keyboard.press("a")
    page.get_by_role("button", name="Compare the two masks").click()
    page.get_by_role("button", name="Merge in the editor").click()
    page.wait_for_url("**/drawing?merge=*")
    drawing = Drawing(page)
    np.testing.assert_array_equal(drawing.shown(), factories.moth_mask(1))
    expect(page.locator("#banner")).to_be_hidden()
    drawing.save_and_accept()
    first, second = web.versions(1)
    assert second.parent_id == first.id
    np.testing.assert_array_equal(web.mask(second), factories.moth_mask(1))
