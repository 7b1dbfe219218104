"""The loop as people turn it, with a real worker: import, accept, export."""

import csv
import io
from pathlib import Path
from zipfile import ZipFile

import cv2
import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Browser, FilePayload, Page, expect

from app.domain.people import Person
from app.services import people
from ml.imaging.arrays import Mask, Pixels
from ml.imaging.boxes import Box
from ml.imaging.drawn import draw_specimen
from ml.imaging.masks import decode_mask
from ml.metrics.overlap import dice
from tests import factories
from tests.browser.conftest import NARROWEST, OpenWindow
from tests.browser.installations import Installation, until
from tests.browser.watching import Watch, canvas_pixels, png_file

SECONDS_OF_WORK = 60_000


def test_first_run_from_the_link_to_version_1(
    mothmask: Installation, browser: Browser, watch: Watch
) -> None:
    page = browser.new_page(viewport=NARROWEST)
    watch.follow(page)
    page.goto(mothmask.link)
    page.get_by_label("Your name").fill("Ada")
    page.get_by_role("button", name="Begin").click()
    expect(page.get_by_text("There are no specimens yet")).to_be_visible()
    page.get_by_role("link", name="Import photographs").click()
    _import(page, "SJTT", [_photograph(seed) for seed in (1, 2)])
    expect(page.locator(".job")).to_contain_text("done", timeout=SECONDS_OF_WORK)
    page.get_by_role("link", name="Home").click()
    expect(page.locator(".tile img")).to_have_count(2)
    page.get_by_role("link", name="Review").first.click()
    specimen_id = int(page.locator("#stage[data-specimen]").get_attribute("data-specimen") or 0)
    page.keyboard.press("a")
    expect(page.locator("#strip")).to_contain_text("1 of 2 labelled")
    until(lambda: mothmask.versions(specimen_id), "version 1")
    page.goto(f"{mothmask.address}/specimens/{specimen_id}")
    expect(page.locator("#versions")).to_contain_text("Version 1")
    expect(page.locator("#versions")).to_contain_text("Ada")
    page.close()


def test_a_rotated_jpeg_is_masked_as_it_is_shown(
    mothmask: Installation, open_window: OpenWindow
) -> None:
    drawn = draw_specimen(7, width=360, height=256)
    page = open_window(mothmask, "Ada")
    page.goto(f"{mothmask.address}/imports")
    _import(page, "ROTATED", [_rotated_jpeg(drawn.pixels)])
    expect(page.locator(".job")).to_contain_text("done", timeout=SECONDS_OF_WORK)
    page.goto(f"{mothmask.address}/specimens?search=rotated")
    page.locator(".tile").click()
    box = page.locator(".photograph image").bounding_box()
    assert box is not None
    assert box["width"] / box["height"] == pytest.approx(360 / 256, rel=0.02)
    page.get_by_role("link", name="Review").last.click()
    page.wait_for_selector("#stage[data-specimen]")
    shown = np.any(canvas_pixels(page, "#stage") != (0, 0, 255), axis=2)
    assert dice(_cut(shown), _cut(drawn.mask)) > 0.9


def test_an_export_is_made_and_fetched(
    mothmask: Installation, open_window: OpenWindow, tmp_path: Path
) -> None:
    _label(mothmask, "exported", 2)
    page = open_window(mothmask, "Ada")
    page.get_by_role("link", name="Exports").click()
    page.get_by_role("button", name="Export").click()
    page.wait_for_url("**/jobs/*")
    link = page.get_by_role("link", name="Download")
    link.wait_for(timeout=SECONDS_OF_WORK)
    with page.expect_download() as download:
        link.click()
    archive = tmp_path / "archive.zip"
    download.value.save_as(archive)
    with ZipFile(archive) as opened:
        names = [name for name in opened.namelist() if "exported-1" in name]
        [manifest] = [name for name in opened.namelist() if name.endswith(".csv")]
        rows = list(csv.DictReader(io.StringIO(opened.read(manifest).decode("utf-8-sig"))))
        masks = [decode_mask(opened.read(name)) for name in names]
    np.testing.assert_array_equal(masks, [factories.moth_mask()])
    assert "Lin" in next(row for row in rows if "exported-1" in row.values()).values()


def _import(page: Page, source: str, files: list[FilePayload]) -> None:
    page.get_by_label("Source").fill(source)
    page.get_by_label("Files").set_input_files(files)
    page.get_by_role("button", name="Import").click()
    page.wait_for_url("**/imports/*")


def _label(mothmask: Installation, name: str, count: int) -> None:
    with mothmask.db.transaction() as session:
        lin: Person = people.get_or_make(session, "Lin")
        for number in range(count):
            specimen = factories.make_specimen(session, mothmask.blobs, f"{name}-{number}")
            factories.make_version(session, mothmask.blobs, specimen, lin)


def _photograph(seed: int) -> FilePayload:
    drawn = draw_specimen(seed, width=360, height=256)
    return png_file(drawn.pixels, f"{drawn.name}.png")


def _rotated_jpeg(pixels: Pixels) -> FilePayload:
    """A photograph that tells viewers to turn it by a quarter."""
    exif = Image.Exif()
    exif[0x0112] = 6
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "JPEG", quality=95, exif=exif)
    return {"name": "rotated.jpg", "mimeType": "image/jpeg", "buffer": buffer.getvalue()}


def _cut(mask: Mask) -> Mask:
    """The specimen alone, at one size, so that only its shape counts."""
    mask = mask.astype(np.uint8) * (255 if mask.dtype == bool else 1)
    cut = np.ascontiguousarray(Box.around(mask).cut(mask))
    return np.asarray(cv2.resize(cut, (300, 200), interpolation=cv2.INTER_NEAREST), np.uint8)
