"""Strata are made by workers from what is in the database, once, and specimens join them."""

from collections.abc import Sequence

import pytest
from sqlalchemy import select

from app.blobs import FolderBlobs
from app.db import Database
from app.domain.jobs import Job, JobState, Part
from app.domain.people import Person
from app.domain.specimens import Crop, Specimen
from app.domain.strata import Stratification, Stratum
from app.errors import Conflict, Refused
from app.services import jobs, resuming, strata
from ml.imaging.read import encode_png, read_png
from tests import factories
from tests.conftest import Drain
from tests.service.strata.conftest import COLOURS, HANDLERS, AddMoths, painted
from worker.context import Context


def make(db: Database) -> Job:
    with db.transaction() as session:
        return strata.make_anew(session, None)


def strata_of(db: Database) -> dict[int, int | None]:
    with db.reading() as session:
        rows = session.execute(select(Specimen.id, Specimen.stratum).order_by(Specimen.id))
        return {row.id: row.stratum for row in rows}


def all_of(db: Database, kind: type[Stratum]) -> Sequence[Stratum]:
    with db.reading() as session:
        return session.scalars(select(kind).order_by(kind.stratification_id, kind.number)).all()


def newest(db: Database) -> Stratification:
    with db.reading() as session:
        found = strata.newest(session)
    assert found is not None
    return found


def test_specimens_of_one_colour_are_one_stratum(
    db: Database, context: Context, drain: Drain, add_moths: AddMoths
) -> None:
    ids = add_moths(48)
    job = make(db)
    drain(context, HANDLERS)
    found = strata_of(db)
    for colour in range(COLOURS):
        assert len({found[each] for each in ids[colour::COLOURS]}) == 1
    assert set(found.values()) == set(range(1, COLOURS + 1))
    with db.reading() as session:
        assert session.get_one(Job, job.id).state is JobState.DONE


def test_each_stratum_says_what_is_known_of_it(
    db: Database, blobs: FolderBlobs, context: Context, drain: Drain, add_moths: AddMoths
) -> None:
    add_moths(48)
    make(db)
    drain(context, HANDLERS)
    made = all_of(db, Stratum)
    assert [(each.number, each.specimens) for each in made] == [(n, 8) for n in range(1, 7)]
    for each in made:
        assert each.findings["jaccard"] > 0.8
        assert each.sheet_digest is not None
        assert read_png(blobs.read(each.sheet_digest)).shape[0] > 100
    findings = newest(db).findings
    assert findings["agreement"] > 0.8
    assert findings["association_with_source"] == pytest.approx(1)  # a colour tells its source
    assert [trial["count"] for trial in findings["trials"]] == [6, 7, 8]
    assert newest(db).config["dimensions"] == 8


def test_newcomers_join_without_making_strata_anew(
    db: Database, context: Context, drain: Drain, add_moths: AddMoths
) -> None:
    first = add_moths(36)
    make(db)
    drain(context, HANDLERS)
    later = add_moths(12)
    assert {strata_of(db)[each] for each in later} == {None}
    with db.transaction() as session:
        assert strata.newcomers(session) == 12
        strata.join_newcomers(session, None)
    drain(context, HANDLERS)
    found = strata_of(db)
    assert [found[each] for each in later] == [found[each] for each in first[:12]]
    assert len(all_of(db, Stratum)) == COLOURS


def test_what_is_made_again_replaces_what_was(
    db: Database, context: Context, drain: Drain, add_moths: AddMoths
) -> None:
    gone, *others = add_moths(36)
    make(db)
    drain(context, HANDLERS)
    first = newest(db)
    with db.transaction() as session:
        specimen = session.get_one(Specimen, gone)
        specimen.unusable = True
        specimen.settle()
    make(db)
    drain(context, HANDLERS)
    assert newest(db).id > first.id
    assert strata_of(db)[gone] is None
    assert None not in {strata_of(db)[each] for each in others}


def test_parts_that_run_twice_change_nothing(
    db: Database, context: Context, drain: Drain, add_moths: AddMoths
) -> None:
    add_moths(36)
    job = make(db)
    drain(context, HANDLERS)
    before = strata_of(db), newest(db).id
    with db.transaction() as session:
        parts = session.scalars(select(Part).where(Part.job_id == job.id)).all()
        for part in parts:
            part.state = JobState.QUEUED
    count = len(parts)
    assert drain(context, HANDLERS) == count == 4
    assert (strata_of(db), newest(db).id) == before


def test_the_label_decides_where_the_wings_are_and_else_the_best_candidate(
    db: Database, blobs: FolderBlobs, person: Person
) -> None:
    with db.transaction() as session:
        labelled, proposed, bare = (
            factories.make_specimen(session, blobs, key, methods=methods)
            for key, methods in (("a", ("x", "y")), ("b", ("x", "y")), ("c", ()))
        )
        version = factories.make_version(session, blobs, labelled, person, grown=3)
        best = factories.make_candidate(session, blobs, proposed, "z", grown=4, score=0.99)
        worse = factories.make_candidate(session, blobs, proposed, "v", grown=5, score=1.0)
        worse.rejected = True
    with db.reading() as session:
        found = strata.wings(session, [labelled.id, proposed.id, bare.id])
    assert [each.mask_digest for each in found] == [version.digest, best.digest, None]


def test_a_cancelled_job_makes_nothing(
    db: Database, context: Context, drain: Drain, add_moths: AddMoths
) -> None:
    add_moths(36)
    job = make(db)
    with db.transaction() as session:
        jobs.cancel(session, job.id)
    assert drain(context, HANDLERS) == 0
    assert all_of(db, Stratum) == []
    with db.transaction() as session:
        resuming.resume(session, job.id)
    drain(context, HANDLERS)
    assert len(all_of(db, Stratum)) == COLOURS


def test_too_few_specimens_are_refused(db: Database, add_moths: AddMoths) -> None:
    add_moths(29)
    with pytest.raises(Refused, match="at least 30 specimens with a crop, and there are 29"):
        make(db)


def test_only_one_job_is_at_the_strata(db: Database, add_moths: AddMoths) -> None:
    add_moths(30)
    make(db)
    with pytest.raises(Conflict, match="is at the strata already"):
        make(db)


def test_nobody_joins_strata_that_are_not_there(
    db: Database, context: Context, drain: Drain, add_moths: AddMoths
) -> None:
    add_moths(30)
    with db.transaction() as session, pytest.raises(Conflict, match="no strata yet"):
        strata.join_newcomers(session, None)
    make(db)
    drain(context, HANDLERS)
    with db.transaction() as session, pytest.raises(Refused, match="Every specimen"):
        strata.join_newcomers(session, None)


def test_specimens_that_all_look_the_same_fail_with_a_sentence(
    db: Database, blobs: FolderBlobs, context: Context, drain: Drain
) -> None:
    with db.transaction() as session:
        same = blobs.put(encode_png(painted(0)))
        for number in range(30):
            moth = factories.make_specimen(session, blobs, f"moth-{number}")
            session.get_one(Crop, moth.crop_id).preview_digest = same
    job = make(db)
    drain(context, HANDLERS)
    with db.reading() as session:
        ended = session.get_one(Job, job.id)
    assert ended.state is JobState.FAILED
    assert "too much alike" in ended.message


def test_keeping_up_makes_strata_once_and_then_lets_newcomers_join(
    db: Database, context: Context, drain: Drain, add_moths: AddMoths
) -> None:
    def keep_up() -> Job | None:
        with db.transaction() as session:
            return strata.keep_up(session, None)

    add_moths(29)
    assert keep_up() is None  # too few
    add_moths(1)
    assert keep_up() is not None
    assert keep_up() is None  # at it already
    drain(context, HANDLERS)
    assert keep_up() is None  # nothing new
    add_moths(1)
    assert keep_up() is not None
    drain(context, HANDLERS)
    assert None not in strata_of(db).values()
    assert len({each.stratification_id for each in all_of(db, Stratum)}) == 1
