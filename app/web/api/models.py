"""Trained models: choosing the one that serves, and taking weights and card along."""

from typing import Annotated

from fastapi import APIRouter, Path
from fastapi.responses import StreamingResponse
from pydantic import BaseModel

from app.blobs import Blobs
from app.domain.steering import VerdictKind
from app.services import browsing, models
from app.web.access import BlobsDep, Lead, Reading, Viewer, Writing
from app.web.api.exports import stream

router = APIRouter(prefix="/models", tags=["models"])

Number = Annotated[int, Path(ge=1, lt=2**31)]


class PromotionReply(BaseModel):
    model_id: int
    before_id: int | None
    """The model that served until then."""


class VerdictRequest(BaseModel):
    verdict: VerdictKind


class VerdictReply(BaseModel):
    model_id: int
    verdict: VerdictKind


@router.post("/{model_id}/promotion", status_code=201)
def promote(session: Writing, person: Lead, model_id: Number) -> PromotionReply:
    made = models.promote(session, model_id, person.id)
    return PromotionReply(model_id=made.model_id, before_id=made.before_id)


@router.post("/roll-back", status_code=201)
def roll_back(session: Writing, person: Lead) -> PromotionReply:
    """Have the model serve again that served before the last promotion."""
    made = models.roll_back(session, person.id)
    return PromotionReply(model_id=made.model_id, before_id=made.before_id)


@router.post("/{model_id}/verdicts", status_code=201)
def judge(session: Writing, person: Lead, model_id: Number, wanted: VerdictRequest) -> VerdictReply:
    """Keep a model, or discard it: it is then hidden where models are chosen."""
    made = models.judge(session, model_id, wanted.verdict, person.id)
    return VerdictReply(model_id=made.model_id, verdict=made.verdict)


@router.get("/{model_id}/weights")
def weights(
    session: Reading, blobs: BlobsDep, _person: Viewer, model_id: Number
) -> StreamingResponse:
    digest = browsing.get_model(session, model_id).weights_digest
    return _file(blobs, digest, f"mothmask-{model_id}.safetensors", "application/octet-stream")


@router.get("/{model_id}/card")
def card(session: Reading, blobs: BlobsDep, _person: Viewer, model_id: Number) -> StreamingResponse:
    """How the weights were made, and from which label versions."""
    digest = browsing.get_model(session, model_id).card_digest
    return _file(blobs, digest, f"mothmask-{model_id}.json", "application/json")


def _file(blobs: Blobs, digest: str, name: str, media_type: str) -> StreamingResponse:
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return StreamingResponse(stream(blobs.open(digest)), media_type=media_type, headers=headers)
