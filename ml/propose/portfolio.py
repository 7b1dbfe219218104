"""Which methods run for a picture: the most promising for their time first, until one is sure."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from ml import crf
from ml.crf import CrfConfig
from ml.imaging.arrays import Mask, Pixels
from ml.propose.border import border_distance, border_mask
from ml.propose.finishing import Finishing, finished
from ml.propose.grabcut import (
    border_grabcut_mask,
    central_grabcut_mask,
    grabcut_mask,
    saliency_grabcut_mask,
    spread_grabcut_mask,
    stretched_grabcut_mask,
    wide_grabcut_mask,
)
from ml.propose.ranking import Proposal, rank

Method = Callable[[Pixels], Mask]
Clock = Callable[[], float]

SURE = 0.88
"""The score from which on nothing more is tried."""

_FAINT = 25.0


@dataclass(frozen=True)
class Member:
    """A method, and what is done to its mask.

    Args:
        name: of the candidate.
        method: makes the raw mask.
        seconds: of one processor for 320 × 213 pixels; measured.
        finishing: the steps that make its mask a candidate.
        when: asked of the picture first; without it the member fits every picture.
    """

    name: str
    method: Method
    seconds: float
    finishing: Finishing = Finishing()  # noqa: RUF009
    when: Callable[[Pixels], bool] | None = None


Portfolio = Sequence[Sequence[Member]]
"""Stages of members; a later stage is for pictures of which no earlier one is sure."""


def is_faint(pixels: Pixels) -> bool:
    """Return whether nearly all of a picture is of about the border's colour.

    Args:
        pixels: shape (height, width, 3), uint8 RGB.
    """
    return float(np.percentile(border_distance(pixels), 98)) < _FAINT


def can_crf(pixels: Pixels) -> bool:  # noqa: ARG001
    """Return whether the dense CRF is installed, whatever the picture."""
    return crf.is_available()


_CRF = Finishing(crf=CrfConfig())
_THIN_PARTS = Finishing(opened=0.0)
_CLOSED = Finishing(closed=1 / 64)

PORTFOLIO: Final[Portfolio] = (
    (
        Member("grabcut", grabcut_mask, 0.20),
        Member("saliency-grabcut", saliency_grabcut_mask, 0.21),
        Member("border", border_mask, 0.01),
    ),
    (
        Member("grabcut-border", border_grabcut_mask, 0.10),
        Member("grabcut-centre", central_grabcut_mask, 0.26),
        Member("grabcut-wide", wide_grabcut_mask, 0.28),
        Member("grabcut-stretched", stretched_grabcut_mask, 0.21, when=is_faint),
        Member("grabcut-spread", spread_grabcut_mask, 0.21, when=is_faint),
        Member("grabcut+thin", grabcut_mask, 0.005, _THIN_PARTS),
        Member("grabcut+closed", grabcut_mask, 0.005, _CLOSED),
        Member("grabcut+crf", grabcut_mask, 0.08, _CRF, when=can_crf),
    ),
)
"""Within a stage in the order in which they raise the Dice most per second, on those before.

Measured on museum and field photographs; see decision 0011.
"""


def proposed(
    pixels: Pixels,
    portfolio: Portfolio = PORTFOLIO,
    *,
    seconds: float,
    clock: Clock = time.process_time,
) -> list[Proposal]:
    """Return what the members of a portfolio propose, best first, near-equal masks merged.

    The first member always runs; another one does if its time, at the pace at which those before
    it took theirs, is left of the budget. No further stage begins once the best proposal's score
    is ``SURE``.

    Args:
        pixels: at the working size, shape (height, width, 3), uint8 RGB.
        portfolio: the members, by stages.
        seconds: the budget; of one processor unless another clock is given.
        clock: tells the seconds.

    Returns:
        Masks of the size of ``pixels``.
    """
    budget = _Budget(seconds, clock)
    raw: dict[Method, Mask] = {}
    found: list[Proposal] = []
    ranked: list[Proposal] = []
    for stage in portfolio:
        for member in stage:
            if budget.allows(member.seconds) and (member.when is None or member.when(pixels)):
                if member.method not in raw:
                    raw[member.method] = member.method(pixels)
                mask = finished(raw[member.method], pixels, member.finishing)
                found.append(Proposal(member.name, mask, 0.0))
                budget.note(member.seconds)
        ranked = rank(pixels, found)
        if ranked and ranked[0].score >= SURE:
            break
    return ranked


class _Budget:
    """Seconds that may be used, on a machine whose pace shows as work goes on."""

    def __init__(self, seconds: float, clock: Clock) -> None:
        self._seconds, self._clock = seconds, clock
        self._start = clock()
        self._expected = 0.0

    def allows(self, seconds: float) -> bool:
        if not self._expected:
            return True
        used = self._clock() - self._start
        return used + seconds * used / self._expected <= self._seconds

    def note(self, seconds: float) -> None:
        self._expected += seconds
