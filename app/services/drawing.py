"""What a mask can be drawn from: candidates, also rejected ones, and label versions of one crop, or
the draft of somebody who began on it or on an earlier one."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from app.blobs import Blobs
from app.domain.labelling import Candidate, LabelVersion
from app.domain.specimens import Crop, Specimen
from app.services import carrying, drafts
from app.services.carrying import Placed


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
        .where(Candidate.crop_id == crop.id, Candidate.pruned.is_(False))
        .order_by(Candidate.rejected, Candidate.score.desc(), Candidate.id)
    )
    versions = (
        select(LabelVersion)
        .options(joinedload(LabelVersion.person))
        .where(LabelVersion.crop_id == crop.id)
        .order_by(LabelVersion.number.desc())
    )
    return DrawingMasks(session.scalars(candidates).all(), session.scalars(versions).all())


@dataclass(frozen=True)
class LaidDraft:
    """A draft as the present crop needs it."""

    digest: str
    parent_id: int | None
    updated_at: datetime
    carried: bool
    """It was drawn on an earlier crop."""


def laid_draft(session: Session, blobs: Blobs, person_id: int, crop: Crop) -> LaidDraft | None:
    """The person's draft on this crop; one of which nothing lies there is kept, but not given."""
    draft = drafts.find(session, person_id, crop.specimen_id)
    if draft is None:
        return None
    if draft.crop_id == crop.id:
        return LaidDraft(draft.digest, draft.parent_id, draft.updated_at, carried=False)
    drawn = Placed(draft.digest, session.get_one(Crop, draft.crop_id).placement)
    digest = carrying.carried_digest(blobs, drawn, crop.placement)
    if digest is None:
        return None
    parent_id = carrying.parent_by_now(session, crop.specimen_id, draft.parent_id)
    return LaidDraft(digest, parent_id, draft.updated_at, carried=True)
