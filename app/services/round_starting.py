"""Starting a round: the labels are frozen as they are, and the training is queued."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass

from sqlalchemy import Select, func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.db import now
from app.domain.jobs import JobKind, PartKind
from app.domain.rounds import Round, RoundLabel, TrainedModel
from app.domain.specimens import Specimen, Split, Tag
from app.errors import Conflict, Refused
from app.queue import Queue
from app.services import jobs, strata
from app.services.round_options import AS_PRESET, RoundOptions, configure
from app.services.rounds import current_labels, running
from app.services.splitting import settle_splits
from ml.config import TrainingConfig
from ml.presets import MIN_LABELS


@dataclass(frozen=True)
class Label:
    """One label that can be trained on."""

    specimen_id: int
    version_id: int
    source_id: int
    stratum: int | None
    hard: bool


def start_round(
    session: Session,
    *,
    preset: str,
    person_id: int | None,
    options: RoundOptions = AS_PRESET,
) -> Round:
    """Freeze the present labels and queue the training.

    Raises:
        Refused: an unknown preset or a wish that cannot be met, or too few labels.
        Conflict: another round is still running.
    """
    config = configure(preset, options)
    labels = _labels(session, options.tags)
    if len(labels) < MIN_LABELS:
        raise Refused(
            "Training needs at least {least} labels, and there are {found}. "
            "Accept or draw some masks first.",
            least=MIN_LABELS,
            found=len(labels),
        )
    sides = settle_splits(session, [label.specimen_id for label in labels])
    _refuse_second(session)  # here, as another start may have been waited for
    training = [label for label in labels if sides[label.specimen_id] is Split.TRAINING]
    _refuse_unmet(config, options, training)
    round_ = _add_round(session, preset, person_id, config, options)
    session.add_all(
        RoundLabel(
            round_id=round_.id,
            version_id=label.version_id,
            specimen_id=label.specimen_id,
            split=sides[label.specimen_id],
            hard=label.hard,
            stratum=label.stratum,
        )
        for label in labels
    )
    _flush_labels(session)
    jobs.add_part(session, round_.job_id, PartKind.TRAIN, {"round_id": round_.id}, Queue.GPU)
    strata.keep_up(session, person_id)
    return round_


def _add_round(
    session: Session,
    preset: str,
    person_id: int | None,
    config: TrainingConfig,
    options: RoundOptions,
) -> Round:
    start = None if options.from_scratch else _model_to_start_from(session, preset, config)
    job = jobs.start(session, JobKind.ROUND, person_id)
    number = (session.scalar(select(func.max(Round.number))) or 0) + 1
    job.result = {"round": number}
    round_ = Round(
        number=number,
        job_id=job.id,
        preset=preset,
        config=asdict(config),
        hard_tags=options.tags,
        start_model_id=start,
        person_id=person_id,
        created_at=now(session),
    )
    session.add(round_)
    try:
        session.flush()
    except IntegrityError:  # somebody else started one in the same moment
        raise Conflict("Another round was started at the same moment; wait for it.") from None
    return round_


def _flush_labels(session: Session) -> None:
    try:
        session.flush()
    except IntegrityError:  # what the lock of `RoundLabel` is for
        raise Conflict(
            "One of the labels joined the benchmark at the same moment; start the round again."
        ) from None


def _refuse_second(session: Session) -> None:
    number = running(session)
    if number is not None:
        raise Conflict("Round {number} is still running; wait for it or cancel it.", number=number)


def _labels(session: Session, hard_tags: Sequence[str]) -> list[Label]:
    hard = select(Tag.specimen_id).where(Tag.word.in_(hard_tags))
    query: Select[int, int, int, int | None, bool] = current_labels().with_only_columns(
        Specimen.id,
        Specimen.version_id,
        Specimen.source_id,
        Specimen.stratum,
        Specimen.id.in_(hard),
    )
    return [Label(*row) for row in session.execute(query.order_by(Specimen.id))]


def _refuse_unmet(config: TrainingConfig, options: RoundOptions, training: Sequence[Label]) -> None:
    """A wish that would silently change nothing is refused."""
    if config.sampling.draw != "random":
        _refuse_no_hard_group(options.tags, training)
    elif options.tags:
        raise Refused(
            "The tags of a hard group change nothing while pictures are drawn from everything "
            "(random). Choose another way of drawing, or leave the tags out."
        )
    if options.minority and len({label.stratum for label in training} - {None}) < 2:
        raise Refused(
            "The labels are not in several wing-colour strata yet, so strata cannot be drawn more "
            "evenly. Make strata first, or leave it out."
        )
    if options.transfer and len({label.source_id for label in training}) < 2:
        raise Refused(
            "All labels that are trained on are of one source, so there is no other whose light "
            "they could take on. Leave the transfer out."
        )


def _refuse_no_hard_group(words: Sequence[str], training: Sequence[Label]) -> None:
    if not words:
        raise Refused(
            "Choose the tags that make up the hard group, or draw pictures from everything "
            "(random)."
        )
    if not any(label.hard for label in training):
        raise Refused(
            "None of the labels that are trained on has the tag {tags}. Tag hard specimens that "
            "have labels, or draw pictures from everything (random).",
            tags=", ".join(f"“{word}”" for word in words),
        )


def _model_to_start_from(session: Session, preset: str, config: TrainingConfig) -> int | None:
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
    if newest is None or TrainingConfig.from_json(newest.round.config).network != config.network:
        return None
    return newest.id
