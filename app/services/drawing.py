"""What a mask can be drawn from: candidates, also rejected ones, and label versions of one crop."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from app.domain.labelling import Candidate, LabelVersion
from app.domain.specimens import Crop, Specimen


@dataclass(frozen=True)
class DrawingMasks:
    """Candidates with the best first, rejected ones last; versions with the newest first."""

    candidates: Sequence[Candidate]
    versions: Sequence[LabelVersion]

    def start(
        self, specimen: Specimen, candidate_id: int | None, version_id: int | None
    ) -> Candidate | LabelVersion | None:
        """The mask that was named, else the one that counts, else the best that is still open."""
        if candidate_id is not None:
            return next((each for each in self.candidates if each.id == candidate_id), None)
        wanted = version_id or specimen.version_id
        if wanted is not None:
            return next((each for each in self.versions if each.id == wanted), None)
        return next((each for each in self.candidates if not each.rejected), None)


def masks_of(session: Session, crop: Crop) -> DrawingMasks:
    """Masks of older crops are left out: they do not fit."""
    candidates = (
        select(Candidate)
        .where(Candidate.crop_id == crop.id)
        .order_by(Candidate.rejected, Candidate.score.desc(), Candidate.id)
    )
    versions = (
        select(LabelVersion)
        .options(joinedload(LabelVersion.person))
        .where(LabelVersion.crop_id == crop.id)
        .order_by(LabelVersion.number.desc())
    )
    return DrawingMasks(session.scalars(candidates).all(), session.scalars(versions).all())
