"""Maps of regions: made for every crop after its proposals; asked for where they are missing."""

import pytest
from sqlalchemy import select

from app.blobs import FolderBlobs
from app.db import Database
from app.domain.jobs import JobKind, JobState, Part, PartKind
from app.domain.people import Person
from app.domain.specimens import CropMap, MapKind, Specimen
from app.errors import NotFound, Refused
from app.services import jobs, maps, proposing
from ml.imaging.masks import decode_map
from tests import factories
from tests.conftest import Drain
from worker.context import Context
from worker.jobs import maps as maps_part
from worker.jobs import propose

HANDLERS = {PartKind.MAPS: maps_part.run}
SHAPE = (factories.HEIGHT, factories.WIDTH)


@pytest.fixture
def specimen(context: Context) -> Specimen:
    with context.db.transaction() as session:
        specimen_id = factories.make_specimen(session, context.blobs).id
    with context.db.reading() as session:
        return session.get_one(Specimen, specimen_id)


def ask(db: Database, specimen: Specimen, person: Person) -> int | None:
    with db.transaction() as session:
        job = maps.request(session, specimen.id, person.id)
    return job.id if job is not None else None


def kept(db: Database, specimen: Specimen) -> dict[tuple[MapKind, str], CropMap]:
    with db.reading() as session:
        found = maps.of_specimen(session, specimen.id)
    return {(each.kind, each.method): each for each in found}


def waiting(db: Database) -> list[Part]:
    with db.reading() as session:
        return list(session.scalars(select(Part).where(Part.state == JobState.QUEUED)))


def test_both_maps_are_made_on_request(
    context: Context, drain: Drain, specimen: Specimen, person: Person
) -> None:
    job_id = ask(context.db, specimen, person)
    drain(context, HANDLERS)
    made = kept(context.db, specimen)
    assert set(made) == {(MapKind.SUPERPIXELS, "watershed"), (MapKind.BLOCKS, "merged")}
    for each in made.values():
        assert decode_map(context.blobs.read(each.digest)).shape == SHAPE
    assert job_id is not None
    with context.db.reading() as session:
        assert jobs.get_job(session, job_id).state is JobState.DONE


def test_asking_twice_makes_nothing_twice(
    context: Context, drain: Drain, specimen: Specimen, person: Person
) -> None:
    first = ask(context.db, specimen, person)
    assert ask(context.db, specimen, person) == first
    assert drain(context, HANDLERS) == 1
    assert ask(context.db, specimen, person) is None


def test_who_waits_for_maps_waits_for_nothing_else(
    db: Database, specimen: Specimen, person: Person
) -> None:
    with db.transaction() as session:
        job = jobs.start(session, JobKind.IMPORT, None)
        crop = jobs.add_part(session, job.id, PartKind.CROP, {})
    ask(db, specimen, person)
    with db.reading() as session:
        next_part = session.get_one(Part, jobs.most_urgent(session, crop.id))
    assert next_part.kind is PartKind.MAPS


def test_proposals_of_other_specimens_come_before_maps(db: Database, blobs: FolderBlobs) -> None:
    with db.transaction() as session:
        bare = factories.make_specimen(session, blobs, "moth-2", methods=())
        job = jobs.start(session, JobKind.IMPORT, None)
        proposing.store_first(session, job.id, bare.id, bare.crop_id or 0, [], refine=True)
        jobs.add_part(session, job.id, PartKind.PROPOSE, {"specimen": 3})
    by_urgency = sorted(waiting(db), key=lambda part: (part.urgency, part.id))
    assert [part.kind for part in by_urgency] == [PartKind.PROPOSE, PartKind.MAPS, PartKind.REFINE]
    assert by_urgency[1].payload == {"specimen": bare.id}


def test_only_what_is_missing_is_made(
    context: Context, drain: Drain, specimen: Specimen, person: Person
) -> None:
    assert specimen.crop_id is not None
    with context.db.transaction() as session:
        maps.keep(session, specimen.crop_id, MapKind.SUPERPIXELS, "watershed", "drawn with")
        maps.keep(session, specimen.crop_id, MapKind.BLOCKS, maps.KANEZAKI, "slow blocks")
    ask(context.db, specimen, person)
    drain(context, HANDLERS)
    made = kept(context.db, specimen)
    assert made[MapKind.SUPERPIXELS, "watershed"].digest == "drawn with"
    assert [method for kind, method in made if kind is MapKind.BLOCKS] == ["merged", "kanezaki"]


def test_a_part_that_runs_twice_changes_nothing(
    context: Context, drain: Drain, specimen: Specimen
) -> None:
    with context.db.transaction() as session:
        job = jobs.start(session, JobKind.IMPORT, None)
        for _ in range(2):
            jobs.add_part(session, job.id, PartKind.MAPS, {"specimen": specimen.id})
    drain(context, HANDLERS)
    assert len(kept(context.db, specimen)) == 2
    with context.db.reading() as session:
        assert jobs.get_job(session, job.id).state is JobState.DONE


def test_a_specimen_without_a_crop_cannot_have_maps(context: Context, person: Person) -> None:
    with context.db.transaction() as session:
        bare = factories.make_specimen(session, context.blobs, cropped=False)
    with pytest.raises(Refused):
        ask(context.db, bare, person)
    with context.db.reading() as session:
        assert maps.of_specimen(session, bare.id) == []
        with pytest.raises(NotFound):
            maps.of_specimen(session, 999)


@pytest.mark.parametrize("database_kind", ["sqlite"])
def test_maps_follow_the_first_proposals(context: Context, drain: Drain) -> None:
    with context.db.transaction() as session:
        bare = factories.make_specimen(session, context.blobs, "moth-2", methods=())
        job = jobs.start(session, JobKind.IMPORT, None)
        jobs.add_part(session, job.id, PartKind.PROPOSE, {"specimen": bare.id})
    drain(context, {PartKind.PROPOSE: propose.run, PartKind.REFINE: skip, **HANDLERS})
    assert len(kept(context.db, bare)) == 2


def skip(*_: object) -> None:
    pass
