"""Trains the model of a round on its frozen labels, going on where a killed worker stopped."""

import json
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from app.db import now
from app.domain.rounds import Epoch, Round, Split, TrainedModel
from app.services import rounds
from app.services.jobs import ClaimedPart
from app.services.rounds import FrozenLabel
from ml.imaging.masks import decode_mask
from ml.imaging.read import read_png
from ml.presets import TrainingConfig
from ml.progress import OnProgress, Progress
from ml.squares import Squares
from worker.context import Context
from worker.holding import storing

if TYPE_CHECKING:
    from ml.train import EpochReport, Trained


@dataclass(frozen=True)
class Plan:
    """What a training starts from."""

    round: Round
    config: TrainingConfig
    labels: Sequence[FrozenLabel]
    start: TrainedModel | None
    resume: str | None
    """Digest of the checkpoint to go on from."""

    def of(self, split: Split) -> list[FrozenLabel]:
        return [label for label in self.labels if label.split is split]


@dataclass(frozen=True)
class RoundKeeper:
    """Writes what a training brings as it goes, each piece in a transaction of its own."""

    context: Context
    part: ClaimedPart
    plan: Plan

    def epoch(self, report: "EpochReport") -> None:
        values = asdict(report)
        epoch = Epoch(
            round_id=self.plan.round.id,
            variant=rounds.ONLY_VARIANT,
            number=values.pop("epoch"),
            **values,
        )
        with storing(self.context, self.part) as session:
            rounds.store_epoch(session, epoch)

    def checkpoint(self, data: bytes, epoch: int) -> None:
        digest = self.context.blobs.put(data)
        with storing(self.context, self.part) as session:
            outdated = rounds.store_checkpoint(session, self.plan.round.id, epoch, digest)
        self._remove(outdated)

    def model(self, trained: "Trained") -> None:
        metrics = {
            "validation_dice": trained.best_dice,
            "best_epoch": trained.best_epoch,
            "epochs": trained.epochs,
        }
        weights_digest = self.context.blobs.put(trained.weights)
        card = _card(self.plan, metrics, weights_digest)
        card_digest = self.context.blobs.put(json.dumps(card, indent=2).encode())
        with storing(self.context, self.part) as session:
            model = TrainedModel(
                round_id=self.plan.round.id,
                variant=rounds.ONLY_VARIANT,
                weights_digest=weights_digest,
                card_digest=card_digest,
                metrics=metrics,
                created_at=now(session),
            )
            rounds.store_model(session, model)
            outdated = rounds.drop_checkpoint(session, self.plan.round.id)
        self._remove(outdated)

    def _remove(self, outdated: str | None) -> None:
        if outdated is not None:
            self.context.blobs.remove(outdated)


def run(context: Context, part: ClaimedPart, on_progress: OnProgress) -> None:
    from ml.train import train  # torch takes seconds to load, and most parts need none

    plan = _plan(context, part.payload["round_id"])
    if plan is None:
        return
    keeper = RoundKeeper(context, part, plan)
    training, validation = _gather_both(context, plan, on_progress)
    trained = train(
        plan.config,
        training,
        validation,
        start=context.blobs.read(plan.start.weights_digest) if plan.start is not None else None,
        resume=context.blobs.read(plan.resume) if plan.resume is not None else None,
        on_epoch=keeper.epoch,
        on_checkpoint=keeper.checkpoint,
        on_progress=on_progress,
    )
    keeper.model(trained)


def _plan(context: Context, round_id: int) -> Plan | None:
    """What is to be done, or nothing if the model was stored before the worker died."""
    with context.db.reading() as session:
        if rounds.model_of(session, round_id) is not None:
            return None
        round_ = session.get_one(Round, round_id)
        checkpoint = rounds.find_checkpoint(session, round_id)
        return Plan(
            round=round_,
            config=TrainingConfig.from_json(round_.config),
            labels=rounds.frozen_labels(session, round_id),
            start=session.get(TrainedModel, round_.start_model_id or 0),
            resume=checkpoint.digest if checkpoint is not None else None,
        )


def _gather_both(context: Context, plan: Plan, on_progress: OnProgress) -> tuple[Squares, Squares]:
    # The files lose their names at once but live as long as they are mapped, so that a worker
    # that is killed leaves none behind.
    with tempfile.TemporaryDirectory(dir=context.settings.data, prefix="training-") as folder:
        training, validation = (
            _gather(context, Path(folder) / split, plan.of(split), plan.config.side, on_progress)
            for split in (Split.TRAINING, Split.VALIDATION)
        )
    return training, validation


def _gather(
    context: Context,
    file: Path,
    labels: Sequence[FrozenLabel],
    side: int,
    on_progress: OnProgress,
) -> Squares:
    """Letter-box the labels of one side of the split into a file, one after the other."""
    squares = Squares.create(file, len(labels), side)
    for index, label in enumerate(labels):
        on_progress(Progress(f"gather-{label.split}", index, len(labels)))
        pixels = read_png(context.blobs.read(label.crop_digest))
        squares.put(index, pixels, decode_mask(context.blobs.read(label.mask_digest)))
    return squares


def _card(plan: Plan, metrics: Mapping[str, object], weights_digest: str) -> dict[str, object]:
    """What stands beside the weights: how they were made, and from which label versions."""
    return {
        "round": plan.round.number,
        "preset": plan.round.preset,
        "config": asdict(plan.config),
        "start_weights_sha256": plan.start.weights_digest if plan.start is not None else None,
        "metrics": metrics,
        "weights_sha256": weights_digest,
        "label_versions": {
            split.value: [
                {"id": label.version_id, "mask_sha256": label.mask_digest}
                for label in plan.of(split)
            ]
            for split in Split
        },
    }
