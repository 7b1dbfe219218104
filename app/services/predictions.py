"""Predictions of a model become candidates; they never replace anything."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.db import now
from app.domain.labelling import Candidate
from app.domain.rounds import TrainedModel
from app.domain.specimens import Crop, Specimen, SpecimenState
from app.services.labelling import lock_specimen
from app.services.queueing import settle_queue_place


@dataclass(frozen=True)
class ToPredict:
    specimen_id: int
    crop_id: int
    crop_digest: str


@dataclass(frozen=True)
class PredictedMask:
    """A prediction whose pixels are stored."""

    specimen_id: int
    crop_id: int
    digest: str
    probability_digest: str
    uncertainty: float
    is_empty: bool


def still_to_predict(
    session: Session, model_id: int, specimen_ids: Sequence[int]
) -> list[ToPredict]:
    """Those of the specimens that are usable and have no prediction of this model yet."""
    done = select(Candidate.crop_id).where(
        Candidate.origin == origin_of(model_id), Candidate.specimen_id.in_(specimen_ids)
    )
    rows = session.execute(
        select(Specimen.id, Crop.id, Crop.digest)
        .join(Crop, Crop.id == Specimen.crop_id)
        .where(
            Specimen.id.in_(specimen_ids),
            Specimen.state != SpecimenState.UNUSABLE,
            Crop.id.not_in(done),
        )
        .order_by(Specimen.id)
    )
    return [ToPredict(*row) for row in rows]


def store(session: Session, model_id: int, predicted: Sequence[PredictedMask]) -> None:
    """Add candidates, except where the specimen was cropped anew or set aside meanwhile."""
    model = session.get_one(TrainedModel, model_id)
    for mask in predicted:
        specimen = lock_specimen(session, mask.specimen_id)
        if specimen.crop_id != mask.crop_id or specimen.unusable:
            continue
        session.add(_candidate(model, mask, now(session)))
        specimen.uncertainty = mask.uncertainty
        settle_queue_place(session, specimen)


def origin_of(model_id: int) -> str:
    return f"model:{model_id}"


def score(validation_dice: float, uncertainty: float) -> float:
    """0…1: how good the model is, times how sure it is here; ranks it among other candidates."""
    return validation_dice * (1 - uncertainty)


def _candidate(model: TrainedModel, mask: PredictedMask, moment: datetime) -> Candidate:
    return Candidate(
        specimen_id=mask.specimen_id,
        crop_id=mask.crop_id,
        origin=origin_of(model.id),
        model_id=model.id,
        agreeing=[],
        digest=mask.digest,
        score=score(model.metrics["validation_dice"], mask.uncertainty),
        uncertainty=mask.uncertainty,
        probability_digest=mask.probability_digest,
        rejected=mask.is_empty,  # an empty mask is kept, but offered to nobody
        created_at=moment,
    )
