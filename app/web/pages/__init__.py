"""HTML pages: one module per resource, each handler short, each page with a typed context."""

from fastapi import APIRouter

from app.web.pages import (
    api,
    drawing,
    exports,
    home,
    imports,
    jobs,
    review,
    rounds,
    specimens,
    welcome,
)

PAGES = (api, home, welcome, review, drawing, specimens, imports, rounds, jobs, exports)


def all_pages() -> APIRouter:
    pages = APIRouter()
    for module in PAGES:
        pages.include_router(module.router)
    return pages
