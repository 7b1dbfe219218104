"""Addresses of pictures. What is named by digest never changes."""

from app.services.boxes import PREVIEW_SIDE
from app.services.comparing import Pair


def blob_url(digest: str) -> str:
    return f"/pictures/blobs/{digest}.png"


def mask_url(digest: str, side: int = PREVIEW_SIDE) -> str:
    return f"/pictures/masks/{digest}.png?side={side}"


def crop_url(digest: str, side: int = 320) -> str:
    return f"/pictures/crops/{digest}.png?side={side}"


def filled_url(crop_digest: str, mask_digest: str, side: int = 320, fill: str = "blue") -> str:
    return f"/pictures/filled/{crop_digest}/{mask_digest}.png?side={side}&fill={fill}"


def thumbnail_url(crop_digest: str, mask_digest: str, side: int = 320) -> str:
    """A small cut-out, to be laid on blue."""
    return f"/pictures/thumbnails/{crop_digest}/{mask_digest}.png?side={side}"


def photograph_url(photograph_id: int, side: int = PREVIEW_SIDE) -> str:
    return f"/pictures/photographs/{photograph_id}.png?side={side}"


def blocks_url(digest: str, side: int = 320) -> str:
    return f"/pictures/blocks/{digest}.png?side={side}"


def difference_url(old: str, new: str, pair: Pair, side: int = PREVIEW_SIDE) -> str:
    # The names alone would mean other masks in another data folder that is served here later.
    of = pair.old.digest[:8] + pair.new.digest[:8]
    return f"/pictures/differences/{old}/{new}.png?side={side}&of={of}"
