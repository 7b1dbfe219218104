"""What the processes of `test_distributed` do; a spawned process imports it."""

from dataclasses import replace
from pathlib import Path

import torch
import torch.distributed as dist

from ml.config import Augmentation, LossConfig, LossTerm, TrainingConfig
from ml.training.learner import Learner
from ml.training.team import Team
from tests.unit.learning.ellipses import SMALL
from tests.unit.learning.norms import freeze_norms

PLAIN = replace(
    SMALL,
    batch=8,
    average=0.0,
    precision="float32",
    augmentation=Augmentation(0, 0, 0, 0, 0, 0, 0),
    loss=LossConfig((LossTerm("cross-entropy"),)),
)
STEPS = 3


def learned(config: TrainingConfig, team: Team) -> list[torch.Tensor]:
    """Weights after a few steps on this process's share of each."""
    torch.set_num_threads(1)
    learner = Learner(config, None, team)
    freeze_norms(learner.network)
    drawn = torch.randint(256, (STEPS, 8, 32, 32, 4), generator=torch.manual_seed(0))
    learner.begin_epoch()
    learner.rate.before_step(1.0)
    for squares in drawn.to(torch.uint8):
        learner.step(team.share(squares))
    return [weight.detach() for weight in learner.network.parameters()]


def learn_as(rank: int, size: int, folder: str) -> None:
    """Be one process of a team, and leave the weights in the folder."""
    address = Path(folder, "meeting").as_uri()
    dist.init_process_group("gloo", init_method=address, rank=rank, world_size=size)
    for accumulate in (1, 2):
        weights = learned(replace(PLAIN, accumulate=accumulate), Team(rank, size))
        torch.save(weights, Path(folder, f"{rank}-{accumulate}.pt"))
    dist.destroy_process_group()
