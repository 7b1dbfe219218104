"""Sends a notice as JSON to the address that the operator has set."""

import json
import urllib.error
import urllib.request
from http.client import HTTPException

from app.domain.notices import Notice
from app.errors import Refused
from app.services import webhooks
from app.services.jobs import ClaimedPart
from ml.progress import OnProgress
from worker.context import Context
from worker.holding import storing

SECONDS = 10


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_given: object) -> None:
        return None


def run(context: Context, part: ClaimedPart, _on_progress: OnProgress) -> None:
    address = context.settings.webhook_url
    if not address:
        return
    with context.db.reading() as session:
        notice = session.get_one(Notice, part.payload["notice"])
    _send(address, _body(notice))
    with storing(context, part) as session:
        webhooks.arrived(session, notice.id)


def _body(notice: Notice) -> bytes:
    content = {
        "id": notice.id,
        "kind": notice.kind.value,
        "values": notice.values,
        "path": notice.address,
        "created_at": notice.created_at.isoformat(),
    }
    return json.dumps(content, ensure_ascii=False).encode()


def _send(address: str, body: bytes) -> None:
    """Raises `Refused` where it did not arrive; it is tried again later."""
    headers = {"content-type": "application/json", "user-agent": "Mothmask"}
    request = urllib.request.Request(address, body, headers, method="POST")
    opener = urllib.request.build_opener(_NoRedirect)
    try:
        with opener.open(request, timeout=SECONDS):
            pass
    except (urllib.error.URLError, HTTPException, OSError) as error:
        raise Refused("The webhook did not take the notice: {error}", error=str(error)) from None
