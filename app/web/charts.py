"""Curves as points of an SVG picture; templates draw them, with a table for screen readers."""

from collections.abc import Sequence
from dataclasses import dataclass

from app.domain.rounds import Epoch

WIDTH, HEIGHT = 560, 220
LEFT, BOTTOM, TOP, RIGHT = 44, 28, 10, 10


@dataclass(frozen=True)
class Line:
    name: str
    values: list[float]
    points: str
    """For the `points` attribute of an SVG polyline."""


@dataclass(frozen=True)
class Tick:
    position: float
    label: str


@dataclass(frozen=True)
class Chart:
    title: str
    lines: list[Line]
    epochs: list[int]
    x_ticks: list[Tick]
    y_ticks: list[Tick]
    width: int = WIDTH
    height: int = HEIGHT
    left: int = LEFT
    bottom: int = HEIGHT - BOTTOM


def loss_chart(epochs: Sequence[Epoch]) -> Chart:
    lines = {
        "training": [epoch.train_loss for epoch in epochs],
        "validation": [epoch.validation_loss for epoch in epochs],
    }
    highest = max((value for values in lines.values() for value in values), default=1.0)
    return _chart("Loss", lines, epochs, 0.0, highest)


def dice_chart(epochs: Sequence[Epoch]) -> Chart:
    values = [epoch.validation_dice for epoch in epochs]
    lowest = min(values, default=0.0)
    return _chart("Validation Dice", {"validation": values}, epochs, min(lowest, 0.9), 1.0)


def _chart(
    title: str,
    lines: dict[str, list[float]],
    epochs: Sequence[Epoch],
    low: float,
    high: float,
) -> Chart:
    numbers = [epoch.number for epoch in epochs]
    last = max(numbers, default=1)

    def across(number: int) -> float:
        return LEFT + (WIDTH - LEFT - RIGHT) * (number - 1) / max(last - 1, 1)

    def up(value: float) -> float:
        return HEIGHT - BOTTOM - (HEIGHT - BOTTOM - TOP) * (value - low) / ((high - low) or 1)

    def points(values: list[float]) -> str:
        pairs = zip(numbers, values, strict=True)
        return " ".join(f"{across(number):.1f},{up(value):.1f}" for number, value in pairs)

    step = max(1, last // 8)
    levels = [low + (high - low) * quarter / 4 for quarter in range(5)]
    return Chart(
        title=title,
        lines=[Line(name, values, points(values)) for name, values in lines.items()],
        epochs=numbers,
        x_ticks=[Tick(across(number), str(number)) for number in range(1, last + 1, step)],
        y_ticks=[Tick(up(level), f"{level:.2f}") for level in levels],
    )
