"""Weights and checkpoints as safetensors bytes: numbers and JSON, nothing that is unpickled."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Self

import torch
from safetensors import SafetensorError
from safetensors.torch import load, save
from torch import Tensor
from torch.optim import Optimizer

from ml.config import NetworkConfig, Prediction, TrainingConfig
from ml.errors import BadInput

Tensors = dict[str, Tensor]


class UnusableWeights(BadInput):
    """The bytes hold no weights, or those of another network."""

    @classmethod
    def unknown(cls) -> Self:
        """Return the error for bytes that were written by something else."""
        return cls("This file holds no network that Mothmask trained. Choose another model.")


@dataclass(frozen=True)
class Weights:
    """A trained network: all that is needed to predict.

    Args:
        network: its shape.
        side: of the squares it was trained on, in pixels.
        tensors: by name, as ``torch.nn.Module.state_dict`` gives.
        temperature: scores are divided by it before softmax, so that probabilities are neither
            too sure nor too doubtful; above 0.
        training: the configuration it was trained with; none is known of older files.
        metrics: what was measured on the validation squares, by name.
    """

    network: NetworkConfig
    side: int
    tensors: Tensors
    temperature: float = 1.0
    training: TrainingConfig | None = None
    metrics: dict[str, float] = field(default_factory=dict)

    @property
    def prediction(self) -> Prediction:
        """How masks are to be made with it."""
        return self.training.prediction if self.training else Prediction()

    def to_bytes(self) -> bytes:
        """Return the safetensors file."""
        card = {
            "network": asdict(self.network),
            "side": self.side,
            "temperature": self.temperature,
            "training": asdict(self.training) if self.training else None,
            "metrics": self.metrics,
        }
        return _save(self.tensors, card)

    @classmethod
    def from_bytes(cls, data: bytes) -> Self:
        """Read what ``to_bytes`` wrote.

        Raises:
            UnusableWeights: the bytes are something else.
        """
        tensors, card = _load(data)
        try:
            training = card.get("training")
            return cls(
                NetworkConfig(**card["network"]),
                int(card["side"]),
                tensors,
                float(card.get("temperature", 1.0)),
                TrainingConfig.from_json(training) if training else None,
                card.get("metrics", {}),
            )
        except (KeyError, TypeError, ValueError) as error:
            raise UnusableWeights.unknown() from error


@dataclass(frozen=True)
class Checkpoint:
    """A training as it stands after an epoch.

    Args:
        groups: name → tensors by name: weights, best weights, optimiser state, random state …
        card: plain values that JSON can hold.
    """

    groups: dict[str, Tensors]
    card: dict[str, Any]

    def to_bytes(self) -> bytes:
        """Return the safetensors file."""
        flat = {
            f"{group}/{name}": tensor
            for group, tensors in self.groups.items()
            for name, tensor in tensors.items()
        }
        return _save(flat, self.card)

    @classmethod
    def from_bytes(cls, data: bytes) -> Self:
        """Read what ``to_bytes`` wrote.

        Raises:
            UnusableWeights: the bytes are something else.
        """
        flat, card = _load(data)
        groups: dict[str, Tensors] = {}
        for path, tensor in flat.items():
            group, _, name = path.partition("/")
            groups.setdefault(group, {})[name] = tensor
        return cls(groups, card)


def flatten_optimiser(optimiser: Optimizer) -> Tensors:
    """Return what an optimiser remembers of each weight, as ``number.name`` → tensor."""
    state = optimiser.state_dict()["state"]
    return {f"{index}.{name}": value for index in state for name, value in state[index].items()}


def restore_optimiser(optimiser: Optimizer, tensors: Tensors) -> None:
    """Put back what ``flatten_optimiser`` returned; ``optimiser`` has one group of weights."""
    weights = optimiser.param_groups[0]["params"]
    state: dict[int, Tensors] = {}
    for path, tensor in tensors.items():
        index, _, name = path.partition(".")
        weight = weights[int(index)]
        # Fused optimisers go through memory, so it must lie there in the weight's own order.
        like = torch.empty_like(weight) if tensor.shape == weight.shape else tensor.clone()
        state.setdefault(int(index), {})[name] = like.copy_(tensor)
    optimiser.load_state_dict({**optimiser.state_dict(), "state": state})


def _save(tensors: Tensors, card: Mapping[str, Any]) -> bytes:
    plain = {name: tensor.detach().cpu().contiguous() for name, tensor in tensors.items()}
    return save(plain, {"card": json.dumps(card)})


def _load(data: bytes) -> tuple[Tensors, dict[str, Any]]:
    try:
        tensors = load(data)
        header = json.loads(data[8 : 8 + int.from_bytes(data[:8], "little")])
        card: dict[str, Any] = json.loads(header["__metadata__"]["card"])
    except (SafetensorError, KeyError, ValueError) as error:
        raise UnusableWeights.unknown() from error
    return tensors, card
