"""Going through boxes: an edge is dragged, the label comes along, and all of it can be undone."""

import numpy as np
import pytest
from playwright.sync_api import FloatRect, Page, expect

from app.domain.people import Person
from app.domain.specimens import Crop, Specimen, SpecimenState
from ml.imaging.arrays import Mask
from ml.imaging.boxes import Box
from ml.imaging.frame import into_photograph
from tests import factories
from tests.browser.installations import Installation, until

SEEN = Box(8, 6, 60, 44)


@pytest.fixture
def moths(web: Installation) -> list[int]:
    """Three boxes that need a look, the last of which most; the first two have a label."""
    with web.db.transaction() as session:
        person = factories.make_person(session, "林小姐")
    return [_moth(web, person, number) for number in range(3)]


def _moth(web: Installation, person: Person, number: int) -> int:
    with web.db.transaction() as session:
        moth = factories.make_specimen(session, web.blobs, f"蛾-{number}")
        if number < 2:
            factories.make_version(session, web.blobs, moth, person)
        moth.box_doubt = 0.5 + 0.1 * number
        return moth.id


@pytest.fixture
def boxes(page: Page, web: Installation, moths: list[int]) -> Page:
    page.goto(f"{web.address}/boxes")
    expect(page.locator("#strip [data-part=key]")).to_have_text(f"蛾-{len(moths) - 1}")
    return page


def test_an_edge_is_dragged_and_the_label_is_carried(
    boxes: Page, web: Installation, moths: list[int]
) -> None:
    boxes.keyboard.press("ArrowRight")
    shows(boxes, "蛾-1")
    before = covered(web, moths[1])
    drag(boxes, (64, 24), (58, 24))
    expect(boxes.locator("[data-number=width]")).to_have_value("58")
    boxes.keyboard.press("Enter")
    shows(boxes, "蛾-0")
    until(lambda: crop(web, moths[1]).number == 2, "the new crop")
    assert crop(web, moths[1]).box == Box(0, 0, 58, 48)
    assert web.specimen(moths[1]).box_checked
    assert [version.origin for version in web.versions(moths[1])] == ["hand", "carried"]
    np.testing.assert_array_equal(covered(web, moths[1]), before)

    boxes.keyboard.press("z")
    shows(boxes, "蛾-1")
    until(lambda: crop(web, moths[1]).number == 1, "the old crop")
    np.testing.assert_array_equal(covered(web, moths[1]), before)
    expect(boxes.locator("[data-number=width]")).to_have_value("64")


def test_a_box_that_would_cut_the_label_is_asked_about(
    boxes: Page, web: Installation, moths: list[int]
) -> None:
    boxes.keyboard.press("ArrowRight")
    shows(boxes, "蛾-1")
    drag(boxes, (64, 24), (32, 24))
    boxes.keyboard.press("a")
    asked = boxes.get_by_role("dialog", name="The box would cut off a part of the label")
    expect(asked).to_contain_text("pixels of the label")
    boxes.keyboard.press("Escape")
    expect(asked).to_be_hidden()
    assert crop(web, moths[1]).number == 1
    boxes.keyboard.press("a")
    expect(asked).to_be_visible()
    boxes.keyboard.press("Enter")
    shows(boxes, "蛾-0")
    until(lambda: crop(web, moths[1]).number == 2, "the new crop")


def test_drawn_anew_turned_by_number_nothing_there_and_one_beside(
    boxes: Page, web: Installation, moths: list[int]
) -> None:
    boxes.keyboard.press("d")
    drag(boxes, (SEEN.left, SEEN.top), (SEEN.right, SEEN.bottom))
    expect(boxes.locator("[data-number=left]")).to_have_value(str(SEEN.left))
    boxes.locator("[data-number=angle]").fill("10")
    boxes.locator("[data-number=angle]").press("Tab")
    boxes.get_by_role("button", name="Take this box").click()
    shows(boxes, "蛾-1")
    until(lambda: crop(web, moths[2]).number == 2, "the new crop")
    assert (crop(web, moths[2]).box, crop(web, moths[2]).angle) == (SEEN, 10.0)

    boxes.keyboard.press("ArrowLeft")
    shows(boxes, "蛾-2")
    boxes.keyboard.press("b")
    drag(boxes, (2, 2), (30, 30))
    expect(boxes.locator("#said")).to_have_text("蛾-2#2 was added.")
    expect(boxes.locator(".beside-box")).to_have_count(1)

    boxes.keyboard.press("n")
    until(lambda: web.specimen(moths[2]).state is SpecimenState.UNCROPPED, "nothing there")
    boxes.keyboard.press("z")
    until(lambda: web.specimen(moths[2]).state is not SpecimenState.UNCROPPED, "the box again")
    assert web.count(Specimen) == 4


def test_the_grid_leads_to_each_box(page: Page, web: Installation, moths: list[int]) -> None:
    page.goto(web.address)
    expect(page.locator("#now")).to_contain_text("3 boxes need a look.")
    page.get_by_role("link", name="Look at boxes").click()
    page.get_by_role("link", name="All at a glance").click()
    expect(page.locator(".tile")).to_have_count(3)
    page.get_by_role("link", name="nothing found").click()
    expect(page.locator(".tile")).to_have_count(0)
    page.goto(f"{web.address}/specimens/{moths[0]}")
    page.get_by_role("link", name="Change the box").click()
    shows(page, "蛾-0")


def shows(page: Page, key: str) -> None:
    expect(page.locator("#strip [data-part=key]")).to_have_text(key)


def drag(page: Page, start: tuple[float, float], end: tuple[float, float]) -> None:
    """Points are given in pixels of the photograph."""
    frame = page.locator("#photo").bounding_box()
    assert frame is not None
    page.mouse.move(*_on_screen(frame, start))
    page.mouse.down()
    page.mouse.move(*_on_screen(frame, end), steps=4)
    page.mouse.up()


def _on_screen(frame: FloatRect, point: tuple[float, float]) -> tuple[float, float]:
    scale = min(frame["width"] / factories.WIDTH, frame["height"] / factories.HEIGHT)
    left = frame["x"] + (frame["width"] - factories.WIDTH * scale) / 2
    top = frame["y"] + (frame["height"] - factories.HEIGHT * scale) / 2
    return left + point[0] * scale, top + point[1] * scale


def crop(web: Installation, specimen_id: int) -> Crop:
    with web.db.reading() as session:
        return session.get_one(Crop, session.get_one(Specimen, specimen_id).crop_id or 0)


def covered(web: Installation, specimen_id: int) -> Mask:
    """What the label that counts covers on the photograph."""
    version = web.versions(specimen_id)[-1]
    with web.db.reading() as session:
        placement = session.get_one(Crop, version.crop_id).placement
    return into_photograph(web.mask(version), placement, factories.HEIGHT, factories.WIDTH)
