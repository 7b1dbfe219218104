"""Writes an export into an archive and keeps it as a blob, ready to be downloaded."""

import tempfile
from typing import IO
from zipfile import ZipFile

from app.blobs import chunks_of, told_when_full
from app.domain.base import Json
from app.services import exported_masks, exports, handouts, jobs, round_export
from app.services.browsing import Selection
from app.services.exported_masks import Exported
from app.services.exports import ExportKind, Frame, ZipSink
from app.services.jobs import ClaimedPart
from ml.progress import OnProgress
from worker.context import Context
from worker.holding import storing


def run(context: Context, part: ClaimedPart, on_progress: OnProgress) -> None:
    with told_when_full(), tempfile.TemporaryFile(dir=context.settings.data) as file:
        masks: list[Exported] = []
        count = _write(context, file, part.payload, masks, on_progress)
        size = file.tell()
        file.seek(0)
        digest = context.blobs.put(chunks_of(file))
    with storing(context, part) as session:
        exported_masks.forget(session, part.job_id)
    for chunk in exported_masks.chunks(masks):
        with storing(context, part) as session:
            exported_masks.keep(session, part.job_id, chunk)
    with storing(context, part) as session:
        job = jobs.get_job(session, part.job_id)
        job.result = {
            "archive": digest,
            "bytes": size,
            "count": count,
            "name": f"mothmask-{part.payload['kind']}-{part.payload['frame']}.zip",
        }


def _write(
    context: Context,
    file: IO[bytes],
    wanted: Json,
    masks: list[Exported],
    on_progress: OnProgress,
) -> int:
    def exported(version_id: int, digest: str) -> None:
        masks.append((version_id, digest))

    if "round_id" in wanted:
        with ZipFile(file, "w") as archive:
            return round_export.write(
                context.db,
                context.blobs,
                ZipSink(archive),
                wanted["round_id"],
                on_exported=exported,
                on_progress=on_progress,
            )
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
            on_exported=exported,
            on_progress=on_progress,
        )
