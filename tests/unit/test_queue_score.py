"""The queue's formula, by examples."""

import pytest

from app.domain.queue import Why
from app.services import queue_score
from app.services.queue_score import Signals, Weights

EVEN = Weights(uncertainty=1, shortage=1, disagreement=1, lot=1)


@pytest.mark.parametrize(
    ("signals", "weights", "score", "why"),
    [
        (Signals(lot=0.8), EVEN, 0.2, Why.LOT),
        (Signals(lot=0, uncertainty=0.6), EVEN, 0.15, Why.UNCERTAIN),
        (Signals(lot=0.1, uncertainty=0.1, disagreement=0.6), EVEN, 0.2, Why.DISAGREEMENT),
        (Signals(lot=0.3, uncertainty=0.1, shortage=0.8), EVEN, 0.3, Why.SHORTAGE),
        (Signals(lot=0.1, uncertainty=0.3, in_benchmark=True), EVEN, 1.1, Why.BENCHMARK),
        (
            Signals(lot=0.9, uncertainty=0.2, disagreement=0.9, shortage=0.9),
            Weights(uncertainty=2, shortage=0, disagreement=0, lot=0),
            0.2,
            Why.UNCERTAIN,
        ),
    ],
    ids=["lot", "edge", "models", "stratum", "benchmark", "weights"],
)
def test_a_score_is_the_weighted_mean_of_its_signals(
    signals: Signals, weights: Weights, score: float, why: Why
) -> None:
    assert queue_score.score(signals, weights) == pytest.approx(score)
    assert next(iter(queue_score.shares(signals, weights))) is why


def test_any_member_of_the_benchmark_comes_before_any_other() -> None:
    best = Signals(lot=1, uncertainty=1, disagreement=1, shortage=1)
    worst = Signals(lot=0, uncertainty=0, in_benchmark=True)
    assert queue_score.score(worst, EVEN) >= queue_score.score(best, EVEN)


def test_strata_share_what_is_still_to_be_labelled_by_their_sizes() -> None:
    quotas = queue_score.quotas({1: 300, 2: 100}, labels=20)
    assert quotas == {1: 90, 2: 30}
    assert queue_score.shortage(labels=0, before=0, quota=30) == 1
    assert queue_score.shortage(labels=10, before=5, quota=30) == 0.5
    assert queue_score.shortage(labels=50, before=0, quota=30) == 0


def test_lots_are_the_same_for_a_seed_and_spread_evenly() -> None:
    lots = sorted(queue_score.lot(7, number) for number in range(1000))
    assert lots == sorted(queue_score.lot(7, number) for number in range(1000))
    assert queue_score.lot(7, 1) != queue_score.lot(8, 1)
    assert max(abs(lot - place / 1000) for place, lot in enumerate(lots)) < 0.06
