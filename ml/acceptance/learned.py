"""How likely a curator is to accept a candidate, by what was learned from earlier decisions.

Only the standard library: whoever orders candidates needs nothing that learns.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass

Coefficients = Mapping[str, float]
"""Weights by name of feature; without any, a candidate's chance is its own score."""

MODEL = "model"
"""The origin of all predictions: what curators think of one model they think of the next."""

METHOD = "method "
"""How the names of features begin that tell methods apart."""

_LEAST = 0.005
_USUAL = 0.9

EXPECTED_DICE = 0.9
"""What a first model reaches, before validation labels say more."""
EXPECTED_WEIGHT = 4.0
"""How many validation labels that expectation weighs."""


@dataclass(frozen=True)
class Facts:
    """What is known of a candidate when curators see it.

    Args:
        origin: name of the method, or ``MODEL``.
        own_score: 0…1, as the method or the model rates it.
        newer: how many newer models have predicted the same specimen.
    """

    origin: str
    own_score: float
    newer: int = 0


@dataclass(frozen=True)
class Decided:
    """A candidate on which curators have decided.

    Args:
        specimen: its number; candidates of one specimen compete.
        facts: what was known of the candidate then.
        accepted: whether it was accepted, rather than rejected or passed over.
    """

    specimen: int
    facts: Facts
    accepted: bool


def chance(facts: Facts, coefficients: Coefficients) -> float:
    """Return how likely a curator is to accept the candidate, 0…1.

    A logistic model whose coefficients are corrections: the logit of the own score counts fully,
    and each feature adds its coefficient times its value. Unknown features add nothing.

    Args:
        facts: of the candidate.
        coefficients: as ``ml.acceptance.learning.learn`` returns them.
    """
    corrections = (coefficients.get(name, 0.0) * value for name, value in features(facts).items())
    return _sigmoid(logit(facts.own_score) + sum(corrections))


def features(facts: Facts) -> dict[str, float]:
    """Return what coefficients are learned for, by name.

    All of them are expected to be as small; so a feature that is multiplied with more may move
    scores more. ``curator`` is how strict curators are with everything, which a few decisions
    tell; ``own`` is how far own scores can be relied on.
    """
    common = {"curator": 3.0, "own": logit(facts.own_score) - logit(_USUAL)}
    if facts.origin == MODEL:
        return common | {"model": 1.0, "newer": math.log1p(facts.newer)}
    return common | {f"{METHOD}{facts.origin}": 0.5}


def model_score(validation_dice: float, validation_labels: int, uncertainty: float) -> float:
    """Return the own score of a model's prediction, 0…1, comparable with those of methods.

    What its Dice will miss 1 by is guessed as the geometric mean of what all its masks miss on
    average, and of how uncertain this one is. A few validation labels flatter a model, so their
    mean Dice is first drawn towards 0.9 as if four labels had said that (the mean of a Beta
    posterior). The score misses 1 by half of the guess: of several methods the one that rates
    itself highest mostly overrates itself, a single model does not. Over three models and 120
    field photographs that put better masks first than the whole guess.

    Args:
        validation_dice: 0…1, mean over the validation labels.
        validation_labels: how many they were.
        uncertainty: 0…1, of the prediction; see ``ml.prediction``.
    """
    total = EXPECTED_WEIGHT * EXPECTED_DICE + validation_labels * validation_dice
    missing = 1 - total / (EXPECTED_WEIGHT + validation_labels)
    return 1 - math.sqrt(missing * uncertainty) / 2


def logit(probability: float) -> float:
    """Return the log odds; what is surer than 0.995 counts as that."""
    held = min(max(probability, _LEAST), 1 - _LEAST)
    return math.log(held / (1 - held))


def _sigmoid(value: float) -> float:
    return 1 / (1 + math.exp(-value))
