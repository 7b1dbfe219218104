"""The optimiser, and the running average of the weights."""

from collections.abc import Iterable

from torch import nn
from torch.optim import SGD, AdamW, Optimizer
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

from ml.config import TrainingConfig


def make_optimiser(config: TrainingConfig, weights: Iterable[nn.Parameter]) -> Optimizer:
    """Return AdamW or SGD with momentum; fused, which is faster on every device."""
    rate, decay = config.learning_rate, config.weight_decay
    if config.optimiser == "sgd":
        return SGD(weights, rate, momentum=config.momentum, weight_decay=decay, fused=True)
    return AdamW(weights, rate, weight_decay=decay, fused=True)


def make_average(config: TrainingConfig, network: nn.Module) -> AveragedModel | None:
    """Return the exponential moving average of a network, or nothing if none is wanted."""
    if not config.average:
        return None
    follow = get_ema_multi_avg_fn(config.average)  # type: ignore[no-untyped-call]
    return AveragedModel(network, multi_avg_fn=follow, use_buffers=True)
