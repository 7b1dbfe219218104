"""Several variants in one round, and what people ask of it while it runs."""

from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import select

from app.blobs import FolderBlobs
from app.db import Database
from app.domain.jobs import JobState, PartKind
from app.domain.people import Person
from app.domain.rounds import Checkpoint, Round, TrainedModel
from app.domain.steering import LooseBlob
from app.errors import Conflict, Refused
from app.services import resuming, round_keeping, round_orders, round_starting, rounds, tags
from app.services.jobs import ClaimedPart
from app.services.round_options import RoundOptions
from ml.progress import OnProgress, Progress
from tests.conftest import Drain
from tests.service.rounds import flow
from tests.service.rounds.conftest import AddLabels
from worker.context import Context
from worker.handlers import HANDLERS
from worker.jobs import train
from worker.tensorboard import Feed

Happening = Callable[[], None]


@pytest.fixture
def two_ways(db: Database, person: Person, add_labels: AddLabels) -> RoundOptions:
    labels = add_labels(8)
    with db.transaction() as session:
        tags.tag(session, person.id, labels, "white wing", on=True)
    return RoundOptions(draws=("random", "mix"), hard_tags=("white wing",), from_scratch=True)


def start(db: Database, options: RoundOptions, request_id: str | None = None) -> Round:
    with db.transaction() as session:
        return round_starting.start_round(
            session, preset="tiny", person_id=None, options=options, request_id=request_id
        )


def models_of(db: Database, round_: Round) -> dict[str, TrainedModel]:
    with db.reading() as session:
        return {model.variant: model for model in rounds.models_of(session, round_.id)}


def said(db: Database, round_: Round, variant: str) -> list[str]:
    with db.reading() as session:
        found = round_keeping.lines(session, round_.id)
        return [line.template.format(**line.values) for line in found if line.variant == variant][
            ::-1
        ]


def in_epoch(epoch: int, happening: Happening) -> dict[PartKind, object]:
    """Handlers with which something happens once in this epoch of the first training."""
    happened: list[int] = []

    def run(context: Context, part: ClaimedPart, on_progress: OnProgress) -> None:
        def watch(progress: Progress) -> None:
            begun = progress.done > (epoch - 1) * flow.QUICK.steps_per_epoch
            if progress.stage == "train" and begun and not happened:
                happened.append(epoch)
                happening()
            on_progress(progress)

        train.run(context, part, watch)

    return {**HANDLERS, PartKind.TRAIN: run}


def test_every_way_of_drawing_makes_a_model_of_the_same_labels(
    context: Context, two_ways: RoundOptions, drain: Drain, tmp_path: Path
) -> None:
    db = context.db
    round_ = start(db, two_ways)
    drain(context)
    made = models_of(db, round_)
    assert list(made) == ["random", "mix"]
    assert made["random"].weights_digest != made["mix"].weights_digest
    assert flow.job_state(db, round_) is JobState.DONE
    with db.reading() as session:
        curves = rounds.epochs(session, round_.id)
        assert {name: len(epochs) for name, epochs in curves.items()} == {"random": 3, "mix": 3}
        epoch = curves["mix"][0]
        assert epoch.device.startswith("CPU")
        assert epoch.pictures > curves["random"][0].pictures, "the hard group comes besides"
        assert session.scalars(select(Checkpoint)).all() == []
        assert session.scalars(select(LooseBlob)).all() == []
    feed = Feed(context, tmp_path / "curves")
    feed.look()
    feed.close()
    runs = sorted(path.name for path in feed.folder.iterdir())
    assert runs == ["round-1-mix", "round-1-random"]
    last = said(db, round_, "mix")[-1]
    assert last.startswith(f"U-Net {made['mix'].id} is made of epoch ")


def test_the_same_request_is_one_round(db: Database, two_ways: RoundOptions) -> None:
    first = start(db, two_ways, "click")
    assert start(db, two_ways, "click").id == first.id
    with pytest.raises(Conflict, match="Round 1 is still running"):
        start(db, two_ways, "another click")


def test_the_best_so_far_becomes_the_model_and_the_others_train_on(
    context: Context, two_ways: RoundOptions, drain: Drain
) -> None:
    db = context.db
    round_ = start(db, two_ways)

    def enough() -> None:
        with db.transaction() as session:
            round_orders.keep_best(session, round_, "random", None)

    drain(context, in_epoch(2, enough))
    made = models_of(db, round_)
    assert made["random"].metrics["epochs"] == 2
    assert made["mix"].metrics["epochs"] == 3
    assert flow.job_state(db, round_) is JobState.DONE
    assert len(flow.parts(db, round_, PartKind.PREDICT)) == 2
    assert "Somebody asked for the best so far: no further epoch." in said(db, round_, "random")


def test_a_round_that_paused_ends_with_the_weights_of_one_that_did_not(
    context: Context, two_ways: RoundOptions, drain: Drain
) -> None:
    db = context.db
    round_ = start(db, two_ways)

    def pause() -> None:
        with db.transaction() as session:
            round_orders.pause(session, round_, None)

    drain(context, in_epoch(2, pause))
    assert flow.job_state(db, round_) is JobState.CANCELLED
    with db.reading() as session:
        assert round_orders.is_paused(session, round_)
        assert rounds.running(session) is None, "others may run meanwhile"
    with db.transaction() as session:
        resuming.resume(session, round_.job_id)
    drain(context)
    unbroken = start(db, two_ways)
    drain(context)
    weights = {name: model.weights_digest for name, model in models_of(db, round_).items()}
    assert weights == {n: model.weights_digest for n, model in models_of(db, unbroken).items()}
    assert "It goes on after epoch 1." in said(db, round_, "random")


def test_what_was_asked_of_a_paused_training_holds_when_it_goes_on(
    context: Context, two_ways: RoundOptions, drain: Drain
) -> None:
    db = context.db
    round_ = start(db, two_ways)

    def both() -> None:
        with db.transaction() as session:
            round_orders.keep_best(session, round_, "", None)
            round_orders.pause(session, round_, None)

    drain(context, in_epoch(3, both))
    with db.transaction() as session:
        resuming.resume(session, round_.job_id)
    drain(context)
    epochs = {name: model.metrics["epochs"] for name, model in models_of(db, round_).items()}
    assert epochs == {"random": 2, "mix": 1}, "the second had not begun"


def test_what_cannot_be_asked_is_refused(db: Database, two_ways: RoundOptions) -> None:
    round_ = start(db, two_ways)
    with db.transaction() as session, pytest.raises(Refused, match="it has random, mix"):
        round_orders.keep_best(session, round_, "single", None)
    flow.finish(db, round_)
    with db.transaction() as session, pytest.raises(Conflict, match="does not train any more"):
        round_orders.keep_best(session, round_, "", None)
    with db.transaction() as session, pytest.raises(Conflict, match="already ended"):
        round_orders.pause(session, round_, None)


def test_of_what_a_training_said_the_last_lines_are_kept(
    db: Database, two_ways: RoundOptions, blobs: FolderBlobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert blobs
    monkeypatch.setattr(round_keeping, "MOST_LINES", 3)
    round_ = start(db, two_ways)
    with db.transaction() as session:
        for number in range(5):
            round_keeping.say(session, round_.id, "mix", "Line {number}.", number=number)
            round_keeping.say(session, round_.id, "random", "Other {number}.", number=number)
    assert said(db, round_, "mix") == ["Line 2.", "Line 3.", "Line 4."]
    assert len(said(db, round_, "random")) == 3
