"""How long a training will take, from what earlier ones took on this machine."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.domain.rounds import Epoch, Round, TrainedModel
from ml.config import TrainingConfig

RECENT = 30
"""Rounds that are looked at."""


@dataclass(frozen=True)
class Estimate:
    """Of all variants, one after the other; without the predictions that follow."""

    low_minutes: float
    """At the pace of the fastest earlier training, and if it ends as early as any."""
    high_minutes: float
    """At the pace of the slowest, and if no epoch is left out."""
    trainings: int
    """That it rests on."""
    device: str


def estimate(
    session: Session, configs: Mapping[str, TrainingConfig], training: int, hard: int
) -> Estimate | None:
    """Nothing where no such network was trained on such pictures on this device."""
    device = session.scalar(
        select(Epoch.device).where(Epoch.device != "").order_by(Epoch.id.desc()).limit(1)
    )
    known = _alike(session, next(iter(configs.values())))
    if device is None or not known:
        return None
    paces, lengths = _experience(session, known, device)
    if not paces:
        return None
    low = high = 0.0
    for config in configs.values():
        pictures = sum(config.steps(training, hard)) * config.batch * config.accumulate
        shortest = min([config.epochs, *lengths])
        low += min(paces) * pictures * shortest / 60
        high += max(paces) * pictures * config.epochs / 60
    return Estimate(low, high, len(paces), device)


def _alike(session: Session, config: TrainingConfig) -> set[tuple[int, str]]:
    """Recent trainings of the same network on pictures of the same side, by round and variant."""
    rows = session.execute(select(Round.id, Round.configs).order_by(Round.id.desc()).limit(RECENT))
    return {
        (round_id, variant)
        for round_id, configs in rows
        for variant, stored in configs.items()
        if stored and _shape(TrainingConfig.from_json(stored)) == _shape(config)
    }


def _shape(config: TrainingConfig) -> tuple[object, ...]:
    return config.network, config.side, config.compiled, config.precision


def _experience(
    session: Session, trainings: set[tuple[int, str]], device: str
) -> tuple[list[float], list[int]]:
    """Seconds per picture, and epochs, of each training that was done on the device."""
    query = select(Epoch.round_id, Epoch.variant, Epoch.seconds, Epoch.pictures).where(
        Epoch.round_id.in_({round_id for round_id, _ in trainings}),
        Epoch.device == device,
        Epoch.pictures > 0,
    )
    seconds, pictures = defaultdict[object, float](float), defaultdict[object, int](int)
    epochs = defaultdict[object, int](int)
    for round_id, variant, took, learned in session.execute(query):
        one = (round_id, variant)
        if one in trainings:
            seconds[one] += took
            pictures[one] += learned
            epochs[one] += 1
    ended = set(session.execute(select(TrainedModel.round_id, TrainedModel.variant)).tuples())
    lengths = [number for one, number in epochs.items() if one in ended]
    return [seconds[one] / pictures[one] for one in seconds], lengths
