"""Named configurations. Without torch."""

from dataclasses import replace

from ml.config import (
    Augmentation,
    ContourWeighting,
    LossConfig,
    NetworkConfig,
    Prediction,
    TrainingConfig,
)

MIN_LABELS = 4
"""Fewer labels than this, training and validation together, cannot be trained on."""

STRONG = Augmentation(
    brightness=0.2,
    contrast=0.2,
    dropout=0.3,
    channels=0.2,
    hue_saturation=0.2,
    equalise=0.3,
    noise=0.2,
    cutout=0.3,
    compression=0.3,
    blur=0.3,
    sharpen=0.3,
)
"""The lab's strong changes: better on photographs unlike those learned from, and a little less
exact along the edge on those alike."""

_UNET64 = TrainingConfig(
    network=NetworkConfig(base=64, depth=4),
    side=256,
    batch=8,
    steps_per_epoch=25,
    epochs=100,
    warmup_epochs=5,
    plateau_patience=5,
    stop_patience=11,
    prediction=Prediction(refinement="none"),
)

WEAK = Augmentation()
AUGMENTATIONS = {"weak": WEAK, "strong": STRONG}

PRESETS = {
    "tiny": TrainingConfig(
        network=NetworkConfig(base=16, depth=4, stride=2),
        side=192,
        batch=16,
        steps_per_epoch=25,
        epochs=40,
        warmup_epochs=1,
        plateau_patience=3,
        plateau_factor=0.3,
        stop_patience=40,
        learning_rate=3e-3,
        schedule="cosine",
        average=0.99,
        prediction=Prediction(refinement="crf"),
    ),
    "gpu": TrainingConfig(
        network=NetworkConfig(base=32, depth=5),
        side=384,
        batch=32,
        steps_per_epoch=50,
        epochs=60,
        warmup_epochs=2,
        plateau_patience=5,
        stop_patience=20,
        schedule="cosine",
        average=0.99,
        compiled=True,
    ),
    "lab": replace(
        _UNET64,
        steps_per_epoch=1,
        loss=LossConfig(contour=ContourWeighting(), both_classes=True),
        augmentation=STRONG,
    ),
    "unet64": _UNET64,
}
"""``tiny`` is for machines without a GPU, ``gpu`` for one recent GPU. ``lab`` is the network
and all the values of the lab, whose epochs go through the labels once; ``unet64`` is its network
with weak augmentation and plain loss, to compare with."""

NETWORKS = {
    "unet16": PRESETS["tiny"].network,
    "unet32": PRESETS["gpu"].network,
    "unet64": _UNET64.network,
    "unet64-transposed": NetworkConfig(base=64, depth=4, bilinear=False),
}
"""Networks by name, for presets that shall have another than their own; the last two are the
lab's."""


def default_preset(device: str) -> str:
    """Return the name of the preset for a kind of device, as PyTorch calls it: `cpu`, `cuda`."""
    return "gpu" if device == "cuda" else "tiny"
