"""Which squares the steps of an epoch see.

The draws other than `random` are the lab's: batches that hold nothing but specimens of a hard
group push the weights towards that group.
"""

import numpy as np
import torch
from torch import Generator, Tensor

from ml.config import Sampling
from ml.squares import Groups


def epoch_batches(
    groups: Groups, sampling: Sampling, *, batch: int, least_steps: int, generator: Generator
) -> Tensor:
    """Draw an epoch: numbers of squares, shape (steps, batch), int64.

    `random` shows everything: every square comes once before any comes again. The other draws
    put batches of hard squares among them, in which the hard group is drawn through
    ``sample_factor`` times for each time that the epoch goes through everything. Nothing but
    chance sets the order.

    Args:
        groups: of the squares, at least one.
        sampling: how they are drawn.
        batch: squares per step.
        least_steps: few squares are drawn several times to fill so many steps.
        generator: where the randomness comes from, on the CPU.
    """
    hard = torch.from_numpy(groups.hard).nonzero().flatten()
    steps, extra = sampling.steps(len(groups.hard), len(hard), batch=batch, least_steps=least_steps)
    everything = _everything(groups, sampling.minority, steps * batch, generator)
    batches = everything.view(steps, batch)
    if not extra:
        return batches
    batches = torch.cat([batches, _hard_batches(hard, sampling, (extra, batch), generator)])
    return batches[torch.randperm(len(batches), generator=generator)]


def _everything(groups: Groups, minority: float, places: int, generator: Generator) -> Tensor:
    if not minority:
        return _through(torch.arange(len(groups.hard)), places, generator)
    order = torch.randperm(len(groups.hard), generator=generator)
    _, stratum, sizes = np.unique(groups.stratum, return_inverse=True, return_counts=True)
    weight = torch.from_numpy(sizes[stratum].astype(float) ** -minority)
    share = weight[order].cumsum(0)
    # Equal distances along the shares give each square its part exactly, up to one draw.
    marks = torch.arange(places) + torch.rand(1, generator=generator, dtype=torch.double)
    found = torch.searchsorted(share, marks / places * share[-1]).clamp(max=len(order) - 1)
    return order[found][torch.randperm(places, generator=generator)]


def _hard_batches(
    hard: Tensor, sampling: Sampling, shape: tuple[int, int], generator: Generator
) -> Tensor:
    steps, batch = shape
    single = _through(hard, steps, generator)[:, None].expand(steps, batch)
    multi = _through(hard, steps * batch, generator).view(steps, batch)
    if sampling.draw == "mix":
        # Every second batch repeats one square; where there is one batch, chance decides which.
        first = int(torch.randint(2, (1,), generator=generator))
        repeated = (torch.arange(steps) + first) % 2 == 0
        return torch.where(repeated[:, None], single, multi)
    return single if sampling.draw == "single" else multi


def _through(numbers: Tensor, places: int, generator: Generator) -> Tensor:
    """Fill places with numbers in random order, each once before any comes again."""
    rounds = -(-places // len(numbers))
    order = [torch.randperm(len(numbers), generator=generator) for _ in range(rounds)]
    return numbers[torch.cat(order)[:places]]
