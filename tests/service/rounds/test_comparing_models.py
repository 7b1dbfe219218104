"""Figures of models by group, and models against each other."""

from collections.abc import Sequence

import numpy as np
import pytest
from sqlalchemy.orm import Session

from app.blobs import FolderBlobs
from app.db import Database
from app.domain.jobs import JobKind
from app.domain.people import Person
from app.domain.specimens import Specimen, Split, Tag
from app.domain.strata import Stratification, Stratum
from app.services import jobs
from app.services import models as serving
from app.services.model_comparison import compared, comparisons, tables
from tests import factories
from tests.service.rounds import flow
from tests.service.rounds.conftest import AddLabels

DICES = (0.90, 0.92, 0.94, 0.96)


def measured(db: Database, model_id: int, specimens: Sequence[int], dices: Sequence[float]) -> None:
    with db.transaction() as session:
        for specimen_id, dice in zip(specimens, dices, strict=True):
            factories.measure(
                session,
                model_id,
                specimen_id,
                dice,
                boundary_f=dice - 0.2,
                split=Split.VALIDATION if specimen_id == specimens[0] else None,
                hausdorff_95=None if dice == dices[-1] else 100 * (1 - dice),
            )


@pytest.fixture
def specimens(db: Database, add_labels: AddLabels) -> list[int]:
    """The last is of the benchmark, so that rounds learn from the others and one more."""
    *labelled, _more, member = add_labels(5)
    with db.transaction() as session:
        factories.join_benchmark(session, member)
    return [*labelled, member]


@pytest.fixture
def models(db: Database, specimens: list[int]) -> list[int]:
    assert specimens
    return [flow.add_model(db, flow.start(db)).id for _ in range(3)]


def test_a_model_that_was_not_measured_has_no_figures(db: Database, models: list[int]) -> None:
    with db.reading() as session:
        found = tables(session, models[0])
    assert (found.overall, found.validation, found.benchmark) == (None, None, None)
    assert (found.strata, found.sources, found.tags) == ([], [], [])


def test_figures_by_group(db: Database, models: list[int], specimens: list[int]) -> None:
    measured(db, models[0], specimens, DICES)
    with db.transaction() as session:
        for specimen_id in specimens[:2]:
            session.get_one(Specimen, specimen_id).stratum = 1
            tag = Tag(specimen_id=specimen_id, word="pale", created_at=db.clock())
            session.add(tag)
        session.get_one(Specimen, specimens[2]).source_id = factories.make_source(session, "B").id
        _add_stratum(session, 1, "white wings")
    with db.reading() as session:
        found = tables(session, models[0])
    assert found.overall is not None
    assert found.overall.n == 4
    assert found.overall.dice.mean == pytest.approx(0.93)
    assert found.overall.dice.low < 0.93 < found.overall.dice.high
    assert found.overall.median_dice == pytest.approx(0.93)
    assert found.overall.boundary_f.mean == pytest.approx(0.73)
    assert found.overall.hausdorff_95 == pytest.approx(8), "of those that have one"
    assert found.validation is not None
    assert (found.validation.n, found.validation.dice.mean) == (1, 0.90)
    assert found.benchmark is not None
    assert (found.benchmark.n, found.benchmark.hausdorff_95) == (1, None)
    assert [(row.name, row.n) for row in found.strata] == [("white wings", 2)]
    assert [(row.name, row.n) for row in found.sources] == [("B", 1), ("TEST", 3)]
    assert [(row.name, row.n) for row in found.tags] == [("pale", 2)]


def test_a_label_that_was_corrected_no_longer_counts(
    db: Database, blobs: FolderBlobs, models: list[int], specimens: list[int], person: Person
) -> None:
    measured(db, models[0], specimens, DICES)
    with db.transaction() as session:
        specimen = session.get_one(Specimen, specimens[0])
        factories.make_version(session, blobs, specimen, person, grown=1)
    with db.reading() as session:
        overall = tables(session, models[0]).overall
    assert overall is not None
    assert overall.n == 3


def test_models_are_compared_on_what_both_were_measured_on(
    db: Database, models: list[int], specimens: list[int]
) -> None:
    measured(db, models[0], specimens, DICES)
    measured(db, models[1], specimens[:3], [0.91, 0.91, 0.97])
    with db.reading() as session:
        found = compared(session, models[1], models[0])
        turned = compared(session, models[0], models[1])
        assert compared(session, models[1], models[2]) is None
    assert found is not None
    assert turned is not None
    assert (found.n, found.better, found.worse) == (3, 2, 1)
    assert found.difference.mean == pytest.approx(np.mean([0.01, -0.01, 0.03]))
    assert found.boundary_f.mean == pytest.approx(found.difference.mean)
    assert (turned.better, turned.worse) == (1, 2)
    assert turned.p_value == found.p_value


def test_the_serving_model_comes_first(
    db: Database, models: list[int], specimens: list[int], person: Person
) -> None:
    for model_id in models:
        measured(db, model_id, specimens, DICES)
    with db.transaction() as session:
        serving.promote(session, models[0], person.id)
    with db.reading() as session:
        assert [c.other_id for c in comparisons(session, models[1])] == [models[0], models[2]]
        assert [c.other_id for c in comparisons(session, models[0])] == [models[2], models[1]]


def _add_stratum(session: Session, number: int, name: str) -> None:
    job = jobs.start(session, JobKind.STRATA, None)
    made = Stratification(job_id=job.id, config={}, findings={}, created_at=job.created_at)
    session.add(made)
    session.flush()
    stratum = Stratum(stratification_id=made.id, number=number, name=name, specimens=2, findings={})
    session.add(stratum)
