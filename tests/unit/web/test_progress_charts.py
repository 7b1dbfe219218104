"""Charts of the whole work: round axes, names that do not collide, a table with every value."""

import re
from datetime import date, datetime, timedelta
from itertools import pairwise

import pytest

from app.services.benchmark_figures import HumanFigures, ModelFigures, OverTime
from app.services.days import Day
from app.web.progress_charts import (
    LABEL_HEIGHT,
    acceptance_chart,
    benchmark_chart,
    labels_chart,
    pace_chart,
)
from ml.metrics.intervals import Interval

FIRST = date(2026, 1, 1)
DAYS = [
    Day(FIRST + timedelta(days=n), proposed=10, predicted=10, drawn=9, accepted=n, rejected=1,
        seconds=4.0 if n != 1 else None)
    for n in range(3)
]  # fmt: skip


def figures(number: int, dice: float | None) -> ModelFigures:
    interval = Interval(dice - 0.02, dice, dice + 0.02) if dice is not None else None
    moment = datetime(2026, 1, number)
    return ModelFigures(number, number, "random", moment, 100, interval, interval)


def test_labels_are_added_up_and_their_names_stand_apart() -> None:
    chart = labels_chart(DAYS)
    assert [curve.name for curve in chart.curves] == [
        "accepted from models",
        "accepted proposals",
        "drawn by hand",
    ]
    assert chart.rows[0] == ("2026-01-03", ["30", "30", "27"])
    heights = sorted(curve.label_y for curve in chart.curves)
    assert all(low + LABEL_HEIGHT <= high for low, high in pairwise(heights))
    assert [tick.label for tick in chart.y_ticks] == ["0", "10", "20", "30"]


def test_days_without_a_value_are_left_out() -> None:
    assert [row[0] for row in pace_chart(DAYS).rows] == ["2026-01-03", "2026-01-01"]
    assert acceptance_chart(DAYS).rows[-1] == ("2026-01-01", ["0.0"])


def test_models_stand_against_the_line_to_reach() -> None:
    human = HumanFigures(20, Interval(0.95, 0.96, 0.97), Interval(0.9, 0.91, 0.92))
    models = [figures(1, 0.8), figures(2, None), figures(3, 0.9)]
    chart = benchmark_chart(OverTime(models, human, 100))
    assert [tick.label for tick in chart.x_ticks] == ["1", "3"]
    assert chart.rows[0][1][0] == "0.900 (0.880–0.920)"
    assert [curve.level is not None for curve in chart.curves] == [False, False, True]
    assert len(chart.curves[0].whiskers) == 2


@pytest.mark.parametrize("count", [0, 1, 5000])
def test_any_number_of_days_makes_a_chart(count: int) -> None:
    chart = labels_chart([Day(FIRST + timedelta(days=n), drawn=1) for n in range(count)])
    assert len(chart.rows) == count
    assert all(re.fullmatch(r"[ML \d.]*", curve.path) for curve in chart.curves)
    assert 2 <= len(chart.y_ticks) <= 7
