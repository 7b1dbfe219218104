"""The dense CRF draws a rough mask to the picture's edges."""

import cv2
import numpy as np
import pytest

from ml import crf
from ml.crf import CrfConfig, dense_crf
from ml.errors import CrfMissing
from ml.imaging.drawn import draw_specimen
from ml.metrics.overlap import dice

SPECIMEN = draw_specimen(40, width=240, height=170)
ROUGH = cv2.dilate(SPECIMEN.mask, np.ones((3, 3), np.uint8), iterations=3) > 0


LAB = CrfConfig()


def agreed(config: CrfConfig = LAB) -> np.ndarray:
    return dense_crf(SPECIMEN.pixels, ROUGH.astype(np.float32), config)


def test_a_mask_that_is_too_wide_goes_back_to_the_edges() -> None:
    before = dice(ROUGH.astype(np.uint8), SPECIMEN.mask)
    probability = agreed()
    assert probability.shape == SPECIMEN.mask.shape
    assert probability.dtype == np.float32
    assert 0 <= probability.min() <= probability.max() <= 1
    assert dice((probability >= 0.5).astype(np.uint8), SPECIMEN.mask) > before + 0.02


def test_without_neighbours_the_input_is_what_comes_out() -> None:
    alone = agreed(CrfConfig(certainty=0.7, near_weight=0, far_weight=0))
    assert alone == pytest.approx(np.where(ROUGH, 0.7, 0.3), abs=1e-5)
    even = np.linspace(0.1, 0.9, ROUGH.size, dtype=np.float32).reshape(ROUGH.shape)
    config = CrfConfig(certainty=1, near_weight=0, far_weight=0)
    assert dense_crf(SPECIMEN.pixels, even, config) == pytest.approx(even, abs=1e-5)


def test_a_probability_of_another_size_is_refused() -> None:
    with pytest.raises(ValueError, match="does not belong"):
        dense_crf(SPECIMEN.pixels, np.zeros((4, 4), np.float32), CrfConfig())


def test_where_it_is_missing_a_sentence_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(crf, "is_available", lambda: False)
    with pytest.raises(CrfMissing, match="compiler"):
        agreed()
