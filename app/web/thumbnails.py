"""Small pictures for pages that show many specimens at once."""

from typing import Annotated

from fastapi import APIRouter, Query, Response

from app.services.thumbnails import Look, Thumbnails
from app.web.access import FOR_VIEWERS, BlobsDep, SettingsDep
from app.web.pictures import Digest

router = APIRouter(prefix="/pictures", include_in_schema=False, dependencies=[FOR_VIEWERS])

Side = Annotated[int, Query(ge=16, le=1600)]
FOREVER = {"Cache-Control": "private, max-age=31536000, immutable"}


@router.get("/thumbnails/{crop_digest}/{mask_digest}.png")
def thumbnail(
    blobs: BlobsDep,
    settings: SettingsDep,
    crop_digest: Digest,
    mask_digest: Digest,
    side: Side = 320,
    look: Look = Look.CUTOUT,
) -> Response:
    made = Thumbnails(blobs, settings.thumbnail_folder).picture(
        crop_digest, mask_digest, side, look
    )
    return Response(made, media_type="image/png", headers=FOREVER)
