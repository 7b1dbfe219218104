"""A decoder reads photographs and masks exactly as the functions do that it calls."""

import io
from dataclasses import replace

import numpy as np
import pytest

from app.decoding.masks import read_drawn, read_outside
from app.decoding.photographs import open_photograph
from app.errors import Refused
from ml.errors import UnreadableImage, UnusableMask
from ml.imaging import outside
from ml.imaging.boxes import Box
from ml.imaging.frame import Placement
from ml.imaging.kinds import MaskKind
from ml.imaging.masks import encode_mask
from ml.imaging.outside import Place, WrongSize
from ml.imaging.photograph import OpenPhotograph
from ml.imaging.read import encode_png
from tests.unit.imaging.pictures import SAMPLES, Sample

MASK = np.zeros((30, 40), np.uint8)
MASK[10:20, 5:25] = 255


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.name)
def test_pixels_are_the_same(sample: Sample) -> None:
    here, box = OpenPhotograph(io.BytesIO(sample.data)), Box(3, 2, 17, 11)
    with open_photograph(io.BytesIO(sample.data), 1_000_000) as there:
        there.check()
        assert (there.header, there.notes, there.shape) == (here.header, here.notes, here.shape)
        for mine, its in (
            (here.whole(), there.whole()),
            (here.region(box), there.region(box)),
            (here.within(16), there.within(16)),
        ):
            np.testing.assert_array_equal(its, mine)


def test_refusals_are_the_same() -> None:
    for data in (b"", b"Moths", SAMPLES[0].data[:300]):
        with pytest.raises(UnreadableImage) as here:
            OpenPhotograph(io.BytesIO(data)).check()
        with (
            pytest.raises(UnreadableImage) as there,
            open_photograph(io.BytesIO(data), 10_000_000) as photograph,
        ):
            photograph.check()
        assert str(there.value) == str(here.value)


@pytest.mark.parametrize("kind", [None, MaskKind.MASK])
def test_masks_are_the_same(kind: MaskKind | None) -> None:
    on_photograph = Place((30, 40), Placement(Box(5, 6, 45, 36), 0.0), (60, 90))
    large = np.zeros((60, 90), np.uint8)
    large[6:36, 5:45] = MASK
    for place, mask in ((Place((30, 40)), MASK), (on_photograph, large)):
        data = encode_png(np.dstack([mask] * 3))
        here = outside.read_outside(data, place, name="a_mask.png", kind=kind)
        there = read_outside(data, place, name="a_mask.png", kind=kind)
        assert replace(there, mask=MASK) == replace(here, mask=MASK)
        np.testing.assert_array_equal(there.mask, here.mask)
    assert read_outside(encode_mask(MASK), None).mask.tolist() == MASK.tolist()


def test_what_is_no_mask_is_refused_alike() -> None:
    noise = np.random.default_rng(1).integers(60, 200, (30, 40, 3), np.uint8)
    with pytest.raises(UnusableMask, match="does not say what is specimen"):
        read_outside(encode_png(noise), Place((30, 40)))
    with pytest.raises(WrongSize, match="the crop has 41 × 31"):
        read_outside(encode_mask(MASK), Place((31, 41)))
    with pytest.raises(Refused, match="The draft has 40 × 30 pixels, but the crop has 41 × 31"):
        read_drawn(encode_mask(MASK), (31, 41))
    with pytest.raises(UnusableMask, match="no mask"):
        read_drawn(encode_mask(MASK // 2), (30, 40))
    assert read_drawn(encode_mask(MASK), (30, 40)).tolist() == MASK.tolist()
