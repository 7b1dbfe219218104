"""Each figure against the one that MONAI or scikit-learn gives for the same masks."""

from collections.abc import Callable
from dataclasses import asdict
from time import perf_counter

import cv2
import numpy as np
import pytest
import torch
from monai.metrics.hausdorff_distance import compute_hausdorff_distance
from monai.metrics.utils import get_mask_edges, get_surface_distance
from sklearn.metrics import accuracy_score, f1_score, jaccard_score, precision_score

from ml.imaging.arrays import Mask
from ml.imaging.drawn.examples import rough_edge, wing_cut
from ml.imaging.drawn.specimen import DrawnSpecimen, draw_specimen
from ml.metrics.figures import boundary_f, figures

Fault = Callable[[DrawnSpecimen], Mask]


def random_pair(seed: int) -> tuple[Mask, Mask]:
    """Two smoothed fields of noise, cut at one half: ragged, in pieces, with holes."""
    rng = np.random.default_rng(seed)
    fields = [cv2.blur(rng.random((60, 80)), (7, 7)) for _ in range(2)]
    first, second = (np.where(field > 0.5, 255, 0).astype(np.uint8) for field in fields)
    return first, second


def drawn_pair(fault: Fault) -> tuple[Mask, Mask]:
    drawn = draw_specimen(3, width=240, height=180)
    return fault(drawn), drawn.mask


PAIRS = [random_pair(0), random_pair(1), *map(drawn_pair, (wing_cut, rough_edge))]


@pytest.mark.parametrize(("mask", "truth"), PAIRS)
def test_pixel_figures_are_those_of_scikit_learn(mask: Mask, truth: Mask) -> None:
    given, true = mask.ravel() > 0, truth.ravel() > 0
    shares = np.bincount(true) / true.size
    ious = jaccard_score(true, given, average=None)
    found = figures(mask, truth)
    assert found.dice == pytest.approx(f1_score(true, given))
    assert found.iou == pytest.approx(jaccard_score(true, given))
    assert found.pixel_accuracy == pytest.approx(accuracy_score(true, given))
    assert found.mean_pixel_accuracy == pytest.approx(precision_score(true, given, average="macro"))
    assert found.mean_iou == pytest.approx(ious.mean())
    assert found.frequency_weighted_iou == pytest.approx(shares @ ious)


@pytest.mark.parametrize(("mask", "truth"), PAIRS)
def test_figures_of_the_edge_are_those_of_monai(mask: Mask, truth: Mask) -> None:
    given, true = get_mask_edges(mask > 0, truth > 0)
    precision = np.mean(get_surface_distance(given, true) <= 2)
    recall = np.mean(get_surface_distance(true, given) <= 2)
    one, other = (torch.from_numpy(each > 0)[None, None].float() for each in (mask, truth))
    hausdorff = compute_hausdorff_distance(one, other, include_background=True, percentile=95)
    found = figures(mask, truth)
    assert found.boundary_f == pytest.approx(2 * precision * recall / (precision + recall))
    assert found.hausdorff_95 == pytest.approx(hausdorff.item(), rel=1e-5)


def test_the_true_mask_has_the_best_figures() -> None:
    _, truth = drawn_pair(wing_cut)
    found = asdict(figures(truth, truth))
    assert found.pop("hausdorff_95") == 0
    assert set(found.values()) == {1.0}


def test_an_edge_two_pixels_off_counts_as_found_and_one_three_off_does_not() -> None:
    truth = np.zeros((60, 60), np.uint8)
    truth[20:40] = 255
    scores = [boundary_f(np.roll(truth, shift, axis=0), truth) for shift in (2, 3)]
    assert scores[0] == 1
    assert scores[1] < 0.3  # what is left is the outline's two ends


@pytest.mark.parametrize("swapped", [False, True])
def test_nothing_against_something_is_the_worst(swapped: bool) -> None:
    nothing, something = np.zeros((9, 9), np.uint8), np.zeros((9, 9), np.uint8)
    something[2:7, 2:7] = 255
    found = figures(*((something, nothing) if swapped else (nothing, something)))
    assert (found.dice, found.iou, found.boundary_f, found.hausdorff_95) == (0, 0, 0, None)
    assert found.pixel_accuracy == pytest.approx(56 / 81)
    assert found.mean_iou == pytest.approx(56 / 81 / 2)


def test_two_empty_masks_agree() -> None:
    nothing = np.zeros((9, 9), np.uint8)
    found = asdict(figures(nothing, nothing))
    assert found.pop("hausdorff_95") == 0
    assert set(found.values()) == {1.0}


def test_a_photograph_of_12_megapixels_takes_no_time() -> None:
    drawn = draw_specimen(3)
    size = (4000, 3000)
    mask, truth = (cv2.resize(each, size) for each in (wing_cut(drawn), drawn.mask))
    began = perf_counter()
    figures(np.asarray(mask, np.uint8), np.asarray(truth, np.uint8))
    assert perf_counter() - began < 5


def test_masks_of_different_sizes_cannot_be_compared() -> None:
    with pytest.raises(ValueError, match="cannot be compared"):
        figures(np.zeros((3, 4), np.uint8), np.zeros((4, 3), np.uint8))
