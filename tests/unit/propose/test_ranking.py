"""The score must put good masks before bad ones without seeing the truth."""

from collections.abc import Callable
from functools import cache

import cv2
import numpy as np
import pytest

from ml.imaging.arrays import Mask, Pixels
from ml.imaging.drawn import draw_specimen
from ml.imaging.read import fit_within
from ml.propose.ranking import Proposal, edge_share, mirror_symmetry, plausibility, rank

DISC = np.ones((9, 9), np.uint8)
SEEDS = range(20, 26)


@cache
def specimen(seed: int) -> tuple[Pixels, Mask]:
    drawn = draw_specimen(seed, width=450, height=320)
    box = drawn.box.grown(0.1, 0.1, 0.1).clamped(450, 320)
    pixels, mask = fit_within(box.cut(drawn.pixels), 256), fit_within(box.cut(drawn.mask), 256)
    return pixels, np.where(mask >= 128, 255, 0).astype(np.uint8)


def half(mask: Mask) -> Mask:
    cut = mask.copy()
    cut[:, : mask.shape[1] // 2] = 0
    return cut


def into_the_corner(mask: Mask) -> Mask:
    spilt = mask.copy()
    spilt[: mask.shape[0] // 2, : mask.shape[1] // 2] = 255
    return spilt


def shifted(mask: Mask) -> Mask:
    return np.roll(mask, mask.shape[1] // 8, axis=1)


def swollen(mask: Mask) -> Mask:
    return np.asarray(cv2.dilate(mask, DISC, iterations=3), np.uint8)


def shrunken(mask: Mask) -> Mask:
    return np.asarray(cv2.erode(mask, DISC, iterations=2), np.uint8)


DAMAGES = [half, into_the_corner, shifted, swollen, shrunken, np.invert]


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_mask_is_less_plausible(damage: Callable[[Mask], Mask]) -> None:
    for seed in SEEDS:
        pixels, mask = specimen(seed)
        assert plausibility(pixels, damage(mask)) < plausibility(pixels, mask), seed


@pytest.mark.parametrize("seed", SEEDS)
def test_a_true_mask_comes_first_though_most_others_are_damaged(seed: int) -> None:
    pixels, mask = specimen(seed)
    masks = {
        "border": half(mask),
        "grabcut": mask,
        "grabcut-wide": swollen(mask),
        "grabcut-border": into_the_corner(mask),
    }
    ranked = rank(pixels, [Proposal(name, made, 0.0) for name, made in masks.items()])
    assert ranked[0].method == "grabcut"
    assert all(0 <= proposal.score <= 1 for proposal in ranked)
    assert [p.score for p in ranked] == sorted((p.score for p in ranked), reverse=True)


def test_near_equal_masks_become_one_that_names_the_methods() -> None:
    pixels, mask = specimen(20)
    nearly = mask.copy()
    nearly[tuple(np.argwhere(mask)[0])] = 0
    made = [Proposal("grabcut", mask, 0.0), Proposal("border", nearly, 0.0)]
    (only,) = rank(pixels, [*made, Proposal("kanezaki", np.zeros_like(mask), 0.0)])
    assert {only.method, *only.agreeing} == {"grabcut", "border"}
    (again,) = rank(pixels, [only])
    assert (again.method, again.agreeing) == (only.method, only.agreeing)


@pytest.mark.parametrize("level", [0, 255])
def test_nothing_and_everything_are_no_proposals(level: int) -> None:
    pixels, mask = specimen(20)
    assert rank(pixels, [Proposal("grabcut", np.full_like(mask, level), 0.0)]) == []


@pytest.mark.parametrize("angle", [0, 30, 45, 75, 90])
def test_symmetry_is_found_at_any_angle(angle: float) -> None:
    wings = np.zeros((200, 200), np.uint8)
    cv2.fillPoly(wings, [np.array([(100, 90), (40, 50), (60, 140), (140, 140), (160, 50)])], 255)
    turned = cv2.warpAffine(wings, cv2.getRotationMatrix2D((100, 100), angle, 1), (200, 200))
    assert mirror_symmetry(np.asarray(turned, np.uint8)) > 0.9
    one_wing = wings.copy()
    one_wing[:100, :100] = 0
    assert mirror_symmetry(one_wing) < 0.9


def test_edge_share_is_what_part_of_the_contour_has_an_edge() -> None:
    pixels = np.full((120, 120, 3), 90, np.uint8)
    pixels[30:90, 30:60] = 200
    mask = np.zeros((120, 120), np.uint8)
    mask[30:90, 30:60] = 255
    assert edge_share(pixels, mask) > 0.97
    mask[30:90, 60:90] = 255
    assert 0.4 < edge_share(pixels, mask) < 0.65
    assert edge_share(np.full_like(pixels, 90), mask) == 0
