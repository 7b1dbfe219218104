"""How good trained models are, and which is better."""

from typing import Annotated

from fastapi import APIRouter, Path
from pydantic import BaseModel

from app.services import browsing, measuring, model_comparison
from app.services.model_comparison import Comparison, Tables
from app.web.access import Lead, Reading, Viewer, Writing
from app.web.api.shapes import JobShape, job_shape

router = APIRouter(prefix="/models", tags=["models"])

Number = Annotated[int, Path(ge=1, lt=2**31)]


class MeasurementsReply(BaseModel):
    tables: Tables
    comparisons: list[Comparison]


@router.get("/{model_id}/measurements")
def measurements(session: Reading, _person: Viewer, model_id: Number) -> MeasurementsReply:
    """On present labels of specimens that the model did not learn from."""
    browsing.get_model(session, model_id)
    return MeasurementsReply(
        tables=model_comparison.tables(session, model_id),
        comparisons=model_comparison.comparisons(session, model_id),
    )


@router.post("/{model_id}/measurements", status_code=202)
def measure_again(session: Writing, person: Lead, model_id: Number) -> JobShape:
    """Measure on labels that were corrected, or joined the benchmark, since the model was made."""
    return job_shape(measuring.start(session, model_id, person.id))
