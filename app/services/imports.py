"""What became of each file of an import."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass

from sqlalchemy import case, func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.db import now
from app.domain.base import Json
from app.domain.jobs import Job, JobKind, PartKind
from app.domain.photographs import ImportedFile, Outcome, Photograph, PhotographKind, Source
from app.domain.specimens import Specimen
from app.errors import NotFound
from app.services import box_placing, box_tables, exclusions, jobs, name_patterns, names
from app.services.box_tables import Found

WORTH_TELLING = (
    Outcome.REFUSED,
    Outcome.CONFLICT,
    Outcome.UNPACKED,
    Outcome.EXCLUDED,
    Outcome.LABEL,
    Outcome.DUPLICATE,
)
"""In this order, so that a thousand duplicates do not hide the one file that was refused."""


@dataclass(frozen=True)
class WaitingFile:
    id: int
    job_id: int
    source_id: int
    name: str
    digest: str


@dataclass(frozen=True)
class Picture:
    """What decoding a file told about it."""

    media_type: str
    width: int
    height: int
    notes: tuple[str, ...]
    linked_path: str | None = None
    """Where the file stays, if it was not copied."""


@dataclass(frozen=True)
class Summary:
    """How an import went. `files` is one page of those that ended with the outcomes asked for."""

    job_id: int
    source: str
    counts: dict[Outcome, int]
    files: Sequence[ImportedFile]
    next_after: int | None
    """How many files come before the next page; None on the last one."""
    known: int
    """Files that were passed over, because an earlier import of the source has read them."""

    @property
    def total(self) -> int:
        return sum(self.counts.values()) - self.counts[Outcome.UNPACKED]


def end_duplicates(session: Session, file_ids: Sequence[int]) -> list[WaitingFile]:
    """End the files whose bytes are known already; return those that have to be looked at."""
    waiting = []
    for file_id in file_ids:
        file = _waiting(session, file_id)
        if file is not None and not _ended_as_duplicate(session, file):
            waiting.append(
                WaitingFile(file.id, file.job_id, file.source_id, file.name, file.digest)
            )
    return waiting


def take_in(session: Session, file_id: int, picture: Picture, given: Found | None = None) -> None:
    """End a file as a new photograph with its specimen, which is to be cropped, or as known.

    `given` are boxes that came with the import; a specimen that they name needs no detector.
    """
    file = _waiting(session, file_id)
    if file is None:
        return
    source = session.get_one(Source, file.source_id)
    kind = _kind_of(file, source)
    if _ended_as_duplicate(session, file) or _ended_as_conflict(session, file, kind):
        return
    try:
        with session.begin_nested():
            photograph = _add_photograph(session, file, picture, kind)
            specimen = _add_specimen(session, photograph, source.name_pattern)
    except IntegrityError:  # another worker was quicker with the same bytes or the same key
        known = _ended_as_duplicate(session, file) or _ended_as_conflict(session, file, kind)
        assert known
        return
    file.outcome, file.photograph_id = Outcome.LABEL, photograph.id
    if specimen is not None:
        file.outcome = Outcome.EXCLUDED if exclusions.apply(session, specimen) else Outcome.NEW
        # An excluded one too: whoever takes that back finds it cropped like any other.
        jobs.add_part(session, file.job_id, *_to_crop(file, specimen, given or {}))


def refuse(session: Session, file_id: int, reason: str) -> None:
    file = _waiting(session, file_id)
    if file is not None:
        file.outcome, file.reason = Outcome.REFUSED, reason[:1000]


def end_archive(session: Session, file_id: int, files: int, encoding: str) -> None:
    """Record that the files of an archive are staged, and how their names were read."""
    file = _waiting(session, file_id)
    if file is not None:
        file.outcome = Outcome.UNPACKED
        file.reason = f"{files} files inside; their names were read as {names.TITLES[encoding]}."


def names_in(session: Session, file: WaitingFile) -> set[str]:
    """Return the names of the files of an archive that are staged already."""
    inside = ImportedFile.name.startswith(f"{file.name}/", autoescape=True)
    return set(
        session.scalars(select(ImportedFile.name).where(ImportedFile.job_id == file.job_id, inside))
    )


def summary(
    session: Session,
    job_id: int,
    outcomes: Sequence[Outcome] = WORTH_TELLING,
    *,
    after: int = 0,
    limit: int = 100,
) -> Summary:
    job = jobs.get_job(session, job_id)
    if job.kind is not JobKind.IMPORT:
        raise NotFound("Job {number} is no import.", number=job_id)
    # A new one has a reason where a box that came with it makes no sense.
    told = ImportedFile.outcome.in_(outcomes) | (
        (ImportedFile.outcome == Outcome.NEW) & (ImportedFile.reason != "")
    )
    wanted = select(ImportedFile).where(ImportedFile.job_id == job_id, told)
    rank = case(
        {outcome: place for place, outcome in enumerate(outcomes)},
        value=ImportedFile.outcome,
        else_=-1,
    )
    in_order = wanted.order_by(rank, ImportedFile.id).offset(after)
    page = session.scalars(in_order.limit(limit + 1)).all()
    return Summary(
        job_id=job_id,
        source=_source_code(session, job),
        counts=_counts(session, job_id),
        files=page[:limit],
        next_after=after + limit if len(page) > limit else None,
        known=job.result.get("known", 0),
    )


def _waiting(session: Session, file_id: int) -> ImportedFile | None:
    file = session.get(ImportedFile, file_id, with_for_update=True)
    return file if file is not None and file.outcome is Outcome.WAITING else None


def _ended_as_duplicate(session: Session, file: ImportedFile) -> bool:
    same_bytes = select(Photograph).where(Photograph.digest == file.digest)
    photograph = session.scalars(same_bytes).one_or_none()
    if photograph is None:
        return False
    file.outcome, file.photograph_id = Outcome.DUPLICATE, photograph.id
    file.reason = (
        f"The same picture is here already: {photograph.file_name} "
        f"in source {photograph.source.code}."
    )
    return True


def _kind_of(file: ImportedFile, source: Source) -> PhotographKind:
    is_label = name_patterns.is_label(names.file_name_of(file.name), source)
    return PhotographKind.LABEL if is_label else PhotographKind.SPECIMEN


def _ended_as_conflict(session: Session, file: ImportedFile, kind: PhotographKind) -> bool:
    """A specimen and the photograph of its label may share a name, two of a kind may not."""
    same_name = select(Photograph).where(
        Photograph.source_id == file.source_id,
        Photograph.key == names.key_of(file.name),
        Photograph.kind == kind,
    )
    photograph = session.scalars(same_name.order_by(Photograph.id).limit(1)).first()
    if photograph is None:
        return False
    file.outcome, file.photograph_id = Outcome.CONFLICT, photograph.id
    file.reason = (
        f"Source {photograph.source.code} has another photograph of this name: "
        f"{photograph.file_name}. Both are kept, but only the first one is used; "
        "if they show different specimens, rename this one and import it again."
    )
    return True


def _add_photograph(
    session: Session, file: ImportedFile, picture: Picture, kind: PhotographKind
) -> Photograph:
    photograph = Photograph(
        source_id=file.source_id,
        key=names.key_of(file.name),
        file_name=names.file_name_of(file.name),
        digest=file.digest,
        media_type=picture.media_type,
        width=picture.width,
        height=picture.height,
        notes=list(picture.notes),
        kind=kind,
        linked_path=picture.linked_path,
        created_at=now(session),
    )
    session.add(photograph)
    session.flush()
    return photograph


def _add_specimen(session: Session, photograph: Photograph, pattern: str) -> Specimen | None:
    if photograph.kind is PhotographKind.LABEL:
        return None
    specimen = Specimen(
        source_id=photograph.source_id,
        photograph_id=photograph.id,
        key=photograph.key,
        created_at=photograph.created_at,
        **asdict(name_patterns.parts_of(photograph.key, pattern)),
    )
    session.add(specimen)
    session.flush()
    return specimen


def _to_crop(file: ImportedFile, specimen: Specimen, given: Found) -> tuple[PartKind, Json]:
    """The part that cuts it out: where a table says, or where a detector finds it."""
    about = box_tables.about(given, specimen.key)
    if about is not None:
        boxes, problems = box_placing.given_for(specimen.photograph, about)
        file.reason = " ".join(problems)[:1000]
        if boxes is not None:
            return PartKind.PLACE_BOXES, boxes.payload
    return PartKind.CROP, {"specimen": specimen.id}


def _counts(session: Session, job_id: int) -> dict[Outcome, int]:
    per_outcome = (
        select(ImportedFile.outcome, func.count())
        .where(ImportedFile.job_id == job_id)
        .group_by(ImportedFile.outcome)
    )
    found = dict(session.execute(per_outcome).all())
    return {outcome: found.get(outcome, 0) for outcome in Outcome}


def _source_code(session: Session, job: Job) -> str:
    codes = select(Source.code).join(ImportedFile).where(ImportedFile.job_id == job.id).limit(1)
    return session.scalars(codes).first() or job.result.get("source", "")
