"""Masks from files: handing them in, and deciding about what was made of them."""

from dataclasses import dataclass
from datetime import datetime

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from app.domain.mask_imports import MaskKind, MaskOutcome, TakenAs
from app.domain.people import Person
from app.services import job_progress, mask_imports
from app.services.job_progress import JobProgress
from app.services.mask_imports import ImportLine
from app.web.access import Reading, Viewer
from app.web.rendering import render
from app.web.wording import word

router = APIRouter(prefix="/mask-imports")

IN_ORDER = (
    MaskOutcome.MATCHED,
    MaskOutcome.AMBIGUOUS,
    MaskOutcome.REPEATED,
    MaskOutcome.WRONG_SIZE,
    MaskOutcome.EMPTY,
    MaskOutcome.UNMATCHED,
    MaskOutcome.UNREADABLE,
    MaskOutcome.WAITING,
)
"""First what can be taken, then what a person can mend, then the rest."""


@dataclass(frozen=True)
class MaskImportsPage:
    imports: list[ImportLine]


@dataclass(frozen=True)
class MaskImportPage:
    id: int
    created_at: datetime
    person: str
    taken_as: TakenAs | None
    taken_at: datetime | None
    progress: JobProgress

    @property
    def outcome_words(self) -> dict[str, str]:
        return {outcome.value: word(outcome) for outcome in IN_ORDER}

    @property
    def kind_words(self) -> dict[str, str]:
        return {kind.value: word(kind) for kind in MaskKind}


@router.get("")
def mask_import_list(
    request: Request, session: Reading, person: Viewer, before: int | None = None
) -> HTMLResponse:
    page = MaskImportsPage(mask_imports.recent(session, before=before))
    return render(request, "mask_imports/list.html", page, person=person)


@router.get("/{import_id}")
def one_mask_import(
    request: Request, session: Reading, person: Viewer, import_id: int
) -> HTMLResponse:
    found = mask_imports.get(session, import_id)
    page = MaskImportPage(
        id=found.id,
        created_at=found.created_at,
        person=session.get_one(Person, found.person_id).name,
        taken_as=found.taken_as,
        taken_at=found.taken_at,
        progress=job_progress.progress(session, found.job),
    )
    return render(request, "mask_imports/page.html", page, person=person)
