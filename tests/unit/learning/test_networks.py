import pytest
import torch

from ml.config import NetworkConfig, TrainingConfig
from ml.networks.unet import UNet
from ml.presets import PRESETS


@pytest.mark.parametrize(
    ("network", "weights"),
    [
        # What milesial's Pytorch-UNet, the lab's network, counts for 3 channels and 2 classes.
        (NetworkConfig(base=64, depth=4, bilinear=True), 17_263_042),
        (NetworkConfig(base=64, depth=4, bilinear=False), 31_037_698),
    ],
)
def test_the_lab_s_network_has_the_lab_s_number_of_weights(
    network: NetworkConfig, weights: int
) -> None:
    assert sum(parameter.numel() for parameter in UNet(network).parameters()) == weights


def test_the_preset_of_the_lab_is_that_network() -> None:
    assert PRESETS["unet64"].network == NetworkConfig(base=64, depth=4, bilinear=True, stride=1)


@pytest.mark.parametrize("bilinear", [True, False])
@pytest.mark.parametrize("stride", [1, 2])
def test_scores_have_the_size_of_the_picture(bilinear: bool, stride: int) -> None:
    network = UNet(NetworkConfig(base=4, depth=2, bilinear=bilinear, stride=stride))
    assert network(torch.rand(2, 3, 48, 64)).shape == (2, 2, 48, 64)


def test_every_weight_takes_part() -> None:
    network = UNet(PRESETS["tiny"].network)
    network(torch.rand(2, 3, 64, 64)).square().sum().backward()
    assert all(parameter.grad is not None for parameter in network.parameters())


def test_a_side_that_cannot_be_halved_is_refused() -> None:
    with pytest.raises(ValueError, match="halved"):
        TrainingConfig(NetworkConfig(4, 3), 36, 8, 8, 4, 1, 2, 4)
