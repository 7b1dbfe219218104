"""The chance of a candidate, and the own score of a model."""

import pytest

from ml.acceptance.learned import MODEL, Facts, chance, model_score


@pytest.mark.parametrize("own_score", [0.1, 0.5, 0.93])
def test_without_coefficients_the_chance_is_the_own_score(own_score: float) -> None:
    assert chance(Facts("grabcut", own_score), {}) == pytest.approx(own_score)


@pytest.mark.parametrize("own_score", [0.0, 1.0])
def test_the_surest_scores_can_still_be_corrected(own_score: float) -> None:
    facts = Facts("grabcut", own_score)
    low, high = chance(facts, {"curator": -2.0}), chance(facts, {"curator": 2.0})
    assert 0 < low < high < 1


def test_what_was_learned_of_a_method_moves_only_that_method() -> None:
    learned = {"method border": -6.0}
    assert chance(Facts("border", 0.9), learned) < 0.5
    assert chance(Facts("grabcut", 0.9), learned) == pytest.approx(0.9)
    assert chance(Facts(MODEL, 0.9), learned) == pytest.approx(0.9)


def test_an_older_model_can_count_less() -> None:
    learned = {"newer": -1.0}
    newest, older = (Facts(MODEL, 0.9, newer=newer) for newer in (0, 2))
    assert chance(older, learned) < chance(newest, learned)


def test_one_validation_label_flatters_less_than_many() -> None:
    assert model_score(0.99, 1, 0.05) < model_score(0.99, 40, 0.05)
    assert model_score(0.5, 1, 0.05) > model_score(0.5, 40, 0.05)


def test_a_surer_prediction_scores_higher() -> None:
    scores = [model_score(0.95, 20, uncertainty) for uncertainty in (1.0, 0.2, 0.05, 0.0)]
    assert scores == sorted(scores)
    assert all(0 <= score <= 1 for score in scores)
