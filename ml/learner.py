"""A U-Net while it learns: a step, a validation, and everything about it as a checkpoint."""

from dataclasses import asdict

import torch
from torch import Generator, Tensor
from torch.optim import AdamW
from torch.optim.lr_scheduler import ReduceLROnPlateau
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

from ml.augment import augment, split
from ml.checkpoints import (
    Checkpoint,
    Tensors,
    UnusableWeights,
    Weights,
    flatten_optimiser,
    restore_optimiser,
)
from ml.losses import cross_entropy_and_dice
from ml.networks.device import best_device, half_precision, place
from ml.networks.unet import UNet
from ml.presets import NetworkConfig, TrainingConfig


class Learner:
    """Network, running average, optimiser, learning rate and randomness of one training."""

    def __init__(self, config: TrainingConfig, start: bytes | None) -> None:
        """Begin with the weights ``start``, or with random ones.

        Raises:
            UnusableWeights: ``start`` belongs to another network.
        """
        self.config = config
        self.device = best_device()
        self.network = _network(config, start)
        place(self.network, self.device)
        self.average = AveragedModel(
            self.network,
            multi_avg_fn=get_ema_multi_avg_fn(config.average),  # type: ignore[no-untyped-call]
            use_buffers=True,
        )
        self.optimiser = AdamW(
            self.network.parameters(), config.learning_rate, weight_decay=config.weight_decay
        )
        self.plateau = ReduceLROnPlateau(
            self.optimiser, "max", config.plateau_factor, config.plateau_patience
        )
        self.generator = Generator().manual_seed(config.seed)
        self.loss = cross_entropy_and_dice()
        self.warmup_epochs = config.warmup_epochs if start is None else 0
        self.epoch = self.best_epoch = 0
        self.best_dice = -1.0
        self.best: Tensors = {}

    @property
    def learning_rate(self) -> float:
        """Return the rate of the last step."""
        return float(self.optimiser.param_groups[0]["lr"])

    @property
    def finished(self) -> bool:
        """Tell whether all epochs are done, or too many brought nothing."""
        idle = self.epoch - self.best_epoch
        return self.epoch >= self.config.epochs or idle >= self.config.stop_patience

    def batches(self, count: int) -> Tensor:
        """Draw an epoch's order: numbers of squares, shape (steps, batch).

        Every square comes once before any comes again.
        """
        batch = self.config.batch
        steps = max(self.config.steps_per_epoch, count // batch)
        rounds = -(-steps * batch // count)
        order = [torch.randperm(count, generator=self.generator) for _ in range(rounds)]
        return torch.cat(order)[: steps * batch].view(steps, batch)

    def warm_up(self, share: float) -> None:
        """Set the rate for the step that lies at ``share`` (0…1) of the coming epoch."""
        if self.epoch < self.warmup_epochs:
            rise = (self.epoch + share) / self.warmup_epochs
            self.optimiser.param_groups[0]["lr"] = self.config.learning_rate * rise

    def step(self, squares: Tensor) -> float:
        """Learn from squares (n, side, side, 4) uint8, and return the loss."""
        self.network.train()
        pictures, truth = augment(squares.to(self.device), self.config.augmentation, self.generator)
        with half_precision(self.device):
            scores = self.network(pictures)
        loss = self.loss(scores.float(), truth)
        self.optimiser.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(self.network.parameters(), self.config.clip)
        self.optimiser.step()
        self.average.update_parameters(self.network)
        return loss.item()

    @torch.inference_mode()
    def validate(self, squares: Tensor) -> tuple[float, Tensor]:
        """Return the loss over squares (n, side, side, 4) uint8, and the Dice of each (n,)."""
        self.average.eval()
        pictures, truth = split(squares.to(self.device))
        with half_precision(self.device):
            scores = self.average(pictures).float()
        found = scores.argmax(dim=1, keepdim=True)
        both = (found * truth).sum(dim=(1, 2, 3))
        sizes = (found + truth).sum(dim=(1, 2, 3))
        dice = torch.where(sizes > 0, 2 * both / sizes.clamp(min=1), 1.0)
        return self.loss(scores, truth).item(), dice.cpu()

    def end_epoch(self, dice: float) -> None:
        """Take note of the epoch's validation Dice: keep the weights if it is the best so far."""
        self.epoch += 1
        if self.epoch > self.warmup_epochs:
            self.plateau.step(dice)
        if dice > self.best_dice:
            self.best_dice, self.best_epoch = dice, self.epoch
            weights = self.average.module.state_dict()
            self.best = {name: tensor.clone() for name, tensor in weights.items()}

    def best_weights(self) -> bytes:
        """Return the weights of the best epoch as safetensors bytes."""
        return Weights(self.config.network, self.config.side, self.best).to_bytes()

    def checkpoint(self) -> bytes:
        """Return all that ``resume`` needs to go on exactly from here."""
        groups = {
            "network": self.network.state_dict(),
            "average": self.average.state_dict(),
            "best": self.best,
            "optimiser": flatten_optimiser(self.optimiser),
            "random": {"generator": self.generator.get_state()},
        }
        card = {
            "network": asdict(self.config.network),
            "epoch": self.epoch,
            "best_epoch": self.best_epoch,
            "best_dice": self.best_dice,
            "learning_rate": self.learning_rate,
            "warmup_epochs": self.warmup_epochs,
            "plateau": self.plateau.state_dict(),
        }
        return Checkpoint(groups, card).to_bytes()

    def resume(self, data: bytes) -> None:
        """Become what wrote the checkpoint.

        Raises:
            UnusableWeights: the bytes are no checkpoint, or one of another network.
        """
        checkpoint = Checkpoint.from_bytes(data)
        groups, card = checkpoint.groups, checkpoint.card
        _check_network(NetworkConfig(**card["network"]), self.config.network)
        self.network.load_state_dict(groups["network"])
        self.average.load_state_dict(groups["average"])
        self.best = groups.get("best", {})
        restore_optimiser(self.optimiser, groups["optimiser"])
        self.generator.set_state(groups["random"]["generator"])
        self.plateau.load_state_dict(card["plateau"])
        self.optimiser.param_groups[0]["lr"] = card["learning_rate"]
        self.warmup_epochs = card["warmup_epochs"]
        self.epoch, self.best_epoch = card["epoch"], card["best_epoch"]
        self.best_dice = card["best_dice"]


def _network(config: TrainingConfig, start: bytes | None) -> UNet:
    # The first weights are drawn from torch's global state, which is put back afterwards.
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(config.seed)
        network = UNet(config.network)
    if start is not None:
        weights = Weights.from_bytes(start)
        _check_network(weights.network, config.network)
        network.load_state_dict(weights.tensors)
    return network


def _check_network(found: NetworkConfig, wanted: NetworkConfig) -> None:
    if found != wanted:
        raise UnusableWeights(
            "These weights belong to another network ({found}) than the preset's ({wanted})."
            " Start from scratch, or choose a model of the same preset.",
            found=found,
            wanted=wanted,
        )
