from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
from tensorboard.backend.event_processing.event_accumulator import IMAGES, EventAccumulator

from ml.imaging.png import read_png
from ml.training.curves import Curves
from ml.training.epochs import EpochReport
from tests.unit.learning.ellipses import SMALL

CONFIG = replace(SMALL, seed=1234)


def report(epoch: int, dice: float) -> EpochReport:
    return EpochReport(epoch, 1 / epoch, 2 / epoch, dice, 1e-3, 5.0)


def read(folder: Path) -> EventAccumulator:
    """As TensorBoard itself reads a folder."""
    found = EventAccumulator(str(folder), size_guidance={IMAGES: 0})
    found.Reload()
    return found


def points(folder: Path, name: str = "dice/validation") -> list[tuple[int, float]]:
    return [(event.step, round(event.value, 4)) for event in read(folder).Scalars(name)]


def test_curves_configuration_and_sheets_can_be_read(tmp_path: Path) -> None:
    sheet = np.random.default_rng(0).integers(0, 256, (20, 30, 3), dtype=np.uint8)
    with Curves(tmp_path, CONFIG) as curves:
        for epoch in (1, 2):
            curves.epoch(report(epoch, 0.1 * epoch))
        curves.sheet(sheet, 2)
    found = read(tmp_path)
    assert points(tmp_path) == [(1, 0.1), (2, 0.2)]
    assert points(tmp_path, "loss/train") == [(1, 1.0), (2, 0.5)]
    assert points(tmp_path, "loss/validation") == [(1, 2.0), (2, 1.0)]
    assert points(tmp_path, "learning rate") == [(1, 0.001), (2, 0.001)]
    (image,) = found.Images("contact sheet")
    assert image.step == 2
    assert np.array_equal(read_png(image.encoded_image_string), sheet)
    (text,) = found.Tensors("configuration/text_summary")
    shown_text = text.tensor_proto.string_val[0].decode()
    assert all(name in shown_text for name in asdict(CONFIG))
    assert "1234" in shown_text


def test_what_is_done_is_there_before_the_training_ends(tmp_path: Path) -> None:
    with Curves(tmp_path, CONFIG) as curves:
        curves.epoch(report(1, 0.5))
        assert points(tmp_path) == [(1, 0.5)]


def test_a_training_that_goes_on_has_each_point_once(tmp_path: Path) -> None:
    with Curves(tmp_path, CONFIG) as curves:
        for epoch in (1, 2, 3):  # and no checkpoint after the third
            curves.epoch(report(epoch, 0.1 * epoch))
            curves.sheet(np.full((4, 4, 3), epoch, np.uint8), epoch)
    with Curves(tmp_path, CONFIG, done=2) as curves:
        for epoch in (3, 4):
            curves.epoch(report(epoch, 0.2 * epoch))
            curves.sheet(np.full((4, 4, 3), epoch, np.uint8), epoch)
    assert points(tmp_path) == [(1, 0.1), (2, 0.2), (3, 0.6), (4, 0.8)]
    assert [image.step for image in read(tmp_path).Images("contact sheet")] == [1, 2, 3, 4]
    assert len(read(tmp_path).Tensors("configuration/text_summary")) == 1


def test_a_training_that_begins_anew_takes_everything_back(tmp_path: Path) -> None:
    with Curves(tmp_path, CONFIG) as curves:
        curves.epoch(report(1, 0.1))
    with Curves(tmp_path, CONFIG) as curves:
        curves.epoch(report(1, 0.3))
    assert points(tmp_path) == [(1, 0.3)]
    assert len(read(tmp_path).Tensors("configuration/text_summary")) == 1
