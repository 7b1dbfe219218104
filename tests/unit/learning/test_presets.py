import json
from dataclasses import asdict, replace
from typing import Any

import pytest
import torch
from pydantic import ValidationError

from ml.config import ContourWeighting, NetworkConfig, TrainingConfig
from ml.presets import PRESETS, default_preset
from ml.training.learner import Learner

FIRST_TINY: dict[str, Any] = {
    "network": {"base": 16, "depth": 4, "bilinear": True, "stride": 2},
    "side": 192,
    "batch": 16,
    "steps_per_epoch": 25,
    "epochs": 20,
    "warmup_epochs": 1,
    "plateau_patience": 3,
    "stop_patience": 8,
    "learning_rate": 0.001,
    "weight_decay": 0.001,
    "clip": 1.0,
    "plateau_factor": 0.3,
    "average": 0.98,
    "augmentation": {
        "flip": 0.5,
        "rotation": 15.0,
        "shear": 10.0,
        "scale": 0.1,
        "shift": 0.1,
        "brightness": 0.1,
        "contrast": 0.2,
    },
    "seed": 0,
}
"""What the first release stored with its rounds."""


@pytest.mark.parametrize("name", PRESETS)
def test_presets_come_back_from_json(name: str) -> None:
    stored = json.dumps(asdict(PRESETS[name]))
    assert TrainingConfig.from_json(json.loads(stored)) == PRESETS[name]


def test_configurations_of_the_first_release_keep_their_meaning() -> None:
    read = TrainingConfig.from_json(FIRST_TINY)
    assert read.network == NetworkConfig(base=16, depth=4, stride=2)
    assert (read.optimiser, read.schedule, read.precision) == ("adamw", "plateau", "auto")
    assert [term.name for term in read.loss.terms] == ["cross-entropy", "dice"]
    assert (read.loss.contour, read.sampling.draw, read.accumulate) == (None, "random", 1)
    assert read.augmentation.noise == read.augmentation.transfer == 0


@pytest.mark.parametrize(
    "wrong", [{"optimiser": "adam"}, {"side": "wide"}, {"loss": {"terms": [{"name": "hinge"}]}}]
)
def test_values_that_nothing_knows_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        TrainingConfig.from_json({**FIRST_TINY, **wrong})


@pytest.mark.parametrize("name", PRESETS)
def test_each_preset_trains_a_step(name: str) -> None:
    """At a small size, and uncompiled: that takes minutes and has a test of its own."""
    config = replace(PRESETS[name], compiled=False)
    side = config.network.stride * 2**config.network.depth
    learner = Learner(replace(config, side=side), None)
    squares = torch.randint(256, (2, side, side, 4), dtype=torch.uint8)
    before = [weight.clone() for weight in learner.network.parameters()]
    learner.begin_epoch()
    learner.rate.before_step(1.0)
    assert torch.isfinite(learner.step(squares))
    after = learner.network.parameters()
    assert all(not torch.equal(old, new) for old, new in zip(before, after, strict=True))


def test_the_lab_s_preset_has_the_lab_s_values() -> None:
    lab = PRESETS["lab"]
    assert lab.network == NetworkConfig(base=64, depth=4, bilinear=True, stride=1)
    assert lab.loss.contour == ContourWeighting(dilate=6, erode=5, weight=5, dice=3)
    assert lab.loss.both_classes
    assert (lab.optimiser, lab.learning_rate, lab.weight_decay) == ("adamw", 1e-3, 1e-3)
    assert (lab.warmup_epochs, lab.plateau_patience, lab.stop_patience) == (5, 5, 11)
    assert (lab.schedule, lab.epochs, lab.batch, lab.side) == ("plateau", 100, 8, 256)
    strong = lab.augmentation
    assert (strong.flip, strong.rotation, strong.shear, strong.noise) == (0.5, 15, 10, 0.2)
    assert min(strong.equalise, strong.cutout, strong.compression, strong.blur) > 0


def test_each_device_has_its_preset() -> None:
    assert [default_preset(device) for device in ("cpu", "cuda")] == ["tiny", "gpu"]
