import multiprocessing
import os
import signal
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from ml.checkpoints import UnusableWeights, Weights
from ml.config import NetworkConfig
from ml.imaging.arrays import Pixels
from ml.progress import Progress
from ml.squares import Squares
from ml.training.distributed import ProcessDied, usable_processes
from ml.training.distributed import _listen as listen
from ml.training.epochs import Listeners
from ml.training.team import Team
from ml.training.train import EpochReport, train
from tests.unit.learning.ellipses import SMALL, ellipse_squares
from tests.unit.learning.team import PLAIN, learn_as, learned

BRIEF = replace(SMALL, epochs=2, steps_per_epoch=3, sheet_every=1)


def test_two_processes_learn_what_one_does_with_the_whole_batch(tmp_path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    processes = [context.Process(target=learn_as, args=(rank, 2, str(tmp_path))) for rank in (0, 1)]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    for accumulate in (1, 2):
        first, second = (torch.load(tmp_path / f"{rank}-{accumulate}.pt") for rank in (0, 1))
        for one, other, alone in zip(first, second, learned(PLAIN, Team()), strict=True):
            assert torch.equal(one, other)
            torch.testing.assert_close(one, alone, atol=2e-5, rtol=1e-3)


@pytest.fixture(scope="module")
def squares(tmp_path_factory: pytest.TempPathFactory) -> tuple[Squares, Squares]:
    folder = tmp_path_factory.mktemp("squares")
    return ellipse_squares(folder, 8), ellipse_squares(folder, 3, 100)


def test_a_training_together_tells_all_and_goes_on_exactly(
    squares: tuple[Squares, Squares],
) -> None:
    reports: list[EpochReport] = []
    steps: list[Progress] = []
    sheets: list[tuple[Pixels, int]] = []
    kept: list[bytes] = []
    whole = train(
        BRIEF,
        *squares,
        processes=2,
        on_epoch=reports.append,
        on_progress=steps.append,
        on_sheet=lambda sheet, epoch: sheets.append((sheet, epoch)),
        on_checkpoint=lambda data, _epoch: kept.append(data),
    )
    assert [report.epoch for report in reports] == [epoch for _, epoch in sheets] == [1, 2]
    assert [step.done for step in steps] == list(range(1, 7))
    assert whole.best_dice == max(report.validation_dice for report in reports)
    assert Weights.from_bytes(whole.weights).training == BRIEF
    assert train(BRIEF, *squares, processes=2, resume=kept[0]) == whole


def test_what_ends_the_first_ends_all(squares: tuple[Squares, Squares]) -> None:
    def cancel(_progress: Progress) -> None:
        raise InterruptedError

    with pytest.raises(InterruptedError):
        train(BRIEF, *squares, processes=2, on_progress=cancel)
    assert multiprocessing.active_children() == []


def test_a_process_that_dies_ends_all_with_a_sentence(squares: tuple[Squares, Squares]) -> None:
    def kill(_progress: Progress) -> None:
        last = max(child.pid or 0 for child in multiprocessing.active_children())
        os.kill(last, signal.SIGKILL)

    with pytest.raises(ProcessDied, match="One of 2 training processes ended early"):
        train(replace(BRIEF, epochs=50), *squares, processes=2, on_progress=kill)
    assert multiprocessing.active_children() == []


def test_a_refusal_comes_through_as_its_sentence(squares: tuple[Squares, Squares]) -> None:
    other = Weights(NetworkConfig(4, 2), 32, {}).to_bytes()
    with pytest.raises(UnusableWeights, match="another network"):
        train(BRIEF, *squares, processes=2, start=other)


def test_a_batch_that_cannot_be_shared_is_refused(squares: tuple[Squares, Squares]) -> None:
    with pytest.raises(ValueError, match="shared by 3"):
        train(BRIEF, *squares, processes=3)


@pytest.mark.parametrize(
    ("devices", "batch", "processes"), [(0, 8, 1), (2, 8, 2), (3, 8, 2), (4, 6, 3)]
)
def test_as_many_processes_as_devices_that_divide_the_batch(
    monkeypatch: pytest.MonkeyPatch, devices: int, batch: int, processes: int
) -> None:
    monkeypatch.setattr(torch.cuda, "device_count", lambda: devices)
    assert usable_processes(replace(SMALL, batch=batch)) == processes


def test_a_forked_worker_starts_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)
    monkeypatch.setattr(multiprocessing.current_process(), "_config", {"daemon": True})
    assert usable_processes(SMALL) == 1


class Dying:
    """A process whose pipe is closed already, and which is dead only a moment later."""

    def __init__(self, sentinel: int) -> None:
        self.sentinel = sentinel
        self.exitcode: int | None = None

    def join(self) -> None:
        self.exitcode = -signal.SIGKILL


def test_a_first_process_that_is_still_dying_ends_all_with_the_same_sentence() -> None:
    here, there = multiprocessing.Pipe(duplex=False)
    there.close()
    silent, held = os.pipe()
    with pytest.raises(ProcessDied, match="exit code -9"):
        listen(here, [Dying(silent)], Listeners())  # type: ignore[list-item]
    os.close(silent)
    os.close(held)
