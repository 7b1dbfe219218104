"""What a round freezes when it starts, and when it may not start."""

from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import replace

import pytest

from app.blobs import FolderBlobs
from app.db import Database
from app.domain.jobs import JobState
from app.domain.people import Person
from app.domain.rounds import Epoch, Round
from app.domain.specimens import Specimen
from app.errors import Conflict, Refused
from app.services import jobs, models, resuming, round_starting, rounds
from ml.config import NetworkConfig
from ml.presets import PRESETS
from tests import factories
from tests.service.rounds import flow
from tests.service.rounds.conftest import AddLabels
from tests.service.rounds.flow import QUICK


def start(db: Database, preset: str = "tiny") -> Round:
    with db.transaction() as session:
        return round_starting.start_round(session, preset=preset, person_id=None)


def test_later_labels_do_not_change_what_is_frozen(
    db: Database, blobs: FolderBlobs, person: Person, add_labels: AddLabels
) -> None:
    first, second, *_ = add_labels(6)
    round_ = start(db)
    before = flow.frozen(db, round_)
    with db.transaction() as session:
        specimen = session.get_one(Specimen, first)
        factories.make_version(session, blobs, specimen, person, grown=3)
        session.get_one(Specimen, second).unusable = True
    add_labels(2)
    assert len(before) == 6
    assert flow.frozen(db, round_) == before


def test_the_newest_version_of_each_label_is_frozen(
    db: Database, blobs: FolderBlobs, person: Person, add_labels: AddLabels
) -> None:
    first, *_ = add_labels(4)
    with db.transaction() as session:
        specimen = session.get_one(Specimen, first)
        version = factories.make_version(session, blobs, specimen, person, grown=3)
    frozen = flow.frozen(db, start(db))
    assert len(frozen) == 4
    assert version.id in {label.version_id for label in frozen}
    assert version.digest in {label.mask_digest for label in frozen}


@pytest.mark.parametrize(("labels", "validation"), [(4, 1), (14, 1), (16, 2)])
def test_a_tenth_but_at_least_one_validates(
    db: Database, add_labels: AddLabels, labels: int, validation: int
) -> None:
    add_labels(labels)
    round_ = start(db)
    assert len(flow.validation_versions(db, round_)) == validation
    assert len(flow.frozen(db, round_)) == labels


def test_most_labels_keep_their_side_when_others_are_added(
    db: Database, add_labels: AddLabels
) -> None:
    add_labels(20)
    first = start(db)
    flow.finish(db, first)
    add_labels(10)
    second = start(db)
    before = flow.validation_versions(db, first)
    after = flow.validation_versions(db, second)
    assert (len(before), len(after)) == (2, 3)
    assert before < after


def test_the_benchmark_is_never_trained_on(db: Database, add_labels: AddLabels) -> None:
    member, *_ = add_labels(5)
    with db.transaction() as session:
        factories.join_benchmark(session, member)
        version_id = session.get_one(Specimen, member).version_id
    frozen = flow.frozen(db, start(db))
    assert len(frozen) == 4
    assert version_id not in {label.version_id for label in frozen}


@pytest.mark.parametrize("labels", [0, 3])
def test_too_few_labels_are_refused(db: Database, add_labels: AddLabels, labels: int) -> None:
    add_labels(labels)
    with pytest.raises(Refused, match=f"at least 4 labels, and there are {labels}"):
        start(db)


def test_unusable_specimens_are_no_labels(db: Database, add_labels: AddLabels) -> None:
    first, *_ = add_labels(4)
    with db.transaction() as session:
        specimen = session.get_one(Specimen, first)
        specimen.unusable = True
        specimen.settle()
    with pytest.raises(Refused, match="there are 3"):
        start(db)


def test_an_unknown_preset_is_refused(db: Database, add_labels: AddLabels) -> None:
    add_labels(4)
    with pytest.raises(Refused, match=r"no preset “huge”; use one of tiny, .*unet64"):
        start(db, "huge")


def test_only_one_round_runs_at_a_time(db: Database, add_labels: AddLabels) -> None:
    add_labels(4)
    first = start(db)
    with pytest.raises(Conflict, match="Round 1 is still running"):
        start(db)
    flow.finish(db, first, JobState.CANCELLED)
    assert start(db).number == 2


def test_two_starts_in_the_same_moment_make_one_round(db: Database, add_labels: AddLabels) -> None:
    add_labels(4)
    with ThreadPoolExecutor() as pool:
        with db.transaction() as session:
            round_starting.start_round(session, preset="tiny", person_id=None)
            other = pool.submit(start, db)
            wait([other], timeout=0.5)  # it cannot end before this transaction does
        with pytest.raises(Conflict, match=r"[Rr]ound"):
            other.result()


def test_new_labels_are_those_no_model_has_learned_from(
    db: Database, add_labels: AddLabels
) -> None:
    add_labels(4)
    flow.add_model(db, start(db))
    add_labels(3)
    assert counts(db) == rounds.LabelCounts(labels=7, new=3)
    second = start(db)
    assert counts(db).new == 0
    flow.finish(db, second, JobState.CANCELLED)
    assert counts(db).new == 3


def test_a_cancelled_round_goes_on_only_when_no_other_runs(
    db: Database, add_labels: AddLabels
) -> None:
    add_labels(4)
    first = start(db)
    with db.transaction() as session:
        jobs.cancel(session, first.job_id)
    second = start(db)
    with db.transaction() as session, pytest.raises(Conflict, match="Another round is still"):
        resuming.resume(session, first.job_id)
    flow.finish(db, second)
    with db.transaction() as session:
        assert resuming.resume(session, first.job_id).is_open


def test_a_round_goes_on_from_the_newest_model_of_its_preset(
    db: Database, add_labels: AddLabels
) -> None:
    add_labels(4)
    assert start(db).start_model_id is None
    with db.reading() as session:
        first = rounds.get_round(session, 1)
    flow.add_model(db, first)
    newer = flow.add_model(db, start(db))
    flow.add_model(db, start(db, "unet64"))
    assert start(db).start_model_id == newer.id


def test_a_model_of_another_network_is_not_gone_on_from(
    db: Database, add_labels: AddLabels, monkeypatch: pytest.MonkeyPatch
) -> None:
    add_labels(4)
    flow.add_model(db, start(db))
    changed = replace(QUICK, network=NetworkConfig(base=8, depth=2))
    monkeypatch.setitem(PRESETS, "tiny", changed)
    assert start(db).start_model_id is None


def test_the_newest_model_serves_until_one_is_promoted(
    db: Database, person: Person, add_labels: AddLabels
) -> None:
    add_labels(4)
    made = [flow.add_model(db, start(db)) for _ in range(3)]
    with db.transaction() as session:
        before = models.serving(session)
        models.promote(session, made[0].id, person.id)
        models.promote(session, made[1].id, person.id)
        session.flush()
        after = models.serving(session)
    assert before is not None
    assert after is not None
    assert (before.id, after.id) == (made[2].id, made[1].id)


def test_the_time_left_follows_from_the_epochs_so_far() -> None:
    epochs = [
        Epoch(
            round_id=1,
            variant="random",
            number=number,
            train_loss=0.5,
            validation_loss=0.5,
            validation_dice=0.9,
            learning_rate=1e-3,
            seconds=seconds,
        )
        for number, seconds in ((1, 30.0), (2, 20.0))
    ]
    assert rounds.training_seconds_left(10, []) is None
    assert rounds.training_seconds_left(10, epochs) == 8 * 25


def counts(db: Database) -> rounds.LabelCounts:
    with db.reading() as session:
        return rounds.label_counts(session)
