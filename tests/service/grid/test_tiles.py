"""What is in the grid, and in which order."""

from dataclasses import replace

import pytest
from sqlalchemy.orm import Session

from app.blobs import FolderBlobs
from app.db import Database
from app.domain.jobs import JobKind
from app.domain.labelling import Candidate
from app.domain.people import Person
from app.domain.rounds import Round, TrainedModel
from app.domain.specimens import Specimen
from app.errors import Refused
from app.services import grid, grid_choices, jobs, tags
from app.services.counting import UpTo
from app.services.grid import GridFilter, GridOrder, GridState, Place
from app.services.queueing import settle_queue_place
from tests import factories


@pytest.fixture
def moths(db: Database, blobs: FolderBlobs, person: Person) -> dict[str, int]:
    """Five specimens of two sources: one labelled, one whose candidates are all rejected."""
    with db.transaction() as session:
        made = {}
        for number, key in enumerate(["甲蛾", "乙蛾", "丙蛾", "labelled", "hand"]):
            source = "SJTT" if number % 2 else "CARS"
            specimen = factories.make_specimen(session, blobs, key, source_code=source, methods=[])
            factories.make_candidate(session, blobs, specimen, "grabcut", score=0.5 + number / 10)
            factories.make_candidate(session, blobs, specimen, "border", score=0.55)
            made[key] = specimen.id
        session.get_one(Specimen, made["乙蛾"]).stratum = 0
        factories.make_version(session, blobs, session.get_one(Specimen, made["labelled"]), person)
        _reject_all(session, made["hand"])
        tags.tag(session, person.id, [made["甲蛾"], made["hand"]], "白翅", on=True)
    return made


def _reject_all(session: Session, specimen_id: int) -> None:
    for candidate in session.query(Candidate).filter_by(specimen_id=specimen_id):
        candidate.rejected = True
    settle_queue_place(session, session.get_one(Specimen, specimen_id))


def keys(db: Database, wanted: GridFilter) -> list[str]:
    with db.reading() as session:
        found = grid.tiles(session, wanted)
        assert grid.count(session, wanted) == UpTo(len(found))
    return [tile.key for tile in found]


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        (GridFilter(), ["丙蛾", "乙蛾", "甲蛾"]),
        (GridFilter(order=GridOrder.UNSURE), ["甲蛾", "乙蛾", "丙蛾"]),
        (GridFilter(state=GridState.LABELLED), ["labelled"]),
        (GridFilter(state=GridState.HAND), ["hand"]),
        (GridFilter(source="SJTT"), ["乙蛾"]),
        (GridFilter(stratum=0), ["乙蛾"]),
        (GridFilter(tag="白翅"), ["甲蛾"]),
        (GridFilter(tag="白翅", state=GridState.HAND), ["hand"]),
        (GridFilter(search="乙"), ["乙蛾"]),
        (GridFilter(search="%"), []),
        (GridFilter(masks="model:1"), []),
        (GridFilter(masks="round:3"), []),
        (GridFilter(masks="hand", state=GridState.LABELLED), ["labelled"]),
        (GridFilter(uncertainty_from=0.1), []),
    ],
)
def test_each_filter_leaves_out_what_it_says(
    db: Database, moths: dict[str, int], wanted: GridFilter, found: list[str]
) -> None:
    assert moths
    assert keys(db, wanted) == found


def test_the_best_open_candidate_is_shown_or_the_one_of_the_method_asked_for(
    db: Database, moths: dict[str, int]
) -> None:
    with db.reading() as session:
        best = {tile.key: tile for tile in grid.tiles(session, GridFilter())}
        border = {tile.key: tile for tile in grid.tiles(session, GridFilter(masks="border"))}
    assert [best[key].origin for key in ("甲蛾", "乙蛾", "丙蛾")] == [
        "border",
        "grabcut",
        "grabcut",
    ]
    assert {tile.origin for tile in border.values()} == {"border"}
    assert best["甲蛾"].tags == ("白翅",)
    assert best["甲蛾"].parent_id is None
    assert set(moths) > set(best)


def test_a_label_is_shown_as_the_version_that_counts(db: Database, moths: dict[str, int]) -> None:
    with db.reading() as session:
        [tile] = grid.tiles(session, GridFilter(state=GridState.LABELLED))
    assert tile.specimen_id == moths["labelled"]
    assert (tile.candidate_id, tile.version_id) == (None, tile.parent_id)
    assert tile.version_id is not None


@pytest.mark.parametrize("order", GridOrder)
def test_pages_join_without_a_gap_also_where_scores_are_equal(
    db: Database, blobs: FolderBlobs, order: GridOrder
) -> None:
    with db.transaction() as session:
        for number in range(9):
            factories.make_specimen(session, blobs, f"moth-{number}", methods=["grabcut"])
    seen: list[int] = []
    after: Place | None = None
    with db.reading() as session:
        for _ in range(4):
            page = grid.tiles(session, GridFilter(order=order), after=after, limit=4)
            seen += [tile.specimen_id for tile in page]
            if page:
                after = Place(page[-1].rank, page[-1].specimen_id)
    assert len(seen) == len(set(seen)) == 9


def test_the_masks_of_a_round_are_those_of_its_models(
    db: Database, blobs: FolderBlobs, moths: dict[str, int]
) -> None:
    with db.transaction() as session:
        model = _trained_model(session, number=3)
        specimen = session.get_one(Specimen, moths["甲蛾"])
        predicted = factories.make_candidate(
            session, blobs, specimen, f"model:{model.id}", score=0.1, model_id=model.id
        )
        predicted.uncertainty = 0.4
    wanted = GridFilter(masks="round:3")
    assert keys(db, wanted) == ["甲蛾"]
    assert keys(db, replace(wanted, uncertainty_from=0.3, uncertainty_to=0.5)) == ["甲蛾"]
    assert keys(db, replace(wanted, uncertainty_to=0.3)) == []
    with db.reading() as session:
        choices = grid_choices.choices(session)
    assert (choices.rounds, choices.sources) == ([3], ["CARS", "SJTT"])
    assert (choices.origins, choices.strata) == (["border", "grabcut", f"model:{model.id}"], [0])


def test_masks_from_files_are_one_choice(
    db: Database, blobs: FolderBlobs, moths: dict[str, int]
) -> None:
    with db.transaction() as session:
        for number, key in enumerate(("甲蛾", "丙蛾")):
            specimen = session.get_one(Specimen, moths[key])
            factories.make_candidate(session, blobs, specimen, f"upload:{number}", score=1.0)
        choices = grid_choices.choices(session)
    assert choices.origins == ["border", "grabcut", "upload"]
    assert keys(db, GridFilter(masks="upload")) == ["甲蛾", "丙蛾"]


def test_a_round_that_is_no_number_is_refused(db: Database) -> None:
    with db.reading() as session, pytest.raises(Refused, match="names no round"):
        grid.tiles(session, GridFilter(masks="round:x"))


def _trained_model(session: Session, number: int) -> TrainedModel:
    job = jobs.start(session, JobKind.ROUND, None)
    round_ = Round(
        number=number, job_id=job.id, preset="tiny", configs={}, created_at=job.created_at
    )
    session.add(round_)
    session.flush()
    model = TrainedModel(
        round_id=round_.id,
        variant="plain",
        weights_digest="0" * 64,
        card_digest="0" * 64,
        metrics={},
        created_at=job.created_at,
    )
    session.add(model)
    session.flush()
    return model
