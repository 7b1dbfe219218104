"""Masks from trained networks."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import repeat

import numpy as np
from numpy.typing import NDArray

from ml.config import Prediction, Refinement
from ml.imaging.arrays import SPECIMEN, Mask, Pixels
from ml.imaging.contours import largest_contour
from ml.imaging.letterbox import WHITE_BANDS, Letterbox, band_colour
from ml.networks.device import best_device
from ml.prediction.ahead import ahead
from ml.prediction.network import VIEWS, TrainedNetwork
from ml.refinement import refined

Probability = NDArray[np.float32]
"""Shape (side, side), float32, 0…1: how surely each pixel belongs to the specimen."""


@dataclass(frozen=True)
class Predicted:
    """What networks make of a crop.

    Args:
        mask: at the crop's size, one filled piece; all background where nothing was found.
        probability: at the network's size, of the letter-boxed crop.
        uncertainty: 0…1, see ``uncertainty``.
    """

    mask: Mask
    probability: Probability
    uncertainty: float


@dataclass(frozen=True)
class _Batch:
    crops: Sequence[Pixels]
    squares: NDArray[np.uint8]
    """(n, side, side, 3) uint8."""


class Predictor:
    """One trained network or an ensemble of several, ready to predict."""

    def __init__(self, *weights: bytes, how: Prediction | None = None) -> None:
        """Read safetensors bytes as ``ml.training.train.train`` returns, of one network or more.

        Args:
            weights: of each network. The mean of their probabilities is the answer
                (Lakshminarayanan et al., "Deep ensembles", NIPS 2017).
            how: views and refinement, instead of what the first network was trained for.

        Raises:
            UnusableWeights: the bytes are something else.
        """
        device = best_device()
        self._networks = [TrainedNetwork(each, device) for each in weights]
        self._how = how or self._networks[0].prediction
        self.side = max(network.side for network in self._networks)

    def predict(self, batch: Sequence[Pixels], paddings: Sequence[str] = ()) -> list[Predicted]:
        """Predict crops of any sizes; all of them go through the network at once.

        Args:
            batch: crops, each (height, width, 3) uint8. 16 at a time is a good number.
            paddings: of each crop, see ``ml.imaging.letterbox.band_colour``; none: all white.
        """
        return self._finished(*self._answered(self._prepared(batch, paddings))) if batch else []

    def stream(
        self, batches: Iterable[Sequence[Pixels]], paddings: Iterable[Sequence[str]] = repeat(())
    ) -> Iterator[list[Predicted]]:
        """Predict batch after batch, as ``predict`` does, with three of them under way at once.

        While the network works on one batch, the next is taken from ``batches`` (in a thread of
        its own, so reading and decoding belong there) and the masks of the one before are made.

        Args:
            batches: each of at least one crop.
            paddings: as ``predict`` has them, of each batch.
        """
        prepared = ahead(map(self._prepared, batches, paddings))
        for batch, probabilities in ahead(map(self._answered, prepared)):
            yield self._finished(batch, probabilities)

    def _prepared(self, crops: Sequence[Pixels], paddings: Sequence[str]) -> _Batch:
        pairs = zip(crops, paddings or repeat(WHITE_BANDS, len(crops)), strict=True)
        squares = [
            Letterbox(len(crop), len(crop[0]), self.side).pixels(crop, band_colour(padding, crop))
            for crop, padding in pairs
        ]
        return _Batch(crops, np.stack(squares))

    def _answered(self, batch: _Batch) -> tuple[_Batch, NDArray[np.float32]]:
        """The batch with the mean over networks and views: (n, side, side), 0…1."""
        views = VIEWS[self._how.views]
        found = [network.probabilities(batch.squares, views).mean(0) for network in self._networks]
        return batch, (sum(found[1:], found[0]) / len(found)).cpu().numpy()

    def _finished(self, batch: _Batch, probabilities: NDArray[np.float32]) -> list[Predicted]:
        return [
            _predicted(crop, probability, self._how.refinement)
            for crop, probability in zip(batch.crops, probabilities, strict=True)
        ]


def uncertainty(probability: Probability) -> float:
    """Return how far the mask is from certain, 0…1: its expected 1 − Dice.

    With m the pixels above one half, it is 1 − 2·Σ(p·m) / (Σp + Σm): what is lost on average if
    the truth is drawn from the probabilities (soft Dice, Milletari et al., "V-Net", 3DV 2016).
    0 where every pixel is sure, 1 where nothing was found. Where views or networks disagree,
    their mean is far from 0 and 1, so disagreement counts as doubt does.

    Args:
        probability: shape (side, side), float32, 0…1.
    """
    inside = probability > 0.5
    if not inside.any():
        return 1.0
    within = float(probability[inside].sum())
    return 1 - 2 * within / (float(probability.sum()) + float(inside.sum()))


def _predicted(crop: Pixels, probability: Probability, refinement: Refinement) -> Predicted:
    inside = refined(probability, crop, refinement) > 0.5
    mask = largest_contour(np.where(inside, SPECIMEN, 0).astype(np.uint8))
    return Predicted(mask, probability, uncertainty(probability))
