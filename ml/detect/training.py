"""Training a small YOLO of our own on photographs whose boxes are known."""

import math
import os
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass

import numpy as np

from ml.detect.augment import Photograph, random_square
from ml.detect.examples import Example, SmallPhotographs
from ml.detect.export import to_onnx
from ml.detect.learner import DetectorLearner
from ml.detector_config import DetectorConfig
from ml.errors import NotEnoughLabels
from ml.progress import OnProgress, Progress, silent
from ml.training.epochs import Diverged

__all__ = ["DetectorConfig", "DetectorReport", "Example", "TrainedNetwork", "train_detector"]

MIN_PHOTOGRAPHS = 4
KEPT_SIDE = 1.5
"""Photographs are kept at so many times the side of the squares, as some are shown enlarged."""


@dataclass(frozen=True)
class DetectorReport:
    """How a training stands.

    Args:
        step: counted from 1.
        photographs: how many random squares it has learned from.
        loss: mean since the last report.
        mean_iou, share_good, share_whole: on the validation photographs, as in
            ``ml.detect.figures.Figures``; the surest box of each, and only of those with one
            specimen.
        seconds: of processor time that learning took, all threads together, from this start on.
    """

    step: int
    photographs: int
    loss: float
    mean_iou: float
    share_good: float
    share_whole: float
    seconds: float


@dataclass(frozen=True)
class TrainedNetwork:
    """What training brought.

    Args:
        onnx: the network for ``ml.detect.yolo.YoloDetector``.
        weights: safetensors, to begin another training with.
        metrics: those of the last report.
    """

    onnx: bytes
    weights: bytes
    metrics: dict[str, float]


def train_detector(
    training: Sequence[Example],
    validation: Sequence[Example],
    config: DetectorConfig,
    *,
    start: bytes | None = None,
    resume: bytes | None = None,
    on_report: Callable[[DetectorReport], None] = lambda _report: None,
    on_checkpoint: Callable[[bytes, int], None] = lambda _checkpoint, _step: None,
    on_progress: OnProgress = silent,
) -> TrainedNetwork:
    """Train the small YOLO and return the moving average of its weights.

    The same seed, photographs, device and number of threads give the same weights; so does going
    on from any checkpoint with the arguments that it was made with.

    Args:
        config: how to train.
        training: photographs to learn from, each read once. Ruler, card and labels are learned
            as background from photographs that have them.
        validation: photographs to measure on; none of them in ``training``.
        start: weights of an earlier training of the same width, as safetensors bytes.
        resume: a checkpoint to go on from.
        on_report: called ``config.validations`` times.
        on_checkpoint: called then with bytes to go on from and the step; the last are enough.
        on_progress: called after each photograph read and each step; it may raise to end it.

    Raises:
        NotEnoughLabels: fewer than 4 training photographs that can be read.
        UnusableWeights: ``start`` or ``resume`` belong to another network.
        Diverged: the loss is no number any more.
    """
    _refuse_few(len(training))
    learner = DetectorLearner(config, start)
    if resume is not None:
        learner.resume(resume)
    kept = round(config.side * KEPT_SIDE)
    seen = SmallPhotographs(training, kept, on_progress)
    _refuse_few(len(seen))
    unseen = SmallPhotographs(validation, kept, on_progress)
    metrics: dict[str, float] = {}
    for report in _reports(learner, seen, unseen, on_progress):
        metrics = asdict(report)
        on_report(report)
        on_checkpoint(learner.checkpoint(), learner.step)
    return TrainedNetwork(to_onnx(learner.average.cpu(), config.side), learner.weights(), metrics)


def _refuse_few(count: int) -> None:
    if count < MIN_PHOTOGRAPHS:
        raise NotEnoughLabels(
            "Training a detector needs at least {least} photographs with boxes that can be read,"
            " but there are {count}. Check more boxes first.",
            least=MIN_PHOTOGRAPHS,
            count=count,
        )


def _reports(
    learner: DetectorLearner,
    training: SmallPhotographs,
    validation: SmallPhotographs,
    on_progress: OnProgress,
) -> Iterator[DetectorReport]:
    config, seconds, losses = learner.config, 0.0, []
    every = max(1, config.steps // max(1, config.validations))
    with ThreadPoolExecutor(min(8, os.cpu_count() or 1)) as pool:
        ahead = _Batches(training, config, pool, learner.step)
        while learner.step < config.steps:
            began = time.process_time()
            losses.append(learner.learn(ahead.next()))
            seconds += time.process_time() - began
            on_progress(Progress("train", learner.step, config.steps))
            if learner.step % every == 0 or learner.step == config.steps:
                loss = _mean(losses, learner.step)
                measured = learner.measure(validation[i] for i in range(len(validation)))
                yield DetectorReport(
                    learner.step,
                    learner.step * config.batch,
                    loss,
                    measured.mean_iou,
                    measured.share_good,
                    measured.share_whole,
                    seconds,
                )
                losses = []


def _mean(losses: list[float], step: int) -> float:
    mean = sum(losses) / len(losses)
    if not math.isfinite(mean):
        raise Diverged(
            "The training went astray before step {step}: its loss is no number any more. "
            "Start again with a lower learning rate.",
            step=step,
        )
    return mean


class _Batches:
    """Random squares, drawn one step ahead of where they are needed."""

    def __init__(
        self, photographs: SmallPhotographs, config: DetectorConfig, pool: ThreadPoolExecutor,
        step: int,
    ) -> None:  # fmt: skip
        self._photographs, self._config, self._pool, self._step = photographs, config, pool, step
        self._coming = self._drawn()

    def next(self) -> list[Photograph]:
        batch = list(self._coming)
        self._step += 1
        self._coming = self._drawn()
        return batch

    def _drawn(self) -> Iterator[Photograph]:
        step = self._step
        return self._pool.map(lambda place: self._square(step, place), range(self._config.batch))

    def _square(self, step: int, place: int) -> Photograph:
        config = self._config
        rng = np.random.default_rng((config.seed, step, place))
        done = step / config.steps
        calm = done >= 1 - config.plain
        return random_square(
            lambda chance: self._photographs[int(chance.integers(len(self._photographs)))],
            config.side,
            rng,
            mosaic=0.0 if calm else config.mosaic,
            calm=calm,
            colour=config.colour * (0.5 if calm else 1.0),
        )
