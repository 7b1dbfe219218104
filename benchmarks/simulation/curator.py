"""A curator who knows the true masks, and never errs."""

from dataclasses import dataclass
from uuid import uuid4

from app.domain.labelling import HAND, Candidate, Decision
from app.domain.specimens import Crop
from app.services import labelling, queueing, review_items
from app.services.labelling import NewDecision, NewMask
from app.services.review_items import ReviewMatter
from benchmarks.simulation.collection import Collection
from benchmarks.simulation.program import Program
from ml.imaging.arrays import Mask
from ml.imaging.frame import into_photograph, out_of_photograph
from ml.imaging.masks import decode_mask, encode_mask
from ml.metrics.overlap import dice

PAGE = 50


@dataclass
class Effort:
    """What the curator has done so far, and what is left."""

    decisions: int = 0
    accepted: int = 0
    drawn: int = 0
    still_open: int = 0


class SimulatedCurator:
    def __init__(self, program: Program, collection: Collection, held_out: frozenset[str]) -> None:
        self.program = program
        self.collection = collection
        self.held_out = held_out
        self.effort = Effort()

    def review(self, *, accept: float, draw_at_most: int) -> None:
        """Look once at every open specimen: accept, else draw while there are draws, else skip."""
        left = self.effort.drawn + draw_at_most
        self.effort.still_open = 0
        for matter in self.open_specimens():
            if not self.label(matter, accept=accept, draws=self.effort.drawn < left):
                self._decide(matter, Decision.SKIP)
                self.effort.still_open += 1

    def label(self, matter: ReviewMatter, *, accept: float, draws: bool = True) -> bool:
        """Accept the best candidate if it is good enough, else draw; False: there is no label."""
        truth = self.collection.truth(matter.specimen.key)
        best, best_dice = self._best(matter, truth)
        if best is not None and best_dice >= accept:
            self._decide(matter, Decision.ACCEPT, best)
            self.effort.accepted += 1
        elif draws:
            self._draw(matter, truth)
            self.effort.drawn += 1
        else:
            return False
        return True

    def open_specimens(self) -> list[ReviewMatter]:
        """What the queue offers, in its order, without those that are held out."""
        seen: list[int] = []
        matters: list[ReviewMatter] = []
        while page := self._next_page(seen):
            seen += [matter.specimen.id for matter in page]
            matters += [matter for matter in page if matter.specimen.key not in self.held_out]
        return matters

    def _next_page(self, seen: list[int]) -> list[ReviewMatter]:
        with self.program.context.db.reading() as session:
            specimens = queueing.next_specimens(session, exclude=seen, limit=PAGE)
            return review_items.load(session, specimens)

    def _best(self, matter: ReviewMatter, truth: Mask) -> tuple[Candidate | None, float]:
        scored = [
            (candidate_dice(self.program, matter.crop, candidate.digest, truth), candidate)
            for candidate in matter.candidates
        ]
        if not scored:
            return None, 0.0
        best_dice, best = max(scored, key=lambda pair: pair[0])
        return best, best_dice

    def _decide(
        self, matter: ReviewMatter, decision: Decision, candidate: Candidate | None = None
    ) -> None:
        wanted = NewDecision(
            decision_id=uuid4().hex,
            decision=decision,
            parent_id=matter.specimen.version_id,
            candidate_id=candidate.id if candidate is not None else None,
        )
        self.effort.decisions += 1
        with self.program.context.db.transaction() as session:
            labelling.decide(session, self.program.person.id, matter.specimen.id, wanted)

    def _draw(self, matter: ReviewMatter, truth: Mask) -> None:
        cut = out_of_photograph(truth, matter.crop.placement)
        digest = self.program.context.blobs.put(encode_mask(cut))
        parent_id = matter.specimen.version_id
        mask = NewMask(uuid4().hex, HAND, digest, matter.crop.id, parent_id)
        with self.program.context.db.transaction() as session:
            labelling.save_mask(session, self.program.person.id, matter.specimen.id, mask)


def candidate_dice(program: Program, crop: Crop, digest: str, truth: Mask) -> float:
    """Dice in photograph coordinates of a mask that is stored in its crop's."""
    mask = decode_mask(program.context.blobs.read(digest))
    return dice(into_photograph(mask, crop.placement, *truth.shape), truth)
