"""The web application: wiring only."""

import resource
import secrets
from pathlib import Path

from fastapi import APIRouter, Depends, FastAPI
from fastapi.staticfiles import StaticFiles
from starlette.middleware.sessions import SessionMiddleware
from starlette.middleware.trustedhost import TrustedHostMiddleware

from app.blobs import Blobs, FolderBlobs
from app.db import Database
from app.queue import CeleryPublisher, make_celery
from app.settings import Settings
from app.web import pictures, thumbnails
from app.web.access import admit
from app.web.api import (
    assignments,
    batches,
    benchmark,
    boxes,
    data,
    detectors,
    exports,
    grid,
    handouts,
    imports,
    leases,
    lineage,
    maps,
    mask_imports,
    measurements,
    models,
    notices,
    predictions,
    preferences,
    queue,
    reviews,
    rounds,
    rule,
    sources,
    status,
    strata,
    tags,
    taxa,
    versions,
)
from app.web.api import jobs as jobs_api
from app.web.headers import SecurityHeaders
from app.web.pages import all_pages
from app.web.refusals import add_refusals
from app.web.rendering import STATIC

A_YEAR = 365 * 24 * 3600
OPENAPI = "/api/v1/openapi.json"


def make_app() -> FastAPI:
    """The application as the server starts it, with settings from the environment."""
    settings = Settings()
    _allow_many_open_files()
    database = Database(settings.database, CeleryPublisher(make_celery(settings)))
    return create_app(settings, database, FolderBlobs(settings.blob_folder))


def create_app(settings: Settings, database: Database, blobs: Blobs) -> FastAPI:
    # The usual page for the schema loads scripts from elsewhere; `pages/api.py` is our own.
    app = FastAPI(title="Mothmask", docs_url=None, redoc_url=None, openapi_url=OPENAPI)
    app.state.settings, app.state.database, app.state.blobs = settings, database, blobs
    app.add_middleware(SecurityHeaders)
    app.add_middleware(
        SessionMiddleware,
        secret_key=cookie_secret(settings.data),
        session_cookie="mothmask",
        max_age=A_YEAR,
        same_site="lax",
    )
    # Until there are accounts the server is for this machine alone; other names are an attack.
    app.add_middleware(TrustedHostMiddleware, allowed_hosts=["127.0.0.1", "localhost", "[::1]"])
    app.mount("/static", StaticFiles(directory=STATIC), name="static")
    app.include_router(_api(), prefix="/api/v1", dependencies=[Depends(admit)])
    app.include_router(pictures.router, dependencies=[Depends(admit)])
    app.include_router(thumbnails.router, dependencies=[Depends(admit)])
    app.include_router(all_pages(), dependencies=[Depends(admit)], include_in_schema=False)
    add_refusals(app)
    return app


def _api() -> APIRouter:
    api = APIRouter()
    for module in (
        sources,
        taxa,
        imports,
        mask_imports,
        reviews,
        batches,
        boxes,
        grid,
        maps,
        tags,
        rounds,
        models,
        detectors,
        measurements,
        benchmark,
        predictions,
        strata,
        exports,
        handouts,
        versions,
        lineage,
        data,
        jobs_api,
        leases,
        queue,
        assignments,
        notices,
        status,
        preferences,
        rule,
    ):
        api.include_router(module.router)
    return api


def _allow_many_open_files() -> None:
    """Each file of an upload is an open file until the request ends."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


def cookie_secret(data: Path) -> str:
    """Signs the cookies; kept, so that a restart of the server signs nobody out."""
    file = data / "secret"
    if not file.exists():
        data.mkdir(parents=True, exist_ok=True)
        unfinished = data / f"secret.{secrets.token_hex(4)}"
        unfinished.touch(mode=0o600)
        unfinished.write_text(secrets.token_urlsafe(32))
        unfinished.rename(file)
    return file.read_text()
