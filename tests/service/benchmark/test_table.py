"""The table of members by models: order, filters, pages, and what is missing."""

from collections.abc import Sequence

import pytest

from app.blobs import FolderBlobs
from app.db import Database
from app.domain.people import Person
from app.domain.specimens import Specimen
from app.services import benchmark_figures, benchmark_table, models, tags
from app.services.benchmark_table import BenchmarkTable, Sort, Wanted
from tests import factories
from tests.service.benchmark.conftest import AddModels, join, predict
from tests.service.rounds import flow

OLD, NEW = (0.9, 0.8, 0.7), (0.6, 0.95, 0.7)
"""Dice of two models on the three members."""


def add_figures(
    db: Database, model_id: int, members: Sequence[int], dices: Sequence[float]
) -> None:
    with db.transaction() as session:
        for specimen_id, dice in zip(members, dices, strict=True):
            factories.measure(session, model_id, specimen_id, dice, boundary_f=dice / 2)


@pytest.fixture
def measured(db: Database, person: Person, members: list[int], add_models: AddModels) -> list[int]:
    """Two models, the older of which serves."""
    ids = add_models(2)
    for model_id, dices in zip(ids, (OLD, NEW), strict=True):
        add_figures(db, model_id, members, dices)
    with db.transaction() as session:
        models.promote(session, ids[0], person.id)
    return ids


def table(db: Database, **wanted: object) -> BenchmarkTable:
    with db.reading() as session:
        return benchmark_table.table(session, Wanted(**wanted))  # type: ignore[arg-type]


def order(found: BenchmarkTable) -> list[str]:
    return [row.member.key for row in found.rows]


@pytest.mark.parametrize(
    ("sort", "expected"),
    [
        (Sort.WORST, ["moth-2", "moth-1", "moth-0"]),
        (Sort.CHANGE, ["moth-0", "moth-2", "moth-1"]),
        (Sort.NAME, ["moth-0", "moth-1", "moth-2"]),
    ],
)
def test_the_order(db: Database, measured: list[int], sort: Sort, expected: list[str]) -> None:
    found = table(db, sort=sort)
    assert order(found) == expected
    assert found.change == (measured[1], measured[0])
    changes = {row.member.key: row.change for row in found.rows}
    assert changes["moth-0"] == pytest.approx(-0.3)


def test_the_newest_model_comes_first_with_its_figures(db: Database, measured: list[int]) -> None:
    found = table(db, sort=Sort.NAME)
    assert [model.model_id for model in found.models] == measured[::-1]
    figures = [[cell.figure.dice for cell in row.cells if cell.figure] for row in found.rows]
    assert figures == [[0.6, 0.9], [0.95, 0.8], [0.7, 0.7]]
    assert found.serving_id == measured[0]


def test_if_the_newest_serves_it_is_compared_with_the_one_before(
    db: Database, person: Person, measured: list[int]
) -> None:
    with db.transaction() as session:
        models.promote(session, measured[1], person.id)
    assert table(db).change == (measured[1], measured[0])


def test_filters(db: Database, person: Person, members: list[int], measured: list[int]) -> None:
    assert measured
    with db.transaction() as session:
        session.get_one(Specimen, members[1]).stratum = 3
        session.get_one(Specimen, members[2]).source_id = factories.make_source(session, "B").id
        tags.tag(session, person.id, members[:1], "white wing", on=True)
    assert order(table(db, stratum=3)) == ["moth-1"]
    assert order(table(db, source="B")) == ["moth-2"]
    assert order(table(db, tag="white wing")) == ["moth-0"]
    assert order(table(db, tag="white wing", source="B")) == []
    filters = table(db).filters
    assert (filters.sources, filters.strata) == (["B", "TEST"], [(3, "")])
    assert filters.tags == ["benchmark", "white wing"]


def test_pages(
    db: Database, members: list[int], measured: list[int],
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    assert members
    assert measured
    monkeypatch.setattr(benchmark_table, "PAGE", 2)
    first, second = table(db, sort=Sort.NAME), table(db, sort=Sort.NAME, page=2)
    assert (order(first), order(second)) == (["moth-0", "moth-1"], ["moth-2"])
    assert (first.pages, first.found) == (2, 3)


def test_older_models_are_left_to_the_chart_but_never_the_served_one(
    db: Database, measured: list[int], add_models: AddModels, monkeypatch: pytest.MonkeyPatch
) -> None:
    newest = add_models(2)
    monkeypatch.setattr(benchmark_table, "MOST_MODELS", 2)
    found = table(db)
    assert [model.model_id for model in found.models] == [newest[1], measured[0]]
    assert found.hidden_models == 2


def test_what_has_no_label_is_named_and_measures_nothing(
    db: Database, blobs: FolderBlobs, person: Person, measured: list[int]
) -> None:
    assert measured
    with db.transaction() as session:
        fresh = factories.make_specimen(session, blobs, "fresh").id
    join(db, person, fresh)
    found = table(db)
    assert [each.key for each in found.unlabelled] == ["fresh"]
    assert (found.members, found.found, found.stale) == (4, 3, 0)


def test_what_is_not_measured_yet_is_counted(
    db: Database, blobs: FolderBlobs, members: list[int], measured: list[int], add_models: AddModels
) -> None:
    (newest,) = add_models(1)
    predict(db, blobs, newest, members[0])
    assert table(db).stale == 3
    add_figures(db, newest, members, NEW)
    assert table(db).stale == 0
    assert measured


def test_every_model_over_time(db: Database, members: list[int], measured: list[int]) -> None:
    flow.start(db)
    with db.reading() as session:
        found = benchmark_figures.over_time(session)
    assert [model.model_id for model in found.models] == measured
    assert [model.round_number for model in found.models] == [1, 2]
    first = found.models[0]
    assert first.dice is not None
    assert first.boundary_f is not None
    assert first.n == 3
    assert first.dice.mean == pytest.approx(0.8)
    assert first.dice.low < 0.8 < first.dice.high
    assert first.boundary_f.mean == pytest.approx(0.4)
    assert (found.human, found.members) == (None, len(members))


def test_before_there_is_anything(db: Database) -> None:
    found = table(db)
    assert (found.rows, found.models, found.members, found.stale) == ([], [], 0, 0)
