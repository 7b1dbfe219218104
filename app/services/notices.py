"""Telling people what has ended: in the page, and by webhook."""

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.db import now
from app.domain.base import Json
from app.domain.jobs import Job, JobKind, JobState
from app.domain.notices import Notice, NoticeKind, NoticeMark

SHOWN = 20
_ENDS = {
    (JobKind.ROUND, JobState.DONE): NoticeKind.ROUND_DONE,
    (JobKind.ROUND, JobState.FAILED): NoticeKind.ROUND_FAILED,
    (JobKind.PREDICTIONS, JobState.DONE): NoticeKind.PREDICTIONS_DONE,
    (JobKind.PREDICTIONS, JobState.FAILED): NoticeKind.PREDICTIONS_FAILED,
    (JobKind.IMPORT, JobState.DONE): NoticeKind.IMPORT_DONE,
    (JobKind.IMPORT, JobState.FAILED): NoticeKind.IMPORT_FAILED,
}


def add(session: Session, kind: NoticeKind, values: Json, *, address: str = "") -> Notice:
    """Tell everybody; `address` is the path of the page that it is about."""
    moment = now(session)
    notice = Notice(kind=kind, values=values, address=address, created_at=moment, due_at=moment)
    session.add(notice)
    return notice


def job_ended(session: Session, job: Job) -> None:
    """Tell of a job that people wait for."""
    kind = _ENDS.get((job.kind, job.state))
    if kind is None:
        return
    number = job.result.get("round")
    address = f"/rounds/{number}" if number is not None else f"/jobs/{job.id}"
    values = {"job": job.id, "round": number, "message": job.message}
    add(session, kind, values, address=address)


def newest(session: Session, limit: int = SHOWN) -> list[Notice]:
    return list(session.scalars(select(Notice).order_by(Notice.id.desc()).limit(limit)))


def unread(session: Session, person_id: int) -> int:
    """How many came since a person has looked, counted up to what is shown."""
    mark = session.get(NoticeMark, person_id)
    query = select(Notice.id).where(Notice.id > (mark.notice_id if mark is not None else 0))
    some = query.limit(SHOWN).subquery()
    return session.scalar(select(func.count()).select_from(some)) or 0


def read_up_to(session: Session, person_id: int, notice_id: int) -> None:
    """A person has seen the notices up to this one."""
    if session.get(Notice, notice_id) is None:
        return
    mark = session.get(NoticeMark, person_id)
    if mark is None:
        session.add(NoticeMark(person_id=person_id, notice_id=notice_id))
    else:
        mark.notice_id = max(mark.notice_id, notice_id)
