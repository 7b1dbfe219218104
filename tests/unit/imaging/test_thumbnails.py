"""Small pictures for the grid."""

from pathlib import Path

import cv2
import numpy as np
import pytest

from app.blobs import FolderBlobs
from app.services.thumbnails import KEPT_SIDE, Look, Thumbnails
from ml.imaging.masks import encode_mask
from ml.imaging.png import decode_png
from ml.imaging.read import encode_png, read_png

HEIGHT, WIDTH = 600, 800


@pytest.fixture
def blobs(tmp_path: Path) -> FolderBlobs:
    return FolderBlobs(tmp_path / "blobs")


@pytest.fixture
def crop(blobs: FolderBlobs) -> str:
    pixels = np.random.default_rng(1).integers(60, 200, (HEIGHT, WIDTH, 3)).astype(np.uint8)
    return blobs.put(encode_png(pixels))


@pytest.fixture
def mask(blobs: FolderBlobs) -> str:
    """The left half, at twice the size of the crop's preview."""
    drawn = np.zeros((2 * HEIGHT, 2 * WIDTH), np.uint8)
    drawn[:, :WIDTH] = 255
    return blobs.put(encode_mask(drawn))


@pytest.fixture
def thumbnails(blobs: FolderBlobs, tmp_path: Path) -> Thumbnails:
    return Thumbnails(blobs, tmp_path / "thumbnails")


def test_a_cutout_is_transparent_where_the_mask_is_background(
    thumbnails: Thumbnails, crop: str, mask: str
) -> None:
    picture = decode_png(thumbnails.picture(crop, mask, 160, Look.CUTOUT))
    assert picture.shape == (120, 160, 4)
    assert (picture[:, :79, 3] == 255).all()
    assert (picture[:, 81:] == 0).all()


def test_an_outline_is_blue_within_and_white_without(
    thumbnails: Thumbnails, crop: str, mask: str
) -> None:
    picture = read_png(thumbnails.picture(crop, mask, 160, Look.OUTLINE))
    assert (picture[:, 79] == (0, 0, 255)).all()
    assert (picture[:, 80] == 255).all()
    assert (picture[:, 40] < 255).all()


def test_another_mask_of_the_same_crop_needs_only_the_small_crop_that_was_kept(
    thumbnails: Thumbnails, blobs: FolderBlobs, crop: str, mask: str
) -> None:
    first = thumbnails.picture(crop, mask, KEPT_SIDE, Look.ORIGINAL)
    blobs.remove(crop)
    assert thumbnails.picture(crop, mask, KEPT_SIDE, Look.ORIGINAL) == first
    other = blobs.put(encode_mask(np.full((HEIGHT, WIDTH), 255, np.uint8)))
    assert decode_png(thumbnails.picture(crop, other, 80, Look.CUTOUT)).shape == (60, 80, 4)


def test_a_larger_picture_comes_from_the_crop_itself(
    thumbnails: Thumbnails, crop: str, mask: str
) -> None:
    picture = decode_png(thumbnails.picture(crop, mask, 640, Look.CUTOUT), cv2.IMREAD_UNCHANGED)
    assert picture.shape == (480, 640, 4)


def test_without_room_for_the_small_crop_the_picture_is_made_all_the_same(
    blobs: FolderBlobs, tmp_path: Path, crop: str, mask: str
) -> None:
    (tmp_path / "file").touch()
    blocked = Thumbnails(blobs, tmp_path / "file" / "thumbnails")
    assert decode_png(blocked.picture(crop, mask, 160, Look.CUTOUT)).shape == (120, 160, 4)


def test_a_small_crop_that_was_cut_short_is_made_again(
    thumbnails: Thumbnails, crop: str, mask: str
) -> None:
    whole = thumbnails.picture(crop, mask, 160, Look.CUTOUT)
    for kept in thumbnails.folder.rglob("*.png"):
        kept.write_bytes(kept.read_bytes()[:100])
    assert thumbnails.picture(crop, mask, 160, Look.CUTOUT) == whole
