"""Small pictures of specimens, many per second: the small crop is kept as a file once it is made.

Decoding a crop takes ten times as long as the rest, and every mask of a crop needs the same one.
The files can be deleted at any time.
"""

import os
import tempfile
from enum import StrEnum
from pathlib import Path

from app.blobs import Blobs
from ml.errors import BadInput
from ml.imaging.arrays import Pixels
from ml.imaging.masks import decode_mask
from ml.imaging.read import encode_png, fit_within, read_png
from ml.imaging.thumbnails import cut_out, outlined, soft_mask

KEPT_SIDE = 320
"""Pixels of the long side of the crops that are kept."""


class Look(StrEnum):
    CUTOUT = "cutout"
    OUTLINE = "outline"
    ORIGINAL = "original"


class Thumbnails:
    def __init__(self, blobs: Blobs, folder: Path) -> None:
        self.blobs, self.folder = blobs, folder

    def picture(self, crop_digest: str, mask_digest: str, side: int, look: Look) -> bytes:
        """PNG of the specimen, at most `side` pixels long."""
        pixels = self._small_crop(crop_digest, side)
        if look is Look.ORIGINAL:
            return encode_png(pixels)
        soft = soft_mask(decode_mask(self.blobs.read(mask_digest)), pixels.shape[:2])
        return encode_png((cut_out if look is Look.CUTOUT else outlined)(pixels, soft))

    def _small_crop(self, digest: str, side: int) -> Pixels:
        if side > KEPT_SIDE:
            return fit_within(read_png(self.blobs.read(digest)), side)
        kept = self.folder / digest[:2] / f"{digest}.png"
        try:
            pixels = read_png(kept.read_bytes())
        except (OSError, BadInput):  # not there yet, or cut short when the power failed
            pixels = fit_within(read_png(self.blobs.read(digest)), KEPT_SIDE)
            _keep(kept, encode_png(pixels))
        return fit_within(pixels, side)


def _keep(file: Path, data: bytes) -> None:
    """Readers see the whole file or none; a full disk only means that it is made again."""
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        handle, unfinished = tempfile.mkstemp(dir=file.parent)
        try:
            with os.fdopen(handle, "wb") as opened:
                opened.write(data)
            Path(unfinished).rename(file)
        finally:
            Path(unfinished).unlink(missing_ok=True)
    except OSError:
        return
