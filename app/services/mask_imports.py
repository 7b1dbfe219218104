"""Masks from files, many at once: handed in, looked at, corrected. Taking them is a step apart."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path

from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload

from app.blobs import Blobs
from app.db import Database, now
from app.domain.base import Json
from app.domain.jobs import Job, JobKind, PartKind
from app.domain.mask_imports import MaskFile, MaskImport, MaskKind, MaskOutcome, TakenAs
from app.domain.people import Person
from app.domain.specimens import Specimen
from app.errors import NotFound, Refused
from app.services import jobs, staging
from app.services.folders import Files, FilesAt
from app.services.staging import Staged
from ml.progress import OnProgress, silent

FILES_PER_PART = 32
"""Masks are read quickly; more at once spares the database."""


@dataclass(frozen=True)
class ImportLine:
    """An import in the list of all."""

    id: int
    created_at: datetime
    person: str
    files: int
    taken_as: TakenAs | None
    is_open: bool


@dataclass(frozen=True)
class FilePage:
    """Some of the files of an import, in the order in which they came."""

    files: Sequence[MaskFile]
    choices: dict[int, Specimen]
    """Specimens that ambiguous files may be for, by number."""
    next_after: int | None
    """The number to go on behind; None on the last page."""


def start_paths(
    db: Database,
    blobs: Blobs,
    paths: Sequence[Path],
    person_id: int,
    kind: MaskKind | None = None,
    on_progress: OnProgress = silent,
) -> int:
    """Stage files, everything in folders, and archives; return the number of the import."""
    return start(db, blobs, FilesAt(paths), person_id, kind, on_progress)


def start(
    db: Database,
    blobs: Blobs,
    files: Files,
    person_id: int,
    kind: MaskKind | None = None,
    on_progress: OnProgress = silent,
) -> int:
    """Stage files for workers to read; return the number of the import. Nothing else changes."""
    if not files:
        raise Refused("There is nothing to import: choose a mask, a folder or an archive.")
    with db.transaction() as session:
        job = jobs.start(session, JobKind.MASKS, person_id)
        made = MaskImport(job_id=job.id, person_id=person_id, created_at=now(session))
        session.add(made)
        session.flush()
        job.result = {"mask_import": made.id}
        part = staging.begin(session, job.id)
    add = partial(add_files, import_id=made.id, job_id=job.id, kind=kind)
    staging.stage_all(db, blobs, files, part, add, on_progress, FILES_PER_PART)
    return made.id


def add_files(
    session: Session,
    staged: Sequence[Staged],
    *,
    import_id: int,
    job_id: int,
    kind: MaskKind | None,
) -> None:
    """Record files, and add the part in which a worker reads those that were kept."""
    named = staging.apart(session, MaskFile.name, MaskFile.import_id == import_id, staged)
    rows = [
        _recorded(file, name, import_id, kind) for file, name in zip(staged, named, strict=True)
    ]
    session.add_all(rows)
    session.flush()
    waiting = [row.id for row in rows if row.outcome is MaskOutcome.WAITING]
    if waiting:
        jobs.add_part(session, job_id, PartKind.READ_MASKS, {"files": waiting})


def names_in(session: Session, import_id: int, archive: str) -> set[str]:
    """Return the names of the files of an archive that are staged already."""
    inside = MaskFile.name.startswith(f"{archive}/", autoescape=True)
    return set(
        session.scalars(select(MaskFile.name).where(MaskFile.import_id == import_id, inside))
    )


def recent(session: Session, *, before: int | None = None, limit: int = 50) -> list[ImportLine]:
    """Imports, newest first."""
    files = select(func.count()).where(MaskFile.import_id == MaskImport.id).scalar_subquery()
    query = (
        select(MaskImport, Person.name, Job, files)
        .join(Person, MaskImport.person_id == Person.id)
        .join(Job, MaskImport.job_id == Job.id)
        .order_by(MaskImport.id.desc())
        .limit(limit)
    )
    if before is not None:
        query = query.where(MaskImport.id < before)
    return [
        ImportLine(each.id, each.created_at, name, count, each.taken_as, job.is_open)
        for each, name, job, count in session.execute(query)
    ]


def kind_called(word: str) -> MaskKind | None:
    """Return the kind that a person asks for; nothing where each file tells its own."""
    if word in ("", "auto"):
        return None
    if word not in list(MaskKind):
        raise Refused(
            "There is no kind “{kind}”; use auto or one of {known}.",
            kind=word,
            known=", ".join(MaskKind),
        )
    return MaskKind(word)


def get(session: Session, import_id: int, *, lock: bool = False) -> MaskImport:
    found = session.get(
        MaskImport,
        import_id,
        options=[joinedload(MaskImport.job)] if not lock else None,
        with_for_update=lock or None,
    )
    if found is None:
        raise NotFound("There is no import of masks {number}.", number=import_id)
    return found


def get_file(session: Session, import_id: int, file_id: int) -> MaskFile:
    file = session.get(MaskFile, file_id, options=[joinedload(MaskFile.crop), _specimen()])
    if file is None or file.import_id != import_id:
        raise NotFound("Import {number} has no file {file}.", number=import_id, file=file_id)
    return file


def counts(session: Session, import_id: int) -> dict[MaskOutcome, int]:
    per_outcome = (
        select(MaskFile.outcome, func.count())
        .where(MaskFile.import_id == import_id)
        .group_by(MaskFile.outcome)
    )
    found = dict(session.execute(per_outcome).all())
    return {outcome: found.get(outcome, 0) for outcome in MaskOutcome}


def untaken(session: Session, import_id: int) -> int:
    """How many files can still be taken."""
    query = select(func.count()).where(
        MaskFile.import_id == import_id,
        MaskFile.outcome == MaskOutcome.MATCHED,
        MaskFile.version_id.is_(None),
        MaskFile.candidate_id.is_(None),
    )
    return session.scalars(query).one()


def files(
    session: Session,
    import_id: int,
    outcomes: Sequence[MaskOutcome] = (),
    *,
    after: int = 0,
    limit: int = 50,
) -> FilePage:
    """Return the files behind one, of some outcomes or of all."""
    query = (
        select(MaskFile)
        .where(MaskFile.import_id == import_id, MaskFile.id > after)
        .options(joinedload(MaskFile.crop), _specimen())
        .order_by(MaskFile.id)
        .limit(limit + 1)
    )
    if outcomes:
        query = query.where(MaskFile.outcome.in_(outcomes))
    found = session.scalars(query).all()
    page = found[:limit]
    return FilePage(page, choices(session, page), page[-1].id if len(found) > limit else None)


def choices(session: Session, page: Sequence[MaskFile]) -> dict[int, Specimen]:
    ids = {id_ for file in page for id_ in file.reason.get("choices", ())}
    rows = session.scalars(
        select(Specimen).options(joinedload(Specimen.source)).where(Specimen.id.in_(ids))
    )
    return {row.id: row for row in rows}


def reason(template: str, values: Json, **more: object) -> Json:
    """Why a file cannot be taken, as it is kept."""
    return {"template": template, "values": values, **more}


def _specimen() -> joinedload:  # type: ignore[valid-type]
    return joinedload(MaskFile.specimen).joinedload(Specimen.source)


def _recorded(file: Staged, name: str, import_id: int, kind: MaskKind | None) -> MaskFile:
    refused = file.refused
    return MaskFile(
        import_id=import_id,
        name=name,
        digest=file.digest,
        outcome=MaskOutcome.UNREADABLE if refused else MaskOutcome.WAITING,
        reason=reason(refused.template, refused.values) if refused else {},
        kind=kind,
        kind_chosen=kind is not None,
    )
