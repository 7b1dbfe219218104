"""Archives of masks: what shrinks more than any photograph is taken all the same."""

import io

import cv2
import numpy as np
import pytest
from PIL import Image

from app.domain.people import Person
from tests.conftest import Drain
from tests.service.masks import flow
from tests.unit.importing import zips
from worker.context import Context


@pytest.mark.parametrize("database_kind", ["sqlite"])
def test_masks_that_are_not_compressed_come_out_of_a_zip(
    context: Context, drain: Drain, person: Person
) -> None:
    drawn = np.zeros((1500, 2000), np.uint8)
    cv2.ellipse(drawn, (1000, 750), (600, 300), 10, 0, 360, 255, -1)
    tiff = io.BytesIO()
    Image.fromarray(drawn).save(tiff, "TIFF")
    flow.specimens(context, "moth")
    files = {
        "masks.zip": zips.zipped([("moth_mask.tif", tiff.getvalue())]),
        "bomb.zip": zips.zipped([("moth_mask.bmp", bytes(50_000_000))]),
    }
    assert flow.outcomes(context, flow.read(context, drain, person, files)) == {
        "masks.zip/moth_mask.tif": "wrong-size",  # it was read
        "bomb.zip/moth_mask.bmp": "unreadable",
    }
