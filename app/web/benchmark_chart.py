"""The chart of all models over time: means with whiskers, and the line that people reach."""

from collections.abc import Sequence
from dataclasses import dataclass

from app.services.benchmark_figures import ModelFigures, OverTime
from app.web.charts import Tick
from ml.metrics.intervals import Interval

WIDTH, HEIGHT = 560, 240
LEFT, RIGHT, TOP, BOTTOM = 52, 16, 12, 30
LEVELS = 4
MOST_TICKS = 10


@dataclass(frozen=True)
class Point:
    x: float
    low: float
    mean: float
    high: float
    serves: bool


@dataclass(frozen=True)
class Band:
    """What people reach: the mean, and where it would lie for other specimens of the kind."""

    low: float
    mean: float
    high: float


@dataclass(frozen=True)
class BenchmarkChart:
    code: str
    title: str
    points: list[Point]
    line: str
    """For the `points` attribute of an SVG polyline."""
    band: Band | None
    x_ticks: list[Tick]
    y_ticks: list[Tick]
    width: int = WIDTH
    height: int = HEIGHT
    left: int = LEFT
    right: int = WIDTH - RIGHT


def benchmark_charts(time: OverTime, serving_id: int | None) -> list[BenchmarkChart]:
    """Dice and boundary F of every model that is measured; nothing if none is."""
    measured = [model for model in time.models if model.n]
    if not measured:
        return []
    human = time.human
    return [
        _chart(
            "dice",
            "Dice",
            measured,
            [model.dice for model in measured],
            human.dice if human is not None else None,
            serving_id,
        ),
        _chart(
            "edge",
            "Edge within 2 px (boundary F)",
            measured,
            [model.boundary_f for model in measured],
            human.boundary_f if human is not None else None,
            serving_id,
        ),
    ]


def _chart(
    code: str,
    title: str,
    models: Sequence[ModelFigures],
    intervals: Sequence[Interval | None],
    human: Interval | None,
    serving_id: int | None,
) -> BenchmarkChart:
    known = [interval for interval in intervals if interval is not None]
    lowest = min(interval.low for interval in [*known, *([human] if human else [])])
    low = max(0.0, int(lowest * 20) / 20)  # down to the next 0.05
    high = 1.0
    span = (high - low) or 1.0

    def across(number: int) -> float:
        room = WIDTH - LEFT - RIGHT
        return round(LEFT + room * (number + 0.5) / len(models), 1)

    def up(value: float) -> float:
        return round(HEIGHT - BOTTOM - (HEIGHT - BOTTOM - TOP) * (value - low) / span, 1)

    points = [
        Point(
            across(number), up(each.low), up(each.mean), up(each.high), model.model_id == serving_id
        )
        for number, (model, each) in enumerate(zip(models, known, strict=True))
    ]
    levels = [low + span * step / LEVELS for step in range(LEVELS + 1)]
    every = -(-len(models) // MOST_TICKS)
    return BenchmarkChart(
        code=code,
        title=title,
        points=points,
        line=" ".join(f"{point.x},{point.mean}" for point in points),
        band=Band(up(human.low), up(human.mean), up(human.high)) if human is not None else None,
        x_ticks=[
            Tick(across(number), str(model.model_id))
            for number, model in enumerate(models)
            if number % every == 0
        ],
        y_ticks=[Tick(up(level), f"{level:.3g}") for level in levels],
    )
