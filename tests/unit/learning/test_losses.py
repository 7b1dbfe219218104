import pytest
import torch
from torch import Tensor

from ml.losses import cross_entropy_and_dice


def scores(truth: Tensor, sureness: float) -> Tensor:
    return (
        torch.cat([-truth, truth], dim=1)
        .sub(torch.tensor([-0.5, 0.5]).view(1, 2, 1, 1))
        .mul(sureness)
    )


TRUTH = (torch.arange(64).view(1, 1, 8, 8) % 3 == 0).float()


@pytest.mark.parametrize(("sureness", "least", "most"), [(40, 0, 0.01), (-40, 5, 100), (0, 0.9, 2)])
def test_right_is_cheap_and_surely_wrong_is_dear(
    sureness: float, least: float, most: float
) -> None:
    loss = cross_entropy_and_dice()(scores(TRUTH, sureness), TRUTH).item()
    assert least <= loss <= most


def test_half_sure_scores_cost_what_the_formula_says() -> None:
    loss = cross_entropy_and_dice()(torch.zeros(1, 2, 8, 8), TRUTH).item()
    share = TRUTH.mean().item()
    soft_dice = 2 * 0.5 * share / (0.5 + share)
    assert loss == pytest.approx(torch.log(torch.tensor(2.0)).item() + 1 - soft_dice, abs=1e-3)
