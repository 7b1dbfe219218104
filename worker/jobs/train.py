"""Trains a variant of a round on its frozen labels, going on where a killed worker stopped."""

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from app.blobs import told_when_full
from app.domain.specimens import Split
from app.services.jobs import ClaimedPart
from app.services.rounds import FrozenLabel
from ml.imaging.letterbox import band_colour
from ml.imaging.masks import decode_mask
from ml.imaging.png import read_png
from ml.progress import OnProgress, Progress
from ml.squares import Squares
from worker.context import Context
from worker.round_keeper import Enough, RoundKeeper
from worker.training_care import FOLDER, clear_folders
from worker.training_plan import Plan, plan_of

if TYPE_CHECKING:
    from ml.training.train import Trained


def run(context: Context, part: ClaimedPart, on_progress: OnProgress) -> None:
    plan = plan_of(context, part.payload)
    if plan is None:
        return
    done = plan.resume.epoch if plan.resume is not None else 0
    with _gathered(context, part, plan, on_progress) as (training, validation):
        keeper = RoundKeeper(context, part, plan, plan.best_dice)
        if done:
            keeper.say("It goes on after epoch {epoch}.", epoch=done)
        else:
            keeper.say(
                "{training} labels to train on and {validation} to validate are gathered.",
                training=len(training),
                validation=len(validation),
            )
        keeper.model(_trained(context, plan, keeper, training, validation, on_progress))


def _trained(
    context: Context,
    plan: Plan,
    keeper: RoundKeeper,
    training: Squares,
    validation: Squares,
    on_progress: OnProgress,
) -> "Trained":
    # torch takes seconds to load, and most parts need none
    from ml.training.train import best_so_far, train

    start, resume = (
        context.blobs.read(digest) if digest is not None else None
        for digest in (
            plan.start.weights_digest if plan.start is not None else None,
            plan.resume.digest if plan.resume is not None else None,
        )
    )
    if plan.enough and resume is not None:
        return best_so_far(plan.config, validation, resume)
    try:
        return train(
            plan.config,
            training,
            validation,
            groups=plan.groups,
            start=start,
            resume=resume,
            on_epoch=keeper.epoch,
            on_checkpoint=keeper.checkpoint,
            on_sheet=keeper.sheet,
            on_progress=on_progress,
        )
    except Enough as enough:
        keeper.say("Somebody asked for the best so far: no further epoch.")
        return best_so_far(plan.config, validation, enough.checkpoint)


@contextmanager
def _gathered(
    context: Context, part: ClaimedPart, plan: Plan, on_progress: OnProgress
) -> Iterator[tuple[Squares, Squares]]:
    """Training and validation squares, in files that are there as long as they are needed."""
    clear_folders(context, but_of=part.id)
    with tempfile.TemporaryDirectory(
        dir=context.settings.data, prefix=f"{FOLDER}{part.id}-"
    ) as folder:
        training, validation = (
            _gather(context, Path(folder) / split, plan.of(split), plan.config.side, on_progress)
            for split in (Split.TRAINING, Split.VALIDATION)
        )
        yield training, validation


def _gather(
    context: Context,
    file: Path,
    labels: Sequence[FrozenLabel],
    side: int,
    on_progress: OnProgress,
) -> Squares:
    """Letter-box the labels of one side of the split into a file, one after the other."""
    with told_when_full():
        squares = Squares.create(file, len(labels), side)
    for index, label in enumerate(labels):
        on_progress(Progress(f"gather-{label.split}", index, len(labels)))
        pixels = read_png(context.blobs.read(label.crop_digest))
        mask = decode_mask(context.blobs.read(label.mask_digest))
        squares.put(index, pixels, mask, band_colour(label.padding, pixels))
    return squares
