"""A mask is redrawn by hand, with every tool there is; what is seen is what is saved."""

import numpy as np
import pytest
from numpy.typing import NDArray
from playwright.sync_api import Page, expect

from app.domain.specimens import CropMap, MapKind, SpecimenState
from ml.imaging.masks import encode_map
from tests import factories
from tests.browser.drawing import Drawing, corners, rectangle
from tests.browser.installations import Installation

MOTH = factories.moth_mask()


def tiles(side: int) -> NDArray[np.integer]:
    """A map of squares, numbered row by row."""
    rows, columns = np.mgrid[: factories.HEIGHT, : factories.WIDTH] // side
    numbers: NDArray[np.integer] = rows * (factories.WIDTH // side) + columns
    return numbers


@pytest.fixture
def drawing(page: Page, web: Installation) -> Drawing:
    """The editor, begun from the better candidate, with maps."""
    specimen_id = web.add_specimen("moth")
    with web.db.transaction() as session:
        for kind, side in ((MapKind.SUPERPIXELS, 8), (MapKind.BLOCKS, 16)):
            map_ = CropMap(
                crop_id=web.specimen(specimen_id).crop_id or 0,
                kind=kind,
                method="squares",
                digest=web.blobs.put(encode_map(tiles(side))),
                created_at=web.db.clock(),
            )
            session.add(map_)
    page.goto(f"{web.address}/review")
    page.wait_for_selector("#stage[data-specimen='1']")
    page.keyboard.press("e")
    page.wait_for_url("**/specimens/1/drawing?*")
    return Drawing(page)


def test_brush_eraser_and_undo_make_the_saved_mask(drawing: Drawing, web: Installation) -> None:
    drawing.finest()
    drawing.drag((3.5, 3.5), (8.5, 3.5))
    drawing.click((60.5, 44.5))
    drawing.press("Control+z")
    drawing.press("g")
    drawing.click((32.5, 24.5))
    drawing.press("b")
    drawing.click((33.5, 24.5), button="right")
    wanted = MOTH | rectangle(3, 3, 9, 4)
    wanted[24, 32:34] = 0
    np.testing.assert_array_equal(drawing.shown(), wanted)
    drawing.save_and_accept()
    [version] = web.versions(1)
    assert (version.origin, version.parent_id) == ("hand", None)
    np.testing.assert_array_equal(web.mask(version), wanted)
    assert web.specimen(1).state is SpecimenState.LABELLED


def test_polygons_holes_and_buckets(drawing: Drawing) -> None:
    drawing.press("p")
    drawing.click(*corners(2, 2, 10, 8))
    drawing.press("Enter")
    added = MOTH | rectangle(2, 2, 10, 8)
    np.testing.assert_array_equal(drawing.shown(), added)
    drawing.press("Shift+p")
    hole = corners(28, 20, 36, 28)
    drawing.click(*hole, (20, 40))
    drawing.press("Control+z")  # the last point only
    drawing.click(hole[0])
    cut = added & ~rectangle(28, 20, 36, 28)
    np.testing.assert_array_equal(drawing.shown(), cut)
    drawing.click(*hole[:2])
    drawing.press("Escape")
    drawing.press("h")
    drawing.click((32, 24))
    np.testing.assert_array_equal(drawing.shown(), added)
    drawing.press("Control+z", "j")
    drawing.click((32, 24))
    np.testing.assert_array_equal(drawing.shown(), added)
    drawing.page.get_by_label("Take away").check()
    drawing.click((5, 5))
    np.testing.assert_array_equal(drawing.shown(), MOTH)


def test_regions_are_picked_by_colour_block_and_superpixel(drawing: Drawing) -> None:
    drawing.press("w")
    drawing.click((3, 3), button="right")
    np.testing.assert_array_equal(drawing.shown(), MOTH)  # there was nothing to take away
    drawing.click((32, 24), button="right")
    np.testing.assert_array_equal(drawing.shown(), rectangle(0, 0, 0, 0))
    drawing.click((32, 24))
    np.testing.assert_array_equal(drawing.shown(), MOTH)
    drawing.press("k")
    drawing.click((3, 3))
    block = MOTH | rectangle(0, 0, 16, 16)
    np.testing.assert_array_equal(drawing.shown(), block)
    drawing.press("l")
    drawing.finest()
    drawing.drag((60, 3), (60, 11))
    np.testing.assert_array_equal(drawing.shown(), block | rectangle(56, 0, 64, 16))
    drawing.page.keyboard.down("Alt")
    drawing.click((60, 11))
    drawing.page.keyboard.up("Alt")
    np.testing.assert_array_equal(drawing.shown(), block | rectangle(56, 0, 64, 8))


def test_other_masks_are_copied_from_and_taken_over(drawing: Drawing) -> None:
    other = factories.moth_mask(1)
    drawing.page.locator("#others .choice", has_text="GrabCut").click()
    expect(drawing.page.locator("#others [aria-busy]")).to_have_count(0)
    drawing.press("q")
    drawing.drag(*corners(0, 0, 32, 48), (0, 0))
    half = np.where(rectangle(0, 0, 32, 48) > 0, other, MOTH)
    np.testing.assert_array_equal(drawing.shown(), half)
    drawing.button("Start from this")
    np.testing.assert_array_equal(drawing.shown(), other)
    drawing.press("Control+z")
    np.testing.assert_array_equal(drawing.shown(), half)
    drawing.page.locator("#others .choice", has_text="Empty").click()
    drawing.button("Start from this")
    assert not drawing.shown().any()


def test_the_whole_mask_is_mirrored_and_tidied(drawing: Drawing) -> None:
    drawing.press("p")
    drawing.drag(*corners(2, 2, 6, 6), (2, 2))
    drawing.press("Shift+p")
    drawing.drag(*corners(40, 22, 44, 26), (40, 22))
    untidy = (MOTH | rectangle(2, 2, 6, 6)) & ~rectangle(40, 22, 44, 26)
    np.testing.assert_array_equal(drawing.shown(), untidy)
    drawing.press("i")
    drawing.is_done()
    np.testing.assert_array_equal(drawing.shown(), untidy & MOTH)
    drawing.press("Shift+h")
    drawing.is_done()
    np.testing.assert_array_equal(drawing.shown(), MOTH)
    drawing.press("Control+z", "m")
    drawing.button("Left → right")
    drawing.is_done()
    mirrored = drawing.shown()
    assert np.mean(mirrored == MOTH) > 0.99
    assert mirrored[22:26, 40:44].all()
    drawing.press("x")
    drawing.is_done()
    grown = drawing.shown()
    drawing.press("c", "s")
    drawing.is_done()
    assert np.count_nonzero(grown) > np.count_nonzero(mirrored)
    assert np.count_nonzero(drawing.shown()) < np.count_nonzero(grown)


def test_an_empty_mask_is_not_saved(drawing: Drawing, web: Installation) -> None:
    drawing.page.goto(f"{web.address}/specimens/1/drawing?empty=1")
    drawing.is_ready()
    assert not drawing.shown().any()
    drawing.press("Control+Enter")
    expect(drawing.page.locator("#said")).to_contain_text("The mask is empty")
    assert web.versions(1) == []
