"""The configuration of a training as tables that people read."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

from app.domain.base import Json
from app.web.wording import sentence, word
from ml.config import TrainingConfig
from ml.presets import PRESETS

GROUPS = {
    "network": "Network",
    "": "Training",
    "loss": "Loss",
    "augmentation": "Random changes",
    "sampling": "Which pictures are drawn",
    "prediction": "Predicting",
}
LABELS = {
    "network.base": "channels of the first level",
    "network.depth": "levels down",
    "network.bilinear": "enlarges bilinearly",
    "network.stride": "pixels per step of the first convolution",
    "network.deep_supervision": "further levels that answer while training",
    "side": "side of the pictures, in pixels",
    "batch": "pictures per step",
    "steps_per_epoch": "least steps per epoch",
    "epochs": "most epochs",
    "warmup_epochs": "epochs of warm-up",
    "plateau_patience": "epochs without a better Dice until a plateau",
    "plateau_factor": "factor by which a plateau lowers the rate",
    "stop_patience": "epochs without a better Dice until training ends",
    "optimiser": "optimiser",
    "schedule": "how the learning rate falls",
    "clip": "largest norm of the gradient",
    "accumulate": "batches per step of the optimiser",
    "average": "averaged weights: share of the old value",
    "compiled": "compiled network",
    "sheet_every": "epochs between contact sheets",
    "loss.terms": "sum of",
    "loss.contour": "more weight along the edge",
    "loss.specimen_weight": "specimen against background, where weighted",
    "loss.focal_gamma": "gamma of focal losses",
    "loss.both_classes": "overlap of the background counts too",
    "loss.tversky_alpha": "alpha of Tversky losses",
    "augmentation.flip": "flips, chance of each",
    "augmentation.rotation": "rotation, degrees either way",
    "augmentation.shear": "shear, degrees either way",
    "augmentation.channels": "colour channels multiplied with 1 ±",
    "augmentation.hue_saturation": "hue and saturation",
    "augmentation.equalise": "equalised histogram, chance",
    "augmentation.noise": "noise, as a share of white",
    "augmentation.dropout": "blanked rectangles, chance",
    "augmentation.cutout": "black or white rectangles, chance",
    "augmentation.compression": "JPEG artefacts, chance",
    "augmentation.blur": "blur, chance",
    "augmentation.sharpen": "sharpened, chance",
    "augmentation.transfer": "colour and light of another source, chance",
    "sampling.draw": "how pictures are drawn",
    "sampling.sample_factor": "times that the hard group is drawn in extra batches",
    "sampling.minority": "strata drawn alike, as a share",
    "prediction.views": "views of each crop",
    "prediction.refinement": "the edge at full resolution",
}
"""By path in the configuration; what is missing here is called by its own name."""


@dataclass(frozen=True)
class Setting:
    label: str
    value: str
    usual: str | None
    """What the preset says, where that is something else."""


@dataclass(frozen=True)
class SettingGroup:
    title: str
    settings: list[Setting]


@dataclass(frozen=True)
class Configuration:
    preset: str
    groups: list[SettingGroup]

    @property
    def changed(self) -> list[Setting]:
        """Those that differ from the preset as it is now."""
        return [one for group in self.groups for one in group.settings if one.usual is not None]


def configuration(preset: str, stored: Json) -> Configuration:
    """Read what a round has kept; settings that are newer than it get the meaning they had then."""
    values = _flat(TrainingConfig.from_json(stored))
    usual = _flat(PRESETS[preset]) if preset in PRESETS else values
    groups: dict[str, list[Setting]] = {name: [] for name in GROUPS}
    for path, value in values.items():
        group, _, name = path.rpartition(".")
        differs = value != usual[path]
        label = word(LABELS.get(path, name.replace("_", " ")))
        setting = Setting(label, _shown(value), _shown(usual[path]) if differs else None)
        groups[group].append(setting)
    return Configuration(
        preset, [SettingGroup(word(GROUPS[name]), settings) for name, settings in groups.items()]
    )


def _flat(config: TrainingConfig) -> dict[str, Any]:
    """Path → value; the terms of a loss and its contour weighting are one value each."""
    return dict(_walk(asdict(config), ""))


def _walk(values: Json, prefix: str) -> Iterator[tuple[str, Any]]:
    for name, value in values.items():
        if isinstance(value, dict) and not prefix:
            yield from _walk(value, f"{name}.")
        else:
            yield prefix + name, value


def _shown(value: Any) -> str:
    match value:
        case None | False:
            return word("off")
        case True:
            return word("on")
        case float():
            return f"{value:g}"
        case str():
            return word(value)
        case {"dilate": dilate, "erode": erode, "weight": weight, "dice": dice}:
            return sentence(
                "cross-entropy × {weight:g} and Dice × {dice:g} from {dilate} px outside to "
                "{erode} px inside",
                weight=weight,
                dice=dice,
                dilate=dilate,
                erode=erode,
            )
        case [*terms]:
            return " + ".join(_term(term) for term in terms)
        case _:
            return str(value)


def _term(term: Json) -> str:
    name = word(term["name"])
    return name if term["weight"] == 1 else f"{term['weight']:g} × {name}"
