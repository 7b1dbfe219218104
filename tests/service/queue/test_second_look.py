"""Labels come again until somebody has confirmed them, those that a model differs from first."""

import uuid

import pytest

from app.blobs import FolderBlobs
from app.db import Database
from app.domain.labelling import Decision
from app.domain.specimens import Specimen
from app.services import labelling, leases, second_look
from app.services.labelling import NewDecision
from app.services.leases import Taken
from app.services.queueing import Show
from tests import factories
from tests.conftest import MovableClock
from tests.service.rounds import flow


@pytest.fixture
def labelled(db: Database, blobs: FolderBlobs, clock: MovableClock) -> list[int]:
    """Four labels, then a model that differs most from the third."""
    with db.transaction() as session:
        person = factories.make_person(session)
        ids = []
        for number in range(4):
            specimen = factories.make_specimen(session, blobs, f"moth-{number}")
            factories.make_version(session, blobs, specimen, person)
            ids.append(specimen.id)
    clock.move(seconds=60)
    flow.add_model(db, flow.start(db))
    with db.transaction() as session:
        for specimen_id, disagreement in zip(ids, (0.1, 0.02, 0.6, 0.3), strict=True):
            session.get_one(Specimen, specimen_id).disagreement = disagreement
    return ids


def shown(db: Database, limit: int = 4) -> list[int]:
    with db.reading() as session:
        picks = second_look.picks(session, second_look.waiting(), limit)
        return [pick.specimen.id for pick in picks]


def test_by_turns_what_the_model_differs_from_and_what_chance_draws(
    db: Database, labelled: list[int]
) -> None:
    found = shown(db)
    assert found[0] == labelled[2]
    assert set(found) == set(labelled)


@pytest.mark.parametrize("decision", [Decision.ACCEPT, Decision.REJECT])
def test_what_was_confirmed_or_rejected_does_not_come_again(
    db: Database, labelled: list[int], decision: Decision
) -> None:
    with db.transaction() as session:
        lead = factories.make_person(session, "Lead")
        (handed,) = leases.take(session, lead.id, Taken(Show.SECOND, limit=1))
        version = handed.specimen.version_id
        wanted = NewDecision(
            uuid.uuid4().hex,
            decision,
            parent_id=version,
            version_id=version,
            reasons=["hole"] if decision is Decision.REJECT else [],
        )
        review = labelling.decide(session, lead.id, handed.specimen.id, wanted)
        assert (review.person_id, review.version_id) == (lead.id, version)
        assert review.why is None, "it is no random check of the queue"
    assert set(shown(db)) == set(labelled) - {labelled[2]}


def test_what_was_labelled_with_the_model_in_view_is_no_news(
    db: Database, blobs: FolderBlobs, labelled: list[int], clock: MovableClock
) -> None:
    clock.move(seconds=60)
    with db.transaction() as session:
        specimen = session.get_one(Specimen, labelled[2])
        factories.make_version(session, blobs, specimen, factories.make_person(session, "Lin"))
    assert shown(db)[0] == labelled[3]
