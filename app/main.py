"""The web application: wiring only."""

import resource

from fastapi import APIRouter, FastAPI
from fastapi.staticfiles import StaticFiles
from starlette.middleware.trustedhost import TrustedHostMiddleware

from app import logs, metrics
from app.blobs import Blobs, open_blobs
from app.db import Database
from app.decoding import pool as decoding
from app.queue import CeleryPublisher, make_celery
from app.settings import Settings
from app.web import health, pictures, thumbnails
from app.web.api import (
    account,
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
    people,
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
from app.web.bodies import BodyLimit
from app.web.callers import Callers
from app.web.headers import SecurityHeaders
from app.web.pages import all_pages
from app.web.proxies import ByProxy, networks
from app.web.refusals import add_refusals
from app.web.rendering import STATIC
from app.web.watching import Watched


def make_app() -> FastAPI:
    """The application as the server starts it, with settings from the environment."""
    settings = Settings()
    logs.set_up(settings.log_format)
    _allow_many_open_files()
    database = Database(settings.database, CeleryPublisher(make_celery(settings)))
    if settings.metrics:
        metrics.serve(settings.metrics, metrics.Installation(database, settings))
    return create_app(settings, database, open_blobs(settings))


def create_app(settings: Settings, database: Database, blobs: Blobs) -> FastAPI:
    # Schema and its page are in `pages/api.py`: the usual page loads scripts from elsewhere.
    app = FastAPI(title="Mothmask", docs_url=None, redoc_url=None, openapi_url=None)
    decoding.limit(settings)
    app.state.settings, app.state.database, app.state.blobs = settings, database, blobs
    # The last one added is asked first.
    app.add_middleware(BodyLimit, upload_megabytes=settings.upload_megabytes)
    app.add_middleware(Callers, settings=settings, database=database)
    app.add_middleware(SecurityHeaders)
    app.add_middleware(ByProxy, proxies=networks(settings.proxies))
    # A name that is not ours means that another site has led a browser here.
    app.add_middleware(TrustedHostMiddleware, allowed_hosts=settings.host_names)
    app.add_middleware(Watched)  # the last one is the first to see a request
    app.mount("/static", StaticFiles(directory=STATIC), name="static")
    # Routes are tried one after the other: what is asked for most comes first.
    app.include_router(pictures.router)
    app.include_router(thumbnails.router)
    app.include_router(health.router)
    app.include_router(_api(), prefix="/api/v1")
    app.include_router(all_pages(), include_in_schema=False)
    add_refusals(app)
    return app


def _api() -> APIRouter:
    api = APIRouter()
    for module in (
        reviews,
        leases,
        sources,
        taxa,
        imports,
        mask_imports,
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
        queue,
        assignments,
        notices,
        status,
        preferences,
        account,
        people,
        rule,
    ):
        api.include_router(module.router)
    return api


def _allow_many_open_files() -> None:
    """Each file of an upload is an open file until the request ends."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
