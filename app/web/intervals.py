"""Means with their intervals as dots and whiskers on one axis, one small picture per table row."""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Self

from app.web.charts import Tick
from ml.metrics.intervals import Interval

WIDTH, EDGE = 180, 20
STEPS = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0)
MOST_STEPS = 4


@dataclass(frozen=True)
class Whisker:
    """Places of an interval on the axis."""

    low: float
    mean: float
    high: float


@dataclass(frozen=True)
class Axis:
    low: float
    high: float
    step: float
    width: int = WIDTH

    @classmethod
    def around(cls, intervals: Iterable[Interval], *, containing: float) -> Self:
        """An axis with round numbers on which all intervals lie, and one number besides."""
        found = list(intervals)
        low = min([containing, *(interval.low for interval in found)])
        high = max([containing, *(interval.high for interval in found)])
        span = high - low
        step = next((step for step in STEPS if span <= MOST_STEPS * step), STEPS[-1])
        steps_below, steps_above = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
        if steps_below == steps_above:
            steps_below -= 1
        return cls(steps_below * step, steps_above * step, step)

    def at(self, value: float) -> float:
        share = (value - self.low) / (self.high - self.low)
        return round(EDGE + (self.width - 2 * EDGE) * share, 1)

    def whisker(self, interval: Interval) -> Whisker:
        return Whisker(self.at(interval.low), self.at(interval.mean), self.at(interval.high))

    @property
    def ticks(self) -> list[Tick]:
        count = round((self.high - self.low) / self.step)
        decimals = max(0, math.ceil(-math.log10(self.step) - 1e-9))
        values = [round(self.low + number * self.step, 6) for number in range(count + 1)]
        return [Tick(self.at(value), f"{value + 0.0:.{decimals}f}") for value in values]
