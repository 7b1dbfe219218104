"""A browser's side of the bargain: what was not answered is sent again, with the same id."""

import random
import threading
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import httpx

from benchmarks.crashing.processes import TOKEN

PATIENCE_SECONDS = 120.0
PAUSE_SECONDS = 0.3
SERVER_ERROR = 500
PASSING = (502, 503, 504, 507)
Reply = dict[str, Any]


@dataclass(frozen=True)
class Kept:
    """An action that the server has acknowledged: it must be there, once, for ever."""

    kind: str
    person: str
    specimen_id: int
    sent: Reply
    reply: Reply
    pixels: bytes = b""


@dataclass
class Ledger:
    """What all people have been told; what they see of trouble on the way."""

    kept: list[Kept] = field(default_factory=list)
    refused: set[str] = field(default_factory=set)
    """Ids of decisions to which the server said no."""
    drafts: dict[tuple[str, int], bytes | None] = field(default_factory=dict)
    """The newest draft of each person and specimen; nothing once it became a version."""
    trouble: Counter[str] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)
    """What no server may do, killed or not."""
    lock: threading.Lock = field(default_factory=threading.Lock)

    def keep(self, kept: Kept) -> None:
        with self.lock:
            self.kept.append(kept)

    def of(self, *kinds: str) -> list[Kept]:
        with self.lock:
            return [each for each in self.kept if each.kind in kinds]

    def count(self, word: str) -> None:
        with self.lock:
            self.trouble[word] += 1

    def fault(self, sentence: str) -> None:
        with self.lock:
            self.faults.append(sentence)


class Unanswered(Exception):
    """Nobody answered for minutes."""


class Client:
    """One person in one browser, which asks now this web server, now that one."""

    def __init__(self, addresses: Sequence[str], name: str, ledger: Ledger, seed: int) -> None:
        self.addresses, self.name, self.ledger = addresses, name, ledger
        self.random = random.Random(f"{seed} {name}")
        own = {"sec-fetch-site": "same-origin", "accept": "application/json"}
        self.http = httpx.Client(timeout=PATIENCE_SECONDS, headers=own)

    def come_in(self) -> None:
        self.insist("GET", "/welcome", params={"token": TOKEN})
        self.insist("POST", "/welcome", data={"name": self.name})

    def insist(self, method: str, path: str, **what: Any) -> httpx.Response:
        """Ask until somebody answers; a server error passes, but none may say 500."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < deadline:
            try:
                reply = self.http.request(method, self.random.choice(self.addresses) + path, **what)
            except httpx.TransportError as error:
                self.ledger.count(type(error).__name__)
            else:
                if reply.status_code < SERVER_ERROR:
                    return reply
                self.ledger.count(str(reply.status_code))
                if reply.status_code not in PASSING:
                    self.ledger.fault(f"{method} {path}: {reply.status_code} {reply.text[:200]}")
            time.sleep(PAUSE_SECONDS)
        raise Unanswered(f"{method} {path} was not answered within {PATIENCE_SECONDS:.0f} s")

    def get(self, path: str, **what: Any) -> Reply:
        reply = self.insist("GET", f"/api/v1{path}", **what)
        return self._read(reply) if reply.status_code == httpx.codes.OK else {}

    def post(self, path: str, **what: Any) -> Reply | None:
        """The answer; nothing where it was no."""
        reply = self.insist("POST", f"/api/v1{path}", **what)
        if not reply.is_success:
            self.ledger.count(str(reply.status_code))
            return None
        return self._read(reply)

    def _read(self, reply: httpx.Response) -> Reply:
        read: Reply = reply.json()
        return read
