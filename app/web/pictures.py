"""Pictures by digest: what lies at such an address never changes, so browsers keep it."""

from typing import Annotated, Literal

from fastapi import APIRouter, Path, Query, Response

from app.domain.photographs import Photograph
from app.errors import NotFound
from app.services import comparing, pictures
from app.web.access import FOR_VIEWERS, BlobsDep, DatabaseDep

router = APIRouter(prefix="/pictures", include_in_schema=False, dependencies=[FOR_VIEWERS])

Digest = Annotated[str, Path(pattern="^[0-9a-f]{64}$")]
Side = Annotated[int, Query(ge=16, le=4096)]


@router.get("/blobs/{digest}.png")
def blob(blobs: BlobsDep, digest: Digest) -> Response:
    return _png(blobs.read(digest))


@router.get("/masks/{digest}.png")
def mask(blobs: BlobsDep, digest: Digest, side: Side = 1600) -> Response:
    return _png(pictures.mask_within(blobs, digest, side))


@router.get("/crops/{digest}.png")
def crop(blobs: BlobsDep, digest: Digest, side: Side = 320) -> Response:
    return _png(pictures.crop_within(blobs, digest, side))


@router.get("/filled/{crop_digest}/{mask_digest}.png")
def filled(
    blobs: BlobsDep,
    crop_digest: Digest,
    mask_digest: Digest,
    side: Side = 320,
    fill: Literal["blue", "black"] = "blue",
) -> Response:
    return _png(pictures.filled_within(blobs, crop_digest, mask_digest, side, fill))


@router.get("/blocks/{digest}.png")
def blocks(blobs: BlobsDep, digest: Digest, side: Side = 320) -> Response:
    return _png(pictures.blocks_within(blobs, digest, side))


@router.get("/differences/{old}/{new}.png")
def difference(
    database: DatabaseDep, blobs: BlobsDep, old: str, new: str, side: Side = 1600
) -> Response:
    with database.reading() as session:
        pair = comparing.find(session, old, new)
    return _png(comparing.picture(blobs, pair, side))


@router.get("/photographs/{photograph_id}.png")
def photograph(
    database: DatabaseDep, blobs: BlobsDep, photograph_id: int, side: Side = 1600
) -> Response:
    with database.reading() as session:
        found = session.get(Photograph, photograph_id)
    if found is None:
        raise NotFound("There is no photograph {number}.", number=photograph_id)
    return _png(pictures.photograph_within(blobs, found, side))


def _png(data: bytes) -> Response:
    keep = {"Cache-Control": "private, max-age=31536000, immutable"}
    return Response(data, media_type="image/png", headers=keep)
