"""One training on several devices of a machine: a process for each (PyTorch's DDP).

Each process learns from its share of every batch and gets the mean of all gradients, so that the
weights stay alike. The cross-entropies of N processes are those of one with the same batch; losses
of regions (Dice …) are taken over each share, and on CPUs so are the means of batch normalisation.
"""

import multiprocessing
import os
import tempfile
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from multiprocessing.connection import Connection, wait
from multiprocessing.context import SpawnProcess
from pathlib import Path
from typing import Any

import torch
import torch.distributed as dist

from ml.config import TrainingConfig
from ml.errors import BadInput
from ml.training.epochs import Listeners, Material, Trained, learn
from ml.training.team import Team

LONGEST_WAIT = timedelta(hours=1)
"""For one another: the others wait while the first one validates."""


class ProcessDied(BadInput):
    """One of the processes that trained together ended early; a sentence for the page."""


@dataclass(frozen=True)
class Refused:
    """A sentence from another process: errors with values do not survive pickling."""

    kind: type[BadInput]
    template: str
    values: dict[str, object]


def usable_processes(config: TrainingConfig) -> int:
    """Return how many devices of this machine divide a batch evenly; 1 where nothing may start.

    A forked worker may start no processes, and CUDA would not survive in it.
    """
    if multiprocessing.current_process().daemon:
        return 1
    devices = torch.cuda.device_count()
    return max((n for n in range(1, devices + 1) if config.batch % n == 0), default=1)


def learn_together(material: Material, listeners: Listeners, size: int) -> Trained:
    """Train in ``size`` new processes; listeners are called here, and may end all of them.

    Raises:
        ProcessDied: one of them ended early; the others are ended too.
        BadInput: what any of them refused.
    """
    if material.config.batch % size:
        raise ValueError(f"a batch of {material.config.batch} cannot be shared by {size}")
    context = multiprocessing.get_context("spawn")
    threads = max(1, torch.get_num_threads() // size)
    with tempfile.TemporaryDirectory(prefix="mothmask-team-") as folder:
        here, there = context.Pipe(duplex=False)
        processes = [
            context.Process(
                target=_member,
                args=(Team(rank, size), folder, threads, material, there if rank == 0 else None),
                daemon=True,
            )
            for rank in range(size)
        ]
        try:
            for process in processes:
                process.start()
            there.close()  # so that it ends here when it ends there
            return _listen(here, processes, listeners)
        finally:
            for process in processes:
                process.kill()
                process.join()


def _listen(
    connection: Connection, processes: Sequence[SpawnProcess], listeners: Listeners
) -> Trained:
    """Hand on what the first process tells, until it is done or any one dies."""
    while True:
        ready = wait([connection, *(p.sentinel for p in processes if p.exitcode != 0)])
        dead = [process.exitcode for process in processes if process.exitcode]
        if dead:
            raise ProcessDied(
                "One of {count} training processes ended early (exit code {code}). "
                "The worker's log says why; often it is too little memory.",
                count=len(processes),
                code=dead[0],
            )
        if connection in ready:
            try:
                name, values = connection.recv()
            except EOFError:  # the first one is dying: what it held open closes before it is dead
                processes[0].join()
                continue
            if name == "done":
                trained: Trained = values[0]
                return trained
            if name == "refused":
                refused: Refused = values[0]
                raise refused.kind(refused.template, **refused.values)
            getattr(listeners, name)(*values)


def _member(
    team: Team, folder: str, threads: int, material: Material, told: Connection | None
) -> None:
    """Be one of the processes, from its start to its end."""
    threading.Thread(target=_end_with_parent, daemon=True).start()
    torch.set_num_threads(threads)
    on_cuda = torch.cuda.is_available()
    if on_cuda:
        torch.cuda.set_device(team.rank)
    dist.init_process_group(
        "nccl" if on_cuda else "gloo",
        init_method=Path(folder, "meeting").as_uri(),
        rank=team.rank,
        world_size=team.size,
        timeout=LONGEST_WAIT,
    )
    listeners = _telling(told) if told is not None else Listeners()
    try:
        _tell(told, "done", learn(material, listeners, team))
    except BadInput as refused:
        _tell(told, "refused", Refused(type(refused), refused.template, refused.values))
    finally:
        dist.destroy_process_group()


def _telling(told: Connection) -> Listeners:
    def telling(name: str) -> Callable[..., None]:
        return lambda *values: _tell(told, name, *values)

    names = ("on_epoch", "on_checkpoint", "on_sheet", "on_progress")
    return Listeners(*(telling(name) for name in names))


def _tell(told: Connection | None, name: str, *values: Any) -> None:
    if told is not None:
        told.send((name, values))


def _end_with_parent() -> None:
    """A worker that is killed takes no leave: without it there is nobody to learn for."""
    parent = multiprocessing.parent_process()
    assert parent is not None
    parent.join()
    os._exit(1)
