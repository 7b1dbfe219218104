"""Starting a round: the labels are frozen as they are, and the training is queued."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.db import now
from app.domain.jobs import JobKind, PartKind
from app.domain.photographs import Source
from app.domain.rounds import Round, RoundLabel, TrainedModel
from app.domain.specimens import Specimen, Split, Tag
from app.errors import Conflict, NotFound, Refused
from app.queue import Queue
from app.services import jobs, models, strata
from app.services.round_options import AS_PRESET, RoundOptions, configure
from app.services.rounds import current_labels, running
from app.services.splitting import settle_splits
from ml.config import NetworkConfig, TrainingConfig
from ml.presets import MIN_LABELS


@dataclass(frozen=True)
class Label:
    """One label that can be trained on."""

    specimen_id: int
    version_id: int
    source_id: int
    padding: str
    stratum: int | None
    hard: bool


def start_round(
    session: Session,
    *,
    preset: str,
    person_id: int | None,
    options: RoundOptions = AS_PRESET,
    request_id: str | None = None,
    schedule_id: int | None = None,
) -> Round:
    """Freeze the present labels and queue the training of each variant.

    Args:
        request_id: made by whoever asks; asked for again, it is the round that there is.
        schedule_id: why it starts by itself.

    Raises:
        Refused: an unknown preset or a wish that cannot be met, or too few labels.
        Conflict: another round is still running.
    """
    if (known := asked_before(session, request_id)) is not None:
        return known
    configs = configure(preset, options)
    labels = _labels(session, options.tags)
    refuse_too_few(len(labels))
    sides = settle_splits(session, [label.specimen_id for label in labels])
    # Here, as another start may have been waited for: the same one, sent twice, or somebody else's.
    if (known := asked_before(session, request_id)) is not None:
        return known
    refuse_second(session)
    training = [label for label in labels if sides[label.specimen_id] is Split.TRAINING]
    refuse_unmet(
        options,
        [*configs],
        hard=sum(label.hard for label in training),
        strata=len({label.stratum for label in training} - {None}),
        sources=len({label.source_id for label in training}),
    )
    round_ = add_round(
        session,
        preset=preset,
        configs={variant: asdict(config) for variant, config in configs.items()},
        hard_tags=options.tags,
        start_model_id=start_of(session, preset, next(iter(configs.values())), options),
        person_id=person_id,
        request_id=request_id,
        schedule_id=schedule_id,
    )
    _freeze(session, round_, labels, sides)
    queue_training(session, round_)
    strata.keep_up(session, person_id)
    return round_


def add_round(session: Session, *, person_id: int | None, **values: Any) -> Round:
    """Add a round with the next number, and its job; its labels and parts are added after it."""
    job = jobs.start(session, JobKind.ROUND, person_id)
    number = (session.scalar(select(func.max(Round.number))) or 0) + 1
    job.result = {"round": number}
    round_ = Round(
        number=number, job_id=job.id, person_id=person_id, created_at=now(session), **values
    )
    session.add(round_)
    try:
        session.flush()
    except IntegrityError:  # somebody else started one in the same moment
        raise Conflict("Another round was started at the same moment; wait for it.") from None
    return round_


def _freeze(
    session: Session, round_: Round, labels: Sequence[Label], sides: Mapping[int, Split]
) -> None:
    session.add_all(
        RoundLabel(
            round_id=round_.id,
            version_id=label.version_id,
            specimen_id=label.specimen_id,
            split=sides[label.specimen_id],
            hard=label.hard,
            stratum=label.stratum,
            padding=label.padding,
        )
        for label in labels
    )
    try:
        session.flush()
    except IntegrityError:  # what the lock of `RoundLabel` is for
        raise Conflict(
            "One of the labels joined the benchmark at the same moment; start the round again."
        ) from None


def queue_training(session: Session, round_: Round) -> None:
    for variant in round_.configs:
        payload = {"round_id": round_.id, "variant": variant}
        jobs.add_part(session, round_.job_id, PartKind.TRAIN, payload, Queue.GPU)


def asked_before(session: Session, request_id: str | None) -> Round | None:
    if not request_id:
        return None
    return session.scalar(select(Round).where(Round.request_id == request_id))


def refuse_second(session: Session) -> None:
    number = running(session)
    if number is not None:
        raise Conflict("Round {number} is still running; wait for it or cancel it.", number=number)


def _labels(session: Session, hard_tags: Sequence[str]) -> list[Label]:
    hard = select(Tag.specimen_id).where(Tag.word.in_(hard_tags))
    labelled = current_labels().join(Source, Source.id == Specimen.source_id)
    query: Select[int, int, int, str, int | None, bool] = labelled.with_only_columns(
        Specimen.id,
        Specimen.version_id,
        Specimen.source_id,
        Source.padding,
        Specimen.stratum,
        Specimen.id.in_(hard),
    )
    return [Label(*row) for row in session.execute(query.order_by(Specimen.id))]


def refuse_too_few(labels: int) -> None:
    if labels < MIN_LABELS:
        raise Refused(
            "Training needs at least {least} labels, and there are {found}. "
            "Accept or draw some masks first.",
            least=MIN_LABELS,
            found=labels,
        )


def refuse_unmet(
    options: RoundOptions, draws: Sequence[str], *, hard: int, strata: int, sources: int
) -> None:
    """A wish that would silently change nothing is refused.

    Args:
        hard: labels of the hard group that are trained on.
        strata: how many there are among the labels that are trained on.
        sources: likewise.
    """
    if set(draws) - {"random"}:
        _refuse_no_hard_group(options.tags, hard)
    elif options.tags:
        raise Refused(
            "The tags of a hard group change nothing while pictures are drawn from everything "
            "(random). Choose another way of drawing, or leave the tags out."
        )
    if options.minority and strata < 2:
        raise Refused(
            "The labels are not in several wing-colour strata yet, so strata cannot be drawn more "
            "evenly. Make strata first, or leave it out."
        )
    if options.transfer and sources < 2:
        raise Refused(
            "All labels that are trained on are of one source, so there is no other whose light "
            "they could take on. Leave the transfer out."
        )


def _refuse_no_hard_group(words: Sequence[str], hard: int) -> None:
    if not words:
        raise Refused(
            "Choose the tags that make up the hard group, or draw pictures from everything "
            "(random)."
        )
    if not hard:
        raise Refused(
            "None of the labels that are trained on has the tag {tags}. Tag hard specimens that "
            "have labels, or draw pictures from everything (random).",
            tags=", ".join(f"“{word}”" for word in words),
        )


def start_of(
    session: Session, preset: str, config: TrainingConfig, options: RoundOptions
) -> int | None:
    if options.from_scratch:
        return None
    if options.start_model_id is not None:
        return _chosen(session, options.start_model_id, config)
    return model_to_start_from(session, preset, config)


def _chosen(session: Session, model_id: int, config: TrainingConfig) -> int:
    model = session.get(TrainedModel, model_id)
    if model is None:
        raise NotFound("There is no model {number}.", number=model_id)
    if network_of(model) != config.network:
        raise Refused(
            "Model {number} has another network than the one that is to be trained. Choose its "
            "preset and network, another model, or begin from scratch.",
            number=model_id,
        )
    return model_id


def model_to_start_from(session: Session, preset: str, config: TrainingConfig) -> int | None:
    """The newest model of the preset that nobody discarded: it need not learn all that again.

    A preset may have got another network since; then training begins from scratch.
    """
    newest = session.scalar(
        models.chosen_from()
        .join(Round, Round.id == TrainedModel.round_id)
        .where(Round.preset == preset)
        .order_by(TrainedModel.id.desc())
        .limit(1)
    )
    return newest.id if newest is not None and network_of(newest) == config.network else None


def network_of(model: TrainedModel) -> NetworkConfig | None:
    """Its network's shape, where its configuration was kept."""
    values = model.round.configs.get(model.variant)
    return TrainingConfig.from_json(values).network if values else None
