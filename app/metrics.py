"""Figures for Prometheus, at an address of their own: never at that of the pages."""

import shutil
from collections.abc import Iterator
from datetime import timedelta

from prometheus_client import REGISTRY, Histogram, start_http_server
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.db import Database
from app.domain.jobs import OPEN, Job, Part
from app.domain.labelling import Review
from app.errors import DatabaseAway
from app.settings import Settings

REQUESTS = Histogram(
    "mothmask_request_seconds",
    "Time until a reply was sent.",
    ["method", "route", "status"],
    buckets=(0.01, 0.025, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30),
)
PARTS = Histogram(
    "mothmask_part_seconds",
    "Time that this worker spent on parts of jobs.",
    ["kind", "outcome"],
    buckets=(0.1, 0.5, 1, 5, 15, 60, 300, 900, 3600, 4 * 3600, 24 * 3600),
)
RECENT_JOBS = 200
RATE = timedelta(minutes=5)


class Installation(Collector):
    """What the database and the disk say at the moment somebody looks."""

    def __init__(self, db: Database, settings: Settings) -> None:
        self.db, self.settings = db, settings

    def describe(self) -> Iterator[GaugeMetricFamily]:
        """Nothing, so that registering does not ask the database."""
        return iter(())

    def collect(self) -> Iterator[GaugeMetricFamily]:
        yield self._disk()
        answers = GaugeMetricFamily("mothmask_database_up", "Whether the database answers.")
        try:
            with self.db.reading() as session:
                found = [_parts(session), _jobs(session), _reviews(session, self.db)]
        except DatabaseAway:
            answers.add_metric([], 0)
        else:
            answers.add_metric([], 1)
            yield from found
        yield answers

    def _disk(self) -> GaugeMetricFamily:
        disk = GaugeMetricFamily(
            "mothmask_disk_bytes", "The disk of the data folder.", labels=["what"]
        )
        usage = shutil.disk_usage(self.settings.data)
        disk.add_metric(["free"], usage.free)
        disk.add_metric(["total"], usage.total)
        return disk


def _parts(session: Session) -> GaugeMetricFamily:
    family = GaugeMetricFamily(
        "mothmask_open_parts", "Parts that wait or run.", labels=["queue", "kind", "state"]
    )
    query = select(Part.queue, Part.kind, Part.state, func.count()).where(Part.state.in_(OPEN))
    for queue, kind, state, count in session.execute(
        query.group_by(Part.queue, Part.kind, Part.state)
    ):
        family.add_metric([queue, kind.value, state.value], count)
    return family


def _jobs(session: Session) -> GaugeMetricFamily:
    """Of the last jobs alone: how many there ever were must not matter."""
    family = GaugeMetricFamily(
        "mothmask_job_seconds",
        f"Mean time from asking for a job to its end, of the last {RECENT_JOBS} that ended.",
        labels=["kind", "state"],
    )
    ended = select(Job).where(Job.finished_at.is_not(None))
    spent: dict[tuple[str, str], list[float]] = {}
    for job in session.scalars(ended.order_by(Job.id.desc()).limit(RECENT_JOBS)):
        assert job.finished_at is not None
        seconds = (job.finished_at - job.created_at).total_seconds()
        spent.setdefault((job.kind.value, job.state.value), []).append(seconds)
    for labels, seconds_of in spent.items():
        family.add_metric(labels, sum(seconds_of) / len(seconds_of))
    return family


def _reviews(session: Session, db: Database) -> GaugeMetricFamily:
    family = GaugeMetricFamily(
        "mothmask_reviews_per_minute", "Decisions of all people, over five minutes."
    )
    lately = select(func.count()).where(Review.created_at >= db.clock() - RATE)
    family.add_metric([], (session.scalar(lately) or 0) / (RATE.total_seconds() / 60))
    return family


def serve(address: str, collector: Collector | None = None) -> None:
    """Answer at `HOST:PORT` from a thread, as long as the process lives."""
    host, _, port = address.rpartition(":")
    if collector is not None:
        REGISTRY.register(collector)
    start_http_server(int(port), addr=host.strip("[]"))
