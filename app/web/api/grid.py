"""The tiles of the grid, compact: 5,000 of them are a few requests."""

from dataclasses import fields
from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import BaseModel, BeforeValidator, Field

from app.services import grid
from app.services.grid import GridFilter, GridOrder, GridState, GridTile, Place
from app.services.searching import About
from app.web.access import Reading, Viewer
from app.web.wording import title

router = APIRouter(tags=["review"])

MOST_AT_ONCE = 1000


def _none_if_empty(value: Any) -> Any:
    """A form sends its empty fields too."""
    return None if value == "" else value


Share = Annotated[float | None, Field(ge=0, le=1), BeforeValidator(_none_if_empty)]
Number = Annotated[int | None, Field(ge=0, lt=2**31), BeforeValidator(_none_if_empty)]
Text = Annotated[str, Field(max_length=200)]


class GridQuery(BaseModel):
    """The filter as it stands in an address."""

    state: GridState = GridState.OPEN
    order: GridOrder = GridOrder.SURE
    masks: Text = ""
    source: Text = ""
    stratum: Number = None
    tag: Text = ""
    search: Text = ""
    uncertainty_from: Share = None
    uncertainty_to: Share = None
    taxon: Text = ""
    family: Text = ""
    sex: Text = ""
    field: Text = ""
    value: Text = ""

    @property
    def filter(self) -> GridFilter:
        about = {field.name: getattr(self, field.name) for field in fields(About)}
        others = {name: getattr(self, name) for name in GridQuery.model_fields if name not in about}
        return GridFilter(**others, about=About(**about))


class TilesQuery(GridQuery):
    limit: Annotated[int, Field(ge=1, le=MOST_AT_ONCE)] = 500
    after_rank: float | None = None
    after_id: int | None = None

    @property
    def after(self) -> Place | None:
        if self.after_rank is None or self.after_id is None:
            return None
        return Place(self.after_rank, self.after_id)


class TileShape(BaseModel):
    id: int
    key: str
    source: str
    crop: str
    mask: str | None
    candidate: int | None
    version: int | None
    parent: int | None
    title: str
    score: float | None
    uncertainty: float | None
    rank: float
    taxon: str
    tags: tuple[str, ...]


class TilesReply(BaseModel):
    tiles: list[TileShape]
    total: int | None
    """How many there are in all, as far as they are counted; told with the first page only."""
    more: bool
    """There are more than these."""


@router.get("/grid")
def tiles(session: Reading, _person: Viewer, wanted: Annotated[TilesQuery, Query()]) -> TilesReply:
    found = grid.tiles(session, wanted.filter, after=wanted.after, limit=wanted.limit)
    total = grid.count(session, wanted.filter) if wanted.after is None else None
    return TilesReply(
        tiles=[_shape(tile) for tile in found],
        total=total.number if total is not None else None,
        more=total is not None and total.more,
    )


def _shape(tile: GridTile) -> TileShape:
    return TileShape(
        id=tile.specimen_id,
        key=tile.key,
        source=tile.source,
        crop=tile.crop_digest,
        mask=tile.mask_digest,
        candidate=tile.candidate_id,
        version=tile.version_id,
        parent=tile.parent_id,
        title=title(tile.origin) if tile.origin else "",
        score=tile.score,
        uncertainty=tile.uncertainty,
        rank=tile.rank,
        taxon=tile.taxon,
        tags=tile.tags,
    )
