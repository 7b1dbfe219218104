import json
import pickle

import pytest
import torch
from safetensors.torch import save

from ml.checkpoints import Checkpoint, UnusableWeights, Weights
from ml.config import NetworkConfig, Prediction
from ml.networks.unet import UNet
from ml.presets import PRESETS

NETWORK = NetworkConfig(base=4, depth=2, stride=2)


def test_weights_come_back_with_the_shape_of_their_network() -> None:
    tensors = UNet(NETWORK).state_dict()
    read = Weights.from_bytes(Weights(NETWORK, 64, tensors).to_bytes())
    assert (read.network, read.side) == (NETWORK, 64)
    UNet(read.network).load_state_dict(read.tensors)
    assert all(torch.equal(read.tensors[name], tensors[name]) for name in tensors)


def test_weights_come_back_with_how_they_were_made() -> None:
    weights = Weights(NETWORK, 192, {}, 1.5, PRESETS["tiny"], {"dice": 0.9})
    read = Weights.from_bytes(weights.to_bytes())
    assert read == weights
    assert read.prediction == PRESETS["tiny"].prediction


def test_weights_of_the_first_release_are_read() -> None:
    card = {"network": {"base": 4, "depth": 2, "bilinear": True, "stride": 2}, "side": 64}
    read = Weights.from_bytes(save({"a": torch.ones(1)}, {"card": json.dumps(card)}))
    assert (read.network, read.side, read.temperature) == (NETWORK, 64, 1.0)
    assert (read.prediction, read.training) == (Prediction(), None)


def test_a_checkpoint_keeps_its_groups_and_its_card() -> None:
    groups = {"weights": {"a.b": torch.ones(2, 3)}, "optimiser": {"0.step": torch.tensor(4.0)}}
    card = {"epoch": 3, "best": 0.5, "worst": float("-inf")}
    read = Checkpoint.from_bytes(Checkpoint(groups, card).to_bytes())
    assert read.card == card
    assert {group: list(named) for group, named in read.groups.items()} == {
        "weights": ["a.b"],
        "optimiser": ["0.step"],
    }
    assert torch.equal(read.groups["weights"]["a.b"], torch.ones(2, 3))


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"not weights at all, but long enough to have a header",
        pickle.dumps({"weights": [1, 2]}),
        save({"a": torch.zeros(1)}),
        save({"a": torch.zeros(1)}, {"card": "no JSON"}),
        save({"a": torch.zeros(1)}, {"card": '{"network": {"sort": "other"}, "side": 4}'}),
        Weights(NETWORK, 64, {"a": torch.zeros(64)}).to_bytes()[:-100],
    ],
    ids=["empty", "text", "pickle", "no card", "no JSON", "other card", "truncated"],
)
def test_other_bytes_are_refused_with_a_sentence(data: bytes) -> None:
    with pytest.raises(UnusableWeights, match="Choose another model"):
        Weights.from_bytes(data)
