"""Which masks of trained models can be measured on which labels, and what was found.

A label is fair to a model if the model did not learn from the specimen (neither its own round nor
an earlier one, with whose weights it may have begun, trained on any of its versions), if the
specimen had a label before it had the model's mask, and if the label is not that mask. What
curators accept or redraw with that mask before their eyes is chosen by it: all accepted ones would
agree, and the others are the worst.

Members of the benchmark were chosen by people, all of them get a label, and every model shall be
measured on the same ones, so there it does not matter which came first. But a label that is the
model's own mask, accepted or brought back, says nothing of that model there either.
"""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass

from sqlalchemy import ColumnElement, Select, and_, func, literal, or_, select
from sqlalchemy.orm import Session, aliased

from app.db import now
from app.domain.jobs import Job, JobKind, PartKind
from app.domain.labelling import Candidate, LabelVersion
from app.domain.rounds import Measurement, RoundLabel, TrainedModel
from app.domain.specimens import Specimen, Split
from app.errors import NotFound, Refused
from app.services import jobs
from app.services.predictions import origin_of
from ml.metrics.figures import Figures

MEASURED_PER_PART = 500


@dataclass(frozen=True)
class ToMeasure:
    """A model's mask and a label of the same crop, as addresses of their pixels."""

    version_id: int
    split: Split | None
    mask_digest: str
    label_digest: str


@dataclass(frozen=True)
class Measured:
    pair: ToMeasure
    figures: Figures


def start(session: Session, model_id: int, person_id: int | None) -> Job:
    """Queue what the model can be measured on by now, as a job of its own.

    Raises:
        NotFound: there is no such model.
        Refused: every label that is fair to it is measured.
    """
    model = session.get(TrainedModel, model_id)
    if model is None:
        raise NotFound("There is no model {number}.", number=model_id)
    waiting = _fair(model).with_only_columns(Specimen.id).order_by(Specimen.id)
    ids = session.scalars(waiting).all()
    if not ids:
        raise Refused("Model {number} is measured on every label that can be.", number=model_id)
    job = jobs.start(session, JobKind.MEASUREMENTS, person_id)
    job.result = {"model_ids": [model_id]}
    for first in range(0, len(ids), MEASURED_PER_PART):
        chunk = list(ids[first : first + MEASURED_PER_PART])
        payload = {"model_id": model_id, "specimen_ids": chunk}
        jobs.add_part(session, job.id, PartKind.MEASURE, payload)
    return job


def still_to_measure(
    session: Session, model_id: int, specimen_ids: Sequence[int]
) -> list[ToMeasure]:
    """Those of the specimens whose label is fair to the model and not measured yet."""
    model = session.get_one(TrainedModel, model_id)
    rows = session.execute(
        _fair(model)
        .add_columns(_split(model.round_id), Candidate.digest, LabelVersion.digest)
        .where(Specimen.id.in_(specimen_ids))
        .order_by(LabelVersion.id)
    )
    return [ToMeasure(*row) for row in rows]


def store(session: Session, model_id: int, measured: Iterable[Measured]) -> None:
    """Keep figures, except where the label was measured meanwhile."""
    pairs = list(measured)
    ids = [each.pair.version_id for each in pairs]
    known = set(session.scalars(_measured(model_id).where(Measurement.version_id.in_(ids))))
    session.add_all(
        Measurement(
            model_id=model_id,
            version_id=each.pair.version_id,
            split=each.pair.split,
            created_at=now(session),
            **asdict(each.figures),
        )
        for each in pairs
        if each.pair.version_id not in known
    )


def _fair(model: TrainedModel) -> Select[int]:
    """Current labels, as numbers of versions, that the model can be measured on and is not."""
    return (
        select(LabelVersion.id)
        .join(Specimen, Specimen.version_id == LabelVersion.id)
        .join(Candidate, Candidate.crop_id == LabelVersion.crop_id)
        .where(
            Candidate.origin == origin_of(model.id),
            Candidate.pruned.is_(False),
            Specimen.unusable.is_(False),
            or_(Specimen.in_benchmark, _labelled_before()),
            ~_own_mask(model.id),
            Specimen.id.not_in(_learned_from(model.round_id)),
            LabelVersion.id.not_in(_measured(model.id)),
        )
    )


def _labelled_before() -> ColumnElement[bool]:
    earlier = aliased(LabelVersion)
    mine = earlier.specimen_id == Candidate.specimen_id
    return select(earlier.id).where(mine, earlier.created_at <= Candidate.created_at).exists()


def _own_mask(model_id: int) -> ColumnElement[bool]:
    """Whether the label's pixels were accepted from the model, by itself or with others."""
    accepted = aliased(LabelVersion)
    numbers = literal("+") + func.substr(accepted.origin, len("models:") + 1) + "+"
    together = and_(accepted.origin.startswith("models:"), numbers.contains(f"+{model_id}+"))
    return (
        select(accepted.id)
        .where(
            accepted.specimen_id == LabelVersion.specimen_id,
            accepted.digest == LabelVersion.digest,
            or_(accepted.model_id == model_id, together),
        )
        .exists()
    )


def _learned_from(round_id: int) -> Select[int]:
    return (
        select(LabelVersion.specimen_id)
        .join(RoundLabel, RoundLabel.version_id == LabelVersion.id)
        .where(RoundLabel.round_id <= round_id, RoundLabel.split == Split.TRAINING)
    )


def _split(round_id: int) -> ColumnElement[Split | None]:
    """What the round did with the specimen, whichever of its versions it had."""
    version = aliased(LabelVersion)
    return (
        select(RoundLabel.split)
        .join(version, version.id == RoundLabel.version_id)
        .where(RoundLabel.round_id == round_id, version.specimen_id == Specimen.id)
        .limit(1)
        .scalar_subquery()
    )


def _measured(model_id: int) -> Select[int]:
    return select(Measurement.version_id).where(Measurement.model_id == model_id)
