"""Trains the model of a round on its frozen labels, going on where a killed worker stopped."""

import json
import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from app.db import now
from app.domain.rounds import Checkpoint, ContactSheet, Epoch, Round, TrainedModel
from app.domain.specimens import Split
from app.services import round_keeping, rounds
from app.services.jobs import ClaimedPart
from app.services.rounds import FrozenLabel
from ml.config import TrainingConfig
from ml.imaging.arrays import Pixels
from ml.imaging.letterbox import band_colour
from ml.imaging.masks import decode_mask
from ml.imaging.png import encode_png, read_png
from ml.progress import OnProgress, Progress
from ml.squares import Groups, Squares
from worker.context import Context
from worker.holding import storing

if TYPE_CHECKING:
    from ml.training.curves import Curves
    from ml.training.train import EpochReport, Trained


@dataclass(frozen=True)
class Plan:
    """What a training starts from."""

    round: Round
    config: TrainingConfig
    labels: Sequence[FrozenLabel]
    start: TrainedModel | None
    resume: Checkpoint | None

    @property
    def variant(self) -> str:
        """How training pictures are drawn; more ways of drawing make more variants of a round."""
        return self.config.sampling.draw

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


@dataclass(frozen=True)
class RoundKeeper:
    """Writes what a training brings as it goes, each piece in a transaction of its own."""

    context: Context
    part: ClaimedPart
    plan: Plan
    curves: "Curves"

    def epoch(self, report: "EpochReport") -> None:
        values = asdict(report)
        epoch = Epoch(
            round_id=self.plan.round.id,
            variant=self.plan.variant,
            number=values.pop("epoch"),
            **values,
        )
        with storing(self.context, self.part) as session:
            round_keeping.store_epoch(session, epoch)
        self.curves.epoch(report)

    def sheet(self, sheet: Pixels, epoch: int) -> None:
        row = ContactSheet(
            round_id=self.plan.round.id,
            variant=self.plan.variant,
            epoch=epoch,
            digest=self.context.blobs.put(encode_png(sheet)),
        )
        with storing(self.context, self.part) as session:
            round_keeping.store_sheet(session, row)
        self.curves.sheet(sheet, epoch)

    def checkpoint(self, data: bytes, epoch: int) -> None:
        checkpoint = Checkpoint(
            round_id=self.plan.round.id,
            variant=self.plan.variant,
            epoch=epoch,
            digest=self.context.blobs.put(data),
        )
        with storing(self.context, self.part) as session:
            outdated = round_keeping.store_checkpoint(session, checkpoint)
        self._remove(outdated)

    def model(self, trained: "Trained") -> None:
        metrics = {
            "validation_dice": trained.best_dice,
            "best_epoch": trained.best_epoch,
            "epochs": trained.epochs,
            "temperature": trained.temperature,
        }
        weights_digest = self.context.blobs.put(trained.weights)
        card = _card(self.plan, metrics, weights_digest)
        card_digest = self.context.blobs.put(json.dumps(card, indent=2).encode())
        with storing(self.context, self.part) as session:
            model = TrainedModel(
                round_id=self.plan.round.id,
                variant=self.plan.variant,
                weights_digest=weights_digest,
                card_digest=card_digest,
                metrics=metrics,
                created_at=now(session),
            )
            round_keeping.store_model(session, model)
            outdated = round_keeping.drop_checkpoint(session, self.plan.round.id)
        self._remove(outdated)

    def _remove(self, outdated: str | None) -> None:
        if outdated is not None:
            self.context.blobs.remove(outdated)


def run(context: Context, part: ClaimedPart, on_progress: OnProgress) -> None:
    # torch takes seconds to load, and most parts need none
    from ml.training.curves import Curves
    from ml.training.train import train

    plan = _plan(context, part.payload["round_id"])
    if plan is None:
        return
    start, resume = plan.start, plan.resume
    logs = context.settings.tensorboard_folder / f"round-{plan.round.number}"
    with (
        _gathered(context, plan, on_progress) as (training, validation),
        Curves(logs, plan.config, done=resume.epoch if resume is not None else 0) as curves,
    ):
        keeper = RoundKeeper(context, part, plan, curves)
        trained = train(
            plan.config,
            training,
            validation,
            groups=plan.groups,
            start=context.blobs.read(start.weights_digest) if start is not None else None,
            resume=context.blobs.read(resume.digest) if resume is not None else None,
            on_epoch=keeper.epoch,
            on_checkpoint=keeper.checkpoint,
            on_sheet=keeper.sheet,
            on_progress=on_progress,
        )
        keeper.model(trained)


def _plan(context: Context, round_id: int) -> Plan | None:
    """What is to be done, or nothing if the model was stored before the worker died."""
    with context.db.reading() as session:
        if rounds.model_of(session, round_id) is not None:
            return None
        round_ = session.get_one(Round, round_id)
        return Plan(
            round=round_,
            config=TrainingConfig.from_json(round_.config),
            labels=rounds.frozen_labels(session, round_id),
            start=session.get(TrainedModel, round_.start_model_id or 0),
            resume=round_keeping.find_checkpoint(session, round_id),
        )


@contextmanager
def _gathered(
    context: Context, plan: Plan, on_progress: OnProgress
) -> Iterator[tuple[Squares, Squares]]:
    """Training and validation squares, in files that are there as long as they are needed."""
    for left in context.settings.data.glob("training-*"):  # by a worker that was killed
        shutil.rmtree(left, ignore_errors=True)
    with tempfile.TemporaryDirectory(dir=context.settings.data, prefix="training-") as folder:
        training, validation = (
            _gather(context, Path(folder) / split, plan.of(split), plan.config.side, on_progress)
            for split in (Split.TRAINING, Split.VALIDATION)
        )
        yield training, validation


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
        mask = decode_mask(context.blobs.read(label.mask_digest))
        squares.put(index, pixels, mask, band_colour(label.padding, pixels))
    return squares


def _card(plan: Plan, metrics: Mapping[str, object], weights_digest: str) -> dict[str, object]:
    """What stands beside the weights: how they were made, and from which label versions."""
    return {
        "round": plan.round.number,
        "preset": plan.round.preset,
        "config": asdict(plan.config),
        "hard_tags": plan.round.hard_tags,
        "start_weights_sha256": plan.start.weights_digest if plan.start is not None else None,
        "metrics": metrics,
        "weights_sha256": weights_digest,
        "label_versions": {
            split.value: [
                {
                    "id": label.version_id,
                    "mask_sha256": label.mask_digest,
                    "hard": label.hard,
                    "stratum": label.stratum,
                }
                for label in plan.of(split)
            ]
            for split in Split
        },
    }
