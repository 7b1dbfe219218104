"""Templates, each rendered with one typed context called `page`."""

import gettext
from datetime import datetime
from pathlib import Path

from fastapi import Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from app.domain.people import Person

ROOT = Path(__file__).resolve().parents[2]
TEMPLATES = ROOT / "templates"
STATIC = ROOT / "static"

translations = gettext.NullTranslations()  # the English catalogue is the source itself
translate = translations.gettext


def sentence(template: str, **values: object) -> str:
    """The sentence in the reader's language, with its values in place."""
    return translate(template).format(**values)


def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        extensions=["jinja2.ext.i18n"],
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.install_gettext_translations(translations, newstyle=True)  # type: ignore[attr-defined]
    environment.filters["moment"] = _moment
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
