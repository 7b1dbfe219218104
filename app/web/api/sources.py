"""Sources: their settings, patterns tried on names, lists and tables, and crops anew."""

from typing import Annotated, Any

from fastapi import APIRouter
from pydantic import BaseModel, Field

from app.domain.photographs import Source
from app.services import exclusion_lists, metadata, name_patterns, names, recropping, sources
from app.services.sources import SourceSettings
from app.services.table_columns import stem_of
from app.web.access import DatabaseDep, Lead, Reading, Viewer, Writing
from app.web.api.shapes import JobShape, job_shape
from app.web.api.tables import TableReply, join_reply, list_reply, table_in
from app.web.uploads import UploadForm, described

router = APIRouter(prefix="/sources", tags=["sources"])

Text = Annotated[str, Field(max_length=1000)]
MOST_NAMES = 200


class SettingsChange(BaseModel):
    """What is not given stays as it is."""

    name: Text | None = None
    name_pattern: Text | None = None
    label_pattern: Text | None = None
    scale_w: float | None = None
    scale_ht: float | None = None
    scale_hb: float | None = None
    half_split: bool | None = None
    drawers: bool | None = None
    padding: Text | None = None
    detector: Text | None = None
    preset: Text = ""
    """Code of a source of the lab whose settings are taken first."""

    @property
    def changes(self) -> dict[str, Any]:
        return self.model_dump(exclude_none=True, exclude={"preset", "code"})


class NewSource(SettingsChange):
    code: Text


class SourceShape(BaseModel):
    code: str
    name: str
    name_pattern: str
    label_pattern: str
    scale_w: float
    scale_ht: float
    scale_hb: float
    half_split: bool
    drawers: bool
    padding: str
    detector: str


class SourceReply(BaseModel):
    source: SourceShape
    renamed: int
    """Specimens the parts of whose names have changed."""
    untouched: int
    """Specimens whose crops can be made anew, as no person has touched them."""
    touched: int


class Trial(BaseModel):
    name_pattern: Text = ""
    label_pattern: Text = ""
    names: Annotated[str, Field(max_length=100_000)] = ""
    """One in each line; none: some of the source's own."""


class TriedName(BaseModel):
    name: str
    fits: bool
    label: bool
    parts: dict[str, str]


class TrialReply(BaseModel):
    names: list[TriedName]
    fitting: int


@router.get("")
def list_sources(session: Reading, _person: Viewer) -> list[SourceShape]:
    return [_shape(source) for source in sources.all_sources(session)]


@router.post("", status_code=201)
def add_source(database: DatabaseDep, _person: Lead, wanted: NewSource) -> SourceReply:
    with database.transaction() as session:
        code = sources.add(session, wanted.code, wanted.changes, wanted.preset).code
    return _reply(database, code, 0)


@router.get("/{code}")
def get_source(session: Reading, _person: Viewer, code: str) -> SourceShape:
    return _shape(sources.get(session, code))


@router.patch("/{code}")
def edit_source(
    database: DatabaseDep, _person: Lead, code: str, wanted: SettingsChange
) -> SourceReply:
    with database.transaction() as session:
        source_id = sources.edit(session, code, wanted.changes, wanted.preset).id
    return _reply(database, code, sources.rename(database, source_id))


@router.post("/{code}/trial")
def try_pattern(session: Reading, _person: Viewer, code: str, trial: Trial) -> TrialReply:
    """Tell what patterns make of names, without changing anything."""
    source = sources.get(session, code)
    name_patterns.check_name_pattern(trial.name_pattern)
    name_patterns.check_label_pattern(trial.label_pattern)
    pasted = [names.tidy(line.strip()) for line in trial.names.splitlines() if line.strip()]
    tried = [
        _tried(name, trial) for name in pasted[:MOST_NAMES] or sources.names_in(session, source.id)
    ]
    return TrialReply(names=tried, fitting=sum(each.fits for each in tried))


@router.post("/{code}/crops", status_code=202)
def crop_anew(session: Writing, person: Lead, code: str) -> JobShape:
    """Look anew for the boxes that no person has touched, with the present settings."""
    return job_shape(recropping.start(session, code, person.id))


@router.post("/{code}/exclusions", openapi_extra=described())
def exclude(
    database: DatabaseDep,
    person: Lead,
    form: UploadForm,
    code: str,
    preview: bool = False,
) -> TableReply:
    """Take a list of photographs that are of no use, or only tell what it would do."""
    with table_in(form) as table:
        if not preview:
            return list_reply(exclusion_lists.take(database, code, table, person.id))
        with database.reading() as session:
            return list_reply(exclusion_lists.look(session, code, table))


@router.post("/{code}/metadata", openapi_extra=described(key={"type": "string"}))
def join_metadata(
    database: DatabaseDep,
    _person: Lead,
    form: UploadForm,
    code: str,
    preview: bool = False,
) -> TableReply:
    """Join a table about specimens, or only tell how much of it fits."""
    key = str(form.get("key", ""))
    with table_in(form) as table:
        if not preview:
            return join_reply(metadata.take(database, code, table, key))
        with database.reading() as session:
            return join_reply(metadata.look(session, code, table, key))


def _tried(name: str, trial: Trial) -> TriedName:
    file_name = names.file_name_of(name)
    parts = name_patterns.matched(stem_of(file_name), trial.name_pattern)
    return TriedName(
        name=file_name,
        fits=parts is not None,
        label=name_patterns.fits_label(file_name, trial.label_pattern),
        parts={group: getattr(parts, group) if parts else "" for group in name_patterns.GROUPS},
    )


def _shape(source: Source) -> SourceShape:
    settings = SourceSettings.of(source)
    return SourceShape(
        code=source.code, **{name: getattr(settings, name) for name in vars(settings)}
    )


def _reply(database: DatabaseDep, code: str, renamed: int) -> SourceReply:
    with database.reading() as session:
        source = sources.get(session, code)
        counts = recropping.counts(session, source.id)
        return SourceReply(
            source=_shape(source),
            renamed=renamed,
            untouched=counts.untouched,
            touched=counts.touched,
        )
