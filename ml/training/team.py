"""Several processes that train one network, each on its share of every batch."""

from dataclasses import dataclass

import torch
import torch.distributed as dist
from torch import Tensor, nn
from torch.nn.parallel import DistributedDataParallel


@dataclass(frozen=True)
class Team:
    """Which one of how many processes this is; by default it is alone.

    Args:
        rank: 0 for the one that validates, reports and keeps checkpoints.
        size: how many there are.
    """

    rank: int = 0
    size: int = 1

    def share(self, indices: Tensor) -> Tensor:
        """Return which of a step's squares are for this process."""
        return indices[self.rank :: self.size]

    def join(self, network: nn.Module, device: torch.device) -> nn.Module:
        """Return a network that takes the mean of all gradients, its norms those of all squares.

        On CPUs PyTorch has no batch normalisation over processes: there each one normalises its
        own share.
        """
        if self.size == 1:
            return network
        if device.type == "cuda":
            nn.SyncBatchNorm.convert_sync_batchnorm(network)  # type: ignore[no-untyped-call]
        return DistributedDataParallel(network)

    def from_first(self, *values: float) -> list[float]:
        """Return the numbers that rank 0 passed; all must call it at the same point."""
        if self.size == 1:
            return list(values)
        shared = [list(values)]
        dist.broadcast_object_list(shared, src=0)
        return shared[0]

    def mean(self, value: Tensor) -> float:
        """Return the mean of a number over all processes; all must call it at the same point."""
        if self.size > 1:
            dist.all_reduce(value)
        return float(value) / self.size
