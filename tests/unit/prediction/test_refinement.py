"""Edges found at a small size, drawn to those of a drawn specimen at its full size."""

import cv2
import numpy as np
import pytest

from ml.config import Refinement
from ml.crf import is_available
from ml.imaging.arrays import Mask, Pixels
from ml.imaging.letterbox import Letterbox
from ml.metrics.figures import Figures, figures
from ml.refinement import guided, refined

SIDE = 64

needs_crf = pytest.mark.skipif(not is_available(), reason="pydensecrf2 is not installed")


@pytest.fixture(scope="module")
def disc() -> tuple[Pixels, Mask]:
    """A brown disc with two horns on pale ground, 300 × 400, with noise."""
    mask = np.zeros((300, 400), np.uint8)
    cv2.circle(mask, (200, 160), 90, 255, cv2.FILLED)
    mask[30:100, 130:136] = mask[30:100, 264:270] = 255
    noise = np.random.default_rng(0).normal(0, 6, (300, 400, 3))
    colours = np.where(mask[..., None] > 0, (120, 90, 60), (225, 215, 200))
    return (colours + noise).clip(0, 255).astype(np.uint8), mask


def square_of(mask: Mask) -> np.ndarray:
    """What a network of a small side would answer: the mask with rough, soft edges."""
    small = Letterbox(len(mask), len(mask[0]), SIDE).mask(mask) / 255
    return np.asarray(cv2.blur(small, (3, 3)), np.float32)


def found(disc: tuple[Pixels, Mask], how: Refinement) -> Figures:
    pixels, mask = disc
    inside = refined(square_of(mask), pixels, how) > 0.5
    return figures((inside * 255).astype(np.uint8), mask)


@pytest.mark.parametrize("how", ["guided", pytest.param("crf", marks=needs_crf)])
def test_edges_come_nearer_to_the_true_ones(disc: tuple[Pixels, Mask], how: Refinement) -> None:
    plain, better = found(disc, "none"), found(disc, how)
    assert better.dice > plain.dice + 0.005
    assert better.boundary_f > plain.boundary_f + 0.05


def test_without_refinement_it_is_interpolated(disc: tuple[Pixels, Mask]) -> None:
    pixels, mask = disc
    square = square_of(mask)
    expected = Letterbox(len(mask), len(mask[0]), SIDE).back(square)
    np.testing.assert_array_equal(refined(square, pixels, "none"), expected)


def test_a_crop_smaller_than_the_square_is_only_interpolated(disc: tuple[Pixels, Mask]) -> None:
    pixels = np.ascontiguousarray(disc[0][::8, ::8])
    square = square_of(np.ascontiguousarray(disc[1][::8, ::8]))
    np.testing.assert_array_equal(
        refined(square, pixels, "guided"), refined(square, pixels, "none")
    )


@pytest.mark.parametrize("value", [0.0, 0.3, 1.0])
def test_what_is_the_same_everywhere_stays_so(disc: tuple[Pixels, Mask], value: float) -> None:
    drawn = guided(np.full((48, 64), value, np.float32), disc[0])
    assert drawn.shape == disc[1].shape
    np.testing.assert_allclose(drawn, value, atol=1e-5)
