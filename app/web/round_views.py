"""What pages show of a round: its variants, as they go and as they went."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from app.domain.jobs import JobState
from app.domain.rounds import ContactSheet, Epoch, Round, TrainedModel
from app.domain.steering import TrainingLine
from app.services import (
    browsing,
    job_progress,
    jobs,
    round_keeping,
    round_orders,
    rounds,
)
from app.services.browsing import LabelShare
from app.services.job_progress import JobProgress
from app.web.charts import Chart, curves
from app.web.configuration import Configuration, configuration


@dataclass(frozen=True)
class VariantView:
    """One way in which a round trains."""

    name: str
    epochs: list[Epoch]
    most_epochs: int | None
    """None where the configuration was not kept."""
    model: TrainedModel | None
    enough: bool
    """Somebody has asked for the best so far."""
    state: JobState

    @property
    def best(self) -> Epoch | None:
        return max(self.epochs, key=lambda epoch: epoch.validation_dice, default=None)

    @property
    def minutes_left(self) -> int | None:
        """Of its training, at most; None while nothing is known, and when it is over."""
        if self.model is not None or self.most_epochs is None:
            return None
        seconds = rounds.training_seconds_left(self.most_epochs, self.epochs)
        return math.ceil(seconds / 60) if seconds is not None else None


@dataclass(frozen=True)
class RoundView:
    """What was given to a round, and what came of it."""

    round: Round
    labels: list[LabelShare]
    start: TrainedModel | None
    curves: list[Chart]
    sheets: Sequence[ContactSheet]
    configurations: dict[str, Configuration]

    @property
    def training(self) -> int:
        return sum(share.training for share in self.labels)

    @property
    def validation(self) -> int:
        return sum(share.validation for share in self.labels)


@dataclass(frozen=True)
class RunningView:
    """How a round goes."""

    progress: JobProgress
    paused: bool
    variants: list[VariantView]
    lines: Sequence[TrainingLine]

    @property
    def models(self) -> list[TrainedModel]:
        return [variant.model for variant in self.variants if variant.model is not None]


def round_view(session: Session, round_: Round, variant: str = "") -> RoundView:
    """Of all its variants, or of one alone."""
    epochs = rounds.epochs(session, round_.id)
    sheets = browsing.contact_sheets(session, round_.id)
    configs = round_.configs
    if variant:
        epochs = {variant: epochs.get(variant, [])}
        sheets = [sheet for sheet in sheets if sheet.variant == variant]
        configs = {variant: configs.get(variant, {})}
    return RoundView(
        round=round_,
        labels=browsing.label_shares(session, round_.id),
        start=session.get(TrainedModel, round_.start_model_id or 0),
        curves=curves(epochs),
        sheets=sheets,
        configurations={
            name: configuration(round_.preset, config) for name, config in configs.items() if config
        },
    )


def running_view(session: Session, round_: Round) -> RunningView:
    return RunningView(
        progress=job_progress.progress(session, jobs.get_job(session, round_.job_id)),
        paused=round_orders.is_paused(session, round_),
        variants=_variants(session, round_),
        lines=round_keeping.lines(session, round_.id),
    )


def _variants(session: Session, round_: Round) -> list[VariantView]:
    epochs = rounds.epochs(session, round_.id)
    made = {model.variant: model for model in rounds.models_of(session, round_.id)}
    states = rounds.training_states(session, round_)
    return [
        VariantView(
            name=name,
            epochs=epochs.get(name, []),
            most_epochs=config.get("epochs"),
            model=made.get(name),
            enough=round_orders.is_enough(session, round_.id, name),
            state=states.get(name, JobState.DONE),
        )
        for name, config in round_.configs.items()
    ]
