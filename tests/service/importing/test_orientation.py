"""Pictures that ask to be turned: box, crop and preview are those of the pixels as stored."""

import numpy as np
import pytest
from sqlalchemy import select

from app.domain.photographs import Photograph
from app.domain.specimens import Crop
from app.services import box_files, photograph_imports, pictures
from app.services.folders import Incoming
from app.services.photograph_imports import Wishes
from ml.imaging.boxes import Box
from ml.imaging.read import read_photograph, read_png
from tests.conftest import Drain
from tests.service.importing import flow
from tests.unit.imaging.pictures import HEIGHT, WIDTH, oriented
from worker.context import Context

BOX = Box(3, 2, WIDTH - 4, HEIGHT - 5)


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "TIFF", "WEBP"])
@pytest.mark.parametrize("database_kind", ["sqlite"])
def test_a_box_in_stored_pixels_cuts_stored_pixels(
    context: Context, drain: Drain, kind: str, orientation: int
) -> None:
    data = oriented(kind, orientation)
    stored = read_photograph(data).pixels
    assert stored.shape == (HEIGHT, WIDTH, 3)
    edges = f'"{BOX.left},{BOX.top},{BOX.right},{BOX.bottom}"'
    text = f"file,bboxes\nmoth.jpg,{edges}\n".encode()
    wishes = Wishes(boxes=box_files.read([Incoming("boxes.csv", (text,))]))
    files = [Incoming("moth.jpg", (data,))]
    photograph_imports.start(context.db, context.blobs, files, "TEST", wishes=wishes)
    drain(context, flow.CUTTING_HANDLERS)
    with context.db.reading() as session:
        made = session.scalars(select(Crop)).one()
        taken = session.scalars(select(Photograph)).one()
    assert made.found_box == [BOX.left, BOX.top, BOX.right, BOX.bottom]
    np.testing.assert_array_equal(read_png(context.blobs.read(made.digest)), made.box.cut(stored))
    shown = read_png(pictures.photograph_within(context.blobs, taken, max(WIDTH, HEIGHT)))
    np.testing.assert_array_equal(shown, stored)
