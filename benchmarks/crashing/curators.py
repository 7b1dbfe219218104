"""Five people who decide all day, each in a thread: reviews, batches, drawings, drafts, tags."""

import hashlib
import time
from collections.abc import Callable

import numpy as np

from benchmarks.crashing.client import Client, Kept, Reply
from ml.imaging.arrays import Mask
from ml.imaging.masks import encode_mask

PAUSE_SECONDS = 0.05
AT_ONCE = 4
HABITS = {
    "accept": 50,
    "reject": 12,
    "skip": 6,
    "unusable": 4,
    "hand": 9,
    "upload": 4,
    "draft": 4,
    "tag": 4,
    "batch": 4,
    "retract": 3,
}
REASONS = {"reject": ["wing-cut"], "unusable": ["blurred"]}


class Curator:
    """Works until all together have decided often enough."""

    def __init__(self, client: Client, is_over: Callable[[], bool], noted: Callable[[], None]):
        self.client, self.is_over, self.noted = client, is_over, noted
        self.random, self.ledger = client.random, client.ledger
        self.decided = 0
        self.own: list[Kept] = []
        self.seen: set[int] = set()

    def work(self) -> None:
        self.client.come_in()
        show = "open"
        while not self.is_over():
            items = self._next(show)
            show = "open" if items and show == "open" else self.random.choice(["open", "second"])
            for item in items:
                self._do(self.random.choices([*HABITS], [*HABITS.values()])[0], item)
                time.sleep(self.random.uniform(0, 2 * PAUSE_SECONDS))

    def _next(self, show: str) -> list[Reply]:
        taken = self.client.post("/review-queue", json={"limit": AT_ONCE, "show": show})
        items: list[Reply] = taken["items"] if taken else []
        self.seen |= {item["id"] for item in items}
        return items or self._again()

    def _again(self) -> list[Reply]:
        """Nothing waits any more: a second look at what was decided before."""
        chosen = self.random.sample(sorted(self.seen), min(AT_ONCE, len(self.seen)))
        items = (self.client.get(f"/specimens/{number}/review-item") for number in chosen)
        return [item for item in items if item]

    def _do(self, habit: str, item: Reply) -> None:
        if habit in ("hand", "upload"):
            self._draw(item, habit)
        elif habit == "draft":
            self._draft(item)
        elif habit == "tag":
            self._tag(item)
        elif habit == "batch":
            self._batch([item, *self._next("open")])
        elif habit == "retract" and self.own:
            self._retract(self.own.pop())
        else:
            self._decide(item["id"], _decision(habit, item))

    def _decide(self, specimen_id: int, wanted: Reply) -> None:
        sent = {"decision_id": self._new_id(), **wanted}
        reply = self.client.post(f"/specimens/{specimen_id}/reviews", json=sent)
        if kept := self._note("decision", specimen_id, sent, reply):
            self.own.append(kept)

    def _retract(self, earlier: Kept) -> None:
        wanted = {"decision": "retract", "retracts_id": earlier.reply["review_id"]}
        sent = {"decision_id": self._new_id(), **wanted}
        path = f"/specimens/{earlier.specimen_id}/reviews"
        reply = self.client.post(path, json=sent)
        self._note("decision", earlier.specimen_id, sent, reply)

    def _batch(self, items: list[Reply]) -> None:
        rows = {
            item["id"]: {
                "decision_id": self._new_id(),
                "specimen_id": item["id"],
                "candidate_id": item["candidates"][0]["id"],
                "parent_id": item["parent_id"],
            }
            for item in items
            if item["candidates"]
        }
        if not rows:
            return
        wanted = {"decision": "accept", "items": [*rows.values()]}
        reply = self.client.post("/reviews", json=wanted)
        answers = {each["specimen_id"]: each for each in reply["reviews"]} if reply else {}
        for specimen_id, row in rows.items():
            sent = {**row, "decision": "accept"}
            self._note("decision", specimen_id, sent, answers.get(specimen_id))

    def _draw(self, item: Reply, origin: str) -> None:
        mask = self._mask(item)
        if origin == "hand":
            self._draft(item)
        sent = {"decision_id": self._new_id(), "origin": origin, **_seen(item)}
        file = {"file": ("mask.png", encode_mask(mask), "image/png")}
        reply = self.client.post(f"/specimens/{item['id']}/versions", data=sent, files=file)
        if self._note("version", item["id"], sent, reply, mask) and origin == "hand":
            self.ledger.drafts[self.client.name, item["id"]] = None

    def _draft(self, item: Reply) -> None:
        data = encode_mask(self._mask(item))
        file = {"file": ("mask.png", data, "image/png")}
        path = f"/api/v1/specimens/{item['id']}/draft"
        if self.client.insist("PUT", path, data=_seen(item), files=file).is_success:
            self.ledger.drafts[self.client.name, item["id"]] = data

    def _tag(self, item: Reply) -> None:
        word = self.random.choice(["white wing", "翅膀破損", "check"]) + f" {self.client.name}"
        reply = self.client.post(f"/specimens/{item['id']}/tags", json={"word": word})
        if reply is not None:
            sent = {"word": word}
            self.ledger.keep(Kept("tag", self.client.name, item["id"], sent, reply))

    def _note(
        self,
        kind: str,
        specimen_id: int,
        sent: Reply,
        reply: Reply | None,
        mask: Mask | None = None,
    ) -> Kept | None:
        if reply is None:
            self.ledger.refused.add(sent["decision_id"])
            return None
        pixels = b"" if mask is None else mask.tobytes()
        kept = Kept(kind, self.client.name, specimen_id, sent, reply, pixels)
        self.ledger.keep(kept)
        self.decided += 1
        self.noted()
        return kept

    def _mask(self, item: Reply) -> Mask:
        """An ellipse, no two alike."""
        height, width = item["crop"]["height"], item["crop"]["width"]
        rows, columns = np.mgrid[:height, :width]
        tall, wide = (self.random.uniform(0.2, 0.45) * side for side in (height, width))
        inside = ((rows - height / 2) / tall) ** 2 + ((columns - width / 2) / wide) ** 2 <= 1
        return np.where(inside, 255, 0).astype(np.uint8)

    def _new_id(self) -> str:
        drawn = self.random.randbytes(8).hex()
        return hashlib.sha256(f"{self.client.name} {drawn}".encode()).hexdigest()[:32]


def _seen(item: Reply) -> Reply:
    seen = {"crop_id": item["crop"]["id"], "parent_id": item["parent_id"]}
    return {name: value for name, value in seen.items() if value is not None}


def _decision(habit: str, item: Reply) -> Reply:
    wanted: Reply = {"decision": habit if habit in REASONS else "accept"}
    if habit == "skip":
        return {"decision": "skip"}
    wanted |= {"parent_id": item["parent_id"], "reasons": REASONS.get(habit, [])}
    if habit != "unusable":
        if item["current"] is not None:
            wanted["version_id"] = item["current"]["version_id"]
        elif item["candidates"]:
            wanted["candidate_id"] = item["candidates"][0]["id"]
    return wanted
