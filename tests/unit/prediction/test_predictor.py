from dataclasses import replace

import numpy as np
import pytest

from ml.checkpoints import UnusableWeights
from ml.imaging.letterbox import Letterbox
from ml.metrics.overlap import dice
from ml.prediction.predictor import Predicted, Predictor, uncertainty
from ml.training.train import train
from tests.unit.learning.ellipses import SIDE, SMALL, draw_ellipse, ellipse_squares


@pytest.fixture(scope="module")
def predictor(tmp_path_factory: pytest.TempPathFactory) -> Predictor:
    folder = tmp_path_factory.mktemp("squares")
    training, validation = ellipse_squares(folder, 16), ellipse_squares(folder, 4, 100)
    return Predictor(train(replace(SMALL, epochs=20), training, validation).weights)


def test_crops_of_any_size_get_masks_of_their_size(predictor: Predictor) -> None:
    sizes = [(48, 64), (200, 90), (64, 64), (31, 17)]
    crops = [np.full((*size, 3), 200, np.uint8) for size in sizes]
    predictions = predictor.predict(crops)
    assert [prediction.mask.shape for prediction in predictions] == sizes
    assert {prediction.probability.shape for prediction in predictions} == {(SIDE, SIDE)}
    assert {prediction.probability.dtype for prediction in predictions} == {np.dtype(np.float32)}


def test_no_crops_are_no_predictions(predictor: Predictor) -> None:
    assert predictor.predict([]) == []


def test_it_finds_what_it_learned(predictor: Predictor) -> None:
    drawn = [draw_ellipse(seed) for seed in range(200, 220)]
    predictions = predictor.predict([pixels for pixels, _ in drawn])
    dices = [
        dice(prediction.mask, mask)
        for prediction, (_, mask) in zip(predictions, drawn, strict=True)
    ]
    assert np.mean(dices) > 0.85
    assert {value for prediction in predictions for value in np.unique(prediction.mask)} == {0, 255}


def test_bands_are_filled_as_is_said(predictor: Predictor) -> None:
    pixels = np.full((SIDE, SIDE // 2, 3), 90, np.uint8)
    pixels[SIDE // 4 : SIDE // 2, 4:-4] = 200
    whole = Letterbox(*pixels.shape[:2], SIDE)
    (by_hand,) = predictor.predict([whole.pixels(pixels, (90, 90, 90))])
    (padded,) = predictor.predict([pixels], ["corners"])
    np.testing.assert_array_equal(padded.probability, by_hand.probability)
    assert not np.array_equal(padded.probability, predictor.predict([pixels])[0].probability)


def test_company_in_the_batch_changes_nothing(predictor: Predictor) -> None:
    crops = [draw_ellipse(seed)[0] for seed in range(300, 304)]
    together, alone = predictor.predict(crops), [predictor.predict([crop])[0] for crop in crops]
    for one, other in zip(together, alone, strict=True):
        assert dice(one.mask, other.mask) > 0.99
        assert one.uncertainty == pytest.approx(other.uncertainty, abs=0.01)


def test_what_is_harder_to_see_is_less_certain(predictor: Predictor) -> None:
    wrong, doubts = [], []
    for seed in range(400, 460):
        pixels, mask = draw_ellipse(seed)
        veil = np.random.default_rng(seed).uniform(0, 0.9)
        veiled = (pixels * (1 - veil) + 200 * veil).astype(np.uint8)
        prediction = predictor.predict([veiled])[0]
        wrong.append(1 - dice(prediction.mask, mask))
        doubts.append(prediction.uncertainty)
    assert _rank_correlation(np.array(wrong), np.array(doubts)) > 0.6


def _rank_correlation(first: np.ndarray, second: np.ndarray) -> float:
    return float(np.corrcoef(first.argsort().argsort(), second.argsort().argsort())[0, 1])


@pytest.mark.parametrize(
    ("inside", "outside", "expected"),
    [(1.0, 0.0, 0.0), (0.0, 0.0, 1.0), (0.5, 0.5, 1.0), (0.6, 0.0, 0.25), (1.0, 0.4, 0.375)],
)
def test_uncertainty_is_the_expected_loss_of_dice(
    inside: float, outside: float, expected: float
) -> None:
    probability = np.full((10, 10), outside, np.float32)
    probability[:, :2] = inside
    if outside == 0.4:
        probability[:, 5:] = 0  # 20 sure pixels and 30 that may be
        expected = 1 - 2 * 20 / (32 + 20)
    assert uncertainty(probability) == pytest.approx(expected, abs=1e-6)


def test_uncertainty_stays_between_0_and_1(predictor: Predictor) -> None:
    noise = np.random.default_rng(0).integers(0, 256, (6, 40, 40, 3), dtype=np.uint8)
    predictions: list[Predicted] = predictor.predict(list(noise))
    assert all(0 <= prediction.uncertainty <= 1 for prediction in predictions)


def test_other_bytes_are_no_predictor() -> None:
    with pytest.raises(UnusableWeights):
        Predictor(b"something else")
