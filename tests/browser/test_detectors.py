"""A detector from the form to what serves and crops made anew, with a real worker."""

import pytest
from playwright.sync_api import FilePayload, Page, expect
from sqlalchemy import select, text

from app.domain.detectors import DetectorBox
from app.domain.specimens import Specimen
from tests import factories
from tests.browser.conftest import OpenWindow
from tests.browser.installations import Installation
from tests.service.detectors.flow import add_boxes
from tests.unit.detect.test_layouts import exported

SECONDS_OF_WORK = 120_000
SHORT_TRAININGS = """
CREATE TRIGGER short_trainings AFTER INSERT ON detector_round BEGIN
  UPDATE detector_round SET start = '', config = json_set(config, '$.steps', 4, '$.batch', 2,
    '$.side', 64, '$.width', 4, '$.validations', 2) WHERE id = new.id;
END
"""


@pytest.fixture
def page(mothmask: Installation, open_window: OpenWindow) -> Page:
    """Of an installation with twenty checked boxes, and one that nobody has touched."""
    add_boxes(mothmask.db, mothmask.blobs, 20)
    (untouched,) = add_boxes(mothmask.db, mothmask.blobs, 1, prefix="untouched")
    with mothmask.db.transaction() as session:
        session.execute(text(SHORT_TRAININGS))
        specimen = session.get_one(Specimen, untouched)
        specimen.box_checked = False
        factories.as_detected(session, specimen)
    return open_window(mothmask, "Ada")


def test_a_detector_is_trained_compared_and_promoted(page: Page, mothmask: Installation) -> None:
    page.goto(f"{mothmask.address}/models")
    page.get_by_role("link", name="Detectors").click()
    expect(page.get_by_text("20 sure boxes")).to_be_visible()
    page.get_by_role("button", name="Train a detector").click()
    page.get_by_role("link", name="Detector 1: how it compares").click(timeout=SECONDS_OF_WORK)
    _read_how_it_compares(page, mothmask)

    page.get_by_role("button", name="Promote Detector 1").click()
    page.wait_for_url("**/detectors")
    row = page.get_by_role("row").filter(has=page.get_by_role("rowheader", name="Detector 1"))
    expect(row.get_by_text("serves")).to_be_visible()
    source = page.get_by_role("row").filter(has_text="Make crops of TEST anew")
    expect(source.get_by_role("cell").nth(0)).to_have_text("1")
    source.get_by_role("button").click()
    page.wait_for_url("**/jobs/*")
    expect(page.locator("main .badge").first).to_have_text("done", timeout=SECONDS_OF_WORK)

    _add_one_from_elsewhere(page, mothmask)


def _read_how_it_compares(page: Page, mothmask: Installation) -> None:
    page.wait_for_url("**/detectors/1")
    for name in ("Detector 1", "Classical, without a network", "than Classical"):
        expect(page.get_by_role("rowheader", name=name).first).to_be_visible()
    with mothmask.db.reading() as session:
        measured = session.scalars(select(DetectorBox).where(DetectorBox.split == "validation"))
        count = len(measured.all())
    expect(page.locator(".misses > li")).to_have_count(count)
    expect(page.locator(".misses .crop-box")).to_have_count(count)
    expect(page.locator("polyline")).to_have_count(3)


def _add_one_from_elsewhere(page: Page, mothmask: Installation) -> None:
    page.goto(f"{mothmask.address}/detectors")
    page.get_by_text("Add a detector that was trained elsewhere").click()
    page.get_by_label("ONNX file").set_input_files(_file(b"no network"))
    page.get_by_role("button", name="Add").click()
    refusal = page.locator("#detector-now .error")
    expect(refusal).to_contain_text("cannot be read as ONNX", timeout=SECONDS_OF_WORK)

    page.get_by_text("Add a detector that was trained elsewhere").click()
    page.get_by_label("ONNX file").set_input_files(_file(exported("yolox")))
    page.get_by_label("Classes that are specimens").fill("0")
    page.get_by_role("button", name="Add").click()
    page.get_by_role("link", name="Detector 2: how it compares").click(timeout=SECONDS_OF_WORK)
    expect(page.get_by_text("as those of YOLOX")).to_be_visible()
    expect(page.get_by_role("rowheader", name="than Detector 1")).to_be_visible()


def _file(data: bytes) -> FilePayload:
    return {"name": "外來.onnx", "mimeType": "application/octet-stream", "buffer": data}
