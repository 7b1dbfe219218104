"""Curators as their browsers ask: the queue, pictures ahead, decisions, and a heart-beat."""

import http.client
import json
import random
import threading
import time
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode, urlsplit
from uuid import uuid4

AHEAD = 5
"""Specimens whose pictures are there before they are shown, as in `static/js/review/line.js`."""
REMEMBERED = 100
HEARTBEAT_SECONDS = 20.0
DECISIONS = ("accept",) * 8 + ("reject", "skip")


@dataclass
class Seen:
    """What one curator was answered, after how many seconds."""

    seconds: dict[str, list[float]] = field(default_factory=dict)
    errors: list[str] = field(default_factory=list)
    acknowledged: list[str] = field(default_factory=list)
    """Ids of decisions that the server said it has."""

    def note(self, kind: str, seconds: float) -> None:
        self.seconds.setdefault(kind, []).append(seconds)


class Browser:
    """Keeps one connection and the cookies."""

    def __init__(self, address: str, seen: Seen) -> None:
        self.address, self.seen = address, seen
        self.place = urlsplit(address).netloc
        self.cookies: dict[str, str] = {}
        self.connection = http.client.HTTPConnection(self.place, timeout=60)

    def ask(
        self, kind: str, method: str, path: str, body: bytes = b"", of: str = "application/json"
    ) -> tuple[int, bytes]:
        headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())}
        if method != "GET":
            headers |= {"Origin": self.address, "Content-Type": of}
        began = time.perf_counter()
        try:
            self.connection.request(method, path, body or None, headers)
            answer = self.connection.getresponse()
            content = answer.read()
        except (OSError, http.client.HTTPException) as error:
            self.connection.close()
            self.seen.errors.append(f"{kind}: {error!r}")
            return 0, b""
        self.seen.note(kind, time.perf_counter() - began)
        for cookie in answer.headers.get_all("Set-Cookie", []):
            name, _, value = cookie.partition(";")[0].partition("=")
            self.cookies[name] = value
        if answer.status >= 400:
            self.seen.errors.append(f"{kind}: {answer.status} {content[:200]!r}")
        return answer.status, content

    def call(self, kind: str, method: str, path: str, wanted: Mapping[str, object]) -> Any:
        """Return what the API answers; nothing where it refuses."""
        status, content = self.ask(kind, method, "/api/v1" + path, json.dumps(wanted).encode())
        return json.loads(content) if 200 <= status < 300 and content else None


class Curator(threading.Thread):
    def __init__(
        self, address: str, token: str, number: int, every: float, stop: threading.Event
    ) -> None:
        super().__init__(daemon=True)
        self.seen = Seen()
        self.browser = Browser(address, self.seen)
        self.token, self.number, self.every, self.stop = token, number, every, stop
        self.random = random.Random(number)
        self.line: deque[Any] = deque()
        self.shown: deque[int] = deque(maxlen=REMEMBERED)
        self.beaten = 0.0

    def sign_in(self) -> None:
        self.browser.ask("sign in", "GET", f"/?token={self.token}")
        name = urlencode({"name": f"Curator {self.number}"}).encode()
        form = "application/x-www-form-urlencoded"
        self.browser.ask("sign in", "POST", "/welcome", name, form)

    def run(self) -> None:
        self._fetch()
        due = time.monotonic() + self.every * self.random.random()
        while not self.stop.wait(max(0.0, due - time.monotonic())):
            due = max(due, time.monotonic()) + self.every * self.random.uniform(0.7, 1.3)
            if self.line:
                self._decide(self.line.popleft())
            self._fetch()
            self._beat()

    def _decide(self, item: Any) -> None:
        decision = self.random.choice(DECISIONS)
        decision_id = uuid4().hex
        candidate = item["candidates"][0]["id"] if item["candidates"] else None
        wanted = {
            "decision_id": decision_id,
            "decision": decision if candidate is not None else "skip",
            "candidate_id": candidate if decision != "skip" else None,
            "parent_id": item["parent_id"],
            "reasons": ["wing-cut"] if decision == "reject" else [],
        }
        answer = self.browser.call("decision", "POST", f"/specimens/{item['id']}/reviews", wanted)
        if answer is not None:
            self.seen.acknowledged.append(decision_id)

    def _fetch(self) -> None:
        missing = AHEAD + 1 - len(self.line)
        if missing <= 0:
            return
        wanted = {"limit": missing, "exclude": list(self.shown), "show": "open"}
        answer = self.browser.call("queue", "POST", "/review-queue", wanted)
        for item in answer["items"] if answer is not None else ():
            self.line.append(item)
            self.shown.append(item["id"])
            for path in _pictures(item):
                self.browser.ask("picture", "GET", path)

    def _beat(self) -> None:
        if time.monotonic() - self.beaten < HEARTBEAT_SECONDS or not self.line:
            return
        self.beaten = time.monotonic()
        ahead = [item["id"] for item in self.line]
        beat = {"specimens": ahead, "looking_at": ahead[0]}
        self.browser.call("heart-beat", "PUT", "/leases", beat)


def _pictures(item: Any) -> Sequence[str]:
    return [item["crop"]["picture"], *(each["mask"] for each in item["candidates"])]
