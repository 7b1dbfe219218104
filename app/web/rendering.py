"""Templates, each rendered with one typed context called `page`."""

from datetime import datetime
from pathlib import Path

from fastapi import Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from app.domain.people import Person
from app.web import addresses, wording

ROOT = Path(__file__).resolve().parents[2]
TEMPLATES = ROOT / "templates"
STATIC = ROOT / "static"


def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        extensions=["jinja2.ext.i18n"],
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.install_gettext_translations(wording.translations, newstyle=True)  # type: ignore[attr-defined]
    environment.filters["moment"] = _moment
    environment.filters["word"] = wording.word
    environment.filters["title_of"] = wording.title
    environment.globals["address"] = addresses
    return environment


def _moment(value: datetime) -> str:
    """Machine-readable; the page shows it in the reader's own time zone."""
    return value.isoformat(timespec="seconds")


environment = _environment()


def render(
    request: Request,
    template: str,
    page: object,
    *,
    person: Person | None = None,
    status: int = 200,
) -> HTMLResponse:
    html = environment.get_template(template).render(page=page, person=person, request=request)
    return HTMLResponse(html, status_code=status)
