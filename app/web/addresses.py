"""Addresses of pictures. What is named by digest never changes."""

from app.services.cropping import PREVIEW_SIDE


def blob_url(digest: str) -> str:
    return f"/pictures/blobs/{digest}.png"


def mask_url(digest: str, side: int = PREVIEW_SIDE) -> str:
    return f"/pictures/masks/{digest}.png?side={side}"


def crop_url(digest: str, side: int = 320) -> str:
    return f"/pictures/crops/{digest}.png?side={side}"


def filled_url(crop_digest: str, mask_digest: str, side: int = 320, fill: str = "blue") -> str:
    return f"/pictures/filled/{crop_digest}/{mask_digest}.png?side={side}&fill={fill}"


def photograph_url(photograph_id: int, side: int = PREVIEW_SIDE) -> str:
    return f"/pictures/photographs/{photograph_id}.png?side={side}"
