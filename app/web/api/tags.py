"""Words on specimens: which are in use, and putting them on one specimen or on many."""

from typing import Annotated

from fastapi import APIRouter
from pydantic import BaseModel, Field

from app.services import tags
from app.web.access import Curator, Reading, Viewer, Writing

router = APIRouter(tags=["tags"])

MOST_AT_ONCE = 5000


class WordCount(BaseModel):
    word: str
    count: int


class WordsReply(BaseModel):
    tags: list[WordCount]


class TagRequest(BaseModel):
    word: Annotated[str, Field(max_length=1000)]
    on: bool = True


class ManyTagsRequest(TagRequest):
    specimens: Annotated[list[int], Field(min_length=1, max_length=MOST_AT_ONCE)]


class TagsReply(BaseModel):
    tags: list[str]


class ManyTagsReply(BaseModel):
    word: str
    """As it is kept."""
    specimens: int


@router.get("/tags")
def words_in_use(session: Reading, _person: Viewer) -> WordsReply:
    found = tags.words_in_use(session)
    return WordsReply(tags=[WordCount(word=each.word, count=each.count) for each in found])


@router.post("/tags")
def tag_many(session: Writing, person: Curator, wanted: ManyTagsRequest) -> ManyTagsReply:
    word = tags.tag(session, person.id, wanted.specimens, wanted.word, on=wanted.on)
    return ManyTagsReply(word=word, specimens=len(set(wanted.specimens)))


@router.post("/specimens/{specimen_id}/tags")
def tag_one(session: Writing, person: Curator, specimen_id: int, wanted: TagRequest) -> TagsReply:
    tags.tag(session, person.id, [specimen_id], wanted.word, on=wanted.on)
    return TagsReply(tags=tags.words_of(session, specimen_id))
