"""What is noted of each request: a number to find it again by, a line in the log, and metrics."""

import logging
import re
import secrets
import time

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app import logs
from app.metrics import REQUESTS

HEADER = "X-Request-ID"
SLOW_SECONDS = 1.0
API = "/api/v1"
UNROUTED = "(none)"
"""Instead of addresses that do not exist: anybody can make up any number of them."""

log = logging.getLogger("app.requests")


class Watched:
    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        request_id = _given(Headers(scope=scope)) or secrets.token_hex(8)
        logs.belongs_to(request_id=request_id)  # each request is a task of its own
        began, status = time.perf_counter(), 500

        async def send_with_number(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                MutableHeaders(scope=message)[HEADER] = request_id
            await send(message)

        try:
            await self.app(scope, receive, send_with_number)
        finally:
            _note(scope, status, time.perf_counter() - began)


def _given(headers: Headers) -> str:
    """The number that a proxy gave, so that both logs have the same one."""
    given = headers.get(HEADER, "")
    return given if re.fullmatch(r"[\w.-]{1,64}", given, re.ASCII) else ""


def _route(scope: Scope) -> str:
    path: str = getattr(scope.get("route"), "path", UNROUTED)
    # A route knows nothing of the router that it was put into.
    inside = path != UNROUTED and scope["path"].startswith(API) and not path.startswith(API)
    return API + path if inside else path


def _note(scope: Scope, status: int, seconds: float) -> None:
    method = scope["method"]
    REQUESTS.labels(method, _route(scope), str(status)).observe(seconds)
    if status < 400 and seconds < SLOW_SECONDS:
        return  # the rest is counted, and a proxy has a line for each
    # The path alone: the rest of an address may carry a token.
    what = {"method": method, "path": scope["path"], "status": status, "ms": round(1000 * seconds)}
    log.info("%(method)s %(path)s: %(status)s after %(ms)s ms", what, extra=what)
