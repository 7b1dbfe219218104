"""Learning from decisions which candidates curators accept."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.special import expit
from sklearn.metrics import log_loss, roc_auc_score
from sklearn.model_selection import GroupKFold

from ml.acceptance.learned import METHOD, Coefficients, Decided, chance, features, logit

STIFFNESS = 1.0
"""Inverse variance of what coefficients are expected to be; a dozen decisions outweigh it."""
_FOLDS = 5

Values = NDArray[np.float64]


@dataclass(frozen=True)
class Order:
    """How well scores foresee decisions.

    Args:
        log_loss: mean, natural logarithm; lower is better.
        auc: share of pairs of an accepted and another candidate that are in the right order.
        first: share of specimens whose accepted candidate scores highest.
    """

    log_loss: float
    auc: float
    first: float


@dataclass(frozen=True)
class Quality:
    """Own scores and learned ones on the same decisions, none of which it was learned from.

    Args:
        specimens: how many had a candidate accepted, among several.
        own: of own scores.
        learned: of learned scores, by cross-validation over specimens.
        used: whether learned scores are the better ones.
    """

    specimens: int
    own: Order
    learned: Order
    used: bool

    def as_json(self) -> dict[str, object]:
        """Return nested dictionaries of numbers."""
        return asdict(self)


@dataclass(frozen=True)
class Learned:
    """What was learned for one source.

    Args:
        coefficients: for ``ml.acceptance.learned.chance``; empty where own scores are no worse.
        quality: what speaks for them; None with too few decisions to tell.
    """

    coefficients: dict[str, float]
    quality: Quality | None


def learn(mine: Sequence[Decided], others: Sequence[Decided] = ()) -> Learned:
    """Learn the chances of acceptance in a source, with what other sources teach as the start.

    Logistic regression with a Gaussian prior, twice. The first, over the other sources, expects
    own scores to be right; the second, over this source, expects what the first has found. So what
    is common is shared, and a source goes its own way as far as its decisions carry (partial
    pooling; Gelman and Hill, "Data Analysis Using Regression and Multilevel Models", 2007).

    What was learned is used only if in cross-validation it foresees decisions better than own
    scores do, and puts no fewer accepted candidates first. Methods are told apart only if that
    puts more of them first: where one method is refused, another may merely be absent. Nothing
    here is random.

    Args:
        mine: decisions in the source.
        others: decisions in all other sources.
    """
    groups = np.array([row.specimen for row in mine], np.int64)
    accepted = np.array([row.accepted for row in mine], np.bool_)
    choices = _choices(groups, accepted)
    if len(np.unique(groups)) < _FOLDS or accepted.all() or not choices:
        return Learned({}, None)
    own = _order(accepted, np.array([row.facts.own_score for row in mine]), choices)
    found = []
    for by_method in (False, True):
        start = _fit(others, {}, by_method)
        order = _order(accepted, _cross_validated(mine, groups, start, by_method), choices)
        found.append((order, start, by_method))
    order, start, by_method = max(found, key=lambda each: each[0].first)  # the plain one in a tie
    used = order.log_loss < own.log_loss and order.first >= own.first
    quality = Quality(len(choices), own, order, used)
    return Learned(_fit(mine, start, by_method) if used else {}, quality)


def _cross_validated(
    mine: Sequence[Decided], groups: NDArray[np.int64], start: Coefficients, by_method: bool
) -> Values:
    """The chance of each, learned from other specimens alone."""
    chances = np.empty(len(mine))
    for training, held_out in GroupKFold(_FOLDS).split(chances, groups=groups):
        coefficients = _fit([mine[i] for i in training], start, by_method)
        chances[held_out] = [chance(mine[i].facts, coefficients) for i in held_out]
    return chances


def _choices(groups: NDArray[np.int64], accepted: NDArray[np.bool_]) -> list[NDArray[np.intp]]:
    """The rows of each specimen where one of several was accepted."""
    of_one = (np.flatnonzero(groups == group) for group in np.unique(groups[accepted]))
    return [rows for rows in of_one if len(rows) > 1]


def _order(accepted: NDArray[np.bool_], scores: Values, choices: list[NDArray[np.intp]]) -> Order:
    return Order(
        log_loss=float(log_loss(accepted, np.clip(scores, 0.001, 0.999))),
        auc=float(roc_auc_score(accepted, scores)),
        first=float(np.mean([accepted[rows[np.argmax(scores[rows])]] for rows in choices])),
    )


def _fit(rows: Sequence[Decided], expected: Coefficients, by_method: bool) -> dict[str, float]:
    """The most probable coefficients if they are thought to lie around the expected ones."""
    found = [features(row.facts) for row in rows]
    seen = {*expected, *(name for values in found for name in values)}
    names = sorted(name for name in seen if by_method or not name.startswith(METHOD))
    table = np.array([[values.get(name, 0.0) for name in names] for values in found])
    table = table.reshape(len(rows), len(names))
    centre = np.array([expected.get(name, 0.0) for name in names])
    own = np.array([logit(row.facts.own_score) for row in rows])
    accepted = np.array([row.accepted for row in rows], np.float64)

    def loss(weights: Values) -> tuple[float, Values]:
        scores, off = own + table @ weights, weights - centre
        value = np.logaddexp(0, scores) - accepted * scores
        gradient = table.T @ (expit(scores) - accepted) + STIFFNESS * off
        return float(value.sum() + STIFFNESS / 2 * off @ off), gradient

    best = minimize(loss, centre, jac=True, method="L-BFGS-B").x
    return dict(zip(names, best.tolist(), strict=True))
