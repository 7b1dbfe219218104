"""What everybody is told of."""

from datetime import datetime

from fastapi import APIRouter, Response
from pydantic import BaseModel

from app.domain.notices import Notice
from app.services import notices
from app.web.access import Reading, Viewer, Writing
from app.web.wording import notice_sentence

router = APIRouter(prefix="/notices", tags=["status"])


class NoticeShape(BaseModel):
    id: int
    kind: str
    text: str
    address: str
    created_at: datetime


class Read(BaseModel):
    up_to: int


@router.get("")
def get_notices(session: Reading, _person: Viewer) -> list[NoticeShape]:
    """The newest first."""
    return [notice_shape(notice) for notice in notices.newest(session)]


@router.put("/read", status_code=204)
def mark_read(session: Writing, person: Viewer, read: Read) -> Response:
    notices.read_up_to(session, person.id, read.up_to)
    return Response(status_code=204)


def notice_shape(notice: Notice) -> NoticeShape:
    return NoticeShape(
        id=notice.id,
        kind=notice.kind,
        text=notice_sentence(notice),
        address=notice.address,
        created_at=notice.created_at,
    )
