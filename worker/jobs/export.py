"""Writes an export into an archive and keeps it as a blob, ready to be downloaded."""

import tempfile
from typing import IO
from zipfile import ZipFile

from app.blobs import chunks_of, told_when_full
from app.services import exports, jobs
from app.services.exports import ExportKind, Frame, ZipSink
from app.services.jobs import ClaimedPart
from ml.progress import OnProgress
from worker.context import Context
from worker.holding import storing


def run(context: Context, part: ClaimedPart, on_progress: OnProgress) -> None:
    kind, frame = ExportKind(part.payload["kind"]), Frame(part.payload["frame"])
    with told_when_full(), tempfile.TemporaryFile(dir=context.settings.data) as file:
        count = _write(context, file, kind, frame, on_progress)
        size = file.tell()
        file.seek(0)
        digest = context.blobs.put(chunks_of(file))
    with storing(context, part) as session:
        job = jobs.get_job(session, part.job_id)
        job.result = {
            "archive": digest,
            "bytes": size,
            "count": count,
            "name": f"mothmask-{kind}-{frame}.zip",
        }


def _write(
    context: Context, file: IO[bytes], kind: ExportKind, frame: Frame, on_progress: OnProgress
) -> int:
    with ZipFile(file, "w") as archive:
        sink = ZipSink(archive)
        return exports.export(
            context.db, context.blobs, sink, kind=kind, frame=frame, on_progress=on_progress
        )
