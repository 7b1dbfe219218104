import numpy as np
import pytest
import scipy.stats

from ml.metrics import intervals
from ml.metrics.intervals import Interval, bootstrap_mean, paired


def test_the_interval_is_that_of_scipy() -> None:
    values = np.random.default_rng(0).beta(9, 1, 200)
    expected = scipy.stats.bootstrap(
        (values,), np.mean, method="percentile", n_resamples=5000, rng=np.random.default_rng(1)
    ).confidence_interval
    found = bootstrap_mean(values)
    assert found.mean == pytest.approx(values.mean())
    assert (found.low, found.high) == pytest.approx((expected.low, expected.high), abs=2e-3)


def test_it_holds_the_true_mean_about_95_times_of_100() -> None:
    rng = np.random.default_rng(0)
    intervals = [bootstrap_mean(rng.normal(0.9, 0.05, 60), seed) for seed in range(200)]
    assert 0.9 < np.mean([each.low < 0.9 < each.high for each in intervals]) < 0.99


def test_the_same_seed_gives_the_same_interval() -> None:
    values = np.random.default_rng(0).random(50)
    assert bootstrap_mean(values, 4) == bootstrap_mean(values, 4) != bootstrap_mean(values, 5)


def test_one_value_is_its_own_interval() -> None:
    assert bootstrap_mean([0.5]) == Interval(0.5, 0.5, 0.5)


def test_the_p_value_is_that_of_scipys_permutation_test() -> None:
    rng = np.random.default_rng(2)
    second = rng.random(40)
    first = second + rng.normal(0.02, 0.06, 40)
    expected = scipy.stats.permutation_test(
        (first, second), lambda a, b, axis: np.mean(a - b, axis), permutation_type="samples",
        vectorized=True, n_resamples=9999, rng=np.random.default_rng(3),
    ).pvalue  # fmt: skip
    found = paired(first, second)
    assert found.p_value == pytest.approx(expected, abs=0.015)
    assert found.difference.mean == pytest.approx(np.mean(first - second))


def test_chance_is_called_chance_and_a_gain_everywhere_is_not() -> None:
    rng = np.random.default_rng(3)
    values = rng.random(100)
    assert paired(values, values).p_value == 1
    assert paired(values, rng.permutation(values)).p_value > 0.05
    better = paired(values + rng.normal(0.01, 0.01, 100), values)
    assert better.p_value < 0.001
    assert better.difference.low > 0


def test_what_cannot_be_measured_is_refused() -> None:
    with pytest.raises(ValueError, match="no values"):
        bootstrap_mean([])
    with pytest.raises(ValueError, match="no pairs"):
        paired([1.0], [1.0, 2.0])


@pytest.mark.parametrize("gain", [0.0, 0.004])
def test_many_values_are_reckoned_as_resampling_would(
    gain: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    rng = np.random.default_rng(4)
    second = rng.beta(20, 1, 1200)
    first = second + rng.normal(gain, 0.05, 1200)
    reckoned = paired(first, second)
    monkeypatch.setattr(intervals, "MANY", 2000)
    tried = paired(first, second)
    assert reckoned.p_value == pytest.approx(tried.p_value, abs=0.01)
    assert reckoned.difference.low == pytest.approx(tried.difference.low, abs=3e-4)
    assert reckoned.difference.high == pytest.approx(tried.difference.high, abs=3e-4)


def test_many_equal_pairs_are_alike() -> None:
    values = np.random.default_rng(5).random(1500)
    assert paired(values, values).p_value == 1
