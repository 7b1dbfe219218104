from dataclasses import replace

import pytest

from ml.training.learner import Learner
from tests.unit.learning.ellipses import SMALL

CONFIG = replace(
    SMALL,
    epochs=8,
    warmup_epochs=0,
    learning_rate=0.01,
    plateau_patience=1,
    plateau_factor=0.1,
    stop_patience=4,
)


@pytest.mark.parametrize(
    ("dices", "rate", "best_epoch", "finished"),
    [
        ([0.1, 0.2, 0.3, 0.4], 0.01, 4, False),
        ([0.5, 0.4], 0.01, 1, False),
        ([0.5, 0.4, 0.4], 0.001, 1, False),
        ([0.5, 0.4, 0.6, 0.5], 0.01, 3, False),
        ([0.5, 0.4, 0.4, 0.4, 0.4], 0.0001, 1, True),
        ([0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8], 0.01, 8, True),
        ([0.0, 0.0], 0.01, 1, False),
    ],
)
def test_validation_dice_steers_rate_best_epoch_and_end(
    dices: list[float], rate: float, best_epoch: int, finished: bool
) -> None:
    learner = Learner(CONFIG, None)
    for dice in dices:
        learner.end_epoch(dice)
    assert learner.rate.now == pytest.approx(rate)
    assert (learner.best_epoch, learner.finished) == (best_epoch, finished)
    assert learner.best_dice == max(dices)
