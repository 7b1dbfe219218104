"""How often candidates were accepted, rejected or passed over where people could choose."""

import pytest
from sqlalchemy import select

from app.blobs import FolderBlobs
from app.db import Database
from app.domain.labelling import Candidate, Decision
from app.domain.people import Person
from app.domain.specimens import Specimen
from app.services import labelling
from app.services.labelling import NewDecision, NewMask
from app.services.win_rates import Rate, WinRates, win_rates
from ml.imaging.masks import encode_mask
from tests import factories
from tests.conftest import MovableClock

METHODS = ("border", "grabcut", "kanezaki")


class Desk:
    """Ada before specimens that each have a mask of every method."""

    def __init__(self, db: Database, blobs: FolderBlobs, person: Person) -> None:
        self.db, self.blobs, self.person = db, blobs, person
        self.decisions = 0

    def specimen(self, stratum: int | None = None, methods: tuple[str, ...] = METHODS) -> int:
        with self.db.transaction() as session:
            name = f"moth-{self.decisions}-{stratum}"
            specimen = factories.make_specimen(session, self.blobs, name, methods=methods)
            specimen.stratum = stratum
            return specimen.id

    def decide(self, specimen_id: int, decision: Decision, method: str = "") -> int:
        """Returns the review."""
        self.decisions += 1
        with self.db.transaction() as session:
            specimen = session.get_one(Specimen, specimen_id)
            wanted = NewDecision(
                f"decision-{self.decisions}",
                decision,
                parent_id=specimen.version_id,
                candidate_id=self.candidate(specimen_id, method) if method else None,
                reasons=["rough-edge"] if decision is Decision.REJECT else [],
            )
            review = labelling.decide(session, self.person.id, specimen_id, wanted)
            session.flush()
            return review.id

    def candidate(self, specimen_id: int, method: str) -> int:
        with self.db.reading() as session:
            query = select(Candidate.id).where(Candidate.origin == method)
            return session.scalars(query.where(Candidate.specimen_id == specimen_id)).one()

    def accept(self, method: str, stratum: int | None = None) -> int:
        specimen_id = self.specimen(stratum)
        self.decide(specimen_id, Decision.ACCEPT, method)
        return specimen_id

    def draw(self, specimen_id: int) -> None:
        self.decisions += 1
        digest = self.blobs.put(encode_mask(factories.moth_mask()))
        with self.db.transaction() as session:
            specimen = session.get_one(Specimen, specimen_id)
            mask = NewMask(
                f"drawn-{self.decisions:04}",
                "hand",
                digest,
                specimen.crop_id or 0,
                specimen.version_id,
            )
            labelling.save_mask(session, self.person.id, specimen_id, mask)

    def rates(self) -> WinRates:
        with self.db.reading() as session:
            return win_rates(session)

    def counts(self) -> dict[str, tuple[int, int, int, int]]:
        """Offered, accepted, rejected, passed over."""
        return {each.origin: _counts(each.overall) for each in self.rates().methods}


def _counts(rate: Rate) -> tuple[int, int, int, int]:
    return rate.offered, rate.accepted, rate.rejected, rate.passed_over


@pytest.fixture
def desk(db: Database, blobs: FolderBlobs, person: Person) -> Desk:
    return Desk(db, blobs, person)


def test_nobody_has_decided(desk: Desk) -> None:
    desk.specimen()
    found = desk.rates()
    assert (found.specimens, found.methods, found.duels) == (0, [], {})


def test_accepted_rejected_and_passed_over(desk: Desk) -> None:
    desk.accept("grabcut")
    rejected = desk.specimen()
    desk.decide(rejected, Decision.REJECT, "border")
    desk.decide(rejected, Decision.ACCEPT, "grabcut")
    drawn = desk.specimen()
    desk.draw(drawn)
    assert desk.counts() == {
        "grabcut": (3, 2, 0, 1),
        "border": (3, 0, 1, 2),
        "kanezaki": (3, 0, 0, 3),
    }
    assert desk.rates().specimens == 3


def test_of_what_waits_only_the_rejected_ones_are_decided(desk: Desk) -> None:
    desk.decide(desk.specimen(), Decision.REJECT, "border")
    assert desk.counts() == {"border": (1, 0, 1, 0)}


def test_what_was_taken_back_leaves_no_trace(desk: Desk) -> None:
    specimen_id = desk.specimen()
    review_id = desk.decide(specimen_id, Decision.ACCEPT, "grabcut")
    with desk.db.transaction() as session:
        back = NewDecision("take-it-back", Decision.RETRACT, retracts_id=review_id)
        labelling.decide(session, desk.person.id, specimen_id, back)
    assert desk.counts() == {}


def test_a_candidate_that_came_later_was_not_offered(desk: Desk, clock: MovableClock) -> None:
    specimen_id = desk.accept("grabcut")
    clock.move(seconds=60)
    with desk.db.transaction() as session:
        specimen = session.get_one(Specimen, specimen_id)
        factories.make_candidate(session, desk.blobs, specimen, "later")
    assert "later" not in desk.counts()


def test_a_win_needs_another_to_win_against(desk: Desk) -> None:
    desk.accept("grabcut")
    alone = desk.specimen(methods=("grabcut",))
    desk.decide(alone, Decision.ACCEPT, "grabcut")
    (found,) = (each.overall for each in desk.rates().methods if each.origin == "grabcut")
    assert (found.accepted, found.with_others, found.won) == (2, 1, 1)
    assert found.win_rate is not None
    assert found.win_rate.mean == 1
    assert 0 < found.win_rate.low < found.share.low < 1


def test_by_stratum_and_two_by_two(desk: Desk) -> None:
    for method, stratum in (("grabcut", 1), ("grabcut", 2), ("border", 2)):
        desk.accept(method, stratum)
    found = desk.rates()
    assert found.strata == [1, 2]
    (grabcut,) = (each for each in found.methods if each.origin == "grabcut")
    assert {stratum: _counts(rate)[:2] for stratum, rate in grabcut.strata.items()} == {
        1: (1, 1),
        2: (2, 1),
    }
    duels = {pair: (duel.won, duel.n) for pair, duel in found.duels.items()}
    assert duels["grabcut", "border"] == (2, 3)
    assert duels["border", "grabcut"] == (1, 3)
    assert duels["kanezaki", "grabcut"] == (0, 2)
    assert ("kanezaki", "kanezaki") not in duels
