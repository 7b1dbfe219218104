"""What to do now: one thing, and what could be done besides, from how things stand."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from ml.presets import MIN_LABELS
from ml.strata.config import StrataConfig

WORTH_A_ROUND = 20
"""New labels below which a new model is hardly better."""
SHARE_OF_LABELS = 0.2
"""The same once there are many: new labels, of all."""
WORTH_A_BENCHMARK = 50
"""Labels from which on some can be spared to measure by."""


class Step(StrEnum):
    IMPORT = "import"
    WAIT = "wait"
    RETRAIN = "retrain"
    REVIEW = "review"
    HAND = "hand"
    BOXES = "boxes"
    SECOND_LOOK = "second-look"
    BENCHMARK = "benchmark"
    STRATA = "strata"
    EXPORT = "export"


@dataclass(frozen=True)
class Facts:
    specimens: int
    waiting: int
    """With a candidate that nobody has judged."""
    needs_hand: int
    boxes: int
    """That need a look."""
    labels: int
    new_labels: int
    """That no model has learned from."""
    round_running: bool
    jobs: int
    """That run or wait."""
    members: int
    """Of the benchmark."""
    has_strata: bool
    may_stop: bool
    """Random checks say that the rest is good enough."""


@dataclass(frozen=True)
class NextStep:
    step: Step
    count: int = 0


def steps(facts: Facts) -> list[NextStep]:
    """What makes sense now, the most useful first; never empty."""
    return list(_sensible(facts)) or [NextStep(Step.EXPORT, facts.labels)]


def _sensible(facts: Facts) -> Iterator[NextStep]:
    if facts.specimens:
        yield from _curating(facts)
        yield from _leading(facts)
    else:
        yield NextStep(Step.WAIT if facts.jobs else Step.IMPORT)


def _curating(facts: Facts) -> Iterator[NextStep]:
    if _is_round_due(facts):
        yield NextStep(Step.RETRAIN, facts.new_labels)
    if facts.waiting and not facts.may_stop:
        yield NextStep(Step.REVIEW, facts.waiting)
    elif facts.jobs and not facts.labels:
        yield NextStep(Step.WAIT)
    if facts.needs_hand:
        yield NextStep(Step.HAND, facts.needs_hand)
    if facts.boxes:
        yield NextStep(Step.BOXES, facts.boxes)


def _leading(facts: Facts) -> Iterator[NextStep]:
    if facts.may_stop:
        yield NextStep(Step.SECOND_LOOK)
    if facts.labels >= WORTH_A_BENCHMARK and not facts.members:
        yield NextStep(Step.BENCHMARK)
    if facts.specimens >= StrataConfig().least_specimens and not facts.has_strata:
        yield NextStep(Step.STRATA)
    if facts.labels and (facts.may_stop or not facts.waiting):
        yield NextStep(Step.EXPORT, facts.labels)


def _is_round_due(facts: Facts) -> bool:
    worth = max(MIN_LABELS, WORTH_A_ROUND, round(SHARE_OF_LABELS * facts.labels))
    return not facts.round_running and facts.new_labels >= worth
