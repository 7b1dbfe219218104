"""Predictions of a model, or of several together, become candidates and replace nothing."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from statistics import fmean

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from app.db import now
from app.domain.jobs import Job, JobKind, PartKind
from app.domain.labelling import Candidate, LabelVersion
from app.domain.photographs import Source
from app.domain.rounds import RoundLabel, TrainedModel
from app.domain.specimens import Crop, Specimen, SpecimenState, Split
from app.errors import NotFound, Refused
from app.queue import Queue
from app.services import calibrating, jobs
from app.services.labelling import lock_specimen
from ml.acceptance.learned import model_score

PREDICTED_PER_PART = 64


@dataclass(frozen=True)
class ToPredict:
    specimen_id: int
    crop_id: int
    crop_digest: str
    shape: tuple[int, int]
    """Height and width of the crop."""
    padding: str
    """What its bands in a square are filled with; see `Source`."""
    other_digest: str | None = None
    """The mask that the prediction is compared with, to know whether models disagree."""


@dataclass(frozen=True)
class PredictedMask:
    """A prediction whose pixels are stored."""

    specimen_id: int
    crop_id: int
    digest: str
    probability_digest: str
    uncertainty: float
    is_empty: bool
    disagreement: float | None = None
    """0…1, 1 − Dice with the other mask; None where there is none."""


def start(session: Session, model_ids: Collection[int], person_id: int | None) -> Job:
    """Queue predictions of every usable specimen that has none of these models together.

    Raises:
        NotFound: there is no such model.
        Refused: each specimen has its prediction, or one of the models is named twice.
    """
    if len(set(model_ids)) < len(model_ids):
        raise Refused("Name each model once.")
    for model_id in model_ids:
        if session.get(TrainedModel, model_id) is None:
            raise NotFound("There is no model {number}.", number=model_id)
    if session.scalar(_unpredicted(model_ids).limit(1)) is None:
        raise Refused("Each specimen has its prediction already.")
    job = jobs.start(session, JobKind.PREDICTIONS, person_id)
    job.result = {"model_ids": sorted(model_ids)}
    queue(session, job.id, model_ids)
    return job


def queue(session: Session, job_id: int, model_ids: Collection[int]) -> int:
    """Add the parts that predict what is not predicted; returns how many specimens that are."""
    ids = session.scalars(_unpredicted(model_ids).order_by(Specimen.id)).all()
    for first in range(0, len(ids), PREDICTED_PER_PART):
        chunk = list(ids[first : first + PREDICTED_PER_PART])
        payload = {"model_ids": sorted(model_ids), "specimen_ids": chunk}
        jobs.add_part(session, job_id, PartKind.PREDICT, payload, Queue.GPU)
    return len(ids)


def _unpredicted(model_ids: Collection[int]) -> Select[int]:
    done = select(Candidate.id).where(
        Candidate.crop_id == Specimen.crop_id, Candidate.origin == origin_of(*model_ids)
    )
    return select(Specimen.id).where(
        Specimen.state != SpecimenState.UNUSABLE, Specimen.crop_id.is_not(None), ~done.exists()
    )


def still_to_predict(
    session: Session, model_ids: Collection[int], specimen_ids: Sequence[int]
) -> list[ToPredict]:
    """Those of the specimens that are usable and have no prediction of these models yet."""
    done = select(Candidate.crop_id).where(
        Candidate.origin == origin_of(*model_ids), Candidate.specimen_id.in_(specimen_ids)
    )
    found = session.execute(
        select(Crop, Source.padding)
        .join(Specimen, Specimen.crop_id == Crop.id)
        .join(Source, Source.id == Specimen.source_id)
        .where(
            Specimen.id.in_(specimen_ids),
            Specimen.state != SpecimenState.UNUSABLE,
            Crop.id.not_in(done),
        )
        .order_by(Specimen.id)
    )
    others = _others(session, model_ids, specimen_ids)
    return [
        ToPredict(crop.specimen_id, crop.id, crop.digest, crop.shape, padding, others.get(crop.id))
        for crop, padding in found
    ]


def _others(
    session: Session, model_ids: Collection[int], specimen_ids: Sequence[int]
) -> dict[int, str]:
    """By crop the label or, without one, the best candidate of a method or, without any, of the
    newest other model.

    Methods know nothing of what a model has learned, so where the two agree both are mostly right;
    models that go on from each other err alike.
    """
    candidates = session.execute(
        select(Candidate.crop_id, Candidate.digest)
        .where(
            Candidate.specimen_id.in_(specimen_ids),
            Candidate.origin != origin_of(*model_ids),
            Candidate.model_id.is_not(None) | Candidate.rejected.is_(False),
            Candidate.pruned.is_(False),
        )
        .order_by(
            Candidate.model_id.is_(None),
            func.coalesce(Candidate.model_id, 0),
            Candidate.score,
            Candidate.id.desc(),
        )
    )
    labels = session.execute(
        select(LabelVersion.crop_id, LabelVersion.digest)
        .join(Specimen, Specimen.version_id == LabelVersion.id)
        .where(Specimen.id.in_(specimen_ids))
    )
    # Of each crop the last one stays.
    return {row.crop_id: row.digest for rows in (candidates, labels) for row in rows}


def store(session: Session, model_ids: Collection[int], predicted: Sequence[PredictedMask]) -> None:
    """Add candidates, except where the specimen was cropped anew or set aside meanwhile."""
    chosen = select(TrainedModel).where(TrainedModel.id.in_(model_ids))
    models = session.scalars(chosen.order_by(TrainedModel.id)).all()
    labels = _validation_labels(session, models[-1])
    newer = _predicted_later(session, models[-1], [mask.specimen_id for mask in predicted])
    for mask in predicted:
        specimen = lock_specimen(session, mask.specimen_id)
        if specimen.crop_id != mask.crop_id or specimen.unusable:
            continue
        session.add(_candidate(models, labels, mask, now(session)))
        if specimen.crop_id not in newer:
            specimen.uncertainty, specimen.disagreement = mask.uncertainty, mask.disagreement
        calibrating.settle(session, [specimen])


def origin_of(*model_ids: int) -> str:
    numbers = "+".join(map(str, sorted(model_ids)))
    return f"model:{numbers}" if len(model_ids) == 1 else f"models:{numbers}"


def _predicted_later(
    session: Session, model: TrainedModel, specimen_ids: Sequence[int]
) -> set[int]:
    """Crops that newer models have predicted, whose uncertainty therefore stays theirs."""
    newer = select(Candidate.crop_id).where(
        Candidate.specimen_id.in_(specimen_ids), Candidate.model_id > model.id
    )
    return set(session.scalars(newer))


def _validation_labels(session: Session, model: TrainedModel) -> int:
    mine = (RoundLabel.round_id == model.round_id) & (RoundLabel.split == Split.VALIDATION)
    return session.scalar(select(func.count()).select_from(RoundLabel).where(mine)) or 0


def _candidate(
    models: Sequence[TrainedModel], validation_labels: int, mask: PredictedMask, moment: datetime
) -> Candidate:
    dice = fmean(model.metrics["validation_dice"] for model in models)
    own_score = model_score(dice, validation_labels, mask.uncertainty)
    return Candidate(
        specimen_id=mask.specimen_id,
        crop_id=mask.crop_id,
        origin=origin_of(*(model.id for model in models)),
        model_id=models[-1].id,
        agreeing=[],
        digest=mask.digest,
        own_score=own_score,
        score=own_score,
        uncertainty=mask.uncertainty,
        probability_digest=mask.probability_digest,
        rejected=mask.is_empty,  # an empty mask is kept, but offered to nobody
        created_at=moment,
    )
