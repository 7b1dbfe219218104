"""What rounds learned from, how they went, and which of their models serves."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import Session

from app.domain.jobs import OPEN, Job, JobState, Part, PartKind
from app.domain.labelling import LabelVersion
from app.domain.rounds import Epoch, Round, RoundLabel, TrainedModel
from app.domain.specimens import Crop, Specimen, SpecimenState, Split
from app.errors import NotFound
from app.services.counting import of_collection


@dataclass(frozen=True)
class FrozenLabel:
    """One label of a round's training set, as addresses of its pixels."""

    version_id: int
    crop_digest: str
    mask_digest: str
    split: Split
    hard: bool
    stratum: int | None
    source_id: int
    padding: str
    """What its bands in a square are filled with, as its source had it when the round began."""


@dataclass(frozen=True)
class LabelCounts:
    labels: int
    new: int
    """Label versions that no model has learned from, and no round is learning from."""


def current_labels() -> Select[Specimen]:
    """Specimens whose label may be trained on: never those of the benchmark."""
    return select(Specimen).where(
        Specimen.state == SpecimenState.LABELLED, Specimen.in_benchmark.is_(False)
    )


def learned_versions() -> Select[int]:
    """Label versions that a model has learned from, or a round is learning from."""
    return (
        select(RoundLabel.version_id)
        .join(Round, Round.id == RoundLabel.round_id)
        .join(Job, Job.id == Round.job_id)
        .outerjoin(TrainedModel, TrainedModel.round_id == Round.id)
        .where(or_(TrainedModel.id.is_not(None), Job.state.in_(OPEN)))
    )


def label_counts(session: Session) -> LabelCounts:
    """Counted by an index alone: a round freezes every label there is, so that what is new has a
    higher number than anything that was learned from. Of many, as it was some seconds ago."""
    last = (
        select(func.max(RoundLabel.version_id))
        .where(RoundLabel.round_id == Round.id)
        .correlate(Round)
        .scalar_subquery()
    )
    learned = select(TrainedModel.id).where(TrainedModel.round_id == Round.id).exists()
    learning = select(Job.id).where(Job.id == Round.job_id, Job.state.in_(OPEN)).exists()
    newest = select(func.max(last)).select_from(Round).where(or_(learned, learning))
    known = session.scalar(newest) or 0
    return of_collection(session, f"labels after {known}", lambda: _label_counts(session, known))


def _label_counts(session: Session, known: int) -> LabelCounts:
    current = current_labels().with_only_columns(func.count())
    new = current.where(Specimen.version_id > known)
    return LabelCounts(session.scalar(current) or 0, session.scalar(new) or 0)


def get_round(session: Session, number: int) -> Round:
    round_ = session.scalar(select(Round).where(Round.number == number))
    if round_ is None:
        raise NotFound("There is no round {number}.", number=number)
    return round_


def running(session: Session) -> int | None:
    """The number of the round that is queued or runs; there is one at most."""
    numbers = select(Round.number).join(Job, Job.id == Round.job_id).where(Job.state.in_(OPEN))
    return session.scalar(numbers.limit(1))


def frozen_labels(session: Session, round_id: int) -> list[FrozenLabel]:
    """The training set of a round, always in the same order."""
    rows = session.execute(
        select(
            RoundLabel.version_id,
            Crop.digest,
            LabelVersion.digest,
            RoundLabel.split,
            RoundLabel.hard,
            RoundLabel.stratum,
            Specimen.source_id,
            RoundLabel.padding,
        )
        .join(LabelVersion, LabelVersion.id == RoundLabel.version_id)
        .join(Crop, Crop.id == LabelVersion.crop_id)
        .join(Specimen, Specimen.id == LabelVersion.specimen_id)
        .where(RoundLabel.round_id == round_id)
        .order_by(RoundLabel.version_id)
    )
    return [FrozenLabel(*row) for row in rows]


def epochs(session: Session, round_id: int) -> dict[str, list[Epoch]]:
    """By variant, as they went."""
    query = select(Epoch).where(Epoch.round_id == round_id).order_by(Epoch.number)
    found: dict[str, list[Epoch]] = {}
    for epoch in session.scalars(query):
        found.setdefault(epoch.variant, []).append(epoch)
    return found


def training_seconds_left(most_epochs: int, done: Sequence[Epoch]) -> float | None:
    """At most so long if epochs go on as they went; nothing is known before the first ends."""
    if not done:
        return None
    mean = sum(epoch.seconds for epoch in done) / len(done)
    return mean * float(most_epochs - done[-1].number)


def training_states(session: Session, round_: Round) -> dict[str, JobState]:
    """Of the parts that train its variants."""
    parts = select(Part.payload, Part.state).where(
        Part.job_id == round_.job_id, Part.kind == PartKind.TRAIN
    )
    only = next(iter(round_.configs), "")  # parts of an earlier version name no variant
    return {p.get("variant", only): state for p, state in session.execute(parts)}


def models_of(session: Session, round_id: int) -> Sequence[TrainedModel]:
    """One for each variant that has been trained, in the order in which they were made."""
    query = select(TrainedModel).where(TrainedModel.round_id == round_id)
    return session.scalars(query.order_by(TrainedModel.id)).all()


def model_of(session: Session, round_id: int, variant: str) -> TrainedModel | None:
    query = select(TrainedModel).where(TrainedModel.round_id == round_id)
    return session.scalar(query.where(TrainedModel.variant == variant))
