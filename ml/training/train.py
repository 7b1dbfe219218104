"""Training a U-Net on accepted masks."""

from collections.abc import Callable

from ml.config import TrainingConfig
from ml.errors import NotEnoughLabels
from ml.imaging.arrays import Pixels
from ml.presets import MIN_LABELS
from ml.progress import OnProgress, silent
from ml.squares import Groups, Squares
from ml.training.distributed import learn_together, usable_processes
from ml.training.epochs import EpochReport, Listeners, Material, Trained, best_so_far, learn

__all__ = ["EpochReport", "Trained", "best_so_far", "train"]


def train(
    config: TrainingConfig,
    training: Squares,
    validation: Squares,
    *,
    groups: Groups | None = None,
    start: bytes | None = None,
    resume: bytes | None = None,
    on_epoch: Callable[[EpochReport], None] = lambda _report: None,
    on_checkpoint: Callable[[bytes, int], None] = lambda _checkpoint, _epoch: None,
    on_sheet: Callable[[Pixels, int], None] = lambda _sheet, _epoch: None,
    on_progress: OnProgress = silent,
    processes: int | None = None,
) -> Trained:
    """Train until the epochs are over or validation Dice stops rising, and keep the best weights.

    The same seed, labels, device, number of threads and of processes give the same weights; so
    does going on from any checkpoint with the arguments that it was made with.

    Args:
        config: the network and how to train it.
        training: squares to learn from, of the side that ``config`` names.
        validation: squares to choose the best epoch by; none of them in ``training``.
        groups: what is known of the training squares: hard group, stratum, source.
        start: weights of an earlier training of the same network to begin with, as safetensors
            bytes; without them it starts from random ones.
        resume: a checkpoint to go on from.
        on_epoch: called after each epoch.
        on_checkpoint: called then with bytes to go on from and the epoch; the last are enough.
        on_sheet: called with a contact sheet and the epoch, every ``config.sheet_every`` epochs.
        on_progress: called after each step; it may raise to end the training.
        processes: how many train together, each on its share of every batch; without it one for
            each CUDA device, as far as they divide the batch.

    Raises:
        NotEnoughLabels: nothing to learn from or to validate on, or too few squares in all.
        UnusableWeights: ``start`` or ``resume`` belong to another network.
        Diverged: the loss is no number any more.
        ProcessDied: one of several processes ended early.
        ValueError: the squares are not of the side that ``config`` names.
    """
    _check(config, training, validation)
    material = Material(
        config, training, validation, groups or Groups.none(len(training)), start, resume
    )
    listeners = Listeners(on_epoch, on_checkpoint, on_sheet, on_progress)
    together = processes or usable_processes(config)
    if together > 1:
        return learn_together(material, listeners, together)
    trained = learn(material, listeners)
    assert trained is not None  # there is no other process that could have it
    return trained


def _check(config: TrainingConfig, training: Squares, validation: Squares) -> None:
    count = len(training) + len(validation)
    if not len(training) or not len(validation) or count < MIN_LABELS:
        raise NotEnoughLabels(
            "Training needs at least {least} labels, but there are {count}. Accept more first.",
            least=MIN_LABELS,
            count=count,
        )
    if {training.side, validation.side} != {config.side}:
        raise ValueError(f"squares of {training.side} and {validation.side} are not {config.side}")
