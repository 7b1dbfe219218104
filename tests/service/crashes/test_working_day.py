"""A short day on which each process is killed once; `benchmarks.crashes` has long ones."""

import tempfile
from pathlib import Path

import pytest

from benchmarks.crashing import day, killing
from benchmarks.crashing.collection import make_template


@pytest.mark.timeout(900)
def test_nothing_is_lost_on_a_day_on_which_everything_is_killed() -> None:
    kills = killing.plan(seed=1, more=0, late=1)
    with tempfile.TemporaryDirectory(prefix="mothmask-") as name:
        folder = Path(name)
        folder.chmod(0o755)  # PostgreSQL runs as somebody else
        make_template(folder / "template", specimens=16)
        lived = day.run(folder / "template", folder / "day", day.Plan(1, 40, kills, people=2))
    assert (lived["faults"], lived["lost"]) == ([], [])
    assert lived["kills"].keys() >= set(killing.KINDS)
