"""Starting a round and keeping what comes of it: frozen labels, epochs, checkpoints, models."""

import hashlib
from collections.abc import Sequence
from dataclasses import asdict, dataclass

from sqlalchemy import Select, delete, func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.db import now
from app.domain.jobs import OPEN, Job, JobKind, PartKind
from app.domain.labelling import LabelVersion
from app.domain.rounds import (
    BenchmarkMember,
    Checkpoint,
    Epoch,
    Promotion,
    Round,
    RoundLabel,
    Split,
    TrainedModel,
)
from app.domain.specimens import Crop, Specimen, SpecimenState
from app.errors import Conflict, NotFound, Refused
from app.queue import Queue
from app.services import jobs
from ml.presets import MIN_LABELS, PRESETS

VALIDATION_SHARE = 0.1
PREDICTED_PER_PART = 64
ONLY_VARIANT = "random"
"""How training pictures are drawn; more ways of drawing make more variants of a round."""


@dataclass(frozen=True)
class FrozenLabel:
    """One label of a round's training set, as addresses of its pixels."""

    version_id: int
    crop_digest: str
    mask_digest: str
    split: Split


@dataclass(frozen=True)
class LabelCounts:
    labels: int
    new: int
    """Label versions that no round has learned from yet."""


def start_round(session: Session, *, preset: str, person_id: int | None) -> Round:
    """Freeze the present labels and queue the training.

    Raises:
        Refused: an unknown preset, or too few labels.
        Conflict: another round is still running.
    """
    if preset not in PRESETS:
        raise Refused(
            "There is no preset “{preset}”; use one of {known}.",
            preset=preset,
            known=", ".join(PRESETS),
        )
    _refuse_second(session)
    labels = _trainable_labels(session)
    if len(labels) < MIN_LABELS:
        raise Refused(
            "Training needs at least {least} labels, and there are {found}. "
            "Accept or draw some masks first.",
            least=MIN_LABELS,
            found=len(labels),
        )
    job = jobs.start(session, JobKind.ROUND, person_id)
    round_ = Round(
        number=(session.scalar(select(func.max(Round.number))) or 0) + 1,
        job_id=job.id,
        preset=preset,
        config=asdict(PRESETS[preset]),
        start_model_id=_model_to_start_from(session, preset),
        person_id=person_id,
        created_at=now(session),
    )
    session.add(round_)
    try:
        session.flush()
    except IntegrityError:  # somebody else started one in the same moment
        raise Conflict("Another round was started at the same moment; wait for it.") from None
    _freeze(session, round_, labels)
    jobs.add_part(session, job.id, PartKind.TRAIN, {"round_id": round_.id}, Queue.GPU)
    return round_


def label_counts(session: Session) -> LabelCounts:
    seen = select(RoundLabel.version_id)
    current = _current_labels().with_only_columns(func.count())
    labels = session.scalar(current) or 0
    return LabelCounts(labels, session.scalar(current.where(Specimen.version_id.not_in(seen))) or 0)


def get_round(session: Session, number: int) -> Round:
    round_ = session.scalar(select(Round).where(Round.number == number))
    if round_ is None:
        raise NotFound("There is no round {number}.", number=number)
    return round_


def frozen_labels(session: Session, round_id: int) -> list[FrozenLabel]:
    """The training set of a round, always in the same order."""
    rows = session.execute(
        select(RoundLabel.version_id, Crop.digest, LabelVersion.digest, RoundLabel.split)
        .join(LabelVersion, LabelVersion.id == RoundLabel.version_id)
        .join(Crop, Crop.id == LabelVersion.crop_id)
        .where(RoundLabel.round_id == round_id)
        .order_by(RoundLabel.version_id)
    )
    return [FrozenLabel(*row) for row in rows]


def epochs(session: Session, round_id: int) -> Sequence[Epoch]:
    query = select(Epoch).where(Epoch.round_id == round_id).order_by(Epoch.number)
    return session.scalars(query).all()


def training_seconds_left(round_: Round, done: Sequence[Epoch]) -> float | None:
    """At most so long if epochs go on as they went; nothing is known before the first ends."""
    if not done:
        return None
    mean = sum(epoch.seconds for epoch in done) / len(done)
    return mean * float(round_.config["epochs"] - done[-1].number)


def store_epoch(session: Session, epoch: Epoch) -> None:
    """Keep one point of the curves; an epoch that was trained again replaces its first try."""
    session.execute(
        delete(Epoch).where(
            Epoch.round_id == epoch.round_id,
            Epoch.variant == epoch.variant,
            Epoch.number >= epoch.number,
        )
    )
    session.add(epoch)


def store_checkpoint(session: Session, round_id: int, epoch: int, digest: str) -> str | None:
    """Keep where training stands; returns the digest of bytes that no round needs any more."""
    checkpoint = find_checkpoint(session, round_id)
    if checkpoint is None:
        variant = ONLY_VARIANT
        session.add(Checkpoint(round_id=round_id, variant=variant, epoch=epoch, digest=digest))
        return None
    replaced = checkpoint.digest
    checkpoint.epoch, checkpoint.digest = epoch, digest
    return _unless_needed(session, replaced)


def drop_checkpoint(session: Session, round_id: int) -> str | None:
    """Forget where training stood; returns the digest of bytes that no round needs any more."""
    checkpoint = find_checkpoint(session, round_id)
    if checkpoint is None:
        return None
    session.delete(checkpoint)
    return _unless_needed(session, checkpoint.digest)


def find_checkpoint(session: Session, round_id: int) -> Checkpoint | None:
    return session.scalar(select(Checkpoint).where(Checkpoint.round_id == round_id))


def store_model(session: Session, model: TrainedModel) -> TrainedModel:
    """Keep the trained model and queue its predictions of every usable specimen, or neither."""
    known = model_of(session, model.round_id)
    if known is not None:
        return known
    session.add(model)
    session.flush()
    job_id = session.get_one(Round, model.round_id).job_id
    ids = session.scalars(_predictable().order_by(Specimen.id)).all()
    for first in range(0, len(ids), PREDICTED_PER_PART):
        chunk = list(ids[first : first + PREDICTED_PER_PART])
        payload = {"model_id": model.id, "specimen_ids": chunk}
        jobs.add_part(session, job_id, PartKind.PREDICT, payload, Queue.GPU)
    return model


def model_of(session: Session, round_id: int) -> TrainedModel | None:
    return session.scalar(select(TrainedModel).where(TrainedModel.round_id == round_id))


def serving_model(session: Session) -> TrainedModel | None:
    """The model that was promoted last; until there is a promotion, the newest."""
    promoted = select(Promotion.model_id).order_by(Promotion.id.desc()).limit(1)
    newest = select(TrainedModel.id).order_by(TrainedModel.id.desc()).limit(1)
    model_id = session.scalar(promoted) or session.scalar(newest)
    return session.get(TrainedModel, model_id) if model_id is not None else None


def promote(session: Session, model_id: int, person_id: int) -> Promotion:
    if session.get(TrainedModel, model_id) is None:
        raise NotFound("There is no model {number}.", number=model_id)
    promotion = Promotion(model_id=model_id, person_id=person_id, created_at=now(session))
    session.add(promotion)
    return promotion


def _refuse_second(session: Session) -> None:
    running = select(Round.number).join(Job, Job.id == Round.job_id).where(Job.state.in_(OPEN))
    number = session.scalar(running.limit(1))
    if number is not None:
        raise Conflict("Round {number} is still running; wait for it or cancel it.", number=number)


def _current_labels() -> Select[Specimen]:
    """Specimens whose label may be trained on: never those of the benchmark."""
    return select(Specimen).where(
        Specimen.state == SpecimenState.LABELLED,
        Specimen.id.not_in(select(BenchmarkMember.specimen_id)),
    )


def _trainable_labels(session: Session) -> list[tuple[int, int]]:
    query = _current_labels().with_only_columns(Specimen.id, Specimen.version_id)
    return [(row.id, row.version_id) for row in session.execute(query.order_by(Specimen.id))]


def _freeze(session: Session, round_: Round, labels: Sequence[tuple[int, int]]) -> None:
    validation = _validation_specimens([specimen_id for specimen_id, _ in labels])
    session.add_all(
        RoundLabel(
            round_id=round_.id,
            version_id=version_id,
            split=Split.VALIDATION if specimen_id in validation else Split.TRAINING,
        )
        for specimen_id, version_id in labels
    )


def _validation_specimens(specimen_ids: Sequence[int]) -> set[int]:
    """A tenth, but at least one; drawn by hash, so that a specimen mostly keeps its side."""
    count = max(1, round(VALIDATION_SHARE * len(specimen_ids)))
    by_hash = sorted(
        specimen_ids, key=lambda number: hashlib.sha256(str(number).encode()).hexdigest()
    )
    return set(by_hash[:count])


def _model_to_start_from(session: Session, preset: str) -> int | None:
    """The newest model of the preset: what it knows need not be learned again.

    A preset may have got another network since; then training begins from scratch.
    """
    newest = session.scalar(
        select(TrainedModel)
        .join(Round, Round.id == TrainedModel.round_id)
        .where(Round.preset == preset)
        .order_by(TrainedModel.id.desc())
        .limit(1)
    )
    if newest is None or newest.round.config["network"] != asdict(PRESETS[preset].network):
        return None
    return newest.id


def _unless_needed(session: Session, digest: str) -> str | None:
    """Rounds that learn the same from the same labels have the same checkpoint."""
    session.flush()
    needed = select(Checkpoint.id).where(Checkpoint.digest == digest).limit(1)
    return digest if session.scalar(needed) is None else None


def _predictable() -> Select[int]:
    return select(Specimen.id).where(
        Specimen.state != SpecimenState.UNUSABLE, Specimen.crop_id.is_not(None)
    )
