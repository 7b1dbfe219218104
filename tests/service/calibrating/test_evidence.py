"""Which decisions say something about candidates, and what."""

from uuid import uuid4

from sqlalchemy import true

from app.blobs import FolderBlobs
from app.db import Database
from app.domain.labelling import HAND, RESTORED, UPLOAD, Decision
from app.domain.mask_imports import TakenAs
from app.domain.people import Person
from app.domain.specimens import Specimen
from app.services import evidence, labelling, mask_taking
from app.services.labelling import NewMask
from app.services.mask_taking import Wanted
from ml.acceptance.learned import MODEL, Decided
from ml.imaging.masks import encode_mask
from tests import factories
from tests.conftest import Drain, MovableClock
from tests.service.calibrating import flow
from tests.service.masks import flow as masks
from worker.context import Context


def decided(db: Database, most: int = 100) -> list[Decided]:
    with db.reading() as session:
        return list(evidence.decided(session, true(), most))


def said(db: Database) -> dict[str, bool]:
    return {row.facts.origin: row.accepted for row in decided(db)}


def save(
    db: Database, blobs: FolderBlobs, person: Person, specimen_id: int, origin: str = HAND
) -> None:
    digest = blobs.put(encode_mask(factories.moth_mask(-2)))
    with db.transaction() as session:
        specimen = session.get_one(Specimen, specimen_id)
        assert specimen.crop_id is not None
        mask = NewMask(uuid4().hex, origin, digest, specimen.crop_id, specimen.version_id)
        labelling.save_mask(session, person.id, specimen_id, mask)


def test_what_was_not_chosen_was_passed_over(
    db: Database, blobs: FolderBlobs, person: Person
) -> None:
    flow.accept(db, person, flow.add_specimens(db, blobs, 1))
    assert said(db) == {flow.BETTER: True, flow.WORSE: False}


def test_what_came_after_the_decision_was_not_passed_over(
    db: Database, blobs: FolderBlobs, person: Person, clock: MovableClock
) -> None:
    [specimen_id] = flow.add_specimens(db, blobs, 1)
    flow.accept(db, person, [specimen_id])
    clock.move(seconds=1)
    with db.transaction() as session:
        specimen = session.get_one(Specimen, specimen_id)
        factories.make_candidate(session, blobs, specimen, "kanezaki")
    assert "kanezaki" not in said(db)


def test_what_was_drawn_anew_refuses_all(db: Database, blobs: FolderBlobs, person: Person) -> None:
    [specimen_id] = flow.add_specimens(db, blobs, 1)
    save(db, blobs, person, specimen_id)
    assert said(db) == {flow.BETTER: False, flow.WORSE: False}


def test_an_accepted_mask_that_was_corrected_is_no_accepted_one(
    db: Database, blobs: FolderBlobs, person: Person
) -> None:
    [specimen_id] = flow.add_specimens(db, blobs, 1)
    flow.accept(db, person, [specimen_id])
    save(db, blobs, person, specimen_id, UPLOAD)
    assert said(db) == {flow.BETTER: False, flow.WORSE: False}


def test_a_rejected_mask_counts_alone(db: Database, blobs: FolderBlobs, person: Person) -> None:
    [specimen_id] = flow.add_specimens(db, blobs, 1)
    rejected = flow.candidates(db, specimen_id)[flow.WORSE].id
    flow.decide(db, person, specimen_id, Decision.REJECT, candidate_id=rejected, reasons=["hole"])
    assert said(db) == {flow.WORSE: False}


def test_what_was_taken_back_does_not_count(
    db: Database, blobs: FolderBlobs, person: Person
) -> None:
    [specimen_id] = flow.add_specimens(db, blobs, 1)
    [review] = flow.accept(db, person, [specimen_id])
    flow.decide(db, person, specimen_id, Decision.RETRACT, retracts_id=review.id)
    assert said(db) == {}


def test_skipped_unusable_and_restored_ones_say_nothing(
    db: Database, blobs: FolderBlobs, person: Person
) -> None:
    skipped, unusable, restored = flow.add_specimens(db, blobs, 3)
    flow.decide(db, person, skipped, Decision.SKIP)
    flow.accept(db, person, [unusable, restored])
    flow.decide(db, person, unusable, Decision.UNUSABLE, reasons=["blurred"])
    save(db, blobs, person, restored, RESTORED)
    assert said(db) == {}


def test_an_empty_prediction_was_rejected_by_nobody(
    db: Database, blobs: FolderBlobs, person: Person
) -> None:
    [specimen_id] = flow.add_specimens(db, blobs, 1)
    flow.decide(
        db,
        person,
        specimen_id,
        Decision.REJECT,
        candidate_id=flow.candidates(db, specimen_id)[flow.WORSE].id,
        reasons=["hole"],
    )
    with db.transaction() as session:
        specimen = session.get_one(Specimen, specimen_id)
        factories.make_candidate(session, blobs, specimen, "empty").rejected = True
    assert "empty" not in said(db)
    flow.accept(db, person, [specimen_id])
    assert said(db) == {flow.BETTER: True, flow.WORSE: False}


def test_files_of_an_import_are_neither_judged_nor_judge(
    context: Context, db: Database, blobs: FolderBlobs, person: Person, drain: Drain
) -> None:
    """Their score of 1 is the program's, and whoever handed them in saw no candidates."""
    _, as_candidate = flow.add_specimens(db, blobs, 2)
    for key, as_ in (("moth-0", TakenAs.VERSIONS), ("moth-1", TakenAs.CANDIDATES)):
        import_id = masks.read(context, drain, person, {f"{key}.png": masks.mask_file()})
        with db.transaction() as session:
            mask_taking.take(session, import_id, person.id, as_, Wanted())
    assert said(db) == {}
    uploaded = next(origin for origin in flow.candidates(db, as_candidate) if ":" in origin)
    flow.accept(db, person, [as_candidate], uploaded)
    assert said(db) == {flow.BETTER: False, flow.WORSE: False}


def test_models_count_together_by_how_many_are_newer(
    db: Database, blobs: FolderBlobs, person: Person
) -> None:
    [specimen_id] = flow.add_specimens(db, blobs, 1)
    models = flow.add_models(db, 2)
    with db.transaction() as session:
        specimen = session.get_one(Specimen, specimen_id)
        for number in models:
            factories.make_candidate(session, blobs, specimen, f"model:{number}", model_id=number)
    flow.accept(db, person, [specimen_id])
    found = [row.facts for row in decided(db) if row.facts.origin == MODEL]
    assert sorted(facts.newer for facts in found) == [0, 1]


def test_only_the_specimens_decided_on_last_are_read(
    db: Database, blobs: FolderBlobs, person: Person
) -> None:
    ids = flow.add_specimens(db, blobs, 4)
    flow.accept(db, person, ids)
    assert {row.specimen for row in decided(db, most=2)} == set(ids[2:])
