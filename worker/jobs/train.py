"""Trains the model of a round on its frozen labels, going on where a killed worker stopped."""

import json
import os
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

if TYPE_CHECKING:
    from ml.train import EpochReport, Trained


@dataclass(frozen=True)
class Plan:
    """What a training starts from."""

    config: TrainingConfig
    preset: str
    labels: list[FrozenLabel]
    start: bytes | None
    resume: bytes | None


@dataclass(frozen=True)
class RoundKeeper:
    """Writes what a training brings as it goes, each piece in a transaction of its own."""

    context: Context
    round_id: int

    def epoch(self, report: "EpochReport") -> None:
        values = asdict(report)
        epoch = Epoch(
            round_id=self.round_id,
            variant=rounds.ONLY_VARIANT,
            number=values.pop("epoch"),
            **values,
        )
        with self.context.db.transaction() as session:
            rounds.store_epoch(session, epoch)

    def checkpoint(self, data: bytes, epoch: int) -> None:
        digest = self.context.blobs.put(data)
        with self.context.db.transaction() as session:
            replaced = rounds.store_checkpoint(session, self.round_id, epoch, digest)
        if replaced is not None:
            self.context.blobs.remove(replaced)

    def model(self, plan: Plan, trained: "Trained") -> None:
        metrics = {
            "validation_dice": trained.best_dice,
            "best_epoch": trained.best_epoch,
            "epochs": trained.epochs,
        }
        weights_digest = self.context.blobs.put(trained.weights)
        card = _card(plan, metrics, weights_digest)
        card_digest = self.context.blobs.put(json.dumps(card, indent=2).encode())
        with self.context.db.transaction() as session:
            model = TrainedModel(
                round_id=self.round_id,
                variant=rounds.ONLY_VARIANT,
                weights_digest=weights_digest,
                card_digest=card_digest,
                metrics=metrics,
                created_at=now(session),
            )
            checkpoint = rounds.find_checkpoint(session, self.round_id)
            rounds.store_model(session, model)
        if checkpoint is not None:
            self.context.blobs.remove(checkpoint.digest)


def run(context: Context, part: ClaimedPart, on_progress: OnProgress) -> None:
    import torch  # takes seconds to load, and most parts need none

    from ml.train import train

    torch.set_num_threads(os.cpu_count() or 1)
    round_id: int = part.payload["round_id"]
    plan, keeper = _plan(context, round_id), RoundKeeper(context, round_id)
    with tempfile.TemporaryDirectory(prefix="mothmask-") as folder:
        trained = train(
            plan.config,
            _gather(context, Path(folder), plan, Split.TRAINING, on_progress),
            _gather(context, Path(folder), plan, Split.VALIDATION, on_progress),
            start=plan.start,
            resume=plan.resume,
            on_epoch=keeper.epoch,
            on_checkpoint=keeper.checkpoint,
            on_progress=on_progress,
        )
    keeper.model(plan, trained)


def _plan(context: Context, round_id: int) -> Plan:
    with context.db.reading() as session:
        round_ = session.get_one(Round, round_id)
        labels = rounds.frozen_labels(session, round_id)
        start = session.get(TrainedModel, round_.start_model_id or 0)
        checkpoint = rounds.find_checkpoint(session, round_id)
    return Plan(
        config=TrainingConfig.from_json(round_.config),
        preset=round_.preset,
        labels=labels,
        start=context.blobs.read(start.weights_digest) if start is not None else None,
        resume=context.blobs.read(checkpoint.digest) if checkpoint is not None else None,
    )


def _gather(
    context: Context, folder: Path, plan: Plan, split: Split, on_progress: OnProgress
) -> Squares:
    """Letter-box the labels of one side of the split into a file, one after the other."""
    labels: Sequence[FrozenLabel] = [label for label in plan.labels if label.split is split]
    squares = Squares.create(folder / f"{split}.npy", len(labels), plan.config.side)
    for index, label in enumerate(labels):
        on_progress(Progress(f"gather-{split}", index, len(labels)))
        pixels = read_png(context.blobs.read(label.crop_digest))
        squares.put(index, pixels, decode_mask(context.blobs.read(label.mask_digest)))
    return squares


def _card(plan: Plan, metrics: Mapping[str, float], weights_digest: str) -> dict[str, object]:
    """What stands beside the weights: how they were made, and from which label versions."""
    return {
        "preset": plan.preset,
        "config": asdict(plan.config),
        "metrics": metrics,
        "weights_sha256": weights_digest,
        "label_versions": {
            split.value: [label.version_id for label in plan.labels if label.split is split]
            for split in Split
        },
    }
