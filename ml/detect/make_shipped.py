"""Making the weights of the first detector, from drawn photographs alone.

``python -m ml.detect.make_shipped`` draws, trains and writes them for ``ml.detect.shipped``.
"""

import argparse
import json
import time
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import overload

from ml.checkpoints import Checkpoint
from ml.detect.shipped import CARD, ONNX, WEIGHTS, WIDTH
from ml.detect.training import DetectorReport, Example, TrainedNetwork, train_detector
from ml.detector_config import DetectorConfig
from ml.imaging.drawn.photographs import draw_photograph

CONFIG = DetectorConfig(steps=5000, width=WIDTH, mosaic=0.2, colour=0.8, validations=40)
PHOTOGRAPHS = 1500
VALIDATION = 60
DRAWN_SIDE = 480


def main() -> None:
    """Draw, train, write."""
    parser = argparse.ArgumentParser(prog="python -m ml.detect.make_shipped", description=__doc__)
    parser.add_argument("--steps", type=int, default=CONFIG.steps)
    parser.add_argument("--photographs", type=int, default=PHOTOGRAPHS)
    parser.add_argument("--checkpoint", type=Path, help="file to go on from, and to keep it in")
    options = parser.parse_args()
    config = DetectorConfig(**{**asdict(CONFIG), "steps": options.steps})
    began = time.process_time()
    trained = _trained(config, options.photographs, options.checkpoint)
    _write(trained, config, options.photographs, time.process_time() - began)


class DrawnExamples(Sequence[Example]):
    """Drawn photographs, each drawn when it is asked for and not kept.

    Args:
        seeds: of ``draw_photograph``.
    """

    def __init__(self, seeds: range) -> None:
        """Draw nothing yet."""
        self._seeds = seeds

    def __len__(self) -> int:
        """How many there are."""
        return len(self._seeds)

    @overload
    def __getitem__(self, index: int) -> Example: ...
    @overload
    def __getitem__(self, index: slice) -> "DrawnExamples": ...
    def __getitem__(self, index: int | slice) -> "Example | DrawnExamples":
        """Draw one, or name some."""
        if isinstance(index, slice):
            return DrawnExamples(self._seeds[index])
        drawn = draw_photograph(self._seeds[index], side=DRAWN_SIDE)
        return Example(lambda: drawn.pixels, drawn.boxes)


def _trained(config: DetectorConfig, photographs: int, checkpoint: Path | None) -> TrainedNetwork:
    def keep(data: bytes, _step: int) -> None:
        if checkpoint:
            checkpoint.write_bytes(data)

    resume = checkpoint.read_bytes() if checkpoint and checkpoint.is_file() else None
    return train_detector(
        DrawnExamples(range(VALIDATION, VALIDATION + photographs)),
        DrawnExamples(range(VALIDATION)),
        config,
        resume=resume,
        on_report=_tell,
        on_checkpoint=keep,
    )


def _tell(report: DetectorReport) -> None:
    print(json.dumps(asdict(report)), flush=True)


def _write(trained: TrainedNetwork, config: DetectorConfig, count: int, seconds: float) -> None:
    ONNX.parent.mkdir(exist_ok=True)
    ONNX.write_bytes(trained.onnx)
    WEIGHTS.write_bytes(in_halves(trained.weights))
    card = {
        "made_from": f"{count} photographs drawn by ml.imaging.drawn.photographs, seeds from"
        f" {VALIDATION} on; no photograph of a real specimen",
        "command": f"python -m ml.detect.make_shipped --steps {config.steps} --photographs {count}",
        "processor_minutes": round(seconds / 60, 1),
        "config": asdict(config),
        "on_drawn_photographs_not_learned_from": trained.metrics,
    }
    CARD.write_text(json.dumps(card, indent=2) + "\n", encoding="utf-8")


def in_halves(weights: bytes) -> bytes:
    """Return weights in 16 bits: a training that begins with them goes on in 32.

    Args:
        weights: safetensors bytes, as ``train_detector`` gives them.
    """
    read = Checkpoint.from_bytes(weights)
    halves = {
        name: tensor.half() if tensor.is_floating_point() else tensor
        for name, tensor in read.groups["weights"].items()
    }
    return Checkpoint({"weights": halves}, read.card).to_bytes()


if __name__ == "__main__":
    main()
