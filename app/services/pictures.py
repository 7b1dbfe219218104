"""Pictures that pages show, made from blobs when asked for. What is made is lossless."""

from app.blobs import Blobs
from app.decoding.photographs import open_photograph
from app.domain.photographs import Photograph
from ml.imaging.blocks import block_colours
from ml.imaging.fills import BLACK, BLUE, fill_background
from ml.imaging.header import read_header
from ml.imaging.masks import decode_map, decode_mask, encode_mask
from ml.imaging.read import (
    encode_png,
    fit_within,
    read_png,
    scaled_mask,
    shape_within,
)

FILLS = {"blue": BLUE, "black": BLACK}


def mask_within(blobs: Blobs, digest: str, side: int) -> bytes:
    stored = blobs.read(digest)
    header = read_header(stored)
    if max(header.width, header.height) <= side:
        return stored
    mask = decode_mask(stored)
    return encode_mask(scaled_mask(mask, shape_within(mask.shape, side)))


def filled_within(blobs: Blobs, crop_digest: str, mask_digest: str, side: int, fill: str) -> bytes:
    pixels = fit_within(read_png(blobs.read(crop_digest)), side)
    # The crop may be a preview: scaled twice, its size can be a pixel off the mask's.
    mask = scaled_mask(decode_mask(blobs.read(mask_digest)), pixels.shape[:2])
    return encode_png(fill_background(pixels, mask, FILLS[fill]))


def blocks_within(blobs: Blobs, digest: str, side: int) -> bytes:
    """A map of regions, each in a colour of its own."""
    labels = decode_map(blobs.read(digest))
    return encode_png(block_colours(labels, shape_within(labels.shape, side)))


def photograph_within(blobs: Blobs, photograph: Photograph, side: int) -> bytes:
    most = photograph.width * photograph.height
    with blobs.open(photograph.digest) as file, open_photograph(file, most) as opened:
        return encode_png(opened.within(side))


def crop_within(blobs: Blobs, digest: str, side: int) -> bytes:
    return encode_png(fit_within(read_png(blobs.read(digest)), side))
