"""What the small YOLO learns to lower: which cells answer for a specimen, and how well they do."""

import math
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional

from ml.detect.network import corners

CELLS_PER_SPECIMEN = 10
_SCORE_POWER, _OVERLAP_POWER = 0.5, 3.0
_BOX_WEIGHT, _SCORE_WEIGHT = 7.5, 0.5
_TINY = 1e-7


@dataclass(frozen=True)
class Assignment:
    """Which cell answers for which specimen.

    Args:
        specimen: (n, cells) int64, the number of its specimen; any number where ``score`` is 0.
        score: (n, cells) float32, what the cell's score should be, 0…1.
    """

    specimen: Tensor
    score: Tensor


def detection_loss(outputs: Tensor, grid: Tensor, truth: Tensor, present: Tensor) -> Tensor:
    """Return one number: complete IoU loss of the boxes and cross-entropy of the scores.

    The weights of the two are those of Ultralytics' networks.

    Args:
        outputs: (n, 5, cells) float32 of the network.
        grid: of ``network.cells``.
        truth: (n, most, 4) float32, left, top, right, bottom in pixels; anything where no
            specimen is.
        present: (n, most) bool, where one is.
    """
    found = corners(outputs, grid).transpose(1, 2)
    assignment = assign(outputs[:, 4].sigmoid(), found, grid, truth, present)
    wanted = torch.take_along_dim(truth, assignment.specimen[..., None], 1)
    answers = assignment.score > 0
    weights = assignment.score[answers]
    total = assignment.score.sum().clamp(min=1)
    overlap = complete_iou(found[answers], wanted[answers])
    boxes = ((1 - overlap) * weights).sum() / total
    scores = functional.binary_cross_entropy_with_logits(
        outputs[:, 4], assignment.score, reduction="sum"
    )
    return _BOX_WEIGHT * boxes + _SCORE_WEIGHT * scores / total


@torch.no_grad()
def assign(
    scores: Tensor, found: Tensor, grid: Tensor, truth: Tensor, present: Tensor
) -> Assignment:
    """Choose the cells that answer for each specimen, those that do so best already.

    Task alignment (Feng et al. 2021, TOOD, https://arxiv.org/abs/2108.07755).

    Args:
        scores: (n, cells) 0…1.
        found: (n, cells, 4) left, top, right, bottom in pixels.
        grid: of ``network.cells``.
        truth: (n, most, 4) in pixels.
        present: (n, most) bool.
    """
    overlap = plain_iou(truth[:, :, None], found[:, None])
    candidates = _near(grid, truth) & present[..., None]
    aligned = scores[:, None] ** _SCORE_POWER * overlap**_OVERLAP_POWER
    # However bad all are at first, some must answer.
    aligned = (aligned + 1e-9) * candidates
    threshold = aligned.topk(min(CELLS_PER_SPECIMEN, aligned.shape[2]), dim=2).values[..., -1:]
    chosen = candidates & (aligned >= threshold)
    overlap = overlap * chosen
    specimen = torch.where(chosen, overlap + _TINY, 0).argmax(1)
    mine = functional.one_hot(specimen, truth.shape[1]).transpose(1, 2).bool() & chosen
    aligned = aligned * mine
    best_overlap = (overlap * mine).amax(2, keepdim=True)
    score = aligned / aligned.amax(2, keepdim=True).clamp(min=1e-12) * best_overlap
    return Assignment(specimen, score.amax(1))


def _near(grid: Tensor, truth: Tensor) -> Tensor:
    """(n, most, cells) bool: whose middle lies in the box, or next to its middle."""
    x, y, stride = grid
    left, top, right, bottom = (edge[..., None] for edge in truth.unbind(2))
    inside = (x > left) & (x < right) & (y > top) & (y < bottom)
    across, down = (x - (left + right) / 2).abs(), (y - (top + bottom) / 2).abs()
    near: Tensor = inside | ((across <= stride / 2) & (down <= stride / 2))
    return near


def plain_iou(first: Tensor, second: Tensor) -> Tensor:
    """Intersection over union, 0…1, of boxes (…, 4) in any shapes that broadcast."""
    low = torch.maximum(first[..., :2], second[..., :2])
    high = torch.minimum(first[..., 2:], second[..., 2:])
    shared = (high - low).clamp(min=0).prod(-1)
    iou: Tensor = shared / (_area(first) + _area(second) - shared + _TINY)
    return iou


def _area(boxes: Tensor) -> Tensor:
    area: Tensor = (boxes[..., 2:] - boxes[..., :2]).clamp(min=0).prod(-1)
    return area


def complete_iou(found: Tensor, wanted: Tensor) -> Tensor:
    """Intersection over union less what distance and shape are off, (n,), at most 1.

    Zheng et al. 2020, https://arxiv.org/abs/1911.08287.

    Args:
        found: (n, 4) left, top, right, bottom.
        wanted: the same.
    """
    iou = plain_iou(found, wanted)
    low = torch.minimum(found[:, :2], wanted[:, :2])
    high = torch.maximum(found[:, 2:], wanted[:, 2:])
    diagonal = (high - low).square().sum(1) + _TINY
    apart = ((found[:, :2] + found[:, 2:] - wanted[:, :2] - wanted[:, 2:]) / 2).square().sum(1)
    leaning = 4 / math.pi**2 * (_slope(wanted) - _slope(found)).square()
    with torch.no_grad():
        share = leaning / (1 - iou + leaning + _TINY)
    return iou - apart / diagonal - share * leaning


def _slope(boxes: Tensor) -> Tensor:
    width, height = (boxes[:, 2:] - boxes[:, :2]).clamp(min=_TINY).unbind(1)
    return torch.atan(width / height)
