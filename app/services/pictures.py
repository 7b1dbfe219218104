"""Pictures that pages show, made from blobs when asked for. What is made is lossless."""

import numpy as np

from app.blobs import Blobs
from app.domain.photographs import Photograph
from ml.imaging.arrays import BACKGROUND, SPECIMEN, Mask
from ml.imaging.fills import BLACK, BLUE, fill_background
from ml.imaging.masks import decode_mask, encode_mask
from ml.imaging.read import encode_png, fit_within, read_photograph, read_png

FILLS = {"blue": BLUE, "black": BLACK}


def mask_within(blobs: Blobs, digest: str, side: int) -> bytes:
    return encode_mask(_mask(blobs, digest, side))


def filled_within(blobs: Blobs, crop_digest: str, mask_digest: str, side: int, fill: str) -> bytes:
    pixels = fit_within(read_png(blobs.read(crop_digest)), side)
    return encode_png(fill_background(pixels, _mask(blobs, mask_digest, side), FILLS[fill]))


def photograph_within(blobs: Blobs, photograph: Photograph, side: int) -> bytes:
    size = photograph.width * photograph.height
    decoded = read_photograph(blobs.read(photograph.digest), max_pixels=size)
    return encode_png(fit_within(decoded.pixels, side))


def crop_within(blobs: Blobs, digest: str, side: int) -> bytes:
    return encode_png(fit_within(read_png(blobs.read(digest)), side))


def _mask(blobs: Blobs, digest: str, side: int) -> Mask:
    scaled = fit_within(decode_mask(blobs.read(digest)), side)
    return np.where(scaled > 127, SPECIMEN, BACKGROUND).astype(np.uint8)
