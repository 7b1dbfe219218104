"""Intervals on a common axis: all lie on it, and its numbers are round."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.web.intervals import EDGE, WIDTH, Axis
from ml.metrics.intervals import Interval

SHARES = st.floats(0, 1)


@pytest.mark.parametrize(
    ("intervals", "containing", "labels"),
    [
        ([(0.93, 0.95, 0.97), (0.8, 0.85, 0.99)], 1.0, ["0.80", "0.85", "0.90", "0.95", "1.00"]),
        ([(0.0, 0.4, 0.9)], 1.0, ["0.0", "0.5", "1.0"]),
        ([(-0.004, 0.01, 0.02)], 0.0, ["-0.01", "0.00", "0.01", "0.02"]),
        ([(1.0, 1.0, 1.0)], 1.0, ["0.999", "1.000"]),
        ([], 0.0, ["-0.001", "0.000"]),
    ],
)
def test_the_axis_has_round_numbers(
    intervals: Sequence[tuple[float, float, float]], containing: float, labels: list[str]
) -> None:
    axis = Axis.around([Interval(*each) for each in intervals], containing=containing)
    assert [tick.label for tick in axis.ticks] == labels


@given(st.lists(st.tuples(SHARES, SHARES, SHARES).map(sorted), max_size=5), SHARES)
def test_everything_lies_on_the_axis_in_order(
    intervals: list[list[float]], containing: float
) -> None:
    found = [Interval(*each) for each in intervals]
    axis = Axis.around(found, containing=containing)
    for interval in found:
        at = axis.whisker(interval)
        assert EDGE - 0.1 <= at.low <= at.mean <= at.high <= WIDTH - EDGE + 0.1
    places = [tick.position for tick in axis.ticks]
    assert places == sorted(places)
    assert 2 <= len(places) <= 6
