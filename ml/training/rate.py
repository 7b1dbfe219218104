"""The learning rate: up in a line, then down by a plateau of validation Dice or along a cosine."""

import math
from typing import Any

from torch.optim import Optimizer
from torch.optim.lr_scheduler import ReduceLROnPlateau

from ml.config import TrainingConfig

LEAST = 0.01
"""Where the cosine ends, as a share of the full rate."""


class LearningRate:
    """Sets an optimiser's rate as the configuration says."""

    def __init__(self, config: TrainingConfig, optimiser: Optimizer, *, fresh: bool) -> None:
        """Begin; only ``fresh`` weights, those drawn at random, are warmed up."""
        self._config = config
        self._optimiser = optimiser
        self.warmup_epochs = config.warmup_epochs if fresh else 0
        self._plateau = ReduceLROnPlateau(
            optimiser, "max", config.plateau_factor, config.plateau_patience
        )

    @property
    def now(self) -> float:
        """Return the rate as it is set: after a step that of the step."""
        return float(self._optimiser.param_groups[0]["lr"])

    def before_step(self, epochs: float) -> None:
        """Set the rate for the step with which so many epochs will be done."""
        config, risen = self._config, self.warmup_epochs
        if epochs <= risen:
            self._set(config.learning_rate * epochs / risen)
        elif config.schedule == "cosine":
            share = (epochs - risen) / max(1, config.epochs - risen)
            fallen = LEAST + (1 - LEAST) * (1 + math.cos(math.pi * share)) / 2
            self._set(config.learning_rate * fallen)

    def end_epoch(self, epochs: int, dice: float) -> None:
        """Lower the rate if Dice has stayed where it was for too long."""
        if self._config.schedule == "plateau" and epochs > self.warmup_epochs:
            self._plateau.step(dice)

    def state(self) -> dict[str, Any]:
        """Return what ``restore`` needs, as plain values."""
        return {
            "rate": self.now,
            "warmup_epochs": self.warmup_epochs,
            "plateau": self._plateau.state_dict(),
        }

    def restore(self, state: dict[str, Any]) -> None:
        """Become what ``state`` described."""
        self.warmup_epochs = state["warmup_epochs"]
        self._plateau.load_state_dict(state["plateau"])
        self._set(state["rate"])

    def _set(self, rate: float) -> None:
        self._optimiser.param_groups[0]["lr"] = rate
