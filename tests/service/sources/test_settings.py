"""Sources are made and changed, and the parts of names follow their pattern."""

import pytest
from sqlalchemy import select

from app.blobs import FolderBlobs
from app.db import Database
from app.domain.specimens import Specimen
from app.errors import Conflict, NotFound, Refused
from app.services import sources
from app.services.source_presets import PRESETS
from app.services.sources import SourceSettings
from tests.service.sources import flow


def test_a_source_of_the_lab_begins_with_its_values(db: Database) -> None:
    with db.transaction() as session:
        sources.add(session, "SJTT", {"name": "中心"}, preset="SJTT")
        sources.add(session, "SJRS", {}, preset="SJRS")
    with db.reading() as session:
        sjtt = SourceSettings.of(sources.get(session, "SJTT"))
        sjrs = sources.get(session, "SJRS")
    assert (sjtt.name, sjtt.scale_w, sjtt.scale_ht, sjtt.scale_hb) == ("中心", 0.1, 0.0, 0.0)
    assert sjtt.name_pattern == PRESETS["SJTT"].name_pattern
    assert (sjrs.scale_w, sjrs.scale_hb, sjrs.label_pattern) == (0.2, 0.2, "")


def test_a_preset_leaves_what_it_does_not_name(db: Database) -> None:
    with db.transaction() as session:
        sources.add(session, "OURS", {"padding": "#808080", "half_split": False})
        sources.edit(session, "OURS", {"scale_w": 0.3}, preset="CARS")
        settings = SourceSettings.of(sources.get(session, "OURS"))
    assert (settings.padding, settings.half_split) == ("#808080", False)
    assert (settings.scale_w, settings.scale_ht) == (0.3, 0.2)


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"scale_w": -0.1}, "0 to 2 times"),
        ({"scale_hb": 2.5}, "0 to 2 times"),
        ({"scale_ht": float("nan")}, "0 to 2 times"),
        ({"padding": "blue"}, "colour such as"),
        ({"name_pattern": "("}, "no pattern"),
        ({"label_pattern": "["}, "no pattern"),
        ({"name": "x" * 201}, "200 characters"),
        ({"detector": "yolo"}, "no detector"),
    ],
)
def test_settings_that_make_no_sense(db: Database, changes: dict[str, object], why: str) -> None:
    with db.transaction() as session:
        sources.add(session, "SJTT", {})
    with db.reading() as session, pytest.raises(Refused, match=why):
        sources.edit(session, "SJTT", changes)


def test_a_code_names_one_source(db: Database) -> None:
    with db.transaction() as session:
        sources.add(session, "SJTT", {})
        with pytest.raises(Conflict, match="already"):
            sources.add(session, "SJTT", {})
        with pytest.raises(NotFound):
            sources.get(session, "NONE")
        with pytest.raises(Refused, match="short code"):
            sources.add(session, "two words", {})
        with pytest.raises(Refused, match="no preset"):
            sources.add(session, "NEW", {}, preset="NEW")


def test_names_are_read_again_when_the_pattern_changes(
    db: Database, blobs: FolderBlobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sources, "RENAMED_AT_ONCE", 2)
    keys = ["LYM11_SJTT0764_1_female", "NOC031_SJTT0202_1_male", "IMG_0067"]
    with db.transaction() as session:
        for key in keys:
            flow.specimen(session, blobs, key)
        source_id = sources.edit(session, "SJTT", {}, preset="SJTT").id
    assert sources.rename(db, source_id) == 2
    assert sources.rename(db, source_id) == 0
    with db.transaction() as session:
        found = session.execute(
            select(Specimen.taxon, Specimen.number, Specimen.sex).order_by(Specimen.id)
        ).all()
        sources.edit(session, "SJTT", {"name_pattern": ""})
    assert [tuple(row) for row in found] == [
        ("LYM11", "SJTT0764", "female"),
        ("NOC031", "SJTT0202", "male"),
        ("", "", ""),
    ]
    assert sources.rename(db, source_id) == 2
    with db.reading() as session:
        assert set(session.scalars(select(Specimen.taxon))) == {""}


def test_names_to_try_a_pattern_with_come_from_all_over(db: Database, blobs: FolderBlobs) -> None:
    with db.transaction() as session:
        made = [flow.specimen(session, blobs, f"m{number}") for number in range(7)]
        flow.specimen(session, blobs, "other", "CARS")
        names = sources.names_in(session, made[0].source_id, limit=3)
        assert len(names) == 3
        assert len(sources.names_in(session, made[0].source_id)) == 7
        assert sources.names_in(session, 77) == []
