"""The walk from a mask to what it was made of, and back: nouns with links to each other."""

from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Path, Query
from starlette.datastructures import UploadFile

from app.domain.jobs import JobKind
from app.errors import NotFound, Refused
from app.services import browsing, jobs, lineage, lineage_lookup, round_repeating, rounds
from app.services.lineage_lookup import Match
from app.web.access import DatabaseDep, Reading, Viewer
from app.web.api.lineage_making import (
    API,
    candidate_shape,
    export_line,
    frozen_row,
    link,
    link_or_none,
    links,
    match_shape,
    page_of,
    training_line,
    version_row,
    version_shape,
)
from app.web.api.lineage_shapes import (
    CandidateShape,
    CandidateWithVersions,
    ExportLine,
    FoundShape,
    FrozenRow,
    ModelShape,
    PageOf,
    PersonShape,
    PromotionLine,
    RoundShape,
    SpecimenShape,
    TrainingLine,
    VersionRow,
    VersionShape,
)
from app.web.uploads import UploadForm, described

router = APIRouter(tags=["lineage"])

Number = Annotated[int, Path(ge=1, lt=2**31)]
After = Annotated[int, Query(ge=0, lt=2**31)]
Limit = Annotated[int, Query(ge=1, le=1000)]
LONGEST = 400


@router.get("/lineage")
def find(
    session: Reading,
    _person: Viewer,
    of: Annotated[str, Query(max_length=LONGEST)],
) -> FoundShape:
    """Label versions by the SHA-256 of a mask file, by number or by file name."""
    found = lineage_lookup.by_text(session, of)
    if not found:
        raise NotFound("Nothing here is called {text}: no mask, version or specimen.", text=of)
    return _found(found)


@router.post("/lineage", openapi_extra=described())
def find_file(database: DatabaseDep, _person: Viewer, form: UploadForm) -> FoundShape:
    """Label versions by a mask or picture that an export has written; nothing of it is kept."""
    files = [file for file in form.getlist("files") if isinstance(file, UploadFile)]
    files = [file for file in files if file.filename]
    if not files:
        raise Refused("Choose a file first.")
    name = files[0].filename or ""
    found = lineage_lookup.by_file(database, name, files[0].file)
    if not found:
        raise NotFound(
            "No label has this mask, and no labelled specimen is called {name}.", name=name
        )
    return _found(found)


def _found(found: list[Match]) -> FoundShape:
    ids = ",".join(str(match.version.id) for match in found)
    only = f"/versions/{found[0].version.id}?{urlencode({'how': found[0].how})}"
    several = f"/lineage?{urlencode({'versions': ids, 'how': found[0].how})}"
    shapes = [match_shape(match) for match in found]
    return FoundShape(matches=shapes, page=only if len(found) == 1 else several)


@router.get("/versions/{version_id}")
def version(session: Reading, _person: Viewer, version_id: Number) -> VersionShape:
    return version_shape(lineage.of_version(session, version_id))


@router.get("/versions/{version_id}/rounds")
def rounds_of_version(session: Reading, _person: Viewer, version_id: Number) -> list[TrainingLine]:
    """Rounds that learned from it or were validated on it, with the models they made."""
    found = lineage.of_version(session, version_id)
    return [training_line(training) for training in found.trained]


@router.get("/versions/{version_id}/exports")
def exports_of_version(session: Reading, _person: Viewer, version_id: Number) -> list[ExportLine]:
    """The newest exports that hold it."""
    found = lineage.of_version(session, version_id)
    return [export_line(job) for job in found.exports]


@router.get("/exports/{job_id}/versions")
def versions_of_export(
    session: Reading, _person: Viewer, job_id: Number, after: After = 0, limit: Limit = 200
) -> PageOf[VersionRow]:
    if jobs.get_job(session, job_id).kind is not JobKind.EXPORT:
        raise NotFound("There is no export {number}.", number=job_id)
    rows = lineage.versions_of_export(session, job_id, after=after, limit=limit)
    return page_of(rows, limit, version_row, f"{API}/exports/{job_id}/versions")


@router.get("/candidates/{candidate_id}")
def candidate(session: Reading, _person: Viewer, candidate_id: Number) -> CandidateWithVersions:
    found = lineage.candidate(session, candidate_id)
    made = links("versions", lineage.versions_of_candidate(session, found))
    return CandidateWithVersions(**candidate_shape(found).model_dump(), versions=made)


@router.get("/models/{model_id}")
def model(session: Reading, _person: Viewer, model_id: Number) -> ModelShape:
    found = browsing.get_model(session, model_id)
    here, round_ = f"{API}/models/{model_id}", found.round
    promotions = [
        PromotionLine(person=link("people", each.person_id), created_at=each.created_at)
        for each in lineage.promotions(session, model_id)
    ]
    return ModelShape(
        id=found.id,
        variant=found.variant,
        created_at=found.created_at,
        page=f"/models/{model_id}",
        metrics=found.metrics,
        round=link("rounds", round_.number),
        learned_from=f"{API}/rounds/{round_.number}/versions",
        versions=f"{here}/versions",
        candidates=f"{here}/candidates",
        measurements=f"{here}/measurements",
        weights=f"{here}/weights",
        card=f"{here}/card",
        rounds=[link("rounds", each) for each in lineage.rounds_from_model(session, model_id)],
        promotions=promotions,
    )


@router.get("/models/{model_id}/versions")
def versions_of_model(
    session: Reading, _person: Viewer, model_id: Number, after: After = 0, limit: Limit = 200
) -> PageOf[VersionRow]:
    """Label versions that are accepted masks of the model."""
    browsing.get_model(session, model_id)
    rows = lineage.versions_of_model(session, model_id, after=after, limit=limit)
    return page_of(rows, limit, version_row, f"{API}/models/{model_id}/versions")


@router.get("/models/{model_id}/candidates")
def candidates_of_model(
    session: Reading, _person: Viewer, model_id: Number, after: After = 0, limit: Limit = 200
) -> PageOf[CandidateShape]:
    browsing.get_model(session, model_id)
    rows = lineage.candidates_of_model(session, model_id, after=after, limit=limit)
    return page_of(rows, limit, candidate_shape, f"{API}/models/{model_id}/candidates")


@router.get("/rounds/{number}")
def one_round(session: Reading, _person: Viewer, number: Number) -> RoundShape:
    found = rounds.get_round(session, number)
    size = lineage.round_size(session, found.id)
    return RoundShape(
        number=number,
        state=found.job.state,
        preset=found.preset,
        created_at=found.created_at,
        page=f"/rounds/{number}",
        person=link_or_none("people", found.person_id),
        hard_tags=found.hard_tags,
        start_model=link_or_none("models", found.start_model_id),
        training=size.training,
        validation=size.validation,
        versions=f"{API}/rounds/{number}/versions",
        models=links("models", lineage.models_of_round(session, found.id)),
    )


@router.get("/rounds/{number}/versions")
def versions_of_round(
    session: Reading, _person: Viewer, number: Number, after: After = 0, limit: Limit = 200
) -> PageOf[FrozenRow]:
    """The frozen training set: exactly the label versions that the round learned from."""
    round_id = rounds.get_round(session, number).id
    rows = round_repeating.frozen_page(session, round_id, after=after, limit=limit)
    return page_of(rows, limit, frozen_row, f"{API}/rounds/{number}/versions")


@router.get("/specimens/{specimen_id}")
def specimen(session: Reading, _person: Viewer, specimen_id: Number) -> SpecimenShape:
    found = lineage.specimen(session, specimen_id)
    return SpecimenShape(
        id=found.id,
        key=found.key,
        source=found.source.code,
        state=found.state,
        page=f"/specimens/{specimen_id}",
        stratum=found.stratum,
        version=link_or_none("versions", found.version_id),
        versions=links("versions", lineage.versions_of_specimen(session, specimen_id)),
        candidates=links("candidates", lineage.candidates_of_specimen(session, specimen_id)),
    )


@router.get("/people/{person_id}")
def person(session: Reading, _person: Viewer, person_id: Number) -> PersonShape:
    found = lineage.person(session, person_id)
    return PersonShape(id=found.id, name=found.name, versions=f"{API}/people/{person_id}/versions")


@router.get("/people/{person_id}/versions")
def versions_by_person(
    session: Reading,
    _person: Viewer,
    person_id: Number,
    after: After = 0,
    limit: Limit = 200,
) -> PageOf[VersionRow]:
    """Label versions that this person made, by hand or by accepting."""
    lineage.person(session, person_id)
    rows = lineage.versions_by_person(session, person_id, after=after, limit=limit)
    return page_of(rows, limit, version_row, f"{API}/people/{person_id}/versions")
