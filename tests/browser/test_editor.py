"""A mask is redrawn by hand: strokes, undo, saving, and drafts that outlive the window."""

from typing import Literal

import numpy as np
import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import func, select

from app.domain.labelling import Draft
from app.domain.specimens import SpecimenState
from ml.imaging.arrays import Mask
from tests import factories
from tests.browser.installations import Installation, until

Button = Literal["left", "right"]

CENTRE = (0.5, 0.5)
CORNER = (0.06, 0.08)


@pytest.fixture
def easel(page: Page, web: Installation) -> Page:
    """The editor, begun from the better candidate."""
    web.add_specimen("moth")
    page.goto(f"{web.address}/review")
    page.wait_for_selector("#stage[data-specimen='1']")
    page.keyboard.press("e")
    page.wait_for_url("**/specimens/1/drawing?*")
    is_ready(page)
    return page


def is_ready(page: Page) -> None:
    expect(page.locator("#wait")).to_be_hidden()


def go_on_with_the_draft(page: Page) -> None:
    page.reload()
    page.get_by_role("button", name="Continue the draft").click()
    is_ready(page)


def save_and_accept(page: Page) -> None:
    page.keyboard.press("Control+Enter")
    page.wait_for_url("**/review?show=open")


def dab(page: Page, place: tuple[float, float], *, button: Button = "left") -> None:
    """One dab of the brush at a place given in shares of the picture, which fits the stage."""
    box = page.locator("#easel").bounding_box()
    assert box is not None
    scale = min(box["width"] / factories.WIDTH, box["height"] / factories.HEIGHT)
    x = box["x"] + box["width"] / 2 + (place[0] - 0.5) * factories.WIDTH * scale
    y = box["y"] + box["height"] / 2 + (place[1] - 0.5) * factories.HEIGHT * scale
    page.mouse.move(x, y)
    page.mouse.down(button=button)
    page.mouse.up(button=button)


def at(mask: Mask, place: tuple[float, float]) -> int:
    return int(mask[int(place[1] * factories.HEIGHT), int(place[0] * factories.WIDTH)])


def finer(page: Page) -> None:
    """A brush that is small in a picture of 64 × 48."""
    for _ in range(8):
        page.keyboard.press("[")


def test_brush_eraser_and_undo_make_the_saved_mask(easel: Page, web: Installation) -> None:
    finer(easel)
    dab(easel, CORNER)
    dab(easel, (0.9, 0.9))
    easel.keyboard.press("Control+z")
    easel.keyboard.press("g")
    dab(easel, CENTRE)
    save_and_accept(easel)
    [version] = web.versions(1)
    mask = web.mask(version)
    assert version.origin == "hand"
    assert [at(mask, place) for place in (CORNER, (0.9, 0.9), CENTRE)] == [255, 0, 0]
    untouched = np.mean(mask == factories.moth_mask())
    assert untouched > 0.9
    assert web.specimen(1).state is SpecimenState.LABELLED


def test_a_draft_survives_a_reload(easel: Page, web: Installation) -> None:
    finer(easel)
    dab(easel, CENTRE, button="right")
    expect(easel.get_by_text("Draft saved")).to_be_visible()
    go_on_with_the_draft(easel)
    save_and_accept(easel)
    [version] = web.versions(1)
    assert at(web.mask(version), CENTRE) == 0
    until(lambda: _drafts(web) == 0, "no draft any more")


def test_a_stroke_that_the_server_never_saw_survives_too(easel: Page, web: Installation) -> None:
    finer(easel)
    dab(easel, CENTRE, button="right")
    go_on_with_the_draft(easel)
    save_and_accept(easel)
    assert at(web.mask(web.versions(1)[0]), CENTRE) == 0


def _drafts(web: Installation) -> int:
    with web.db.reading() as session:
        return session.scalar(select(func.count(Draft.id))) or 0
