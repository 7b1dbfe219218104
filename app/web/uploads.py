"""Forms with many files, of which no more is read than is allowed."""

from collections.abc import AsyncIterator
from typing import Annotated, Any

from fastapi import Depends, Request
from starlette.datastructures import FormData, UploadFile
from starlette.formparsers import MultiPartParser
from starlette.types import Message, Receive

from app.blobs import chunks_of, told_when_full
from app.errors import TooLarge
from app.services import names
from app.services.folders import Incoming
from app.web.access import SettingsDep

MOST_FILES = 100_000
MultiPartParser.spool_max_size = 32 << 10
"""Bytes of each file that wait in memory; with Starlette's megabyte, 5,000 masks could be 5 GB."""


async def _upload(request: Request, settings: SettingsDep) -> AsyncIterator[FormData]:
    """The form, read here because FastAPI itself would neither count bytes nor take many files."""
    most = settings.upload_megabytes * 1_000_000
    if int(request.headers.get("content-length", 0)) > most:
        raise _too_large(settings.upload_megabytes)
    counted = _counted(request.receive, most, _too_large(settings.upload_megabytes))
    with told_when_full():
        form = await Request(request.scope, counted).form(max_files=MOST_FILES)
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


def _counted(receive: Receive, most: int, too_large: TooLarge) -> Receive:
    """Pass the request on, but no more of it than is allowed: it may not say its length."""
    received = 0

    async def counted() -> Message:
        nonlocal received
        message = await receive()
        received += len(message.get("body", b""))
        if received > most:
            raise too_large
        return message

    return counted


def _too_large(megabytes: int) -> TooLarge:
    return TooLarge(
        "This is more than the {megabytes} MB that one upload may have. Send fewer files at "
        "once, or import them with the command line.",
        megabytes=megabytes,
    )
