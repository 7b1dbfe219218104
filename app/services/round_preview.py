"""What a round would be like if it started now, for whoever is about to start it."""

from dataclasses import dataclass

from sqlalchemy.orm import Session

from app.errors import MothmaskError
from app.services.round_composition import Composition, compose
from app.services.round_estimate import Estimate, estimate
from app.services.round_options import RoundOptions, configure
from app.services.round_starting import refuse_too_few, refuse_unmet, start_of


@dataclass(frozen=True)
class Preview:
    composition: Composition
    estimate: Estimate | None = None
    start_model_id: int | None = None
    """What it would begin with."""
    refusal: MothmaskError | None = None
    """Why it could not start."""


def preview(session: Session, preset: str, options: RoundOptions) -> Preview:
    """Count, foresee and check; nothing is settled by it."""
    found = compose(session, options.tags)
    try:
        configs = configure(preset, options)
        refuse_too_few(found.labels)
        refuse_unmet(
            options,
            [*configs],
            hard=found.hard,
            strata=len({share.name for share in found.strata} - {""}),
            sources=len(found.sources),
        )
        start = start_of(session, preset, next(iter(configs.values())), options)
    except MothmaskError as refusal:
        return Preview(found, refusal=refusal)
    return Preview(found, estimate(session, configs, found.training, found.hard), start)
