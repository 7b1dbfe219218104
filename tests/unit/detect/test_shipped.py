"""The detector that comes with the program."""

import numpy as np
import pytest

from ml import shipped_detector as files
from ml.detect.detector import find_specimen
from ml.detect.learner import DetectorLearner
from ml.detect.make_shipped import in_halves
from ml.detect.shipped import shipped_detector, shipped_weights
from ml.detector_config import DetectorConfig
from ml.imaging.boxes import Box
from ml.imaging.drawn import draw_specimen


def test_its_files_are_there_and_small() -> None:
    assert files.is_there()
    assert sum(file.stat().st_size for file in files.FOLDER.iterdir()) <= 8_000_000


def test_it_finds_drawn_specimens_beside_ruler_card_and_label() -> None:
    detector = shipped_detector()
    overlaps = []
    for seed in range(90_000, 90_006):
        drawn = draw_specimen(seed, width=640, height=455)
        found = find_specimen(detector, drawn.pixels, half_split=True)
        overlaps.append(found.box.iou(Box.around(drawn.mask)) if found else 0.0)
    assert np.mean(overlaps) > 0.8


def test_a_training_begins_with_its_weights() -> None:
    learner = DetectorLearner(DetectorConfig(), shipped_weights(DetectorConfig()))
    assert next(learner.network.parameters()).dtype.itemsize == 4
    assert shipped_weights(DetectorConfig(width=8)) is None


def test_weights_in_halves_take_half_the_room_and_are_nearly_the_same() -> None:
    learner = DetectorLearner(DetectorConfig(width=8, side=64), None)
    whole = learner.weights()
    halves = in_halves(whole)
    assert len(halves) == pytest.approx(len(whole) / 2, rel=0.1)
    begun = DetectorLearner(DetectorConfig(width=8, side=64), halves)
    for before, after in zip(learner.average.parameters(), begun.network.parameters(), strict=True):
        np.testing.assert_allclose(before.detach(), after.detach(), rtol=1e-3, atol=1e-6)
