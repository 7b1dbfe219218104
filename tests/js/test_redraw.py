"""The benchmark of redrawing, from a drawn specimen through Node to the numbers."""

from pathlib import Path

import pytest

from benchmarks.pairs import Pair
from benchmarks.redrawing.cases import Case, redrawn
from ml.imaging.drawn import draw_specimen


@pytest.mark.parametrize("start", ["first", "empty"])
def test_a_drawn_specimen_is_put_right(tmp_path: Path, start: str) -> None:
    drawn = draw_specimen(41, width=150, height=107)
    pair = Pair("moth", Path("moth.png"), drawn.pixels, drawn.mask)
    box = drawn.box.grown(0.1, 0.1, 0.1).clamped(150, 107)
    efforts = redrawn(Case(pair, box, start, good=0.98), ["brush", "superpixels"], tmp_path)
    assert set(efforts) == {"brush", "superpixels"}
    for effort in efforts.values():
        assert effort.after >= max(effort.before, 0.97)
        assert 0 <= effort.own <= effort.seconds
        assert (effort.actions > 0) == (effort.before < 0.98)
    if start == "empty":
        assert efforts["superpixels"].before == 0
