"""Charts of the whole work over days and rounds, with direct labels and a table behind each.

Lines are told apart by their dashes and by a label at their end, so that they can be read in black
and white; a line without a value at a place is broken there.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

from app.services.benchmark_figures import OverTime
from app.services.days import Day
from app.web.charts import Tick
from app.web.wording import sentence
from ml.metrics.intervals import Interval

WIDTH, HEIGHT = 560, 230
LEFT, RIGHT, TOP, BOTTOM = 56, 156, 12, 28
LABEL_HEIGHT = 15.0
TICKS_ACROSS = 6

Values = Sequence[float | None]


@dataclass(frozen=True)
class Whisker:
    x: float
    low: float
    high: float


@dataclass(frozen=True)
class Curve:
    """One line: its path, a dot for each value, and its name beside the last one."""

    name: str
    path: str
    dots: list[tuple[float, float]]
    whiskers: list[Whisker]
    label_y: float
    level: float | None = None
    """Height of a line that is the same all the way: something to reach."""


@dataclass(frozen=True)
class ProgressChart:
    code: str
    title: str
    note: str
    across: str
    """What is written over the first column of the table."""
    curves: list[Curve]
    x_ticks: list[Tick]
    y_ticks: list[Tick]
    heads: list[str]
    rows: list[tuple[str, list[str]]]
    width: int = WIDTH
    height: int = HEIGHT
    left: int = LEFT
    right: int = WIDTH - RIGHT
    bottom: int = HEIGHT - BOTTOM


@dataclass(frozen=True)
class Line:
    name: str
    values: Values
    intervals: Sequence[Interval | None] = field(default_factory=list)
    decimals: int = 0
    level: bool = False


def labels_chart(days: Sequence[Day]) -> ProgressChart:
    """Label versions since the beginning, by where their masks came from."""
    names = {
        "predicted": sentence("accepted from models"),
        "proposed": sentence("accepted proposals"),
        "drawn": sentence("drawn by hand"),
        "uploaded": sentence("uploaded"),
        "brought_back": sentence("brought back"),
    }
    lines = [
        Line(name, _running_sums([getattr(day, code) for day in days]))
        for code, name in names.items()
        if any(getattr(day, code) for day in days)
    ]
    return _chart(
        "labels",
        sentence("Label versions by origin"),
        sentence("All that were made, also those replaced since."),
        sentence("Day"),
        [day.day.isoformat() for day in days],
        lines,
        limits=(0.0, None),
    )


def acceptance_chart(days: Sequence[Day]) -> ProgressChart:
    """Of the masks that were offered and judged, the share that was accepted."""
    judged = [day for day in days if day.accepted + day.rejected]
    shares = [100 * day.accepted / (day.accepted + day.rejected) for day in judged]
    return _chart(
        "acceptance",
        sentence("Masks accepted, in percent of those judged"),
        "",
        sentence("Day"),
        [day.day.isoformat() for day in judged],
        [Line(sentence("accepted"), shares, decimals=1)],
        limits=(0.0, 100.0),
    )


def pace_chart(days: Sequence[Day]) -> ProgressChart:
    """How long one person takes to decide; nobody sees another's."""
    timed = [day for day in days if day.seconds is not None]
    return _chart(
        "pace",
        sentence("Your seconds per decision (median)"),
        sentence("Only you see this. Pauses of more than two minutes do not count."),
        sentence("Day"),
        [day.day.isoformat() for day in timed],
        [Line(sentence("you"), [day.seconds for day in timed], decimals=1)],
        limits=(0.0, None),
    )


def benchmark_chart(found: OverTime) -> ProgressChart:
    """Dice and boundary F of every model on the benchmark, and how far two people agree."""
    models = [model for model in found.models if model.dice is not None]
    lines = [
        _measured(sentence("Dice"), [model.dice for model in models]),
        _measured(sentence("boundary F"), [model.boundary_f for model in models]),
    ]
    if found.human is not None and models:
        agreed = [found.human.dice.mean] * len(models)
        lines.append(Line(sentence("Dice of two people"), agreed, decimals=3, level=True))
    names = [
        sentence("{round}, U-Net {model}", round=model.round_number, model=model.model_id)
        for model in models
    ]
    return _chart(
        "benchmark",
        sentence("Benchmark by round"),
        sentence("Means over {count} hard specimens, with 95 % intervals.", count=found.members),
        sentence("Round"),
        names,
        lines,
        ticks=[str(model.round_number) for model in models],
    )


def validation_chart(rounds: Sequence[tuple[int, float]]) -> ProgressChart:
    """Until there is a benchmark: how good models were on the labels they were chosen by."""
    return _chart(
        "validation",
        sentence("Validation Dice by round"),
        sentence("Each round has other validation labels; a benchmark makes models comparable."),
        sentence("Round"),
        [str(number) for number, _ in rounds],
        [Line(sentence("Dice"), [dice for _, dice in rounds], decimals=3)],
    )


def _measured(name: str, intervals: Sequence[Interval | None]) -> Line:
    values = [interval.mean if interval is not None else None for interval in intervals]
    return Line(name, values, intervals, decimals=3)


def _running_sums(counts: Sequence[int]) -> list[float]:
    total, sums = 0, []
    for count in counts:
        total += count
        sums.append(float(total))
    return sums


def _chart(
    code: str,
    title: str,
    note: str,
    across: str,
    names: Sequence[str],
    lines: Sequence[Line],
    *,
    limits: tuple[float | None, float | None] = (None, None),
    ticks: Sequence[str] = (),
) -> ProgressChart:
    low, high, step = _scale(lines, limits)
    xs = [_across(place, len(names)) for place in range(len(names))]
    decimals = max(0, math.ceil(-math.log10(step) - 1e-9))
    levels = [low + step * turn for turn in range(round((high - low) / step) + 1)]
    every = max(1, math.ceil(len(names) / TICKS_ACROSS))
    shown = list(ticks) or list(names)
    drawn = [_curve(line, xs, low, high) for line in lines]
    return ProgressChart(
        code=code,
        title=title,
        note=note,
        across=across,
        curves=_apart(drawn),
        x_ticks=[Tick(x, name) for x, name in list(zip(xs, shown, strict=True))[::every]],
        y_ticks=[Tick(_up(level, low, high), f"{level:.{decimals}f}") for level in levels],
        heads=[line.name for line in lines],
        rows=[(name, [_cell(line, place) for line in lines]) for place, name in enumerate(names)][
            ::-1
        ],
    )


def _scale(
    lines: Sequence[Line], limits: tuple[float | None, float | None]
) -> tuple[float, float, float]:
    """The lowest and highest number of the axis and the step between its round numbers."""
    found = [value for line in lines for value in line.values if value is not None]
    for line in lines:
        for interval in line.intervals:
            if interval is not None:
                found += [interval.low, interval.high]
    low = limits[0] if limits[0] is not None else min(found, default=0.0)
    high = limits[1] if limits[1] is not None else max(found, default=1.0)
    high = max(high, low + 1e-3)
    raw = (high - low) / 4
    size = 10.0 ** math.floor(math.log10(raw))
    step = next(size * turn for turn in (1, 2, 5, 10) if size * turn >= raw * 0.999)
    return step * math.floor(low / step + 1e-9), step * math.ceil(high / step - 1e-9), step


def _across(place: int, count: int) -> float:
    return LEFT + (WIDTH - LEFT - RIGHT - 8) * place / max(count - 1, 1)


def _up(value: float, low: float, high: float) -> float:
    return HEIGHT - BOTTOM - (HEIGHT - BOTTOM - TOP) * (value - low) / ((high - low) or 1)


def _curve(line: Line, xs: Sequence[float], low: float, high: float) -> Curve:
    dots, pieces, pen = [], [], "M"
    for x, value in zip(xs, line.values, strict=True):
        if value is None:
            pen = "M"
            continue
        dots.append((round(x, 1), round(_up(value, low, high), 1)))
        pieces.append(f"{pen}{dots[-1][0]} {dots[-1][1]}")
        pen = "L"
    whiskers = [
        Whisker(round(x, 1), _up(each.low, low, high), _up(each.high, low, high))
        for x, each in zip(xs, line.intervals, strict=False)
        if each is not None
    ]
    end = dots[-1][1] if dots else 0.0
    level = end if line.level and dots else None
    return Curve(line.name, " ".join(pieces), dots, whiskers, end, level)


def _apart(curves: Sequence[Curve]) -> list[Curve]:
    """Move the names beside the lines so that none stands on another."""
    places: dict[int, float] = {}
    lowest = float(TOP)
    for number, curve in sorted(enumerate(curves), key=lambda each: each[1].label_y):
        places[number] = lowest = max(curve.label_y, lowest)
        lowest += LABEL_HEIGHT
    over = max(0.0, lowest - LABEL_HEIGHT - (HEIGHT - BOTTOM))
    return [
        Curve(each.name, each.path, each.dots, each.whiskers, places[n] - over, each.level)
        for n, each in enumerate(curves)
    ]


def _cell(line: Line, place: int) -> str:
    value = line.values[place]
    if value is None:
        return "–"
    text = f"{value:.{line.decimals}f}"
    interval = line.intervals[place] if line.intervals else None
    if interval is None:
        return text
    return f"{text} ({interval.low:.{line.decimals}f}–{interval.high:.{line.decimals}f})"
