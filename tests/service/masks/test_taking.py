"""Files become versions or candidates: all at once, once, and nothing else changes."""

from uuid import uuid4

import pytest
from sqlalchemy import func, select

from app.domain.labelling import Candidate, Decision, LabelVersion, Review
from app.domain.mask_imports import MaskFile, TakenAs
from app.domain.people import Person
from app.domain.specimens import Specimen, SpecimenState
from app.errors import Conflict
from app.services import labelling, mask_corrections, mask_imports, mask_taking, proposing
from app.services.labelling import NewDecision
from app.services.mask_corrections import Correction
from app.services.mask_taking import Taken, Wanted
from app.web.wording import title
from ml.imaging.boxes import Box
from tests import factories
from tests.conftest import Drain, MovableClock
from tests.service.masks import flow
from tests.service.masks.flow import mask_file
from worker.context import Context

ALL = Wanted()


def take(
    context: Context, import_id: int, person: Person, as_: TakenAs, wanted: Wanted = ALL
) -> Taken:
    with context.db.transaction() as session:
        return mask_taking.take(session, import_id, person.id, as_, wanted)


def versions_of(context: Context, specimen_id: int) -> list[LabelVersion]:
    with context.db.reading() as session:
        mine = select(LabelVersion).where(LabelVersion.specimen_id == specimen_id)
        return list(session.scalars(mine.order_by(LabelVersion.number)))


def count(context: Context, mapped: type[LabelVersion | Candidate | Review]) -> int:
    with context.db.reading() as session:
        return session.scalars(select(func.count()).select_from(mapped)).one()


def specimen_of(context: Context, specimen_id: int) -> Specimen:
    with context.db.reading() as session:
        return session.get_one(Specimen, specimen_id)


def test_versions_follow_the_present_label_and_are_accepted(
    context: Context, drain: Drain, person: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mask_taking, "CHUNK", 2)
    ids = flow.specimens(context, "a", "b", "c", "d")
    with context.db.transaction() as session:
        first = factories.make_version(
            session, context.blobs, session.get_one(Specimen, ids[1]), person
        )
    files = {f"{key}_mask.png": mask_file(number) for number, key in enumerate("abcdx")}
    import_id = flow.read(context, drain, person, files)
    rows = flow.found(context, import_id)
    assert take(
        context, import_id, person, TakenAs.VERSIONS, Wanted(besides={rows["d_mask.png"].id})
    ) == Taken(3, 0)

    (made,) = versions_of(context, ids[0])
    assert (made.number, made.parent_id, made.origin) == (1, None, "upload")
    assert (made.person_id, made.digest) == (person.id, rows["a_mask.png"].mask_digest)
    before, after = versions_of(context, ids[1])
    assert (before.id, after.number, after.parent_id) == (first.id, 2, first.id)
    assert specimen_of(context, ids[1]).version_id == after.id
    assert specimen_of(context, ids[0]).state is SpecimenState.LABELLED
    assert specimen_of(context, ids[3]).state is SpecimenState.PROPOSED
    with context.db.reading() as session:
        review = session.scalars(select(Review).where(Review.version_id == after.id)).one()
        import_ = mask_imports.get(session, import_id)
    assert (review.decision, review.parent_id) == (Decision.ACCEPT, first.id)
    assert (import_.taken_as, import_.taken_at) == (TakenAs.VERSIONS, context.db.clock())
    assert count(context, Candidate) == 8  # those there were


def test_taking_twice_does_nothing_more(context: Context, drain: Drain, person: Person) -> None:
    flow.specimens(context, "a", "b")
    import_id = flow.read(context, drain, person, {"a.png": mask_file(), "b.png": mask_file()})
    only = Wanted(only={flow.found(context, import_id)["a.png"].id})
    assert take(context, import_id, person, TakenAs.VERSIONS, only) == Taken(1, 0)
    assert take(context, import_id, person, TakenAs.VERSIONS, only) == Taken(1, 0)
    assert count(context, LabelVersion) == count(context, Review) == 1
    assert take(context, import_id, person, TakenAs.CANDIDATES) == Taken(2, 0)
    assert count(context, LabelVersion) == 1
    with pytest.raises(Conflict, match="was taken already"):
        mask_corrections.correct(
            context.db, context.blobs, import_id, min(only.only or ()), Correction(inverted=True)
        )


def test_candidates_come_first_in_the_review_and_can_be_accepted(
    context: Context, drain: Drain, person: Person
) -> None:
    (moth, bare) = flow.specimens(context, "moth", "bare")
    import_id = flow.read(context, drain, person, {"moth.png": mask_file(3)})
    assert take(context, import_id, person, TakenAs.CANDIDATES) == Taken(1, 0)
    assert count(context, LabelVersion) == count(context, Review) == 0
    file = flow.found(context, import_id)["moth.png"]
    specimen = specimen_of(context, moth)
    assert (specimen.open_candidates, specimen.best_score) == (3, 1.0)
    with context.db.transaction() as session:
        candidate = session.get_one(Candidate, file.candidate_id)
        assert (candidate.origin, candidate.digest) == (f"upload:{file.id}", file.mask_digest)
        assert title(candidate.origin) == "Uploaded"
        accepted = NewDecision(uuid4().hex, Decision.ACCEPT, candidate_id=candidate.id)
        labelling.decide(session, person.id, moth, accepted)
        proposable = proposing.proposable(session, moth)
    assert proposable is not None
    assert [mask.method for mask in proposable.proposed] == list(factories.METHODS)
    assert specimen_of(context, bare).best_score == 0.9


def test_what_has_moved_on_is_left_and_told(
    context: Context, drain: Drain, person: Person, clock: MovableClock
) -> None:
    a, b, c, d = flow.specimens(context, "a", "b", "c", "d")
    import_id = flow.read(
        context, drain, person, {f"{key}.png": mask_file() for key in ("a", "b", "c", "d")}
    )
    clock.move(seconds=60)
    with context.db.transaction() as session:
        specimens = [session.get_one(Specimen, id_) for id_ in (a, b, c)]
        factories.make_version(session, context.blobs, specimens[0], person)
        factories.make_crop(session, context.blobs, specimens[1], Box(0, 0, 60, 40))
        specimens[2].unusable = True
        specimens[2].settle()
    assert take(context, import_id, person, TakenAs.VERSIONS) == Taken(1, 3)
    rows = flow.found(context, import_id)
    assert flow.sentence(rows["a.png"]).startswith("Ada has saved version 1 of a since")
    assert flow.sentence(rows["b.png"]).startswith("The crop of b has changed since")
    assert flow.sentence(rows["c.png"]) == "c is marked unusable; take that back first."
    assert [len(versions_of(context, id_)) for id_ in (a, b, c, d)] == [1, 0, 0, 1]
    assert take(context, import_id, person, TakenAs.CANDIDATES) == Taken(3, 1)
    assert flow.found(context, import_id)["a.png"].candidate_id is not None


def test_nothing_is_taken_while_files_are_read(context: Context, person: Person) -> None:
    flow.specimens(context, "a")
    import_id = flow.stage(context, person, {"a.png": mask_file()})
    with pytest.raises(Conflict, match="still being read"):
        take(context, import_id, person, TakenAs.VERSIONS)


def test_a_failure_in_the_middle_takes_nothing(
    context: Context, drain: Drain, person: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mask_taking, "CHUNK", 1)
    flow.specimens(context, "a", "b")
    import_id = flow.read(context, drain, person, {"a.png": mask_file(), "b.png": mask_file()})

    with context.db.transaction() as session:  # the second one cannot become a version
        last = session.get_one(MaskFile, flow.found(context, import_id)["b.png"].id)
        last.mask_digest = None
    with pytest.raises(AssertionError):
        take(context, import_id, person, TakenAs.VERSIONS)
    assert count(context, LabelVersion) == count(context, Review) == 0
    assert not any(file.is_taken for file in flow.found(context, import_id).values())
