import numpy as np
import pytest
import torch
from torch import Tensor

from ml.training.calibration import fit_temperature, negative_log_likelihood, some_pixels


def drawn(sureness: float, count: int = 20_000) -> tuple[Tensor, Tensor]:
    """Margins that are ``sureness`` times too large for the truth drawn with them."""
    margins = torch.randn(count, generator=torch.manual_seed(0)) * 2
    truth = torch.bernoulli(margins.sigmoid(), generator=torch.manual_seed(1))
    return margins * sureness, truth


@pytest.mark.parametrize("sureness", [0.7, 1.0, 3.0])
def test_it_finds_how_much_too_sure_a_network_is(sureness: float) -> None:
    assert fit_temperature(*drawn(sureness)) == pytest.approx(sureness, rel=0.05)


def test_no_temperature_near_by_is_better() -> None:
    margins, truth = drawn(2.0)
    best = fit_temperature(margins, truth)
    costs = [negative_log_likelihood(margins, truth, best * f) for f in (0.9, 1.0, 1.1)]
    assert np.argmin(costs) == 1


def test_without_an_error_it_stays_within_bounds() -> None:
    truth = torch.tensor([0.0, 1.0] * 50)
    assert fit_temperature(truth * 20 - 10, truth) == pytest.approx(0.5, abs=0.01)
    assert fit_temperature(10 - truth * 20, truth) == pytest.approx(5.0, abs=0.05)


def test_pixels_are_spread_over_each_square_and_belong_to_their_truth() -> None:
    truth = (torch.rand(3, 1, 20, 20, generator=torch.manual_seed(2)) > 0.5).float()
    margins, kept = some_pixels(torch.cat([-truth, truth], dim=1), truth, 100)
    assert len(margins) == len(kept) == 300
    assert torch.equal(margins, 2 * kept)
