"""Lists of what is of no use: in any columns, for specimens that are here and those that come."""

import pytest
from sqlalchemy import select

from app.blobs import FolderBlobs
from app.db import Database
from app.domain.labelling import Decision, Review
from app.domain.people import Person
from app.domain.photographs import Exclusion
from app.domain.specimens import Specimen, SpecimenState
from app.errors import NotFound, Refused
from app.services import exclusion_lists, exclusions, labelling, sources
from app.services.exclusion_lists import columns_of
from app.services.labelling import NewDecision
from app.services.source_presets import PRESETS
from tests import factories
from tests.service.sources import flow

LIST = """,source,fname,note
0,SJTT,LYM11_SJTT0764_1_female,展翅不完全
1,SJTT,GEO022_SJTT1518,標籤
2,CARS,CARS2111_cropped,殘缺僅有部分
3,SJTT,LYM11_SJTT0764_1_female,側面
4,CATT,CATT0058_1,側面
5,SJTT,,側面
"""


@pytest.mark.parametrize(
    ("text", "columns"),
    [
        (LIST, (2, 3, None, 1, True)),
        ("檔名,原因\nLYM11_SJTT0764,側面\n", (0, 1, None, None, True)),
        ("原因;檔名\n側面;LYM11_SJTT0764\n", (1, 0, None, None, True)),
        ("reason,note,file\n側面,left,LYM11_SJTT0764\n", (2, 0, 1, None, True)),
        ("側面,LYM11_SJTT0764\n側面,LYM12_SJTT0765\n", (1, 0, None, None, False)),
        (",甲,乙\n0,側面,IMG_1\n1,側面,IMG_2\n", (2, 1, None, None, True)),
    ],
)
def test_columns_are_found(text: str, columns: tuple[object, ...]) -> None:
    found = columns_of(flow.table(text), PRESETS["SJTT"].name_pattern)
    assert (found.key, found.reason, found.note, found.source, found.headed) == columns


def test_a_table_without_reasons_is_refused() -> None:
    with pytest.raises(Refused, match="one with reasons"):
        columns_of(flow.table("file\nLYM11_SJTT0764\n"), "")


@pytest.mark.parametrize("encoding", ["utf-8-sig", "cp950"])
def test_a_list_makes_specimens_unusable(
    db: Database, blobs: FolderBlobs, person: Person, encoding: str
) -> None:
    with db.transaction() as session:
        moth = flow.specimen(session, blobs, "LYM11_SJTT0764_1_female")
        cropped = flow.specimen(session, blobs, "CARS2111", "CARS")
        other = flow.specimen(session, blobs, "LYM11_SJTT0765_1_female")
        factories.make_version(session, blobs, moth, person)
    table = flow.table(LIST, encoding)
    with db.reading() as session:
        seen = exclusion_lists.look(session, "SJTT", table)
        assert session.scalars(select(Exclusion)).all() == []
    done = exclusion_lists.take(db, "SJTT", table, person.id)
    assert (seen.rows, seen.new, seen.here, seen.labelled) == (6, 4, 3, 2)
    assert (done.rows, done.new, done.here, done.labelled) == (6, 4, 3, 2)
    assert done.sources == {"SJTT": 3, "CARS": 1}
    assert [(each.line, str(each)) for each in done.problems.first] == [
        (6, "There is no source CATT yet."),
        (7, "It gives no name."),
    ]
    with db.reading() as session:
        states = dict(session.execute(select(Specimen.id, Specimen.state)).all())
        assert states[moth.id] is states[cropped.id] is SpecimenState.UNUSABLE
        assert states[other.id] is SpecimenState.PROPOSED
        reviews = session.scalars(select(Review).where(Review.specimen_id == moth.id)).all()
        assert {(each.reasons[0], each.note) for each in reviews} == {
            ("wings-not-spread", "展翅不完全"),
            ("side-view", "側面"),
        }
        assert session.get_one(Specimen, moth.id).version_id is not None


def test_what_a_curator_took_back_stays_so(
    db: Database, blobs: FolderBlobs, person: Person
) -> None:
    with db.transaction() as session:
        moth = flow.specimen(session, blobs, "m1")
    table = flow.table("file,reason\nm1.jpg,side view\n")
    exclusion_lists.take(db, "SJTT", table, person.id)
    with db.transaction() as session:
        review = session.scalars(select(Review)).one()
        assert (review.reasons, review.decision) == (["side-view"], Decision.UNUSABLE)
        back = NewDecision("back", Decision.RETRACT, retracts_id=review.id)
        labelling.decide(session, person.id, moth.id, back)
    again = exclusion_lists.take(db, "SJTT", table, person.id)
    assert (again.rows, again.new) == (1, 0)
    with db.transaction() as session:
        specimen = session.get_one(Specimen, moth.id)
        assert specimen.state is SpecimenState.PROPOSED
        assert exclusions.apply(session, specimen)  # as an import does; the line counted once
        assert not specimen.unusable


def test_a_specimen_that_comes_later_is_excluded(
    db: Database, blobs: FolderBlobs, person: Person
) -> None:
    with db.transaction() as session:
        sources.add(session, "SJTT", {})
    exclusion_lists.take(db, "SJTT", flow.table("file,reason\nm1,側面\n"), person.id)
    with db.transaction() as session:
        assert exclusions.apply(session, flow.specimen(session, blobs, "m1"))
        assert not exclusions.apply(session, flow.specimen(session, blobs, "m2"))
    with db.reading() as session:
        assert exclusion_lists.count(session, 1) == 1
        states = session.scalars(select(Specimen.state).order_by(Specimen.key)).all()
        assert states == [SpecimenState.UNUSABLE, SpecimenState.PROPOSED]
        with pytest.raises(NotFound):
            exclusion_lists.look(session, "NONE", flow.table("file,reason\nm1,側面\n"))
