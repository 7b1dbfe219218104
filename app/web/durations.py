"""Durations as people say them."""

import math

from app.services.round_estimate import Estimate
from app.web.wording import sentence

LONG = 90
"""Minutes from which on hours are said."""


def duration(estimate: Estimate | None) -> str:
    """How long a training will take, as a range that is as wide as what is known."""
    if estimate is None:
        return sentence("How long it takes is known once such a network was trained here.")
    low, high = math.floor(estimate.low_minutes), math.ceil(estimate.high_minutes)
    if high >= LONG:
        hours = {"low": round(low / 60, 1), "high": math.ceil(high / 6) / 10}
        return sentence("Training takes {low:g} to {high:g} hours.", **hours)
    if low < 1:
        return sentence("Training takes at most {high} min.", high=high)
    return sentence("Training takes {low} to {high} min.", low=low, high=high)
