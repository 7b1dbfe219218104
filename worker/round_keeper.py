"""Writes what a training brings as it goes, each piece in a transaction of its own."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy.orm import Session

from app.blobs import digest_of
from app.db import now
from app.domain.rounds import Checkpoint, ContactSheet, Epoch, TrainedModel
from app.domain.specimens import Split
from app.services import jobs, loose_blobs, round_keeping, round_orders
from app.services.jobs import ClaimedPart
from ml.imaging.arrays import Pixels
from ml.imaging.png import encode_png
from worker.context import Context
from worker.holding import storing
from worker.training_plan import Plan

if TYPE_CHECKING:
    from ml.training.train import EpochReport, Trained


class Enough(Exception):
    """Somebody asked for the best so far; carries the checkpoint of the epoch that just ended."""

    def __init__(self, checkpoint: bytes) -> None:
        super().__init__()
        self.checkpoint = checkpoint


@dataclass
class RoundKeeper:
    context: Context
    part: ClaimedPart
    plan: Plan
    best_dice: float = -1.0

    def say(self, template: str, **values: object) -> None:
        with storing(self.context, self.part) as session:
            self._say(session, template, **values)

    def epoch(self, report: "EpochReport") -> None:
        values = asdict(report)
        number = values.pop("epoch")
        epoch = Epoch(**self._mine, number=number, **values)
        is_best = report.validation_dice > self.best_dice
        self.best_dice = max(self.best_dice, report.validation_dice)
        with storing(self.context, self.part) as session:
            round_keeping.store_epoch(session, epoch)
            self._say(
                session,
                EPOCH_BEST if is_best else EPOCH,
                number=number,
                loss=round(report.train_loss, 4),
                validation=round(report.validation_loss, 4),
                dice=round(report.validation_dice, 4),
                seconds=round(report.seconds, 1),
            )

    def sheet(self, sheet: Pixels, epoch: int) -> None:
        with self._keeping(encode_png(sheet)) as (session, digest):
            row = ContactSheet(**self._mine, epoch=epoch, digest=digest)
            round_keeping.store_sheet(session, row)

    def checkpoint(self, data: bytes, epoch: int) -> None:
        with self._keeping(data) as (session, digest):
            checkpoint = Checkpoint(**self._mine, epoch=epoch, digest=digest)
            outdated = round_keeping.store_checkpoint(session, checkpoint)
            jobs.got_further(session, self.part)
            enough = round_orders.is_enough(session, self.plan.round.id, self.plan.variant)
        self._remove(outdated)
        if enough:
            raise Enough(data)

    def model(self, trained: "Trained") -> None:
        metrics = {
            "validation_dice": trained.best_dice,
            "best_epoch": trained.best_epoch,
            "epochs": trained.epochs,
            "temperature": trained.temperature,
        }
        weights_digest = self._put(trained.weights)
        card = json.dumps(_card(self.plan, metrics, weights_digest), indent=2).encode()
        with self._keeping(card) as (session, card_digest):
            model = TrainedModel(
                **self._mine,
                weights_digest=weights_digest,
                card_digest=card_digest,
                metrics=metrics,
                created_at=now(session),
            )
            round_keeping.store_model(session, model)
            loose_blobs.named(session, self.context.blobs, weights_digest, trained.weights)
            outdated = round_keeping.drop_checkpoint(session, self.plan.round.id, self.plan.variant)
            self._say(session, MADE, id=model.id, epoch=trained.best_epoch)
        self._remove(outdated)

    @property
    def _mine(self) -> dict[str, Any]:
        return {"round_id": self.plan.round.id, "variant": self.plan.variant}

    def _say(self, session: Session, template: str, **values: object) -> None:
        round_keeping.say(session, self.plan.round.id, self.plan.variant, template, **values)

    def _put(self, data: bytes) -> str:
        """Store bytes that no row names yet; see `loose_blobs`."""
        with storing(self.context, self.part) as session:
            loose_blobs.note(session, digest_of((data,)))
        return self.context.blobs.put(data)

    @contextmanager
    def _keeping(self, data: bytes) -> Iterator[tuple[Session, str]]:
        """A transaction in which a row shall name these bytes."""
        digest = self._put(data)
        with storing(self.context, self.part) as session:
            yield session, digest
            loose_blobs.named(session, self.context.blobs, digest, data)

    def _remove(self, outdated: str | None) -> None:
        if outdated is not None:
            loose_blobs.remove(self.context.db, self.context.blobs, outdated)


EPOCH = (
    "Epoch {number}: loss {loss}, on validation {validation}; validation Dice {dice}; {seconds} s."
)
EPOCH_BEST = (
    "Epoch {number}: loss {loss}, on validation {validation}; validation Dice {dice}, the best so "
    "far; {seconds} s."
)
MADE = "U-Net {id} is made of epoch {epoch}."


def _card(plan: Plan, metrics: Mapping[str, object], weights_digest: str) -> dict[str, object]:
    """What stands beside the weights: how they were made, and from which label versions."""
    return {
        "round": plan.round.number,
        "variant": plan.variant,
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
