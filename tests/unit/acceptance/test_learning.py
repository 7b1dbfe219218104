"""What is learned from decisions, and when it is believed."""

import json

import numpy as np
import pytest

from ml.acceptance.learned import MODEL, Decided, Facts, chance, logit
from ml.acceptance.learning import learn
from tests.unit.acceptance.decisions import decisions


def as_scored(facts: Facts) -> float:
    return logit(facts.own_score)


def prefers_models(facts: Facts) -> float:
    return logit(facts.own_score) + (1.0 if facts.origin == MODEL else -3.0)


def dislikes_models(facts: Facts) -> float:
    return logit(facts.own_score) - (4.0 if facts.origin == MODEL else 1.0)


def test_a_known_rule_is_found() -> None:
    learned = learn(decisions(prefers_models, 400))
    for facts in (Facts("grabcut", 0.9), Facts(MODEL, 0.8)):
        truth = 1 / (1 + np.exp(-prefers_models(facts)))
        assert chance(facts, learned.coefficients) == pytest.approx(truth, abs=0.08)


def test_a_better_order_is_used_and_says_by_how_much() -> None:
    quality = learn(decisions(prefers_models, 100)).quality
    assert quality is not None
    assert quality.used
    assert quality.learned.first > quality.own.first + 0.1
    assert quality.learned.log_loss < quality.own.log_loss
    assert quality.learned.auc > quality.own.auc


def test_an_order_that_is_no_better_is_not_used() -> None:
    """Own scores are the rule itself: what is learned from chance can only be worse."""
    learned = learn(decisions(as_scored, 40, seed=3))
    assert learned.coefficients == {}
    assert learned.quality is not None
    assert not learned.quality.used


@pytest.mark.parametrize(
    "few",
    [
        [],
        decisions(prefers_models, 3),
        [Decided(n, Facts("grabcut", 0.9), accepted=True) for n in range(30)],
        [Decided(n, Facts("grabcut", 0.9), accepted=False) for n in range(30)],
    ],
    ids=["none", "three-specimens", "all-accepted", "all-rejected"],
)
def test_what_cannot_be_compared_is_not_used(few: list[Decided]) -> None:
    learned = learn(few)
    assert (learned.coefficients, learned.quality) == ({}, None)


def refuses_border(facts: Facts) -> float:
    return logit(facts.own_score) - (4.0 if facts.origin == "border" else 1.0)


def test_a_method_that_a_source_refuses_is_told_apart() -> None:
    coefficients = learn(decisions(refuses_border, 200)).coefficients
    border, grabcut = (chance(Facts(origin, 0.9), coefficients) for origin in ("border", "grabcut"))
    assert border < grabcut / 2


def test_a_source_with_few_decisions_leans_on_the_others() -> None:
    mine = decisions(prefers_models, 12, seed=1)
    others = decisions(prefers_models, 300, seed=2, first=1000)
    alone, helped = learn(mine).quality, learn(mine, others).quality
    assert alone is not None
    assert helped is not None
    assert helped.learned.log_loss < alone.learned.log_loss


def test_a_source_with_many_decisions_goes_its_own_way() -> None:
    others = decisions(prefers_models, 300, seed=2, first=1000)
    of_model = Facts(MODEL, 0.9)
    few, many = (learn(decisions(dislikes_models, n, seed=1), others) for n in (20, 300))
    chances = [chance(of_model, learned.coefficients) for learned in (few, many)]
    truth = 1 / (1 + np.exp(-dislikes_models(of_model)))
    assert chances[1] < chances[0]
    assert chances[1] == pytest.approx(truth, abs=0.08)


def test_coefficients_and_quality_survive_json() -> None:
    learned = learn(decisions(prefers_models, 60))
    assert learned.quality is not None
    kept = json.loads(json.dumps([learned.coefficients, learned.quality.as_json()]))
    facts = Facts("border", 0.8)
    assert chance(facts, kept[0]) == chance(facts, learned.coefficients)
    assert kept[1]["own"]["first"] == learned.quality.own.first


def test_the_same_decisions_teach_the_same() -> None:
    rows = decisions(prefers_models, 60)
    assert learn(rows) == learn(rows)
