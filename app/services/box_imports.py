"""Boxes of tables become crops: each photograph that a table names gets a part of a job.

A table brings what a detector would: its boxes grow as the source has it. Boxes that a person has
drawn or checked stay as they are, and so does what an earlier import of the table has made.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.blobs import Blobs
from app.db import Database
from app.domain.base import Json
from app.domain.jobs import Job, JobKind, PartKind
from app.domain.photographs import Photograph, PhotographKind
from app.errors import NotFound, Refused
from app.services import box_files, box_tables, jobs, sources, staging
from app.services.box_placing import given_for
from app.services.box_tables import Found, TableBox
from app.services.csv_rows import csv_text
from app.services.folders import Files
from ml.progress import Progress

AT_ONCE = 500
MOST_NAMED = 200
"""Problems that a job tells one by one."""


@dataclass
class Report:
    """What became of the rows of tables. `problems` names what could not be taken, with reasons."""

    job_id: int = 0
    source: str = ""
    placed: int = 0
    """Photographs on which boxes lie."""
    empty: int = 0
    """Photographs on which somebody looked and found nothing."""
    problems: list[str] = field(default_factory=list)

    def told(self, blobs: Blobs) -> dict[str, Any]:
        return {
            "source": self.source,
            "placed": self.placed,
            "empty": self.empty,
            **problems_told(self.problems),
            "all_problems": blobs.put(_as_csv(self.problems)) if self.problems else None,
        }


def start(
    db: Database,
    blobs: Blobs,
    files: Files,
    source_code: str = "",
    person_id: int | None = None,
    classes: Sequence[str] = (),
) -> Report:
    """Read tables, and have workers cut what they name; by name, in one source or in all."""
    if not files:
        raise Refused("There is nothing to import: choose a table of boxes.")
    table = box_files.read(files, classes)
    with db.transaction() as session:
        source_id = sources.get(session, source_code).id if source_code else None
        job_id = jobs.start(session, JobKind.CROPS, person_id).id
        part = staging.begin(session, job_id)
    report = Report(job_id, source_code, problems=list(table.problems))
    total = len(table.found)
    try:
        for names in box_tables.photographs_in_parts(table.found, AT_ONCE):
            with db.transaction() as session:
                _add_parts(session, source_id, names, table.found, report)
                done = report.placed + report.empty
                jobs.report(session, part, Progress("staging", done, total))
    finally:
        _keep(db, blobs, report)
        with db.transaction() as session:
            jobs.finish(session, part)
    return report


def _keep(db: Database, blobs: Blobs, report: Report) -> None:
    told = report.told(blobs)
    with db.transaction() as session:
        job = jobs.get_job(session, report.job_id, lock=True)
        quicker = job.result.get("boxes", {}).get("problems", [])  # from workers
        told["problems"] = [*told["problems"], *quicker][:MOST_NAMED]
        told["problem_count"] += len(quicker)
        job.result = {"boxes": told}


def _add_parts(
    session: Session, source_id: int | None, names: Sequence[str], found: Found, report: Report
) -> None:
    here = _photographs(session, source_id, names, found)
    for name in names:
        halves = box_tables.half_names(name)
        # A half can be a photograph of its own; then its boxes are not of the whole.
        own = [half for half in halves.values() if half in found and half in here]
        rest = {stem: found[stem] for stem in (name, *halves.values()) if stem in found}
        for half in own:
            del rest[half]
            _add_part(session, here[half], found[half], report)
        about = box_tables.about(rest, name)
        if about is not None:
            _add_part(session, here.get(name, []), about, report, name=", ".join(rest))


def _add_part(
    session: Session,
    photographs: Sequence[Photograph],
    about: Sequence[TableBox],
    report: Report,
    name: str = "",
) -> None:
    if not photographs:
        where = f" in source {report.source}" if report.source else ""
        report.problems.append(f"{name}: there is no photograph of this name{where}.")
    elif len(photographs) > 1:
        codes = ", ".join(each.source.code for each in photographs)
        report.problems.append(f"{name}: sources {codes} have this name; say which is meant.")
    else:
        given, problems = given_for(photographs[0], about)
        report.problems += problems
        if given is not None:
            report.placed += bool(given.boxes)
            report.empty += not given.boxes
            jobs.add_part(session, report.job_id, PartKind.PLACE_BOXES, given.payload)


def missing(session: Session, blobs: Blobs, job: Job) -> Iterator[str]:
    """Names in the tables that came with an import, of which there is no photograph."""
    digest = job.result.get("boxes_digest")
    found = box_tables.from_bytes(blobs.read(digest)) if digest else {}
    source_id = sources.get(session, job.result["source"]).id if found else None
    for names in box_tables.photographs_in_parts(found, AT_ONCE):
        here = _photographs(session, source_id, names, found)
        for name in names:
            stems = [name, *box_tables.half_names(name).values()]
            if not any(stem in here for stem in stems):
                yield ", ".join(stem for stem in stems if stem in found)


def told(job: Job) -> dict[str, Any] | None:
    """What a job remembers of the boxes that it was given; None if it was given none."""
    boxes: dict[str, Any] | None = job.result.get("boxes")
    return boxes


def all_problems(session: Session, blobs: Blobs, job_id: int) -> bytes:
    """Every row that could not be taken, as CSV; a job itself tells the first ones."""
    job = jobs.get_job(session, job_id)
    boxes = told(job)
    if boxes is None:
        raise NotFound("Job {number} was given no boxes.", number=job_id)
    if boxes.get("all_problems"):
        return blobs.read(boxes["all_problems"])
    lacking = (
        f"{name}: there is no photograph of this name." for name in missing(session, blobs, job)
    )
    return _as_csv([*boxes["problems"], *lacking])


def problems_told(problems: Sequence[str]) -> Json:
    """What a job remembers of boxes that could not be taken."""
    return {"problems": list(problems[:MOST_NAMED]), "problem_count": len(problems)}


def add_problem(session: Session, job_id: int, problem: str) -> None:
    """Note that a worker could not give a photograph its box; the others go on."""
    job = jobs.get_job(session, job_id, lock=True)
    told = dict(job.result.get("boxes", {}))
    told["problems"] = [*told.get("problems", []), problem][:MOST_NAMED]
    told["problem_count"] = told.get("problem_count", 0) + 1
    job.result = {**job.result, "boxes": told}


def _photographs(
    session: Session, source_id: int | None, names: Sequence[str], found: Found
) -> dict[str, list[Photograph]]:
    halves = [half for name in names for half in box_tables.half_names(name).values()]
    wanted = [*names, *(half for half in halves if half in found)]
    query = select(Photograph).where(
        Photograph.kind == PhotographKind.SPECIMEN, Photograph.key.in_(wanted)
    )
    if source_id is not None:
        query = query.where(Photograph.source_id == source_id)
    here: dict[str, list[Photograph]] = {}
    for photograph in session.scalars(query.order_by(Photograph.id)):
        here.setdefault(photograph.key, []).append(photograph)
    return here


def _as_csv(problems: Sequence[str]) -> bytes:
    return csv_text([problem] for problem in ["problem", *problems]).encode("utf-8-sig")
