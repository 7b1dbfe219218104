"""Curves as points of an SVG picture; templates draw them, with a table for screen readers."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from app.domain.detectors import DetectorPoint
from app.domain.rounds import Epoch
from app.web.wording import sentence, word

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


def curves(variants: Mapping[str, Sequence[Epoch]]) -> list[Chart]:
    """Everything that is known of trainings as they went; nothing before the first epoch.

    Lines of several variants of a round are named after them.
    """
    if not any(variants.values()):
        return []
    return [loss_chart(variants), dice_chart(variants), rate_chart(variants)]


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


def loss_chart(variants: Mapping[str, Sequence[Epoch]]) -> Chart:
    lines = {
        **_lines(variants, "training", lambda epoch: epoch.train_loss),
        **_lines(variants, "validation", lambda epoch: epoch.validation_loss),
    }
    highest = max((value for values in lines.values() for value in values), default=1.0)
    return _chart("loss", "Loss", lines, *_epochs(variants), 0.0, highest)


def dice_chart(variants: Mapping[str, Sequence[Epoch]]) -> Chart:
    lines = _lines(variants, "validation", lambda epoch: epoch.validation_dice)
    low = min([0.9, *(value for values in lines.values() for value in values)])
    return _chart("dice", "Validation Dice", lines, *_epochs(variants), low, 1.0)


def rate_chart(variants: Mapping[str, Sequence[Epoch]]) -> Chart:
    lines = _lines(variants, "rate", lambda epoch: epoch.learning_rate)
    high = max((value for values in lines.values() for value in values), default=1.0)
    return _chart("rate", "Learning rate", lines, *_epochs(variants), 0.0, high)


def _lines(
    variants: Mapping[str, Sequence[Epoch]], name: str, value: Callable[[Epoch], float]
) -> dict[str, list[float]]:
    several = len(variants) > 1
    return {
        sentence("{variant}, {what}", variant=variant, what=word(name)) if several else name: [
            value(epoch) for epoch in epochs
        ]
        for variant, epochs in variants.items()
        if epochs
    }


def _epochs(variants: Mapping[str, Sequence[Epoch]]) -> tuple[str, list[int]]:
    """Every training begins with its first epoch, so the longest has the numbers of all."""
    return "Epoch", [epoch.number for epoch in max(variants.values(), key=len)]


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
            (across(number), up(value)) for number, value in zip(numbers, values, strict=False)
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
