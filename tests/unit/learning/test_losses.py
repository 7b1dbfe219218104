from collections.abc import Callable

import cv2
import numpy as np
import pytest
import torch
from torch import Tensor

from ml.config import ContourWeighting, LossConfig, LossName, LossTerm
from ml.training.contour import contour_band
from ml.training.losses import make_loss
from tests.unit.learning.ellipses import draw_ellipse

Array = np.ndarray
Formula = Callable[[Array, Array], float]


def truth_of(count: int = 3) -> Tensor:
    masks = [draw_ellipse(seed)[1] > 0 for seed in range(count)]
    return torch.from_numpy(np.stack(masks)[:, None].astype(np.float32))


def random_scores(truth: Tensor, seed: int = 0) -> Tensor:
    noise = torch.randn(len(truth), 2, *truth.shape[2:], generator=torch.manual_seed(seed))
    return noise + torch.cat([-truth, truth], dim=1)


def sure_scores(truth: Tensor, sureness: float) -> Tensor:
    return torch.cat([0.5 - truth, truth - 0.5], dim=1) * sureness


def probability(scores: Array) -> Array:
    """Of both classes: shape (n, 2, h, w)."""
    risen = np.exp(scores - scores.max(axis=1, keepdims=True))
    result: Array = risen / risen.sum(axis=1, keepdims=True)
    return result


def entropies(scores: Array, truth: Array) -> Array:
    right = np.where(truth > 0, probability(scores)[:, 1:], probability(scores)[:, :1])
    result: Array = -np.log(right)[:, 0]
    return result


def soft_dice(p: Array, t: Array) -> float:
    return float(2 * (p * t).sum() / (p.sum() + t.sum()))


def one_tversky(scores: Array, truth: Array, alpha: float = 0.3) -> float:
    p = probability(scores)[:, 1:]
    both = (p * truth).sum()
    index = both / (both + alpha * (p * (1 - truth)).sum() + (1 - alpha) * ((1 - p) * truth).sum())
    return float(1 - index)


def weighted(scores: Array, truth: Array) -> float:
    weights = np.where(truth[:, 0] > 0, 2.0, 1.0)
    return float((entropies(scores, truth) * weights).sum() / weights.sum())


def binary(scores: Array, truth: Array) -> float:
    p = 1 / (1 + np.exp(scores[:, :1] - scores[:, 1:]))
    return float(-(truth * np.log(p) + (1 - truth) * np.log(1 - p)).mean())


def iou(scores: Array, truth: Array) -> float:
    p = probability(scores)[:, 1:]
    both = (p * truth).sum()
    return float(1 - both / (p.sum() + truth.sum() - both))


def focal(scores: Array, truth: Array) -> float:
    each = entropies(scores, truth)
    return float(((1 - np.exp(-each)) ** 2 * each).mean() / 2)  # the mean over both classes


def generalised(scores: Array, truth: Array) -> float:
    p, t = probability(scores), np.concatenate([1 - truth, truth], axis=1)
    weights = 1 / t.sum(axis=(0, 2, 3)) ** 2
    both, sums = (p * t).sum(axis=(0, 2, 3)), (p + t).sum(axis=(0, 2, 3))
    return float(1 - 2 * (weights * both).sum() / (weights * sums).sum())


def boundary(scores: Array, truth: Array) -> float:
    total = []
    for p, t in zip(probability(scores)[:, 1], truth[:, 0].astype(np.uint8), strict=True):
        out, into = (
            cv2.distanceTransform(side, cv2.DIST_L2, cv2.DIST_MASK_PRECISE) for side in (1 - t, t)
        )
        distance = np.where(t > 0, 0.5 - into, out - 0.5) / max(t.shape)
        total.append((p * distance).mean())
    return float(np.mean(total))


FORMULAS: dict[LossName, Formula] = {
    "cross-entropy": lambda s, t: float(entropies(s, t).mean()),
    "weighted-cross-entropy": weighted,
    "binary-cross-entropy": binary,
    "dice": lambda s, t: 1 - soft_dice(probability(s)[:, 1:], t),
    "iou": iou,
    "focal": focal,
    "generalised-dice": generalised,
    "tversky": one_tversky,
    "focal-tversky": lambda s, t: one_tversky(s, t) ** (1 / 2.0),
    "boundary": boundary,
}


@pytest.mark.parametrize("name", FORMULAS)
def test_each_loss_is_what_its_formula_says(name: LossName) -> None:
    truth = truth_of()
    scores = random_scores(truth)
    loss = make_loss(LossConfig((LossTerm(name),)))(scores, truth).item()
    assert loss == pytest.approx(FORMULAS[name](scores.numpy(), truth.numpy()), rel=1e-4)


@pytest.mark.parametrize("name", FORMULAS)
def test_each_loss_is_cheap_where_right_and_dear_where_wrong_and_pulls(name: LossName) -> None:
    truth = truth_of()
    loss = make_loss(LossConfig((LossTerm(name),)))
    right, unsure, wrong = (loss(sure_scores(truth, s), truth).item() for s in (20, 0, -20))
    assert right < unsure < wrong
    scores = random_scores(truth).requires_grad_()
    loss(scores, truth).backward()  # type: ignore[no-untyped-call]
    assert scores.grad is not None
    # More score for the specimen is better inside, and worse outside.
    assert (scores.grad[:, 1:] * truth).sum() < 0 < (scores.grad[:, 1:] * (1 - truth)).sum()


@pytest.mark.parametrize("name", FORMULAS)
@pytest.mark.parametrize("value", [0.0, 1.0])
def test_masks_of_one_class_alone_give_numbers(name: LossName, value: float) -> None:
    truth = torch.full((2, 1, 16, 16), value)
    scores = random_scores(truth).requires_grad_()
    loss = make_loss(LossConfig((LossTerm(name),), ContourWeighting() if "cross" in name else None))
    found = loss(scores, truth)
    found.backward()  # type: ignore[no-untyped-call]
    assert torch.isfinite(found)
    assert scores.grad is not None
    assert torch.isfinite(scores.grad).all()


def test_a_sum_is_the_sum_with_its_weights() -> None:
    truth = truth_of()
    scores = random_scores(truth)
    terms = (LossTerm("cross-entropy", 0.5), LossTerm("dice"), LossTerm("boundary", 2.0))
    expected = sum(
        term.weight * FORMULAS[term.name](scores.numpy(), truth.numpy()) for term in terms
    )
    assert make_loss(LossConfig(terms))(scores, truth).item() == pytest.approx(expected, rel=1e-4)


def opencv_band(truth: Tensor, config: ContourWeighting) -> Array:
    """The band as the lab's code drew it."""
    cross = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (3, 3))
    bands = []
    for mask in truth[:, 0].numpy().astype(np.uint8):
        grown = cv2.dilate(mask, cross, iterations=config.dilate)
        bands.append(grown - cv2.erode(mask, cross, iterations=config.erode))
    return np.stack(bands)[:, None]


@pytest.mark.parametrize(
    "config", [ContourWeighting(), ContourWeighting(1, 0), ContourWeighting(3, 9)]
)
def test_the_band_is_opencv_s_pixel_for_pixel(config: ContourWeighting) -> None:
    noise = (torch.rand(4, 1, 48, 64, generator=torch.manual_seed(1)) > 0.97).float()
    cut = truth_of(4).roll((20, 30), dims=(2, 3))  # reaches over the border
    for truth in (truth_of(4), cut, noise, 1 - noise):
        assert np.array_equal(contour_band(truth, config).numpy(), opencv_band(truth, config))


def test_contour_weighting_is_the_lab_s() -> None:
    """Cross-entropy × 5 in the band + Dice over all + 3 × Dice in the band, of both classes."""
    truth, weighting = truth_of(), ContourWeighting()
    scores = random_scores(truth)
    s, t, band = scores.numpy(), truth.numpy(), opencv_band(truth, weighting)
    p, both = probability(s), np.concatenate([1 - t, t], axis=1)
    entropy = (entropies(s, t) * np.where(band[:, 0] == 1, 5, 1)).mean()
    overall = 1 - np.mean([soft_dice(p[:, c], both[:, c]) for c in (0, 1)])
    within = 1 - np.mean([soft_dice(p[:, c] * band[:, 0], both[:, c] * band[:, 0]) for c in (0, 1)])
    loss = make_loss(LossConfig(contour=weighting, both_classes=True))(scores, truth).item()
    assert loss == pytest.approx(entropy + overall + 3 * within, rel=1e-5)


def test_a_weight_of_1_and_no_dice_is_no_weighting() -> None:
    truth = truth_of()
    scores = random_scores(truth)
    plain, weighted_by_1 = (
        make_loss(LossConfig(contour=contour))(scores, truth)
        for contour in (None, ContourWeighting(weight=1, dice=0))
    )
    assert torch.equal(plain, weighted_by_1)


def test_contour_weighting_needs_a_cross_entropy() -> None:
    with pytest.raises(ValueError, match="cross-entropy"):
        LossConfig((LossTerm("dice"),), ContourWeighting())


def test_a_loss_of_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one"):
        LossConfig(())
