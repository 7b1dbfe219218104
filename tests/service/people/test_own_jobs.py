"""A job is stopped, and gone on with, by whoever started it, or by a lead."""

import pytest
from fastapi import FastAPI

from app.db import Database
from app.domain.jobs import JobKind, JobState, PartKind
from app.domain.people import Role
from app.services import jobs
from tests.service.people.conftest import add, sign_in


@pytest.fixture
def job_id(db: Database) -> int:
    """Started by 林, a curator."""
    owner_id = add(db, "林", Role.CURATOR)
    with db.transaction() as session:
        job = jobs.start(session, JobKind.EXPORT, owner_id)
        jobs.add_part(session, job.id, PartKind.EXPORT, {})
        return job.id


@pytest.mark.parametrize("database_kind", ["sqlite"])
@pytest.mark.parametrize(
    ("name", "role", "status"),
    [
        ("林", None, 202),
        ("Lee", Role.LEAD, 202),
        ("Kim", Role.CURATOR, 403),
        ("Eve", Role.VIEWER, 403),
    ],
)
def test_who_stops_a_job_and_goes_on_with_it(
    app: FastAPI, db: Database, job_id: int, name: str, role: Role | None, status: int
) -> None:
    if role is not None:
        add(db, name, role)
    client = sign_in(app, name)
    stopped = client.post(f"/api/v1/jobs/{job_id}/cancellation")
    assert stopped.status_code == status
    with db.transaction() as session:
        assert (jobs.get_job(session, job_id).state is JobState.CANCELLED) is (status == 202)
        if status == 403:
            jobs.cancel(session, job_id)
    assert client.post(f"/api/v1/jobs/{job_id}/resumption").status_code == status


@pytest.mark.parametrize("database_kind", ["sqlite"])
@pytest.mark.parametrize(("name", "needs"), [("林", "curator"), ("Kim", "lead")])
def test_the_button_is_for_whom_it_works(
    app: FastAPI, db: Database, job_id: int, name: str, needs: str
) -> None:
    add(db, "Kim", Role.CURATOR)
    client = sign_in(app, name)
    for path in (f"/jobs/{job_id}", f"/jobs/{job_id}/progress", "/jobs"):
        assert f'<form data-needs="{needs}" id="cancel-{job_id}"' in client.get(path).text
