"""Batch normalisation that does not learn, so that no square depends on its company."""

from torch import nn


class FrozenNorm(nn.BatchNorm2d):
    """Stays in evaluation: it normalises with what was known when it was frozen."""

    def train(self, mode: bool = True) -> "FrozenNorm":  # noqa: ARG002
        return super().train(False)


def freeze_norms(network: nn.Module) -> None:
    for module in network.modules():
        if isinstance(module, nn.BatchNorm2d):
            module.__class__ = FrozenNorm
            module.eval()
