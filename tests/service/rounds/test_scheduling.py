"""Rounds that start by themselves, and what is promoted of them."""

from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import func, select

from app.db import Database
from app.domain.jobs import Job, JobState
from app.domain.people import Person
from app.domain.rounds import Round, TrainedModel
from app.errors import Refused
from app.services import models, round_scheduling
from tests import factories
from tests.conftest import MovableClock
from tests.service.rounds import flow
from tests.service.rounds.conftest import AddLabels


def set_schedule(db: Database, person: Person, **wishes: Any) -> None:
    wanted = {"new_labels": None, "hour": None, "preset": "tiny", "promotes": False, **wishes}
    with db.transaction() as session:
        round_scheduling.set_schedule(session, person.id, **wanted)


def look(db: Database) -> Round | None:
    with db.transaction() as session:
        return round_scheduling.start_if_due(session)


def judge(db: Database) -> None:
    with db.transaction() as session:
        round_scheduling.judge_finished(session)


def measured(db: Database, model: TrainedModel, dices: dict[int, float]) -> None:
    with db.transaction() as session:
        for specimen_id, dice in dices.items():
            factories.measure(session, model.id, specimen_id, dice)


def test_by_itself_nothing_starts(db: Database, add_labels: AddLabels) -> None:
    add_labels(20)
    assert look(db) is None


def test_enough_new_labels_start_a_round_once(
    db: Database, add_labels: AddLabels, person: Person
) -> None:
    set_schedule(db, person, new_labels=5)
    add_labels(4)
    assert look(db) is None
    add_labels(1)
    round_ = look(db)
    assert round_ is not None
    assert (round_.person_id, round_.schedule_id) == (person.id, 1)
    assert look(db) is None, "one runs"
    flow.finish(db, round_, JobState.CANCELLED)
    assert look(db) is None, "never twice for the same labels"
    add_labels(5)
    assert look(db) is not None


def test_at_its_hour_one_round_starts_a_night(
    db: Database, add_labels: AddLabels, person: Person, clock: MovableClock
) -> None:
    set_schedule(db, person, hour=2)
    add_labels(6)
    clock.moment = datetime(2026, 1, 2, 1, 59, tzinfo=UTC)
    assert look(db) is None
    clock.moment = datetime(2026, 1, 2, 2, 1, tzinfo=UTC)
    round_ = look(db)
    assert round_ is not None
    flow.finish(db, round_)
    add_labels(2)
    clock.move(seconds=600)
    assert look(db) is None, "the next one is for the next night"
    clock.move(seconds=24 * 3600)
    assert look(db) is not None


def test_what_was_switched_off_stays_in_the_history(
    db: Database, add_labels: AddLabels, person: Person
) -> None:
    set_schedule(db, person, new_labels=2, promotes=True)
    set_schedule(db, person)
    add_labels(6)
    assert look(db) is None
    with db.reading() as session:
        found = round_scheduling.history(session)
    assert [(s.new_labels, s.promotes, name) for s, name in found] == [
        (None, False, "Ada"),
        (2, True, "Ada"),
    ]


@pytest.mark.parametrize(
    ("wishes", "sentence"),
    [
        ({"new_labels": 0}, "new labels is a number from 1"),
        ({"hour": 24}, "hour is a number from 0 to 23"),
        ({"preset": "huge"}, "no preset “huge”"),
    ],
)
def test_what_cannot_be_is_refused(
    db: Database, person: Person, wishes: dict[str, Any], sentence: str
) -> None:
    with pytest.raises(Refused, match=sentence):
        set_schedule(db, person, **wishes)


@pytest.mark.parametrize(
    ("after", "promoted", "judged"),
    [
        ({1: 0.95, 2: 0.90}, True, "promoted"),
        ({1: 0.90, 2: 0.90}, True, "promoted"),
        ({1: 0.85, 2: 0.99}, False, "kept back"),  # the benchmark is the first alone
        ({}, False, "incomparable"),
    ],
)
def test_a_model_is_promoted_if_the_benchmark_does_not_fall(
    db: Database,
    add_labels: AddLabels,
    person: Person,
    after: dict[int, float],
    promoted: bool,
    judged: str,
) -> None:
    add_labels(6)
    with db.transaction() as session:
        factories.join_benchmark(session, 1)
    before = flow.add_model(db, flow.start(db))
    measured(db, before, {1: 0.90, 2: 0.90})
    set_schedule(db, person, new_labels=1, promotes=True)
    add_labels(1)
    round_ = look(db)
    assert round_ is not None
    judge(db)
    model = flow.add_model(db, round_)
    measured(db, model, after)
    for _ in range(2):
        judge(db)
    with db.reading() as session:
        serving = models.serving(session)
        done = session.get_one(Job, round_.job_id).result
        automatic = [p.automatic for p, _ in models.promotions(session)]
    assert serving is not None
    assert serving.id == (model.id if promoted else before.id)
    assert done["judged"] == judged
    assert automatic == [True] * (2 if promoted else 1), "the first pins what served"


def test_a_round_of_somebody_is_not_judged(
    db: Database, add_labels: AddLabels, person: Person
) -> None:
    set_schedule(db, person, new_labels=100, promotes=True)
    add_labels(6)
    flow.add_model(db, flow.start(db))
    judge(db)
    with db.reading() as session:
        assert models.promotions(session) == []
        assert session.scalar(select(func.count()).select_from(Round)) == 1
