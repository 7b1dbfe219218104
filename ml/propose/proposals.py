"""Masks proposed without any labels: quick methods first, a slow one where those fail."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from ml.imaging.arrays import Pixels
from ml.imaging.read import fit_within
from ml.progress import OnProgress, silent
from ml.propose.background import Blocks, without_background
from ml.propose.finishing import Finishing, enlarged, finished
from ml.propose.grabcut import regrown_mask
from ml.propose.kanezaki import FAST, KanezakiConfig, kanezaki_blocks
from ml.propose.portfolio import PORTFOLIO, Portfolio, proposed
from ml.propose.ranking import Proposal, rank

__all__ = [
    "KanezakiOutcome",
    "Proposal",
    "add_kanezaki",
    "cheap_proposals",
    "wants_more",
]

WORKING_SIDE = 320
"""Pixels of the long side at which methods work: GrabCut is clearly worse at 256."""

SECONDS = 1.5
"""What a crop may take of one processor, unless another budget is set."""

_MOST = 6
"""More masks than this are no help to a curator."""

_DOUBTFUL = 0.82


@dataclass(frozen=True)
class KanezakiOutcome:
    """What Kanezaki's method adds.

    Args:
        ranked: all proposals, old and new, best first.
        blocks: colour-block ids, int32, at the size that the method worked at.
    """

    ranked: list[Proposal]
    blocks: Blocks


def cheap_proposals(
    pixels: Pixels, portfolio: Portfolio = PORTFOLIO, *, seconds: float = SECONDS
) -> list[Proposal]:
    """Return what the quick methods propose, best first, near-equal masks merged.

    They work at 320 pixels on the long side; masks are brought back to the crop's size.

    Args:
        pixels: the crop, shape (height, width, 3), uint8 RGB.
        portfolio: the methods, by stages.
        seconds: how long they may compute.

    Returns:
        The six best at most; none where no method finds anything, as on one even colour.
    """
    if pixels.shape[:2] == (1, 1):
        return []  # one pixel has no colours to tell apart
    ranked = proposed(fit_within(pixels, WORKING_SIDE), portfolio, seconds=seconds)
    return [replace(found, mask=enlarged(found.mask, pixels)) for found in ranked[:_MOST]]


def wants_more(ranked: Sequence[Proposal]) -> bool:
    """Return whether Kanezaki's method is worth its time: the best proposal is doubtful.

    The score is low where the methods disagree, and where the mask does not look like a specimen.

    Args:
        ranked: what ``cheap_proposals`` returned.
    """
    return not ranked or ranked[0].score < _DOUBTFUL


def add_kanezaki(
    pixels: Pixels,
    ranked: Sequence[Proposal],
    *,
    seed: int = 0,
    config: KanezakiConfig = FAST,
    on_progress: OnProgress = silent,
) -> KanezakiOutcome:
    """Run Kanezaki's method too, and rank everything anew.

    It proposes two masks: its blocks without the background's, and GrabCut started from that.

    Args:
        pixels: the crop, shape (height, width, 3), uint8 RGB.
        ranked: what other methods proposed for it.
        seed: of the network's first weights.
        config: settings.
        on_progress: told after each step of the training.
    """
    blocks = kanezaki_blocks(
        fit_within(pixels, config.side), config, seed=seed, on_progress=on_progress
    )
    small = fit_within(pixels, WORKING_SIDE)
    mask = enlarged(without_background(blocks, config.background), small)
    raw = {"kanezaki": mask, "kanezaki-grabcut": regrown_mask(small, mask)}
    new = [
        Proposal(name, enlarged(finished(made, small, Finishing()), pixels), score=0.0)
        for name, made in raw.items()
    ]
    return KanezakiOutcome(rank(pixels, [*ranked, *new]), blocks)
