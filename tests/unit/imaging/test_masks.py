import io

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from ml.errors import BadInput, UnreadableImage, UnusableMask
from ml.imaging.masks import decode_map, decode_mask, encode_map, encode_mask
from tests.unit.imaging.pictures import png

lengths = st.integers(1, 300)
seeds = st.integers(0, 2**32)

SHAPE = (24, 40)
MASK = np.zeros(SHAPE, np.uint8)
MASK[4:20, 10:33] = 255


@settings(deadline=None)
@given(lengths, lengths, seeds)
def test_masks_come_back_pixel_for_pixel(height: int, width: int, seed: int) -> None:
    random = np.random.default_rng(seed)
    mask = (random.random((height, width)) < random.random()).astype(np.uint8) * 255

    back = decode_mask(encode_mask(mask))

    assert back.dtype == np.uint8
    np.testing.assert_array_equal(back, mask)


@settings(deadline=None)
@given(lengths, lengths, seeds)
def test_maps_come_back_id_for_id(height: int, width: int, seed: int) -> None:
    labels = np.random.default_rng(seed).integers(0, 2**16, (height, width), dtype=np.int64)

    back = decode_map(encode_map(labels))

    assert back.dtype == np.int32
    np.testing.assert_array_equal(back, labels)


def test_a_map_is_red_plus_256_green() -> None:
    data = encode_map(np.array([[0x1234, 255, 256]]))

    np.testing.assert_array_equal(
        np.asarray(Image.open(io.BytesIO(data))), [[[0x34, 0x12, 0], [255, 0, 0], [0, 1, 0]]]
    )


@pytest.mark.parametrize("wrong", [-1, 65_536])
def test_ids_that_do_not_fit_are_an_error(wrong: int) -> None:
    with pytest.raises(ValueError, match="65535"):
        encode_map(np.array([[wrong]]))


def test_a_mask_is_a_small_one_channel_png() -> None:
    mask = np.zeros((1200, 1600), np.uint8)
    mask[300:900, 400:1300] = 255

    picture = Image.open(io.BytesIO(encode_mask(mask)))

    assert (picture.format, picture.mode) == ("PNG", "L")
    assert len(encode_mask(mask)) < 20_000


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (png(np.full(SHAPE, 7, np.uint8)), UnusableMask),
        (png(np.dstack([MASK] * 3)), UnusableMask),
        (png(MASK.astype(np.uint16)), UnreadableImage),
        (b"", UnreadableImage),
        (b"no PNG", UnreadableImage),
        (encode_mask(MASK)[:60], UnreadableImage),
    ],
    ids=["grey", "rgb", "16 bit", "empty", "text", "cut short"],
)
def test_what_is_no_mask_of_ours_is_refused(data: bytes, problem: type[BadInput]) -> None:
    with pytest.raises(problem):
        decode_mask(data)


def test_what_is_no_map_is_refused() -> None:
    with pytest.raises(UnreadableImage):
        decode_map(encode_mask(MASK))
