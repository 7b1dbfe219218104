"""Masks proposed without any labels: quick methods first, a slow one where they are unsure."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from ml.imaging.arrays import Mask, Pixels
from ml.imaging.read import fit_within
from ml.progress import OnProgress, silent
from ml.propose.border import border_mask
from ml.propose.finishing import cleaned, enlarged
from ml.propose.grabcut import (
    border_grabcut_mask,
    grabcut_mask,
    regrown_mask,
    wide_grabcut_mask,
)
from ml.propose.kanezaki import Blocks, KanezakiConfig, kanezaki_blocks, without_background
from ml.propose.ranking import Proposal, rank

__all__ = [
    "CHEAP_METHODS",
    "KanezakiOutcome",
    "Method",
    "Proposal",
    "add_kanezaki",
    "cheap_proposals",
    "wants_more",
]

Method = Callable[[Pixels], Mask]

CHEAP_METHODS: Final[Mapping[str, Method]] = {
    "border": border_mask,
    "grabcut": grabcut_mask,
    "grabcut-wide": wide_grabcut_mask,
    "grabcut-border": border_grabcut_mask,
}
"""The quick methods by name: each takes pixels at the working size and returns their mask."""

_WORKING_SIDE = 320
_SURE = 0.9


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
    pixels: Pixels, methods: Mapping[str, Method] = CHEAP_METHODS
) -> list[Proposal]:
    """Return what the quick methods propose, best first, near-equal masks merged.

    They work at 320 pixels on the long side; masks are brought back to the crop's size.

    Args:
        pixels: the crop, shape (height, width, 3), uint8 RGB.
        methods: the methods by name.

    Returns:
        At most one proposal per method; none where no method finds anything, as on one even colour.
    """
    small = fit_within(pixels, _WORKING_SIDE)
    found = [_proposal(name, method(small), pixels) for name, method in methods.items()]
    return rank(pixels, found)


def wants_more(ranked: Sequence[Proposal]) -> bool:
    """Return whether Kanezaki's method is worth its time: the best proposal is not sure enough.

    The score is low where the methods disagree, and where the mask does not look like a specimen.

    Args:
        ranked: what ``cheap_proposals`` returned.
    """
    return not ranked or ranked[0].score < _SURE


def add_kanezaki(
    pixels: Pixels,
    ranked: Sequence[Proposal],
    *,
    seed: int = 0,
    config: KanezakiConfig | None = None,
    on_progress: OnProgress = silent,
) -> KanezakiOutcome:
    """Run Kanezaki's method too, and rank everything anew.

    It proposes two masks: its blocks without the background's, and GrabCut started from that.

    Args:
        pixels: the crop, shape (height, width, 3), uint8 RGB.
        ranked: what other methods proposed for it.
        seed: of the network's first weights.
        config: settings; the quick ones if not given.
        on_progress: told after each step of the training.
    """
    config = config or KanezakiConfig()
    blocks = kanezaki_blocks(
        fit_within(pixels, config.side), config, seed=seed, on_progress=on_progress
    )
    small = fit_within(pixels, _WORKING_SIDE)
    mask = without_background(blocks)
    regrown = regrown_mask(small, enlarged(mask, small))
    new = [_proposal("kanezaki", mask, pixels), _proposal("kanezaki-grabcut", regrown, pixels)]
    return KanezakiOutcome(rank(pixels, [*ranked, *new]), blocks)


def _proposal(method: str, mask: Mask, pixels: Pixels) -> Proposal:
    return Proposal(method, enlarged(cleaned(mask), pixels), score=0.0)
