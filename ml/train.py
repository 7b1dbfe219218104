"""Training a U-Net on accepted masks."""

from collections.abc import Callable
from dataclasses import dataclass
from time import perf_counter

import numpy as np
import torch

from ml.errors import NotEnoughLabels
from ml.learner import Learner
from ml.presets import MIN_LABELS, TrainingConfig
from ml.progress import OnProgress, Progress, silent
from ml.squares import Squares


@dataclass(frozen=True)
class EpochReport:
    """How an epoch went.

    Args:
        epoch: counted from 1.
        train_loss: mean over the steps, on randomly changed pictures.
        validation_loss: on unchanged ones.
        validation_dice: mean over the validation squares, 0…1.
        learning_rate: of the epoch's last step.
        seconds: that the epoch took, with validation.
    """

    epoch: int
    train_loss: float
    validation_loss: float
    validation_dice: float
    learning_rate: float
    seconds: float


@dataclass(frozen=True)
class Trained:
    """What training brought.

    Args:
        weights: of the epoch that validated best, as safetensors bytes with their network's
            shape; all that ``ml.predict.Predictor`` needs.
        best_epoch: which one that was, counted from 1.
        best_dice: its mean validation Dice, 0…1.
        epochs: how many there were.
    """

    weights: bytes
    best_epoch: int
    best_dice: float
    epochs: int


OnEpoch = Callable[[EpochReport], None]
OnCheckpoint = Callable[[bytes, int], None]


def train(
    config: TrainingConfig,
    training: Squares,
    validation: Squares,
    *,
    start: bytes | None = None,
    resume: bytes | None = None,
    on_epoch: OnEpoch = lambda _report: None,
    on_checkpoint: OnCheckpoint = lambda _checkpoint, _epoch: None,
    on_progress: OnProgress = silent,
) -> Trained:
    """Train until the epochs are over or validation Dice stops rising, and keep the best weights.

    The same seed, labels, device and number of threads give the same weights; so does going on
    from any checkpoint with the arguments that it was made with.

    Args:
        config: the network and how to train it.
        training: squares to learn from, of the side that ``config`` names.
        validation: squares to choose the best epoch by; none of them in ``training``.
        start: weights of an earlier training to begin with; nothing begins from scratch.
        resume: the last checkpoint of the same training that was interrupted.
        on_epoch: called after each epoch.
        on_checkpoint: called after each epoch with safetensors bytes to resume from.
        on_progress: called after each step; what it raises ends the training.

    Raises:
        NotEnoughLabels: fewer than ``MIN_LABELS`` in all, or none to learn or validate with.
        UnusableWeights: ``start`` or ``resume`` belong to another network.
        ValueError: the squares have another side than ``config`` names.
    """
    _check(config, training, validation)
    learner = Learner(config, start)
    if resume is not None:
        learner.resume(resume)
    while not learner.finished:
        report = _epoch(learner, training, validation, on_progress)
        on_epoch(report)
        on_checkpoint(learner.checkpoint(), report.epoch)
    return Trained(learner.best_weights(), learner.best_epoch, learner.best_dice, learner.epoch)


def _check(config: TrainingConfig, training: Squares, validation: Squares) -> None:
    count = len(training) + len(validation)
    if count < MIN_LABELS or not len(training) or not len(validation):
        raise NotEnoughLabels(
            "Training needs at least {least} labels, but there are {count}. Accept more first.",
            least=MIN_LABELS,
            count=count,
        )
    if {training.side, validation.side} != {config.side}:
        raise ValueError(f"squares of {training.side} and {validation.side} are not {config.side}")


def _epoch(
    learner: Learner, training: Squares, validation: Squares, on_progress: OnProgress
) -> EpochReport:
    began = perf_counter()
    train_loss = _learn(learner, training, on_progress)
    validation_loss, dice = _validate(learner, validation)
    learner.end_epoch(dice)
    seconds = perf_counter() - began
    return EpochReport(
        learner.epoch, train_loss, validation_loss, dice, learner.learning_rate, seconds
    )


def _learn(learner: Learner, training: Squares, on_progress: OnProgress) -> float:
    batches, losses = learner.batches(len(training)), []
    steps, epochs = len(batches), learner.config.epochs
    for step, indices in enumerate(batches, start=1):
        learner.warm_up(step / steps)
        losses.append(learner.step(torch.from_numpy(training.batch(indices.numpy()))))
        note = f"epoch {learner.epoch + 1} of {epochs}"
        on_progress(Progress("train", learner.epoch * steps + step, epochs * steps, note))
    return float(np.mean(losses))


def _validate(learner: Learner, validation: Squares) -> tuple[float, float]:
    losses, dices = [], []
    for indices in np.array_split(np.arange(len(validation)), -(-len(validation) // 16)):
        loss, dice = learner.validate(torch.from_numpy(validation.batch(indices)))
        losses.append(loss * len(indices))
        dices.extend(dice.tolist())
    return sum(losses) / len(validation), float(np.mean(dices))
