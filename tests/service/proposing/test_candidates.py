"""Candidates from methods without labels: the first ones, and those that come later."""

from collections.abc import Sequence

import pytest
from sqlalchemy import select

from app.db import Database
from app.domain.jobs import JobKind, JobState, Part, PartKind
from app.domain.labelling import Candidate
from app.domain.specimens import CropMap, MapKind, Specimen, SpecimenState
from app.services import jobs, proposing
from app.services.proposing import ProposedMask
from ml.imaging.masks import decode_map, decode_mask
from tests import factories
from tests.conftest import Drain
from worker.context import Context
from worker.jobs import maps, propose

HANDLERS = {
    PartKind.PROPOSE: propose.run,
    PartKind.REFINE: propose.run_refinement,
    PartKind.MAPS: maps.run,
}


def mask(method: str, score: float, *agreeing: str) -> ProposedMask:
    return ProposedMask(method, f"digest of {method}", score, agreeing)


FIRST = [mask("border", 0.8, "grabcut"), mask("wide", 0.3)]


@pytest.fixture
def specimen(context: Context) -> Specimen:
    """A cropped specimen that nothing is proposed for yet."""
    with context.db.transaction() as session:
        specimen_id = factories.make_specimen(session, context.blobs, methods=()).id
    return stored(context.db, specimen_id)


def stored(db: Database, specimen_id: int) -> Specimen:
    with db.reading() as session:
        return session.get_one(Specimen, specimen_id)


def candidates(db: Database) -> dict[str, Candidate]:
    with db.reading() as session:
        return {row.origin: row for row in session.scalars(select(Candidate))}


def store_first(
    db: Database, specimen: Specimen, masks: Sequence[ProposedMask], *, refine: bool = False
) -> None:
    assert specimen.crop_id is not None
    with db.transaction() as session:
        job = jobs.start(session, JobKind.IMPORT, None)
        proposing.store_first(session, job.id, specimen.id, specimen.crop_id, masks, refine=refine)


def store_refined(
    db: Database, specimen: Specimen, masks: Sequence[ProposedMask], blocks: str = "blocks"
) -> None:
    assert specimen.crop_id is not None
    with db.transaction() as session:
        proposing.store_refined(session, specimen.id, specimen.crop_id, masks, blocks)


def block_maps(db: Database) -> dict[str, str]:
    with db.reading() as session:
        found = session.scalars(select(CropMap).where(CropMap.kind == MapKind.BLOCKS))
        return {each.method: each.digest for each in found}


def test_the_first_candidates_bring_the_specimen_into_the_queue(
    db: Database, specimen: Specimen
) -> None:
    store_first(db, specimen, FIRST)
    now = stored(db, specimen.id)
    assert (now.state, now.candidates, now.open_candidates) == (SpecimenState.PROPOSED, 2, 2)
    assert now.best_score == 0.8
    assert candidates(db)["border"].agreeing == ["grabcut"]


def test_storing_the_first_candidates_twice_changes_nothing(
    db: Database, specimen: Specimen
) -> None:
    for _ in range(2):
        store_first(db, specimen, FIRST, refine=True)
    assert set(candidates(db)) == {"border", "wide"}
    with db.reading() as session:
        refinements = session.scalars(select(Part).where(Part.kind == PartKind.REFINE)).all()
    assert [part.payload for part in refinements] == [{"specimen": specimen.id}]


def test_a_specimen_for_which_nothing_is_proposed_stays_cropped(
    db: Database, specimen: Specimen
) -> None:
    store_first(db, specimen, [])
    assert stored(db, specimen.id).state is SpecimenState.CROPPED


def test_later_candidates_join_and_all_are_scored_anew(db: Database, specimen: Specimen) -> None:
    store_first(db, specimen, FIRST)
    store_refined(
        db, specimen, [mask("slow", 0.9), mask("border", 0.6, "grabcut"), mask("wide", 0.2)]
    )
    rows = candidates(db)
    assert {origin: row.score for origin, row in rows.items()} == {
        "slow": 0.9,
        "border": 0.6,
        "wide": 0.2,
    }
    assert block_maps(db) == {"kanezaki": "blocks"}
    assert stored(db, specimen.id).best_score == 0.9


def test_a_later_mask_that_equals_an_earlier_one_only_confirms_it(
    db: Database, specimen: Specimen
) -> None:
    store_first(db, specimen, FIRST)
    store_refined(db, specimen, [mask("slow", 0.95, "border", "grabcut"), mask("wide", 0.2)])
    rows = candidates(db)
    assert set(rows) == {"border", "wide"}
    confirmed = rows["border"]
    assert (confirmed.digest, confirmed.score) == ("digest of border", 0.95)
    assert confirmed.agreeing == ["grabcut", "slow"]


def test_a_block_map_without_a_mask_is_kept(db: Database, specimen: Specimen) -> None:
    store_first(db, specimen, FIRST)
    store_refined(db, specimen, FIRST)
    assert block_maps(db) == {"kanezaki": "blocks"}


def test_the_first_block_map_stays(db: Database, specimen: Specimen) -> None:
    store_first(db, specimen, FIRST)
    store_refined(db, specimen, FIRST)
    store_refined(db, specimen, FIRST, blocks="others")
    assert block_maps(db) == {"kanezaki": "blocks"}


def test_what_was_rejected_stays_rejected(db: Database, specimen: Specimen) -> None:
    store_first(db, specimen, FIRST)
    with db.transaction() as session:
        session.scalars(select(Candidate).where(Candidate.origin == "border")).one().rejected = True
    store_refined(db, specimen, [mask("slow", 0.95, "border"), mask("wide", 0.2)])
    now = stored(db, specimen.id)
    assert (now.candidates, now.open_candidates) == (2, 1)
    assert now.best_score == 0.2


@pytest.mark.parametrize("database_kind", ["sqlite"])
def test_masks_are_proposed_for_a_crop(context: Context, drain: Drain, specimen: Specimen) -> None:
    with context.db.transaction() as session:
        job = jobs.start(session, JobKind.IMPORT, None)
        for kind in (PartKind.PROPOSE, PartKind.REFINE, PartKind.PROPOSE, PartKind.REFINE):
            jobs.add_part(session, job.id, kind, {"specimen": specimen.id})
        job_id = job.id
    drain(context, HANDLERS)
    with context.db.reading() as session:
        assert jobs.get_job(session, job_id).state is JobState.DONE
    rows = candidates(context.db)
    shape = (factories.HEIGHT, factories.WIDTH)
    assert rows
    assert all(decode_mask(context.blobs.read(row.digest)).shape == shape for row in rows.values())
    blocks = block_maps(context.db)
    assert set(blocks) == {"kanezaki", "merged"}
    assert decode_map(context.blobs.read(blocks["kanezaki"])).ndim == 2
    assert stored(context.db, specimen.id).state is SpecimenState.PROPOSED
