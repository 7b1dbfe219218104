"""Templates, each rendered with one typed context called `page`."""

from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

from fastapi import Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from app.domain.people import Person
from app.services import notices, preferences
from app.web import addresses, durations, wording
from app.web.access import caller_of, get_database

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
    environment.filters["preset"] = wording.preset
    environment.filters["variant"] = wording.variant
    environment.globals["sentence"] = wording.sentence
    environment.globals["duration"] = durations.duration
    environment.filters["detector"] = wording.detector
    environment.filters["layout"] = wording.layout
    environment.filters["title_of"] = wording.title
    environment.filters["notice_sentence"] = wording.notice_sentence
    environment.globals["address"] = addresses
    # What a page's script is given keeps its order: tabs are shown as they stand there.
    environment.policies["json.dumps_kwargs"] = {"sort_keys": False}
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
    html = environment.get_template(template).render(
        page=page,
        person=person,
        request=request,
        preferences=partial(_preferences, request, person),
        unread=partial(_unread, request, person),
        caller=caller_of(request),
    )
    return HTMLResponse(html, status_code=status)


def _preferences(request: Request, person: Person | None) -> dict[str, Any]:
    """Asked for by the layout alone: fragments that refresh themselves do without."""
    if person is None:
        return {}
    with get_database(request).reading() as session:
        return preferences.of_person(session, person.id)


def _unread(request: Request, person: Person | None) -> int:
    """Notices, for the layout."""
    if person is None:
        return 0
    with get_database(request).reading() as session:
        return notices.unread(session, person.id)
