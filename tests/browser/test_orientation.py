"""Photographs that ask to be turned: pages show the pixels as stored, which the mask covers."""

import base64
import io

import cv2
import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Page, expect
from sqlalchemy import select

from app.db import now
from app.domain.labelling import Candidate
from app.domain.specimens import Crop, Specimen
from app.services import box_files, photograph_imports
from app.services.folders import Incoming
from app.services.photograph_imports import Wishes
from app.services.queueing import settle_queue_place
from app.settings import Settings
from ml.imaging.arrays import Mask, Pixels
from ml.imaging.boxes import Box
from ml.imaging.drawn import draw_specimen
from ml.imaging.fills import BLUE, fill_background
from ml.imaging.masks import encode_mask
from ml.imaging.read import read_photograph, read_png
from tests.browser.installations import Installation
from tests.browser.watching import canvas_pixels
from tests.conftest import Drain
from tests.service.importing import flow
from worker.context import Context

WIDTH, HEIGHT = 360, 256
DRAWN = draw_specimen(7, width=WIDTH, height=HEIGHT)
SHOWN = """async image => {
  const picture = new Image();
  picture.src = image.getAttribute("href");
  await picture.decode();
  const canvas = document.createElement("canvas");
  canvas.width = picture.naturalWidth;
  canvas.height = picture.naturalHeight;
  canvas.getContext("2d").drawImage(picture, 0, 0);
  return canvas.toDataURL("image/png");
}"""


def turned(orientation: int) -> bytes:
    exif = Image.Exif()
    exif[0x0112] = orientation
    stream = io.BytesIO()
    Image.fromarray(DRAWN.pixels).save(stream, "JPEG", quality=95, exif=exif)
    return stream.getvalue()


def imported(web: Installation, drain: Drain, orientation: int) -> int:
    """A specimen whose box is the whole photograph, with the true mask as its candidate."""
    name = f"turned-{orientation}"
    text = f'file,bboxes\n{name}.jpg,"0,0,{WIDTH},{HEIGHT}"\n'.encode()
    wishes = Wishes(boxes=box_files.read([Incoming("boxes.csv", (text,))]))
    files = [Incoming(f"{name}.jpg", (turned(orientation),))]
    photograph_imports.start(web.db, web.blobs, files, "TURNED", wishes=wishes)
    context = Context(settings=Settings(data=web.data), db=web.db, blobs=web.blobs)
    drain(context, flow.CUTTING_HANDLERS)
    with web.db.transaction() as session:
        specimen = session.scalars(select(Specimen).where(Specimen.key == name)).one()
        made = session.get_one(Crop, specimen.crop_id)
        assert made.box == Box(0, 0, WIDTH, HEIGHT)
        session.add(
            Candidate(
                specimen_id=specimen.id,
                crop_id=made.id,
                origin="grabcut",
                agreeing=[],
                digest=web.blobs.put(encode_mask(DRAWN.mask)),
                own_score=0.9,
                score=0.9,
                created_at=now(session),
            )
        )
        settle_queue_place(session, specimen)
        return specimen.id


@pytest.mark.timeout(480)
def test_what_is_shown_is_what_is_stored_and_masked(
    page: Page, web: Installation, drain: Drain
) -> None:
    for orientation in range(1, 9):
        specimen_id = imported(web, drain, orientation)
        stored = read_photograph(turned(orientation)).pixels
        page.goto(f"{web.address}/specimens/{specimen_id}")
        url = page.locator(".photograph image").evaluate(SHOWN)
        np.testing.assert_array_equal(read_png(base64.b64decode(url.partition(",")[2])), stored)

        page.goto(f"{web.address}/review?specimen={specimen_id}")
        expect(page.locator("#stage")).to_have_attribute("data-specimen", str(specimen_id))
        on_blue = _specimen(canvas_pixels(page, "#stage"))
        wanted = _specimen(fill_background(stored, DRAWN.mask, BLUE))
        assert np.abs(on_blue.astype(int) - wanted.astype(int)).mean() < 8


def _specimen(on_blue: Pixels) -> Pixels:
    """What is not blue, at one size."""
    mask: Mask = (np.any(on_blue != BLUE, axis=2) * 255).astype(np.uint8)
    cut = np.ascontiguousarray(Box.around(mask).cut(on_blue))
    return np.asarray(cv2.resize(cut, (150, 100), interpolation=cv2.INTER_AREA), np.uint8)
