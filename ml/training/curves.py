"""What TensorBoard shows of a training: curves, contact sheets, and the configuration."""

import json
import shutil
from dataclasses import asdict
from pathlib import Path
from types import TracebackType
from typing import Self

from torch.utils.tensorboard import SummaryWriter

from ml.config import TrainingConfig
from ml.imaging.arrays import Pixels
from ml.training.epochs import EpochReport


class Curves:
    """Event files of one training in a folder, written through after each epoch."""

    def __init__(self, folder: Path, config: TrainingConfig | None, *, done: int = 0) -> None:
        """Go on after ``done`` epochs; what was written before of later ones is taken back.

        Args:
            folder: of this training alone; made where it is missing.
            config: is shown as text, where there is one.
            done: epochs up to the checkpoint that training goes on from; with 0 it begins anew,
                and the folder is emptied.
        """
        if not done:
            shutil.rmtree(folder, ignore_errors=True)
        self._writer = SummaryWriter(str(folder), purge_step=done + 1)
        if not done and config is not None:
            # A block of code, as Markdown has it.
            text = f"```\n{json.dumps(asdict(config), indent=2)}\n```"
            self._writer.add_text("configuration", text, 0)

    def __enter__(self) -> Self:
        """Return itself; leaving closes the files."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Close the files."""
        self._writer.close()

    def epoch(self, report: EpochReport) -> None:
        """Add a point to each curve."""
        points = {
            "loss/train": report.train_loss,
            "loss/validation": report.validation_loss,
            "dice/validation": report.validation_dice,
            "learning rate": report.learning_rate,
            "seconds": report.seconds,
        }
        for name, value in points.items():
            self._writer.add_scalar(name, value, report.epoch)
        self._writer.flush()

    def sheet(self, sheet: Pixels, epoch: int) -> None:
        """Add a contact sheet, shape (height, width, 3), uint8."""
        self._writer.add_image("contact sheet", sheet, epoch, dataformats="HWC")
        self._writer.flush()
