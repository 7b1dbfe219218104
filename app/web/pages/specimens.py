"""The list of specimens, and one specimen with everything that is known of it."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse

from app.domain.photographs import Source
from app.domain.specimens import SpecimenState
from app.services import (
    browsing,
    counting,
    history,
    linking,
    metadata,
    searching,
    sources,
    tags,
    taxa,
)
from app.services.browsing import PAGE, Selection, SpecimenTile
from app.services.counting import UpTo
from app.services.history import SpecimenDetail, VersionsPage
from app.services.searching import About, Choices
from app.services.tags import WordInUse
from app.web.access import BlobsDep, Reading, Viewer
from app.web.api.shapes import CropShape, crop_shape
from app.web.rendering import render
from app.web.wording import order_sentence, sentence

router = APIRouter(prefix="/specimens")


@dataclass(frozen=True)
class SpecimensPage:
    states: dict[SpecimenState, int]
    sources: Sequence[Source]
    words: list[WordInUse]
    choices: Choices
    selection: Selection
    count: UpTo
    tiles: list[SpecimenTile]
    after: int

    @property
    def next_after(self) -> int | None:
        return self.tiles[-1].id if len(self.tiles) == PAGE else None

    def address(self, **changes: object) -> str:
        """Of the list with another selection or at another place; the rest stays."""
        chosen = self.selection
        state = chosen.state.value if chosen.state is not None else ""
        values = {
            "state": state,
            "source": chosen.source,
            "tag": chosen.tag,
            "search": chosen.search,
            **asdict(chosen.about),
            **changes,
        }
        query = urlencode({name: value for name, value in values.items() if value})
        return f"/specimens?{query}" if query else "/specimens"


@dataclass(frozen=True)
class SpecimenPage:
    detail: SpecimenDetail
    crop: CropShape | None
    order: str
    """What the order of the candidates rests on, in words."""
    taxon: str
    """Its code with what that stands for; empty if no code is known."""
    fields: dict[str, str]
    """What tables say of it."""
    lost: str
    """Why its photograph, which stays where it is, cannot be read there; empty if it can."""


Word = Annotated[str, Query(max_length=200)]


@router.get("")
def specimens(
    request: Request,
    session: Reading,
    person: Viewer,
    state: SpecimenState | None = None,
    source: Word = "",
    tag: Word = "",
    search: Word = "",
    taxon: Word = "",
    family: Word = "",
    sex: Word = "",
    field: Word = "",
    value: Word = "",
    after: Annotated[int, Query(ge=0)] = 0,
) -> HTMLResponse:
    about = About(taxon, family, sex, field, value)
    selection = Selection(state=state, source=source, tag=tag, search=search, about=about)
    page = SpecimensPage(
        states=counting.state_counts(session),
        sources=sources.all_sources(session),
        words=tags.words_in_use(session),
        choices=searching.choices(session),
        selection=selection,
        count=browsing.count(session, selection),
        tiles=browsing.specimen_tiles(session, selection, after=after),
        after=after,
    )
    return render(request, "specimens/list.html", page, person=person)


@router.get("/{specimen_id}")
def specimen(
    request: Request, session: Reading, blobs: BlobsDep, person: Viewer, specimen_id: int
) -> HTMLResponse:
    detail = history.specimen_detail(session, specimen_id)
    crop = crop_shape(detail.crop) if detail.crop is not None else None
    code = detail.specimen.taxon
    lost = linking.problem(blobs, detail.photograph)
    page = SpecimenPage(
        detail,
        crop,
        order_sentence(detail.order),
        taxa.titles(session, [code])[code],
        metadata.of_specimen(session, detail.specimen),
        sentence(lost.template, **lost.values) if lost is not None else "",
    )
    return render(request, "specimens/page.html", page, person=person)


@router.get("/{specimen_id}/versions")
def versions(
    request: Request,
    session: Reading,
    person: Viewer,
    specimen_id: int,
    before: Annotated[int | None, Query(ge=1)] = None,
) -> HTMLResponse:
    page: VersionsPage = history.versions(session, specimen_id, before)
    return render(request, "specimens/_versions.html", page, person=person)
