from collections.abc import Iterator
from pathlib import Path

import pytest
import torch

from ml import shipped_detector
from ml.detect.export import to_onnx
from ml.detect.learner import DetectorLearner
from ml.detector_config import DetectorConfig
from worker.detecting import opened


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    """The number of threads decides the last bits of weights."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture
def shipped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A detector that comes with the program, though it has learned nothing; its ONNX file."""
    monkeypatch.setattr(shipped_detector, "FOLDER", tmp_path)
    learner = DetectorLearner(DetectorConfig(side=64), None)
    shipped_detector.onnx().write_bytes(to_onnx(learner.average.cpu(), 64))
    shipped_detector.weights().write_bytes(learner.weights())
    opened.cache_clear()
    yield shipped_detector.onnx()
    opened.cache_clear()


@pytest.fixture(autouse=True)
def as_if_none_was_shipped(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Tests that want one have `shipped`; the others are the same with and without weights."""
    monkeypatch.setattr(shipped_detector, "FOLDER", tmp_path / "nothing")
