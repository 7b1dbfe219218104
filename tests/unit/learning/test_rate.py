import math
from dataclasses import replace

import pytest
import torch

from ml.training.optimising import make_optimiser
from ml.training.rate import LearningRate
from tests.unit.learning.ellipses import SMALL

COSINE = replace(SMALL, schedule="cosine", warmup_epochs=2, epochs=10, learning_rate=0.1)


def rate(fresh: bool = True) -> LearningRate:
    weights = [torch.nn.Parameter(torch.zeros(1))]
    return LearningRate(COSINE, make_optimiser(COSINE, weights), fresh=fresh)


@pytest.mark.parametrize(
    ("epochs", "expected"),
    [
        (0.5, 0.025),
        (2, 0.1),
        (4, 0.1 * (0.01 + 0.99 * (1 + math.sqrt(0.5)) / 2)),
        (6, 0.0505),
        (10, 0.001),
    ],
)
def test_it_rises_in_a_line_and_falls_along_a_cosine(epochs: float, expected: float) -> None:
    falling = rate()
    falling.before_step(epochs)
    assert falling.now == pytest.approx(expected)


def test_a_model_gone_on_with_falls_from_the_start() -> None:
    falling = rate(fresh=False)
    falling.before_step(5)
    assert falling.now == pytest.approx(0.0505)


def test_a_cosine_does_not_care_for_plateaus() -> None:
    falling = rate()
    falling.before_step(4)
    before = falling.now
    for epoch in range(4, 10):
        falling.end_epoch(epoch, 0.1)
    assert falling.now == before
