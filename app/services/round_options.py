"""What a lead may want otherwise than a preset has it."""

from dataclasses import dataclass, replace
from typing import Any, get_args

from app.errors import Refused
from app.services import tags
from app.services.ranges import MOST_SEED, refuse_outside
from ml.config import Augmentation, ContourWeighting, Draw, LossConfig, Sampling, TrainingConfig
from ml.presets import PRESETS

MIX_FACTOR = 3
"""The lab drew its hard group through so often when it mixed both kinds of hard batches."""
TRANSFER_CHANCE = 0.5
MOST_FACTOR = 20
MOST_CONTOUR_WEIGHT = 20.0


@dataclass(frozen=True)
class RoundOptions:
    """Wishes for one round; what is None stays as the preset has it."""

    draw: Draw | None = None
    sample_factor: int | None = None
    hard_tags: tuple[str, ...] = ()
    """Specimens with one of these tags are the hard group."""
    minority: float | None = None
    contour: bool | None = None
    contour_weight: float | None = None
    """Of the cross-entropy in the band along the edge; naming one turns the weighting on."""
    transfer: bool | None = None
    from_scratch: bool = False
    seed: int | None = None

    @property
    def tags(self) -> list[str]:
        """The hard group's words, each once, as tags are kept."""
        return list(dict.fromkeys(tags.tidy(word) for word in self.hard_tags))


AS_PRESET = RoundOptions()


def configure(preset: str, options: RoundOptions) -> TrainingConfig:
    """The preset's configuration with the wishes put into it.

    Raises:
        Refused: an unknown preset, a value out of its range, or one that another wish makes idle.
    """
    if preset not in PRESETS:
        raise Refused(
            "There is no preset “{preset}”; use one of {known}.",
            preset=preset,
            known=", ".join(PRESETS),
        )
    _check(options)
    config = PRESETS[preset]
    _refuse_idle(options, options.draw or config.sampling.draw)
    return replace(
        config,
        sampling=_sampling(config.sampling, options),
        augmentation=_augmentation(config.augmentation, options),
        loss=_loss(config.loss, options),
        **_given(seed=options.seed),
    )


def _check(options: RoundOptions) -> None:
    if options.draw not in (None, *get_args(Draw)):
        raise Refused(
            "Pictures cannot be drawn as “{draw}”; use one of {known}.",
            draw=options.draw,
            known=", ".join(get_args(Draw)),
        )
    refuse_outside("sample factor", options.sample_factor, 1, MOST_FACTOR)
    refuse_outside("evening out of strata", options.minority, 0, 1)
    refuse_outside("weight along the edge", options.contour_weight, 1, MOST_CONTOUR_WEIGHT)
    refuse_outside("seed", options.seed, 0, MOST_SEED)


def _refuse_idle(options: RoundOptions, draw: Draw) -> None:
    if options.sample_factor is not None and draw == "random":
        raise Refused(
            "How often the hard group is drawn changes nothing while pictures are drawn from "
            "everything (random). Choose another way of drawing, or leave the number out."
        )
    if options.contour_weight is not None and options.contour is False:
        raise Refused(
            "The weight along the edge changes nothing while it is off. Leave one of the two out."
        )


def _sampling(sampling: Sampling, options: RoundOptions) -> Sampling:
    factor = options.sample_factor
    if factor is None and options.draw == "mix":
        factor = MIX_FACTOR
    return replace(
        sampling, **_given(draw=options.draw, sample_factor=factor, minority=options.minority)
    )


def _augmentation(augmentation: Augmentation, options: RoundOptions) -> Augmentation:
    if options.transfer is None:
        return augmentation
    return replace(augmentation, transfer=TRANSFER_CHANCE if options.transfer else 0.0)


def _loss(loss: LossConfig, options: RoundOptions) -> LossConfig:
    if options.contour is False:
        return replace(loss, contour=None)
    if options.contour is None and options.contour_weight is None:
        return loss
    contour = loss.contour or ContourWeighting()
    return replace(loss, contour=replace(contour, **_given(weight=options.contour_weight)))


def _given(**values: Any) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None}
