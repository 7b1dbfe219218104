"""The sixth person: imports, hands in masks, starts a round and an export while others decide."""

import io
import time
import zipfile
from collections.abc import Callable
from dataclasses import dataclass

from benchmarks.crashing.client import Client, Kept, Reply
from benchmarks.crashing.collection import HEIGHT, SOURCE, WIDTH, photograph
from benchmarks.crashing.quick import PRESET
from ml.imaging.drawn import draw_specimen
from ml.imaging.masks import encode_mask

FIRST_SEED = 5_000
IMPORTED, ARCHIVED, MASKS = 8, 5, 5
WAIT_SECONDS = 240.0


@dataclass
class Lead:
    """`share` tells how much of the day is over, 0…1."""

    client: Client
    share: Callable[[], float]

    def work(self) -> None:
        self.client.come_in()
        for moment, act in (
            (0.05, self._import_photographs),
            (0.25, self._hand_in_masks),
            (0.4, self._start_round),
            (0.5, self._import_archive),
            (0.8, self._export),
        ):
            while self.share() < moment:
                time.sleep(0.05)
            act()

    def _import_photographs(self) -> None:
        seeds = range(FIRST_SEED, FIRST_SEED + IMPORTED)
        pictures = {f"day-{seed}.png": photograph(seed) for seed in seeds}
        self._import(pictures, [("files", (name, data)) for name, data in pictures.items()])

    def _import_archive(self) -> None:
        first = FIRST_SEED + IMPORTED
        pictures = {f"day-{seed}.png": photograph(seed) for seed in range(first, first + ARCHIVED)}
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w") as archive:
            for name, data in pictures.items():
                archive.writestr(name, data)
        self._import(pictures, [("files", ("day.zip", packed.getvalue()))])

    def _import(
        self, pictures: dict[str, bytes], files: list[tuple[str, tuple[str, bytes]]]
    ) -> None:
        reply = self.client.post("/imports", data={"source": "DAY"}, files=files)
        if reply is None:
            self.client.ledger.fault("an import was refused")
            return
        for name, data in pictures.items():
            self._keep("photograph", {"name": name}, reply, data)

    def _hand_in_masks(self) -> None:
        """Whole-photograph masks of the first specimens, taken as label versions."""
        named = {
            f"{SOURCE}/moth-{seed:04}.png": encode_mask(
                draw_specimen(seed, width=WIDTH, height=HEIGHT).mask
            )
            for seed in range(MASKS)
        }
        files = [("files", (name, data)) for name, data in named.items()]
        reply = self.client.post("/mask-imports", data={"kind": "auto"}, files=files)
        if reply is None:
            self.client.ledger.fault("an import of masks was refused")
            return
        number = reply["import_id"]
        self._keep("mask-import", {"names": [*named]}, reply)
        if self._until_done(reply["job"]["id"]):
            taking = self.client.post(f"/mask-imports/{number}/taking", json={"as": "versions"})
            if taking is not None:
                self._keep("taking", {"import_id": number}, taking)

    def _start_round(self) -> None:
        drawn = self.client.random.randbytes(8).hex()
        wanted = {"preset": PRESET, "request_id": drawn}
        reply = self.client.post("/rounds", json=wanted)
        if reply is None:
            self.client.ledger.fault("a round was refused")
        else:
            self._keep("round", wanted, reply)

    def _export(self) -> None:
        reply = self.client.post("/exports", json={"kind": "masks"})
        if reply is None:
            self.client.ledger.fault("an export was refused")
        else:
            self._keep("export", {}, reply)

    def _until_done(self, job_id: int) -> bool:
        deadline = time.monotonic() + WAIT_SECONDS
        while time.monotonic() < deadline:
            state = self.client.get(f"/jobs/{job_id}").get("state")
            if state not in ("queued", "running"):
                return state == "done"
            time.sleep(0.2)
        self.client.ledger.fault(f"job {job_id} was not done within {WAIT_SECONDS:.0f} s")
        return False

    def _keep(self, kind: str, sent: Reply, reply: Reply, data: bytes = b"") -> None:
        self.client.ledger.keep(Kept(kind, self.client.name, 0, sent, reply, data))
