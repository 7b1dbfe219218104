"""How a network is built and trained: named sets of values. Without torch."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Self

MIN_LABELS = 4
"""Fewer labels than this, training and validation together, cannot be trained on."""


@dataclass(frozen=True)
class NetworkConfig:
    """The shape of a U-Net; a picture's side must be a multiple of ``stride · 2^depth``.

    Args:
        base: channels of the first level; each level below has twice as many.
        depth: how often the picture is halved on the way down.
        bilinear: enlarge by bilinear sampling, otherwise by transposed convolutions.
        stride: pixels per step of the first convolution. With 2 no layer works at full
            resolution, which is where a CPU spends most of its time.
    """

    base: int
    depth: int
    bilinear: bool = True
    stride: int = 1


@dataclass(frozen=True)
class Augmentation:
    """How far training pictures are changed at random; angles in degrees, the rest as shares."""

    flip: float = 0.5
    rotation: float = 15.0
    shear: float = 10.0
    scale: float = 0.1
    shift: float = 0.1
    brightness: float = 0.1
    contrast: float = 0.2


@dataclass(frozen=True)
class TrainingConfig:
    """Everything that decides, with the labels and the seed, what weights come out.

    Args:
        network: the U-Net to train.
        side: rows and columns of the letter-boxed squares that it sees.
        batch: squares per step.
        steps_per_epoch: least steps per epoch; few labels are drawn several times to fill them.
        epochs: at most this many.
        warmup_epochs: the learning rate rises in a line over them, when starting from scratch.
        learning_rate: of AdamW.
        weight_decay: of AdamW.
        clip: largest norm of the gradient.
        plateau_patience: epochs without a better validation Dice until the rate is lowered.
        plateau_factor: what the rate is then multiplied with.
        stop_patience: epochs without a better validation Dice until training ends.
        average: share of the old value that the running average of the weights, which is what
            is validated and kept, holds on to at each step; 0 keeps the weights themselves.
        augmentation: the random changes.
        seed: of the first weights, the order and the random changes.
    """

    network: NetworkConfig
    side: int
    batch: int
    steps_per_epoch: int
    epochs: int
    warmup_epochs: int
    plateau_patience: int
    stop_patience: int
    learning_rate: float = 1e-3
    weight_decay: float = 1e-3
    clip: float = 1.0
    plateau_factor: float = 0.1
    average: float = 0.0
    augmentation: Augmentation = field(default_factory=Augmentation)
    seed: int = 0

    def __post_init__(self) -> None:
        """Check that the network can halve the squares as often as it is deep."""
        if self.side % (self.network.stride * 2**self.network.depth):
            raise ValueError(f"a side of {self.side} cannot be halved as often as {self.network}")

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> Self:
        """Return the configuration whose ``dataclasses.asdict`` is ``values``."""
        network = NetworkConfig(**values["network"])
        augmentation = Augmentation(**values["augmentation"])
        return cls(**{**values, "network": network, "augmentation": augmentation})


PRESETS = {
    "tiny": TrainingConfig(
        network=NetworkConfig(base=16, depth=4, stride=2),
        side=192,
        batch=16,
        steps_per_epoch=25,
        epochs=20,
        warmup_epochs=1,
        plateau_patience=3,
        plateau_factor=0.3,
        stop_patience=8,
        average=0.98,
    ),
    "unet64": TrainingConfig(
        network=NetworkConfig(base=64, depth=4),
        side=256,
        batch=8,
        steps_per_epoch=25,
        epochs=100,
        warmup_epochs=5,
        plateau_patience=5,
        stop_patience=11,
    ),
}
"""``tiny`` for machines without a GPU; ``unet64`` is the network and the values of the lab."""
