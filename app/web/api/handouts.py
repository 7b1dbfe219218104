"""Download for editing: what another program needs to better a mask, as one archive."""

import tempfile
from urllib.parse import quote
from zipfile import ZipFile

from fastapi import APIRouter
from fastapi.responses import StreamingResponse

from app.blobs import told_when_full
from app.services import exports, handouts
from app.services.exports import ZipSink
from app.web.access import BlobsDep, DatabaseDep, SettingsDep, Viewer
from app.web.api.exports import how_to, stream

router = APIRouter(tags=["exports"])


@router.get("/specimens/{specimen_id}/editing.zip")
def editing(
    settings: SettingsDep,
    database: DatabaseDep,
    blobs: BlobsDep,
    _person: Viewer,
    specimen_id: int,
) -> StreamingResponse:
    with database.reading() as session:
        handout = handouts.find(session, specimen_id)
    # Not in memory: the crop of a large photograph is large as well.
    file = tempfile.TemporaryFile(dir=settings.data)  # noqa: SIM115 - closed by the stream
    with told_when_full(), ZipFile(file, "w") as archive:
        handouts.write_one(blobs, ZipSink(archive), handout, how_to())
    size = file.tell()
    file.seek(0)
    name = quote(f"{exports.file_name(handout.specimen.key)}_editing.zip")
    headers = {
        "Content-Disposition": f"attachment; filename*=UTF-8''{name}",
        "Content-Length": str(size),
    }
    return StreamingResponse(stream(file), media_type="application/zip", headers=headers)
