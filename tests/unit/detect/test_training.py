"""The small YOLO learns, its file is what it learned, and a training goes on where it was."""

import numpy as np
import pytest
import torch

from ml.checkpoints import UnusableWeights
from ml.detect.examples import Example
from ml.detect.export import to_onnx
from ml.detect.losses import assign, complete_iou, detection_loss
from ml.detect.network import DetectorNetwork, cells
from ml.detect.training import DetectorReport, TrainedNetwork, train_detector
from ml.detect.yolo import YoloDetector
from ml.detector_config import DetectorConfig
from ml.errors import NotEnoughLabels
from ml.imaging.boxes import Box
from ml.progress import Progress

SMALL = DetectorConfig(
    steps=80, batch=4, side=64, width=8, mosaic=0.0, colour=0.0, average=0.8,
    validations=4, learning_rate=3e-3,
)  # fmt: skip


def square(seed: int) -> Example:
    """A red rectangle, which is the specimen, and a white one, which is not."""
    rng = np.random.default_rng(seed)
    left, top = rng.integers(2, 30, 2).tolist()
    pixels = np.full((64, 64, 3), 60, np.uint8)
    pixels[top : top + 28, left : left + 28] = (220, 40, 40)
    pixels[58:62, 4:60] = 250
    return Example(lambda: pixels, (Box(left, top, left + 28, top + 28),))


LEARNED, UNSEEN = [square(seed) for seed in range(16)], [square(seed) for seed in range(50, 58)]


@pytest.fixture(scope="module")
def trained() -> tuple[TrainedNetwork, list[DetectorReport], dict[int, bytes]]:
    reports: list[DetectorReport] = []
    checkpoints: dict[int, bytes] = {}
    network = train_detector(
        LEARNED, UNSEEN, SMALL, on_report=reports.append,
        on_checkpoint=lambda data, step: checkpoints.update({step: data}),
    )  # fmt: skip
    return network, reports, checkpoints


def test_it_finds_what_it_learned(
    trained: tuple[TrainedNetwork, list[DetectorReport], dict[int, bytes]],
) -> None:
    network, reports, _ = trained
    assert [report.step for report in reports] == [20, 40, 60, 80]
    assert reports[-1].loss < reports[0].loss
    detector = YoloDetector(network.onnx)
    photographs = [pixels for example in UNSEEN if (pixels := example.read()) is not None]
    ious = [
        found[0].box.iou(example.boxes[0]) if found else 0.0
        for found, example in zip(detector.detect_many(photographs), UNSEEN, strict=True)
    ]
    assert np.mean(ious) > 0.6
    assert network.metrics["mean_iou"] == pytest.approx(np.mean(ious), abs=0.1)


def test_a_training_goes_on_where_it_was(
    trained: tuple[TrainedNetwork, list[DetectorReport], dict[int, bytes]],
) -> None:
    network, _, checkpoints = trained
    resumed = train_detector(LEARNED, UNSEEN, SMALL, resume=checkpoints[60])
    assert resumed.weights == network.weights


def test_the_file_gives_what_the_network_gives() -> None:
    network = DetectorNetwork(8).eval()
    torch.nn.init.constant_(network.heads[1].score[-1].bias, 2.0)  # type: ignore[union-attr, index]
    detector = YoloDetector(to_onnx(network, 64))
    assert detector.detect(np.full((64, 64, 3), 90, np.uint8))
    assert sum(weight.numel() for weight in DetectorNetwork(16).parameters()) < 1_100_000


def test_weights_of_another_width_and_other_bytes_are_refused(
    trained: tuple[TrainedNetwork, list[DetectorReport], dict[int, bytes]],
) -> None:
    wider = DetectorConfig(steps=1, side=64, width=16)
    with pytest.raises(UnusableWeights, match="width 8, not 16"):
        train_detector(LEARNED, UNSEEN, wider, start=trained[0].weights)
    with pytest.raises(UnusableWeights):
        train_detector(LEARNED, UNSEEN, SMALL, resume=b"nothing of the kind")


def test_too_few_photographs_are_refused() -> None:
    with pytest.raises(NotEnoughLabels, match="at least 4 photographs"):
        train_detector(LEARNED[:3], UNSEEN, SMALL)


def test_progress_can_end_a_training() -> None:
    def stop(progress: Progress) -> None:
        if progress.stage == "train":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        train_detector(LEARNED, UNSEEN, SMALL, on_progress=stop)


@pytest.mark.parametrize("wrong", [{"side": 100}, {"side": 32}, {"batch": 0}])
def test_configurations_that_cannot_be_are_refused(wrong: dict[str, int]) -> None:
    with pytest.raises(ValueError, match=r"side is|at least 1"):
        DetectorConfig(**wrong)


def test_cells_inside_answer_and_the_nearer_specimen_has_them() -> None:
    grid = cells(64)
    truth = torch.tensor([[[0.0, 0, 30, 64], [34, 0, 64, 64]]])
    found = torch.where(grid[0][:, None] < 32, truth[0, 0], truth[0, 1])[None]
    scores = torch.full((1, grid.shape[1]), 0.5)
    chosen = assign(scores, found, grid, truth, torch.ones(1, 2).bool())
    answers = chosen.score[0] > 0
    assert 10 <= int(answers.sum()) <= 84
    assert (chosen.specimen[0][answers] == (grid[0][answers] > 32)).all()
    nobody = assign(scores, found, grid, truth, torch.zeros(1, 2).bool())
    assert float(nobody.score.sum()) == 0


def test_the_loss_falls_as_boxes_come_nearer() -> None:
    wanted = torch.tensor([[10.0, 10, 50, 40]])
    shifted = [complete_iou(wanted + shift, wanted).item() for shift in (0, 5, 20, 100)]
    assert shifted == sorted(shifted, reverse=True)
    assert shifted[0] == pytest.approx(1, abs=1e-3)
    outputs = torch.zeros(1, 5, 84, requires_grad=True)
    loss = detection_loss(outputs, cells(64), wanted[None], torch.ones(1, 1).bool())
    loss.backward()  # type: ignore[no-untyped-call]
    assert outputs.grad is not None
    assert torch.isfinite(outputs.grad).all()
