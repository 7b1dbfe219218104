"""Candidates: the masks that methods without labels propose for a specimen."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.db import now
from app.domain.jobs import PartKind
from app.domain.labelling import CARRIED_FROM, UPLOAD, Candidate
from app.domain.specimens import Crop, CropMap, MapKind, Specimen
from app.services import calibrating, jobs, maps
from app.services.labelling import lock_specimen


@dataclass(frozen=True)
class ProposedMask:
    """What a method proposes; the mask itself lies in the blob store."""

    method: str
    digest: str
    score: float
    agreeing: tuple[str, ...]


@dataclass(frozen=True)
class Proposable:
    """The crop to propose masks for, and what has been proposed for it, best first."""

    crop_id: int
    digest: str
    proposed: Sequence[ProposedMask]
    refined: bool
    """The slow method has been at it."""


def proposable(session: Session, specimen_id: int) -> Proposable | None:
    """Return the specimen's present crop, or nothing if it has none or is unusable."""
    found = session.execute(
        select(Crop.id, Crop.digest)
        .join(Specimen, Specimen.crop_id == Crop.id)
        .where(Specimen.id == specimen_id, Specimen.unusable.is_(False))
    ).one_or_none()
    if found is None:
        return None
    rows = _unlearned(session, found.id)
    return Proposable(
        crop_id=found.id,
        digest=found.digest,
        proposed=[
            ProposedMask(row.origin, row.digest, row.own_score, tuple(row.agreeing)) for row in rows
        ],
        refined=session.get(CropMap, (found.id, MapKind.BLOCKS, maps.KANEZAKI)) is not None,
    )


def store_first(
    session: Session,
    job_id: int,
    specimen_id: int,
    crop_id: int,
    proposed: Sequence[ProposedMask],
    *,
    refine: bool,
) -> None:
    """Store the first proposals for a crop; what can wait until all crops have theirs is queued.

    That is its maps and, where the first proposals are not sure enough, further ones.
    """
    specimen = lock_specimen(session, specimen_id)
    if _unlearned(session, crop_id):
        return
    for mask in proposed:
        _add(session, specimen, crop_id, mask)
    calibrating.settle(session, [specimen])
    jobs.add_part(session, job_id, PartKind.MAPS, {"specimen": specimen_id})
    if refine:
        jobs.add_part(session, job_id, PartKind.REFINE, {"specimen": specimen_id})


def store_refined(
    session: Session,
    specimen_id: int,
    crop_id: int,
    proposed: Sequence[ProposedMask],
    blocks_digest: str,
) -> None:
    """Add what a further method proposes, score all candidates anew, and keep its block map.

    A mask that equals a candidate which curators may have seen does not replace it.
    """
    specimen = lock_specimen(session, specimen_id)
    before = _unlearned(session, crop_id)
    for mask in proposed:
        _merge(session, specimen, crop_id, mask, before)
    # Also a map that gave no mask is kept: a person can pick the right blocks in it.
    maps.keep(session, crop_id, MapKind.BLOCKS, maps.KANEZAKI, blocks_digest)
    calibrating.settle(session, [specimen])


def _merge(
    session: Session,
    specimen: Specimen,
    crop_id: int,
    mask: ProposedMask,
    before: Sequence[Candidate],
) -> None:
    names = {mask.method, *mask.agreeing}
    same = [row for row in before if row.origin in names]
    if not same:
        _add(session, specimen, crop_id, mask)
        return
    kept = next((row for row in same if row.origin == mask.method), same[0])
    kept.own_score = mask.score
    kept.agreeing = sorted(names - {kept.origin})


def _add(session: Session, specimen: Specimen, crop_id: int, mask: ProposedMask) -> None:
    candidate = Candidate(
        specimen_id=specimen.id,
        crop_id=crop_id,
        origin=mask.method,
        agreeing=list(mask.agreeing),
        digest=mask.digest,
        own_score=mask.score,
        score=mask.score,
        created_at=now(session),
    )
    session.add(candidate)


def _unlearned(session: Session, crop_id: int) -> Sequence[Candidate]:
    """Return the candidates that methods made for this crop, best first."""
    mine = select(Candidate).where(
        Candidate.crop_id == crop_id,
        Candidate.model_id.is_(None),
        Candidate.origin.not_like(f"{UPLOAD}:%"),
        Candidate.origin.not_like(f"{CARRIED_FROM}%"),
    )
    return session.scalars(mine.order_by(Candidate.own_score.desc(), Candidate.id)).all()
