"""When the order of candidates is learned, and what becomes of those that wait."""

from collections.abc import Sequence
from uuid import uuid4

import pytest

from app.blobs import FolderBlobs
from app.db import Database
from app.domain.jobs import Job, JobKind, JobState
from app.domain.labelling import Decision
from app.domain.people import Person
from app.domain.specimens import Specimen
from app.queue import Queue
from app.services import batches, calibrating, job_progress, jobs, predictions, proposing
from app.services.batches import BatchItem
from app.services.calibrating import EVERY
from app.services.labelling import NewDecision
from app.services.predictions import PredictedMask
from app.services.proposing import ProposedMask
from ml.imaging.masks import encode_mask
from ml.progress import silent
from tests import factories
from tests.conftest import Drain, MovableClock
from tests.service.calibrating import flow
from worker.context import Context
from worker.jobs import calibrate
from worker.progress import Cancelled

ENOUGH = 10


@pytest.fixture
def decided(db: Database, blobs: FolderBlobs, person: Person) -> list[int]:
    """Enough specimens on which curators preferred what scores lower; nothing is learned yet."""
    ids = flow.add_specimens(db, blobs, ENOUGH)
    flow.accept(db, person, ids)
    with db.transaction() as session:
        source_id = session.get_one(Specimen, ids[0]).source_id
        calibrating.notice(session, source_id, enough=ENOUGH)
    return ids


def run_part(context: Context) -> None:
    calibrate.run(context, flow.claim(context.db), silent)


def test_enough_decisions_have_the_order_learned_once(
    db: Database, blobs: FolderBlobs, person: Person
) -> None:
    ids = flow.add_specimens(db, blobs, EVERY + 3)
    flow.accept(db, person, ids[: EVERY - 1])
    assert flow.queued(db) == []
    flow.accept(db, person, ids[EVERY - 1 :])
    [part] = flow.queued(db)
    assert part.queue == Queue.CPU


def test_a_batch_counts_as_its_decisions(db: Database, blobs: FolderBlobs, person: Person) -> None:
    ids = flow.add_specimens(db, blobs, EVERY)
    items = [
        BatchItem(
            id_,
            NewDecision(
                uuid4().hex,
                Decision.ACCEPT,
                candidate_id=flow.candidates(db, id_)[flow.BETTER].id,
            ),
        )
        for id_ in ids
    ]
    with db.transaction() as session:
        batches.decide_all(session, person.id, items)
    assert len(flow.queued(db)) == 1


def test_sources_are_counted_apart(db: Database, blobs: FolderBlobs, person: Person) -> None:
    for source in ("CARS", "SJTT"):
        ids = flow.add_specimens(db, blobs, 2, source=source, prefix=source)
        flow.accept(db, person, ids)
    with db.transaction() as session:
        source_id = session.get_one(Specimen, ids[0]).source_id
        calibrating.notice(session, source_id, enough=3)
    assert flow.queued(db) == []


def test_what_waits_is_ordered_by_what_was_accepted(
    context: Context, db: Database, blobs: FolderBlobs, drain: Drain, decided: Sequence[int]
) -> None:
    [waiting] = flow.add_specimens(db, blobs, 1, prefix="open")
    [elsewhere] = flow.add_specimens(db, blobs, 1, source="OTHER")
    assert flow.shown(db, waiting) == [flow.WORSE, flow.BETTER]
    drain(context, flow.HANDLERS)
    assert flow.shown(db, waiting) == [flow.BETTER, flow.WORSE]
    assert flow.shown(db, elsewhere) == [flow.WORSE, flow.BETTER], "nothing was decided there"
    assert flow.shown(db, decided[0]) == [flow.WORSE, flow.BETTER], "it is labelled"
    with db.reading() as session:
        specimen = session.get_one(Specimen, waiting)
    best = max(each.score for each in flow.candidates(db, waiting).values())
    assert specimen.best_score == best, "its place in the grid follows"
    [calibration] = flow.calibrations(db)
    assert calibration.reviews == ENOUGH
    assert calibration.quality["learned"]["first"] > calibration.quality["own"]["first"]


def test_own_scores_come_back_when_nothing_better_is_learned_any_more(
    context: Context, db: Database, blobs: FolderBlobs, drain: Drain, decided: Sequence[int]
) -> None:
    assert decided
    [waiting] = flow.add_specimens(db, blobs, 1, prefix="open")
    drain(context, flow.HANDLERS)
    with db.transaction() as session:
        specimen = session.get_one(Specimen, waiting)
        calibrating.store(
            session,
            specimen.source_id,
            decisions=30,
            coefficients={},
            quality={},
            learned_at=db.clock(),
        )
        calibrating.settle(session, [specimen])
    found = flow.candidates(db, waiting).values()
    assert [each.score for each in found] == [each.own_score for each in found]


def test_the_part_may_be_done_twice(
    context: Context, db: Database, blobs: FolderBlobs, decided: Sequence[int]
) -> None:
    assert decided
    [waiting] = flow.add_specimens(db, blobs, 1, prefix="open")
    part = flow.claim(db)
    calibrate.run(context, part, silent)
    first = {name: each.score for name, each in flow.candidates(db, waiting).items()}
    calibrate.run(context, part, silent)
    assert {name: each.score for name, each in flow.candidates(db, waiting).items()} == first
    one, two = flow.calibrations(db)
    assert (one.coefficients, one.quality) == (two.coefficients, two.quality)


def test_a_worker_that_lost_the_part_changes_nothing(
    context: Context, db: Database, decided: Sequence[int]
) -> None:
    assert decided
    part = flow.claim(db)
    with db.transaction() as session:
        jobs.cancel(session, part.job_id)
    with pytest.raises(Cancelled):
        calibrate.run(context, part, silent)
    assert flow.calibrations(db) == []


def test_many_specimens_are_scored_in_short_transactions(
    context: Context,
    db: Database,
    blobs: FolderBlobs,
    decided: Sequence[int],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert decided
    monkeypatch.setattr(calibrate, "AT_ONCE", 2)
    waiting = flow.add_specimens(db, blobs, 5, prefix="open")
    run_part(context)
    assert [flow.shown(db, id_)[0] for id_ in waiting] == [flow.BETTER] * 5


def test_decisions_after_it_are_counted_anew(
    context: Context,
    db: Database,
    blobs: FolderBlobs,
    person: Person,
    drain: Drain,
    decided: Sequence[int],
    clock: MovableClock,
) -> None:
    drain(context, flow.HANDLERS)
    clock.move(seconds=1)
    with db.transaction() as session:
        source_id = session.get_one(Specimen, decided[0]).source_id
        calibrating.notice(session, source_id, enough=1)
    assert len(flow.queued(db)) == 1, "nothing was decided since"
    flow.accept(db, person, flow.add_specimens(db, blobs, 1, prefix="more"))
    with db.transaction() as session:
        calibrating.notice(session, source_id, enough=1)
    drain(context, flow.HANDLERS)
    assert [each.reviews for each in flow.calibrations(db)] == [ENOUGH, ENOUGH + 1]


def test_new_candidates_are_scored_as_the_others(
    context: Context, db: Database, blobs: FolderBlobs, drain: Drain, decided: Sequence[int]
) -> None:
    assert decided
    [waiting] = flow.add_specimens(db, blobs, 1, prefix="open")
    drain(context, flow.HANDLERS)
    with db.transaction() as session:
        specimen = factories.make_specimen(session, blobs, "new", methods=())
        assert specimen.crop_id is not None
        digest = blobs.put(encode_mask(factories.moth_mask()))
        proposed = [
            ProposedMask(flow.WORSE, digest, 0.9, ()),
            ProposedMask(flow.BETTER, digest, 0.8, ()),
        ]
        job = jobs.start(session, JobKind.IMPORT, None)
        proposing.store_first(
            session, job.id, specimen.id, specimen.crop_id, proposed, refine=False
        )
    scores = {name: each.score for name, each in flow.candidates(db, specimen.id).items()}
    assert scores == {name: each.score for name, each in flow.candidates(db, waiting).items()}


def test_a_models_mask_is_scored_as_it_comes_and_an_upload_stays_first(
    context: Context, db: Database, blobs: FolderBlobs, drain: Drain, decided: Sequence[int]
) -> None:
    assert decided
    drain(context, flow.HANDLERS)
    [model_id] = flow.add_models(db, 1)
    [waiting] = flow.add_specimens(db, blobs, 1, prefix="open")
    with db.transaction() as session:
        specimen = session.get_one(Specimen, waiting)
        factories.make_candidate(session, blobs, specimen, "upload:1", score=1.0)
        assert specimen.crop_id is not None
        digest = blobs.put(encode_mask(factories.moth_mask(1)))
        predicted = PredictedMask(waiting, specimen.crop_id, digest, digest, 0.05, is_empty=False)
        predictions.store(session, [model_id], [predicted])
    found = flow.candidates(db, waiting)
    assert flow.shown(db, waiting)[0] == "upload:1"
    assert found["upload:1"].score == 1.0
    of_model = found[f"model:{model_id}"]
    assert 0 < of_model.score < of_model.own_score < 1, "these curators are strict"


def test_a_new_model_has_what_was_decided_learned_before_it_predicts(
    db: Database, blobs: FolderBlobs, person: Person
) -> None:
    flow.accept(db, person, flow.add_specimens(db, blobs, 3))
    flow.add_specimens(db, blobs, 1, source="UNTOUCHED")
    flow.add_models(db, 1)
    assert len(flow.queued(db)) == 1


def test_job_lists_name_it_only_if_it_failed(db: Database, decided: Sequence[int]) -> None:
    assert decided
    with db.reading() as session:
        assert job_progress.recent_jobs(session) == []
        assert job_progress.open_jobs(session) == []
    part = flow.claim(db)
    with db.transaction() as session:
        jobs.fail(session, part, "it broke")
    with db.reading() as session:
        [shown] = job_progress.recent_jobs(session)
        assert session.get_one(Job, shown.id).state is JobState.FAILED
