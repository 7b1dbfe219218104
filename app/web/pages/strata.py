"""Wing-colour strata: what each looks like, where it comes from, and how far to trust it."""

from dataclasses import dataclass

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse
from sqlalchemy.orm import Session

from app.domain.strata import Stratification
from app.services import job_progress, strata, strata_findings
from app.services.job_progress import JobProgress
from app.services.strata_findings import Firmness, StratumFindings, firmness
from app.web.access import Reading, Viewer
from app.web.rendering import render
from ml.strata.config import StrataConfig

router = APIRouter(prefix="/strata")

SOURCES_SHOWN = 6


@dataclass(frozen=True)
class StrataPage:
    stratification: Stratification | None
    strata: list[StratumFindings]
    newcomers: int
    least: int
    progress: JobProgress | None
    sources_shown: int = SOURCES_SHOWN

    @property
    def firmness(self) -> Firmness | None:
        made = self.stratification
        return firmness(made.findings["agreement"]) if made is not None else None


@router.get("")
def strata_page(request: Request, session: Reading, person: Viewer) -> HTMLResponse:
    return render(request, "strata/page.html", _page(session), person=person)


@router.get("/now")
def strata_now(request: Request, session: Reading, person: Viewer) -> HTMLResponse:
    return render(request, "strata/_now.html", _page(session), person=person)


def _page(session: Session) -> StrataPage:
    made, job = strata.newest(session), strata.open_job(session)
    return StrataPage(
        stratification=made,
        strata=strata_findings.of_strata(session, made) if made is not None else [],
        newcomers=strata.newcomers(session),
        least=StrataConfig().least_specimens,
        progress=job_progress.progress(session, job) if job is not None else None,
    )
