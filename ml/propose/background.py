"""Which of a picture's colour blocks are background."""

from collections import Counter
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from ml.imaging.arrays import BACKGROUND, SPECIMEN, Mask
from ml.propose.border import frame

Blocks = NDArray[np.int32]
"""Shape (height, width), int32: the id of each pixel's colour block, 0 … number of blocks - 1."""

Vote = Literal["five-points", "border"]
"""How the background is found among the blocks; see ``without_background``."""

# The lab looked 25 pixels into its squares of 256.
_INSET = 25 / 256
_EDGE, _OUTER = 0.04, 0.2
_CONNECTED, _OUTSIDE = 0.3, 0.85


def without_background(blocks: Blocks, vote: Vote) -> Mask:
    """Return everything but the background's blocks.

    - ``five-points``, the lab's: one block, found most often at the top middle and the corners, 25
      pixels in of 256.
    - ``border``: the block that takes most of the border, and each that takes much of it for the
      block's size (boundary connectivity of 0.3; Zhu et al., CVPR 2014) and lies no less in the
      outer fifth of the picture than the whole picture does, but for 15 %. On 40 field and 10
      museum photographs the mean Dice rose from 0.515 and 0.803 to 0.809 and 0.975, where picking
      the blocks by the true mask gives 0.823 and 0.980.

    Args:
        blocks: shape (height, width), int32.
        vote: which of the two.
    """
    background = _at_five_points(blocks) if vote == "five-points" else _along_the_border(blocks)
    return np.where(background[blocks], BACKGROUND, SPECIMEN).astype(np.uint8)


def _at_five_points(blocks: Blocks) -> NDArray[np.bool_]:
    height, width = blocks.shape
    top, left = round(height * _INSET), round(width * _INSET)
    bottom, right = height - 1 - top, width - 1 - left
    points = ((top, width // 2), (top, left), (top, right), (bottom, left), (bottom, right))
    found = Counter(int(blocks[point]) for point in points).most_common(1)[0][0]
    return np.asarray(np.arange(blocks.max() + 1) == found)


def _along_the_border(blocks: Blocks) -> NDArray[np.bool_]:
    height, width = blocks.shape
    count = int(blocks.max()) + 1
    edge, outer = frame(height, width, _EDGE), frame(height, width, _OUTER)
    area = np.bincount(blocks.ravel(), minlength=count)
    along = np.bincount(blocks[edge], minlength=count) / edge.sum() * 2 * (height + width)
    connected = along > _CONNECTED * np.sqrt(area)
    outside = np.bincount(blocks[outer], minlength=count) > _OUTSIDE * outer.mean() * area
    return np.asarray((connected & outside) | (along == along.max()))
