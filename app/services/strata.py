"""Wing-colour strata: having them made, and letting specimens that come later join them."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Select, func, select, update
from sqlalchemy.orm import Session

from app.db import now
from app.domain.base import Json
from app.domain.jobs import OPEN, Job, JobKind, PartKind
from app.domain.labelling import Candidate, LabelVersion
from app.domain.specimens import Crop, Specimen, SpecimenState
from app.domain.strata import Stratification, Stratum
from app.errors import Conflict, Refused
from app.services import jobs, strata_naming
from ml.strata.config import StrataConfig

SPECIMENS_PER_PART = 256


@dataclass(frozen=True)
class Wings:
    """Where the colours of a specimen's wings are to be seen, and within which mask."""

    specimen_id: int
    preview_digest: str
    mask_digest: str | None


@dataclass(frozen=True)
class MadeStratum:
    """A stratum whose contact sheet is stored."""

    number: int
    specimens: int
    findings: Json
    sheet_digest: str | None


def make_anew(session: Session, person_id: int | None) -> Job:
    """Have strata made of every usable specimen with a crop; until then the present ones count.

    Raises:
        Conflict: strata are being made already.
        Refused: there are too few specimens.
    """
    _refuse_second(session)
    ids, least = session.scalars(_sampled()).all(), StrataConfig().least_specimens
    if len(ids) < least:
        raise Refused(
            "Strata need at least {least} specimens with a crop, and there are {found}.",
            least=least,
            found=len(ids),
        )
    job = jobs.start(session, JobKind.STRATA, person_id)
    chunks = _chunks(ids)
    job.result = {"chunks": len(chunks), "colours": {}}
    for number, chunk in enumerate(chunks):
        payload = {"chunk": number, "specimens": list(chunk)}
        jobs.add_part(session, job.id, PartKind.STRATA, payload)
    return job


def join_newcomers(session: Session, person_id: int | None) -> Job:
    """Have every specimen without a stratum join the one it is nearest to.

    Raises:
        Conflict: there are no strata, or they are being made just now.
        Refused: every specimen has a stratum.
    """
    _refuse_second(session)
    stratification = newest(session)
    if stratification is None:
        raise Conflict("There are no strata yet that specimens could join.")
    ids = session.scalars(_sampled().where(Specimen.stratum.is_(None))).all()
    if not ids:
        raise Refused("Every specimen with a crop has a stratum.")
    job = jobs.start(session, JobKind.STRATA, person_id)
    for chunk in _chunks(ids):
        payload = {"stratification": stratification.id, "specimens": list(chunk)}
        jobs.add_part(session, job.id, PartKind.STRATA, payload)
    return job


def keep_up(session: Session, person_id: int | None) -> Job | None:
    """Bring strata up to date in the background, if there is anything to do and enough to do it.

    Called when a round starts: nobody waits for it, and later rounds and tables have the use.
    """
    if open_job(session) is not None:
        return None
    if newest(session) is not None:
        return join_newcomers(session, person_id) if newcomers(session) else None
    enough = session.scalar(select(func.count()).select_from(_sampled().subquery())) or 0
    return make_anew(session, person_id) if enough >= StrataConfig().least_specimens else None


def open_job(session: Session) -> Job | None:
    query = select(Job).where(Job.kind == JobKind.STRATA, Job.state.in_(OPEN))
    return session.scalars(query.order_by(Job.id).limit(1)).first()


def newest(session: Session) -> Stratification | None:
    return session.scalars(
        select(Stratification).order_by(Stratification.id.desc()).limit(1)
    ).first()


def newcomers(session: Session) -> int:
    """How many usable specimens with a crop have no stratum."""
    without = _sampled().where(Specimen.stratum.is_(None)).order_by(None)
    return session.scalar(without.with_only_columns(func.count())) or 0


def wings(session: Session, specimen_ids: Sequence[int]) -> list[Wings]:
    """Return the usable of these specimens with the label's mask or, without one, the first
    ranked candidate's; for few at a time."""
    usable = Specimen.id.in_(specimen_ids), Specimen.state != SpecimenState.UNUSABLE
    labelled = (
        select(Specimen.id, Crop.preview_digest, LabelVersion.digest)
        .join(LabelVersion, LabelVersion.id == Specimen.version_id)
        .join(Crop, Crop.id == LabelVersion.crop_id)
        .where(*usable)
    )
    others = (
        select(Specimen.id, Crop.preview_digest)
        .join(Crop, Crop.id == Specimen.crop_id)
        .where(*usable, Specimen.version_id.is_(None))
    )
    ranked = (
        select(Candidate.specimen_id, Candidate.digest)
        .join(Specimen, Specimen.crop_id == Candidate.crop_id)
        .where(Candidate.specimen_id.in_(specimen_ids), Candidate.rejected.is_(False))
        .order_by(Candidate.score, Candidate.id.desc())
    )
    first = {row.specimen_id: row.digest for row in session.execute(ranked)}
    found = [Wings(*row) for row in session.execute(labelled)]
    found += [
        Wings(row.id, row.preview_digest, first.get(row.id)) for row in session.execute(others)
    ]
    return sorted(found, key=lambda each: each.specimen_id)


def store_colours(session: Session, job_id: int, chunk: int, digest: str) -> None:
    """Keep the colours of one chunk; after the last, strata are made of them."""
    job = jobs.get_job(session, job_id, lock=True)
    known: dict[str, str] = job.result["colours"]
    if str(chunk) in known:
        return
    known = {**known, str(chunk): digest}
    job.result = {**job.result, "colours": known}
    if len(known) == job.result["chunks"]:
        jobs.add_part(session, job_id, PartKind.STRATA, {"make": True})


def colours(session: Session, job_id: int) -> list[str]:
    """Digests of a job's colours, in the order of its chunks."""
    known: dict[str, str] = jobs.get_job(session, job_id).result["colours"]
    return [known[chunk] for chunk in sorted(known, key=int)]


def is_made(session: Session, job_id: int) -> bool:
    query = select(Stratification.id).where(Stratification.job_id == job_id)
    return session.scalar(query) is not None


def source_ids(session: Session, specimen_ids: Sequence[int]) -> list[int]:
    """The source of each specimen, in the order given; for few at a time."""
    rows = session.execute(
        select(Specimen.id, Specimen.source_id).where(Specimen.id.in_(specimen_ids))
    )
    known = {row.id: row.source_id for row in rows}
    return [known[number] for number in specimen_ids]


def store(
    session: Session,
    job_id: int,
    *,
    config: Json,
    findings: Json,
    strata: Sequence[MadeStratum],
    numbers: Mapping[int, int],
) -> None:
    """Keep strata that were made, and give every specimen its number, or none.

    Specimens first: of two jobs that store at once one waits for the other there, so that the
    strata with the highest number are those that specimens have.
    """
    before, overlaps = newest(session), Counter[tuple[int, int]]()
    for chunk in _chunks(session.scalars(select(Specimen.id).order_by(Specimen.id)).all()):
        overlaps.update(_overlaps(session, chunk, numbers))
        _set_strata(session, {number: numbers.get(number) for number in chunk}, {})
    made = Stratification(job_id=job_id, config=config, findings=findings, created_at=now(session))
    session.add(made)
    session.flush()
    rows = [
        Stratum(
            stratification_id=made.id,
            number=each.number,
            specimens=each.specimens,
            findings=each.findings,
            sheet_digest=each.sheet_digest,
        )
        for each in strata
    ]
    session.add_all(rows)
    strata_naming.keep_names(session, before, rows, overlaps)


def _overlaps(
    session: Session, specimen_ids: Sequence[int], numbers: Mapping[int, int]
) -> Iterator[tuple[int, int]]:
    """The former and the new stratum of each specimen that has both."""
    former = select(Specimen.id, Specimen.stratum).where(
        Specimen.id.in_(specimen_ids), Specimen.stratum.is_not(None)
    )
    for specimen_id, stratum in session.execute(former):
        if stratum is not None and specimen_id in numbers:
            yield stratum, numbers[specimen_id]


def store_joined(session: Session, stratification_id: int, numbers: Mapping[int, int]) -> None:
    """Give newcomers their strata, unless strata were made anew meanwhile."""
    _lock(session, sorted(numbers))  # before looking: whoever makes strata anew holds them too
    present = newest(session)
    if present is not None and present.id == stratification_id:
        _set_strata(session, numbers, strata_naming.merged(session, stratification_id))


def _set_strata(
    session: Session, numbers: Mapping[int, int | None], merged: Mapping[int | None, int]
) -> None:
    ordered = sorted(numbers)
    _lock(session, ordered)
    values = [
        {"id": each, "cluster": numbers[each], "stratum": merged.get(numbers[each], numbers[each])}
        for each in ordered
    ]
    session.execute(update(Specimen), values)


def _lock(session: Session, ordered: Sequence[int]) -> None:
    # In the order of numbers, as batches do: two that lock the same rows then wait in line.
    locked = select(Specimen.id).where(Specimen.id.in_(ordered)).order_by(Specimen.id)
    session.execute(locked.with_for_update()).all()


def _sampled() -> Select[int]:
    return (
        select(Specimen.id)
        .where(Specimen.crop_id.is_not(None), Specimen.state != SpecimenState.UNUSABLE)
        .order_by(Specimen.id)
    )


def _chunks(ids: Sequence[int]) -> list[Sequence[int]]:
    return [
        ids[first : first + SPECIMENS_PER_PART] for first in range(0, len(ids), SPECIMENS_PER_PART)
    ]


def _refuse_second(session: Session) -> None:
    running = open_job(session)
    if running is not None:
        raise Conflict("Job {number} is at the strata already; wait for it.", number=running.id)
