"""Who decided what and when: filters, pages by key, and the table for spreadsheets."""

import csv
import io
from collections.abc import Callable
from datetime import timedelta
from uuid import uuid4

import pytest

from app.blobs import FolderBlobs
from app.db import Database
from app.domain.labelling import Decision
from app.domain.people import Person
from app.domain.specimens import Specimen
from app.services import audit, labelling
from app.services.audit import AuditFilter, AuditLine
from app.services.labelling import NewDecision
from tests import factories
from tests.conftest import MovableClock

Decide = Callable[..., int]


@pytest.fixture
def decide(db: Database, clock: MovableClock) -> Decide:
    """Decides an hour after what was decided before; returns the number of the review."""

    def decide_(person: Person, specimen: Specimen, kind: Decision, **values: object) -> int:
        clock.move(seconds=3600)
        wanted = NewDecision(uuid4().hex, kind, **values)  # type: ignore[arg-type]
        with db.transaction() as session:
            review = labelling.decide(session, person.id, specimen.id, wanted)
            session.flush()
            return review.id

    return decide_


@pytest.fixture
def specimens(db: Database, blobs: FolderBlobs) -> list[Specimen]:
    """One of each of two sources; each has two candidates, of which the first is the better."""
    with db.transaction() as session:
        return [
            factories.make_specimen(session, blobs, key, source_code=source)
            for key, source in (("翠綠裳蛾", "SJTT"), ("moth-2", "CARS"))
        ]


@pytest.fixture
def lin(db: Database) -> Person:
    with db.transaction() as session:
        return factories.make_person(session, "林小姐")


def lines(db: Database, **wanted: object) -> list[AuditLine]:
    with db.reading() as session:
        return audit.lines(session, AuditFilter(**wanted))  # type: ignore[arg-type]


def test_a_line_names_everything_that_a_decision_concerns(
    db: Database, person: Person, lin: Person, specimens: list[Specimen], decide: Decide
) -> None:
    first = specimens[0]
    accepted = decide(person, first, Decision.ACCEPT, candidate_id=1)
    decide(lin, first, Decision.RETRACT, retracts_id=accepted)
    retraction, acceptance = lines(db)
    assert (acceptance.person, acceptance.source, acceptance.specimen) == ("Ada", "SJTT", first.key)
    assert (acceptance.candidate, acceptance.number, acceptance.origin) == (
        "border-otsu",
        1,
        "border-otsu",
    )
    assert (acceptance.taken_back_by, acceptance.confirms) == ("林小姐", False)
    assert (retraction.undone, retraction.number) == (Decision.ACCEPT, None)


def test_filters_narrow_the_list(
    db: Database,
    person: Person,
    lin: Person,
    specimens: list[Specimen],
    decide: Decide,
    clock: MovableClock,
) -> None:
    first, second = specimens
    skipped = decide(person, first, Decision.SKIP)
    noon = clock.moment + timedelta(minutes=30)
    rejected = decide(lin, first, Decision.REJECT, candidate_id=1, reasons=["hole"])
    accepted = decide(lin, second, Decision.ACCEPT, candidate_id=3)
    found = {
        "person": lines(db, person_id=lin.id),
        "source": lines(db, source_id=first.source_id),
        "specimen": lines(db, specimen_id=second.id),
        "decision": lines(db, decision=Decision.REJECT),
        "since": lines(db, since=noon),
        "until": lines(db, until=noon),
        "all": lines(db, person_id=lin.id, source_id=first.source_id, since=noon),
    }
    assert {name: [line.review.id for line in each] for name, each in found.items()} == {
        "person": [accepted, rejected],
        "source": [rejected, skipped],
        "specimen": [accepted],
        "decision": [rejected],
        "since": [accepted, rejected],
        "until": [skipped],
        "all": [rejected],
    }


def test_a_moment_bounds_from_below_and_not_from_above(
    db: Database, person: Person, specimens: list[Specimen], decide: Decide, clock: MovableClock
) -> None:
    decide(person, specimens[0], Decision.SKIP)
    assert len(lines(db, since=clock.moment)) == 1
    assert lines(db, until=clock.moment) == []


def test_pages_by_key_miss_nothing_and_repeat_nothing(
    db: Database, person: Person, specimens: list[Specimen]
) -> None:
    """Also among decisions of the same moment, such as those of a batch."""
    with db.transaction() as session:
        for _ in range(7):
            skip = NewDecision(uuid4().hex, Decision.SKIP)
            labelling.decide(session, person.id, specimens[0].id, skip)
    seen: list[int] = []
    with db.reading() as session:
        while found := audit.lines(
            session, AuditFilter(), before=seen[-1] if seen else None, limit=3
        ):
            seen += [line.review.id for line in found]
    assert seen == sorted(seen, reverse=True)
    assert len(seen) == 7


def table(db: Database, **wanted: object) -> list[dict[str, str]]:
    pieces = list(audit.csv_pieces(db, AuditFilter(**wanted)))  # type: ignore[arg-type]
    return list(csv.DictReader(io.StringIO(b"".join(pieces).decode("utf-8-sig"), newline="")))


def test_the_table_holds_every_decision(
    db: Database, person: Person, lin: Person, specimens: list[Specimen], decide: Decide
) -> None:
    rejected = decide(
        lin, specimens[0], Decision.REJECT, candidate_id=2, reasons=["hole", "wing-cut"], note="左"
    )
    decide(person, specimens[0], Decision.RETRACT, retracts_id=rejected)
    retraction, rejection = table(db)
    assert rejection == {
        "time": "2026-01-01T01:00:00+00:00",
        "person": "林小姐",
        "source": "SJTT",
        "specimen": "翠綠裳蛾",
        "decision": "reject",
        "reasons": "hole; wing-cut",
        "note": "左",
        "candidate": "grabcut",
        "version": "",
        "origin": "",
        "takes_back": "",
        "taken_back_by": "Ada",
        "review": str(rejected),
    }
    assert retraction["takes_back"] == str(rejected)
    assert [row["review"] for row in table(db, person_id=lin.id)] == [str(rejected)]


def test_the_table_comes_in_pieces_of_several_sessions(
    db: Database,
    person: Person,
    specimens: list[Specimen],
    decide: Decide,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(audit, "CHUNK", 2)
    numbers = [decide(person, specimens[0], Decision.SKIP) for _ in range(5)]
    assert len(list(audit.csv_pieces(db, AuditFilter()))) == 4
    assert [row["review"] for row in table(db)] == [str(number) for number in reversed(numbers)]


@pytest.mark.parametrize("note", ["=1+1", "+886", "-2", "@me", "\tx", "\n=1"])
def test_no_note_becomes_a_formula(
    db: Database, person: Person, specimens: list[Specimen], decide: Decide, note: str
) -> None:
    decide(person, specimens[0], Decision.SKIP, note=note)
    assert table(db)[0]["note"] == f"'{note}"


def test_a_table_of_nothing_has_its_head(db: Database) -> None:
    data = b"".join(audit.csv_pieces(db, AuditFilter())).decode("utf-8-sig")
    assert data.split("\r\n") == [",".join(audit.CSV_HEAD), ""]
