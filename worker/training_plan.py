"""What a training starts from."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from app.domain.base import Json
from app.domain.rounds import Checkpoint, Epoch, Round, TrainedModel
from app.domain.specimens import Split
from app.errors import Refused
from app.services import round_keeping, round_orders, rounds
from app.services.rounds import FrozenLabel
from ml.config import TrainingConfig
from ml.squares import Groups
from worker.context import Context


@dataclass(frozen=True)
class Plan:
    round: Round
    variant: str
    """How training pictures are drawn; each way of drawing is a variant of the round."""
    config: TrainingConfig
    labels: Sequence[FrozenLabel]
    start: TrainedModel | None
    resume: Checkpoint | None
    best_dice: float
    """Of the epochs up to there; −1 before the first."""
    enough: bool
    """Somebody has asked for the best so far."""

    def of(self, split: Split) -> list[FrozenLabel]:
        return [label for label in self.labels if label.split is split]

    @property
    def groups(self) -> Groups:
        labels = self.of(Split.TRAINING)
        strata = [-1 if label.stratum is None else label.stratum for label in labels]
        return Groups(
            np.array([label.hard for label in labels], bool),
            np.array(strata, np.int64),
            np.array([label.source_id for label in labels], np.int64),
        )


def plan_of(context: Context, payload: Json) -> Plan | None:
    """What is to be done, or nothing if the model was stored before the worker died."""
    round_id = payload["round_id"]
    with context.db.reading() as session:
        round_ = session.get_one(Round, round_id)
        # Parts that an earlier version queued name no variant: there was one.
        variant = payload.get("variant") or next(iter(round_.configs), "")
        if rounds.model_of(session, round_id, variant) is not None:
            return None
        if not round_.configs.get(variant):
            raise Refused(
                "The configuration of round {number} was not kept, so it cannot be trained.",
                number=round_.number,
            )
        resume = round_keeping.find_checkpoint(session, round_id, variant)
        before = rounds.epochs(session, round_id).get(variant, []) if resume is not None else []
        return Plan(
            round=round_,
            variant=variant,
            config=TrainingConfig.from_json(round_.configs[variant]),
            labels=rounds.frozen_labels(session, round_id),
            start=session.get(TrainedModel, round_.start_model_id or 0),
            resume=resume,
            best_dice=max((e.validation_dice for e in before if _is_done(e, resume)), default=-1.0),
            enough=round_orders.is_enough(session, round_id, variant),
        )


def _is_done(epoch: Epoch, resume: Checkpoint | None) -> bool:
    """Later ones are trained again."""
    return resume is not None and epoch.number <= resume.epoch
