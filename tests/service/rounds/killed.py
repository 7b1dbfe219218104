"""A worker process that kills itself at one stage of a training: `python -m … DATA URL STAGE`."""

import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from sqlalchemy import select

from app.blobs import FolderBlobs
from app.domain.jobs import JobState, Part
from app.services import loose_blobs, round_keeping
from app.settings import Settings
from ml.squares import Squares
from ml.training.learner import Learner
from tests.conftest import CollectingPublisher
from worker.context import make_context
from worker.handlers import HANDLERS
from worker.round_keeper import RoundKeeper
from worker.runner import run_part


def die(*_: Any, **__: Any) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def at_call(number: int, function: Callable[..., Any]) -> Callable[..., Any]:
    """The function, but for its call with this number."""
    calls: list[int] = []

    def called(*values: Any, **named: Any) -> Any:
        calls.append(1)
        return die() if len(calls) == number else function(*values, **named)

    return called


def while_doing(owner: type, name: str, deadly: tuple[Any, str]) -> None:
    """Die in another function while this method runs."""
    method = getattr(owner, name)

    def doing(*values: Any, **named: Any) -> Any:
        setattr(*deadly, die)
        return method(*values, **named)

    setattr(owner, name, doing)


STAGES: dict[str, Callable[[], None]] = {
    "gathering": lambda: setattr(Squares, "put", at_call(3, Squares.put)),
    "first epoch": lambda: setattr(Learner, "step", at_call(2, Learner.step)),
    "checkpoint half written": lambda: while_doing(
        RoundKeeper, "checkpoint", (FolderBlobs, "_publish")
    ),
    "checkpoint not yet named": lambda: setattr(
        round_keeping, "store_checkpoint", at_call(2, round_keeping.store_checkpoint)
    ),
    "last epoch": lambda: setattr(Learner, "step", at_call(6, Learner.step)),
    "weights half written": lambda: while_doing(RoundKeeper, "model", (FolderBlobs, "_publish")),
    "model not yet stored": lambda: setattr(round_keeping, "store_model", die),
    "checkpoint not yet removed": lambda: while_doing(
        RoundKeeper, "model", (loose_blobs, "remove")
    ),
}


def main(data: str, url: str, stage: str) -> None:
    STAGES[stage]()
    context = make_context(Settings(data=Path(data), database_url=url), CollectingPublisher())
    with context.db.reading() as session:
        waiting = select(Part.id).where(Part.state == JobState.QUEUED).order_by(Part.id)
        part_id = session.scalars(waiting.limit(1)).one()
    run_part(context, HANDLERS, part_id)


if __name__ == "__main__":
    main(*sys.argv[1:])
