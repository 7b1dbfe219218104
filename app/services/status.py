"""Where everything stands: what `mothmask status` and `/api/v1/status` tell."""

from dataclasses import asdict, dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.domain.base import Json
from app.domain.jobs import Job, JobState
from app.domain.photographs import Photograph
from app.domain.rounds import Round
from app.services.counting import state_counts


@dataclass(frozen=True)
class RoundStatus:
    number: int
    state: str
    preset: str
    job: int


@dataclass(frozen=True)
class Status:
    """Counts by the words of the states, all of them, also where the count is 0."""

    photographs: int
    specimens: dict[str, int]
    rounds: list[RoundStatus]
    jobs: dict[str, int]

    def as_json(self) -> Json:
        return asdict(self)


def status(session: Session) -> Status:
    return Status(
        photographs=session.scalar(select(func.count(Photograph.id))) or 0,
        specimens={state.value: count for state, count in state_counts(session).items()},
        rounds=_rounds(session),
        jobs=_jobs(session),
    )


def _rounds(session: Session) -> list[RoundStatus]:
    rows = session.execute(
        select(Round.number, Job.state, Round.preset, Job.id)
        .join(Job, Job.id == Round.job_id)
        .order_by(Round.number)
    )
    return [RoundStatus(number, state.value, preset, job) for number, state, preset, job in rows]


def _jobs(session: Session) -> dict[str, int]:
    per_state = session.execute(select(Job.state, func.count()).group_by(Job.state))
    found = {row[0]: row[1] for row in per_state}
    return {state.value: found.get(state, 0) for state in JobState}
