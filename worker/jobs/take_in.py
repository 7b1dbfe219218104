"""Take in staged files: decode each one to see whether it is a photograph; unpack archives."""

from functools import lru_cache

from app.blobs import shown_path
from app.decoding.photographs import open_photograph
from app.errors import BrokenLink, Refused
from app.services import archives, box_tables, imports, jobs, photograph_imports, staging
from app.services.archives import OpenArchive, open_archive
from app.services.box_tables import Found
from app.services.imports import Picture, WaitingFile
from app.services.jobs import ClaimedPart
from ml.errors import UnreadableImage
from ml.progress import OnProgress, Progress
from worker.context import Context
from worker.holding import storing


def run(context: Context, part: ClaimedPart, on_progress: OnProgress) -> None:
    """What was found out about all files is stored at once: a commit each would take as long."""
    with storing(context, part) as session:
        files = imports.end_duplicates(session, part.payload["files"])
        boxes = jobs.get_job(session, part.job_id).result.get("boxes_digest")
    looked_at: dict[int, Picture | str] = {}
    for done, file in enumerate(files):
        on_progress(Progress("taking in", done, len(files), file.name))
        try:
            picture = _look_at(context, part, file, on_progress)
        except (UnreadableImage, Refused, BrokenLink) as refused:
            looked_at[file.id] = str(refused)
        else:
            if picture is not None:
                looked_at[file.id] = picture
    given = _tables(context, boxes) if boxes is not None else None
    with storing(context, part) as session:
        for file_id, found in looked_at.items():
            if isinstance(found, str):
                imports.refuse(session, file_id, found)
            else:
                imports.take_in(session, file_id, found, given)


def run_staging(_context: Context, _part: ClaimedPart, _on_progress: OnProgress) -> None:
    """Only the process that has the files can hand them in, and it has died."""
    raise Refused(
        "Handing in the files was interrupted. Start the same import again: it goes on where this "
        "one ended."
    )


@lru_cache(maxsize=2)
def _tables(context: Context, digest: str) -> Found:
    """The boxes that came with an import, for all of its parts."""
    return box_tables.from_bytes(context.blobs.read(digest))


def _look_at(
    context: Context, part: ClaimedPart, file: WaitingFile, on_progress: OnProgress
) -> Picture | None:
    """Return what the file shows; nothing where it was an archive, whose files follow."""
    with context.blobs.open(file.digest) as stored:
        if archives.is_archive(stored):
            with open_archive(stored, encoding=part.payload.get("encoding", "")) as archive:
                _unpack(context, part, file, archive, on_progress)
            return None
        max_pixels = context.settings.photograph_megapixels * 1_000_000
        with open_photograph(stored, max_pixels) as photograph:
            photograph.check()
    linked = context.blobs.linked(file.digest)
    return Picture(
        f"image/{photograph.header.format.lower()}",
        photograph.header.width,
        photograph.header.height,
        photograph.notes,
        shown_path(linked) if linked is not None else None,
    )


def _unpack(
    context: Context,
    part: ClaimedPart,
    file: WaitingFile,
    archive: OpenArchive,
    on_progress: OnProgress,
) -> None:
    """Stage the files of an archive; those that an earlier attempt has staged are passed over."""
    with context.db.reading() as session:
        known = imports.names_in(session, file)
    for staged in staging.unpack(context.blobs, archive, file.name, known, on_progress):
        with storing(context, part) as session:
            photograph_imports.add_files(
                session, staged, job_id=file.job_id, source_id=file.source_id
            )
    with storing(context, part) as session:
        found = archive.contents
        imports.end_archive(session, file.id, len(found.names), found.encoding)
