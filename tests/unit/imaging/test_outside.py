"""Pictures from outside in every kind and size, as the lab's tools write them."""

import io
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from ml.errors import UnreadableImage, UnusableMask
from ml.imaging.arrays import Mask
from ml.imaging.boxes import Box
from ml.imaging.fills import BLUE, fill_background
from ml.imaging.frame import Placement, into_photograph
from ml.imaging.kinds import MaskKind, kind_in
from ml.imaging.letterbox import Letterbox
from ml.imaging.masks import decode_mask, encode_mask
from ml.imaging.outside import EmptyMask, OutsideMask, Place, WrongSize, read_outside
from tests.unit.imaging.pictures import png, png_claiming, saved, tiff

SHAPE = HEIGHT, WIDTH = 90, 140
PHOTOGRAPH = 200, 260
BOX = Box(60, 40, 60 + WIDTH, 40 + HEIGHT)
PLACE = Place(SHAPE, Placement(BOX), PHOTOGRAPH)
RANDOM = np.random.default_rng(5)


def drawn_moth(height: int, width: int) -> Mask:
    rows, columns = np.mgrid[:height, :width]
    wings = ((rows - height / 2) / (height / 3)) ** 2 + ((columns - width / 2) / (width / 3)) ** 2
    return np.where(wings <= 1, 255, 0).astype(np.uint8)


MASK = drawn_moth(*SHAPE)
SOFT = np.asarray(np.where(MASK > 0, 129, 128), np.uint8)
PIXELS = RANDOM.integers(20, 235, (*SHAPE, 3), dtype=np.uint8)
GREY = RANDOM.integers(20, 235, SHAPE, dtype=np.uint8)
INVERSE = fill_background(PIXELS, 255 - MASK, (255, 255, 255))
BLUE_FILLED = fill_background(PIXELS, MASK, BLUE)
BLOCKS = np.where(MASK[..., None] > 0, (200, 60, 90), 0).astype(np.uint8)
BLOCKS[: HEIGHT // 2][MASK[: HEIGHT // 2] > 0] = (30, 200, 120)
OPAQUE = np.full(SHAPE, 255, np.uint8)


def with_alpha(colours: np.ndarray, alpha: np.ndarray) -> bytes:
    return png(np.dstack((colours, alpha)))


def palette(colours: list[int]) -> bytes:
    picture = Image.fromarray(MASK // 255, "P")
    picture.putpalette(colours)
    return saved(picture, "PNG")


def lossy(pixels: np.ndarray, kind: str = "JPEG") -> bytes:
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, kind, quality=85)
    return file.getvalue()


def read(data: bytes, name: str = "", place: Place = PLACE, **chosen: object) -> OutsideMask:
    return read_outside(data, place, name=name, **chosen)  # type: ignore[arg-type]


KINDS: dict[str, tuple[MaskKind, bytes, str]] = {
    "grey": (MaskKind.MASK, png(MASK), ""),
    "grey 0 and 1": (MaskKind.MASK, png(MASK // 255), ""),
    "grey 16": (MaskKind.MASK, png(MASK.astype(np.uint16) * 257), ""),
    "grey 16 holding 0 and 1": (MaskKind.MASK, png((MASK // 255).astype(np.uint16)), ""),
    "grey 16 holding 0 and 255": (MaskKind.MASK, png(MASK.astype(np.uint16)), ""),
    "rgb": (MaskKind.MASK, png(np.dstack([MASK] * 3)), "a_mask.png"),
    "rgb 0 and 1": (MaskKind.MASK, png(np.dstack([MASK // 255] * 3)), ""),
    "soft grey": (MaskKind.MASK, png(SOFT), ""),
    "one bit": (MaskKind.MASK, saved(Image.fromarray(MASK > 0), "PNG"), ""),
    "palette": (MaskKind.MASK, palette([0, 0, 0, 255, 255, 255]), ""),
    "palette with a colour": (MaskKind.BLOCKS, palette([0, 0, 0, 128, 0, 0]), ""),
    "constant alpha": (MaskKind.MASK, with_alpha(np.dstack([MASK] * 3), OPAQUE), ""),
    "constant half alpha": (MaskKind.MASK, with_alpha(np.dstack([MASK] * 3), OPAQUE // 2), ""),
    "BMP": (MaskKind.MASK, saved(Image.fromarray(MASK), "BMP"), ""),
    "TIFF": (MaskKind.MASK, tiff(MASK, photometric="minisblack"), ""),
    "JPEG": (MaskKind.MASK, lossy(MASK), "a_mask_rgbfill.jpg"),
    "black and white called anything": (MaskKind.MASK, png(MASK), "a_mask_painter3d.png"),
    "cut-out": (MaskKind.CUTOUT, with_alpha(PIXELS, MASK), ""),
    "grey cut-out": (MaskKind.CUTOUT, png(np.dstack((GREY, MASK))), "a-removebg-preview.png"),
    "soft alpha": (
        MaskKind.CUTOUT,
        with_alpha(PIXELS, np.where(MASK > 0, 128, 127).astype(np.uint8)),
        "a_mask_painter3d.png",
    ),
    "block map": (MaskKind.BLOCKS, png(BLOCKS), ""),
    "block map called blue": (MaskKind.BLOCKS, png(BLOCKS), "a_mask_rgbfill.png"),
    "dark block map": (MaskKind.BLOCKS, png(MASK // 3), "a_rgb.png"),
    "inverse cut-out, white": (MaskKind.INVERSE_CUTOUT, png(INVERSE), ""),
    "inverse cut-out, grey": (
        MaskKind.INVERSE_CUTOUT,
        png(np.where(MASK > 0, np.uint8(255), GREY)),
        "a_mask_painter3d.png",
    ),
    "inverse cut-out, transparent": (
        MaskKind.INVERSE_CUTOUT,
        with_alpha(PIXELS, 255 - MASK),
        "a_rmbg.png",
    ),
    "blue": (MaskKind.BLUE, png(BLUE_FILLED), ""),
    "blue called a map": (MaskKind.BLUE, png(BLUE_FILLED), "a_rgb.png"),
    "blue with alpha": (MaskKind.BLUE, with_alpha(BLUE_FILLED, OPAQUE), "a_mask_rgbfill.png"),
}


@pytest.mark.parametrize(("kind", "data", "name"), KINDS.values(), ids=KINDS.keys())
def test_every_kind_is_recognised_and_read(kind: MaskKind, data: bytes, name: str) -> None:
    found = read(data, name)

    assert (found.kind, found.inverted, found.mask.dtype.name) == (kind, False, "uint8")
    wrong = int((found.checked() != MASK).sum())
    assert wrong == 0 or (data.startswith(b"\xff\xd8") and wrong < 0.01 * MASK.size)


@pytest.mark.parametrize("name", ["", "a_mask_rgbfill.jpg"])
def test_blue_survives_lossy_compression_to_a_pixel_at_the_edge(name: str) -> None:
    smooth = fill_background(np.full((*SHAPE, 3), (150, 110, 80), np.uint8), MASK, BLUE)
    for data in (lossy(smooth), lossy(smooth, "WEBP")):
        found = read(data, name)
        assert found.kind is MaskKind.BLUE
        assert (found.mask != MASK).mean() < 0.02


@pytest.mark.parametrize("pixels", [BLOCKS, INVERSE], ids=["black", "white"])
def test_lossy_black_and_white_fills_are_refused_with_what_to_do(pixels: np.ndarray) -> None:
    with pytest.raises(UnusableMask, match="saved as JPEG, which smears"):
        read(lossy(pixels), "a_mask_painter3d.jpg" if pixels is INVERSE else "")


def test_lossless_webp_is_exact() -> None:
    file = io.BytesIO()
    Image.fromarray(BLOCKS).save(file, "WEBP", lossless=True)

    np.testing.assert_array_equal(read(file.getvalue()).mask, MASK)


LETTERBOX = Letterbox(*SHAPE, 256)
SQUARE = LETTERBOX.mask(MASK)


def in_photograph(mask: Mask) -> Mask:
    return into_photograph(mask, Placement(BOX), *PHOTOGRAPH)


def in_square(mask: Mask) -> Mask:
    return LETTERBOX.mask(mask)


def painted(mask: Mask, kind: MaskKind) -> bytes:
    pixels = RANDOM.integers(20, 235, (*mask.shape, 3), dtype=np.uint8)
    match kind:
        case MaskKind.MASK:
            return png(mask)
        case MaskKind.CUTOUT:
            return with_alpha(pixels, mask)
        case MaskKind.BLOCKS:
            return png(fill_background(pixels, mask, (0, 0, 0)))
        case MaskKind.INVERSE_CUTOUT:
            return png(fill_background(pixels, 255 - mask, (255, 255, 255)))
        case MaskKind.BLUE:
            return png(fill_background(pixels, mask, BLUE))


@pytest.mark.parametrize("kind", MaskKind)
@pytest.mark.parametrize(
    ("sized", "share"), [(in_photograph, 0.0), (in_square, 0.01)], ids=["photograph", "256"]
)
def test_every_kind_in_the_other_sizes(
    kind: MaskKind, sized: Callable[[Mask], Mask], share: float
) -> None:
    found = read(painted(sized(MASK), kind))

    assert (found.kind, found.mask.shape) == (kind, SHAPE)
    assert set(np.unique(found.mask)) == {0, 255}
    assert (found.mask != MASK).mean() <= share


def test_bands_of_any_colour_beside_the_crop_do_not_matter() -> None:
    square = np.full((256, 256, 3), 255, np.uint8)
    rows = slice(LETTERBOX.top, LETTERBOX.top + LETTERBOX.inner_height)
    square[rows] = np.dstack([SQUARE] * 3)[rows]

    found = read(png(square))

    assert (found.kind, found.looks_inverted) == (MaskKind.MASK, False)
    assert (found.mask != MASK).mean() < 0.01


def test_a_large_crop_gets_a_smooth_edge_from_its_square() -> None:
    big = drawn_moth(900, 1400)
    place = Place(big.shape)

    found = read(encode_mask(Letterbox(900, 1400, 256).mask(big)), place=place)

    both = np.logical_and(found.mask, big).sum()
    assert 2 * both / ((found.mask > 0).sum() + (big > 0).sum()) > 0.995


def test_a_crop_of_256_squared_is_taken_pixel_by_pixel() -> None:
    noise = (RANDOM.random((256, 256)) < 0.5).astype(np.uint8) * 255

    np.testing.assert_array_equal(read(png(noise), place=Place(noise.shape)).mask, noise)


def test_a_photograph_of_256_squared_is_cut_rather_than_mapped() -> None:
    whole = (RANDOM.random((256, 256)) < 0.5).astype(np.uint8) * 255
    box = Box(10, 20, 110, 90)

    found = read(png(whole), place=Place((70, 100), Placement(box), whole.shape))

    np.testing.assert_array_equal(found.mask, box.cut(whole))


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (png(MASK[:-2]), "The picture has 140 × 88 pixels, but the crop has 140 × 90 and the "),
        (png(MASK.T), "The picture has 90 × 140 pixels"),
        (png_claiming(30_000, 30_000), "The picture has 30000 × 30000 pixels"),
    ],
    ids=["two rows less", "turned", "bomb"],
)
def test_other_sizes_are_refused_and_all_are_named(data: bytes, sentence: str) -> None:
    with pytest.raises(WrongSize) as refusal:
        read(data)

    assert str(refusal.value).startswith(sentence)
    assert "the photograph 260 × 200" in str(refusal.value)


def test_an_index_mask_with_specimen_along_its_border_is_read_inverted() -> None:
    found = read(png(1 - MASK // 255))

    assert (found.kind, found.inverted, found.looks_inverted) == (MaskKind.MASK, True, False)
    np.testing.assert_array_equal(found.mask, MASK)
    kept = read(png(1 - MASK // 255), inverted=False)
    np.testing.assert_array_equal(kept.mask, 255 - MASK)


def test_a_mask_of_0_and_255_is_never_inverted_by_itself_but_doubted() -> None:
    found = read(png(255 - MASK))

    assert (found.inverted, found.looks_inverted) == (False, True)
    np.testing.assert_array_equal(found.mask, 255 - MASK)
    exchanged = read(png(255 - MASK), inverted=True)
    assert (exchanged.inverted, exchanged.looks_inverted) == (True, False)
    np.testing.assert_array_equal(exchanged.mask, MASK)


@pytest.mark.parametrize("kind", MaskKind)
def test_a_kind_that_a_person_chose_is_obeyed(kind: MaskKind) -> None:
    picture = with_alpha(fill_background(INVERSE, 255 - MASK, (255, 255, 255)), 255 - MASK)

    found = read(picture, kind=kind)

    assert found.kind is kind
    if kind in (MaskKind.INVERSE_CUTOUT, MaskKind.MASK):
        assert (found.mask[MASK > 0] == 255).all()
    else:  # what is transparent is no specimen in any other kind
        assert not found.mask[MASK > 0].any()


@pytest.mark.parametrize(
    ("data", "chosen", "problem", "sentence"),
    [
        (png(MASK * 0), None, EmptyMask, "The mask is all black: paint the specimen white"),
        (png(OPAQUE), None, EmptyMask, "The mask is all white: paint the background black"),
        (png(OPAQUE // 255), None, EmptyMask, "The mask is all white"),
        (png(PIXELS), MaskKind.BLUE, EmptyMask, "Read as this kind, the picture is all specimen"),
        (png(PIXELS), MaskKind.INVERSE_CUTOUT, EmptyMask, "Read as this kind, the picture has no"),
        (png(PIXELS), MaskKind.CUTOUT, UnusableMask, "The picture has no transparent background"),
        (png(PIXELS), None, UnusableMask, "The picture does not say what is specimen."),
        (png(GREY), None, UnusableMask, "The picture does not say what is specimen."),
        (b"white", None, UnreadableImage, "The file holds text"),
        (png(MASK)[:-30], None, UnreadableImage, "The PNG file is damaged"),
    ],
    ids=[
        *("black", "white", "ones", "no blue", "no white", "no alpha", "photograph", "grey"),
        *("text", "cut short"),
    ],
)
def test_what_cannot_be_a_mask_is_refused_with_a_sentence(
    data: bytes, chosen: MaskKind | None, problem: type[Exception], sentence: str
) -> None:
    with pytest.raises(problem) as refusal:
        read(data, kind=chosen).checked()

    assert str(refusal.value).startswith(sentence)


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("CARS0717.png", None),
        ("CARS0717_cropped.png", None),
        ("x/CARS0717_cropped_mask_Unet.png", MaskKind.MASK),
        ("CARS0717_cropped-removebg-preview.png", MaskKind.CUTOUT),
        ("CARS0717_RMBG.PNG", MaskKind.CUTOUT),
        ("CARS0717_rgb_cropped.png", MaskKind.BLOCKS),
        ("CARS0717_cropped_mask_rgbfill.png", MaskKind.BLUE),
        ("CARS0717_mask_painter3d.png", MaskKind.INVERSE_CUTOUT),
    ],
)
def test_names_speak_of_kinds(name: str, kind: MaskKind | None) -> None:
    assert kind_in(name) is kind


lengths = st.integers(0, 12).flatmap(lambda power: st.integers(2**power // 2 + 1, 2**power))
"""From 1 to 4,096, each power of two as often as any other."""


@settings(deadline=None, max_examples=150)
@given(lengths, lengths, st.integers(0, 2**32), st.floats(0.001, 0.999))
def test_one_channel_png_of_0_and_255_comes_out_pixel_for_pixel(
    height: int, width: int, seed: int, density: float
) -> None:
    random = np.random.default_rng(seed)
    mask = (random.random((height, width), np.float32) < density).astype(np.uint8) * 255

    found = read_outside(
        png(mask), Place(mask.shape, Placement(Box(0, 0, width, height)), mask.shape)
    )

    assert (found.kind, found.inverted) == (MaskKind.MASK, False)
    np.testing.assert_array_equal(decode_mask(encode_mask(found.mask)), mask)
