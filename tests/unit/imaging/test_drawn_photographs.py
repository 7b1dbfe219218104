"""Photographs that detectors learn from: what is on them lies where they say."""

import numpy as np
import pytest

from ml.imaging.boxes import Box
from ml.imaging.drawn.photographs import SCENES, DrawnPhotograph, draw_photograph


@pytest.fixture(scope="module")
def drawn() -> list[DrawnPhotograph]:
    return [draw_photograph(seed, side=240) for seed in range(40)]


def test_every_scene_is_drawn(drawn: list[DrawnPhotograph]) -> None:
    assert {here.scene for here in drawn} == set(SCENES)
    assert all(not here.boxes for here in drawn if here.scene == "empty")
    assert all(len(here.boxes) == 1 for here in drawn if here.scene in ("single", "field"))
    assert max(len(here.boxes) for here in drawn) > 4
    assert sum(len(here.beside) for here in drawn) > 20


def test_boxes_lie_on_the_photograph_and_apart_from_things(drawn: list[DrawnPhotograph]) -> None:
    for here in drawn:
        height, width = here.pixels.shape[:2]
        assert max(height, width) == 240
        for box in here.boxes:
            assert box.area > 0
            assert box.clamped(width, height) == box
            assert max((box.iou(thing) for thing in here.beside), default=0) < 0.1


def test_specimens_are_of_many_sizes(drawn: list[DrawnPhotograph]) -> None:
    shares = [
        box.area / here.pixels[..., 0].size
        for here in drawn
        if here.scene == "single"
        for box in here.boxes
    ]
    assert min(shares) < 0.1
    assert max(shares) > 0.3


def test_a_box_holds_what_differs_from_the_empty_tray(drawn: list[DrawnPhotograph]) -> None:
    plain = [here for here in drawn if here.scene == "single"]
    inside, outside = [], []
    for here in plain:
        rest = here.pixels.astype(float)
        for box in (*here.boxes, *here.beside):
            cut = Box.cut(box, rest)
            inside.append(np.nanstd(cut))
            cut[:] = np.nan
        outside.append(np.nanstd(rest, axis=(0, 1)).mean())
    assert np.median(inside) > 3 * np.median(outside)


def test_the_same_seed_draws_the_same(drawn: list[DrawnPhotograph]) -> None:
    again = draw_photograph(3, side=240)
    assert (again.pixels == drawn[3].pixels).all()
    assert again.boxes == drawn[3].boxes
