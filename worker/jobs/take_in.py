"""Take in staged files: decode each one to see whether it is a photograph; unpack archives."""

from app.errors import Refused
from app.services import archives, imports, staging
from app.services.archives import Archive
from app.services.imports import Picture, WaitingFile
from app.services.jobs import ClaimedPart
from ml.errors import UnreadableImage
from ml.imaging.header import read_whole
from ml.imaging.read import read_header, read_photograph
from ml.progress import OnProgress, Progress
from worker.context import Context
from worker.holding import storing


def run(context: Context, part: ClaimedPart, on_progress: OnProgress) -> None:
    with storing(context, part) as session:
        files = imports.end_duplicates(session, part.payload["files"])
    for done, file in enumerate(files):
        on_progress(Progress("taking in", done, len(files), file.name))
        try:
            _take_in(context, part, file, on_progress)
        except (UnreadableImage, Refused) as refused:
            with storing(context, part) as session:
                imports.refuse(session, file.id, str(refused))


def _take_in(
    context: Context, part: ClaimedPart, file: WaitingFile, on_progress: OnProgress
) -> None:
    with context.blobs.open(file.digest) as stored:
        if archives.is_archive(stored):
            _unpack(context, part, file, Archive(stored), on_progress)
            return
        data = read_whole(stored)
    picture = _look_at(data, context.settings.photograph_megapixels * 1_000_000)
    with storing(context, part) as session:
        imports.take_in(session, file.id, picture)


def _look_at(data: bytes, max_pixels: int) -> Picture:
    header = read_header(data)
    photograph = read_photograph(data, max_pixels=max_pixels)
    height, width = photograph.pixels.shape[:2]
    return Picture(f"image/{header.format.lower()}", width, height, photograph.notes)


def _unpack(
    context: Context,
    part: ClaimedPart,
    file: WaitingFile,
    archive: Archive,
    on_progress: OnProgress,
) -> None:
    """Stage the files of an archive; those that an earlier attempt has staged are passed over."""
    with context.db.reading() as session:
        known = imports.names_in(session, file)
    for staged in staging.unpack(context.blobs, archive, file.name, known, on_progress):
        with storing(context, part) as session:
            staging.add_files(session, staged, job_id=file.job_id, source_id=file.source_id)
    with storing(context, part) as session:
        imports.end_archive(session, file.id, len(archive.entries), archive.encoding)
