"""Rounds that start by themselves, and the promotion of what they make. Off until somebody asks.

Labels that any round has frozen, whatever came of it, start no automatic round again.
"""

from collections.abc import Sequence
from datetime import timedelta
from statistics import fmean

from sqlalchemy import func, select
from sqlalchemy.orm import Session, aliased

from app.db import now
from app.domain.jobs import Job, JobState
from app.domain.people import Person
from app.domain.rounds import Measurement, Promotion, Round, RoundLabel, TrainedModel
from app.domain.specimens import Specimen
from app.domain.steering import RoundSchedule
from app.errors import Refused
from app.services import models, round_keeping, round_starting, rounds
from app.services.ranges import refuse_outside
from ml.presets import MIN_LABELS, PRESETS

MOST_NEW = 100_000
NIGHT = timedelta(hours=20)
"""Between two rounds that start at their hour, so that there is one a night."""
RECENT = 10


def current(session: Session) -> RoundSchedule | None:
    return session.scalar(select(RoundSchedule).order_by(RoundSchedule.id.desc()).limit(1))


def history(session: Session, *, limit: int = 10) -> Sequence[tuple[RoundSchedule, str | None]]:
    """The newest first, each with the name of who set it."""
    query = select(RoundSchedule, Person.name)
    named = query.outerjoin(Person, Person.id == RoundSchedule.person_id)
    rows = session.execute(named.order_by(RoundSchedule.id.desc()).limit(limit))
    return [(schedule, name) for schedule, name in rows]


def set_schedule(
    session: Session,
    person_id: int,
    *,
    new_labels: int | None,
    hour: int | None,
    preset: str,
    promotes: bool,
) -> RoundSchedule:
    """Say from now on when rounds start by themselves; with neither a number nor an hour, never.

    Raises:
        Refused: an unknown preset, or a number out of its range.
    """
    if preset not in PRESETS:
        raise Refused(
            "There is no preset “{name}”; use one of {known}.",
            name=preset,
            known=", ".join(PRESETS),
        )
    sentence = "The number of new labels is a number from {least} to {most}, not {value}."
    refuse_outside(sentence, new_labels, 1, MOST_NEW)
    refuse_outside("The hour is a number from {least} to {most}, not {value}.", hour, 0, 23)
    schedule = RoundSchedule(
        new_labels=new_labels,
        hour=hour,
        preset=preset,
        promotes=promotes,
        person_id=person_id,
        created_at=now(session),
    )
    session.add(schedule)
    session.flush()
    return schedule


def start_if_due(session: Session) -> Round | None:
    """Start a round if the schedule says so and none runs.

    Raises:
        Refused: the labels do not make a round, such as too few in all.
        Conflict: somebody else started one in the same moment.
    """
    schedule = current(session)
    if schedule is None or not schedule.is_on or rounds.running(session) is not None:
        return None
    labels = session.scalar(rounds.current_labels().with_only_columns(func.count())) or 0
    if labels < MIN_LABELS or not _is_due(session, schedule):
        return None
    _pin_serving(session, schedule)
    last = session.scalar(select(func.max(Round.number))) or 0
    return round_starting.start_round(
        session,
        preset=schedule.preset,
        person_id=schedule.person_id,
        request_id=f"schedule-{schedule.id}-after-{last}",  # two workers ask for the same one
        schedule_id=schedule.id,
    )


def judge_finished(session: Session) -> None:
    """Promote what automatic rounds made, where that was asked for and it is no worse."""
    finished = (
        select(Round, Job)
        .join(Job, Job.id == Round.job_id)
        .where(Round.schedule_id.is_not(None), Job.state == JobState.DONE)
    )
    for round_, job in session.execute(finished.order_by(Round.id.desc()).limit(RECENT)).all():
        schedule = session.get_one(RoundSchedule, round_.schedule_id)
        if "judged" not in job.result and schedule.promotes:
            session.refresh(job, with_for_update=True)
            if "judged" not in job.result:
                job.result = {**job.result, "judged": _judged(session, round_, schedule)}


def fresh_labels(session: Session) -> int:
    """Labels that no round has frozen."""
    frozen = select(RoundLabel.version_id)
    fresh = rounds.current_labels().where(Specimen.version_id.not_in(frozen))
    return session.scalar(fresh.with_only_columns(func.count())) or 0


def _is_due(session: Session, schedule: RoundSchedule) -> bool:
    fresh = fresh_labels(session)
    if schedule.new_labels is not None and fresh >= schedule.new_labels:
        return True
    moment = now(session)
    if schedule.hour is None or moment.hour != schedule.hour or not fresh:
        return False
    automatic = Round.schedule_id.is_not(None) & (Round.created_at > moment - NIGHT)
    return session.scalar(select(Round.id).where(automatic).limit(1)) is None


def _pin_serving(session: Session, schedule: RoundSchedule) -> None:
    """Without any promotion the newest model serves, so the new one would serve unasked."""
    serving = models.serving(session)
    if not schedule.promotes or serving is None or schedule.person_id is None:
        return
    if session.scalar(select(Promotion.id).limit(1)) is None:
        models.promote(session, serving.id, schedule.person_id, automatic=True)


def _judged(session: Session, round_: Round, schedule: RoundSchedule) -> str:
    made = rounds.models_of(session, round_.id)
    serving = models.serving(session)
    if serving is None or not made or schedule.person_id is None:
        return "incomparable"
    gains = {model.id: _gain(session, model, serving) for model in made if model.id != serving.id}
    known = {id_: gain for id_, gain in gains.items() if gain is not None}
    if not known:
        return "incomparable"
    best = max(known, key=lambda id_: known[id_])
    promoted = known[best] >= 0
    if promoted:
        models.promote(session, best, schedule.person_id, automatic=True)
    variant = next(model.variant for model in made if model.id == best)
    sentence = PROMOTED if promoted else KEPT_BACK
    gain = round(known[best], 4)
    round_keeping.say(session, round_.id, variant, sentence, id=best, other=serving.id, gain=gain)
    return "promoted" if promoted else "kept back"


PROMOTED = "U-Net {id} was promoted: its mean Dice is {gain} above that of U-Net {other}."
KEPT_BACK = "U-Net {id} was not promoted: its mean Dice minus that of U-Net {other} is {gain}."


def _gain(session: Session, model: TrainedModel, serving: TrainedModel) -> float | None:
    """Mean Dice minus that of the serving model: on the benchmark, or else on what both have."""
    mine, other = aliased(Measurement), aliased(Measurement)
    rows = session.execute(
        select(Specimen.in_benchmark, mine.dice - other.dice)
        .join(mine, mine.version_id == Specimen.version_id)
        .join(other, other.version_id == Specimen.version_id)
        .where(mine.model_id == model.id, other.model_id == serving.id)
    ).all()
    hard = [gain for in_benchmark, gain in rows if in_benchmark]
    gains = hard or [gain for _, gain in rows]
    return fmean(gains) if gains else None
