"""Photographs that are read in pieces give what reading them as a whole gives."""

import io
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import tifffile

from ml.errors import UnreadableImage
from ml.imaging.boxes import Box
from ml.imaging.photograph import OpenPhotograph
from ml.imaging.read import fit_within
from tests.unit.imaging.pictures import (
    HEIGHT,
    RGB,
    SAMPLES,
    WIDTH,
    Sample,
    png_claiming,
    saved_jpeg,
    tiff,
)

MEASURED = """
import io, resource, sys
from ml.imaging.boxes import Box
from ml.imaging.photograph import OpenPhotograph
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
with open(sys.argv[1], "rb") as file:
    photograph = OpenPhotograph(file)
    photograph.check()
    assert photograph.within(1600).shape == (1600, 1250, 3)
    assert photograph.region(Box(9_000, 11_000, 10_000, 12_000)).tolist()[0][0] == [90, 60, 30]
print((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024)
"""


def opened(data: bytes) -> OpenPhotograph:
    return OpenPhotograph(io.BytesIO(data))


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.name)
def test_every_kind_of_file_gives_the_same_pixels_in_pieces(sample: Sample) -> None:
    photograph = opened(sample.data)
    box = Box(5, 7, 41, 30)

    photograph.check()
    assert (photograph.shape, photograph.notes) == ((HEIGHT, WIDTH), sample.notes)
    np.testing.assert_array_equal(photograph.whole(), sample.pixels)
    np.testing.assert_array_equal(photograph.region(box), box.cut(sample.pixels))
    # Noise suffers from the scaling of a JPEG decoder; what is smooth does not, see below.
    tolerance = 64 if sample.name.startswith("JPEG") else 1
    expected = fit_within(sample.pixels, 20)
    np.testing.assert_allclose(photograph.within(20).astype(int), expected, atol=tolerance)


@pytest.mark.parametrize("options", [{}, {"tile": (16, 32)}, {"rowsperstrip": 5}])
def test_bands_of_any_height_are_put_together(options: dict[str, object]) -> None:
    picture = np.random.default_rng(1).integers(0, 256, (100, 70, 3), dtype=np.uint8)
    photograph = opened(tiff(picture, photometric="rgb", **options))

    np.testing.assert_array_equal(photograph.region(Box(3, 15, 69, 97)), picture[15:97, 3:69])
    np.testing.assert_allclose(photograph.within(33).astype(int), fit_within(picture, 33), atol=1)


def test_a_jpeg_is_scaled_down_while_it_is_decoded() -> None:
    smooth = np.linspace(0, 255, 1200).astype(np.uint8)
    picture = np.repeat(np.tile(smooth, (800, 1))[..., None], 3, axis=2)
    photograph = opened(saved_jpeg(picture))

    small = photograph.within(300)

    assert small.shape == (200, 300, 3)
    np.testing.assert_allclose(small.astype(int), fit_within(picture, 300), atol=4)


def test_a_box_that_leaves_the_photograph_is_an_error_of_the_program() -> None:
    with pytest.raises(ValueError, match="leaves"):
        opened(SAMPLES[0].data).region(Box(0, 0, WIDTH + 1, HEIGHT))


def test_a_tiff_cut_short_is_refused_whatever_is_asked_of_it() -> None:
    damaged = tiff(RGB, photometric="rgb", rowsperstrip=4)[:-300]
    with pytest.raises(UnreadableImage, match="cut short"):
        opened(damaged).check()
    with pytest.raises(UnreadableImage, match="cut short"):
        opened(damaged).within(10)


def test_a_picture_that_unpacks_to_far_more_than_a_photograph_is_refused() -> None:
    with pytest.raises(UnreadableImage, match="1200 MB, far more than is packed"):
        opened(png_claiming(20_000, 20_000)).check()


@pytest.mark.parametrize("layout", ["tiles", "one plain strip"])
def test_memory_does_not_grow_with_a_tiff(tmp_path: Path, layout: str) -> None:
    """200 megapixels, 600 MB, are read in less than a third of that."""
    file = tmp_path / "large.tif"
    shape = (16_000, 12_500, 3)
    if layout == "tiles":
        tile = np.full((512, 512, 3), (90, 60, 30), np.uint8)
        count = -(-shape[0] // 512) * -(-shape[1] // 512)
        tifffile.imwrite(
            file,
            (tile for _ in range(count)),
            shape=shape,
            dtype=np.uint8,
            tile=(512, 512),
            photometric="rgb",
            compression="zlib",
        )
    else:
        pixels = tifffile.memmap(file, shape=shape, dtype=np.uint8, photometric="rgb")
        for top in range(0, shape[0], 500):
            pixels[top : top + 500] = (90, 60, 30)
        pixels.flush()
        del pixels
    ran = subprocess.run(
        [sys.executable, "-c", MEASURED, str(file)], capture_output=True, text=True, check=True
    )
    assert int(ran.stdout) < 200
