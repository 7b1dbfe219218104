"""Two hundred specimens in three rounds: accepted from methods, drawn, accepted from models."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from uuid import uuid4

import numpy as np
import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.blobs import Blobs
from app.db import Database
from app.domain.jobs import Job, JobKind, JobState, PartKind
from app.domain.labelling import HAND, Candidate, Decision
from app.domain.people import Person
from app.domain.rounds import Round
from app.domain.specimens import Specimen
from app.services import jobs, labelling, predictions, round_starting
from app.services.labelling import NewDecision, NewMask
from app.services.predictions import PredictedMask
from ml.imaging.arrays import SPECIMEN
from ml.imaging.masks import encode_mask
from tests import factories
from tests.conftest import Drain
from worker.context import Context
from worker.jobs import export

SPECIMENS, PER_ROUND = 200, 60


@dataclass
class Loop:
    """What was done, as whoever did it remembers it."""

    rounds: list[int] = field(default_factory=list)
    models: list[int] = field(default_factory=list)
    frozen: dict[int, set[int]] = field(default_factory=dict)
    """Label versions by the number of the round that learned from them."""
    accepted: dict[int, set[int]] = field(default_factory=dict)
    """Label versions by the model whose mask they are."""
    makers: dict[int, str] = field(default_factory=dict)
    """Who made each label version."""
    export: int = 0
    """The number of the export."""


class Curators:
    """Does by the services what people do on the pages."""

    def __init__(self, db: Database, blobs: Blobs) -> None:
        self.db, self.blobs, self.done, self.masks = db, blobs, Loop(), 0
        with db.transaction() as session:
            self.people = [factories.make_person(session, name) for name in ("Lin", "Mei")]
            self.ids = [
                factories.make_specimen(session, blobs, f"moth-{number:03}", methods=()).id
                for number in range(SPECIMENS)
            ]
            for specimen_id in self.ids:
                self._propose(session, specimen_id)

    def new_mask(self) -> str:
        """Of no two specimens alike, as masks of real moths are."""
        self.masks += 1
        mask = factories.moth_mask()
        bits = np.unpackbits(np.array([self.masks], ">u2").view(np.uint8))
        mask[0, : len(bits)] = bits * SPECIMEN
        return self.blobs.put(encode_mask(mask))

    def label(self, specimen_ids: Sequence[int], model_id: int | None = None) -> None:
        """Accept the newest candidate of each; every fifth is drawn by the second person."""
        with self.db.transaction() as session:
            for place, specimen_id in enumerate(specimen_ids):
                drawn = place % 5 == 4
                person = self.people[drawn]
                version_id = self._decide(session, specimen_id, person, drawn)
                self.done.makers[version_id] = person.name
                if model_id is not None and not drawn:
                    self.done.accepted.setdefault(model_id, set()).add(version_id)

    def turn(self) -> int:
        """One round: frozen, as good as trained, predicted on everything without a label."""
        with self.db.transaction() as session:
            labelled = session.scalars(select(Specimen.version_id)).all()
            round_ = round_starting.start_round(session, preset="tiny", person_id=None)
            model = factories.make_model(session, round_.id)
        with self.db.transaction() as session:
            for job_id in session.scalars(select(Job.id).where(Job.state == JobState.QUEUED)):
                session.get_one(Job, job_id).state = JobState.DONE
            unlabelled = session.scalars(select(Specimen).where(Specimen.version_id.is_(None)))
            predicted = [self._predicted(each) for each in unlabelled]
            predictions.store(session, [model.id], predicted)
        self.done.rounds.append(round_.number)
        self.done.models.append(model.id)
        self.done.frozen[round_.number] = {each for each in labelled if each is not None}
        return model.id

    def _propose(self, session: Session, specimen_id: int) -> None:
        specimen = session.get_one(Specimen, specimen_id)
        candidate = factories.make_candidate(session, self.blobs, specimen)
        candidate.digest = self.new_mask()

    def _predicted(self, specimen: Specimen) -> PredictedMask:
        assert specimen.crop_id is not None
        digest = self.new_mask()
        return PredictedMask(
            specimen_id=specimen.id,
            crop_id=specimen.crop_id,
            digest=digest,
            probability_digest=digest,
            uncertainty=0.2,
            disagreement=None,
            is_empty=False,
        )

    def _decide(self, session: Session, specimen_id: int, person: Person, drawn: bool) -> int:
        specimen = session.get_one(Specimen, specimen_id)
        before = specimen.version_id
        if drawn:
            assert specimen.crop_id is not None
            mask = NewMask(uuid4().hex, HAND, self.new_mask(), specimen.crop_id, before)
            review = labelling.save_mask(session, person.id, specimen_id, mask)
        else:
            newest = select(Candidate.id).where(Candidate.specimen_id == specimen_id)
            candidate_id = session.scalars(newest.order_by(Candidate.id.desc()).limit(1)).one()
            accepted = NewDecision(
                uuid4().hex, Decision.ACCEPT, parent_id=before, candidate_id=candidate_id
            )
            review = labelling.decide(session, person.id, specimen_id, accepted)
        assert review.version_id is not None
        return review.version_id


@pytest.fixture
def loop(context: Context, drain: Drain) -> Loop:
    """All labelled in three turns of the loop, the first ten corrected at the end, and exported."""
    curators = Curators(context.db, context.blobs)
    model_id = None
    for turn in range(3):
        curators.label(curators.ids[PER_ROUND * turn : PER_ROUND * (turn + 1)], model_id)
        model_id = curators.turn()
    curators.label(curators.ids[3 * PER_ROUND :], model_id)
    with context.db.reading() as session:
        assert (
            session.scalars(select(Round.number).order_by(Round.number)).all()
            == curators.done.rounds
        )
    curators.done.export = export_masks(context, drain)
    return curators.done


def export_masks(context: Context, drain: Drain, **wanted: str) -> int:
    with context.db.transaction() as session:
        job = jobs.start(session, JobKind.EXPORT, None)
        payload = {"kind": "masks", "frame": "crop", **wanted}
        jobs.add_part(session, job.id, PartKind.EXPORT, payload)
    drain(context, {PartKind.EXPORT: export.run})
    return job.id
