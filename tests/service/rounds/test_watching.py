"""What can be seen of a training while it goes on: contact sheets, and curves in TensorBoard."""

import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import select
from tensorboard.backend.event_processing.event_accumulator import IMAGES, EventAccumulator

from app.blobs import FolderBlobs
from app.db import Database
from app.domain.people import Person
from app.domain.rounds import ContactSheet, Round
from app.services import round_starting, rounds, tags
from app.services.round_options import RoundOptions
from ml.imaging.png import read_png
from ml.presets import PRESETS
from ml.progress import silent
from tests import factories
from tests.conftest import Drain, MovableClock
from tests.service.rounds import flow
from tests.service.rounds.conftest import AddLabels
from tests.service.rounds.flow import QUICK, Killed, killed_after
from tests.service.rounds.test_resuming import sweep_after_silence
from worker.context import Context
from worker.jobs import train
from worker.round_keeper import RoundKeeper
from worker.tensorboard import Feed


@pytest.fixture(autouse=True)
def sheet_each_epoch(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(PRESETS, "tiny", replace(QUICK, sheet_every=1))


def sheets(db: Database, round_: Round) -> list[tuple[int, str, str]]:
    with db.reading() as session:
        query = select(ContactSheet).where(ContactSheet.round_id == round_.id)
        found = session.scalars(query.order_by(ContactSheet.epoch))
        return [(sheet.epoch, sheet.variant, sheet.digest) for sheet in found]


def events(context: Context, round_: Round) -> EventAccumulator:
    """As TensorBoard itself reads them, when somebody looks afterwards."""
    folder = context.settings.data / "looked-at"
    shutil.rmtree(folder, ignore_errors=True)
    feed = Feed(context, folder)
    feed.look()
    feed.close()
    return read(folder / f"round-{round_.number}")


def read(folder: Path) -> EventAccumulator:
    found = EventAccumulator(str(folder), size_guidance={IMAGES: 0})
    found.Reload()
    return found


def curve(context: Context, round_: Round) -> list[tuple[int, float]]:
    points = events(context, round_).Scalars("dice/validation")
    return [(point.step, round(point.value, 5)) for point in points]


def stored_curve(db: Database, round_: Round) -> list[tuple[int, float]]:
    with db.reading() as session:
        (done,) = rounds.epochs(session, round_.id).values()
        return [(epoch.number, round(epoch.validation_dice, 5)) for epoch in done]


def test_sheets_and_curves_are_kept_as_training_goes(
    context: Context, blobs: FolderBlobs, add_labels: AddLabels, drain: Drain
) -> None:
    add_labels(4)
    round_ = flow.start(context.db)
    drain(context)
    kept = sheets(context.db, round_)
    assert [(epoch, variant) for epoch, variant, _ in kept] == [
        (1, "random"),
        (2, "random"),
        (3, "random"),
    ]
    shown = read_png(blobs.read(kept[-1][2]))
    assert shown.shape[1] > 8 * QUICK.side
    found = events(context, round_)
    assert [image.step for image in found.Images("contact sheet")] == [1, 2, 3]
    assert curve(context, round_) == stored_curve(context.db, round_)


@pytest.mark.parametrize(("every", "epochs"), [(0, []), (2, [2]), (3, [3])])
def test_every_so_many_epochs_there_is_a_sheet(
    context: Context,
    add_labels: AddLabels,
    drain: Drain,
    monkeypatch: pytest.MonkeyPatch,
    every: int,
    epochs: list[int],
) -> None:
    monkeypatch.setitem(PRESETS, "tiny", replace(QUICK, sheet_every=every))
    add_labels(4)
    round_ = flow.start(context.db)
    drain(context)
    assert [epoch for epoch, *_ in sheets(context.db, round_)] == epochs


def test_a_killed_training_that_goes_on_leaves_no_point_twice(
    context: Context, clock: MovableClock, add_labels: AddLabels, drain: Drain
) -> None:
    add_labels(4)
    killed = flow.start(context.db)
    part = flow.claim(context.db, killed)
    with pytest.raises(Killed):
        train.run(context, part, killed_after(2))
    sweep_after_silence(context, clock)
    drain(context)
    unbroken = flow.start(context.db)
    drain(context)
    for round_ in (killed, unbroken):
        assert [number for number, _ in curve(context, round_)] == [1, 2, 3]
        assert curve(context, round_) == stored_curve(context.db, round_)
        assert len(events(context, round_).Tensors("configuration/text_summary")) == 1
    assert sheets(context.db, killed) == sheets(context.db, unbroken)


def test_an_epoch_that_was_not_checkpointed_is_trained_again_and_shown_once(
    context: Context,
    clock: MovableClock,
    add_labels: AddLabels,
    drain: Drain,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def die(_keeper: RoundKeeper, _data: bytes, _epoch: int) -> None:
        raise Killed

    add_labels(4)
    round_ = flow.start(context.db)
    part = flow.claim(context.db, round_)
    watched = Feed(context, context.settings.data / "watched")
    with monkeypatch.context() as patch:
        patch.setattr(RoundKeeper, "checkpoint", die)
        with pytest.raises(Killed):
            train.run(context, part, silent)
    watched.look()
    assert len(sheets(context.db, round_)) == 1
    sweep_after_silence(context, clock)
    drain(context)
    watched.look()
    watched.close()
    assert flow.epoch_numbers(context.db, round_) == [1, 2, 3]
    assert [epoch for epoch, *_ in sheets(context.db, round_)] == [1, 2, 3]
    assert curve(context, round_) == stored_curve(context.db, round_)
    seen = read(watched.folder / f"round-{round_.number}")
    assert [point.step for point in seen.Scalars("dice/validation")] == [1, 2, 3]
    assert [image.step for image in seen.Images("contact sheet")] == [1, 2, 3]


def test_files_of_a_worker_that_was_killed_are_cleared_away(
    context: Context, add_labels: AddLabels, drain: Drain
) -> None:
    left = Path(context.settings.data) / "training-left"
    left.mkdir(parents=True)
    (left / "training").write_bytes(b"squares")
    add_labels(4)
    flow.start(context.db)
    drain(context)
    assert not list(context.settings.data.glob("training-*"))


def test_a_hard_group_of_two_sources_is_trained_on_and_named(
    context: Context,
    blobs: FolderBlobs,
    person: Person,
    add_labels: AddLabels,
    drain: Drain,
) -> None:
    labels = add_labels(6)
    with context.db.transaction() as session:
        for number in range(3):
            specimen = factories.make_specimen(session, blobs, f"o{number}", source_code="OTHER")
            factories.make_version(session, blobs, specimen, person)
        tags.tag(session, person.id, labels, "white wing", on=True)
    options = RoundOptions(draws=("mix",), hard_tags=("white wing",), transfer=True, contour=True)
    with context.db.transaction() as session:
        round_ = round_starting.start_round(session, preset="tiny", person_id=None, options=options)
    drain(context)
    model = flow.model_of(context.db, round_)
    assert model is not None
    assert model.variant == "mix"
    card = json.loads(blobs.read(model.card_digest))
    assert card["hard_tags"] == ["white wing"]
    hard = {label["id"] for label in card["label_versions"]["training"] if label["hard"]}
    frozen = flow.frozen(context.db, round_)
    assert hard == {v.version_id for v in frozen if v.hard and v.split == "training"}
    assert {variant for _, variant, _ in sheets(context.db, round_)} == {"mix"}
