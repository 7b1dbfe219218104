"""Which detector serves a source, and what is said of one that does not exist."""

from pathlib import Path

import pytest
from sqlalchemy import select

from app.db import Database
from app.domain.detectors import DetectorPromotion
from app.domain.people import Person
from app.errors import MothmaskError, NotFound, Refused
from app.services import detectors
from app.services.detectors import DetectorChoice
from ml import shipped_detector
from tests import factories
from tests.service.detectors.flow import add_detector
from worker.context import Context
from worker.detecting import opened


def chosen(db: Database, own: str = "") -> DetectorChoice:
    with db.transaction() as session:
        source = factories.make_source(session)
        source.detector = own
        return detectors.chosen(session, source)


def promote(db: Database, person: Person, name: str) -> None:
    with db.transaction() as session:
        detectors.promote(session, name, person.id)


def test_the_setting_serves_until_there_is_a_promotion(db: Database, person: Person) -> None:
    assert chosen(db).name == "setting"
    detector = add_detector(db)
    assert chosen(db).name == "setting", "what was trained has to be promoted first"
    promote(db, person, f"detector:{detector.id}")
    assert chosen(db) == DetectorChoice(
        f"detector:{detector.id}", detector.digest, trained_here=True
    )


def test_going_back_is_one_more_promotion(db: Database, person: Person) -> None:
    for name in (f"detector:{add_detector(db).id}", "fallback", "setting"):
        promote(db, person, name)
        assert chosen(db).name == name
    with db.reading() as session:
        assert len(session.scalars(select(DetectorPromotion)).all()) == 3


def test_a_source_keeps_its_own_detector(db: Database, person: Person) -> None:
    detector = add_detector(db)
    promote(db, person, f"detector:{detector.id}")
    assert chosen(db, own="fallback") == DetectorChoice("fallback")


def test_every_detector_can_be_named(db: Database) -> None:
    first, second = add_detector(db), add_detector(db)
    with db.reading() as session:
        names = detectors.names(session)
        assert [detectors.choice(session, name).name for name in names] == names
    assert names[-2:] == [f"detector:{second.id}", f"detector:{first.id}"]


@pytest.mark.parametrize(
    ("name", "refusal"),
    [
        ("yolo", Refused),
        ("", Refused),
        ("detector:", Refused),
        ("detector:一", Refused),
        ("detector:99999999999999999999", Refused),
        ("detector:99", NotFound),
    ],
)
def test_a_detector_that_does_not_exist_is_not_promoted(
    db: Database, person: Person, name: str, refusal: type[MothmaskError]
) -> None:
    with db.transaction() as session, pytest.raises(refusal, match="There is no detector"):
        detectors.promote(session, name, person.id)
    assert chosen(db).name == "setting"


@pytest.mark.parametrize("database_kind", ["sqlite"])
def test_an_open_detector_is_kept(context: Context) -> None:
    assert opened(context, DetectorChoice("setting")) is opened(context, DetectorChoice("setting"))


@pytest.mark.parametrize("database_kind", ["sqlite"])
def test_the_one_that_comes_with_the_program_is_offered_where_it_does(
    context: Context, db: Database, person: Person, shipped: Path
) -> None:
    promote(db, person, "shipped")
    assert chosen(db) == DetectorChoice("shipped")
    with db.reading() as session:
        assert "shipped" in detectors.names(session)
    detector = opened(context, DetectorChoice("shipped"))
    assert detector.name == "shipped"
    assert isinstance(detector.detect(factories.moth_pixels(1)), list)
    shipped.unlink()
    opened.cache_clear()
    with db.reading() as session:
        assert "shipped" not in detectors.names(session)
    with pytest.raises(Refused, match="use one of setting, fallback"):
        chosen(db)
    with pytest.raises(Refused, match="came without a detector"):
        opened(context, DetectorChoice("shipped"))


@pytest.mark.parametrize(("beats", "name"), [(True, "shipped"), (False, "fallback")])
def test_it_serves_by_default_only_if_it_was_measured_better(
    shipped: Path, monkeypatch: pytest.MonkeyPatch, beats: bool, name: str
) -> None:
    monkeypatch.setattr(shipped_detector, "BEATS_FALLBACK", beats)
    assert shipped_detector.default_name() == name
    shipped.unlink()
    assert shipped_detector.default_name() == "fallback"


@pytest.mark.parametrize("database_kind", ["sqlite"])
def test_a_network_that_is_missing_or_none_is_named(context: Context) -> None:
    with pytest.raises(NotFound, match="missing"):
        opened(context, DetectorChoice("detector:1", "0" * 64))
