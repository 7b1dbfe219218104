"""When stopping is advised, and what that rests on."""

import uuid

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.blobs import FolderBlobs
from app.db import Database
from app.domain.labelling import Candidate, Decision
from app.domain.queue import RandomCheck
from app.services import labelling, leases, queue_order, queue_rule, stop_advice
from app.services.labelling import NewDecision, NewMask
from app.services.leases import Taken
from app.services.queue_score import Weights
from app.services.stop_advice import StopAdvice, StopLimits
from ml.imaging.masks import encode_mask
from tests import factories
from tests.conftest import Drain, MovableClock
from tests.service.queue.conftest import AddWaiting
from worker.context import Context

LIMITS = StopLimits(accepted=0.9, dice=0.95, checks=4)


@pytest.fixture
def lin(db: Database) -> int:
    with db.transaction() as session:
        person = factories.make_person(session, "Lin")
        queue_rule.write(session, person.id, Weights(check_share=0.5))
        return person.id


def accept_next(session: Session, person_id: int) -> None:
    (handed,) = leases.take(session, person_id, Taken(limit=1))
    query = select(Candidate.id).where(Candidate.specimen_id == handed.specimen.id)
    wanted = NewDecision(
        uuid.uuid4().hex, Decision.ACCEPT, candidate_id=session.scalars(query).one()
    )
    labelling.decide(session, person_id, handed.specimen.id, wanted)


def advise(db: Database) -> StopAdvice:
    with db.reading() as session:
        return stop_advice.advise(session, LIMITS)


def look_at_checks(db: Database, context: Context, drain: Drain) -> None:
    with db.transaction() as session:
        queue_order.start(session)
    drain(context)


def test_nothing_is_advised_before_anything_is_known(db: Database) -> None:
    advice = advise(db)
    assert (advice.decisions, advice.minutes, advice.dice) == (0, None, None)
    assert not advice.may_stop


def test_much_accepted_and_good_random_checks_advise_to_stop(
    db: Database,
    context: Context,
    drain: Drain,
    clock: MovableClock,
    add_waiting: AddWaiting,
    lin: int,
) -> None:
    add_waiting(56)
    for _ in range(50):
        clock.move(seconds=3)
        with db.transaction() as session:
            accept_next(session, lin)
    assert not advise(db).may_stop, "no random check is known yet"
    look_at_checks(db, context, drain)
    advice = advise(db)
    assert (advice.decisions, advice.accepted, advice.waiting) == (50, 50, 6)
    assert advice.minutes == pytest.approx(6 * 3 / 60)
    assert advice.checks == 25
    assert advice.dice is not None
    assert advice.dice.mean == 1
    assert advice.may_stop


def test_a_random_check_is_compared_with_the_label_that_came_of_it(
    db: Database,
    blobs: FolderBlobs,
    context: Context,
    drain: Drain,
    add_waiting: AddWaiting,
    lin: int,
) -> None:
    add_waiting(2)
    with db.transaction() as session:
        accept_next(session, lin)
        (handed,) = leases.take(session, lin, Taken(limit=1))
        specimen = handed.specimen
        query = select(Candidate.id).where(Candidate.specimen_id == specimen.id)
        wanted = NewDecision(
            uuid.uuid4().hex,
            Decision.REJECT,
            candidate_id=session.scalars(query).one(),
            reasons=["wing-cut"],
        )
        labelling.decide(session, lin, specimen.id, wanted)
    look_at_checks(db, context, drain)
    assert (advise(db).checks, advise(db).pending) == (0, 1)
    with db.transaction() as session:
        digest = blobs.put(encode_mask(factories.moth_mask(grown=4)))
        assert specimen.crop_id is not None
        mask = NewMask(uuid.uuid4().hex, "hand", digest, specimen.crop_id, None)
        labelling.save_mask(session, lin, specimen.id, mask)
    look_at_checks(db, context, drain)
    with db.reading() as session:
        check = session.scalars(select(RandomCheck)).one()
        assert check.dice is not None
        assert 0.5 < check.dice < 1


def test_who_confirms_a_label_does_not_count_as_reviewing(
    db: Database, blobs: FolderBlobs, lin: int
) -> None:
    with db.transaction() as session:
        specimen = factories.make_specimen(session, blobs)
        version = factories.make_version(session, blobs, specimen, factories.make_person(session))
        again = NewDecision(
            uuid.uuid4().hex, Decision.ACCEPT, parent_id=version.id, version_id=version.id
        )
        labelling.decide(session, lin, specimen.id, again)
    assert advise(db).decisions == 0
