"""What belongs to a mask, for scripts and for the form on its page."""

from typing import Annotated

from fastapi import APIRouter
from pydantic import BaseModel, Field

from app.services import guidance
from app.web.access import Lead, Reading, Viewer, Writing

router = APIRouter(prefix="/mask-rule", tags=["review"])


class Rule(BaseModel):
    text: str


class RuleRequest(BaseModel):
    text: Annotated[str, Field(max_length=2 * guidance.LONGEST)]


@router.get("")
def get_rule(session: Reading, _person: Viewer) -> Rule:
    known = guidance.wordings(session)
    return Rule(text=known[0].text if known else guidance.FIRST_WORDING)


@router.post("", status_code=201)
def post_rule(session: Writing, person: Lead, wanted: RuleRequest) -> Rule:
    return Rule(text=guidance.write(session, person.id, wanted.text).text)
