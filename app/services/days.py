"""What was done on each day: those that are over are summed up once, the rest is counted anew.

Reviews and label versions are only ever added, so what was done on a day that is over never
changes. Workers sum up one day at a time (`catch_up`); pages read the sums, and count what is
younger by its index.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from statistics import median

from sqlalchemy import delete, func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.db import now
from app.domain.days import DayOfWork
from app.domain.labelling import (
    CARRIED,
    CARRIED_FROM,
    HAND,
    RESTORED,
    UPLOAD,
    Decision,
    LabelVersion,
    Review,
)

SETTLED = timedelta(hours=1)
"""After midnight: what was decided before it is stored by then."""
SHORTEST_GAP, LONGEST_GAP = 0.2, 120.0
"""Seconds. What is closer was one batch; in between what is further there was a pause."""


@dataclass(frozen=True)
class Day:
    """What everybody did on one day, and how quick one of them was."""

    day: date
    proposed: int = 0
    predicted: int = 0
    drawn: int = 0
    uploaded: int = 0
    brought_back: int = 0
    accepted: int = 0
    rejected: int = 0
    gaps: int = 0
    seconds: float | None = None
    """Median time between decisions of the one person who asks."""

    @property
    def labels(self) -> int:
        return sum(getattr(self, name) for name in ORIGINS)


ORIGINS = ("proposed", "predicted", "drawn", "uploaded", "brought_back")
COUNTS = (*ORIGINS, "accepted", "rejected")


def catch_up(session: Session) -> bool:
    """Sum up the oldest day that is over and is not; False if there is none."""
    _forget_to_come(session)
    oldest = _first_since(session, _counted_until(session))
    if oldest is None:
        return False
    day = oldest.date()
    if now(session) < _midnight(day + timedelta(days=1)) + SETTLED:
        return False
    try:
        with session.begin_nested():
            session.add_all(_of_day(session, day))
    except IntegrityError:
        pass  # another worker has done it at the same moment
    return True


def _forget_to_come(session: Session) -> None:
    """A clock that was ahead had days summed up that are not over; they are counted again."""
    today = now(session).date().isoformat()
    session.execute(delete(DayOfWork).where(DayOfWork.day >= today))


def so_far(session: Session, person_id: int) -> list[Day]:
    """Every day on which something was done, oldest first; times are those of one person."""
    totals = [func.sum(getattr(DayOfWork, name)) for name in COUNTS]
    query = select(DayOfWork.day, *totals).group_by(DayOfWork.day).order_by(DayOfWork.day)
    mine = select(DayOfWork.day, DayOfWork.gaps, DayOfWork.seconds)
    own = {row[0]: row[1:] for row in session.execute(mine.where(DayOfWork.person_id == person_id))}
    found = []
    for day, *counts in session.execute(query):
        gaps, seconds = own.get(day, (0, None))
        sums = dict(zip(COUNTS, counts, strict=True))
        found.append(Day(date.fromisoformat(day), **sums, gaps=gaps, seconds=seconds))
    return [*found, *_young(session, person_id)]


def _young(session: Session, person_id: int) -> list[Day]:
    """Days that nobody has summed up yet: today, and what workers have left."""
    after = _counted_until(session)
    found = []
    while (oldest := _first_since(session, after)) is not None:
        day = oldest.date()
        found.append(_together(day, _of_day(session, day), person_id))
        after = _midnight(day + timedelta(days=1))
    return found


def _together(day: date, rows: Sequence[DayOfWork], person_id: int) -> Day:
    sums = {name: sum(getattr(row, name) for row in rows) for name in COUNTS}
    mine = next((row for row in rows if row.person_id == person_id), None)
    gaps, seconds = (mine.gaps, mine.seconds) if mine is not None else (0, None)
    return Day(day, **sums, gaps=gaps, seconds=seconds)


def _counted_until(session: Session) -> datetime:
    newest = session.scalar(select(func.max(DayOfWork.day)))
    if newest is None:
        return datetime(1970, 1, 1, tzinfo=UTC)
    return _midnight(date.fromisoformat(newest) + timedelta(days=1))


def _first_since(session: Session, moment: datetime) -> datetime | None:
    """When something was decided or labelled for the first time since then."""
    found = [
        session.scalar(select(func.min(column)).where(column >= moment))
        for column in (Review.created_at, LabelVersion.created_at)
    ]
    return min((each for each in found if each is not None), default=None)


def _of_day(session: Session, day: date) -> list[DayOfWork]:
    begin, end = _midnight(day), _midnight(day + timedelta(days=1))
    counts: dict[int, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    moments: dict[int, list[datetime]] = defaultdict(list)
    labels = (
        select(LabelVersion.person_id, LabelVersion.origin, func.count())
        .where(LabelVersion.created_at >= begin, LabelVersion.created_at < end)
        .group_by(LabelVersion.person_id, LabelVersion.origin)
    )
    for person, origin, count in session.execute(labels):
        counts[person][kind_of(origin)] += count
    reviews = (
        select(Review.person_id, Review.decision, Review.candidate_id, Review.created_at)
        .where(Review.created_at >= begin, Review.created_at < end)
        .order_by(Review.created_at, Review.id)
    )
    for person, decision, candidate, moment in session.execute(reviews):
        moments[person].append(moment)
        if candidate is not None and decision in (Decision.ACCEPT, Decision.REJECT):
            counts[person]["accepted" if decision is Decision.ACCEPT else "rejected"] += 1
    return [_row(day, person, counts[person], moments[person]) for person in {*counts, *moments}]


def _row(day: date, person: int, counts: Mapping[str, int], moments: list[datetime]) -> DayOfWork:
    gaps = [(later - before).total_seconds() for before, later in pairwise(moments)]
    close = [gap for gap in gaps if SHORTEST_GAP <= gap <= LONGEST_GAP]
    return DayOfWork(
        day=day.isoformat(),
        person_id=person,
        gaps=len(close),
        seconds=median(close) if close else None,
        **{name: counts.get(name, 0) for name in COUNTS},
    )


def kind_of(origin: str) -> str:
    """Which of `ORIGINS` the origin of a label version belongs to."""
    if origin in (RESTORED, CARRIED):
        return "brought_back"
    origin = origin.removeprefix(CARRIED_FROM)
    if origin == HAND:
        return "drawn"
    if origin.startswith(UPLOAD):
        return "uploaded"
    return "predicted" if origin.startswith(("model:", "models:")) else "proposed"


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)


def by_week(days: Iterable[Day]) -> list[Day]:
    """Weeks, each under its Monday; their times are means of the days, weighted by decisions."""
    weeks: dict[date, list[Day]] = defaultdict(list)
    for day in days:
        weeks[day.day - timedelta(days=day.day.weekday())].append(day)
    return [_week(monday, found) for monday, found in sorted(weeks.items())]


def _week(monday: date, days: Sequence[Day]) -> Day:
    sums = {name: sum(getattr(day, name) for day in days) for name in (*COUNTS, "gaps")}
    timed = [(day.seconds, day.gaps) for day in days if day.seconds is not None]
    seconds = sum(each * gaps for each, gaps in timed) / sums["gaps"] if timed else None
    return Day(monday, **sums, seconds=seconds)
