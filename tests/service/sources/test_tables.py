"""Metadata and taxa: tables that say something of specimens, and finding these by it."""

import pytest

from app.blobs import FolderBlobs
from app.db import Database
from app.domain.specimens import Specimen
from app.errors import Refused
from app.services import browsing, metadata, taxa
from app.services.browsing import Selection
from app.services.searching import About
from tests.service.sources import flow

TABLE = """,標本編號,採集地,採集者
0,SJTT0764,臺北 陽明山,吳
1,m2.jpg,南投,
2,NEVER,花蓮,林
"""


def found(db: Database, about: About) -> list[str]:
    with db.reading() as session:
        return [tile.key for tile in browsing.specimen_tiles(session, Selection(about=about))]


@pytest.fixture
def moths(db: Database, blobs: FolderBlobs) -> list[Specimen]:
    with db.transaction() as session:
        first = flow.specimen(session, blobs, "LYM11_SJTT0764_1_female")
        first.taxon, first.number, first.sex = "LYM11", "SJTT0764", "female"
        second = flow.specimen(session, blobs, "m2")
        second.taxon = "GEO022"
        return [first, second, flow.specimen(session, blobs, "SJTT0764", "CARS")]


def test_a_table_is_joined_by_name_and_number(db: Database, moths: list[Specimen]) -> None:
    with db.reading() as session:
        seen = metadata.look(session, "SJTT", flow.table(TABLE, "cp950"))
    assert (seen.key, seen.fields, seen.rows, seen.here) == ("標本編號", ["採集地", "採集者"], 3, 2)
    assert seen.first[0] == ["SJTT0764", "臺北 陽明山", "吳"]
    metadata.take(db, "SJTT", flow.table(TABLE, "cp950"))
    with db.reading() as session:
        said = metadata.of_specimen(session, moths[0])
        assert said == {"採集地": "臺北 陽明山", "採集者": "吳"}
        assert metadata.of_specimen(session, moths[2]) == {}  # of another source
        assert metadata.field_names(session) == ["採集地", "採集者"]
        assert metadata.count(session, moths[0].source_id) == 3


@pytest.mark.parametrize("few", [0, 1, 1000])
def test_specimens_are_found_by_their_fields_be_they_few_or_many(
    db: Database, moths: list[Specimen], few: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(metadata, "FEW", few)
    metadata.take(db, "SJTT", flow.table(TABLE, "cp950"))
    assert found(db, About(field="採集地", value="陽明")) == ["LYM11_SJTT0764_1_female"]
    assert found(db, About(field="採集地")) == ["LYM11_SJTT0764_1_female", "m2"]
    assert found(db, About(field="採集者", value="林")) == []
    assert found(db, About(field="採集者", value="%")) == []
    with db.transaction() as session:  # its photograph alone bears the name
        session.get_one(Specimen, moths[1].id).key = "m2#2"
    assert found(db, About(field="採集地", value="南投")) == ["m2#2"]


def test_the_newest_table_replaces_its_own_fields_only(db: Database, moths: list[Specimen]) -> None:
    metadata.take(db, "SJTT", flow.table(TABLE))
    metadata.take(db, "SJTT", flow.table("file,採集地\nSJTT0764,宜蘭\nm2,\n"), "file")
    with db.reading() as session:
        assert metadata.of_specimen(session, moths[0]) == {"採集地": "宜蘭", "採集者": "吳"}
        assert metadata.of_specimen(session, moths[1]) == {}


def test_a_column_can_be_chosen(db: Database, moths: list[Specimen]) -> None:
    text = "a,b\nm2,LYM11_SJTT0764_1_female\n"
    with db.reading() as session:
        assert metadata.look(session, "SJTT", flow.table(text), "b").key == "b"
        with pytest.raises(Refused, match="no column “c”"):
            metadata.look(session, "SJTT", flow.table(text), "c")
        with pytest.raises(Refused, match="at least one that says"):
            metadata.look(session, "SJTT", flow.table("a\nm2\n"))
    assert moths


def test_rows_with_problems_are_named_and_the_rest_goes_on(
    db: Database, moths: list[Specimen]
) -> None:
    text = f"file,place\n,a\nm2,{'x' * 1001}\nLYM11_SJTT0764_1_female,宜蘭\n"
    done = metadata.take(db, "SJTT", flow.table(text))
    assert [each.line for each in done.problems.first] == [2, 3]
    with db.reading() as session:
        assert metadata.of_specimen(session, moths[0]) == {"place": "宜蘭"}


def test_taxa_have_names(db: Database, moths: list[Specimen]) -> None:
    table = flow.table("代碼,科,學名\nLYM11,Erebidae,Lymantria\nNOC031,Noctuidae,\n,x,y\n", "cp950")
    done = taxa.take(db, table)
    assert (done.rows, done.new, done.changed, done.problems.count) == (3, 2, 0, 1)
    with db.reading() as session:
        assert taxa.titles(session, {"LYM11", "GEO022", "NOC031"}) == {
            "LYM11": "LYM11 · Erebidae · Lymantria",
            "GEO022": "GEO022",
            "NOC031": "NOC031 · Noctuidae",
        }
        assert taxa.families(session) == ["Erebidae", "Noctuidae"]
        assert taxa.nameless(session) == [("GEO022", 1)]
        lines = [(line.taxon.code, line.specimens) for line in taxa.lines(session)]
        assert lines == [("LYM11", 1), ("NOC031", 0)]
    assert found(db, About(family="Erebidae")) == ["LYM11_SJTT0764_1_female"]
    assert found(db, About(taxon="GEO")) == ["m2"]
    assert found(db, About(sex="female")) == ["LYM11_SJTT0764_1_female"]
    again = taxa.take(db, flow.table("code,name\nLYM11,Lymantria dispar\n"))
    assert (again.new, again.changed) == (0, 1)
    with db.reading() as session:
        assert taxa.titles(session, {"LYM11"})["LYM11"] == "LYM11 · Erebidae · Lymantria dispar"
        with pytest.raises(Refused, match="“code”"):
            taxa.take(db, flow.table("x,y\n1,2\n"))
    assert moths
