"""Maps of a crop, from whose regions a person picks: who has them, and having them made."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.db import now
from app.domain.jobs import OPEN, Job, JobKind, Part, PartKind
from app.domain.specimens import Crop, CropMap, MapKind, Specimen
from app.errors import NotFound
from app.services import jobs
from app.services.labelling import current_crop, lock_specimen

KANEZAKI = "kanezaki"
"""The method whose blocks come with its proposals, and only with them."""

METHODS = {MapKind.SUPERPIXELS: "watershed", MapKind.BLOCKS: "merged"}
"""What every crop gets."""


@dataclass(frozen=True)
class Mappable:
    crop_id: int
    digest: str
    missing: frozenset[MapKind]


def of_specimen(session: Session, specimen_id: int) -> Sequence[CropMap]:
    """Return the maps of the specimen's present crop, those first that every crop has.

    Raises:
        NotFound: there is no such specimen.
    """
    specimen = session.get(Specimen, specimen_id)
    if specimen is None:
        raise NotFound("There is no specimen {number}.", number=specimen_id)
    return of_crop(session, specimen.crop_id) if specimen.crop_id is not None else []


def of_crop(session: Session, crop_id: int) -> Sequence[CropMap]:
    """Return a crop's maps, those first that every crop has."""
    found = session.scalars(select(CropMap).where(CropMap.crop_id == crop_id)).all()
    return sorted(found, key=lambda each: (METHODS[each.kind] != each.method, each.method))


def mappable(session: Session, specimen_id: int) -> Mappable | None:
    """Return the specimen's present crop and what it lacks; nothing if it has no crop."""
    found = session.execute(
        select(Crop.id, Crop.digest)
        .join(Specimen, Specimen.crop_id == Crop.id)
        .where(Specimen.id == specimen_id)
    ).one_or_none()
    if found is None:
        return None
    there = {(each.kind, each.method) for each in of_crop(session, found.id)}
    missing = frozenset(kind for kind in MapKind if (kind, METHODS[kind]) not in there)
    return Mappable(found.id, found.digest, missing)


def keep(session: Session, crop_id: int, kind: MapKind, method: str, digest: str) -> None:
    """Keep a map of a crop; the first that a method made stays, for masks were drawn with it."""
    if session.get(CropMap, (crop_id, kind, method)) is None:
        made = now(session)
        session.add(
            CropMap(crop_id=crop_id, kind=kind, method=method, digest=digest, created_at=made)
        )


def store(session: Session, specimen_id: int, crop_id: int, digests: Mapping[MapKind, str]) -> None:
    """Keep what was made for a crop; two workers may have been at it side by side."""
    lock_specimen(session, specimen_id)
    for kind, digest in digests.items():
        keep(session, crop_id, kind, METHODS[kind], digest)


def request(session: Session, specimen_id: int, person_id: int) -> Job | None:
    """Have made what the specimen's crop lacks, before all other work: somebody waits for it.

    Returns:
        The job that makes it, which may have been asked for before; None if nothing is missing.

    Raises:
        NotFound: there is no such specimen.
        Refused: it has no crop yet.
    """
    lock_specimen(session, specimen_id)  # so that two who ask at once get one job
    current_crop(session, specimen_id)
    wanted = mappable(session, specimen_id)
    if wanted is None or not wanted.missing:
        return None
    if (asked := _asked_for(session, specimen_id)) is not None:
        return asked
    job = jobs.start(session, JobKind.MAPS, person_id)
    jobs.add_part(session, job.id, PartKind.MAPS, {"specimen": specimen_id}, awaited=True)
    return job


def _asked_for(session: Session, specimen_id: int) -> Job | None:
    """Jobs of this kind have one part each, and few are open at a time."""
    still_open = select(Job, Part.payload).join(Part, Part.job_id == Job.id)
    mine = still_open.where(Job.kind == JobKind.MAPS, Job.state.in_(OPEN))
    return next(
        (job for job, payload in session.execute(mine) if payload["specimen"] == specimen_id), None
    )
