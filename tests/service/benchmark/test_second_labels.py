"""A second person's masks: who may draw them, and what they say."""

import pytest

from app.blobs import FolderBlobs
from app.db import Database
from app.domain.people import Person
from app.domain.specimens import Specimen
from app.errors import Conflict, NotFound, Refused
from app.services import benchmark_figures, benchmark_measuring, drafts, second_labels
from app.services.second_labels import NewSecondLabel
from ml.imaging.masks import encode_mask
from ml.metrics.figures import figures
from tests import factories
from tests.conftest import Drain
from tests.service.benchmark.test_measuring import MEASURING
from worker.context import Context


def save(
    db: Database, blobs: FolderBlobs, person: Person, specimen_id: int,
    *, name: str = "second-1", grown: int = 2, crop_id: int | None = None,
) -> int:  # fmt: skip
    digest = blobs.put(encode_mask(factories.moth_mask(grown)))
    with db.transaction() as session:
        crop_id = crop_id or session.get_one(Specimen, specimen_id).crop_id or 0
        wanted = NewSecondLabel(name, "hand", digest, crop_id)
        return second_labels.save(session, person.id, specimen_id, wanted).id


def human(db: Database) -> dict[int, float]:
    with db.reading() as session:
        return {key: each.dice for key, each in benchmark_figures.human(session).items()}


def test_two_people_agree_as_far_as_their_masks_do(
    context: Context, blobs: FolderBlobs, other: Person, members: list[int], drain: Drain
) -> None:
    for number, specimen_id in enumerate(members[:2]):
        save(context.db, blobs, other, specimen_id, name=f"second-{number}", grown=number + 1)
    drain(context, MEASURING)
    expected = [figures(factories.moth_mask(grown), factories.moth_mask()).dice for grown in (1, 2)]
    assert human(context.db) == dict(zip(members[:2], expected, strict=True))
    with context.db.reading() as session:
        line = benchmark_figures.over_time(session).human
    assert line is not None
    assert line.n == 2
    assert line.dice.mean == pytest.approx(sum(expected) / 2)
    assert line.dice.low <= line.dice.mean <= line.dice.high


def test_the_newest_mask_of_a_person_counts_and_none_is_lost(
    context: Context, blobs: FolderBlobs, other: Person, members: list[int], drain: Drain
) -> None:
    for grown in (4, 1):
        save(context.db, blobs, other, members[0], name=f"second-{grown}", grown=grown)
    drain(context, MEASURING)
    expected = figures(factories.moth_mask(1), factories.moth_mask()).dice
    assert human(context.db) == {members[0]: expected}
    with context.db.reading() as session:
        assert len(second_labels.of_specimen(session, members[0])) == 2


def test_they_change_nothing_about_the_label(
    db: Database, blobs: FolderBlobs, other: Person, members: list[int]
) -> None:
    with db.reading() as session:
        before = session.get_one(Specimen, members[0]).version_id
    save(db, blobs, other, members[0])
    with db.reading() as session:
        assert session.get_one(Specimen, members[0]).version_id == before


def test_the_same_decision_is_one_mask(
    db: Database, blobs: FolderBlobs, other: Person, members: list[int]
) -> None:
    assert save(db, blobs, other, members[0]) == save(db, blobs, other, members[0])
    with pytest.raises(Conflict, match="was used before"):
        save(db, blobs, other, members[1])


def test_who_made_the_label_is_no_second_person(
    db: Database, blobs: FolderBlobs, person: Person, members: list[int]
) -> None:
    with pytest.raises(Refused, match="You have made a label of moth-0 yourself"):
        save(db, blobs, person, members[0])


def test_who_has_begun_to_redraw_it_has_seen_the_label(
    db: Database, blobs: FolderBlobs, other: Person, members: list[int]
) -> None:
    with db.transaction() as session:
        specimen = session.get_one(Specimen, members[0])
        crop = specimen.crop
        assert crop is not None
        drafts.save(session, other.id, crop, "0" * 64, specimen.version_id)
    with pytest.raises(Refused, match="begun to redraw moth-0 with its label in view"):
        save(db, blobs, other, members[0])


def test_only_labelled_members_have_a_second_mask(
    db: Database, blobs: FolderBlobs, other: Person, members: list[int]
) -> None:
    with pytest.raises(NotFound, match="moth-3 is not in the benchmark"):
        save(db, blobs, other, members[-1] + 1)
    with db.transaction() as session:
        unlabelled = factories.make_specimen(session, blobs, "unlabelled").id
        factories.join_benchmark(session, unlabelled)
    with pytest.raises(Refused, match="unlabelled has no label yet"):
        save(db, blobs, other, unlabelled)


def test_a_mask_of_an_earlier_box_is_refused(
    db: Database, blobs: FolderBlobs, other: Person, members: list[int]
) -> None:
    with db.transaction() as session:
        specimen = session.get_one(Specimen, members[0])
        before = specimen.crop_id
        factories.make_crop(session, blobs, specimen)
    with pytest.raises(Conflict, match="box of moth-0 was changed since"):
        save(db, blobs, other, members[0], crop_id=before)


def test_a_label_that_becomes_the_second_persons_own_compares_no_more(
    context: Context, blobs: FolderBlobs, other: Person, members: list[int], drain: Drain
) -> None:
    save(context.db, blobs, other, members[0])
    drain(context, MEASURING)
    with context.db.transaction() as session:
        specimen = session.get_one(Specimen, members[0])
        factories.make_version(session, blobs, specimen, other, grown=2)
        benchmark_measuring.notice(session, None)
    drain(context, MEASURING)
    assert human(context.db) == {}
