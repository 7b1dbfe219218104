"""Sends a notice as JSON to the address that the operator has set."""

import http.client
import ipaddress
import json
import socket
import urllib.error
import urllib.request
from functools import partial
from http.client import HTTPException
from typing import Any

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


class _Http(urllib.request.HTTPHandler):
    def http_open(self, request: urllib.request.Request) -> Any:
        return self.do_open(partial(_outwards, http.client.HTTPConnection), request)


class _Https(urllib.request.HTTPSHandler):
    def https_open(self, request: urllib.request.Request) -> Any:
        return self.do_open(partial(_outwards, http.client.HTTPSConnection), request)


def run(context: Context, part: ClaimedPart, _on_progress: OnProgress) -> None:
    address = context.settings.webhook_url
    if not address:
        return
    with context.db.reading() as session:
        notice = session.get_one(Notice, part.payload["notice"])
    _send(address, _body(notice), private=context.settings.webhook_private)
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


def _outwards(
    kind: type[http.client.HTTPConnection], host: str, **options: Any
) -> http.client.HTTPConnection:
    """A connection that ends where the name leads to now, and not inside our own network."""
    connection = kind(host, **options)
    connection._create_connection = _connect  # type: ignore[attr-defined]
    return connection


def _connect(address: tuple[str, int], *options: Any) -> socket.socket:
    host, port = address
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    places = [str(place[0]) for *_, place in found]
    for place in places:
        if not _is_public(place):
            raise Refused(
                "The webhook's address {host} leads to {place} in a private network. Set "
                "MOTHMASK_WEBHOOK_PRIVATE to true if it is meant.",
                host=host,
                place=place,
            )
    return socket.create_connection((places[0], port), *options)


def _is_public(place: str) -> bool:
    found = ipaddress.ip_address(place.partition("%")[0])
    mapped = found.ipv4_mapped if isinstance(found, ipaddress.IPv6Address) else None
    return (mapped or found).is_global and not found.is_multicast


def _send(address: str, body: bytes, *, private: bool) -> None:
    """Raises `Refused` where it did not arrive; it is tried again later."""
    headers = {"content-type": "application/json", "user-agent": "Mothmask"}
    request = urllib.request.Request(address, body, headers, method="POST")
    guards = [] if private else [_Http, _Https]
    opener = urllib.request.build_opener(_NoRedirect, *guards)
    try:
        with opener.open(request, timeout=SECONDS):
            pass
    except (urllib.error.URLError, HTTPException, OSError) as error:
        raise Refused("The webhook did not take the notice: {error}", error=str(error)) from None
