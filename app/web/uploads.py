"""Forms with many files."""

from collections.abc import AsyncIterator
from typing import Annotated, Any

from fastapi import Depends, Request
from starlette.datastructures import FormData, UploadFile
from starlette.formparsers import MultiPartParser

from app.blobs import chunks_of, told_when_full
from app.services import names
from app.services.folders import Incoming

MOST_FILES = 100_000
MultiPartParser.spool_max_size = 32 << 10
"""Bytes of each file that wait in memory; with Starlette's megabyte, 5,000 masks could be 5 GB."""


async def _upload(request: Request) -> AsyncIterator[FormData]:
    """The form, read here because FastAPI itself would not take many files."""
    with told_when_full():
        form = await request.form(max_files=MOST_FILES)
    try:
        yield form
    finally:
        await form.close()


UploadForm = Annotated[FormData, Depends(_upload)]


def files_in(form: FormData) -> list[Incoming]:
    """The files of the form, with the names that people know them by."""
    return [
        Incoming(names.tidy(file.filename), chunks_of(file.file))
        for file in form.getlist("files")
        if isinstance(file, UploadFile) and file.filename
    ]


def described(*required: str, **fields: dict[str, Any]) -> dict[str, Any]:
    """What the schema of the API says of such a form, which FastAPI does not read itself."""
    files = {"type": "array", "items": {"type": "string", "format": "binary"}}
    schema = {
        "type": "object",
        "required": ["files", *required],
        "properties": {**fields, "files": files},
    }
    return {"requestBody": {"content": {"multipart/form-data": {"schema": schema}}}}
