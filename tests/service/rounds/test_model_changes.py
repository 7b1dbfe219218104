"""A model against the one that serves: by group, and the specimens that changed most."""

from collections.abc import Sequence

import pytest

from app.blobs import FolderBlobs
from app.db import Database
from app.domain.people import Person
from app.domain.rounds import TrainedModel
from app.domain.specimens import Specimen
from app.domain.steering import VerdictKind
from app.errors import Conflict, NotFound
from app.services import model_changes, models, tags
from app.services.predictions import origin_of
from tests import factories
from tests.service.rounds import flow
from tests.service.rounds.conftest import AddLabels

BEFORE = (0.90, 0.91, 0.92, 0.93, 0.94, 0.95, 0.95, 0.95)
AFTER = (0.97, 0.96, 0.95, 0.96, 0.96, 0.97, 0.97, 0.90)


@pytest.fixture
def specimens(db: Database, add_labels: AddLabels, person: Person) -> list[int]:
    made = add_labels(8)
    with db.transaction() as session:
        tags.tag(session, person.id, made[:3], "pale", on=True)
    return made


@pytest.fixture
def pair(db: Database, blobs: FolderBlobs, specimens: list[int]) -> list[TrainedModel]:
    made = [flow.add_model(db, flow.start(db)) for _ in range(2)]
    for model, dices, grown in zip(made, (BEFORE, AFTER), (3, 1), strict=True):
        _measured(db, blobs, model, specimens, dices, grown)
    return made


def test_groups_and_galleries_say_what_changed(
    db: Database, pair: list[TrainedModel], specimens: list[int], person: Person
) -> None:
    with db.transaction() as session:
        models.promote(session, pair[0].id, person.id)
    with db.reading() as session:
        found = model_changes.changes(session, session.get_one(TrainedModel, pair[1].id))
    assert found is not None
    assert (found.other.id, found.other_serves) == (pair[0].id, True)
    rows = {(row.kind, row.name): row for row in found.groups}
    assert set(rows) == {("all", ""), ("source", "TEST"), ("tag", "pale")}
    assert rows["tag", "pale"].n == 3
    assert rows["tag", "pale"].before == pytest.approx(0.91)
    assert rows["tag", "pale"].after == pytest.approx(0.96)
    assert rows["all", ""].difference.mean == pytest.approx(sum(AFTER) / 8 - sum(BEFORE) / 8)
    assert [one.specimen_id for one in found.better][:2] == specimens[:2]
    assert [one.specimen_id for one in found.worse] == specimens[-1:]
    best = found.better[0]
    assert (best.before, best.after) == (0.90, 0.97)
    assert best.before_digest != best.after_digest


def test_the_serving_model_is_compared_with_the_one_before_it(
    db: Database, pair: list[TrainedModel], person: Person
) -> None:
    with db.transaction() as session:
        for model in pair:
            models.promote(session, model.id, person.id)
    with db.reading() as session:
        found = model_changes.changes(session, session.get_one(TrainedModel, pair[1].id))
    assert found is not None
    assert (found.other.id, found.other_serves) == (pair[0].id, False)


def test_going_back_is_a_promotion_like_any_other(
    db: Database, pair: list[TrainedModel], person: Person
) -> None:
    first, second = (model.id for model in pair)
    with db.transaction() as session:
        with pytest.raises(Conflict, match="no earlier model"):
            models.roll_back(session, person.id)
        models.promote(session, first, person.id)
        models.promote(session, second, person.id)
        with pytest.raises(Conflict, match="serves already"):
            models.promote(session, second, person.id)
        models.roll_back(session, person.id)
        history = models.promotions(session)
        serving = models.serving(session)
    assert serving is not None
    assert serving.id == first
    assert [(p.before_id, p.model_id, name) for p, name in history] == [
        (second, first, "Ada"),
        (first, second, "Ada"),
        (second, first, "Ada"),
    ]


def test_a_discarded_model_is_hidden_and_kept(
    db: Database, pair: list[TrainedModel], person: Person
) -> None:
    first, second = (model.id for model in pair)
    with db.transaction() as session:
        with pytest.raises(Conflict, match="serves, so it cannot be discarded"):
            models.judge(session, second, VerdictKind.DISCARD, person.id)
        models.judge(session, first, VerdictKind.DISCARD, person.id)
        assert models.discarded_ids(session) == {first}
        assert [m.id for m in session.scalars(models.chosen_from())] == [second]
        with pytest.raises(Conflict, match="was discarded"):
            models.promote(session, first, person.id)
        models.judge(session, first, VerdictKind.KEEP, person.id)
        assert models.discarded_ids(session) == set()
        assert [(v.verdict, name) for v, name in models.verdicts(session, first)] == [
            (VerdictKind.KEEP, "Ada"),
            (VerdictKind.DISCARD, "Ada"),
        ]
        with pytest.raises(NotFound):
            models.judge(session, 99, VerdictKind.KEEP, person.id)


def _measured(
    db: Database,
    blobs: FolderBlobs,
    model: TrainedModel,
    specimens: Sequence[int],
    dices: Sequence[float],
    grown: int,
) -> None:
    with db.transaction() as session:
        for specimen_id, dice in zip(specimens, dices, strict=True):
            specimen = session.get_one(Specimen, specimen_id)
            assert specimen.version_id is not None
            factories.make_candidate(
                session, blobs, specimen, origin_of(model.id), grown=grown, model_id=model.id
            )
            factories.measure(session, model.id, specimen_id, dice, boundary_f=dice - 0.1)
