"""Curves as points of an SVG picture; templates draw them, with a table for screen readers."""

from collections.abc import Sequence
from dataclasses import dataclass

from app.domain.detectors import DetectorPoint
from app.domain.rounds import Epoch

WIDTH, HEIGHT = 420, 200
LEFT, BOTTOM, TOP, RIGHT = 68, 28, 10, 10


@dataclass(frozen=True)
class Line:
    name: str
    values: list[float]
    points: str
    """For the `points` attribute of an SVG polyline."""
    end: tuple[float, float]
    """Where it has come to; all that is seen of it after one epoch."""


@dataclass(frozen=True)
class Tick:
    position: float
    label: str


@dataclass(frozen=True)
class Chart:
    code: str
    """Names it within its page."""
    title: str
    lines: list[Line]
    unit: str
    """What is counted from left to right."""
    numbers: list[int]
    x_ticks: list[Tick]
    y_ticks: list[Tick]
    width: int = WIDTH
    height: int = HEIGHT
    left: int = LEFT
    bottom: int = HEIGHT - BOTTOM


def curves(epochs: Sequence[Epoch]) -> list[Chart]:
    """Everything that is known of a training as it went; nothing before its first epoch."""
    return [loss_chart(epochs), dice_chart(epochs), rate_chart(epochs)] if epochs else []


def detector_curves(points: Sequence[DetectorPoint]) -> list[Chart]:
    """A detector as it learned; nothing before it was measured for the first time."""
    if not points:
        return []
    steps, losses = [point.step for point in points], [point.loss for point in points]
    found = {
        "mean overlap (IoU)": [point.mean_iou for point in points],
        "found whole": [point.share_whole for point in points],
    }
    return [
        _chart("found", "On what it does not learn from", found, "Step", steps, 0.0, 1.0),
        _chart("loss", "Loss", {"training": losses}, "Step", steps, 0.0, max(losses)),
    ]


def loss_chart(epochs: Sequence[Epoch]) -> Chart:
    lines = {
        "training": [epoch.train_loss for epoch in epochs],
        "validation": [epoch.validation_loss for epoch in epochs],
    }
    highest = max((value for values in lines.values() for value in values), default=1.0)
    return _chart("loss", "Loss", lines, *_epochs(epochs), 0.0, highest)


def dice_chart(epochs: Sequence[Epoch]) -> Chart:
    values = [epoch.validation_dice for epoch in epochs]
    lowest = min(values, default=0.0)
    low = min(lowest, 0.9)
    return _chart("dice", "Validation Dice", {"validation": values}, *_epochs(epochs), low, 1.0)


def rate_chart(epochs: Sequence[Epoch]) -> Chart:
    values = [epoch.learning_rate for epoch in epochs]
    high = max(values, default=1.0)
    return _chart("rate", "Learning rate", {"rate": values}, *_epochs(epochs), 0.0, high)


def _epochs(epochs: Sequence[Epoch]) -> tuple[str, list[int]]:
    return "Epoch", [epoch.number for epoch in epochs]


def _chart(
    code: str,
    title: str,
    lines: dict[str, list[float]],
    unit: str,
    numbers: list[int],
    low: float,
    high: float,
) -> Chart:
    first, last = (numbers[0], numbers[-1]) if numbers else (1, 1)

    def across(number: int) -> float:
        return LEFT + (WIDTH - LEFT - RIGHT) * (number - first) / max(last - first, 1)

    def up(value: float) -> float:
        return HEIGHT - BOTTOM - (HEIGHT - BOTTOM - TOP) * (value - low) / ((high - low) or 1)

    def line(name: str, values: list[float]) -> Line:
        places = [
            (across(number), up(value)) for number, value in zip(numbers, values, strict=True)
        ]
        points = " ".join(f"{x:.1f},{y:.1f}" for x, y in places)
        return Line(name, values, points, end=places[-1])

    step = max(1, len(numbers) // 6)
    levels = [low + (high - low) * quarter / 4 for quarter in range(5)]
    return Chart(
        code=code,
        title=title,
        lines=[line(name, values) for name, values in lines.items()],
        unit=unit,
        numbers=numbers,
        x_ticks=[Tick(across(number), str(number)) for number in numbers[::step]],
        y_ticks=[Tick(up(level), f"{level:.3g}") for level in levels],
    )
