"""Writes an export into an archive and keeps it as a blob, ready to be downloaded."""

import tempfile
from typing import IO
from zipfile import ZipFile

from app.blobs import chunks_of, told_when_full
from app.domain.base import Json
from app.services import exports, handouts, jobs
from app.services.browsing import Selection
from app.services.exports import ExportKind, Frame, ZipSink
from app.services.jobs import ClaimedPart
from ml.progress import OnProgress
from worker.context import Context
from worker.holding import storing


def run(context: Context, part: ClaimedPart, on_progress: OnProgress) -> None:
    with told_when_full(), tempfile.TemporaryFile(dir=context.settings.data) as file:
        count = _write(context, file, part.payload, on_progress)
        size = file.tell()
        file.seek(0)
        digest = context.blobs.put(chunks_of(file))
    with storing(context, part) as session:
        job = jobs.get_job(session, part.job_id)
        job.result = {
            "archive": digest,
            "bytes": size,
            "count": count,
            "name": f"mothmask-{part.payload['kind']}-{part.payload['frame']}.zip",
        }


def _write(context: Context, file: IO[bytes], wanted: Json, on_progress: OnProgress) -> int:
    kind, frame = ExportKind(wanted["kind"]), Frame(wanted["frame"])
    chosen = Selection.of(wanted.get("selection", {}))
    with ZipFile(file, "w") as archive:
        sink, db, blobs = ZipSink(archive), context.db, context.blobs
        if kind is ExportKind.EDITING:
            return handouts.hand_out(
                db,
                blobs,
                sink,
                selection=chosen,
                how_to=wanted["how_to"],
                on_progress=on_progress,
            )
        return exports.export(
            db,
            blobs,
            sink,
            kind=kind,
            frame=frame,
            selection=chosen,
            on_progress=on_progress,
        )
