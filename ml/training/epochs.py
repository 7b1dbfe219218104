"""The course of a training, epoch after epoch, and what it tells of itself."""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from time import perf_counter

import numpy as np
import torch
from torch import Generator, Tensor

from ml.checkpoints import Weights
from ml.config import TrainingConfig
from ml.errors import BadInput
from ml.imaging.arrays import Pixels
from ml.networks.device import device_name
from ml.progress import OnProgress, Progress, silent
from ml.squares import Groups, Squares
from ml.training.calibration import fit_temperature, join
from ml.training.learner import ALONE, Learner
from ml.training.resuming import checkpoint, resume
from ml.training.sampling import epoch_batches
from ml.training.sheet import contact_sheet
from ml.training.team import Team
from ml.training.transfer import draw_lenders

SQUARES_AT_ONCE = 16
"""Through the network, where nothing is learned."""
CALIBRATED_SQUARES, CALIBRATED_PIXELS = 512, 4096
"""At most so many validation squares, and pixels of each, decide the temperature."""
SHOWN = 8
"""Training squares in a contact sheet."""


class Diverged(BadInput):
    """The loss is no number any more."""


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
        pictures: that were learned from, each as often as it was drawn.
        device: what it was trained on, as ``ml.networks.device.device_name`` calls it.
    """

    epoch: int
    train_loss: float
    validation_loss: float
    validation_dice: float
    learning_rate: float
    seconds: float
    pictures: int = 0
    device: str = ""


@dataclass(frozen=True)
class Trained:
    """What training brought.

    Args:
        weights: of the epoch that validated best, as safetensors bytes with their network's
            shape; all that ``ml.prediction.predictor.Predictor`` needs.
        best_epoch: which one that was, counted from 1.
        best_dice: its mean validation Dice, 0…1.
        epochs: how many there were.
        temperature: what its scores are divided by, from the validation squares.
    """

    weights: bytes
    best_epoch: int
    best_dice: float
    epochs: int
    temperature: float


@dataclass(frozen=True)
class Listeners:
    """Whom a training tells what it brings; each may raise to end it.

    Args:
        on_epoch: called after each epoch.
        on_checkpoint: called then with bytes to go on from and the epoch.
        on_sheet: called with a contact sheet and the epoch, every so many epochs.
        on_progress: called after each step.
    """

    on_epoch: Callable[[EpochReport], None] = lambda _report: None
    on_checkpoint: Callable[[bytes, int], None] = lambda _checkpoint, _epoch: None
    on_sheet: Callable[[Pixels, int], None] = lambda _sheet, _epoch: None
    on_progress: OnProgress = silent


@dataclass(frozen=True)
class Material:
    """What a training is made of.

    Args:
        config: the network and how to train it.
        training: squares to learn from.
        validation: squares to choose the best epoch by.
        groups: what is known of the training squares.
        start: weights to begin with, instead of random ones.
        resume: checkpoint to go on from.
    """

    config: TrainingConfig
    training: Squares
    validation: Squares
    groups: Groups
    start: bytes | None
    resume: bytes | None


def learn(material: Material, listeners: Listeners, team: Team = ALONE) -> Trained | None:
    """Train until it is over; only the first of a team has listeners, and returns what came of it.

    Raises:
        UnusableWeights: ``start`` or ``resume`` belong to another network.
        Diverged: the loss is no number any more.
    """
    learner = Learner(material.config, material.start, team)
    if material.resume is not None:
        resume(learner, material.resume)
    while not learner.finished:
        report = _epoch(learner, material, listeners.on_progress)
        if team.rank == 0:
            listeners.on_epoch(report)
            _show(learner, material, listeners)
            listeners.on_checkpoint(checkpoint(learner), learner.epoch)
    return _trained(learner, material.validation) if team.rank == 0 else None


def _epoch(learner: Learner, material: Material, on_progress: OnProgress) -> EpochReport:
    began = perf_counter()
    train_loss, pictures = _learn(learner, material, on_progress)
    first = learner.team.rank == 0
    measured = _validate(learner, material.validation) if first else (0.0, 0.0)
    validation_loss, dice = learner.team.from_first(*measured)
    rate = learner.rate.now  # the end of the epoch may lower it
    learner.end_epoch(dice)
    seconds = perf_counter() - began
    return EpochReport(
        learner.epoch,
        train_loss,
        validation_loss,
        dice,
        rate,
        seconds,
        pictures,
        device_name(learner.device, learner.team.size),
    )


def _learn(learner: Learner, material: Material, on_progress: OnProgress) -> tuple[float, int]:
    config = learner.config
    batches = epoch_batches(
        material.groups,
        config.sampling,
        batch=config.batch * config.accumulate,
        least_steps=config.steps_per_epoch,
        generator=learner.orders,
    )
    learner.begin_epoch()
    steps, losses = len(batches), torch.zeros((), device=learner.device)
    for step, indices in enumerate(batches, start=1):
        learner.rate.before_step(learner.epoch + step / steps)
        losses += learner.step(*_lit(material, learner.team.share(indices), learner.changes))
        note = f"epoch {learner.epoch + 1} of {config.epochs}"
        done = learner.epoch * steps + step
        on_progress(Progress("train", done, config.epochs * steps, note))
    loss = learner.team.mean(losses / steps)
    if not math.isfinite(loss):
        raise Diverged(
            "The training went astray in epoch {epoch}: its loss is no number any more. "
            "Start again with a lower learning rate.",
            epoch=learner.epoch + 1,
        )
    return loss, batches.numel()


def _validate(learner: Learner, validation: Squares) -> tuple[float, float]:
    losses, dices = [], []
    for squares in _in_turn(validation, len(validation)):
        loss, dice = learner.validate(squares)
        losses.append(loss * len(squares))
        dices.extend(dice.tolist())
    return sum(losses) / len(validation), float(np.mean(dices))


def best_so_far(config: TrainingConfig, validation: Squares, checkpoint_: bytes) -> Trained:
    """Return what a training would that had ended with this checkpoint.

    Args:
        config: of that training.
        validation: its validation squares.
        checkpoint_: bytes that it gave to go on from.

    Raises:
        UnusableWeights: the checkpoint belongs to another network.
    """
    learner = Learner(config, None)
    resume(learner, checkpoint_)
    return _trained(learner, validation)


def _trained(learner: Learner, validation: Squares) -> Trained:
    learner.become_best()
    pixels = [
        learner.pixels(squares, CALIBRATED_PIXELS)
        for squares in _in_turn(validation, CALIBRATED_SQUARES)
    ]
    temperature = fit_temperature(*join(pixels))
    config, metrics = learner.config, {"validation_dice": learner.best_dice}
    weights = Weights(
        config.network, config.side, learner.best, temperature, config, metrics
    ).to_bytes()
    return Trained(weights, learner.best_epoch, learner.best_dice, learner.epoch, temperature)


def _show(learner: Learner, material: Material, listeners: Listeners) -> None:
    every = learner.config.sheet_every
    if not every or learner.epoch % every:
        return
    # Not from the training's own randomness, which goes on as if nobody had looked.
    drawn = Generator().manual_seed(learner.config.seed + learner.epoch)
    squares, lenders = _lit(material, _spread(len(material.training), SHOWN), drawn)
    listeners.on_sheet(contact_sheet(*learner.look(squares, lenders, drawn)), learner.epoch)


def _lit(material: Material, indices: Tensor, generator: Generator) -> tuple[Tensor, Tensor | None]:
    """Return training squares, and those that lend them their light if any shall."""
    squares, chance = material.training, material.config.augmentation.transfer
    if not chance:
        return _squares(squares, indices), None
    lenders = draw_lenders(material.groups, indices.numpy(), chance, generator)
    return _squares(squares, indices), _squares(squares, torch.from_numpy(lenders))


def _in_turn(squares: Squares, most: int) -> Iterator[Tensor]:
    """Go through at most so many squares, evenly spread, a few at a time."""
    for indices in torch.split(_spread(len(squares), most), SQUARES_AT_ONCE):
        yield _squares(squares, indices)


def _spread(count: int, most: int) -> Tensor:
    """Return at most so many of ``count`` numbers, evenly spread."""
    return torch.arange(0, count, -(-count // most))


def _squares(squares: Squares, indices: Tensor) -> Tensor:
    return torch.from_numpy(squares.batch(indices.numpy()))
