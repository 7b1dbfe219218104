"""Crops anew with a source's present settings, where no person has touched anything.

Touched is what has a box that a person drew, brought or checked, a label, a decision, a draft, or a
mask from a file. Whoever touches a specimen while the job runs is safe too: each is looked at again
when its new crop is stored.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import Session, aliased

from app.domain.jobs import OPEN, Job, JobKind, PartKind
from app.domain.labelling import UPLOAD, Candidate, Draft, LabelVersion, Review
from app.domain.specimens import OTHER_BOX, BoxCheck, Crop, Specimen
from app.errors import Conflict, Refused
from app.services import boxes, cropping, jobs, sources
from app.services.boxes import Cut
from app.services.counting import of_collection
from app.services.cropping import Search
from app.services.labelling import lock_specimen

SPECIMENS_PER_PART = 20


@dataclass(frozen=True)
class Recroppable:
    untouched: int
    touched: int


def counts(session: Session, source_id: int) -> Recroppable:
    """How many specimens of a source would get new crops, and how many are left alone.

    Of a large collection, as it was some seconds ago.
    """
    return of_collection(session, f"crops: {source_id}", lambda: _counts(session, source_id))


def _counts(session: Session, source_id: int) -> Recroppable:
    searched = Specimen.source_id == source_id, Specimen.searched.is_(True)
    total = session.scalar(select(func.count(Specimen.id)).where(*searched)) or 0
    untouched = session.scalar(select(func.count(Specimen.id)).where(*searched, *_untouched())) or 0
    return Recroppable(untouched, total - untouched)


def start(session: Session, code: str, person_id: int | None) -> Job:
    """Have boxes looked for anew; what was found already stays until something else is found.

    Raises:
        Conflict: that is being done already.
        Refused: there is nothing to do.
    """
    source = sources.get(session, code)
    if (running := open_job(session, source.id)) is not None:
        raise Conflict("Job {number} is at these crops already; wait for it.", number=running.id)
    job = jobs.start(session, JobKind.CROPS, person_id)
    job.result = {"source": source.id}
    after, parts = 0, 0
    while ids := session.scalars(_some(source.id, after)).all():
        jobs.add_part(session, job.id, PartKind.RECROP, {"specimens": list(ids)})
        after, parts = ids[-1], parts + 1
    if not parts:
        raise Refused("No crop of {code} can be made anew: all were touched.", code=code)
    return job


def open_job(session: Session, source_id: int) -> Job | None:
    running = select(Job).where(Job.kind == JobKind.CROPS, Job.state.in_(OPEN))
    found = session.scalars(running.order_by(Job.id))
    return next((job for job in found if job.result.get("source") == source_id), None)


def search_again(session: Session, specimen_id: int) -> Search | None:
    """What a detector has to know, or nothing if somebody has touched the specimen meanwhile."""
    untouched = select(Specimen).where(Specimen.id == specimen_id, *_untouched())
    specimen = session.scalar(untouched)
    return cropping.search(session, specimen) if specimen is not None else None


def store(session: Session, job_id: int, specimen_id: int, found: Sequence[Cut]) -> None:
    """Give the specimen its new crop, unless it is the same, or somebody was quicker."""
    specimen = lock_specimen(session, specimen_id)
    untouched = select(Specimen.id).where(Specimen.id == specimen_id, *_untouched())
    if session.scalar(untouched) is None or not found:
        return
    old, first = session.get(Crop, specimen.crop_id or 0), found[0]
    if specimen.crop_id != first.place.crop_id:
        return
    if old is None or (old.box, old.angle) != (first.new.box, first.new.angle):
        boxes.store(session, first, person_id=None, job_id=job_id)
    for further in found[1:]:
        beside = cropping.add_specimen(session, specimen)
        cropping.store_of(session, further, beside, job_id=job_id)


def _some(source_id: int, after: int) -> Select[int]:
    return (
        select(Specimen.id)
        .where(
            Specimen.source_id == source_id,
            Specimen.id > after,
            Specimen.searched.is_(True),
            *_untouched(),
        )
        .order_by(Specimen.id)
        .limit(SPECIMENS_PER_PART)
    )


def _untouched() -> list[ColumnElement[bool]]:
    beside = aliased(Specimen)
    return [
        Specimen.unusable.is_(False),
        Specimen.box_checked.is_(False),
        Specimen.version_id.is_(None),
        *(
            ~select(table.id).where(table.specimen_id == Specimen.id).exists()
            for table in (LabelVersion, Review, Draft, BoxCheck)
        ),
        Specimen.box_confidence != OTHER_BOX,
        ~select(Candidate.id)
        .where(Candidate.crop_id == Specimen.crop_id, Candidate.origin.startswith(UPLOAD))
        .exists(),
        # Boxes that are found anew on a photograph of several could not be told apart.
        ~select(beside.id)
        .where(beside.photograph_id == Specimen.photograph_id, beside.id != Specimen.id)
        .exists(),
    ]
