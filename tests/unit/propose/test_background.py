"""Which colour blocks are background, by the lab's five points and by the border."""

import numpy as np
import pytest

from ml.propose.background import without_background


def scene() -> np.ndarray:
    blocks = np.zeros((256, 256), np.int32)
    blocks[60:200, 60:200] = 1
    return blocks


@pytest.mark.parametrize("vote", ["five-points", "border"])
def test_what_surrounds_everything_is_background(vote: str) -> None:
    mask = without_background(scene(), vote)  # type: ignore[arg-type]
    assert mask.dtype == np.uint8
    assert np.array_equal(mask, np.where(scene() == 1, 255, 0))


def test_five_points_find_one_block_only() -> None:
    blocks = scene()
    blocks[:40, :40] = 2
    assert np.array_equal(without_background(blocks, "five-points") > 0, blocks > 0)


def test_the_border_finds_ground_of_several_blocks() -> None:
    blocks = scene()
    blocks[:, :30], blocks[200:, 30:] = 2, 3
    assert np.array_equal(without_background(blocks, "border") > 0, blocks == 1)


def test_a_wing_that_touches_the_border_stays() -> None:
    blocks = scene()
    blocks[100:140, 200:] = 1
    assert np.array_equal(without_background(blocks, "border") > 0, blocks == 1)


def test_one_block_is_all_background() -> None:
    assert not without_background(np.zeros((1, 3), np.int32), "border").any()
