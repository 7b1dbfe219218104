"""The small YOLO while it learns: a step, a measurement, a checkpoint."""

import copy
import math
from collections.abc import Iterable

import numpy as np
import torch
from torch import Tensor
from torch.optim import AdamW

from ml.checkpoints import (
    Checkpoint,
    Tensors,
    UnusableWeights,
    flatten_optimiser,
    restore_optimiser,
)
from ml.detect.augment import Photograph, plain_square
from ml.detect.figures import Figures, figures_of
from ml.detect.losses import detection_loss
from ml.detect.network import DetectorNetwork, cells, corners
from ml.detector_config import DetectorConfig
from ml.imaging.arrays import Pixels
from ml.imaging.boxes import Box
from ml.networks.device import best_device, half_precision, place

LEAST_RATE = 0.02
"""Where the cosine ends, as a share of the highest rate."""
LEAST_SCORE = 0.1
_CLIP = 10.0
_SQUARES_AT_ONCE = 16


class DetectorLearner:
    """Network, moving average and optimiser of one training.

    Args:
        config: how it is trained.
        start: weights to begin with, as ``weights`` gives; random ones otherwise.

    Raises:
        UnusableWeights: ``start`` belongs to another network.
    """

    def __init__(self, config: DetectorConfig, start: bytes | None) -> None:
        """Begin before the first step."""
        self.config, self.device, self.step = config, best_device(), 0
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(config.seed)
            self.network = DetectorNetwork(config.width)
        if start is not None:
            self.network.load_state_dict(_tensors_of(start, config))
        place(self.network, self.device)
        self.average = copy.deepcopy(self.network).eval()
        self.optimiser = AdamW(
            self.network.parameters(),
            config.learning_rate,
            weight_decay=config.weight_decay,
            fused=True,
        )

    def learn(self, squares: list[Photograph]) -> float:
        """Take one step and return the loss.

        Args:
            squares: (side, side, 3) uint8 RGB of one side, each with its boxes (boxes, 4) in its
                pixels.
        """
        for group in self.optimiser.param_groups:
            group["lr"] = self._rate()
        truth, present = _padded([boxes for _, boxes in squares])
        self.network.train()
        outputs = self._outputs(self.network, [pixels for pixels, _ in squares])
        grid = cells(len(squares[0][0]), self.device)
        loss = detection_loss(outputs, grid, truth.to(self.device), present.to(self.device))
        self.optimiser.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(self.network.parameters(), _CLIP)
        self.optimiser.step()
        self.step += 1
        self._follow()
        return float(loss.detach())

    def _rate(self) -> float:
        done = self.step / self.config.steps
        warm = self.config.warmup
        if done < warm:
            return self.config.learning_rate * (self.step + 1) / (warm * self.config.steps + 1)
        fallen = (1 + math.cos(math.pi * (done - warm) / max(1 - warm, 1e-6))) / 2
        return self.config.learning_rate * (LEAST_RATE + (1 - LEAST_RATE) * fallen)

    @torch.no_grad()
    def _follow(self) -> None:
        # At first the average follows quickly: it would still be the random weights otherwise.
        decay = min(self.config.average, (1 + self.step) / (10 + self.step))
        means, now = (_floating(network) for network in (self.average, self.network))
        torch._foreach_lerp_(means, now, 1 - decay)  # all at once: there are hundreds

    def _outputs(self, network: DetectorNetwork, squares: list[Pixels]) -> Tensor:
        batch = torch.from_numpy(np.stack(squares)).to(self.device)
        pictures = (batch.permute(0, 3, 1, 2).float() / 255).contiguous(
            memory_format=torch.channels_last
        )
        with half_precision(self.device):
            outputs: Tensor = network(pictures)
        return outputs.float()

    @torch.inference_mode()
    def measure(self, photographs: Iterable[Photograph]) -> Figures:
        """Return how well the averaged network does on letter-boxed photographs."""
        pairs: list[tuple[Box | None, Box]] = []
        waiting: list[Photograph] = []
        for photograph in photographs:
            waiting.append(plain_square(photograph, self.config.side))
            if len(waiting) == _SQUARES_AT_ONCE:
                pairs += self._pairs(waiting)
                waiting = []
        return figures_of(pairs + (self._pairs(waiting) if waiting else []))

    def _pairs(self, squares: list[Photograph]) -> list[tuple[Box | None, Box]]:
        outputs = self._outputs(self.average, [pixels for pixels, _ in squares])
        found = corners(outputs, cells(self.config.side, self.device)).transpose(1, 2)
        scores = outputs[:, 4].sigmoid()
        pairs: list[tuple[Box | None, Box]] = []
        for boxes, score, (_, truth) in zip(found, scores, squares, strict=True):
            best = _rounded(boxes[score.argmax()]) if score.max() >= LEAST_SCORE else None
            if len(truth) == 1:
                pairs.append((best, _rounded(truth[0])))
        return pairs

    def checkpoint(self) -> bytes:
        """Return all that ``resume`` needs, as safetensors bytes."""
        groups = {
            "weights": self.average.state_dict(),
            "learning": self.network.state_dict(),
            "optimiser": flatten_optimiser(self.optimiser),
        }
        return Checkpoint(groups, {**self._card(), "step": self.step}).to_bytes()

    def resume(self, checkpoint: bytes) -> None:
        """Go on where ``checkpoint`` was made.

        Raises:
            UnusableWeights: it belongs to another network.
        """
        self.average.load_state_dict(_tensors_of(checkpoint, self.config))
        read = Checkpoint.from_bytes(checkpoint)
        try:
            self.network.load_state_dict(read.groups["learning"])
            restore_optimiser(self.optimiser, read.groups["optimiser"])
            self.step = int(read.card["step"])
        except KeyError as error:
            raise UnusableWeights.unknown() from error

    def weights(self) -> bytes:
        """Return the averaged weights as safetensors bytes, to begin another training with."""
        return Checkpoint({"weights": self.average.state_dict()}, self._card()).to_bytes()

    def _card(self) -> dict[str, int]:
        return {"detector_width": self.config.width, "side": self.config.side}


def _tensors_of(data: bytes, config: DetectorConfig) -> Tensors:
    read = Checkpoint.from_bytes(data)
    if "weights" not in read.groups or "detector_width" not in read.card:
        raise UnusableWeights.unknown()
    if read.card["detector_width"] != config.width:
        raise UnusableWeights(
            "These weights belong to a detector of width {found}, not {wanted}."
            " Start from scratch, or choose another detector.",
            found=read.card["detector_width"],
            wanted=config.width,
        )
    return read.groups["weights"]


def _floating(network: DetectorNetwork) -> list[Tensor]:
    """All that is averaged; the other tensors count batches, which nothing reads."""
    return [tensor for tensor in network.state_dict().values() if tensor.is_floating_point()]


def _padded(boxes: list[np.ndarray]) -> tuple[Tensor, Tensor]:
    """Boxes (n, most, 4) float32, and which of them there are, (n, most) bool."""
    most = max(1, *(len(own) for own in boxes))
    truth, present = torch.zeros(len(boxes), most, 4), torch.zeros(len(boxes), most).bool()
    for row, own in enumerate(boxes):
        truth[row, : len(own)] = torch.from_numpy(np.ascontiguousarray(own))
        present[row, : len(own)] = True
    return truth, present


def _rounded(edges: Tensor | np.ndarray) -> Box:
    left, top, right, bottom = (round(float(edge)) for edge in edges)
    return Box(left, top, right, bottom)
