"""In which order the figures of a model's groups stand."""

from app.db import Database
from app.domain.jobs import JobKind
from app.domain.specimens import Specimen
from app.domain.strata import Stratification, Stratum
from app.services import jobs
from app.services.model_comparison import tables
from tests import factories
from tests.service.rounds import flow
from tests.service.rounds.conftest import AddLabels


def test_strata_stand_in_the_order_of_their_numbers(db: Database, add_labels: AddLabels) -> None:
    specimens = dict(zip((10, 2, 1, 11), add_labels(4), strict=True))
    model = flow.add_model(db, flow.start(db))
    with db.transaction() as session:
        made = Stratification(
            job_id=jobs.start(session, JobKind.STRATA, None).id,
            config={},
            findings={},
            created_at=db.clock(),
        )
        session.add(made)
        session.flush()
        for number, specimen_id in specimens.items():
            session.get_one(Specimen, specimen_id).stratum = number
            stratum = Stratum(stratification_id=made.id, number=number, specimens=1, findings={})
            session.add(stratum)
            factories.measure(session, model.id, specimen_id, 0.9)
    with db.reading() as session:
        rows = tables(session, model.id).strata
    assert [row.name for row in rows] == ["1", "2", "10", "11"]
