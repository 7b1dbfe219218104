"""The queue is in the order of its score, whatever happens to what the score is made of."""

import random
import uuid

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.db import Database
from app.domain.labelling import Candidate, Decision
from app.domain.queue import Why
from app.domain.specimens import Specimen
from app.errors import Refused
from app.services import labelling, queue_order, queue_rule, queue_score, queueing
from app.services.labelling import NewDecision
from app.services.leases import Taken, take
from app.services.queue_score import Weights
from tests import factories
from tests.conftest import Drain
from tests.service.queue.conftest import AddWaiting
from worker.context import Context

NO_CHECKS = Weights(uncertainty=1, shortage=1, disagreement=1, lot=0, check_share=0)


def write(db: Database, weights: Weights) -> None:
    with db.transaction() as session:
        queue_rule.write(session, factories.make_person(session, uuid.uuid4().hex).id, weights)


@pytest.mark.parametrize("seed", range(5))
def test_the_order_follows_the_score_whatever_the_signals(
    db: Database, context: Context, drain: Drain, add_waiting: AddWaiting, seed: int
) -> None:
    draw = random.Random(seed)
    count = 12
    add_waiting(
        count,
        uncertainty=[draw.choice([None, draw.random()]) for _ in range(count)],
        disagreement=[draw.choice([None, draw.random()]) for _ in range(count)],
        stratum=[draw.choice([None, 1, 2, 3]) for _ in range(count)],
        skips=[draw.choice([0, 0, 1]) for _ in range(count)],
        in_benchmark=[draw.random() < 0.2 for _ in range(count)],
    )
    weights = Weights(draw.random(), draw.random(), draw.random(), draw.random(), check_share=0)
    write(db, weights)
    with db.transaction() as session:
        queue_order.keep_up(session)
    drain(context)
    with db.reading() as session:
        found = queueing.next_specimens(session, limit=count)
        known = [queueing.signals(specimen) for specimen in found]
        scores = [
            (specimen.skips, -queue_score.score(signals, weights), specimen.id)
            for specimen, signals in zip(found, known, strict=True)
        ]
    assert len(found) == count
    assert scores == sorted(scores)


def test_strata_take_turns_as_their_sizes_are(
    db: Database, context: Context, drain: Drain, add_waiting: AddWaiting
) -> None:
    strata = [1] * 8 + [2] * 4
    add_waiting(12, stratum=strata, uncertainty=[0.9] * 8 + [0.1] * 4)
    write(db, Weights(uncertainty=0.001, shortage=1, disagreement=0, lot=0, check_share=0))
    with db.transaction() as session:
        queue_order.keep_up(session)
    drain(context)
    with db.reading() as session:
        first = queueing.next_specimens(session, limit=6)
        assert sorted(each.stratum or 0 for each in first) == [1, 1, 1, 1, 2, 2]


def test_a_queue_in_which_nothing_has_happened_is_left_alone(
    db: Database, context: Context, drain: Drain, add_waiting: AddWaiting
) -> None:
    add_waiting(1)
    write(db, NO_CHECKS)
    with db.transaction() as session:
        assert queue_order.keep_up(session) is not None
        assert queue_order.keep_up(session) is None, "it is queued"
    drain(context)
    with db.transaction() as session:
        assert queue_order.keep_up(session) is None


def test_members_of_the_benchmark_come_first(db: Database, add_waiting: AddWaiting) -> None:
    ids = add_waiting(3, uncertainty=[0.9, 0.1, 0.5], in_benchmark=[False, True, False])
    with db.reading() as session:
        first = queueing.next_specimens(session)[0]
        assert first.id == ids[1]
        assert queueing.reasons(session, [first])[first.id].why is Why.BENCHMARK


def test_random_checks_come_at_even_distances(db: Database, add_waiting: AddWaiting) -> None:
    add_waiting(20, uncertainty=[number / 20 for number in range(20)])
    write(db, Weights(check_share=0.25, seed=3))
    with db.transaction() as session:
        person = factories.make_person(session)
        shown: list[tuple[int, Why]] = []
        for _ in range(16):
            (handed,) = take(session, person.id, Taken(limit=1, exclude=[s for s, _ in shown]))
            shown.append((handed.specimen.id, handed.reason.why))
            wanted = NewDecision(
                uuid.uuid4().hex, Decision.ACCEPT, candidate_id=_first(session, handed.specimen)
            )
            labelling.decide(session, person.id, handed.specimen.id, wanted)
            session.flush()
    checks = [place for place, (_, why) in enumerate(shown, start=1) if why is Why.CHECK]
    assert checks == [4, 8, 12, 16]


def _first(session: Session, specimen: Specimen) -> int:
    query = select(Candidate.id).where(Candidate.specimen_id == specimen.id)
    return session.scalars(query).one()


@pytest.mark.parametrize(
    ("weights", "said"),
    [
        (Weights(uncertainty=-1), "A weight is a number from 0 to 10"),
        (Weights(check_share=0.9), "The share of random checks is a number from 0 to 0.5"),
        (Weights(seed=-1), "The seed is a number from 0"),
        (Weights(0, 0, 0, 0), "at least one of the four"),
    ],
    ids=["negative", "mostly-random", "seed", "nothing-counts"],
)
def test_weights_that_make_no_order_are_refused(db: Database, weights: Weights, said: str) -> None:
    with pytest.raises(Refused, match=said):
        write(db, weights)
