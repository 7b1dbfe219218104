"""How far jobs are: what pages and the terminal show of them."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from app.domain.jobs import OPEN, Job, JobKind, JobState, Part, PartKind


@dataclass(frozen=True)
class StageProgress:
    """All parts of one kind: how many there are, and what the running one last said."""

    kind: PartKind
    done: int
    total: int
    failed: int
    running: Part | None

    @property
    def share(self) -> float:
        """0…1, counting what the running part has done of its own."""
        part = self.running
        inside = part.done / part.total if part is not None and part.total else 0.0
        return (self.done + self.failed + inside) / self.total


@dataclass(frozen=True)
class JobProgress:
    job: Job
    stages: list[StageProgress]
    failures: list[str]


def progress(session: Session, job: Job) -> JobProgress:
    counts: dict[PartKind, dict[JobState, int]] = defaultdict(dict)
    per_state = (
        select(Part.kind, Part.state, func.count())
        .where(Part.job_id == job.id)
        .group_by(Part.kind, Part.state)
    )
    for kind, state, count in session.execute(per_state):
        counts[kind][state] = count
    running = {part.kind: part for part in _running(session, job)}
    stages = [
        StageProgress(
            kind=kind,
            done=counts[kind].get(JobState.DONE, 0),
            total=sum(counts[kind].values()),
            failed=counts[kind].get(JobState.FAILED, 0),
            running=running.get(kind),
        )
        for kind in PartKind
        if kind in counts
    ]
    return JobProgress(job, stages, _failures(session, job))


def open_jobs(session: Session) -> Sequence[Job]:
    query = select(Job).where(Job.state.in_(OPEN), _of_interest())
    return session.scalars(query.order_by(Job.id)).all()


def recent_jobs(
    session: Session,
    *,
    kind: JobKind | None = None,
    before: int | None = None,
    limit: int = 50,
) -> Sequence[Job]:
    query = select(Job).where(_of_interest()).order_by(Job.id.desc()).limit(limit)
    if kind is not None:
        query = query.where(Job.kind == kind)
    if before is not None:
        query = query.where(Job.id < before)
    return session.scalars(query).all()


def _of_interest() -> ColumnElement[bool]:
    """What begins by itself, often, matters only if it fails."""
    quiet = (JobKind.CALIBRATION, JobKind.QUEUE, JobKind.WEBHOOK)
    return Job.kind.not_in(quiet) | (Job.state == JobState.FAILED)


def _running(session: Session, job: Job) -> Sequence[Part]:
    query = select(Part).where(Part.job_id == job.id, Part.state == JobState.RUNNING)
    return session.scalars(query.order_by(Part.id.desc())).all()


def _failures(session: Session, job: Job) -> list[str]:
    query = select(Part.message).where(Part.job_id == job.id, Part.state == JobState.FAILED)
    return list(session.scalars(query.distinct().limit(5)))
