import io

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from ml.errors import BadInput, UnreadableImage, UnusableMask
from ml.imaging.masks import decode_map, decode_mask, encode_map, encode_mask, read_edited_mask
from tests.unit.imaging.pictures import png, png_claiming, saved, tiff

lengths = st.integers(1, 300)
seeds = st.integers(0, 2**32)

SHAPE = (24, 40)
MASK = np.zeros(SHAPE, np.uint8)
MASK[4:20, 10:33] = 255
BITS = MASK // 255


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


def _with_alpha(colours: np.ndarray, alpha: np.ndarray) -> bytes:
    return png(np.dstack((colours, colours, colours, alpha)))


NOISE = np.random.default_rng(0).integers(0, 256, SHAPE, dtype=np.uint8)
SOFT = np.where(MASK > 0, 129, 128).astype(np.uint8)
OPAQUE = np.full(SHAPE, 255, np.uint8)
BLUE_FILLED = np.dstack((MASK, MASK, OPAQUE))
ONE_BIT = Image.fromarray(MASK > 0)
INDEXED = Image.fromarray(np.dstack([MASK] * 3)).quantize(2)
EDITED = {
    "grey": png(MASK),
    "grey 0 and 1": png(BITS),
    "grey 16": png(MASK.astype(np.uint16) * 257),
    "rgb": png(np.dstack([MASK] * 3)),
    "rgb 0 and 1": png(np.dstack([BITS] * 3)),
    "soft grey": png(SOFT),
    "one bit": saved(ONE_BIT, "PNG"),
    "palette": saved(INDEXED, "PNG"),
    "alpha says it": _with_alpha(NOISE, MASK),
    "soft alpha says it": _with_alpha(NOISE, np.where(MASK > 0, 128, 127).astype(np.uint8)),
    "grey alpha says it": png(np.dstack((NOISE, MASK))),
    "constant alpha says nothing": _with_alpha(MASK, OPAQUE),
    "constant half alpha says nothing": _with_alpha(MASK, OPAQUE // 2),
    "BMP": saved(Image.fromarray(MASK), "BMP"),
    "TIFF": tiff(MASK, photometric="minisblack"),
    "WebP": saved(Image.fromarray(np.dstack([MASK] * 3)), "WEBP"),
}


@pytest.mark.parametrize("data", EDITED.values(), ids=EDITED.keys())
def test_edited_masks_of_every_kind_are_understood(data: bytes) -> None:
    mask = read_edited_mask(data, SHAPE)

    assert mask.dtype == np.uint8
    np.testing.assert_array_equal(mask, MASK)


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (
            png(MASK[:-2]),
            "The mask has 40 × 22 pixels, but the crop has 40 × 24. "
            "Edit the crop as it was handed out, without resizing it.",
        ),
        (png(MASK.T), "The mask has 24 × 40 pixels, but the crop has 40 × 24. "),
        (png_claiming(30_000, 30_000), "The mask has 30000 × 30000 pixels, but the crop has"),
        (png(np.zeros(SHAPE, np.uint8)), "The mask is all black: paint the specimen white"),
        (png(OPAQUE), "The mask is all white: paint the background black"),
        (png(np.ones(SHAPE, np.uint8)), "The mask is all white"),
        (_with_alpha(OPAQUE, OPAQUE), "The mask is all white"),
        (png(BLUE_FILLED), "The picture is in colour, so it does not say what is specimen."),
    ],
    ids=["size", "turned", "bomb", "black", "white", "ones", "opaque white", "blue-filled"],
)
def test_unusable_masks_are_refused_with_a_sentence(data: bytes, sentence: str) -> None:
    with pytest.raises(UnusableMask) as refusal:
        read_edited_mask(data, SHAPE)

    assert str(refusal.value).startswith(sentence)


def test_an_edited_mask_that_is_no_picture_is_refused() -> None:
    with pytest.raises(UnreadableImage, match="text"):
        read_edited_mask(b"white", SHAPE)
