"""A U-Net while it learns: a step, a validation, and what of it is best so far."""

from contextlib import AbstractContextManager, nullcontext
from itertools import repeat
from typing import cast

import torch
from torch import Generator, Tensor, nn
from torch.nn.parallel import DistributedDataParallel

from ml.checkpoints import Tensors, UnusableWeights, Weights
from ml.config import NetworkConfig, TrainingConfig
from ml.networks.device import best_device, half_precision, place
from ml.networks.unet import UNet
from ml.training.augment import augment, split
from ml.training.calibration import some_pixels
from ml.training.compiling import compiled
from ml.training.losses import make_loss
from ml.training.optimising import make_average, make_optimiser
from ml.training.rate import LearningRate
from ml.training.team import Team

ALONE = Team()


class Learner:
    """Network, running average, optimiser, learning rate and randomness of one training."""

    def __init__(
        self,
        config: TrainingConfig,
        start: bytes | None,
        team: Team = ALONE,
        device: torch.device | None = None,
    ) -> None:
        """Begin with the weights ``start``, or with random ones.

        Args:
            config: the network and how to train it.
            start: safetensors bytes as training returns.
            team: the processes that train together.
            device: where to train, instead of the best there is.

        Raises:
            UnusableWeights: ``start`` belongs to another network.
        """
        self.config, self.team = config, team
        self.device = device or best_device()
        self.network = make_network(config, start)
        place(self.network, self.device)
        self.average = make_average(config, self.network)
        running = compiled(self.network, self.device) if config.compiled else self.network
        self._running = team.join(running, self.device)
        self.optimiser = make_optimiser(config, self.network.parameters())
        self.rate = LearningRate(config, self.optimiser, fresh=start is None)
        half = config.precision == "fp16" and self.device.type == "cuda"
        self.scaler = torch.amp.GradScaler(self.device.type, enabled=half)
        self.loss = make_loss(config.loss)
        # Orders are drawn alike by all processes; what is changed at random is each one's own.
        self.orders = Generator().manual_seed(config.seed)
        self.changes = Generator()
        self.epoch = self.best_epoch = 0
        self.best_dice = -1.0
        self.best: Tensors = {}

    @property
    def averaged(self) -> nn.Module:
        """The network that is validated and kept."""
        return self.network if self.average is None else self.average.module

    @property
    def finished(self) -> bool:
        """Tell whether all epochs are done, or too many brought nothing."""
        idle = self.epoch - self.best_epoch
        return self.epoch >= self.config.epochs or idle >= self.config.stop_patience

    def begin_epoch(self) -> None:
        """Draw what decides the epoch's random changes."""
        drawn = torch.randint(2**62, (1,), generator=self.orders)
        self.changes.manual_seed(int(drawn) + self.team.rank)

    def step(self, squares: Tensor, lenders: Tensor | None = None) -> Tensor:
        """Learn from squares, in several batches if gradients are to be added up.

        Args:
            squares: this process's share of a step, shape (n, side, side, 4), uint8.
            lenders: the squares that may lend them their light, of the same shape.

        Returns:
            The mean loss, one number on the device.
        """
        self.network.train()
        parts = squares.chunk(self.config.accumulate)
        lending = lenders.chunk(self.config.accumulate) if lenders is not None else repeat(None)
        total = torch.zeros((), device=self.device)
        for number, (part, lent) in enumerate(zip(parts, lending, strict=False), start=1):
            with self._gradients_shared(number == len(parts)):
                loss = self._loss(part, lent) * (len(part) / len(squares))
                self.scaler.scale(loss).backward()  # type: ignore[no-untyped-call]
            total += loss.detach()
        self._move()
        return total

    def _gradients_shared(self, now: bool) -> AbstractContextManager[None]:
        """Let processes exchange gradients once per step, not once per batch."""
        if now or not isinstance(self._running, DistributedDataParallel):
            return nullcontext()
        return cast(AbstractContextManager[None], self._running.no_sync())

    def _loss(self, squares: Tensor, lenders: Tensor | None) -> Tensor:
        pictures, truth = self._changed(squares, lenders, self.changes)
        with half_precision(self.device, self.config.precision):
            scores = self._running(pictures.contiguous(memory_format=torch.channels_last)).float()
        answers = scores if self.config.network.deep_supervision else scores[None]
        weights = [0.5**depth for depth in range(len(answers))]
        parts = [
            weight * self.loss(answer, truth)
            for weight, answer in zip(weights, answers, strict=True)
        ]
        return torch.stack(parts).sum() / sum(weights)

    def _changed(
        self, squares: Tensor, lenders: Tensor | None, generator: Generator
    ) -> tuple[Tensor, Tensor]:
        lent = self._placed(lenders) if lenders is not None else None
        return augment(self._placed(squares), self.config.augmentation, generator, lent)

    def _move(self) -> None:
        self.scaler.unscale_(self.optimiser)
        torch.nn.utils.clip_grad_norm_(self.network.parameters(), self.config.clip)
        self.scaler.step(self.optimiser)
        self.scaler.update()
        self.optimiser.zero_grad()
        if self.average is not None:
            self.average.update_parameters(self.network)

    def _placed(self, squares: Tensor) -> Tensor:
        if self.device.type == "cuda":
            return squares.pin_memory().to(self.device, non_blocking=True)
        return squares

    @torch.inference_mode()
    def validate(self, squares: Tensor) -> tuple[float, Tensor]:
        """Return the loss over squares (n, side, side, 4) uint8, and the Dice of each (n,)."""
        pictures, truth = split(self._placed(squares))
        scores = self.scores(pictures)
        found = scores.argmax(dim=1, keepdim=True)
        both = (found * truth).sum(dim=(1, 2, 3))
        sizes = (found + truth).sum(dim=(1, 2, 3))
        dice = torch.where(sizes > 0, 2 * both / sizes.clamp(min=1), 1.0)
        return self.loss(scores, truth).item(), dice.cpu()

    @torch.inference_mode()
    def scores(self, pictures: Tensor) -> Tensor:
        """Return scores (n, 2, side, side) float32 of the kept network, which learns nothing."""
        network = self.averaged.eval()
        with half_precision(self.device, self.config.precision):
            scores: Tensor = network(pictures.contiguous(memory_format=torch.channels_last))
        return scores.float()

    @torch.inference_mode()
    def pixels(self, squares: Tensor, most: int) -> tuple[Tensor, Tensor]:
        """Return margins and truth of pixels, as ``calibration.some_pixels`` does."""
        pictures, truth = split(self._placed(squares))
        return some_pixels(self.scores(pictures), truth, most)

    def look(
        self, squares: Tensor, lenders: Tensor | None, generator: Generator
    ) -> tuple[Tensor, Tensor, Tensor]:
        """Return pictures changed as in training, their truth, and the probability found.

        Args:
            squares: shape (n, side, side, 4), uint8.
            lenders: as in ``step``.
            generator: where the random changes come from.

        Returns:
            Shapes (n, 3, side, side) and twice (n, 1, side, side), float32, on the CPU.
        """
        pictures, truth = self._changed(squares, lenders, generator)
        probability = self.scores(pictures).softmax(dim=1)[:, 1:]
        return pictures.cpu(), truth.cpu(), probability.cpu()

    def end_epoch(self, dice: float) -> None:
        """Take note of the epoch's validation Dice: keep the weights if it is the best so far."""
        self.epoch += 1
        self.rate.end_epoch(self.epoch, dice)
        if dice > self.best_dice:
            self.best_dice, self.best_epoch = dice, self.epoch
            self.best = copied(self.averaged.state_dict())

    def become_best(self) -> None:
        """Take the weights of the best epoch, to measure with them; learning is over then."""
        self.averaged.load_state_dict(self.best)


def copied(tensors: Tensors) -> Tensors:
    """Return tensors that later steps do not change."""
    return {name: tensor.clone() for name, tensor in tensors.items()}


def make_network(config: TrainingConfig, start: bytes | None) -> UNet:
    """Return the network that ``config`` names, with the weights ``start`` or random ones.

    Raises:
        UnusableWeights: ``start`` belongs to another network.
    """
    # The first weights are drawn from torch's global state, which is put back afterwards.
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(config.seed)
        network = UNet(config.network)
    if start is not None:
        weights = Weights.from_bytes(start)
        check_network(weights.network, config.network)
        network.load_state_dict(weights.tensors)
    return network


def check_network(found: NetworkConfig, wanted: NetworkConfig) -> None:
    """Refuse weights of a network other than the one that is wanted.

    Raises:
        UnusableWeights: they differ in shape.
    """
    if found != wanted:
        raise UnusableWeights(
            "These weights belong to another network ({found}) than the preset's ({wanted})."
            " Start from scratch, or choose a model of the same preset.",
            found=found,
            wanted=wanted,
        )
