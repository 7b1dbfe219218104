"""Propose masks without labels: the cheap methods first, the slow one where they are not sure."""

from collections.abc import Sequence

from app.blobs import Blobs
from app.services import proposing
from app.services.jobs import ClaimedPart
from app.services.proposing import Proposable, ProposedMask
from ml.imaging.masks import decode_mask, encode_map, encode_mask
from ml.imaging.read import read_png
from ml.progress import OnProgress, Progress
from ml.propose.proposals import Proposal, add_kanezaki, cheap_proposals, wants_more
from worker.context import Context
from worker.holding import storing


def run(context: Context, part: ClaimedPart, on_progress: OnProgress) -> None:
    specimen_id = part.payload["specimen"]
    on_progress(Progress("proposing", 0, 1))
    target = _target(context, specimen_id)
    if target is None or target.proposed:
        return
    ranked = cheap_proposals(
        read_png(context.blobs.read(target.digest)), seconds=context.settings.proposal_seconds
    )
    kept = _keep(context.blobs, ranked)
    refine = wants_more(ranked)
    with storing(context, part) as session:
        proposing.store_first(
            session, part.job_id, specimen_id, target.crop_id, kept, refine=refine
        )


def run_refinement(context: Context, part: ClaimedPart, on_progress: OnProgress) -> None:
    specimen_id = part.payload["specimen"]
    target = _target(context, specimen_id)
    if target is None or target.refined:
        return
    ranked = [_proposal(context.blobs, mask) for mask in target.proposed]
    pixels = read_png(context.blobs.read(target.digest))
    outcome = add_kanezaki(pixels, ranked, on_progress=on_progress)
    kept = _keep(context.blobs, outcome.ranked)
    blocks = context.blobs.put(encode_map(outcome.blocks))
    with storing(context, part) as session:
        proposing.store_refined(session, specimen_id, target.crop_id, kept, blocks)


def _target(context: Context, specimen_id: int) -> Proposable | None:
    with context.db.reading() as session:
        return proposing.proposable(session, specimen_id)


def _keep(blobs: Blobs, ranked: Sequence[Proposal]) -> list[ProposedMask]:
    return [
        ProposedMask(found.method, blobs.put(encode_mask(found.mask)), found.score, found.agreeing)
        for found in ranked
    ]


def _proposal(blobs: Blobs, kept: ProposedMask) -> Proposal:
    mask = decode_mask(blobs.read(kept.digest))
    return Proposal(kept.method, mask, kept.score, kept.agreeing)
