"""Everything that decides what a training makes of labels. Without torch.

A `TrainingConfig` is stored with each round and each model, and shown in their pages, so a field
that is added needs a default with which older configurations keep their meaning.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, Self

from pydantic import TypeAdapter

LossName = Literal[
    "cross-entropy",
    "weighted-cross-entropy",
    "binary-cross-entropy",
    "dice",
    "iou",
    "focal",
    "generalised-dice",
    "tversky",
    "focal-tversky",
    "boundary",
]
CROSS_ENTROPIES: frozenset[LossName] = frozenset(
    {"cross-entropy", "weighted-cross-entropy", "binary-cross-entropy"}
)
Optimiser = Literal["adamw", "sgd"]
Schedule = Literal["plateau", "cosine"]
Precision = Literal["auto", "bf16", "fp16", "float32"]
Draw = Literal["random", "single", "multi", "mix"]
Refinement = Literal["none", "guided", "crf"]
Views = Literal["one", "flips", "flips-and-scales"]


@dataclass(frozen=True)
class NetworkConfig:
    """The shape of a U-Net; a picture's side must be a multiple of ``stride · 2^depth``.

    Args:
        base: channels of the first level; each level below has twice as many.
        depth: how often the picture is halved on the way down.
        bilinear: enlarge by bilinear sampling, otherwise by transposed convolutions.
        stride: pixels per step of the first convolution. With 2 no layer works at full
            resolution, which is where a CPU spends most of its time.
        deep_supervision: how many levels below the last also answer while training; 0 for none.
    """

    base: int
    depth: int
    bilinear: bool = True
    stride: int = 1
    deep_supervision: int = 0

    def __post_init__(self) -> None:
        """Check that there are as many levels as are asked to answer."""
        if not 0 <= self.deep_supervision < self.depth:
            raise ValueError(f"{self.depth} levels have no {self.deep_supervision} more answers")


@dataclass(frozen=True)
class LossTerm:
    """One loss of a sum, and what it is multiplied with."""

    name: LossName
    weight: float = 1.0


@dataclass(frozen=True)
class ContourWeighting:
    """More weight for the band along the true edge, as the lab had it.

    Args:
        dilate: how often the true mask is grown by a 3×3 ellipse for the band's outer edge.
        erode: how often it is shrunk for the inner one.
        weight: of each pixel's cross-entropy within the band, against 1 outside.
        dice: of a Dice loss over the band alone, which is added; 0 for none.
    """

    dilate: int = 6
    erode: int = 5
    weight: float = 5.0
    dice: float = 3.0


@dataclass(frozen=True)
class LossConfig:
    """The sum that training makes small.

    Args:
        terms: losses with their weights.
        contour: more weight along the edge; needs a cross-entropy among the terms.
        specimen_weight: of specimen against background in the weighted cross-entropy.
        focal_gamma: of focal and focal Tversky loss.
        tversky_alpha: weight of false positives in Tversky losses; false negatives get 1 − alpha.
        both_classes: losses of regions (Dice, IoU, Tversky …) are the mean over specimen and
            background, as the lab had it, rather than those of the specimen alone.
    """

    terms: tuple[LossTerm, ...] = (LossTerm("cross-entropy"), LossTerm("dice"))
    contour: ContourWeighting | None = None
    specimen_weight: float = 2.0
    focal_gamma: float = 2.0
    tversky_alpha: float = 0.3
    both_classes: bool = False

    def __post_init__(self) -> None:
        """Check that there is something to make small, and to weight along the edge."""
        names = {term.name for term in self.terms}
        if not names:
            raise ValueError("a loss needs at least one term")
        if self.contour and not names & CROSS_ENTROPIES:
            raise ValueError(f"contour weighting needs one of {sorted(CROSS_ENTROPIES)}")


@dataclass(frozen=True)
class Augmentation:
    """How far training pictures are changed at random; a strength of 0 leaves a change out.

    Args:
        flip: chance of each of the two flips.
        rotation: degrees either way.
        shear: degrees either way.
        scale: share by which a picture is made larger or smaller.
        shift: share of the side.
        brightness: share of white taken, or half of it added: what is white keeps its edge.
        contrast: share.
        dropout: chance that some cells of a grid are blackened (coarse dropout).
        channels: each colour channel is multiplied with 1 − this to 1 + half of it.
        hue_saturation: hue turned by this share of a quarter circle, saturation multiplied with
            1 ± this.
        equalise: chance that the histogram is equalised, blended in at random.
        noise: largest deviation of Gaussian noise, as a share of white; half the pictures get it.
        cutout: chance of up to three rectangles, black or white.
        compression: chance of artefacts as JPEG makes them.
        blur: chance of a Gaussian blur.
        sharpen: chance of unsharp masking.
        transfer: chance that colour and light are taken from a picture of another source.
    """

    flip: float = 0.5
    rotation: float = 15.0
    shear: float = 10.0
    scale: float = 0.1
    shift: float = 0.1
    brightness: float = 0.1
    contrast: float = 0.2
    dropout: float = 0.0
    channels: float = 0.0
    hue_saturation: float = 0.0
    equalise: float = 0.0
    noise: float = 0.0
    cutout: float = 0.0
    compression: float = 0.0
    blur: float = 0.0
    sharpen: float = 0.0
    transfer: float = 0.0


@dataclass(frozen=True)
class Sampling:
    """Which squares a step sees.

    Args:
        draw: `random` from everything; the others add batches of the hard group to each epoch:
            `single` one hard square over and over, `multi` several hard ones, `mix` both.
        sample_factor: how often the hard group is drawn through in those extra batches.
        minority: 0 draws every square alike, 1 draws every stratum alike.
    """

    draw: Draw = "random"
    sample_factor: int = 1
    minority: float = 0.0

    def steps(self, count: int, hard: int, *, batch: int, least_steps: int) -> tuple[int, int]:
        """Return how many steps of an epoch show everything, and how many the hard group besides.

        Args:
            count: squares, at least one.
            hard: those of the hard group.
            batch: squares per step.
            least_steps: few squares are drawn several times to fill so many steps.
        """
        steps = max(least_steps, count // batch)
        if self.draw == "random" or not hard:
            return steps, 0
        times = self.sample_factor * steps * batch / count
        return steps, max(1, round(hard * times / batch))


@dataclass(frozen=True)
class Prediction:
    """How masks are made from a trained network.

    Args:
        views: what the network is shown of each crop; the mean over them is the answer.
        refinement: how the edge is drawn to the picture's own at the crop's resolution.
    """

    views: Views = "one"
    refinement: Refinement = "guided"


@dataclass(frozen=True)
class TrainingConfig:
    """Everything that decides, with the labels and the seed, what weights come out.

    Args:
        network: the U-Net to train.
        side: rows and columns of the letter-boxed squares that it sees.
        batch: squares per step.
        steps_per_epoch: least steps per epoch; few labels are drawn several times to fill them.
        epochs: at most this many.
        warmup_epochs: the learning rate rises in a line over them, when starting from scratch.
        loss: what is made small.
        optimiser: AdamW, or SGD with momentum.
        learning_rate: after warm-up.
        weight_decay: of the optimiser.
        momentum: of SGD.
        schedule: lower the rate when validation Dice stays, or along a cosine down to 1 %.
        plateau_patience: epochs without a better validation Dice until the rate is lowered.
        plateau_factor: what the rate is then multiplied with.
        stop_patience: epochs without a better validation Dice until training ends.
        clip: largest norm of the gradient.
        accumulate: batches whose gradients are added up for one step of the optimiser.
        average: share of the old value that the running average of the weights, which is what
            is validated and kept, holds on to at each step; 0 keeps the weights themselves.
        precision: of the network's arithmetic; `auto` is bfloat16 where the device is fast at it.
            `fp16` is for CUDA alone, and `auto` elsewhere.
        compiled: use `torch.compile`.
        augmentation: the random changes.
        sampling: which squares a step sees.
        prediction: how the model's masks are made.
        sheet_every: epochs between contact sheets; 0 for none.
        seed: of the first weights, the order and the random changes.
    """

    network: NetworkConfig
    side: int
    batch: int
    steps_per_epoch: int
    epochs: int
    warmup_epochs: int
    plateau_patience: int
    stop_patience: int
    loss: LossConfig = field(default_factory=LossConfig)
    optimiser: Optimiser = "adamw"
    learning_rate: float = 1e-3
    weight_decay: float = 1e-3
    momentum: float = 0.9
    schedule: Schedule = "plateau"
    plateau_factor: float = 0.1
    clip: float = 1.0
    accumulate: int = 1
    average: float = 0.0
    precision: Precision = "auto"
    compiled: bool = False
    augmentation: Augmentation = field(default_factory=Augmentation)
    sampling: Sampling = field(default_factory=Sampling)
    prediction: Prediction = field(default_factory=Prediction)
    sheet_every: int = 10
    seed: int = 0

    def __post_init__(self) -> None:
        """Check that the network can halve the squares as often as it is deep."""
        if self.side % (self.network.stride * 2**self.network.depth):
            raise ValueError(f"a side of {self.side} cannot be halved as often as {self.network}")

    def steps(self, count: int, hard: int) -> tuple[int, int]:
        """Return how many steps of an epoch show everything, and how many the hard group besides.

        Args:
            count: training squares.
            hard: those of the hard group.
        """
        batch = self.batch * self.accumulate
        return self.sampling.steps(count, hard, batch=batch, least_steps=self.steps_per_epoch)

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> Self:
        """Return the configuration whose ``dataclasses.asdict`` is ``values``.

        Raises:
            pydantic.ValidationError: a value is missing or of the wrong type.
        """
        return TypeAdapter(cls).validate_python(dict(values))
