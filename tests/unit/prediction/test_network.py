"""Networks with random weights: what views, folding and several of them do to the numbers."""

import numpy as np
import pytest
import torch

from ml.checkpoints import Weights
from ml.config import NetworkConfig, Prediction
from ml.networks.device import as_pictures
from ml.networks.unet import UNet
from ml.prediction.network import VIEWS, TrainedNetwork, View, fused
from ml.prediction.predictor import Predictor

CPU = torch.device("cpu")
CONFIG = NetworkConfig(base=4, depth=2)
SIDE = 32


def network(seed: int) -> UNet:
    """One whose batch normalisation has seen something."""
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        made = UNet(CONFIG)
        with torch.no_grad():
            made.scores.weight *= 20  # answers that are not all one half
        made(torch.rand(8, 3, SIDE, SIDE))
    return made.eval()


def weights(seed: int, side: int = SIDE, temperature: float = 1.0) -> bytes:
    return Weights(CONFIG, side, network(seed).state_dict(), temperature).to_bytes()


def squares(side: int = SIDE) -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (3, side, side, 3), dtype=np.uint8)


def test_folded_batch_normalisation_gives_the_same_numbers() -> None:
    pictures = as_pictures(torch.from_numpy(squares()))
    with torch.inference_mode():
        torch.testing.assert_close(
            fused(network(0))(pictures), network(0)(pictures), atol=1e-4, rtol=1e-4
        )


def test_a_mirrored_view_is_the_answer_to_the_mirrored_square_turned_back() -> None:
    trained = TrainedNetwork(weights(0), CPU)
    mirrored = np.ascontiguousarray(squares()[:, :, ::-1])
    view, plain = (
        trained.probabilities(shown, [view])[0]
        for shown, view in ((squares(), View((3,))), (mirrored, View()))
    )
    torch.testing.assert_close(view, plain.flip(2), atol=0.02, rtol=0)


@pytest.mark.parametrize("name", VIEWS)
def test_views_of_any_scale_answer_at_the_squares_size(name: str) -> None:
    views = VIEWS[name]  # type: ignore[index]
    found = TrainedNetwork(weights(0), CPU).probabilities(squares(), views)
    assert found.shape == (len(views), 3, SIDE, SIDE)
    assert found.min() >= 0
    assert found.max() <= 1


def test_a_higher_temperature_doubts_more() -> None:
    sure, doubtful = (
        TrainedNetwork(weights(0, temperature=degrees), CPU).probabilities(squares(), [View()])
        for degrees in (1.0, 3.0)
    )
    assert (doubtful - 0.5).abs().mean() < 0.7 * (sure - 0.5).abs().mean()
    torch.testing.assert_close(doubtful.logit(), sure.logit() / 3, atol=0.02, rtol=0.02)


def test_an_ensemble_answers_with_the_mean_of_its_networks() -> None:
    how = Prediction("one", "none")
    crop = squares()[0]
    first, second, both = (
        Predictor(*chosen, how=how).predict([crop])[0].probability
        for chosen in ([weights(0)], [weights(1)], [weights(0), weights(1)])
    )
    assert np.abs(first - second).mean() > 0.05
    np.testing.assert_allclose(both, (first + second) / 2, atol=1e-6)


def test_networks_of_different_sides_can_answer_together() -> None:
    both = Predictor(weights(0), weights(1, side=16))
    assert both.side == SIDE
    (predicted,) = both.predict([squares(40)[0]])
    assert predicted.probability.shape == (SIDE, SIDE)
    assert predicted.mask.shape == (40, 40)


def test_a_stream_gives_what_batches_give_alone() -> None:
    predictor = Predictor(weights(0))
    batches = [list(squares(side)) for side in (20, 40, 30)]
    streamed = list(predictor.stream(batches))
    for batch, found in zip(batches, streamed, strict=True):
        for one, other in zip(found, predictor.predict(batch), strict=True):
            np.testing.assert_array_equal(one.mask, other.mask)
            assert one.uncertainty == other.uncertainty
