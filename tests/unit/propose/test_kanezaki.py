"""Kanezaki's method with any superpixels, appearance and depth; the parts it is made of."""

import cv2
import numpy as np
import pytest

from ml.imaging.drawn import draw_specimen
from ml.metrics.overlap import dice
from ml.propose.appearance import APPEARANCES, Appearance, largest_spread, seen_as, stretched
from ml.propose.kanezaki import KanezakiConfig, kanezaki_blocks
from ml.propose.superpixels import (
    CompactWatershed,
    Felzenszwalb,
    Quickshift,
    Slic,
    Superpixels,
)

DRAWN = draw_specimen(40, width=96, height=68)
WAYS: list[Superpixels] = [
    Felzenszwalb(scale=50.0),
    Slic(count=200),
    Quickshift(),
    CompactWatershed(count=200, compactness=1.0),
]


@pytest.mark.parametrize("way", WAYS)
def test_any_superpixels_follow_the_specimen_and_are_numbered_without_gaps(
    way: Superpixels,
) -> None:
    regions = way.regions(DRAWN.pixels)
    assert regions.shape == DRAWN.mask.shape
    assert regions.dtype == np.int32
    assert list(np.unique(regions)) == list(range(regions.max() + 1))
    inside = np.bincount(regions.ravel(), DRAWN.mask.ravel() > 0)
    best = np.where((inside / np.bincount(regions.ravel()) > 0.5)[regions], 255, 0)
    assert dice(best.astype(np.uint8), DRAWN.mask) > 0.85


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("appearance", APPEARANCES)
def test_blocks_are_unions_of_superpixels(way: Superpixels, appearance: Appearance) -> None:
    config = KanezakiConfig(channels=8, max_iter=3, superpixels=way, appearance=appearance)
    blocks = kanezaki_blocks(DRAWN.pixels, config, seed=1)
    regions = way.regions(DRAWN.pixels)
    pairs = np.unique(np.stack((regions.ravel(), blocks.ravel())), axis=1)
    assert pairs.shape[1] == regions.max() + 1
    assert 1 <= blocks.max() + 1 <= config.channels


def test_it_stops_when_few_enough_labels_are_left() -> None:
    steps: list[int] = []
    config = KanezakiConfig(channels=8, min_labels=8, max_iter=9, layers=3)
    kanezaki_blocks(DRAWN.pixels, config, seed=1, on_progress=lambda at: steps.append(at.done))
    assert steps == [1]


def test_a_faint_specimen_stands_out_once_stretched() -> None:
    faint = (120 + DRAWN.pixels * 0.05).astype(np.uint8)
    for seen in (stretched(faint), largest_spread(faint)):
        assert int(seen.max()) - int(seen.min()) == 255
        assert seen.dtype == np.uint8


def test_the_largest_spread_tells_colours_of_equal_brightness_apart() -> None:
    pixels = np.full((40, 60, 3), (140, 100, 100), np.uint8)
    pixels[10:30, 20:40] = (100, 118, 110)
    grey = cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY)
    assert int(grey.max()) - int(grey.min()) < 5
    spread = largest_spread(pixels)
    assert abs(int(spread[20, 30]) - int(spread[0, 0])) > 200


@pytest.mark.parametrize(("appearance", "channels"), [("rgb", 3), ("pca", 1), ("rgb+pca", 4)])
def test_appearances_have_their_channels(appearance: Appearance, channels: int) -> None:
    assert seen_as(DRAWN.pixels, appearance).shape == (*DRAWN.mask.shape, channels)


def test_an_even_picture_survives_every_appearance() -> None:
    even = np.full((12, 18, 3), 77, np.uint8)
    for appearance in APPEARANCES:
        assert len(np.unique(seen_as(even, appearance)[..., 0])) == 1
