"""Writes an export into an archive and keeps it as a blob, ready to be downloaded."""

import tempfile
from zipfile import ZipFile

from app.blobs import chunks_of
from app.services import exports, jobs
from app.services.exports import ExportKind, Frame, ZipSink
from app.services.jobs import ClaimedPart
from ml.progress import OnProgress
from worker.context import Context


def run(context: Context, part: ClaimedPart, on_progress: OnProgress) -> None:
    kind, frame = ExportKind(part.payload["kind"]), Frame(part.payload["frame"])
    with tempfile.TemporaryFile(dir=context.settings.data, prefix="export-") as file:
        with ZipFile(file, "w") as archive:
            count = exports.export(
                context.db,
                context.blobs,
                ZipSink(archive),
                kind=kind,
                frame=frame,
                on_progress=on_progress,
            )
        file.seek(0)
        digest = context.blobs.put(chunks_of(file))
    with context.db.transaction() as session:
        job = jobs.get_job(session, part.job_id, lock=True)
        job.result = {"archive": digest, "count": count, "name": f"mothmask-{kind}-{frame}.zip"}
