"""The pictures of good and bad masks show what they say."""

import numpy as np
import pytest

from ml.imaging.drawn import draw_specimen
from ml.imaging.drawn.examples import FAULTS, FAULTY

DRAWN = draw_specimen(FAULTY)


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_is_seen_and_is_a_mask(name: str) -> None:
    mask = FAULTS[name](DRAWN)
    assert mask.shape == DRAWN.mask.shape
    assert mask.dtype == np.uint8
    assert set(np.unique(mask)) == {0, 255}
    wrong = np.count_nonzero(mask != DRAWN.mask) / np.count_nonzero(DRAWN.mask)
    assert wrong > 0.02


@pytest.mark.parametrize("name", ["wing-cut", "hole"])
def test_what_is_missing_adds_nothing(name: str) -> None:
    assert not (FAULTS[name](DRAWN) > DRAWN.mask).any()
