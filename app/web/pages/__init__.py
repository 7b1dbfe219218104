"""HTML pages: one module per resource, each handler short, each page with a typed context."""

from fastapi import APIRouter

from app.web.pages import (
    api,
    audit,
    benchmark,
    boxes,
    data,
    detectors,
    drawing,
    exports,
    grid,
    home,
    imports,
    jobs,
    lineage,
    mask_imports,
    models,
    openid,
    people,
    preferences,
    queue,
    ranking,
    review,
    rounds,
    rule,
    sign_in,
    sources,
    specimens,
    storage,
    strata,
    taxa,
    welcome,
)

PAGES = (
    api,
    home,
    welcome,
    sign_in,
    openid,
    people,
    review,
    grid,
    boxes,
    drawing,
    specimens,
    sources,
    taxa,
    imports,
    rounds,
    models,
    benchmark,
    detectors,
    jobs,
    exports,
    audit,
    mask_imports,
    preferences,
    queue,
    ranking,
    rule,
    strata,
    lineage,
    data,
    storage,
)


def all_pages() -> APIRouter:
    pages = APIRouter()
    for module in PAGES:
        pages.include_router(module.router)
    return pages
