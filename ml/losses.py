"""What training makes small."""

from collections.abc import Callable

from monai.losses.dice import DiceCELoss
from torch import Tensor

Loss = Callable[[Tensor, Tensor], Tensor]
"""Takes scores (n, 2, h, w) float and truth (n, 1, h, w) of 0 and 1; returns one number ≥ 0."""


def cross_entropy_and_dice() -> Loss:
    """Return cross-entropy + (1 − Dice of the specimen), the lab's loss, from MONAI.

    Dice is taken over the whole batch, so that a nearly empty mask among it does not swing it
    (Milletari et al., "V-Net", 3DV 2016).
    """
    loss: Loss = DiceCELoss(softmax=True, to_onehot_y=True, include_background=False, batch=True)
    return loss
