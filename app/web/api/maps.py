"""Maps of a specimen's crop, for the tools of the editor that pick whole regions."""

from fastapi import APIRouter
from pydantic import BaseModel

from app.domain.specimens import MapKind
from app.services import maps
from app.web.access import Curator, Reading, Viewer, Writing
from app.web.addresses import blob_url
from app.web.api.shapes import JobShape, job_shape
from app.web.wording import title

router = APIRouter(prefix="/specimens/{specimen_id}/maps", tags=["maps"])


class BlockMap(BaseModel):
    method: str
    title: str
    url: str


class MapsReply(BaseModel):
    superpixels: str | None
    blocks: list[BlockMap]


class MapsJob(BaseModel):
    job: JobShape | None
    """None: nothing is missing."""


@router.get("")
def get_maps(session: Reading, _person: Viewer, specimen_id: int) -> MapsReply:
    found = maps.of_specimen(session, specimen_id)
    superpixels = [each for each in found if each.kind is MapKind.SUPERPIXELS]
    return MapsReply(
        superpixels=blob_url(superpixels[0].digest) if superpixels else None,
        blocks=[
            BlockMap(method=each.method, title=title(each.method), url=blob_url(each.digest))
            for each in found
            if each.kind is MapKind.BLOCKS
        ],
    )


@router.post("", status_code=202)
def make_maps(session: Writing, person: Curator, specimen_id: int) -> MapsJob:
    job = maps.request(session, specimen_id, person.id)
    return MapsJob(job=job_shape(job) if job is not None else None)
