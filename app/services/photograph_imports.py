"""An import of photographs: what a source has not yet is handed in, for workers to take in."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.blobs import Blobs, shown_path
from app.db import Database
from app.domain.base import Json
from app.domain.jobs import JobKind, PartKind
from app.domain.photographs import ImportedFile, Outcome, Photograph
from app.errors import Refused
from app.services import box_imports, jobs, sources, staging
from app.services.box_tables import BoxTable
from app.services.folders import Files, FilesAt
from app.services.known_files import Unknown
from app.services.staging import Staged
from ml.progress import OnProgress, silent


@dataclass(frozen=True)
class Wishes:
    """How files are to be imported, where somebody has said more than the source."""

    link: bool = False
    """Files stay where they are."""
    encoding: str = ""
    """Of the names in archives; empty: found out for each."""
    boxes: BoxTable | None = None
    """Where specimens are, instead of looking for them."""


PLAIN = Wishes()


def start_paths(
    db: Database,
    blobs: Blobs,
    paths: Sequence[Path],
    source_code: str,
    person_id: int | None = None,
    on_progress: OnProgress = silent,
    wishes: Wishes = PLAIN,
) -> int:
    """Stage what a source has not yet of files, folders and archives; return the job for it."""
    files = FilesAt(paths, wishes.link)
    return start(db, blobs, files, source_code, person_id, on_progress, wishes)


def start(
    db: Database,
    blobs: Blobs,
    files: Files,
    source_code: str,
    person_id: int | None = None,
    on_progress: OnProgress = silent,
    wishes: Wishes = PLAIN,
) -> int:
    if not files:
        raise Refused("There is nothing to import: choose a photograph, a folder or an archive.")
    result: Json = {"source": source_code}
    if wishes.boxes is not None:
        result["boxes_digest"] = blobs.put(wishes.boxes.to_bytes())
        result["boxes"] = box_imports.problems_told(wishes.boxes.problems)
    with db.transaction() as session:
        source_id = sources.get_or_make(session, source_code).id
        job = jobs.start(session, JobKind.IMPORT, person_id)
        job.result = result
        part = staging.begin(session, job.id)
    add = partial(add_files, job_id=job.id, source_id=source_id, encoding=wishes.encoding)
    unknown = Unknown(db, source_id, files)
    staging.stage_all(db, blobs, unknown, part, add, on_progress)
    if unknown.passed_over:
        with db.transaction() as session:
            known = {"known": unknown.passed_over}
            jobs.get_job(session, job.id, lock=True).result = result | known
    return job.id


def add_files(
    session: Session,
    staged: Sequence[Staged],
    *,
    job_id: int,
    source_id: int,
    encoding: str = "",
) -> None:
    """Record files, and add the part in which a worker looks at those that were kept."""
    named = staging.apart(session, ImportedFile.name, ImportedFile.job_id == job_id, staged)
    rows = [
        ImportedFile(
            job_id=job_id,
            source_id=source_id,
            name=name,
            digest=file.digest,
            outcome=Outcome.REFUSED if file.refused else Outcome.WAITING,
            reason=str(file.refused or ""),
            stamp=file.stamp,
        )
        for name, file in zip(named, staged, strict=True)
    ]
    _follow_moved(session, staged)
    session.add_all(rows)
    session.flush()
    waiting = [row.id for row in rows if row.outcome is Outcome.WAITING]
    if waiting:
        names_as = {"encoding": encoding} if encoding else {}
        jobs.add_part(session, job_id, PartKind.TAKE_IN, {"files": waiting, **names_as})


def _follow_moved(session: Session, staged: Sequence[Staged]) -> None:
    """A linked photograph that is handed in again is read from there, or from its copy, now."""
    by_digest = {file.digest: file for file in staged if file.digest}
    linked = select(Photograph).where(
        Photograph.digest.in_(by_digest), Photograph.linked_path.is_not(None)
    )
    for photograph in session.scalars(linked):
        path = by_digest[photograph.digest].stays_at
        photograph.linked_path = shown_path(path) if path is not None else None
