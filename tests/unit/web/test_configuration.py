"""Configurations as people read them: every setting, and what is otherwise than in the preset."""

import json
from dataclasses import asdict, replace

import pytest

from app.domain.base import Json
from app.web.configuration import LABELS, configuration
from ml.config import ContourWeighting, LossConfig, LossTerm, TrainingConfig
from ml.presets import PRESETS


def stored(config: TrainingConfig) -> Json:
    """As a round keeps it."""
    kept: Json = json.loads(json.dumps(asdict(config)))
    return kept


@pytest.mark.parametrize("preset", PRESETS)
def test_a_preset_differs_in_nothing_from_itself(preset: str) -> None:
    assert configuration(preset, stored(PRESETS[preset])).changed == []


def test_what_differs_is_shown_with_what_is_usual() -> None:
    usual = replace(PRESETS["tiny"], loss=LossConfig(), seed=0)
    loss = LossConfig((LossTerm("cross-entropy", 2.0), LossTerm("dice")), ContourWeighting())
    found = configuration("tiny", stored(replace(usual, loss=loss, seed=3)))
    seen = {one.label: one.value for one in found.changed}
    assert seen["seed"] == "3"
    assert seen["sum of"] == "2 × cross-entropy + Dice"
    assert seen["more weight along the edge"] == (
        "cross-entropy × 5 and Dice × 3 from 6 px outside to 5 px inside"
    )


def test_every_setting_is_shown_once() -> None:
    config = PRESETS["tiny"]
    found = configuration("tiny", stored(config))
    labels = [(group.title, one.label) for group in found.groups for one in group.settings]
    nested = ("network", "loss", "augmentation", "sampling", "prediction")
    parts = [asdict(config)[name] for name in nested]
    assert (
        len(labels)
        == len(set(labels))
        == len(asdict(config)) - len(nested) + sum(len(part) for part in parts)
    )


def test_no_label_is_left_of_a_setting_that_is_gone() -> None:
    values = asdict(PRESETS["tiny"])
    for path in LABELS:
        group, _, name = path.rpartition(".")
        assert name in (values[group] if group else values), path


def test_a_preset_that_is_gone_still_shows_its_rounds() -> None:
    found = configuration("gone", stored(PRESETS["tiny"]))
    assert (found.preset, found.changed) == ("gone", [])


def test_settings_that_are_newer_than_a_round_have_their_old_meaning() -> None:
    old = stored(PRESETS["tiny"])
    del old["sampling"], old["seed"]
    values = {
        one.label: one.value
        for group in configuration("tiny", old).groups
        for one in group.settings
    }
    assert (values["how pictures are drawn"], values["seed"]) == ("random", "0")
