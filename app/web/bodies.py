"""No request may hold more than it needs: files come as forms, from people who may hand them in."""

from typing import Any

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.domain.people import Role
from app.web.access import Caller
from app.web.wording import sentence

PLAIN_MEGABYTES = 8
"""Of JSON and of forms without files: a batch of 10,000 decisions has 2."""


class BodyLimit:
    """Counts what is read, because a request may not say how long it is, or lie.

    Has to be asked after who is asking is known.
    """

    def __init__(self, app: ASGIApp, upload_megabytes: int) -> None:
        self.app, self.upload_megabytes = app, upload_megabytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        uploads = self._uploads(scope)
        megabytes = self.upload_megabytes if uploads else PLAIN_MEGABYTES
        declared, received = _declared(scope), 0

        async def counted() -> Message:
            nonlocal received
            if declared > megabytes * 1_000_000:
                raise _too_large(megabytes, uploads)
            message = await receive()
            received += len(message.get("body", b""))
            if received > megabytes * 1_000_000:
                raise _too_large(megabytes, uploads)
            return message

        await self.app(scope, counted, send)

    def _uploads(self, scope: Scope) -> bool:
        kind = Headers(scope=scope).get("content-type", "")
        state: dict[str, Any] = scope.get("state", {})
        caller: Caller | None = state.get("caller")
        may = caller is not None and caller.person is not None and caller.may(Role.CURATOR)
        return may and kind.startswith("multipart/form-data")


def _declared(scope: Scope) -> int:
    length = Headers(scope=scope).get("content-length", "")
    return int(length) if length.isascii() and length.isdecimal() else 0


def _too_large(megabytes: int, uploads: bool) -> HTTPException:
    # FastAPI passes on no other exception from where it reads a request.
    if uploads:
        text = (
            "This is more than the {megabytes} MB that one upload may have. Send fewer files at "
            "once, or import them with the command line."
        )
    else:
        text = "This is more than the {megabytes} MB that one request may have. Send less at once."
    return HTTPException(413, sentence(text, megabytes=megabytes))
