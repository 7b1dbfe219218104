"""Which proposal is best, judged without a true mask, and which are the same."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from ml.imaging.arrays import SPECIMEN, Mask, Pixels
from ml.imaging.read import fit_within
from ml.metrics.overlap import dice

SAME = 0.985
"""Two masks with at least this Dice are one proposal."""

# How much a method's mask counts as evidence for the others: about its mean Dice in the field.
_TRUST = {
    "grabcut": 1.0,
    "grabcut-wide": 1.0,
    "grabcut-centre": 0.8,
    "saliency-grabcut": 0.8,
    "grabcut-border": 0.5,
    "border": 0.4,
    "grabcut-stretched": 0.2,
    "grabcut-spread": 0.2,
    "grabcut+crf": 0.2,
    "grabcut+thin": 0.1,
    "grabcut+closed": 0.1,
    "kanezaki": 0.6,
    "kanezaki-grabcut": 0.5,
}
_SIDE = 256
_SMALLEST, _LARGEST = 0.005, 0.95
_NOTICEABLE = 8.0
_SYMMETRY_SIDE = 64


@dataclass(frozen=True)
class Proposal:
    """A mask that a method proposes for a crop.

    Args:
        method: what made the mask.
        mask: shape (height, width) of the crop, uint8.
        score: 0…1, higher is better; see ``rank``.
        agreeing: other methods that made the same mask, but for details.
    """

    method: str
    mask: Mask
    score: float
    agreeing: tuple[str, ...] = ()


def rank(pixels: Pixels, proposals: Sequence[Proposal]) -> list[Proposal]:
    """Return the proposals best first, with new scores, near-equal ones merged.

    The score needs no true mask. 0.4 of it is agreement: the mean Dice with the masks of all
    methods (its own too), each method weighted by how far it can be trusted. The other 0.6 are
    ``plausibility``. Masks of nearly nothing or nearly everything are dropped. Of masks that agree
    to a Dice of 0.985 the best-scored one is kept and names the other methods.

    Args:
        pixels: the crop, shape (height, width, 3), uint8 RGB.
        proposals: masks of the crop's size.
    """
    small = fit_within(pixels, _SIDE)
    pairs = [(proposal, _smaller(proposal.mask)) for proposal in proposals]
    pairs = [(proposal, mask) for proposal, mask in pairs if _sizeable(mask)]
    weights = np.array([_trust(proposal) for proposal, _ in pairs])
    scored = []
    for proposal, mask in pairs:
        likeness = np.array([dice(mask, other) for _, other in pairs])
        agreement = float(likeness @ weights / weights.sum())
        score = 0.4 * agreement + 0.6 * plausibility(small, mask)
        scored.append((replace(proposal, score=score), mask))
    return _merged(sorted(scored, key=lambda pair: -pair[0].score))


def plausibility(pixels: Pixels, mask: Mask) -> float:
    """Return how much a mask looks like a whole specimen with an edge around it, 0…1.

    It is the weighted mean of

    - 0.3 mirror symmetry: the best Dice of the mask with its mirror image over 36 axes through its
      centre, 0.5 counting as 0 and 0.95 as 1;
    - 0.3 clearness of the border: 1 where the mask touches none of the picture's border, 0 where
      it takes 30 % of it or more;
    - 0.15 edge: the share of the contour across which colours differ by 8 ΔE or more;
    - 0.25 separation: how little the colours inside and outside overlap.

    The weights were set by hand: on 49 field photographs a regression of the Dice on these and
    thirteen more features, or trees grown on them, chose no better in cross-validation.

    Args:
        pixels: shape (height, width, 3), uint8 RGB; about 256 pixels on the long side.
        mask: shape (height, width), uint8; not empty.
    """
    mirrored = np.clip((mirror_symmetry(mask) - 0.5) / 0.45, 0, 1)
    border = np.concatenate((mask[0], mask[-1], mask[:, 0], mask[:, -1])) > 0
    clear = 1 - min(float(border.mean()) / 0.3, 1)
    looks = 0.3 * mirrored + 0.3 * clear + 0.15 * edge_share(pixels, mask)
    return float(looks + 0.25 * separation(pixels, mask))


def mirror_symmetry(mask: Mask) -> float:
    """Return the best Dice of a mask with its mirror image, over axes 5° apart, 0…1.

    The axes go through the centre of gravity, since a moth in the field lies at any angle.

    Args:
        mask: shape (height, width), uint8; not empty.
    """
    y, x = np.nonzero(mask)
    centre = float(x.mean()), float(y.mean())
    radius = float(np.hypot(x - centre[0], y - centre[1]).max()) + 1
    half = (_SYMMETRY_SIDE - 1) / 2
    best = 0.0
    for angle in range(0, 90, 5):
        turn = cv2.getRotationMatrix2D(centre, angle, half / radius)
        turn = turn + np.array([[0, 0, half - centre[0]], [0, 0, half - centre[1]]])
        turned = cv2.warpAffine(mask, turn, (_SYMMETRY_SIDE,) * 2, flags=cv2.INTER_NEAREST) > 0
        shared = max((turned & turned[:, ::-1]).sum(), (turned & turned[::-1]).sum())
        best = max(best, float(shared / max(turned.sum(), 1)))
    return best


def separation(pixels: Pixels, mask: Mask) -> float:
    """Return how little the colours inside and outside overlap, 0…1.

    It is 1 less Bhattacharyya's coefficient ("On a measure of divergence between two statistical
    populations", 1943) of their histograms in CIE L*a*b*, in bins of about 8 ΔE.

    Args:
        pixels: shape (height, width, 3), uint8 RGB.
        mask: shape (height, width), uint8; neither empty nor full.
    """
    lab = cv2.cvtColor(pixels.astype(np.float32) / 255, cv2.COLOR_RGB2LAB)
    ranges = [0, 100.01, -128, 128, -128, 128]
    inside, outside = (
        cv2.calcHist([lab], [0, 1, 2], where, [12, 32, 32], ranges) for where in (mask, 255 - mask)
    )
    overlap = np.sqrt((inside / inside.sum()) * (outside / outside.sum())).sum()
    return float(1 - min(overlap, 1))


def edge_share(pixels: Pixels, mask: Mask) -> float:
    """Return the share of the contour where the colours inside and outside differ, 0…1.

    Colours are means in CIE L*a*b* over a few pixels on each side, the outermost pixel left out;
    they differ from a ΔE of 8 on.

    Args:
        pixels: shape (height, width, 3), uint8 RGB.
        mask: shape (height, width), uint8.
    """
    lab = np.asarray(cv2.cvtColor(pixels.astype(np.float32) / 255, cv2.COLOR_RGB2LAB), np.float32)
    inner, deep = _eroded(mask, 1) > 0, _eroded(mask, 4) > 0
    outer, far = _eroded(255 - mask, 1) > 0, _eroded(255 - mask, 4) > 0
    inside = _local_mean(lab, inner & ~deep)
    outside = _local_mean(lab, outer & ~far)
    contour = (mask > 0) & ~inner
    difference = np.linalg.norm(inside - outside, axis=2)[contour]
    return float((difference >= _NOTICEABLE).mean()) if difference.size else 0.0


def _merged(scored: Sequence[tuple[Proposal, Mask]]) -> list[Proposal]:
    kept: list[tuple[Proposal, Mask]] = []
    for proposal, mask in scored:
        for index, (better, seen) in enumerate(kept):
            if dice(mask, seen) >= SAME:
                names = (*better.agreeing, proposal.method, *proposal.agreeing)
                kept[index] = replace(better, agreeing=names), seen
                break
        else:
            kept.append((proposal, mask))
    return [proposal for proposal, _ in kept]


def _trust(proposal: Proposal) -> float:
    return sum(_TRUST[method] for method in (proposal.method, *proposal.agreeing))


def _smaller(mask: Mask) -> Mask:
    return np.where(fit_within(mask, _SIDE) >= 128, SPECIMEN, 0).astype(np.uint8)


def _sizeable(mask: Mask) -> bool:
    return _SMALLEST <= float((mask > 0).mean()) <= _LARGEST


def _eroded(mask: Mask, pixels: int) -> Mask:
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (3, 3))
    # Beyond the picture nothing is known, so its border is no edge.
    eroded = cv2.erode(mask, disc, iterations=pixels, borderType=cv2.BORDER_REPLICATE)
    return np.asarray(eroded, np.uint8)


def _local_mean(lab: NDArray[np.float32], where: NDArray[np.bool_]) -> NDArray[np.float32]:
    weight = where.astype(np.float32)
    count = cv2.boxFilter(weight, -1, (11, 11))
    total = cv2.boxFilter(lab * weight[..., None], -1, (11, 11))
    return np.asarray(total / np.maximum(count, 1e-6)[..., None], np.float32)
