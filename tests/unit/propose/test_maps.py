"""Maps of drawn specimens, whose true masks are known."""

from functools import cache

import cv2
import numpy as np
import pytest

from ml.imaging.arrays import Mask, Pixels
from ml.imaging.drawn import draw_specimen
from ml.metrics.overlap import dice
from ml.propose.maps import MAP_SIDE, CropMaps, crop_maps
from ml.propose.merging import merged
from ml.propose.superpixels import Regions, edge_strength, lab_colours, watershed_regions

SEEDS = range(40, 44)


@cache
def crop(seed: int) -> tuple[Pixels, Mask]:
    drawn = draw_specimen(seed, width=450, height=320)
    return drawn.pixels, drawn.mask


@cache
def mapped(seed: int) -> CropMaps:
    return crop_maps(crop(seed)[0])


def best_mask(regions: Regions, truth: Mask) -> Mask:
    """What a person gets who picks every region that is mostly specimen."""
    shares = np.bincount(regions.ravel(), weights=truth.ravel() > 0) / np.bincount(regions.ravel())
    return np.where(shares[regions] > 0.5, 255, 0).astype(np.uint8)


def is_connected(regions: Regions) -> bool:
    count = int(regions.max()) + 1
    pieces = [
        cv2.connectedComponents((regions == id_).astype(np.uint8), connectivity=4)[0] - 1
        for id_ in range(count)
    ]
    return pieces == [1] * count


def without_gaps(regions: Regions) -> bool:
    return np.array_equal(np.unique(regions), np.arange(regions.max() + 1))


@pytest.mark.parametrize("seed", SEEDS)
def test_edges_of_maps_follow_the_specimen(seed: int) -> None:
    truth = crop(seed)[1]
    assert dice(best_mask(mapped(seed).superpixels, truth), truth) > 0.97
    assert dice(best_mask(mapped(seed).blocks, truth), truth) > 0.93


def test_a_map_has_the_crops_size_and_ids_without_gaps() -> None:
    maps = mapped(40)
    for regions in (maps.superpixels, maps.blocks):
        assert regions.shape == crop(40)[1].shape
        assert regions.dtype == np.int32
        assert without_gaps(regions)
    assert maps.blocks.max() < 100 < maps.superpixels.max() < 0xFFFF


def test_each_block_is_one_piece_made_of_superpixels() -> None:
    maps = mapped(41)
    assert is_connected(maps.blocks)
    both = maps.superpixels.astype(np.int64) * (maps.blocks.max() + 1) + maps.blocks
    assert len(np.unique(both)) == maps.superpixels.max() + 1


def test_the_same_crop_gives_the_same_maps() -> None:
    again = crop_maps(crop(42)[0].copy())
    assert np.array_equal(again.superpixels, mapped(42).superpixels)
    assert np.array_equal(again.blocks, mapped(42).blocks)


def test_a_large_crop_is_mapped_smaller() -> None:
    pixels = np.zeros((500, 2 * MAP_SIDE, 3), np.uint8)
    pixels[:, MAP_SIDE:] = 200
    maps = crop_maps(pixels)
    assert maps.blocks.shape == (250, MAP_SIDE)
    left, right = maps.blocks[:, : MAP_SIDE // 2 - 2], maps.blocks[:, MAP_SIDE // 2 + 2 :]
    assert not set(np.unique(left)) & set(np.unique(right))


@pytest.mark.parametrize(("height", "width"), [(1, 1), (1, 40), (40, 1), (7, 5)])
def test_crops_of_any_size_have_maps(height: int, width: int) -> None:
    maps = crop_maps(np.full((height, width, 3), 90, np.uint8))
    assert maps.superpixels.shape == maps.blocks.shape == (height, width)
    assert without_gaps(maps.superpixels)
    assert without_gaps(maps.blocks)


def test_about_as_many_regions_as_wanted() -> None:
    edges = edge_strength(crop(40)[0])
    regions = watershed_regions(edges, 300)
    assert without_gaps(regions)
    assert 270 <= regions.max() + 1 <= 330


def test_what_looks_alike_is_merged_first() -> None:
    pixels = np.zeros((20, 40, 3), np.uint8)
    pixels[:, 10:20] = 10
    pixels[:, 20:30] = 200
    pixels[:, 30:] = 210
    regions = np.repeat(np.arange(4, dtype=np.int32), 10)[None].repeat(20, axis=0)
    two, one = merged(regions, lab_colours(pixels), edge_strength(pixels), (2, 1))
    assert np.array_equal(two, (regions > 1).astype(np.int32))
    assert not one.any()


def test_fewer_regions_than_wanted_stay() -> None:
    regions = np.array([[0, 1]], np.int32)
    (same,) = merged(regions, np.zeros((1, 2, 3), np.float32), np.zeros((1, 2), np.float32), (9,))
    assert np.array_equal(same, regions)
