"""Crops anew after settings have changed, and everything that a person has touched left alone."""

from collections.abc import Callable

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.blobs import Blobs
from app.db import Database, now
from app.domain.jobs import Job, JobState, PartKind
from app.domain.labelling import Decision, Draft
from app.domain.people import Person
from app.domain.specimens import BoxCheck, BoxVerdict, Crop, Specimen
from app.errors import Conflict, Refused
from app.services import labelling, recropping, sources
from app.services.labelling import NewDecision
from app.services.recropping import Recroppable
from ml.imaging.boxes import Box
from tests import factories
from tests.conftest import Drain
from tests.service.sources import flow
from worker.context import Context
from worker.jobs import recrop

HANDLERS = {PartKind.RECROP: recrop.run, PartKind.PROPOSE: lambda *_: None}
BOX = Box(4, 4, 60, 44)


def found_by_detector(session: Session, blobs: Blobs, key: str) -> Specimen:
    """A specimen whose crop is the whole photograph, and larger than what a detector finds."""
    specimen = flow.specimen(session, blobs, key)
    factories.as_detected(session, specimen)
    return specimen


def label(session: Session, blobs: Blobs, specimen: Specimen, person: Person) -> None:
    factories.make_version(session, blobs, specimen, person)


def draft(session: Session, _blobs: Blobs, specimen: Specimen, person: Person) -> None:
    assert specimen.crop_id is not None
    session.add(
        Draft(
            specimen_id=specimen.id,
            person_id=person.id,
            crop_id=specimen.crop_id,
            digest="0" * 64,
            updated_at=now(session),
        )
    )


def skip(session: Session, _blobs: Blobs, specimen: Specimen, person: Person) -> None:
    labelling.decide(session, person.id, specimen.id, NewDecision("skip", Decision.SKIP))


def check(session: Session, _blobs: Blobs, specimen: Specimen, person: Person) -> None:
    session.add(
        BoxCheck(
            decision_id="check",
            specimen_id=specimen.id,
            crop_id=specimen.crop_id,
            verdict=BoxVerdict.RIGHT,
            person_id=person.id,
            created_at=now(session),
        )
    )


def box_by_hand(session: Session, blobs: Blobs, specimen: Specimen, _person: Person) -> None:
    factories.make_crop(session, blobs, specimen, BOX)


def mask_from_a_file(session: Session, blobs: Blobs, specimen: Specimen, _person: Person) -> None:
    factories.make_candidate(session, blobs, specimen, "upload:7")


def unusable(_session: Session, _blobs: Blobs, specimen: Specimen, _person: Person) -> None:
    specimen.unusable = True


Touch = Callable[[Session, Blobs, Specimen, Person], None]
TOUCHES = (label, draft, skip, check, box_by_hand, mask_from_a_file, unusable)


def crops_of(db: Database) -> dict[str, int]:
    with db.reading() as session:
        rows = session.execute(
            select(Specimen.key, func.count(Crop.id))
            .join(Crop, Crop.specimen_id == Specimen.id)
            .group_by(Specimen.key)
        )
        return dict(rows.all())


def test_what_nobody_touched_is_cropped_anew(
    db: Database, context: Context, drain: Drain, person: Person
) -> None:
    with db.transaction() as session:
        free = found_by_detector(session, context.blobs, "free")
        for touch in TOUCHES:
            touched = found_by_detector(session, context.blobs, touch.__name__)
            touch(session, context.blobs, touched, person)
        assert recropping.counts(session, free.source_id) == Recroppable(1, len(TOUCHES))
    before = crops_of(db)
    with db.transaction() as session:
        sources.edit(session, "SJTT", {"scale_w": 0.0, "scale_ht": 0.0, "scale_hb": 0.0})
        job_id = recropping.start(session, "SJTT", person.id).id
    drain(context, HANDLERS)
    assert crops_of(db) == {**before, "free": 2}
    with db.reading() as session:
        new = session.get_one(Crop, session.get_one(Specimen, free.id).crop_id)
        assert new.number == 2
        assert new.found_box == [new.left, new.top, new.right, new.bottom]
        assert session.get_one(Job, job_id).state is JobState.DONE


@pytest.mark.parametrize("touch", TOUCHES, ids=lambda touch: touch.__name__)
@pytest.mark.parametrize("database_kind", ["sqlite"])
def test_what_somebody_touches_meanwhile_is_left(
    db: Database, context: Context, drain: Drain, person: Person, touch: Touch
) -> None:
    with db.transaction() as session:
        specimen = found_by_detector(session, context.blobs, "moth")
        recropping.start(session, "SJTT", person.id)
        touch(session, context.blobs, specimen, person)
        mine = specimen.crop_id
    drain(context, HANDLERS)
    with db.reading() as session:
        assert session.get_one(Specimen, specimen.id).crop_id == mine


def test_a_crop_that_would_be_the_same_stays(
    db: Database, context: Context, drain: Drain, person: Person
) -> None:
    with db.transaction() as session:
        found_by_detector(session, context.blobs, "moth")
        recropping.start(session, "SJTT", person.id)
    drain(context, HANDLERS)
    assert crops_of(db) == {"moth": 2}
    with db.transaction() as session:
        recropping.start(session, "SJTT", person.id)
    drain(context, HANDLERS)
    assert crops_of(db) == {"moth": 2}


def test_one_job_for_each_source(db: Database, context: Context, person: Person) -> None:
    with db.transaction() as session:
        moth = found_by_detector(session, context.blobs, "moth")
        job = recropping.start(session, "SJTT", person.id)
        with pytest.raises(Conflict, match=f"Job {job.id}"):
            recropping.start(session, "SJTT", person.id)
        job.state = JobState.DONE
        label(session, context.blobs, moth, person)
        with pytest.raises(Refused, match="all were touched"):
            recropping.start(session, "SJTT", person.id)
